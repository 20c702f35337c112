#include "sim/traffic_rules.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "kernels/trig.hpp"

namespace forkroad {
namespace {

constexpr float kLineHalfWidth = 1.85f;  // [m]
constexpr double kOnStep = 1.0e-6;       // [steps] rounding of a rollout step's place in the log
constexpr float kNearLane = 10.0f;       // [m] a stop point further from its lane has no direction

bool forbids(LightState state) {
  return state == LightState::kStop || state == LightState::kArrowStop ||
         state == LightState::kFlashingStop;
}

bool asks_to_go(LightState state) {
  return state == LightState::kGo || state == LightState::kArrowGo;
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
    line = {
        a.x + share * dx, a.y + share * dy, dx / length, dy / length, kLineHalfWidth, -1, -1, 0};
    found = true;
  }
  return found;
}

// What the lights of one lane say over the window.
struct LaneLight {
  Point3 stop_point;
  std::vector<uint8_t> red, go;  // [steps], empty: never
};

// By lane, in the order of ids.
std::map<int64_t, LaneLight> find_lights(const Scene& scene, const RolloutWindow& window,
                                         size_t steps) {
  std::map<int64_t, LaneLight> lights;
  for (size_t step = 0; step < steps; ++step) {
    const double position =
        window.start_step + static_cast<double>(step) * window.dt / scene.dt + kOnStep;
    const size_t logged = static_cast<size_t>(std::max(position, 0.0));
    if (logged >= scene.signals.size()) continue;
    for (const LaneSignal& signal : scene.signals[logged]) {
      const bool red = forbids(signal.state);
      if (!red && !asks_to_go(signal.state)) continue;
      LaneLight& light =
          lights.try_emplace(signal.lane_id, LaneLight{signal.stop_point, {}, {}}).first->second;
      std::vector<uint8_t>& row = red ? light.red : light.go;
      row.resize(steps, 0);
      row[step] = 1;
    }
  }
  return lights;
}

class RuleFinder {
 public:
  RuleFinder(const Scene& scene, const RolloutWindow& window, const LevelGate& gate)
      : scene_(scene), gate_(gate) {
    out_.row_size = window.num_steps + 1;
  }

  void add_lights(const std::map<int64_t, LaneLight>& lights) {
    for (const auto& [lane_id, light] : lights) {
      StopLine line;
      if (!find_line(lane_id, light.stop_point, line)) continue;
      line.red_row = append(light.red);
      line.go_row = append(light.go);
      out_.lines.push_back(line);
    }
  }

  void add_stop_signs() {
    for (const MapFeature& sign : scene_.features) {
      if (sign.kind != FeatureKind::kStopSign || sign.points.empty()) continue;
      for (const int64_t lane_id : sign.controlled_lanes) {
        StopLine line;
        if (!find_line(lane_id, sign.points.front(), line)) continue;
        line.stop_sign = 1;
        out_.lines.push_back(line);
      }
    }
  }

  void add_crosswalks(const AgentTable& agents) {
    for (const MapFeature& feature : scene_.features) {
      if (feature.kind != FeatureKind::kCrosswalk || feature.points.size() < 3) continue;
      if (gate_.on_level(feature.points)) add_crosswalk(feature, agents);
    }
  }

  TrafficRules take() { return std::move(out_); }

 private:
  bool find_line(int64_t lane_id, const Point3& place, StopLine& line) const {
    const MapFeature* const lane = find_lane(scene_, lane_id);
    // by the lane: not every source knows the height of a stop point
    return lane != nullptr && gate_.on_level(lane->points) && make_line(*lane, place, line);
  }

  int32_t append(const std::vector<uint8_t>& row) {
    if (row.empty()) return -1;
    const size_t rows = out_.states.size() / static_cast<size_t>(out_.row_size);
    out_.states.insert(out_.states.end(), row.begin(), row.end());
    return static_cast<int32_t>(rows);
  }

