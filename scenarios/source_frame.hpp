// From source coordinates to the scene's local frame: what every reader does alike.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "scenarios/scene.hpp"

namespace forkroad {

// Source coordinates beyond this [m] are broken numbers: no planetary frame needs them, and a
// double still resolves 2^-26 m there.
inline constexpr double kMaxSourceCoordinate = 1e8;

// Headings beyond this [rad] are broken numbers: wrapped, they would be noise.
inline constexpr double kMaxSourceHeading = 1000;

inline constexpr double kMetresPerSecondInMph = 0.44704;  // exact: 1609.344 m in 3600 s

// Steps outside of this range [s] are no log of traffic.
inline constexpr double kMinDt = 1e-4;
inline constexpr double kMaxDt = 1e4;

using Origin = std::array<double, 3>;

// A position in source coordinates [m].
struct SourcePoint {
  double x = 0, y = 0, z = 0;
};

// Rounded down: source coordinates then lose no bits that fp32 could have kept.
Origin floor_point(const SourcePoint& point);

// Sums up places, one per track, to the origin of a log without an ego: their mean, floored.
class OriginMean {
 public:
  void add(const SourcePoint& place);
  bool empty() const { return count_ == 0; }
  Origin origin() const;  // (0, 0, 0) if no place was added

 private:
  SourcePoint sum_;
  int64_t count_ = 0;
};

// Subtracts the origin in double. False, and `local` unchanged, if the result is not a finite
// number within kMaxLocalCoordinate.
bool to_local(const SourcePoint& source, const Origin& origin, Point3& local);

inline constexpr double kDegree = 0.017453292519943295;  // [rad]

// Headings of up to this are radians: writers round pi to fp32 or to 5 digits.
inline constexpr double kLargestRadian = 3.1417;

// The unit of a log whose largest heading this is [rad]: GPUDrive's older converters wrote degrees,
// unwrapped.
inline double heading_unit(double largest_heading) {
  return largest_heading <= kLargestRadian ? 1 : kDegree;
}

// Into [-pi, pi), whole turns removed in double [rad].
float wrap_heading(double heading);

// A finite speed limit of 0 to below kMaxSpeed in m/s from miles per hour, -1: it is not one.
float speed_limit_from_mph(double limit);

// Formats without a clock hold logs of WOMD: 0.1 s per step, 91 steps, of which the first 10 are
// the past.
inline constexpr double kUsualDt = 0.1;  // [s]
inline int usual_current_step(int num_steps) { return num_steps == 91 ? 10 : 0; }

// Even steps of dt from 0 on, num_steps of them.
void fill_timestamps(Scene& scene);

// Rings are stored without a repeated end.
void drop_repeated_end(std::vector<Point3>& ring);

// Appends "COUNT TEXT" if the count is not 0: what a reader left out or replaced.
void assume(int64_t count, const char* text, std::vector<std::string>& assumptions);

}  // namespace forkroad
