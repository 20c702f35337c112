// Compares scenes to the bit, apart from where they came from.
#pragma once

#include <cstring>
#include <span>

#include "scenarios/scene.hpp"

namespace forkroad::test {

// Bitwise, so that it can be used on any trivially copyable values without padding.
template <class Values>
bool same_bytes(const Values& a, const Values& b) {
  return a.size() == b.size() &&
         (a.size() == 0 || std::memcmp(a.data(), b.data(), std::span(a).size_bytes()) == 0);
}

inline bool same_track(const Track& a, const Track& b) {
  return a.id == b.id && a.kind == b.kind && a.raw_type == b.raw_type && same_bytes(a.x, b.x) &&
         same_bytes(a.y, b.y) && same_bytes(a.z, b.z) && same_bytes(a.heading, b.heading) &&
         same_bytes(a.velocity_x, b.velocity_x) && same_bytes(a.velocity_y, b.velocity_y) &&
         same_bytes(a.length, b.length) && same_bytes(a.width, b.width) &&
         same_bytes(a.height, b.height) && a.valid == b.valid;
}

inline bool same_neighbors(const std::vector<LaneNeighbor>& a, const std::vector<LaneNeighbor>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t neighbor = 0; neighbor < a.size(); ++neighbor) {
    const LaneNeighbor& one = a[neighbor];
    const LaneNeighbor& two = b[neighbor];
    if (one.feature_id != two.feature_id || one.self_start != two.self_start ||
        one.self_end != two.self_end || one.neighbor_start != two.neighbor_start ||
        one.neighbor_end != two.neighbor_end) {
      return false;
    }
  }
  return true;
}

inline bool same_boundaries(const std::vector<LaneBoundary>& a,
                            const std::vector<LaneBoundary>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t boundary = 0; boundary < a.size(); ++boundary) {
    const LaneBoundary& one = a[boundary];
    const LaneBoundary& two = b[boundary];
    if (one.feature_id != two.feature_id || one.lane_start != two.lane_start ||
        one.lane_end != two.lane_end || one.type != two.type) {
      return false;
    }
  }
  return true;
}

inline bool same_feature(const MapFeature& a, const MapFeature& b) {
  return a.id == b.id && a.kind == b.kind && a.type == b.type && a.raw_type == b.raw_type &&
         same_bytes(a.points, b.points) &&
         std::memcmp(&a.speed_limit, &b.speed_limit, sizeof(float)) == 0 &&
         a.interpolating == b.interpolating && a.entry_lanes == b.entry_lanes &&
         a.exit_lanes == b.exit_lanes && same_neighbors(a.left_neighbors, b.left_neighbors) &&
         same_neighbors(a.right_neighbors, b.right_neighbors) &&
         same_boundaries(a.left_boundaries, b.left_boundaries) &&
         same_boundaries(a.right_boundaries, b.right_boundaries) &&
         a.controlled_lanes == b.controlled_lanes;
}

inline bool same_signals(const std::vector<LaneSignal>& a, const std::vector<LaneSignal>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t signal = 0; signal < a.size(); ++signal) {
    if (a[signal].lane_id != b[signal].lane_id || a[signal].state != b[signal].state ||
        std::memcmp(&a[signal].stop_point, &b[signal].stop_point, sizeof(Point3)) != 0) {
      return false;
    }
  }
  return true;
}

template <class T, class Same>
bool same_all(const std::vector<T>& a, const std::vector<T>& b, Same same) {
  if (a.size() != b.size()) return false;
  for (std::size_t entry = 0; entry < a.size(); ++entry) {
    if (!same(a[entry], b[entry])) return false;
  }
  return true;
}

// Everything but provenance and assumptions.
inline bool same_scene(const Scene& a, const Scene& b) {
  return a.id == b.id && a.dt == b.dt && a.num_steps == b.num_steps &&
         a.current_step == b.current_step && a.ego == b.ego && a.origin == b.origin &&
         a.timestamps == b.timestamps && same_all(a.tracks, b.tracks, same_track) &&
         same_all(a.features, b.features, same_feature) &&
         same_all(a.signals, b.signals, same_signals) && a.route == b.route &&
         a.objects_of_interest == b.objects_of_interest &&
         a.tracks_to_predict == b.tracks_to_predict;
}

}  // namespace forkroad::test
