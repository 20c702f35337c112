// Sine and cosine in plain fma arithmetic: the same bits on every lane type and on the GPU.
#pragma once

#include "kernels/lane.hpp"

namespace forkroad {

template <class F>
struct SinCos {
  F sin, cos;
};

// Sine and cosine of an angle [rad], |angle| <= 1000.
// Reduction to [-pi/4, pi/4] with pi/2 in two parts (Cody and Waite), then Taylor polynomials:
// degree 9/10 for float (error below 1 ulp of 1), 17/18 for double.
template <class F>
FORKROAD_HD SinCos<F> sin_cos(F angle) {
  constexpr bool kSingle = sizeof(ScalarOf<F>) == 4;
  // pi/2 as an unevaluated sum; each fma below rounds once, so the parts need no trailing zeros
  constexpr double kPart1 = kSingle ? 1.57079637050628662109375 : 1.5707963267948965580;
  constexpr double kPart2 = kSingle ? -4.37113900018624283e-8 : 6.1232339957367658860e-17;
  const F quarter = round_nearest(angle * lit<F>(0.63661977236758134308));
  F r = fma(-quarter, lit<F>(kPart1), angle);
  r = fma(-quarter, lit<F>(kPart2), r);
  const F r2 = r * r;
  F s = lit<F>(2.7557319223985893e-06);
  F c = lit<F>(-2.7557319223985888e-07);
  if constexpr (!kSingle) {
    s = fma(r2,
            fma(r2,
                fma(r2, lit<F>(-7.6471637318198165e-13) + r2 * lit<F>(2.8114572543455206e-15),
                    lit<F>(1.6059043836821613e-10)),
                lit<F>(-2.505210838544172e-08)),
            s);
    c = fma(r2,
            fma(r2,
                fma(r2, lit<F>(4.7794773323873853e-14) + r2 * lit<F>(-1.5619206968586225e-16),
                    lit<F>(-1.1470745597729725e-11)),
                lit<F>(2.0876756987868099e-09)),
            c);
  }
  s = fma(r2, s, lit<F>(-1.9841269841269841e-04));
  s = fma(r2, s, lit<F>(8.3333333333333333e-03));
  s = fma(r2, s, lit<F>(-1.6666666666666667e-01));
  s = fma(r * r2, s, r);
  c = fma(r2, c, lit<F>(2.4801587301587302e-05));
  c = fma(r2, c, lit<F>(-1.3888888888888889e-03));
  c = fma(r2, c, lit<F>(4.1666666666666667e-02));
  c = fma(r2, c, lit<F>(-0.5));
  c = fma(r2, c, lit<F>(1.0));
  // which quarter turn: q mod 4 in exact float arithmetic
  const F q = quarter - lit<F>(4.0) * round_nearest(quarter * lit<F>(0.25));  // -2, -1, 0, 1, 2
  const MaskOf<F> swap = abs(q) == lit<F>(1.0);
  const MaskOf<F> half_turn = abs(q) == lit<F>(2.0);
  const F sine = select(swap, c, s);
  const F cosine = select(swap, s, c);
  const MaskOf<F> flip_sine = half_turn | (q == lit<F>(-1.0));
  const MaskOf<F> flip_cosine = half_turn | (q == lit<F>(1.0));
  return {select(flip_sine, -sine, sine), select(flip_cosine, -cosine, cosine)};
}

// The angle [rad] moved by whole turns into [-pi, pi], to the rounding of the angle itself (1.2e-4
// at 2000 rad in float).
template <class F>
FORKROAD_HD F wrap_angle(F angle) {
  const F turns = round_nearest(angle * lit<F>(0.15915494309189533577));
  F r = fma(-turns, lit<F>(6.28125), angle);
  return fma(-turns, lit<F>(1.9353071795864769253e-3), r);
}

// The angle [rad] in [-pi, pi] of a unit vector, to 1e-6: twice the arc tangent of the half angle's
// tangent, by a minimax polynomial of degree 13.
template <class F>
FORKROAD_HD F angle_of(F cos, F sin) {
  const F t = sin / (lit<F>(1.0) + abs(cos));  // of the angle to the nearer end of the x axis
  const F t2 = t * t;
  F p = fma(t2, lit<F>(0.00681148814989), lit<F>(-0.0336033205091));
  p = fma(t2, p, lit<F>(0.0796226610135));
  p = fma(t2, p, lit<F>(-0.132332881792));
  p = fma(t2, p, lit<F>(0.198078017928));
  p = fma(t2, p, lit<F>(-0.333173665746));
  p = fma(t2, p, lit<F>(0.999996111106));
  const F angle = lit<F>(2.0) * t * p;
  const F zero = lit<F>(0.0), half_turn = lit<F>(3.14159265358979323846);
  return select(cos < zero, select(sin < zero, -half_turn, half_turn) - angle, angle);
}

}  // namespace forkroad
