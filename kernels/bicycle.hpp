// Kinematic bicycle in rotation-vector form: heading as a unit vector, no trigonometry.
#pragma once

#include "kernels/trig.hpp"

namespace forkroad {

// Rear axle position [m], unit heading, heading angle [rad, not wrapped], forward speed [m/s].
template <class F>
struct BicycleState {
  F x, y;
  F cos, sin;
  F heading;
  F speed;
};

// One step of `dt` [s] under constant acceleration [m/s^2] and curvature of the rear axle's path
// [1/m]. The speed stays at or above min_speed, so that braking ends in standstill. Half-angle
// rotation with one Newton renormalisation: by Taylor polynomials, or for a heading change of more
// than 1 rad in the step by the full sine and cosine (up to 2000 rad, where it saturates).
template <class F>
FORKROAD_HD BicycleState<F> step_bicycle(const BicycleState<F>& state, F acceleration, F curvature,
                                         F dt, F min_speed) {
  const F half = lit<F>(0.5);
  const F speed = max(fma(acceleration, dt, state.speed), min_speed);
  const F distance = half * (state.speed + speed) * dt;
  const F h = max(min(half * curvature * distance, lit<F>(1000.0)), lit<F>(-1000.0));
  const F h2 = h * h;
  F sin_h = h * fma(h2, fma(h2, lit<F>(1.0 / 120), lit<F>(-1.0 / 6)), lit<F>(1.0));
  F cos_h = fma(h2, fma(h2, lit<F>(1.0 / 24), lit<F>(-0.5)), lit<F>(1.0));
  const MaskOf<F> sharp = abs(h) > half;
  if (any(sharp)) {
    const SinCos<F> full = sin_cos(h);
    sin_h = select(sharp, full.sin, sin_h);
    cos_h = select(sharp, full.cos, cos_h);
  }
  const F mid_cos = fma(-sin_h, state.sin, cos_h * state.cos);
  const F mid_sin = fma(sin_h, state.cos, cos_h * state.sin);
  const F end_cos = fma(-sin_h, mid_sin, cos_h * mid_cos);
  const F end_sin = fma(sin_h, mid_cos, cos_h * mid_sin);
  const F shrink = fma(-half, fma(end_cos, end_cos, end_sin * end_sin), lit<F>(1.5));
  BicycleState<F> next;
  next.x = fma(distance, mid_cos, state.x);
  next.y = fma(distance, mid_sin, state.y);
  next.cos = end_cos * shrink;
  next.sin = end_sin * shrink;
  next.heading = fma(lit<F>(2.0), h, state.heading);
  next.speed = speed;
  return next;
}

}  // namespace forkroad
