// How a ride feels: accelerations, jerk and yaw motion of the box centre, and the first step at
// which a limit of comfort is passed.
//
// Everything is a difference of poses `span` apart (0.5 s): poses of logs and plans are too noisy
// for differences over single steps. A shorter jolt counts with its mean over the span.
#pragma once

#include "kernels/trig.hpp"

namespace forkroad {

// What counts as comfortable; nuPlan's bounds (ego_is_comfortable of the devkit).
struct ComfortLimits {
  float min_acceleration = -4.05f;         // [m/s^2] along the heading
  float max_acceleration = 2.40f;          // [m/s^2] along the heading
  float max_lateral_acceleration = 4.89f;  // [m/s^2] to either side
  float max_jerk = 8.37f;                  // [m/s^3] magnitude
  float max_longitudinal_jerk = 4.13f;     // [m/s^3] magnitude
  float max_yaw_rate = 0.95f;              // [rad/s] magnitude
  float max_yaw_acceleration = 1.93f;      // [rad/s^2] magnitude
};

inline constexpr double kRideSpan = 0.5;  // [s]
// The span is a whole number of steps, from 1 to this; steps below 1/16 s make it shorter.
inline constexpr int kMaxRideSteps = 8;
inline constexpr int kPastPoses = 3 * kMaxRideSteps;

// A pose of the box centre before the start.
struct PastPose {
  float x, y;      // [m]
  float cos, sin;  // unit heading
};

// What a step's ride is measured from, latest first.
template <class F>
struct RidePoses {
  F x[4], y[4];      // at the step and one, two and three spans before it
  F cos[2], sin[2];  // one and two spans before it
  F turn[2];         // [rad] over the last span and the one before
};

// One step's ride. Accelerations belong to one span before the step, where they are centred.
template <class F>
struct RideStep {
  F acceleration;          // [m/s^2] along the heading
  F lateral_acceleration;  // [m/s^2] to the left
  F jerk;                  // [m/s^3] magnitude
  F longitudinal_jerk;     // [m/s^3]
  F yaw_rate;              // [rad/s] mean over the last span
  F yaw_acceleration;      // [rad/s^2]
};

// Extremes over a plan's steps.
template <class F>
struct RideFacts {
  F min_acceleration, max_acceleration;
  F max_lateral_acceleration;  // magnitudes from here on
  F max_jerk, max_longitudinal_jerk;
  F max_yaw_rate, max_yaw_acceleration;
  F discomfort_step;  // -1: never
};

template <class F>
FORKROAD_HD RideFacts<F> no_ride() {
  const F zero = lit<F>(0.0);
  return {lit<F>(3.0e38), lit<F>(-3.0e38), zero, zero, zero, zero, zero, lit<F>(-1.0)};
}

// Angle [rad] from heading a to heading b.
template <class F>
FORKROAD_HD F turn_between(F cos_a, F sin_a, F cos_b, F sin_b) {
  return angle_of(fma(cos_a, cos_b, sin_a * sin_b), fma(cos_a, sin_b, -(sin_a * cos_b)));
}

// `rate` = 1 / span [1/s].
template <class F>
FORKROAD_HD RideStep<F> measure_ride(const RidePoses<F>& poses, F rate) {
  F velocity_x[3], velocity_y[3];
  for (int k = 0; k < 3; ++k) {
    velocity_x[k] = (poses.x[k] - poses.x[k + 1]) * rate;
    velocity_y[k] = (poses.y[k] - poses.y[k + 1]) * rate;
  }
  const F now_x = (velocity_x[0] - velocity_x[1]) * rate;
  const F now_y = (velocity_y[0] - velocity_y[1]) * rate;
  const F old_x = (velocity_x[1] - velocity_x[2]) * rate;
  const F old_y = (velocity_y[1] - velocity_y[2]) * rate;
  const F jerk_x = (now_x - old_x) * rate, jerk_y = (now_y - old_y) * rate;
  RideStep<F> ride;
  ride.acceleration = fma(now_x, poses.cos[0], now_y * poses.sin[0]);
  ride.lateral_acceleration = fma(now_y, poses.cos[0], -(now_x * poses.sin[0]));
  ride.jerk = sqrt(fma(jerk_x, jerk_x, jerk_y * jerk_y));
  const F old_acceleration = fma(old_x, poses.cos[1], old_y * poses.sin[1]);
  ride.longitudinal_jerk = (ride.acceleration - old_acceleration) * rate;
  ride.yaw_rate = poses.turn[0] * rate;
  ride.yaw_acceleration = (ride.yaw_rate - poses.turn[1] * rate) * rate;
  return ride;
}

template <class F>
FORKROAD_HD MaskOf<F> is_uncomfortable(const RideStep<F>& ride, const ComfortLimits& limits) {
  using S = ScalarOf<F>;
  return (ride.acceleration < F(S(limits.min_acceleration))) |
         (ride.acceleration > F(S(limits.max_acceleration))) |
         (abs(ride.lateral_acceleration) > F(S(limits.max_lateral_acceleration))) |
         (ride.jerk > F(S(limits.max_jerk))) |
         (abs(ride.longitudinal_jerk) > F(S(limits.max_longitudinal_jerk))) |
         (abs(ride.yaw_rate) > F(S(limits.max_yaw_rate))) |
         (abs(ride.yaw_acceleration) > F(S(limits.max_yaw_acceleration)));
}

template <class F>
FORKROAD_HD void judge_ride(const RideStep<F>& ride, const ComfortLimits& limits, int step,
                            RideFacts<F>& facts) {
  facts.min_acceleration = min(facts.min_acceleration, ride.acceleration);
  facts.max_acceleration = max(facts.max_acceleration, ride.acceleration);
  facts.max_lateral_acceleration =
      max(facts.max_lateral_acceleration, abs(ride.lateral_acceleration));
  facts.max_jerk = max(facts.max_jerk, ride.jerk);
  facts.max_longitudinal_jerk = max(facts.max_longitudinal_jerk, abs(ride.longitudinal_jerk));
  facts.max_yaw_rate = max(facts.max_yaw_rate, abs(ride.yaw_rate));
  facts.max_yaw_acceleration = max(facts.max_yaw_acceleration, abs(ride.yaw_acceleration));
  const MaskOf<F> first = is_uncomfortable(ride, limits) & (facts.discomfort_step < lit<F>(0.0));
  facts.discomfort_step = select(first, F(ScalarOf<F>(step)), facts.discomfort_step);
}

}  // namespace forkroad
