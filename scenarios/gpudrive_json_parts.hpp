// Internal to the GPUDrive JSON decoder: each part of a file, decoded into a part of a Scene.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/json_node.hpp"
#include "scenarios/scene.hpp"
#include "scenarios/source_frame.hpp"
#include "scenarios/source_ids.hpp"

namespace forkroad::gpudrive {

using json::Node;

// Counts the members that a scene has no place for, by name.
class LeftOut {
 public:
  void add(std::string_view section, std::string_view member);
  void report(std::vector<std::string>& assumptions) const;

 private:
  std::map<std::string, int64_t, std::less<>> counts_;
  int64_t num_others_ = 0;
};

// The members of the file itself; their parent is the root.
struct Outline {
  std::optional<Node> name, scenario_id, objects, roads, tl_states, metadata;
  std::optional<Node> dataset, dt, dt_declared, num_steps, current_step;
  // of metadata
  std::optional<Node> sdc_track_index, objects_of_interest, tracks_to_predict;
};

// An id as text or number. Throws if it is neither or too large.
SourceId get_id(const Node& node);

// x, y and, where it is given, z. `num_without_z` counts the points without.
SourcePoint get_point(const Node& node, int64_t& num_without_z);

// Into the local frame; throws the failure that names the coordinate which is too far away.
Point3 get_local_point(const Node& node, const Origin& origin, int64_t& num_without_z);

// Decodes objects into tracks. Two passes: what a heading means and where the origin lies is known
// only after all objects were seen.
class TrackDecoder {
 public:
  TrackDecoder(Scene& scene, LeftOut& left_out) : scene_(&scene), left_out_(&left_out) {}

  // First pass: number of steps, ids, unit of the headings. `num_steps` may be absent.
  void survey(const Node& objects, const std::optional<Node>& num_steps);
  // Sets the scene's origin, given its ego and current step. Call it after survey().
  void find_origin(const Node& objects);
  // Second pass.
  void decode(const Node& objects);
  // What was assumed, in words.
  void report() const;

  const SourceIds& ids() const { return ids_; }

 private:
  struct Members;
  struct MotionErrors;

  // Collects an object's members and, if asked to, what a scene has no place for.
  static Members collect(const Node& object, LeftOut* left_out = nullptr);
  void survey_object(const Node& object, const Members& members);
  void add_id(const Members& members, const Node& object);
  void choose_unit(const Node& objects);
  void compare_motion(const Members& members, MotionErrors& errors) const;
  Track decode_object(const Node& object);
  void decode_steps(const Members& members, Track& track);

  Scene* scene_;
  LeftOut* left_out_;
  SourceIds ids_;
  double heading_unit_ = 1;     // [rad]
  double largest_heading_ = 0;  // in the file's unit, among valid states
  bool by_motion_ = false;      // the unit was chosen by the direction of motion
  int64_t num_without_id_ = 0, num_without_z_ = 0, num_without_height_ = 0, num_sizeless_ = 0;
  int64_t num_assumed_sizes_ = 0, num_experts_ = 0, num_unknown_kinds_ = 0;
};

// The members of a road; their parent is the road.
struct RoadMembers {
  std::optional<Node> geometry, type, map_element_id, id, speed_limit_mph, interpolating;
  std::optional<Node> entry_lanes, exit_lanes, left_neighbors, right_neighbors, lanes;
  std::optional<Node> lane_type, is_intersection, lanelet_types, left_bound, right_bound, polygon;
};

// Collects a road's members and, if asked to, what a scene has no place for.
RoadMembers collect_road(const Node& road, LeftOut* left_out = nullptr);

// Decodes roads into map features. Bounds and areas that lie in lanes become features of their own.
class RoadDecoder {
 public:
  RoadDecoder(Scene& scene, LeftOut& left_out) : scene_(&scene), left_out_(&left_out) {}

  void decode(const Node& roads);
  // The feature with this id, null if the map does not have it.
  const MapFeature* find_feature(int64_t id) const;
  // The number of a feature's id; nothing: a word that no feature has.
  std::optional<int64_t> find_id(const SourceId& id) const { return ids_.find(id); }
  int64_t number_id(const SourceId& id) { return ids_.number(id); }
  // What was assumed, in words.
  void report() const;

 private:
  // The lines and edges of the map by their points.
  struct Lines;

  void add_ids(const Node& roads);
  // Its place among the scene's features; nothing: it is left out.
  std::optional<std::size_t> decode_feature(const Node& road);
  void decode_lane(const RoadMembers& members, MapFeature& lane);
  MapType get_type(const RoadMembers& members, FeatureKind kind);
  void decode_points(const Node& node, std::vector<Point3>& points);
  void decode_ids(const std::optional<Node>& node, std::vector<int64_t>& ids);
  void decode_neighbors(const std::optional<Node>& node, std::vector<LaneNeighbor>& neighbors);
  void finish_neighbors();
  void add_bounds(const Node& roads);
  void add_bound(const Node& bound, std::size_t lane, const char* side, Lines& lines);
  void add_area(const Node& polygon);

  Scene* scene_;
  LeftOut* left_out_;
  SourceIds ids_;
  std::map<int64_t, std::size_t> places_;             // of the file's features, by id
  std::vector<std::optional<std::size_t>> of_roads_;  // the same by road
  int64_t num_without_id_ = 0, num_without_z_ = 0, num_without_points_ = 0;
  int64_t num_unknown_kinds_ = 0, num_unknown_types_ = 0, num_unknown_ids_ = 0;
  int64_t num_neighbors_ = 0, num_new_bounds_ = 0, num_known_bounds_ = 0, num_areas_ = 0;
};

// Decodes tl_states into signals of steps.
void decode_signals(const Node& tl_states, RoadDecoder& roads, Scene& scene, LeftOut& left_out);

}  // namespace forkroad::gpudrive
