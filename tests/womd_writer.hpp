// Writes small WOMD Scenario records and TFRecord files from scratch, for tests and the fuzzer's
// seeds. Nothing here is taken from a real log.
#pragma once

#include <cstdint>
#include <optional>
#include <protozero/pbf_writer.hpp>
#include <span>
#include <string>
#include <vector>

#include "scenarios/crc32c.hpp"

namespace forkroad::test {

struct StateSpec {
  double x = 0, y = 0, z = 0;
  float length = 4.5f, width = 2.0f, height = 1.5f;
  float heading = 0;
  float velocity_x = 0, velocity_y = 0;
  bool valid = true;
};

struct TrackSpec {
  int64_t id = 0;
  int type = 1;
  std::vector<StateSpec> states;
};

struct PointSpec {
  double x = 0, y = 0, z = 0;
};

struct NeighborSpec {
  int64_t feature_id = 0;
  int self_start = 0, self_end = 0, neighbor_start = 0, neighbor_end = 0;
};

struct BoundarySpec {
  int64_t feature_id = 0;
  int lane_start = 0, lane_end = 0, type = 0;
};

// Tags of MapFeature's alternatives.
enum FeatureTag : uint32_t {
  kLaneTag = 3,
  kRoadLineTag = 4,
  kRoadEdgeTag = 5,
  kStopSignTag = 7,
  kCrosswalkTag = 8,
  kSpeedBumpTag = 9,
  kDrivewayTag = 10
};

struct FeatureSpec {
  int64_t id = 0;
  uint32_t tag = kLaneTag;
  std::optional<int> type;
  std::vector<PointSpec> points;
  double speed_limit_mph = 0;
  bool interpolating = false;
  std::vector<int64_t> entry_lanes, exit_lanes;  // of a lane
  std::vector<NeighborSpec> left_neighbors, right_neighbors;
  std::vector<BoundarySpec> left_boundaries, right_boundaries;
  std::vector<int64_t> controlled_lanes;  // of a stop sign
};

struct SignalSpec {
  int64_t lane = 0;
  int state = 0;
  std::optional<PointSpec> stop_point;
};

struct ScenarioSpec {
  std::optional<std::string> id = "made-up";
  std::vector<double> timestamps;
  std::vector<TrackSpec> tracks;
  std::vector<FeatureSpec> features;
  std::vector<std::vector<SignalSpec>> lights;
  std::optional<int64_t> ego = 0;
  std::optional<int64_t> current_step = 0;
  std::vector<int64_t> objects_of_interest;
  std::vector<int64_t> tracks_to_predict;
  bool packed = true;           // repeated numbers in one field each, else one field per number
  bool unknown_fields = false;  // adds fields of every wire type that no reader knows
};

inline void write_unknown_fields(protozero::pbf_writer& writer) {
  writer.add_uint64(900, 1234567890123U);
  writer.add_fixed64(901, 5);
  writer.add_fixed32(902, 6);
  writer.add_bytes(903, std::string("\x0a\xff\xff\xff", 4));
}

inline void write_point(protozero::pbf_writer& parent, uint32_t tag, const PointSpec& point) {
  protozero::pbf_writer writer(parent, tag);
  writer.add_double(1, point.x);
  writer.add_double(2, point.y);
  writer.add_double(3, point.z);
}

inline void write_integers(protozero::pbf_writer& writer, uint32_t tag,
                           const std::vector<int64_t>& values, bool packed) {
  if (packed) {
    writer.add_packed_int64(tag, values.begin(), values.end());
  } else {
    for (const int64_t value : values) writer.add_int64(tag, value);
  }
}

inline void write_track(protozero::pbf_writer& parent, const TrackSpec& track,
                        const ScenarioSpec& scenario) {
  protozero::pbf_writer writer(parent, 2);
  writer.add_int64(1, track.id);
  writer.add_int32(2, track.type);
  for (const StateSpec& state : track.states) {
    protozero::pbf_writer inner(writer, 3);
    inner.add_double(2, state.x);
    inner.add_double(3, state.y);
    inner.add_double(4, state.z);
    inner.add_float(5, state.length);
    inner.add_float(6, state.width);
    inner.add_float(7, state.height);
    inner.add_float(8, state.heading);
    inner.add_float(9, state.velocity_x);
    inner.add_float(10, state.velocity_y);
    inner.add_bool(11, state.valid);
    if (scenario.unknown_fields) write_unknown_fields(inner);
  }
  if (scenario.unknown_fields) write_unknown_fields(writer);
}

inline void write_lane(protozero::pbf_writer& writer, const FeatureSpec& lane, bool packed) {
  writer.add_double(1, lane.speed_limit_mph);
  if (lane.type) writer.add_int32(2, *lane.type);
  writer.add_bool(3, lane.interpolating);
  for (const PointSpec& point : lane.points) write_point(writer, 8, point);
  write_integers(writer, 9, lane.entry_lanes, packed);
  write_integers(writer, 10, lane.exit_lanes, packed);
  const auto write_neighbors = [&](uint32_t tag, const std::vector<NeighborSpec>& neighbors) {
    for (const NeighborSpec& neighbor : neighbors) {
      protozero::pbf_writer inner(writer, tag);
      inner.add_int64(1, neighbor.feature_id);
      inner.add_int32(2, neighbor.self_start);
      inner.add_int32(3, neighbor.self_end);
      inner.add_int32(4, neighbor.neighbor_start);
      inner.add_int32(5, neighbor.neighbor_end);
    }
  };
  write_neighbors(11, lane.left_neighbors);
  write_neighbors(12, lane.right_neighbors);
  const auto write_boundaries = [&](uint32_t tag, const std::vector<BoundarySpec>& boundaries) {
    for (const BoundarySpec& boundary : boundaries) {
      protozero::pbf_writer inner(writer, tag);
      inner.add_int32(1, boundary.lane_start);
      inner.add_int32(2, boundary.lane_end);
      inner.add_int64(3, boundary.feature_id);
      inner.add_int32(4, boundary.type);
    }
  };
  write_boundaries(13, lane.left_boundaries);
  write_boundaries(14, lane.right_boundaries);
}

inline void write_feature(protozero::pbf_writer& parent, const FeatureSpec& feature,
                          const ScenarioSpec& scenario) {
  protozero::pbf_writer writer(parent, 8);
  writer.add_int64(1, feature.id);
  protozero::pbf_writer body(writer, feature.tag);
  if (feature.tag == kLaneTag) {
    write_lane(body, feature, scenario.packed);
  } else if (feature.tag == kRoadLineTag || feature.tag == kRoadEdgeTag) {
    if (feature.type) body.add_int32(1, *feature.type);
    for (const PointSpec& point : feature.points) write_point(body, 2, point);
  } else if (feature.tag == kStopSignTag) {
    write_integers(body, 1, feature.controlled_lanes, scenario.packed);
    for (const PointSpec& point : feature.points) write_point(body, 2, point);
  } else {
    for (const PointSpec& point : feature.points) write_point(body, 1, point);
  }
  if (scenario.unknown_fields) write_unknown_fields(body);
}

inline void write_lights(protozero::pbf_writer& parent, const std::vector<SignalSpec>& lights,
                         const ScenarioSpec& scenario) {
  protozero::pbf_writer writer(parent, 7);
  for (const SignalSpec& light : lights) {
    protozero::pbf_writer inner(writer, 1);
    inner.add_int64(1, light.lane);
    inner.add_int32(2, light.state);
    if (light.stop_point) write_point(inner, 3, *light.stop_point);
    if (scenario.unknown_fields) write_unknown_fields(inner);
  }
}

// The serialised Scenario message.
inline std::string write_scenario(const ScenarioSpec& scenario) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  if (scenario.packed) {
    writer.add_packed_double(1, scenario.timestamps.begin(), scenario.timestamps.end());
  } else {
    for (const double time : scenario.timestamps) writer.add_double(1, time);
  }
  for (const TrackSpec& track : scenario.tracks) write_track(writer, track, scenario);
  write_integers(writer, 4, scenario.objects_of_interest, scenario.packed);
  if (scenario.id) writer.add_string(5, *scenario.id);
  if (scenario.ego) writer.add_int64(6, *scenario.ego);
  for (const auto& lights : scenario.lights) write_lights(writer, lights, scenario);
  for (const FeatureSpec& feature : scenario.features) write_feature(writer, feature, scenario);
  if (scenario.current_step) writer.add_int64(10, *scenario.current_step);
  for (const int64_t track : scenario.tracks_to_predict) {
    protozero::pbf_writer inner(writer, 11);
    inner.add_int64(1, track);
    inner.add_int32(2, 1);
  }
  if (scenario.unknown_fields) write_unknown_fields(writer);
  return bytes;
}

