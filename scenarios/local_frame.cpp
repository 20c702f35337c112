#include "scenarios/local_frame.hpp"

#include <cmath>

namespace forkroad {

bool to_local(const SourcePoint& source, const Origin& origin, Point3& local) {
  const double x = source.x - origin[0];
  const double y = source.y - origin[1];
  const double z = source.z - origin[2];
  // false for NaN too
  const bool fits = std::abs(x) <= kMaxLocalCoordinate && std::abs(y) <= kMaxLocalCoordinate &&
                    std::abs(z) <= kMaxLocalCoordinate;
  if (fits) local = {static_cast<float>(x), static_cast<float>(y), static_cast<float>(z)};
  return fits;
}

void OriginMean::add(const SourcePoint& place) {
  sum_[0] += place.x;
  sum_[1] += place.y;
  sum_[2] += place.z;
  ++count_;
}

Origin OriginMean::origin() const {
  Origin mean{};
  if (empty()) return mean;
  for (std::size_t axis = 0; axis < mean.size(); ++axis) {
    mean[axis] = std::floor(sum_[axis] / static_cast<double>(count_));
  }
  return mean;
}

float wrap_heading(double heading) {
  // the fp32 value of pi, the open end of a stored heading
  constexpr float kPi = 3.14159265358979323846f;
  constexpr double kTurn = 6.283185307179586476925;
  const auto rounded = static_cast<float>(heading);
  if (rounded >= -kPi && rounded < kPi) return rounded;
  const double turns = std::floor((heading + kTurn / 2) / kTurn);
  const auto wrapped = static_cast<float>(heading - kTurn * turns);
  return wrapped >= -kPi && wrapped < kPi ? wrapped : -kPi;
}

}  // namespace forkroad
