// NAVSIM's comfort terms: C (v1.1), HC with history (v2) and EC over two frames.
//
// Source: pdm_planner/scoring/pdm_comfort_metrics.py. Always on double lanes: signals are rounded
// to 8 decimals between stages.
#pragma once

#include "kernels/pdm_tracker.hpp"
#include "kernels/savitzky_golay.hpp"

namespace forkroad {

inline constexpr int kPdmMaxSamples = kPdmMaxHistory + kPdmStates;

struct PdmFilters {
  SavitzkyGolay smooth;              // SG(8, 2)
  SavitzkyGolay jerk;                // SG(15, 2, d1)
  SavitzkyGolay yaw_rate;            // SG(5, 2, d1)
  SavitzkyGolay yaw_acceleration;    // SG(5, 3, d2)
  SavitzkyGolay yaw_acceleration_2;  // SG(5, 2, d2), EC only
  QuadraticFit quadratic;            // SG(41, 2) on 41 samples, v1.1 only
};

// longitudinal and lateral acceleration, jerk magnitude, longitudinal jerk, yaw acceleration, yaw
// rate: 1 where every sample lies strictly within its bounds.
template <class D>
struct PdmComfort {
  D within[6];
};

template <class D>
FORKROAD_HD D all_within(const D* samples, int count, double low, double high) {
  D least = samples[0], most = samples[0];
  FORKROAD_ROLLED
  for (int i = 1; i < count; ++i) {
    least = min(samples[i], least);
    most = max(samples[i], most);
  }
  return select((least > lit<D>(low)) & (most < lit<D>(high)), lit<D>(1.0), lit<D>(0.0));
}

// Subtracts whole turns so that no two neighbours differ by more than half a turn.
template <class D>
FORKROAD_HD void unwrap(D* angles, int count) {
  const D turn = lit<D>(6.283185307179586476925);
  D turns = lit<D>(0.0);
  D before = angles[0];
  FORKROAD_ROLLED
  for (int i = 1; i < count; ++i) {
    const D raw = angles[i];
    turns = turns + round_nearest((raw - before) / turn);
    angles[i] = fma(-turns, turn, raw);
    before = raw;
  }
}

template <class D>
FORKROAD_HD void smooth_quadratic(const QuadraticFit& fit, const D* samples, bool slope, D* out) {
  D c[3];
  for (int power = 0; power < 3; ++power) {
    c[power] = dot_window(fit.coefficient[power], kPdmStates, samples);
  }
  FORKROAD_ROLLED
  for (int i = 0; i < kPdmStates; ++i) {
    const D at = lit<D>(i);
    const D value = slope ? fma(lit<D>(2.0) * c[2], at, c[1]) / lit<D>(kPdmDt)
                          : fma(fma(c[2], at, c[1]), at, c[0]);
    out[i] = round_8(value);
  }
}

template <class D>
FORKROAD_HD D state_at(const PdmStates<D>& states, int t, int column) {
  return load<D>(states.column[t][column]);
}

template <class D>
FORKROAD_HD void judge_yaw(const PdmFilters& filters, D* heading, int count, PdmComfort<D>& out) {
  D filtered[kPdmMaxSamples];
  unwrap(heading, count);
  apply_filter(filters.yaw_acceleration, heading, count, filtered);
  out.within[4] = all_within(filtered, count, -1.93, 1.93);
  apply_filter(filters.yaw_rate, heading, count, filtered);
  out.within[5] = all_within(filtered, count, -0.95, 0.95);
}

// v2: history in front, accelerations shifted to the centre with nuPlan's formula (a + d (w^2 +
// dw/dt), its signs kept), jerk from smoothed and rounded accelerations.
template <class D>
FORKROAD_HD PdmComfort<D> judge_history_comfort(const PdmTrackerView& view,
                                                const PdmFilters& filters,
                                                const PdmStates<D>& states) {
  D forward[kPdmMaxSamples], sideways[kPdmMaxSamples], magnitude[kPdmMaxSamples];
  D heading[kPdmMaxSamples], filtered[kPdmMaxSamples], jerk[kPdmMaxSamples];
  int count = 0;
  FORKROAD_ROLLED
  for (; count < view.num_history; ++count) {
    forward[count] = D(view.history_ax[count]);
    sideways[count] = D(view.history_ay[count]);
    magnitude[count] = D(view.history_magnitude[count]);
    heading[count] = D(view.history_heading[count]);
  }
  FORKROAD_ROLLED
  for (int t = 0; t < kPdmStates; ++t, ++count) {
    const D ax = state_at(states, t, 5);
    const D ay = state_at(states, t, 6);
    const D yaw_rate = state_at(states, t, 9);
    forward[count] =
        fma(lit<D>(kPdmRearToCenter), fma(yaw_rate, yaw_rate, state_at(states, t, 10)), ax);
    sideways[count] = ay;
    magnitude[count] = sqrt(fma(ax, ax, ay * ay));
    heading[count] = state_at(states, t, 2);
  }
  PdmComfort<D> out;
  apply_filter(filters.smooth, sideways, count, filtered);
  out.within[1] = all_within(filtered, count, -4.89, 4.89);
  apply_filter(filters.smooth, magnitude, count, filtered);
  apply_filter(filters.jerk, filtered, count, jerk);
  out.within[2] = all_within(jerk, count, -8.37, 8.37);
  apply_filter(filters.smooth, forward, count, filtered);
  out.within[0] = all_within(filtered, count, -4.05, 2.40);
  apply_filter(filters.jerk, filtered, count, jerk);
  out.within[3] = all_within(jerk, count, -4.13, 4.13);
  judge_yaw(filters, heading, count, out);
  return out;
}

// v1.1: roll-out only, rear-axle accelerations under one quadratic over all 41 samples.
template <class D>
FORKROAD_HD PdmComfort<D> judge_rollout_comfort(const PdmFilters& filters,
                                                const PdmStates<D>& states) {
  D forward[kPdmStates], sideways[kPdmStates], magnitude[kPdmStates], heading[kPdmMaxSamples];
  D filtered[kPdmStates], jerk[kPdmStates];
  FORKROAD_ROLLED
  for (int t = 0; t < kPdmStates; ++t) {
    forward[t] = state_at(states, t, 5);
    sideways[t] = state_at(states, t, 6);
    magnitude[t] = sqrt(fma(forward[t], forward[t], sideways[t] * sideways[t]));
    heading[t] = state_at(states, t, 2);
  }
  PdmComfort<D> out;
  smooth_quadratic(filters.quadratic, forward, false, filtered);
  out.within[0] = all_within(filtered, kPdmStates, -4.05, 2.40);
  smooth_quadratic(filters.quadratic, sideways, false, filtered);
  out.within[1] = all_within(filtered, kPdmStates, -4.89, 4.89);
  apply_filter(filters.smooth, magnitude, kPdmStates, filtered);
  smooth_quadratic(filters.quadratic, filtered, true, jerk);
  out.within[2] = all_within(jerk, kPdmStates, -8.37, 8.37);
  apply_filter(filters.smooth, forward, kPdmStates, filtered);
  smooth_quadratic(filters.quadratic, filtered, true, jerk);
  out.within[3] = all_within(jerk, kPdmStates, -4.13, 4.13);
  judge_yaw(filters, heading, kPdmStates, out);
  return out;
}

}  // namespace forkroad