  void add_crosswalk(const MapFeature& feature, const AgentTable& agents) {
    UsedCrosswalk crosswalk = {3.0e38f, 3.0e38f, -3.0e38f, -3.0e38f, 0, 0, 0};
    crosswalk.edge_begin = static_cast<int32_t>(out_.crosswalk_edges.size());
    for (size_t k = 0; k < feature.points.size(); ++k) {
      const Point3& a = feature.points[k];
      const Point3& b = feature.points[(k + 1) % feature.points.size()];
      crosswalk.min_x = std::min(crosswalk.min_x, a.x);
      crosswalk.min_y = std::min(crosswalk.min_y, a.y);
      crosswalk.max_x = std::max(crosswalk.max_x, a.x);
      crosswalk.max_y = std::max(crosswalk.max_y, a.y);
      if (a.y != b.y) out_.crosswalk_edges.push_back({a.y, b.y, a.x, (b.x - a.x) / (b.y - a.y)});
    }
    crosswalk.edge_end = static_cast<int32_t>(out_.crosswalk_edges.size());
    const std::vector<uint8_t> occupied = find_occupied(crosswalk, agents);
    if (occupied.empty()) {
      out_.crosswalk_edges.resize(static_cast<size_t>(crosswalk.edge_begin));
      return;
    }
    crosswalk.occupied_row = append(occupied);
    out_.crosswalks.push_back(crosswalk);
  }

  // Steps at which somebody on foot or on a cycle is on the crosswalk; empty: never.
  std::vector<uint8_t> find_occupied(const UsedCrosswalk& crosswalk,
                                     const AgentTable& agents) const {
    const RuleView edges = out_.view();
    std::vector<uint8_t> occupied;
    for (int agent = 0; agent < agents.num_agents(); ++agent) {
      const int track = agents.track[static_cast<size_t>(agent)];
      const AgentKind kind = scene_.tracks[static_cast<size_t>(track)].kind;
      if (kind != AgentKind::kPedestrian && kind != AgentKind::kCyclist) continue;
      for (int step = 0; step < out_.row_size; ++step) {
        const AgentCircle& circle = agents.circles()[step * agents.num_agents() + agent];
        if (circle.x >= kFarAway || !inside_crosswalk(edges, crosswalk, circle.x, circle.y)) {
          continue;
        }
        occupied.resize(static_cast<size_t>(out_.row_size), 0);
        occupied[static_cast<size_t>(step)] = 1;
      }
    }
    return occupied;
  }

  const Scene& scene_;
  const LevelGate& gate_;
  TrafficRules out_;
};

// Where the front last stood, as far as the history goes back.
void find_last_stop(std::span<const EgoState> history, float half_length, TrafficRules& rules) {
  for (size_t k = history.size(); k-- > 0 && history[k].observed;) {
    const EgoState& state = history[k];
    if (std::hypot(state.velocity_x, state.velocity_y) >= kStandsBelow) continue;
    const SinCos<float> unit = sin_cos(state.heading);
    rules.stopped_x = state.x + half_length * unit.cos;
    rules.stopped_y = state.y + half_length * unit.sin;
    return;
  }
}

}  // namespace

RuleView TrafficRules::view() const {
  RuleView view;
  view.lines = lines.data();
  view.crosswalks = crosswalks.data();
  view.crosswalk_edges = crosswalk_edges.data();
  view.states = states.data();
  view.num_lines = static_cast<int32_t>(lines.size());
  view.num_crosswalks = static_cast<int32_t>(crosswalks.size());
  view.num_edges = static_cast<int32_t>(crosswalk_edges.size());
  view.num_rows = row_size == 0 ? 0 : static_cast<int32_t>(states.size()) / row_size;
  view.row_size = row_size;
  view.stopped_x = stopped_x;
  view.stopped_y = stopped_y;
  return view;
}

TrafficRules find_traffic_rules(const Scene& scene, const RolloutWindow& window,
                                const LevelGate& gate, const AgentTable& agents,
                                std::span<const EgoState> history, float half_length) {
  RuleFinder finder(scene, window, gate);
  finder.add_lights(find_lights(scene, window, static_cast<size_t>(window.num_steps) + 1));
  finder.add_stop_signs();
  finder.add_crosswalks(agents);
  TrafficRules rules = finder.take();
  find_last_stop(history, half_length, rules);
  return rules;
}

}  // namespace forkroad
