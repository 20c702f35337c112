// Lane type: the scalar lanes (float and double) and the vocabulary that every lane type speaks.
//
// One lane is one plan. Rollout and scoring functions are templates over a lane type F: on the GPU
// F is float and a thread is a lane; on the CPU F is a SIMD register of 8 or 16 floats (4 or 8
// doubles), see lane_avx2.hpp and lane_avx512.hpp. This header includes no SIMD header, so .cu
// files may include it.
//
// Vocabulary, the same names for every F:
//   F(scalar)                  broadcast                  + - * /  unary -    IEEE arithmetic
//   fma(a, b, c)               a * b + c, rounded once    < <= > >= ==        compare to Mask
//   min(a, b), max(a, b)       a < b ? a : b  (no NaN)    & | ! exclusive_or  on Mask
//   abs, sqrt, round_nearest   IEEE, ties to even         select(m, a, b)     m ? a : b
//   any(m), all(m), bits(m)    vote, vote, bit per lane   lane_mask<F>(k)     first k lanes set
//   load<F>(p), store(p, a)    contiguous lanes           reduce_min/max(a)   over the lanes
//   to_int(a), to_lane<F>(i)   truncate / convert         gather(base, i)     base[i] per lane
//   ramp<F>()                  0, 1, 2, ...               lane_at(a, k)       one lane (not hot)
// A result depends on its own lane's values only; `any` may skip work but never changes a result.
// F = double lanes load from and store to float memory too: conversion on the way.
#pragma once

#include <cstdint>

#include "kernels/macros.hpp"

namespace forkroad {

template <class F>
struct LaneTraits;

template <>
struct LaneTraits<float> {
  using Scalar = float;
  using Mask = bool;
  using Int = int32_t;
  static constexpr int kWidth = 1;
};

template <>
struct LaneTraits<double> {
  using Scalar = double;
  using Mask = bool;
  using Int = int32_t;
  static constexpr int kWidth = 1;
};

template <class F>
using ScalarOf = typename LaneTraits<F>::Scalar;
template <class F>
using MaskOf = typename LaneTraits<F>::Mask;
template <class F>
using IntOf = typename LaneTraits<F>::Int;
template <class F>
inline constexpr int kWidthOf = LaneTraits<F>::kWidth;

// A constant given in double, rounded once to the lane's own precision.
template <class F>
FORKROAD_HD F lit(double value) {
  return F(static_cast<ScalarOf<F>>(value));
}

// Wherever host and device spell an IEEE operation differently, it is spelt here and only here.
#if defined(__CUDA_ARCH__)
FORKROAD_HD float fma(float a, float b, float c) { return __fmaf_rn(a, b, c); }
FORKROAD_HD double fma(double a, double b, double c) { return __fma_rn(a, b, c); }
FORKROAD_HD float min(float a, float b) { return fminf(a, b); }
FORKROAD_HD float max(float a, float b) { return fmaxf(a, b); }
FORKROAD_HD double min(double a, double b) { return fmin(a, b); }
FORKROAD_HD double max(double a, double b) { return fmax(a, b); }
FORKROAD_HD float sqrt(float a) { return __fsqrt_rn(a); }
FORKROAD_HD double sqrt(double a) { return __dsqrt_rn(a); }
FORKROAD_HD float round_nearest(float a) { return rintf(a); }
FORKROAD_HD double round_nearest(double a) { return rint(a); }
#else
FORKROAD_HD float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
FORKROAD_HD double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
FORKROAD_HD float min(float a, float b) { return a < b ? a : b; }
FORKROAD_HD float max(float a, float b) { return a > b ? a : b; }
FORKROAD_HD double min(double a, double b) { return a < b ? a : b; }
FORKROAD_HD double max(double a, double b) { return a > b ? a : b; }
FORKROAD_HD float sqrt(float a) { return __builtin_sqrtf(a); }
FORKROAD_HD double sqrt(double a) { return __builtin_sqrt(a); }
FORKROAD_HD float round_nearest(float a) { return __builtin_rintf(a); }
FORKROAD_HD double round_nearest(double a) { return __builtin_rint(a); }
#endif

FORKROAD_HD float abs(float a) { return __builtin_fabsf(a); }
FORKROAD_HD double abs(double a) { return __builtin_fabs(a); }
FORKROAD_HD float select(bool mask, float a, float b) { return mask ? a : b; }
FORKROAD_HD double select(bool mask, double a, double b) { return mask ? a : b; }
FORKROAD_HD bool exclusive_or(bool a, bool b) { return a != b; }
FORKROAD_HD bool any(bool mask) { return mask; }
FORKROAD_HD bool all(bool mask) { return mask; }
FORKROAD_HD uint32_t bits(bool mask) { return mask ? 1u : 0u; }
FORKROAD_HD float reduce_min(float a) { return a; }
FORKROAD_HD float reduce_max(float a) { return a; }
FORKROAD_HD double reduce_min(double a) { return a; }
FORKROAD_HD double reduce_max(double a) { return a; }
FORKROAD_HD int32_t to_int(float a) { return static_cast<int32_t>(a); }
FORKROAD_HD int32_t to_int(double a) { return static_cast<int32_t>(a); }
FORKROAD_HD float gather(const float* base, int32_t index) { return base[index]; }
FORKROAD_HD double gather(const double* base, int32_t index) { return base[index]; }
FORKROAD_HD float lane_at(float a, int) { return a; }
FORKROAD_HD double lane_at(double a, int) { return a; }
FORKROAD_HD void store(float* to, float a) { *to = a; }
FORKROAD_HD void store(double* to, double a) { *to = a; }
FORKROAD_HD void store(float* to, double a) { *to = static_cast<float>(a); }

// Explicitly typed members of the vocabulary: SIMD lanes specialise LaneLoad.
template <class F>
struct LaneLoad;

template <>
struct LaneLoad<float> {
  FORKROAD_HD static float load(const float* from) { return *from; }
  FORKROAD_HD static float from_int(int32_t a) { return static_cast<float>(a); }
  FORKROAD_HD static float ramp() { return 0.0f; }
  FORKROAD_HD static bool first(int count) { return count > 0; }
};

template <>
struct LaneLoad<double> {
  FORKROAD_HD static double load(const float* from) { return static_cast<double>(*from); }
  FORKROAD_HD static double load(const double* from) { return *from; }
  FORKROAD_HD static double from_int(int32_t a) { return static_cast<double>(a); }
  FORKROAD_HD static double ramp() { return 0.0; }
  FORKROAD_HD static bool first(int count) { return count > 0; }
};

template <class F, class Memory>
FORKROAD_HD F load(const Memory* from) {
  return LaneLoad<F>::load(from);
}
template <class F>
FORKROAD_HD F to_lane(IntOf<F> a) {
  return LaneLoad<F>::from_int(a);
}
template <class F>
FORKROAD_HD F ramp() {
  return LaneLoad<F>::ramp();
}
template <class F>
FORKROAD_HD MaskOf<F> lane_mask(int count) {
  return LaneLoad<F>::first(count);
}

}  // namespace forkroad
