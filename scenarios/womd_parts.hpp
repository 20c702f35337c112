// Internal to the WOMD decoder: each part of a Scenario message, decoded into a part of a Scene.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "scenarios/scene.hpp"
#include "scenarios/source_frame.hpp"
#include "scenarios/womd_wire.hpp"

namespace forkroad::womd {

// An id, which of its kind has it, and where in the payload. Sorted arrays of these find ids in
// bounded time, whatever ids the bytes hold; a hash table would not.
struct PlacedId {
  int64_t id = 0;
  std::size_t index = 0;
  const char* at = nullptr;
};

// Sorts by id; throws if two are equal. `things` names what has the ids.
void sort_unique(std::vector<PlacedId>& ids, const char* things);

// Tag of a MapPoint's x; y and z follow.
inline constexpr uint32_t kPointX = 1;

SourcePoint decode_point(Bytes map_point, WireTrace& trace);

// Throws the failure that names the coordinate which to_local() refused: x, y or z of `message`,
// whose tags are `x_tag`, `x_tag` + 1 and + 2. `owner` says whose point it is, `prefix` comes
// before the axis in the field's name.
[[noreturn]] void refuse_point(const SourcePoint& source, const Origin& origin, Bytes message,
                               uint32_t x_tag, const std::string& owner, const char* prefix);

// The place of the ego at `step`, or else at its first valid step. Floored: source coordinates
// then lose no bits that fp32 could have kept.
Origin find_origin(Bytes ego_track, int64_t step, WireTrace& trace,
                   std::vector<std::string>& assumptions);

// Decodes one Track of exactly `num_steps` states. A type that this reader does not know leaves
// kind at kUnset, as protobuf demands, and its number in raw_type.
Track decode_track(Bytes message, int num_steps, const Origin& origin, WireTrace& trace);

// Kind and raw_type of a track by the dataset's code of its type.
void set_kind(int64_t code, Track& track);

// Decodes map features and the lights of their lanes, and counts what it has to leave out.
class MapDecoder {
 public:
  MapDecoder(const Origin& origin, std::vector<MapFeature>& features, WireTrace& trace)
      : origin_(origin), features_(&features), trace_(&trace) {}

  // Appends one MapFeature. Features without points or of a kind that this reader does not know
  // are left out.
  void add_feature(Bytes message);

  // Checks that ids are unique and drops lane spans whose indices lie outside their lanes. Call it
  // once, after the last feature.
  void finish_lanes();

  // Decodes one DynamicMapState: the lights of one step. Call it after finish_lanes().
  std::vector<LaneSignal> decode_signals(Bytes message, int64_t step);

  // What was left out or replaced, in words.
  void report(std::vector<std::string>& assumptions) const;

 private:
  struct Body;

  void decode_body(WireReader& reader, const Body& body, MapFeature& feature);
  void decode_lane(WireReader reader, MapFeature& feature);
  void decode_line(WireReader reader, std::span<const MapType> types, MapFeature& feature);
  void decode_stop_sign(WireReader reader, MapFeature& feature);
  void decode_polygon(WireReader reader);
  void keep_feature(MapFeature feature);
  // The feature with this id, null if the map does not have it.
  const MapFeature* find_feature(int64_t id) const;
  void append_point(WireReader& parent, const char* field);
  float decode_speed_limit(WireReader& reader);
  LaneNeighbor decode_neighbor(WireReader reader);
  LaneBoundary decode_boundary(WireReader reader);
  bool decode_signal(WireReader reader, int64_t step, LaneSignal& signal);
  MapType lookup_type(std::span<const MapType> types, int64_t code);

  Origin origin_;
  std::vector<MapFeature>* features_;
  WireTrace* trace_;
  std::vector<PlacedId> feature_ids_;
  Bytes message_;               // of the feature that is being decoded
  std::vector<Point3> points_;  // of that feature; reused, so that a feature allocates once
  int64_t num_unknown_kinds_ = 0;
  int64_t num_without_points_ = 0;
  int64_t num_unknown_types_ = 0;
  int64_t num_dropped_spans_ = 0;
  int64_t num_placed_signals_ = 0;
  int64_t num_dropped_signals_ = 0;
};

}  // namespace forkroad::womd
