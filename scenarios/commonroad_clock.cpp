#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/commonroad_parts.hpp"

namespace forkroad::commonroad {
namespace {

// Slower states [m/s] say little about the clock: noise moves them too.
constexpr double kMinSpeed = 2.0;
// Largest change of speed within a step, as a share: the mean of its ends then stands for it.
constexpr double kMaxChange = 0.2;
// Fewer steps than this prove nothing.
constexpr std::size_t kMinSteps = 20;
// Ratios up to this are noise of the recording.
constexpr double kMinRatio = 1.5;
// How near a whole number a ratio must be, as a share of it.
constexpr double kMaxDeviation = 0.05;

// How far each steadily moving obstacle came within a step, over what its speed would cover in
// the declared one.
std::vector<double> measure_ratios(double declared, const std::vector<Obstacle>& obstacles) {
  std::vector<double> ratios;
  for (const Obstacle& obstacle : obstacles) {
    if (obstacle.is_static) continue;
    for (std::size_t index = 1; index < obstacle.states.size(); ++index) {
      const State& from = obstacle.states[index - 1];
      const State& to = obstacle.states[index];
      const double speed = (std::abs(from.speed) + std::abs(to.speed)) / 2;
      const bool is_steady = std::abs(to.speed - from.speed) <= kMaxChange * speed;
      if (to.step != from.step + 1 || speed < kMinSpeed || !is_steady) continue;
      ratios.push_back(std::hypot(to.x - from.x, to.y - from.y) / (speed * declared));
    }
  }
  return ratios;
}

}  // namespace

double estimate_dt(double declared, const std::vector<Obstacle>& obstacles,
                   std::vector<std::string>& assumptions) {
  std::vector<double> ratios = measure_ratios(declared, obstacles);
  if (ratios.size() < kMinSteps) return declared;
  const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
  std::nth_element(ratios.begin(), middle, ratios.end());
  const double ratio = *middle;
  if (ratio <= kMinRatio && ratio >= 1 / kMinRatio) return declared;
  const double multiple = std::round(ratio);
  if (ratio > kMinRatio && std::abs(ratio - multiple) <= kMaxDeviation * multiple) {
    const double dt = declared * multiple;
    assumptions.push_back(
        fmt::format("timeStepSize declares {:.6g} s, but obstacles move {:.4g} times as far in a "
                    "step as their speeds say (median of {} steps): dt is taken as {:.6g} s",
                    declared, ratio, ratios.size(), dt));
    return dt;
  }
  assumptions.push_back(
      fmt::format("obstacles move {:.4g} times as far in a step as their speeds and timeStepSize "
                  "say (median of {} steps): dt is kept as declared, {:.6g} s",
                  ratio, ratios.size(), declared));
  return declared;
}

}  // namespace forkroad::commonroad
