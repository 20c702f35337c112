// NAVSIM's LQR tracker and kinematic bicycle in closed form, on double lanes.
//
// Source: pdm_planner/simulation/batch_lqr.py, batch_lqr_utils.py, batch_kinematic_bicycle.py. The
// arithmetic near standstill is ill-conditioned: in fp32 roll-outs are up to 2.5 m off, so the
// tracker runs on doubles in every mode.
#pragma once

#include "kernels/pdm_view.hpp"
#include "kernels/rollout_params.hpp"
#include "kernels/trig.hpp"

namespace forkroad {

// States of a group of lanes.
template <class D>
struct PdmStates {
  alignas(64) double column[kPdmStates][kPdmColumns][kWidthOf<D>];
  alignas(64) double direction[kPdmStates][2][kWidthOf<D>];  // cos, sin of the heading
};

template <class D>
FORKROAD_HD SinCos<D> store_direction(D heading, int t, PdmStates<D>& states) {
  const SinCos<D> unit = sin_cos(heading);
  store(states.direction[t][0], unit.cos);
  store(states.direction[t][1], unit.sin);
  return unit;
}

// A plan's reference poses and the profiles that the controllers follow.
template <class D>
struct PdmReference {
  D x[kPdmStates], y[kPdmStates], heading[kPdmStates];
  D cos[kPdmStates], sin[kPdmStates];
  D speed[kPdmSteps];      // V_i [m/s]
  D curvature[kPdmSteps];  // k_i [1/m]
};

// Curvature profile: least squares with a penalty on change, w = 1e-2 / dt^2, and 1e-10 on k_0.
// Eliminated from the far end in terms of each pivot's excess over w, where every quantity is a
// sum of positive terms: nothing cancels when the plan stands still.
template <class D>
FORKROAD_HD void fit_curvature(const D* turn, PdmReference<D>& plan) {
  const D w = lit<D>(1.0e-2 / (kPdmDt * kPdmDt));
  const D dt = lit<D>(kPdmDt);
  D pivot[kPdmSteps], rhs[kPdmSteps];
  D excess = lit<D>(0.0);
  FORKROAD_ROLLED
  for (int i = kPdmSteps - 1; i >= 0; --i) {
    const D length = plan.speed[i] * dt;
    D own = length * length;
    D value = length * turn[i];
    if (i < kPdmSteps - 1) {
      const D share = w / pivot[i + 1];
      value = fma(share, rhs[i + 1], value);
      own = fma(share, excess, own);
    }
    excess = own;
    if (i == 0) {
      // the first sample has one neighbour only, and the penalty on the initial curvature
      pivot[0] = excess + lit<D>(1.0e-10);
    } else {
      pivot[i] = excess + w;
    }
    rhs[i] = value;
  }
  plan.curvature[0] = rhs[0] / pivot[0];
  FORKROAD_ROLLED
  for (int i = 1; i < kPdmSteps; ++i) {
    plan.curvature[i] = fma(w, plan.curvature[i - 1], rhs[i]) / pivot[i];
  }
}

template <class D>
FORKROAD_HD void load_reference(const PdmTrackerView& view, int plan, PdmReference<D>& out) {
  D advance[kPdmSteps], turn[kPdmSteps];
  FORKROAD_ROLLED
  for (int i = 0; i < kPdmStates; ++i) {
    const double* row = view.plans + in_plan_blocks(plan, int64_t{i} * 3, int64_t{kPdmStates} * 3);
    out.x[i] = load<D>(row);
    out.y[i] = load<D>(row + kPlanBlock);
    out.heading[i] = load<D>(row + 2 * kPlanBlock);
    const SinCos<D> unit = sin_cos(out.heading[i]);
    out.cos[i] = unit.cos;
    out.sin[i] = unit.sin;
  }
  FORKROAD_ROLLED
  for (int i = 0; i < kPdmSteps; ++i) {
    const D dx = out.x[i + 1] - out.x[i];
    const D dy = out.y[i + 1] - out.y[i];
    advance[i] = fma(dy, out.sin[i], dx * out.cos[i]);
    turn[i] = wrap_angle(out.heading[i + 1] - out.heading[i]);
  }
  FORKROAD_ROLLED
  for (int i = 0; i < kPdmSteps; ++i) {
    const double* row = view.speed_map + i * kPdmSteps;
    D sum = lit<D>(0.0);
    FORKROAD_ROLLED
    for (int j = 0; j < kPdmSteps; ++j) sum = fma(D(row[j]), advance[j], sum);
    out.speed[i] = sum;
  }
  fit_curvature(turn, out);
}

template <class D>
struct PdmControl {
  D acceleration;   // [m/s^2]
  D steering_rate;  // [rad/s]
};

// Longitudinal LQR over 1 s (q = 10, r = 1) and lateral LQR with Q = diag(1, 10, 0), R = 1 over the
// same ten steps; below 0.2 m/s the stopping controller.
template <class D>
FORKROAD_HD PdmControl<D> control_at(const PdmReference<D>& plan, int t, D x, D y, D heading, D vx,
                                     D steering) {
  const D dt = lit<D>(kPdmDt);
  const int end = t + 10 < kPdmSteps - 1 ? t + 10 : kPdmSteps - 1;
  const D target = plan.speed[end];
  const D gap = vx - target;
  const MaskOf<D> stopping = (target <= lit<D>(0.2)) & (vx <= lit<D>(0.2));
  const D acceleration = select(stopping, lit<D>(-0.5) * gap, lit<D>(-10.0 / 11.0) * gap);
  D error = fma(y - plan.y[t], plan.cos[t], -((x - plan.x[t]) * plan.sin[t]));
  D turn = wrap_angle(heading - plan.heading[t]);
  D gain_error = lit<D>(0.0), gain_turn = lit<D>(0.0), gain_steering = lit<D>(0.0);
  const D steering_per_base = steering * lit<D>(1.0 / kPdmWheelBase);
  constexpr double kTimes[10] = {0.0,          kPdmDt,       kPdmDt * 2.0, kPdmDt * 3.0,
                                 kPdmDt * 4.0, kPdmDt * 5.0, kPdmDt * 6.0, kPdmDt * 7.0,
                                 kPdmDt * 8.0, kPdmDt * 9.0};
  FORKROAD_ROLLED
  for (int j = 0; j < 10; ++j) {
    const D step = fma(acceleration, D(kTimes[j]), vx) * dt;
    const D curvature = plan.curvature[t + j < end ? t + j : end];
    error = fma(step, turn, error);
    turn = fma(step, steering_per_base - curvature, turn);
    gain_error = fma(step, gain_turn, gain_error);
    gain_turn = fma(step * lit<D>(1.0 / kPdmWheelBase), gain_steering, gain_turn);
    gain_steering = gain_steering + dt;
  }
  turn = wrap_angle(turn);
  const D weighted = fma(lit<D>(10.0) * gain_turn, turn, gain_error * error);
  const D scale =
      fma(gain_error, gain_error, fma(lit<D>(10.0) * gain_turn, gain_turn, lit<D>(1.0)));
  return {acceleration, select(stopping, lit<D>(0.0), -(weighted / scale))};
}

template <class D>
FORKROAD_HD D tangent(D angle) {
  const SinCos<D> unit = sin_cos(angle);
  return unit.sin / unit.cos;
}

// Simulates one group of lanes.
template <class D>
FORKROAD_HD void track_pdm(const PdmTrackerView& view, int plan, PdmStates<D>& states) {
  PdmReference<D> reference;
  load_reference(view, plan, reference);
  const D dt = lit<D>(kPdmDt);
  D x = D(view.start[0]), y = D(view.start[1]), heading = D(view.start[2]), vx = D(view.start[3]);
  D ax = D(view.start[5]), steering = D(view.start[7]), yaw_rate = D(view.start[9]);
  D slope = tangent(steering);
  for (int column = 0; column < kPdmColumns; ++column) {
    store(states.column[0][column], D(view.start[column]));
  }
  FORKROAD_ROLLED
  for (int t = 0; t < kPdmSteps; ++t) {
    const PdmControl<D> control = control_at(reference, t, x, y, heading, vx, steering);
    const D acceleration = fma(lit<D>(kPdmDt / (kPdmDt + 0.2)), control.acceleration - ax, ax);
    const D wanted =
        fma(lit<D>(kPdmDt / (kPdmDt + 0.05) * kPdmDt), control.steering_rate, steering);
    const D limit = lit<D>(1.04719755119659774615);  // pi / 3
    const D next_steering = max(min(wanted, limit), -limit);
    const SinCos<D> direction = store_direction(heading, t, states);
    x = fma(vx * direction.cos, dt, x);
    y = fma(vx * direction.sin, dt, y);
    heading = wrap_angle(fma(vx * slope, lit<D>(kPdmDt / kPdmWheelBase), heading));
    vx = fma(acceleration, dt, vx);
    slope = tangent(next_steering);
    const D next_yaw_rate = vx * slope * lit<D>(1.0 / kPdmWheelBase);
    const D rate = lit<D>(1.0 / kPdmDt);
    const D row[kPdmColumns] = {x,
                                y,
                                heading,
                                vx,
                                lit<D>(0.0),
                                acceleration,
                                lit<D>(0.0),
                                next_steering,
                                (wanted - steering) * rate,
                                next_yaw_rate,
                                (next_yaw_rate - yaw_rate) * rate};
    for (int column = 0; column < kPdmColumns; ++column) {
      store(states.column[t + 1][column], row[column]);
    }
    ax = acceleration;
    steering = next_steering;
    yaw_rate = next_yaw_rate;
  }
  store_direction(heading, kPdmSteps, states);
}

// States that the caller gives instead of plans.
template <class D>
FORKROAD_HD void load_pdm_states(const PdmTrackerView& view, int plan, PdmStates<D>& states) {
  constexpr int64_t kRows = int64_t{kPdmStates} * kPdmColumns;
  FORKROAD_ROLLED
  for (int t = 0; t < kPdmStates; ++t) {
    for (int column = 0; column < kPdmColumns; ++column) {
      store(states.column[t][column],
            load<D>(view.states + in_plan_blocks(plan, t * kPdmColumns + column, kRows)));
    }
    store_direction(load<D>(states.column[t][2]), t, states);
  }
}

}  // namespace forkroad
