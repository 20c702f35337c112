// Savitzky-Golay filters with scipy's "interp" edges, over samples of a group of lanes.
#pragma once

#include "kernels/lane.hpp"

namespace forkroad {

inline constexpr int kMaxWindow = 15;

// Coefficients of one filter: smoothing or a derivative, already scaled by the sample spacing.
struct SavitzkyGolay {
  int window = 0;
  int before = 0;  // samples of the window that lie before the output sample
  double interior[kMaxWindow] = {};
  double first[kMaxWindow / 2][kMaxWindow] =
      {};  // outputs 0 .. window / 2 - 1, from the first window
  double last[kMaxWindow / 2][kMaxWindow] =
      {};  // the last window / 2 outputs, from the last window
};

// A least-squares quadratic over 41 samples: its three coefficients in powers of the sample index.
struct QuadraticFit {
  double coefficient[3][41] = {};
};

// np.round(value, 8).
template <class D>
FORKROAD_HD D round_8(D value) {
  return round_nearest(value * lit<D>(1.0e8)) / lit<D>(1.0e8);
}

template <class D>
FORKROAD_HD D dot_window(const double* coefficients, int window, const D* samples) {
  D sum = lit<D>(0.0);
  FORKROAD_ROLLED
  for (int k = 0; k < window; ++k) sum = fma(D(coefficients[k]), samples[k], sum);
  return sum;
}

// Filters `count` >= window samples; every output is rounded to 8 decimals, as NAVSIM does.
template <class D>
FORKROAD_HD void apply_filter(const SavitzkyGolay& filter, const D* samples, int count, D* out) {
  const int half = filter.window / 2;
  FORKROAD_ROLLED
  for (int i = 0; i < half; ++i) {
    out[i] = round_8(dot_window(filter.first[i], filter.window, samples));
    out[count - half + i] =
        round_8(dot_window(filter.last[i], filter.window, samples + count - filter.window));
  }
  FORKROAD_ROLLED
  for (int i = half; i < count - half; ++i) {
    out[i] = round_8(dot_window(filter.interior, filter.window, samples + i - filter.before));
  }
}

}  // namespace forkroad
