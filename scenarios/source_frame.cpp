#include "scenarios/source_frame.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace forkroad {
namespace {

// the fp32 value of pi, the open end of a stored heading
constexpr float kPi = 3.14159265358979323846f;

}  // namespace

Origin floor_point(const SourcePoint& point) {
  return {std::floor(point.x), std::floor(point.y), std::floor(point.z)};
}

void OriginMean::add(const SourcePoint& place) {
  sum_ = {sum_.x + place.x, sum_.y + place.y, sum_.z + place.z};
  ++count_;
}

Origin OriginMean::origin() const {
  if (empty()) return {};
  const auto count = static_cast<double>(count_);
  return floor_point({sum_.x / count, sum_.y / count, sum_.z / count});
}

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

float wrap_heading(double heading) {
  constexpr double kTurn = 6.283185307179586476925;
  if (heading < -kPi || heading >= kPi) {
    heading -= kTurn * std::floor((heading + kTurn / 2) / kTurn);
  }
  // rounding to fp32 may reach the open end
  const auto wrapped = static_cast<float>(heading);
  return wrapped >= -kPi && wrapped < kPi ? wrapped : -kPi;
}

float speed_limit_from_mph(double limit) {
  if (!(limit >= 0 && limit < kMaxSpeed / kMetresPerSecondInMph)) return -1;
  // the limit is below kMaxSpeed in double; rounding to fp32 must not lift it there
  return std::min(static_cast<float>(limit * kMetresPerSecondInMph),
                  std::nextafter(kMaxSpeed, 0.0f));
}

void fill_timestamps(Scene& scene) {
  scene.timestamps.resize(static_cast<std::size_t>(scene.num_steps));
  for (std::size_t step = 0; step < scene.timestamps.size(); ++step) {
    scene.timestamps[step] = static_cast<double>(step) * scene.dt;
  }
}

void drop_repeated_end(std::vector<Point3>& ring) {
  if (ring.size() < 2) return;
  const Point3& first = ring.front();
  const Point3& last = ring.back();
  if (first.x == last.x && first.y == last.y && first.z == last.z) ring.pop_back();
}

void assume(int64_t count, const char* text, std::vector<std::string>& assumptions) {
  if (count > 0) assumptions.push_back(fmt::format("{} {}", count, text));
}

}  // namespace forkroad
