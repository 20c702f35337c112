#include "scenarios/generated_scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace forkroad {
namespace {

constexpr double kLaneWidth = 3.5;     // [m]
constexpr double kRoadStart = -60.0;   // [m]
constexpr double kRoadEnd = 260.0;     // [m]
constexpr double kCrosswalk = 95.0;    // [m] where the pedestrian crosses
constexpr double kPointSpacing = 1.0;  // [m]

// Someone who moves along x at a speed that changes piecewise linearly.
struct Ramp {
  double start_time, end_time;  // [s]
  double acceleration;          // [m/s^2]
};

struct Mover {
  AgentKind kind;
  const char* raw_type;
  double x, y, heading;
  double speed;  // [m/s] at time 0
  std::vector<Ramp> ramps;
  double length, width, height;
  double enter_time, leave_time;  // [s] observed between these
};

// Distance and speed after `time`, never slower than standing still.
std::pair<double, double> advance(const Mover& mover, double time) {
  constexpr double kFine = 0.01;  // [s]
  double distance = 0.0;
  double speed = mover.speed;
  const int steps = static_cast<int>(std::lround(time / kFine));
  for (int k = 0; k < steps; ++k) {
    const double now = k * kFine;
    double acceleration = 0.0;
    for (const Ramp& ramp : mover.ramps) {
      if (now >= ramp.start_time && now < ramp.end_time) acceleration = ramp.acceleration;
    }
    const double next = std::max(speed + acceleration * kFine, 0.0);
    distance += 0.5 * (speed + next) * kFine;
    speed = next;
  }
  return {distance, speed};
}

Track make_track(const Mover& mover, int64_t id, const GeneratedSceneSpec& spec) {
  Track track;
  track.id = id;
  track.kind = mover.kind;
  track.raw_type = mover.raw_type;
  track.resize(spec.num_steps);
  const double cos_heading = std::cos(mover.heading);
  const double sin_heading = std::sin(mover.heading);
  for (int step = 0; step < spec.num_steps; ++step) {
    const double time = step * spec.dt;
    if (time < mover.enter_time || time > mover.leave_time) continue;
    const auto [distance, speed] = advance(mover, time);
    const size_t at = static_cast<size_t>(step);
    track.valid[at] = 1;
    track.x[at] = static_cast<float>(mover.x + distance * cos_heading);
    track.y[at] = static_cast<float>(mover.y + distance * sin_heading);
    track.heading[at] = static_cast<float>(mover.heading);
    track.velocity_x[at] = static_cast<float>(speed * cos_heading);
    track.velocity_y[at] = static_cast<float>(speed * sin_heading);
    track.length[at] = static_cast<float>(mover.length);
    track.width[at] = static_cast<float>(mover.width);
    track.height[at] = static_cast<float>(mover.height);
  }
  return track;
}

std::vector<Mover> make_movers() {
  constexpr double kPi = 3.14159265358979323846;
  constexpr double kAlways = 1.0e9;
  const double right = -0.5 * kLaneWidth;
  const double left = 0.5 * kLaneWidth;
  return {
      // the ego follows, sees the leader brake for the pedestrian, and stops behind it
      {AgentKind::kVehicle,
       "ego",
       0.0,
       right,
       0.0,
       11.0,
       {{2.4, 6.4, -2.6}, {7.4, 9.0, 1.6}},
       4.8,
       1.9,
       1.6,
       0.0,
       kAlways},
      {AgentKind::kVehicle,
       "leader",
       26.0,
       right,
       0.0,
       11.0,
       {{1.6, 5.4, -2.4}, {6.8, 9.0, 1.8}},
       4.6,
       1.9,
       1.5,
       0.0,
       kAlways},
      {AgentKind::kPedestrian,
       "pedestrian",
       kCrosswalk,
       -7.0,
       0.5 * kPi,
       1.4,
       {},
       0.6,
       0.6,
       1.75,
       0.0,
       kAlways},
      {AgentKind::kVehicle, "oncoming", 150.0, left, -kPi, 12.0, {}, 4.7, 1.9, 1.5, 0.0, kAlways},
      {AgentKind::kVehicle,
       "oncoming truck",
       215.0,
       left,
       -kPi,
       12.0,
       {},
       9.5,
       2.5,
       3.6,
       0.0,
       kAlways},
      {AgentKind::kVehicle, "parked", 62.0, -5.2, 0.0, 0.0, {}, 4.4, 1.8, 1.5, 0.0, kAlways},
      {AgentKind::kCyclist,
       "cyclist",
       34.0,
       -4.6,
       0.0,
       4.5,
       {{3.0, 4.0, -2.0}},
       1.8,
       0.7,
       1.7,
       0.0,
       6.0},
      {AgentKind::kVehicle,
       "follower",
       -28.0,
       right,
       0.0,
       11.0,
       {{3.0, 7.0, -2.6}},
       4.5,
       1.85,
       1.5,
       1.0,
       kAlways}};
}

MapFeature straight_line(int64_t id, FeatureKind kind, MapType type, double y, bool eastwards) {
  MapFeature feature;
  feature.id = id;
  feature.kind = kind;
  feature.type = type;
  const int count = static_cast<int>((kRoadEnd - kRoadStart) / kPointSpacing) + 1;
  for (int k = 0; k < count; ++k) {
    const double along = k * kPointSpacing;
    const double x = eastwards ? kRoadStart + along : kRoadEnd - along;
    feature.points.push_back({static_cast<float>(x), static_cast<float>(y), 0.0f});
  }
  return feature;
}

std::vector<MapFeature> make_map() {
  std::vector<MapFeature> map;
  const double half = 0.5 * kLaneWidth;
  for (const bool eastwards : {true, false}) {
    MapFeature lane =
        straight_line(eastwards ? 1 : 2, FeatureKind::kLane, MapType::kLaneSurfaceStreet,
                      eastwards ? -half : half, eastwards);
    lane.speed_limit = 13.9f;
    map.push_back(lane);
  }
  map.push_back(
      straight_line(3, FeatureKind::kRoadLine, MapType::kLineBrokenSingleYellow, 0, true));
  // the drivable side lies to the left of an edge; a parking strip widens the right side
  map.push_back(
      straight_line(4, FeatureKind::kRoadEdge, MapType::kEdgeBoundary, -kLaneWidth - 2.8, true));
  map.push_back(
      straight_line(5, FeatureKind::kRoadEdge, MapType::kEdgeBoundary, kLaneWidth, false));
  MapFeature crosswalk;
  crosswalk.id = 6;
  crosswalk.kind = FeatureKind::kCrosswalk;
  crosswalk.type = MapType::kCrosswalk;
  const float x = static_cast<float>(kCrosswalk);
  crosswalk.points = {
      {x - 1.5f, -6.3f, 0}, {x + 1.5f, -6.3f, 0}, {x + 1.5f, 3.5f, 0}, {x - 1.5f, 3.5f, 0}};
  map.push_back(crosswalk);
  return map;
}

}  // namespace

Scene generated_scene(const GeneratedSceneSpec& spec) {
  if (!(spec.dt > 0.0 && spec.dt <= 10.0) || spec.num_steps < 1 || spec.num_steps > 100'000 ||
      spec.current_step < 0 || spec.current_step >= spec.num_steps) {
    throw std::invalid_argument(
        fmt::format("generated_scene: got dt {} s, {} steps, current step {}; expected dt in (0, "
                    "10], 1 .. 100000 steps, current step below them",
                    spec.dt, spec.num_steps, spec.current_step));
  }
  Scene scene;
  scene.id = "two_lane_road";
  scene.dt = spec.dt;
  scene.num_steps = spec.num_steps;
  scene.current_step = spec.current_step;
  scene.ego = 0;
  for (int step = 0; step < spec.num_steps; ++step) scene.timestamps.push_back(step * spec.dt);
  int64_t id = 100;
  for (const Mover& mover : make_movers()) scene.tracks.push_back(make_track(mover, id++, spec));
  scene.features = make_map();
  scene.signals.resize(static_cast<size_t>(spec.num_steps));
  scene.route = {1};
  scene.provenance.format = "generated";
  return scene;
}

}  // namespace forkroad
