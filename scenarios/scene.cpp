#include "scenarios/scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "scenarios/scene_numbers.hpp"

namespace forkroad {
namespace {

bool is_local(float coordinate) { return std::abs(coordinate) <= kMaxLocal; }

bool is_local(const Point3& point) {
  return is_local(point.x) && is_local(point.y) && is_local(point.z);
}

std::string describe(const Point3& point) {
  return fmt::format("({}, {}, {})", point.x, point.y, point.z);
}

bool is_map_type(MapType type) {
  const int code = static_cast<int>(type);
  return code >= -1 && code <= 20;
}

bool is_index(int64_t value, std::size_t size) {
  return value >= 0 && value < static_cast<int64_t>(size);
}

std::string find_clock_fault(const Scene& scene) {
  if (!(scene.dt > 0) || !std::isfinite(scene.dt)) {
    return fmt::format("dt is {} s, expected a finite number above 0", scene.dt);
  }
  if (scene.num_steps < 1) return fmt::format("num_steps is {}, expected >= 1", scene.num_steps);
  const auto steps = static_cast<std::size_t>(scene.num_steps);
  if (!is_index(scene.current_step, steps)) {
    return fmt::format("current_step is {}, expected 0 to {}", scene.current_step, steps - 1);
  }
  if (scene.timestamps.size() != steps) {
    return fmt::format("{} timestamps, expected num_steps = {}", scene.timestamps.size(), steps);
  }
  for (std::size_t step = 0; step < steps; ++step) {
    const double time = scene.timestamps[step];
    const bool later = step == 0 || time > scene.timestamps[step - 1];
    if (!std::isfinite(time) || !later) {
      return fmt::format("timestamps[{}] is {} s, expected finite and increasing", step, time);
    }
  }
  return {};
}

struct TrackArray {
  const char* name;
  const StepArray<float>* values;
};

std::array<TrackArray, 9> float_arrays(const Track& track) {
  return {{{"x", &track.x},
           {"y", &track.y},
           {"z", &track.z},
           {"heading", &track.heading},
           {"velocity_x", &track.velocity_x},
           {"velocity_y", &track.velocity_y},
           {"length", &track.length},
           {"width", &track.width},
           {"height", &track.height}}};
}

// What is wrong with one entry of an array, or null.
const char* expected_value(std::size_t array, float value) {
  if (array < 3) return is_local(value) ? nullptr : "a number at most 100000 m from the origin";
  if (array == 3) {
    return value >= -kOpenHeading && value < kOpenHeading ? nullptr : "an angle in [-pi, pi)";
  }
  if (array < 6) return std::abs(value) < kMaxSpeed ? nullptr : "a speed below 10000 m/s";
  return value >= 0 && value < kMaxBoxSize ? nullptr : "a size of 0 m to below 1000 m";
}

std::string find_step_fault(const Track& track, std::size_t step) {
  const auto arrays = float_arrays(track);
  const bool valid = track.valid[step] == 1;
  if (!valid && track.valid[step] != 0) {
    return fmt::format("track {}: valid[{}] is {}, expected 0 or 1", track.id, step,
                       track.valid[step]);
  }
  for (std::size_t array = 0; array < arrays.size(); ++array) {
    const float value = (*arrays[array].values)[step];
    const char* expected = valid          ? expected_value(array, value)
                           : (value == 0) ? nullptr
                                          : "0 because the step is not valid";
    if (expected != nullptr) {
      return fmt::format("track {}: {}[{}] is {}, expected {}", track.id, arrays[array].name, step,
                         value, expected);
    }
  }
  return {};
}

bool are_states_sound(const Track& track) {
  StateArrays states;
  const auto arrays = float_arrays(track);
  for (std::size_t array = 0; array < arrays.size(); ++array) states[array] = *arrays[array].values;
  return are_sound(states, track.valid);
}

std::string find_track_fault(const Track& track, std::size_t steps, SceneNumbers numbers) {
  if (track.valid.size() != steps) {
    return fmt::format("track {}: {} steps, expected num_steps = {}", track.id, track.valid.size(),
                       steps);
  }
  if (numbers == SceneNumbers::kSound || are_states_sound(track)) return {};
  for (std::size_t step = 0; step < steps; ++step) {
    std::string fault = find_step_fault(track, step);
    if (!fault.empty()) return fault;
  }
  return {};
}

// An id that stands in the list more than once.
std::optional<int64_t> find_duplicate(std::vector<int64_t> ids) {
  if (!std::is_sorted(ids.begin(), ids.end())) std::sort(ids.begin(), ids.end());
  const auto found = std::adjacent_find(ids.begin(), ids.end());
  if (found == ids.end()) return std::nullopt;
  return *found;
}

template <class T>
std::vector<int64_t> ids_of(const std::vector<T>& values) {
  std::vector<int64_t> ids;
  ids.reserve(values.size());
  for (const T& value : values) ids.push_back(value.id);
  return ids;
}

std::string find_tracks_fault(const Scene& scene, SceneNumbers numbers) {
  if (scene.ego != -1 && !is_index(scene.ego, scene.tracks.size())) {
    return fmt::format("ego is {}, expected -1 or an index below {} tracks", scene.ego,
                       scene.tracks.size());
  }
  for (const int32_t track : scene.tracks_to_predict) {
    if (!is_index(track, scene.tracks.size())) {
      return fmt::format("tracks_to_predict holds {}, expected an index below {} tracks", track,
                         scene.tracks.size());
    }
  }
  if (const auto id = find_duplicate(ids_of(scene.tracks))) {
    return fmt::format("two tracks have the id {}, expected unique ids", *id);
  }
  for (const Track& track : scene.tracks) {
    if (track.kind > AgentKind::kOther) {
      return fmt::format("track {}: kind has the code {}, expected 0 to 4", track.id,
                         static_cast<int>(track.kind));
    }
    std::string fault = find_track_fault(track, static_cast<std::size_t>(scene.num_steps), numbers);
    if (!fault.empty()) return fault;
  }
  return {};
}

std::string find_lane_fault(const MapFeature& lane) {
  if (!(lane.speed_limit >= 0 && lane.speed_limit < kMaxSpeed)) {
    return fmt::format("lane {}: speed_limit is {} m/s, expected 0 to below 10000", lane.id,
                       lane.speed_limit);
  }
  const auto check = [&](const char* name, int32_t start, int32_t end) -> std::string {
    if (is_index(start, lane.points.size()) && is_index(end, lane.points.size())) return {};
    return fmt::format("lane {}: a {} spans points {} to {}, expected indices below {}", lane.id,
                       name, start, end, lane.points.size());
  };
  for (const auto* neighbors : {&lane.left_neighbors, &lane.right_neighbors}) {
    for (const LaneNeighbor& neighbor : *neighbors) {
      std::string fault = check("neighbour", neighbor.self_start, neighbor.self_end);
      if (!fault.empty()) return fault;
    }
  }
  for (const auto* boundaries : {&lane.left_boundaries, &lane.right_boundaries}) {
    for (const LaneBoundary& boundary : *boundaries) {
      std::string fault = check("boundary", boundary.lane_start, boundary.lane_end);
      if (!fault.empty()) return fault;
      if (!is_map_type(boundary.type)) {
        return fmt::format("lane {}: the type of a boundary has the code {}, expected -1 to 20",
                           lane.id, static_cast<int>(boundary.type));
      }
    }
  }
  return {};
}

std::string find_feature_fault(const MapFeature& feature, SceneNumbers numbers) {
  if (feature.kind > FeatureKind::kDrivableArea || !is_map_type(feature.type)) {
    return fmt::format(
        "map feature {}: kind and type have the codes {} and {}, expected 0 to 7 "
        "and -1 to 20",
        feature.id, static_cast<int>(feature.kind), static_cast<int>(feature.type));
  }
  const char* kind = feature_kind_name(feature.kind);
  if (feature.points.empty()) {
    return fmt::format("{} {} has no points, expected at least one", kind, feature.id);
  }
  const bool sound = numbers == SceneNumbers::kSound || are_sound(feature.points);
  for (std::size_t point = 0; !sound && point < feature.points.size(); ++point) {
    if (!is_local(feature.points[point])) {
      return fmt::format("{} {}: point {} is {}, expected at most {} m from the origin", kind,
                         feature.id, point, describe(feature.points[point]), kMaxLocalCoordinate);
    }
  }
  return feature.kind == FeatureKind::kLane ? find_lane_fault(feature) : std::string();
}

std::string find_map_fault(const Scene& scene, SceneNumbers numbers) {
  if (const auto id = find_duplicate(ids_of(scene.features))) {
    return fmt::format("two map features have the id {}, expected unique ids", *id);
  }
  for (const MapFeature& feature : scene.features) {
    std::string fault = find_feature_fault(feature, numbers);
    if (!fault.empty()) return fault;
  }
  return {};
}

std::string find_signal_fault(const Scene& scene) {
  if (scene.signals.size() != static_cast<std::size_t>(scene.num_steps)) {
    return fmt::format("signals has {} steps, expected num_steps = {}", scene.signals.size(),
                       scene.num_steps);
  }
  for (std::size_t step = 0; step < scene.signals.size(); ++step) {
    for (const LaneSignal& signal : scene.signals[step]) {
      if (signal.state > LightState::kFlashingCaution) {
        return fmt::format("signal of lane {} at step {}: state has the code {}, expected 0 to 8",
                           signal.lane_id, step, static_cast<int>(signal.state));
      }
      if (!is_local(signal.stop_point)) {
        return fmt::format(
            "signal of lane {} at step {}: stop_point is {}, expected at most {} m from the origin",
            signal.lane_id, step, describe(signal.stop_point), kMaxLocalCoordinate);
      }
    }
  }
  return {};
}

}  // namespace

const char* agent_kind_name(AgentKind kind) {
  switch (kind) {
    case AgentKind::kUnset:
      return "unset";
    case AgentKind::kVehicle:
      return "vehicle";
    case AgentKind::kPedestrian:
      return "pedestrian";
    case AgentKind::kCyclist:
      return "cyclist";
    case AgentKind::kOther:
      return "other";
  }
  return "unknown";
}

const char* feature_kind_name(FeatureKind kind) {
  switch (kind) {
    case FeatureKind::kLane:
      return "lane";
    case FeatureKind::kRoadLine:
      return "road_line";
    case FeatureKind::kRoadEdge:
      return "road_edge";
    case FeatureKind::kStopSign:
      return "stop_sign";
    case FeatureKind::kCrosswalk:
      return "crosswalk";
    case FeatureKind::kSpeedBump:
      return "speed_bump";
    case FeatureKind::kDriveway:
      return "driveway";
    case FeatureKind::kDrivableArea:
      return "drivable_area";
  }
  return "unknown";
}

const char* light_state_name(LightState state) {
  switch (state) {
    case LightState::kUnknown:
      return "unknown";
    case LightState::kArrowStop:
      return "arrow_stop";
    case LightState::kArrowCaution:
      return "arrow_caution";
    case LightState::kArrowGo:
      return "arrow_go";
    case LightState::kStop:
      return "stop";
    case LightState::kCaution:
      return "caution";
    case LightState::kGo:
      return "go";
    case LightState::kFlashingStop:
      return "flashing_stop";
    case LightState::kFlashingCaution:
      return "flashing_caution";
  }
  return "unknown";
}

int Scene::find_track(int64_t track_id) const {
  for (std::size_t track = 0; track < tracks.size(); ++track) {
    if (tracks[track].id == track_id) return static_cast<int>(track);
  }
  return -1;
}

std::string find_scene_fault(const Scene& scene) {
  return find_scene_fault(scene, SceneNumbers::kUnchecked);
}

std::string find_scene_fault(const Scene& scene, SceneNumbers numbers) {
  for (const double coordinate : scene.origin) {
    if (!std::isfinite(coordinate)) {
      return fmt::format("origin holds {}, expected finite numbers", coordinate);
    }
  }
  std::string fault = find_clock_fault(scene);
  if (fault.empty()) fault = find_tracks_fault(scene, numbers);
  if (fault.empty()) fault = find_map_fault(scene, numbers);
  if (fault.empty()) fault = find_signal_fault(scene);
  return fault;
}

}  // namespace forkroad