inline std::span<const uint8_t> as_bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

template <class T>
void append_little_endian(std::string& bytes, T value) {
  for (std::size_t byte = 0; byte < sizeof(T); ++byte) {
    bytes += static_cast<char>((value >> (8 * byte)) & 0xffU);
  }
}

// The payload with its length and both checksums around it.
inline std::string frame_record(const std::string& payload) {
  std::string bytes;
  append_little_endian(bytes, static_cast<uint64_t>(payload.size()));
  append_little_endian(bytes, mask_crc32c(crc32c(as_bytes(bytes))));
  bytes += payload;
  append_little_endian(bytes, mask_crc32c(crc32c(as_bytes(payload))));
  return bytes;
}

// A track that drives along x at 10 m/s from a start.
inline TrackSpec make_track(int64_t id, int type, PointSpec start, int num_steps) {
  TrackSpec track{id, type, {}};
  for (int step = 0; step < num_steps; ++step) {
    StateSpec state;
    state.x = start.x + step;
    state.y = start.y;
    state.z = start.z;
    state.heading = 0.25f;
    state.velocity_x = 10.0f;
    state.velocity_y = -0.5f;
    track.states.push_back(state);
  }
  return track;
}

inline std::vector<double> make_timestamps(int num_steps, double dt = 0.1) {
  std::vector<double> timestamps;
  for (int step = 0; step < num_steps; ++step) timestamps.push_back(dt * step);
  return timestamps;
}

