// From source coordinates to the scene-local frame: what every reader does with positions and
// headings.
#pragma once

#include <array>

#include "scenarios/scene.hpp"

namespace forkroad {

// Source coordinates beyond this [m] are broken numbers: no planetary frame needs them, and a
// double still resolves 2^-26 m there.
inline constexpr double kMaxSourceCoordinate = 1e8;

// Headings beyond this [rad] are broken numbers: wrapped, they would be noise.
inline constexpr double kMaxHeading = 1000.0;

// Source coordinates of the local (0, 0, 0) [m].
using Origin = std::array<double, 3>;

// A position in source coordinates [m].
struct SourcePoint {
  double x = 0, y = 0, z = 0;
};

// Subtracts the origin in double. False, and `local` unchanged, if the result is not a finite
// number within kMaxLocalCoordinate.
bool to_local(const SourcePoint& source, const Origin& origin, Point3& local);

// Sums up places, one per track, to the origin of a log without an ego: their mean, floored.
class OriginMean {
 public:
  void add(const SourcePoint& place);
  bool empty() const { return count_ == 0; }
  Origin origin() const;  // (0, 0, 0) if no place was added

 private:
  Origin sum_{};
  int64_t count_ = 0;
};

// The same direction in [-pi, pi), rounded to fp32. `heading` [rad] is at most kMaxHeading; one
// that is in range already is only rounded.
float wrap_heading(double heading);

}  // namespace forkroad
