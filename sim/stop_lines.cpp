#include "sim/stop_lines.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace forkroad {
namespace {

constexpr float kHalfLane = 1.85f;  // [m]
constexpr double kOnStep = 1.0e-6;  // [steps] rounding of a rollout step's place in the log
constexpr float kNearLane = 10.0f;  // [m] a stop point further from its lane tells no direction

bool forbids(LightState state) {
  return state == LightState::kStop || state == LightState::kArrowStop ||
         state == LightState::kFlashingStop;
}

const MapFeature* find_lane(const Scene& scene, int64_t id) {
  for (const MapFeature& feature : scene.features) {
    if (feature.kind == FeatureKind::kLane && feature.id == id) return &feature;
  }
  return nullptr;
}

// The line across the lane where it is nearest to the stop point; false if the lane has no
// direction there.
bool make_line(const MapFeature& lane, const Point3& stop, StopLine& line) {
  float nearest2 = kNearLane * kNearLane;
  bool found = false;
  for (size_t k = 0; k + 1 < lane.points.size(); ++k) {
    const Point3& a = lane.points[k];
    const float dx = lane.points[k + 1].x - a.x, dy = lane.points[k + 1].y - a.y;
    const float length2 = dx * dx + dy * dy;
    if (!(length2 > 0.0f)) continue;
    const float share =
        std::clamp(((stop.x - a.x) * dx + (stop.y - a.y) * dy) / length2, 0.0f, 1.0f);
    const float ex = stop.x - a.x - share * dx, ey = stop.y - a.y - share * dy;
    if (ex * ex + ey * ey >= nearest2) continue;
    nearest2 = ex * ex + ey * ey;
    const float length = std::sqrt(length2);
    line = {a.x + share * dx, a.y + share * dy, dx / length, dy / length, kHalfLane, 0};
    found = true;
  }
  return found;
}

}  // namespace

StopLines find_stop_lines(const Scene& scene, const RolloutWindow& window) {
  const LevelGate gate(scene, is_flat(scene.features) ? -1 : window.focal_track);
  const size_t steps = static_cast<size_t>(window.num_steps) + 1;
  std::map<int64_t, std::vector<uint8_t>> red;  // by lane, in the order of ids
  std::map<int64_t, Point3> stop_point;
  for (size_t step = 0; step < steps; ++step) {
    const double position =
        window.start_step + static_cast<double>(step) * window.dt / scene.dt + kOnStep;
    const size_t logged = static_cast<size_t>(std::max(position, 0.0));
    if (logged >= scene.signals.size()) continue;
    for (const LaneSignal& signal : scene.signals[logged]) {
      if (!forbids(signal.state)) continue;
      auto& row = red[signal.lane_id];
      row.resize(steps, 0);
      row[step] = 1;
      stop_point.emplace(signal.lane_id, signal.stop_point);
    }
  }
  StopLines out;
  for (const auto& [lane_id, row] : red) {
    const MapFeature* const lane = find_lane(scene, lane_id);
    StopLine line;
    // by the lane: not every source knows the height of a stop point
    if (lane == nullptr || !gate.on_level(lane->points)) continue;
    if (!make_line(*lane, stop_point.at(lane_id), line)) continue;
    line.red_begin = static_cast<int32_t>(out.red.size());
    out.lines.push_back(line);
    out.red.insert(out.red.end(), row.begin(), row.end());
  }
  return out;
}

}  // namespace forkroad