// Three tracks, one feature of each kind and two lights per step around (1000.5, -2000.25, 30.75).
inline ScenarioSpec small_scenario(int num_steps = 4) {
  ScenarioSpec scenario;
  scenario.timestamps = make_timestamps(num_steps);
  scenario.tracks = {make_track(11, 1, {1000.5, -2000.25, 30.75}, num_steps),
                     make_track(12, 2, {1010.0, -2003.5, 30.5}, num_steps),
                     make_track(13, 3, {990.0, -1996.5, 31.0}, num_steps)};
  scenario.tracks[1].states[0].valid = false;
  scenario.tracks[1].states[0].x = -1e9;
  scenario.current_step = num_steps > 1 ? 1 : 0;
  scenario.objects_of_interest = {12, 13};
  scenario.tracks_to_predict = {1, 2};

  const auto line = [](double y) {
    return std::vector<PointSpec>{{990, y, 30}, {1000, y, 30}, {1010, y, 30.5}};
  };
  const std::vector<PointSpec> ring = {{1020, -2005, 30},
                                       {1024, -2005, 30},
                                       {1024, -1995, 30},
                                       {1020, -1995, 30},
                                       {1020, -2005, 30}};
  FeatureSpec lane{100, kLaneTag, 2, line(-2000), 25, true, {90}, {101, 102}, {}, {}, {}, {}, {}};
  lane.left_neighbors = {{101, 0, 2, 0, 1}};
  lane.right_boundaries = {{200, 0, 2, 6}};
  FeatureSpec other{101, kLaneTag, 1, line(-1996.5), 0, false, {}, {}, {}, {}, {}, {}, {}};
  other.right_neighbors = {{100, 0, 1, 0, 2}};
  other.left_boundaries = {{201, 1, 2, 0}};
  scenario.features = {lane, other};
  const auto add = [&](int64_t id, FeatureTag tag, std::optional<int> type,
                       std::vector<PointSpec> points) {
    scenario.features.push_back(
        {id, tag, type, std::move(points), 0, false, {}, {}, {}, {}, {}, {}, {}});
  };
  add(200, kRoadLineTag, 6, line(-2002));
  add(201, kRoadEdgeTag, 1, line(-1993));
  add(300, kStopSignTag, std::nullopt, {{1012, -2002, 31}});
  scenario.features.back().controlled_lanes = {100, 101};
  add(301, kCrosswalkTag, std::nullopt, ring);
  add(302, kSpeedBumpTag, std::nullopt, ring);
  add(303, kDrivewayTag, std::nullopt, {ring.begin(), ring.end() - 1});
  for (int step = 0; step < num_steps; ++step) {
    scenario.lights.push_back(
        {{100, 4, PointSpec{1012, -2000, 30.5}}, {101, 6, PointSpec{1012, -1996.5, 30.5}}});
  }
  return scenario;
}

}  // namespace forkroad::test
