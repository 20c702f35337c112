// Pass 1: plan -> ego states. Never depends on the other road users.
#pragma once

#include "kernels/bicycle.hpp"
#include "kernels/rollout_params.hpp"
#include "kernels/trig.hpp"

namespace forkroad {

// Pose of a plan's reference point, or of the box centre.
template <class F>
struct Pose {
  F x, y;
  F cos, sin;
  F heading;  // [rad] as the plan gives it, not wrapped
};

template <class F>
FORKROAD_HD Pose<F> start_pose(const WorldView& world) {
  using S = ScalarOf<F>;
  return {F(S(world.x)), F(S(world.y)), F(S(world.cos)), F(S(world.sin)), F(S(world.heading))};
}

// The box centre that belongs to a reference pose.
template <class F>
FORKROAD_HD Pose<F> center_of(const WorldView& world, const Pose<F>& pose) {
  if (world.at_center) return pose;
  const F along = F(ScalarOf<F>(world.center_offset));
  return {fma(along, pose.cos, pose.x), fma(along, pose.sin, pose.y), pose.cos, pose.sin,
          pose.heading};
}

// x, y, heading of plan step `plan_step` (-1: the start) in the plan's own frame.
template <class F>
FORKROAD_HD void load_plan_pose(const WorldView& world, const RolloutParams& params, int plan_step,
                                int plan, F& x, F& y, F& heading) {
  using S = ScalarOf<F>;
  if (plan_step < 0) {
    x = params.ego_frame ? lit<F>(0.0) : F(S(world.x));
    y = params.ego_frame ? lit<F>(0.0) : F(S(world.y));
    heading = params.ego_frame ? lit<F>(0.0) : F(S(world.heading));
    return;
  }
  const float* base =
      world.plans + in_plan_blocks(plan, int64_t{plan_step} * 3, int64_t{params.plan_steps} * 3);
  x = load<F>(base);
  y = load<F>(base + kPlanBlock);
  heading = load<F>(base + 2 * kPlanBlock);
}

// Pose-following tracker: the reference pose at a rollout step. Plan steps that fall on a rollout
// step are passed through bit for bit; in between positions are linear and the heading takes the
// shorter arc.
template <class F>
FORKROAD_HD Pose<F> follow_pose(const WorldView& world, const RolloutParams& params, int step,
                                int plan) {
  const PlanSample sample = world.samples[step];
  if (sample.upper < 0) return start_pose<F>(world);
  F x, y, heading;
  load_plan_pose(world, params, sample.lower, plan, x, y, heading);
  if (sample.upper != sample.lower) {
    F next_x, next_y, next_heading;
    load_plan_pose(world, params, sample.upper, plan, next_x, next_y, next_heading);
    const F fraction = F(ScalarOf<F>(sample.fraction));
    x = fma(fraction, next_x - x, x);
    y = fma(fraction, next_y - y, y);
    heading = fma(fraction, wrap_angle(next_heading - heading), heading);
  }
  if (params.ego_frame) {
    const Pose<F> start = start_pose<F>(world);
    const F scene_x = fma(start.cos, x, fma(-start.sin, y, start.x));
    const F scene_y = fma(start.sin, x, fma(start.cos, y, start.y));
    x = scene_x;
    y = scene_y;
    heading = heading + start.heading;
  }
  const SinCos<F> unit = sin_cos(heading);
  return {x, y, unit.cos, unit.sin, heading};
}

template <class F>
FORKROAD_HD BicycleState<F> start_bicycle(const WorldView& world) {
  const Pose<F> pose = start_pose<F>(world);
  return {pose.x, pose.y, pose.cos, pose.sin, pose.heading, F(ScalarOf<F>(world.speed))};
}

// Kinematic bicycle: from rollout step `step` - 1 to `step`, under the controls of plan step
// samples[step].lower.
template <class F>
FORKROAD_HD BicycleState<F> follow_controls(const WorldView& world, const RolloutParams& params,
                                            const BicycleState<F>& state, int step, int plan) {
  const int64_t row = int64_t{world.samples[step].lower} * 2;
  const float* base = world.plans + in_plan_blocks(plan, row, int64_t{params.plan_steps} * 2);
  return step_bicycle(state, load<F>(base), load<F>(base + kPlanBlock), F(ScalarOf<F>(world.dt)),
                      F(ScalarOf<F>(params.min_speed)));
}

// The tracker as one object that is stepped in order, step = 0, 1, 2, ...
template <class F>
struct Tracker {
  BicycleState<F> bicycle;

  FORKROAD_HD explicit Tracker(const WorldView& world) : bicycle(start_bicycle<F>(world)) {}

  // The box centre at `step`; `plan` is the first plan of the lanes.
  FORKROAD_HD Pose<F> advance(const WorldView& world, const RolloutParams& params, int step,
                              int plan) {
    if (params.plan_kind == PlanKind::kPoses) {
      return center_of(world, follow_pose<F>(world, params, step, plan));
    }
    if (step > 0) bicycle = follow_controls(world, params, bicycle, step, plan);
    return center_of(world,
                     Pose<F>{bicycle.x, bicycle.y, bicycle.cos, bicycle.sin, bicycle.heading});
  }
};

// Where the centre would have been one step before the start, at the starting velocity: gives the
// start a velocity without a special case.
template <class F>
FORKROAD_HD Pose<F> pose_before_start(const WorldView& world, const Pose<F>& start) {
  using S = ScalarOf<F>;
  Pose<F> before = start;
  before.x = fma(-F(S(world.velocity_x)), F(S(world.dt)), start.x);
  before.y = fma(-F(S(world.velocity_y)), F(S(world.dt)), start.y);
  return before;
}

}  // namespace forkroad
