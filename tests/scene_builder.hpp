// Small scenes for tests, put together track by track.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "scenarios/scene.hpp"
#include "sim/plan_set.hpp"
#include "sim/scene_batch.hpp"

namespace forkroad::test {

inline constexpr double kPi = 3.14159265358979323846;

inline float wrapped(double angle) {
  const double turn = std::remainder(angle, 2.0 * kPi);
  return static_cast<float>(turn >= kPi - 1.0e-7 ? -kPi : turn);
}

// A road user that keeps its speed and yaw rate while it is observed.
struct Mover {
  double x = 0, y = 0, heading = 0;  // [m], [rad] at step 0
  double speed = 0;                  // [m/s]
  double yaw_rate = 0;               // [rad/s]
  double length = 4.5, width = 1.9;  // [m]
  AgentKind kind = AgentKind::kVehicle;
  int first = 0, last = 1 << 30;  // steps at which it is observed
};

inline Scene empty_scene(int num_steps, double dt = 0.1) {
  Scene scene;
  scene.id = "test";
  scene.dt = dt;
  scene.num_steps = num_steps;
  scene.ego = 0;
  for (int step = 0; step < num_steps; ++step) scene.timestamps.push_back(step * dt);
  scene.signals.resize(static_cast<size_t>(num_steps));
  return scene;
}

// The first track added is the ego.
inline void add_track(Scene& scene, const Mover& mover) {
  Track track;
  track.id = static_cast<int64_t>(scene.tracks.size()) + 1;
  track.kind = mover.kind;
  track.resize(scene.num_steps);
  double x = mover.x, y = mover.y, heading = mover.heading;
  for (int step = 0; step < scene.num_steps; ++step) {
    const size_t at = static_cast<size_t>(step);
    if (step >= mover.first && step <= mover.last) {
      track.valid[at] = 1;
      track.x[at] = static_cast<float>(x);
      track.y[at] = static_cast<float>(y);
      track.heading[at] = wrapped(heading);
      track.velocity_x[at] = static_cast<float>(mover.speed * std::cos(heading));
      track.velocity_y[at] = static_cast<float>(mover.speed * std::sin(heading));
      track.length[at] = static_cast<float>(mover.length);
      track.width[at] = static_cast<float>(mover.width);
      track.height[at] = 1.6f;
    }
    x += mover.speed * std::cos(heading) * scene.dt;
    y += mover.speed * std::sin(heading) * scene.dt;
    heading += mover.yaw_rate * scene.dt;
  }
  scene.tracks.push_back(std::move(track));
}

inline Scene scene_of(int num_steps, const std::vector<Mover>& movers, double dt = 0.1) {
  Scene scene = empty_scene(num_steps, dt);
  for (const Mover& mover : movers) add_track(scene, mover);
  return scene;
}

inline SceneBatch batch_of(Scene scene) {
  std::vector<Scene> scenes;
  scenes.push_back(std::move(scene));
  return SceneBatch(std::move(scenes));
}

// Poses of the box centre in the scene frame from time 0 on, the layout most tests use.
inline PlanLayout scene_poses(double dt = 0.1, double first_time = 0.0) {
  return {PlanKind::kPoses, dt, first_time, PlanFrame::kScene, ReferencePoint::kBoxCenter};
}

inline PlanLayout controls(double dt = 0.1) {
  PlanLayout layout;
  layout.kind = PlanKind::kControls;
  layout.dt = dt;
  return layout;
}

// One plan that moves straight along the heading at constant speed, [num_steps, 3] from time 0.
inline std::vector<float> straight_poses(double x, double y, double heading, double speed,
                                         int num_steps, double dt = 0.1) {
  std::vector<float> values;
  for (int step = 0; step < num_steps; ++step) {
    const double along = speed * dt * step;
    values.push_back(static_cast<float>(x + along * std::cos(heading)));
    values.push_back(static_cast<float>(y + along * std::sin(heading)));
    values.push_back(static_cast<float>(heading));
  }
  return values;
}

}  // namespace forkroad::test
