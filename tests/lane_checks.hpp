// Applies every member of the lane vocabulary, and the value functions built on it, to arrays, so
// that one unit can compare lane types that others were compiled for.
//
// The units for one instruction set must leave no code behind under a name that other units share:
// everything here has internal linkage and uses neither the standard containers nor Catch2.
#pragma once

#include <cstdint>

#include "kernels/bicycle.hpp"
#include "kernels/obb.hpp"
#include "kernels/trig.hpp"

namespace forkroad::test {

enum class Member : uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kNegate,
  kFma,
  kMin,
  kMax,
  kAbs,
  kSqrt,
  kRound,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kAnd,
  kOr,
  kNot,
  kSelect,
  kBits,
  kToInt,
  kGather,
  kRamp,
  kLaneAt,
  kLaneMask,
  kReduceMin,
  kReduceMax,
  kAny,
  kAll,
  kFloatMemory,
  kSine,
  kCosine,
  kWrapAngle,
  kHypotBound,
  kTravelBound,
  kObbGap,
  kObbDistance,
  kInterpolate,
  kBicycleX,
  kBicycleHeading,
  kCount
};

// One compiled lane type; the one of float or double that applies is set.
struct LaneRunner {
  const char* name;
  int width;
  void (*apply_float)(Member member, const float* a, const float* b, const float* c, float* out,
                      int count);
  void (*apply_double)(Member member, const double* a, const double* b, const double* c,
                       double* out, int count);
};

// One table per unit, null-terminated by width 0.
const LaneRunner* avx2_lane_runners();
const LaneRunner* avx512_lane_runners();

namespace {

template <class F>
inline __attribute__((always_inline)) F as_lane(MaskOf<F> mask) {
  return select(mask, lit<F>(1.0), lit<F>(0.0));
}

template <class F>
inline __attribute__((always_inline)) F apply_vocabulary(Member member, F a, F b, F c) {
  switch (member) {
    case Member::kAdd:
      return a + b;
    case Member::kSubtract:
      return a - b;
    case Member::kMultiply:
      return a * b;
    case Member::kDivide:
      return a / b;
    case Member::kNegate:
      return -a;
    case Member::kFma:
      return fma(a, b, c);
    case Member::kMin:
      return min(a, b);
    case Member::kMax:
      return max(a, b);
    case Member::kAbs:
      return abs(a);
    case Member::kSqrt:
      return sqrt(abs(a));
    case Member::kRound:
      return round_nearest(a);
    case Member::kLess:
      return as_lane<F>(a < b);
    case Member::kLessEqual:
      return as_lane<F>(a <= b);
    case Member::kGreater:
      return as_lane<F>(a > b);
    case Member::kGreaterEqual:
      return as_lane<F>(a >= b);
    case Member::kEqual:
      return as_lane<F>(a == b);
    case Member::kAnd:
      return as_lane<F>((a < b) & (b < c));
    case Member::kOr:
      return as_lane<F>((a < b) | (b < c));
    case Member::kNot:
      return as_lane<F>(!(a < b));
    case Member::kSelect:
      return select(a < b, c, a);
    default:
      return a;
  }
}

template <class F>
inline __attribute__((always_inline)) Obb<F> box_of(F x, F y, F angle, F size) {
  const SinCos<F> unit = sin_cos(angle);
  return {x, y, unit.cos, unit.sin, abs(size), lit<F>(0.4) * abs(size)};
}

template <class F>
inline __attribute__((always_inline)) F apply_geometry(Member member, F a, F b, F c) {
  const Obb<F> first = box_of(a, b, c, lit<F>(2.0));
  const Obb<F> second = box_of(b, c, a, lit<F>(0.7) * b);
  const F gap = obb_gap(first, second);
  const BicycleState<F> next =
      step_bicycle(BicycleState<F>{a, b, first.cos, first.sin, c, lit<F>(5.0)}, b, lit<F>(0.01) * c,
                   lit<F>(0.1), lit<F>(0.0));
  switch (member) {
    case Member::kSine:
      return sin_cos(a).sin;
    case Member::kCosine:
      return sin_cos(a).cos;
    case Member::kWrapAngle:
      return wrap_angle(a);
    case Member::kHypotBound:
      return hypot_bound(a, b);
    case Member::kTravelBound:
      return travel_bound(a, b, first.cos, second.sin, c);
    case Member::kObbGap:
      return gap;
    case Member::kObbDistance:
      return obb_signed_distance(first, second, gap);
    case Member::kInterpolate:
      return interpolate_obb(first, motion_between(first, second), second, lit<F>(0.3)).sin;
    case Member::kBicycleX:
      return next.x;
    case Member::kBicycleHeading:
      return next.sin;
    default:
      return a;
  }
}

// What concerns a whole register, spread over its lanes.
template <class F, class S>
inline __attribute__((always_inline)) void apply_register(Member member, const S* base, F a, F b,
                                                          int at, S* out) {
  constexpr int kWidth = kWidthOf<F>;
  float memory[kWidth];
  switch (member) {
    case Member::kBits:
      for (int lane = 0; lane < kWidth; ++lane) {
        out[lane] = static_cast<S>((bits(a < b) >> lane) & 1u);
      }
      break;
    case Member::kToInt:
      store(out, to_lane<F>(to_int(a)));
      break;
    case Member::kGather:
      store(out, gather(base, to_int(abs(a))));
      break;
    case Member::kRamp:
      store(out, ramp<F>() + F(static_cast<S>(at % 16)));
      break;
    case Member::kLaneAt:
      for (int lane = 0; lane < kWidth; ++lane) out[lane] = lane_at(a, lane);
      break;
    case Member::kLaneMask: {
      // 0 .. 16 of each 16 lanes, and out of range on both sides
      const int filled = at / 16 % 19 - 1 - at % 16;
      store(out, as_lane<F>(lane_mask<F>(filled)));
      break;
    }
    case Member::kReduceMin:
      store(out, F(reduce_min(a)));
      break;
    case Member::kReduceMax:
      store(out, F(reduce_max(a)));
      break;
    case Member::kAny:
      store(out, F(any(a < b) ? S(1) : S(0)));
      break;
    case Member::kAll:
      store(out, F(all(a < b) ? S(1) : S(0)));
      break;
    case Member::kFloatMemory:
      store(memory, a);
      store(out, load<F>(memory));
      break;
    default:
      break;
  }
}

// `count` is a multiple of 16.
template <class F>
void apply_member(Member member, const ScalarOf<F>* a, const ScalarOf<F>* b, const ScalarOf<F>* c,
                  ScalarOf<F>* out, int count) {
  for (int at = 0; at < count; at += kWidthOf<F>) {
    const F lane_a = load<F>(a + at);
    const F lane_b = load<F>(b + at);
    if (member < Member::kBits) {
      store(out + at, apply_vocabulary(member, lane_a, lane_b, load<F>(c + at)));
    } else if (member < Member::kSine) {
      apply_register<F, ScalarOf<F>>(member, c, lane_a, lane_b, at, out + at);
    } else {
      store(out + at, apply_geometry(member, lane_a, lane_b, load<F>(c + at)));
    }
  }
}

}  // namespace
}  // namespace forkroad::test
