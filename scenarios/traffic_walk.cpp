// People on foot: they wait at the kerb for their light and for a gap, and stop for cars in
// their way.
#include <algorithm>

#include "scenarios/traffic.hpp"

namespace forkroad {
namespace {

constexpr double kGentleBraking = 2.2;  // [m/s^2] nobody steps out before who would need more
constexpr double kReaction = 0.8;       // [s]
constexpr double kStepAhead = 0.9;      // [m] kept free before one's feet
constexpr double kStarting = 1.5, kStopping = 3.0;  // [m/s^2]
constexpr double kArrived = 0.005;                  // [m] before the end
constexpr double kClearance = 3.0;  // [s] of caution and all red that a walker may still use

// Whether every vehicle can stop in comfort before the crosswalk, and none stands on it.
bool has_gap(const TrafficWorld& world, int crosswalk) {
  for (const Vehicle& vehicle : world.vehicles) {
    if (!vehicle.active) continue;
    for (const PathCrossing& crossing : vehicle.crossings) {
      if (crossing.crosswalk != crosswalk || vehicle.rear() > crossing.to + 0.5) continue;
      const double distance = crossing.from - vehicle.front();
      const double needed =
          vehicle.speed * kReaction + vehicle.speed * vehicle.speed / (2 * kGentleBraking) + 1.0;
      if (distance < 0.3 || (vehicle.speed > 0.1 && distance < needed)) return false;
    }
  }
  return true;
}

bool may_start(const TrafficWorld& world, const Walker& walker) {
  if (world.time < walker.start_time) return false;
  if (walker.crosswalk < 0) return true;
  const int group = world.layout->crosswalks[static_cast<size_t>(walker.crosswalk)].signal_group;
  if (group >= 0) {
    const SignalProgram& signals = world.layout->signals;
    if (signals.state(group, world.time) != LightState::kGo) return false;
    const double needed = walker.line.length() / walker.pace;
    if (signals.remaining(group, world.time) + kClearance < needed) return false;
  }
  return has_gap(world, walker.crosswalk);
}

bool is_blocked(const TrafficWorld& world, const Walker& walker) {
  Footprint ahead = walker.box;
  ahead.center = ahead.center + kStepAhead * ahead.direction;
  return std::any_of(world.vehicles.begin(), world.vehicles.end(), [&](const Vehicle& vehicle) {
    return vehicle.active && vehicle.level == walker.level && separation(ahead, vehicle.box) < 0.2;
  });
}

}  // namespace

void move_walkers(TrafficWorld& world, double dt) {
  for (Walker& walker : world.walkers) {
    if (walker.done) continue;
    if (!walker.started) walker.started = may_start(world, walker);
    // slow down for cars, and towards the end of the way
    const double rest = walker.line.length() - walker.along;
    const bool walks = walker.started && !is_blocked(world, walker);
    const double wanted = walks ? std::min(walker.pace, std::sqrt(2 * kStarting * rest)) : 0.0;
    const double speed =
        std::clamp(wanted, walker.speed - kStopping * dt, walker.speed + kStarting * dt);
    walker.along += std::min(0.5 * (walker.speed + speed) * dt, rest);
    walker.speed = speed;
    walker.done = walker.started && rest < kArrived;
    if (walker.done) walker.speed = 0;
    walker.update_box();
  }
}

}  // namespace forkroad
