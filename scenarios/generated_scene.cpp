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

// A stretch of constant acceleration.
struct Ramp {
  double start_time, end_time;  // [s]
  double acceleration;          // [m/s^2]
};

struct BoxSize {
  double length, width, height;  // [m]
};

// Someone who keeps a direction and whose speed changes piecewise linearly, never below standstill.
struct Mover {
  AgentKind kind;
  const char* raw_type;
  double x, y, heading, speed;  // at time 0
  BoxSize size;
  Ramp ramps[2];
  double enter_time, leave_time;  // [s] observed between these
};

constexpr double kPi = 3.14159265358979323846;
constexpr double kRight = -0.5 * kLaneWidth;
constexpr double kLeft = 0.5 * kLaneWidth;
constexpr double kAlways = 1.0e9;
constexpr AgentKind kCar = AgentKind::kVehicle;

// The ego follows a leader that brakes for the pedestrian, and stops behind it.
// clang-format off
constexpr Mover kMovers[] = {
    {kCar, "ego", 0.0, kRight, 0.0, 11.0, {4.8, 1.9, 1.6},
     {{2.4, 6.4, -2.6}, {7.4, 9.0, 1.6}}, 0.0, kAlways},
    {kCar, "leader", 26.0, kRight, 0.0, 11.0, {4.6, 1.9, 1.5},
     {{1.6, 5.4, -2.4}, {6.8, 9.0, 1.8}}, 0.0, kAlways},
    {AgentKind::kPedestrian, "pedestrian", kCrosswalk, -7.0, 0.5 * kPi, 1.4, {0.6, 0.6, 1.75},
     {}, 0.0, kAlways},
    {kCar, "oncoming", 150.0, kLeft, -kPi, 12.0, {4.7, 1.9, 1.5}, {}, 0.0, kAlways},
    {kCar, "oncoming truck", 215.0, kLeft, -kPi, 12.0, {9.5, 2.5, 3.6}, {}, 0.0, kAlways},
    {kCar, "parked", 62.0, -5.2, 0.0, 0.0, {4.4, 1.8, 1.5}, {}, 0.0, kAlways},
    {AgentKind::kCyclist, "cyclist", 34.0, -4.6, 0.0, 4.5, {1.8, 0.7, 1.7},
     {{3.0, 4.0, -2.0}}, 0.0, 6.0},
    {kCar, "follower", -28.0, kRight, 0.0, 11.0, {4.5, 1.85, 1.5},
     {{3.0, 7.0, -2.6}}, 1.0, kAlways},
};
// clang-format on

// Distance and speed at each of the times, given in rising order.
std::vector<std::pair<double, double>> drive(const Mover& mover, const std::vector<double>& times) {
  constexpr double kFine = 0.01;  // [s]
  std::vector<std::pair<double, double>> states;
  double distance = 0.0;
  double speed = mover.speed;
  int fine = 0;
  for (const double time : times) {
    for (const int end = static_cast<int>(std::lround(time / kFine)); fine < end; ++fine) {
      const double now = fine * kFine;
      double acceleration = 0.0;
      for (const Ramp& ramp : mover.ramps) {
        if (now >= ramp.start_time && now < ramp.end_time) acceleration = ramp.acceleration;
      }
      const double next = std::max(speed + acceleration * kFine, 0.0);
      distance += 0.5 * (speed + next) * kFine;
      speed = next;
    }
    states.push_back({distance, speed});
  }
  return states;
}

Track make_track(const Mover& mover, int64_t id, const std::vector<double>& times) {
  Track track;
  track.id = id;
  track.kind = mover.kind;
  track.raw_type = mover.raw_type;
  track.resize(static_cast<int>(times.size()));
  const auto states = drive(mover, times);
  const double cos_heading = std::cos(mover.heading);
  const double sin_heading = std::sin(mover.heading);
  for (size_t at = 0; at < times.size(); ++at) {
    if (times[at] < mover.enter_time || times[at] > mover.leave_time) continue;
    const auto [distance, speed] = states[at];
    track.valid[at] = 1;
    track.x[at] = static_cast<float>(mover.x + distance * cos_heading);
    track.y[at] = static_cast<float>(mover.y + distance * sin_heading);
    track.heading[at] = static_cast<float>(mover.heading);
    track.velocity_x[at] = static_cast<float>(speed * cos_heading);
    track.velocity_y[at] = static_cast<float>(speed * sin_heading);
    track.length[at] = static_cast<float>(mover.size.length);
    track.width[at] = static_cast<float>(mover.size.width);
    track.height[at] = static_cast<float>(mover.size.height);
  }
  return track;
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
  constexpr double kMaxDuration = 3600.0;  // [s] the movers stay within a scene's coordinates
  if (!(spec.dt >= 1.0e-6) || spec.num_steps < 1 || spec.num_steps > 1'000'000 ||
      !((spec.num_steps - 1) * spec.dt <= kMaxDuration) || spec.dt > kMaxDuration ||
      spec.current_step < 0 || spec.current_step >= spec.num_steps) {
    throw std::invalid_argument(
        fmt::format("generated_scene: got dt {} s, {} steps, current step {}; expected dt >= 1e-6 "
                    "s, at least one step, at most {} s in all, current step below the steps",
                    spec.dt, spec.num_steps, spec.current_step, kMaxDuration));
  }
  Scene scene;
  scene.id = "two_lane_road";
  scene.dt = spec.dt;
  scene.num_steps = spec.num_steps;
  scene.current_step = spec.current_step;
  scene.ego = 0;
  for (int step = 0; step < spec.num_steps; ++step) scene.timestamps.push_back(step * spec.dt);
  int64_t id = 100;
  for (const Mover& mover : kMovers)
    scene.tracks.push_back(make_track(mover, id++, scene.timestamps));
  scene.features = make_map();
  scene.signals.resize(static_cast<size_t>(spec.num_steps));
  scene.route = {1};
  scene.provenance.format = "generated";
  return scene;
}

}  // namespace forkroad
