// Internal to the CommonRoad reader: the parts of a document, and what turns them into a Scene.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/commonroad_xml.hpp"
#include "scenarios/scene.hpp"

namespace forkroad::commonroad {

// The smallest box around an obstacle's shape, in the obstacle's own frame.
struct Box {
  double center_x = 0, center_y = 0;  // [m] from the obstacle's position
  double turn = 0;                    // [rad] the box against the obstacle's orientation
  double length = 0, width = 0;       // [m]
};

// The box of a `shape` element: a rectangle as it is; a circle, a polygon or several shapes as
// what bounds them along the obstacle's axes, which `notes` counts.
Box decode_box(Node shape, Notes& notes);

// An obstacle at one time step.
struct State {
  int64_t step = 0;
  double x = 0, y = 0, z = 0;  // [m] source coordinates, the obstacle's reference point
  double heading = 0;          // [rad]
  double speed = 0;            // [m/s] along the heading, backwards below 0
  Node node;
};

struct Obstacle {
  int64_t id = 0;
  AgentKind kind = AgentKind::kOther;
  std::string_view raw_type;
  bool is_static = false;
  Box box;
  std::vector<State> states;  // in the order of the document; of a static one the first counts
  Node node;
};

// Every obstacle of a document: `obstacle` with `role` (2018b), `dynamicObstacle` and
// `staticObstacle` (2020a). Others are left out, which `notes` counts.
std::vector<Obstacle> decode_obstacles(Node root, Notes& notes);

// The length of a step [s]. The declared one is not always true: exports of highD declare 0.1 s
// and hold a state every 0.2 s, exports of SinD 0.1 s and 0.5 s. If displacements are a whole
// multiple of what the stored speeds would cover, that multiple of the declared step is taken;
// `assumptions` says so, or that they disagree in another way.
double estimate_dt(double declared, const std::vector<Obstacle>& obstacles,
                   std::vector<std::string>& assumptions);

// Fills num_steps, timestamps (dt is set), origin and tracks. The origin is the mean of the
// obstacles' first places, floored; without obstacles that of the lanelets' first points, for
// which `first_points` stands.
void build_tracks(const std::vector<Obstacle>& obstacles,
                  const std::vector<SourcePoint>& first_points, Notes& notes, Scene& scene);

struct Bound {
  std::vector<SourcePoint> points;  // in driving direction
  std::string_view marking;         // lineMarking, empty: not given
  Node node;
};

struct Adjacency {
  bool exists = false;
  bool same_direction = false;
  int64_t id = 0;
};

struct Lanelet {
  int64_t id = 0;
  Bound left, right;
  Adjacency adjacent_left, adjacent_right;
  std::vector<int64_t> predecessors, successors;
  std::vector<std::string_view> types;
  double speed_limit = 0;                 // [m/s] 2018b's own, 0: not given
  std::vector<int64_t> signs, lights;     // references, each once
  std::optional<SourcePoint> stop_point;  // middle of the stop line
  Node node;

  bool is_crosswalk() const;
  // The outline: the left bound, then the right one backwards; the end does not repeat the start.
  std::vector<SourcePoint> ring() const;
  // Where traffic stops: on the stop line, or at the end of the lanelet.
  SourcePoint stop_place() const;
};

// Lanelets without two points on each bound are left out, which `notes` counts.
std::vector<Lanelet> decode_lanelets(Node root, Notes& notes);

// The line midway between two bounds. Bounds with equally many points are paired point by point;
// others at every fraction of the way where either has a point.
std::vector<SourcePoint> center_line(const Bound& left, const Bound& right);

// Rejects what lies too far from the origin, else takes it to the scene frame.
Point3 to_scene(const SourcePoint& source, const Scene& scene, Node at);

// Appends lanes and crosswalks with the ids of their lanelets, as the first features of the scene
// and in the order of `lanelets`: feature i is lanelet i, which the functions below rely on.
void build_lanes(const std::vector<Lanelet>& lanelets, Notes& notes, Scene& scene);

// Appends every bound once, as a road line or road edge with a fresh id from `next_id` on, and
// gives the lanes their boundaries.
void build_bounds(const std::vector<Lanelet>& lanelets, int64_t& next_id, Notes& notes,
                  Scene& scene);

// Speed limits and stop signs from traffic signs; stop signs get fresh ids from `next_id` on.
void build_signs(Node root, const std::vector<Lanelet>& lanelets, int64_t& next_id, Notes& notes,
                 Scene& scene);

// The lights of the lanelets that refer to one, at every step.
void build_signals(Node root, const std::vector<Lanelet>& lanelets, Notes& notes, Scene& scene);

// What the planning problems ask, in words.
void describe_problems(Node root, Notes& notes, std::vector<std::string>& assumptions);

}  // namespace forkroad::commonroad
