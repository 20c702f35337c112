// Roads with lights, stop signs and crosswalks, and plans that drive along them.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "sim/simulator.hpp"
#include "tests/scene_builder.hpp"

namespace forkroad::test {

inline constexpr int kSteps = 41;
inline constexpr double kSpeed = 10.0;  // [m/s]

using RoadPose = std::array<double, 3>;  // x [m], y [m], heading [rad] of the box centre
inline constexpr double kFront = 2.25;   // [m] from the box centre

inline MapFeature lane_of(int64_t id, const std::vector<Point3>& points) {
  MapFeature lane;
  lane.id = id;
  lane.kind = FeatureKind::kLane;
  lane.points = points;
  return lane;
}

// A lane along +x.
inline Scene plain_road(double dt = 0.1) {
  Scene scene = empty_scene(kSteps, dt);
  add_track(scene, {.speed = kSpeed});
  scene.features.push_back(lane_of(7, {{-50, 0, 0}, {0, 0, 0}, {100, 0, 0}}));
  return scene;
}

// A lane along +x with a light at x = 20 that is in `state` during [first, end).
inline Scene lit_road(LightState state, int first, int end) {
  Scene scene = plain_road();
  for (int step = first; step < end; ++step) {
    scene.signals[static_cast<size_t>(step)].push_back({7, state, {20, 0.3f, 0}});
  }
  return scene;
}

inline void add_stop_sign(Scene& scene, const Point3& place, const std::vector<int64_t>& lanes) {
  MapFeature sign;
  sign.id = 100 + static_cast<int64_t>(scene.features.size());
  sign.kind = FeatureKind::kStopSign;
  sign.points = {place};
  sign.controlled_lanes = lanes;
  scene.features.push_back(sign);
}

// A stop sign beside the lane at x = 20.
inline Scene signed_road() {
  Scene scene = plain_road();
  add_stop_sign(scene, {20, 3.5f, 0}, {7});
  return scene;
}

inline void add_crosswalk(Scene& scene, const std::vector<Point3>& ring) {
  MapFeature crosswalk;
  crosswalk.id = 200 + static_cast<int64_t>(scene.features.size());
  crosswalk.kind = FeatureKind::kCrosswalk;
  crosswalk.points = ring;
  scene.features.push_back(crosswalk);
}

// Facts of plans given as kSteps poses each, log steps apart.
inline Facts ride(const Scene& scene, const std::vector<std::vector<RoadPose>>& plans,
                  const RolloutSpec& spec = {}) {
  std::vector<float> values;
  for (const std::vector<RoadPose>& plan : plans) {
    for (size_t step = 0; step < kSteps; ++step) {
      for (const double value : plan[std::min(step, plan.size() - 1)]) {
        values.push_back(static_cast<float>(value));
      }
    }
  }
  const SceneBatch batch({scene});
  return Simulator(batch).rollout(
      Snapshot::of_log(batch),
      PlanSet(values, 1, static_cast<int>(plans.size()), kSteps, scene_poses(scene.dt)),
      *make_agent_model("log"), spec);
}

// So many steps at a speed [m/s].
struct Stretch {
  double speed;
  int steps;
};

// Straight ahead from where the middle of the front is at the start; negative speeds go backwards.
inline std::vector<RoadPose> stretches(double front_x, double y, const std::vector<Stretch>& parts,
                                       double heading = 0.0) {
  std::vector<RoadPose> poses = {
      {front_x - kFront * std::cos(heading), y - kFront * std::sin(heading), heading}};
  for (const Stretch& part : parts) {
    for (int step = 0; step < part.steps; ++step) {
      RoadPose pose = poses.back();
      pose[0] += 0.1 * part.speed * std::cos(heading);
      pose[1] += 0.1 * part.speed * std::sin(heading);
      poses.push_back(pose);
    }
  }
  return poses;
}

// Facts of plans that move along straight lines: start (x, y), heading, 10 m/s.
inline Facts drive(const Scene& scene, const std::vector<RoadPose>& starts) {
  std::vector<std::vector<RoadPose>> plans;
  for (const auto& [x, y, heading] : starts) {
    plans.push_back(stretches(x + kFront * std::cos(heading), y + kFront * std::sin(heading),
                              {{kSpeed, kSteps - 1}}, heading));
  }
  return ride(scene, plans);
}

}  // namespace forkroad::test
