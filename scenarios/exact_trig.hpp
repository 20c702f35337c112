// Sine, cosine and arc tangent from IEEE operations alone, so that generated scenes have the same
// bits with every standard library.
#pragma once

#include <cmath>

namespace forkroad {

inline constexpr double kPi = 3.14159265358979323846;

struct SineCosine {
  double sine, cosine;
};

// Within 1e-15 of the true values for |angle| <= 100 [rad].
inline SineCosine exact_sine_cosine(double angle) {
  // quarter turns are taken off in two parts, so that the remainder keeps its digits
  constexpr double kQuarterHigh = 1.5707963267341256;
  constexpr double kQuarterLow = 6.077100506506192e-11;
  const double quarters = std::floor(angle / (0.5 * kPi) + 0.5);
  const double rest = (angle - quarters * kQuarterHigh) - quarters * kQuarterLow;
  const double square = rest * rest;
  double sine = 0, cosine = 0;  // Taylor series by Horner's rule, |rest| <= pi/4
  for (int order = 9; order >= 1; --order) {
    sine = (1.0 + sine) * -square / (2.0 * order * (2.0 * order + 1.0));
    cosine = (1.0 + cosine) * -square / ((2.0 * order - 1.0) * (2.0 * order));
  }
  sine = rest * (1.0 + sine);
  cosine = 1.0 + cosine;
  switch (static_cast<long long>(quarters) & 3) {
    case 0:
      return {sine, cosine};
    case 1:
      return {cosine, -sine};
    case 2:
      return {-sine, -cosine};
    default:
      return {-cosine, sine};
  }
}

// The angle of the vector (x, y) in [-pi, pi], within 1e-15; 0 for (0, 0).
inline double exact_angle(double y, double x) {
  if (x == 0 && y == 0) return 0;
  // halve the angle twice so that the series converges fast: tan(a/2) = y / (r + x)
  const double radius = std::sqrt(x * x + y * y);
  double ratio = std::abs(y) / (radius + std::abs(x));
  ratio = ratio / (1.0 + std::sqrt(1.0 + ratio * ratio));
  ratio = ratio / (1.0 + std::sqrt(1.0 + ratio * ratio));  // tan(a/8) <= 0.1989
  const double square = ratio * ratio;
  double series = 0;
  for (int order = 12; order >= 1; --order) series = -square * (1.0 / (2.0 * order + 1.0) + series);
  const double angle = 8.0 * ratio * (1.0 + series);
  const double folded = x < 0 ? kPi - angle : angle;
  return y < 0 ? -folded : folded;
}

// An angle in (-4 pi, 4 pi) taken into [-pi, pi).
inline double wrap_angle(double angle) {
  while (angle >= kPi) angle -= 2.0 * kPi;
  while (angle < -kPi) angle += 2.0 * kPi;
  return angle;
}

}  // namespace forkroad
