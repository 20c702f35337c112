// How a driver follows: the driver model and who is in the way.
#include <algorithm>

#include "scenarios/traffic.hpp"

namespace forkroad {
namespace {

constexpr double kBesideCar = 0.3, kBesideWalker = 0.5;  // [m] kept free beside the vehicle
constexpr double kMinFollowGap = 0.1;                    // [m]

// Free driving towards the allowed speed.
double free_acceleration(const Vehicle& vehicle) {
  const double allowed = vehicle.path.speed_at(vehicle.along);
  const double share = vehicle.speed / allowed;
  if (share > 1) return std::max(-2.5, 2.0 * (allowed - vehicle.speed));
  return vehicle.driver.acceleration * (1.0 - share * share * share * share);
}

// Looks along the vehicle's path for one box; tightens `acceleration` if it is in the way.
class PathView {
 public:
  explicit PathView(const Vehicle& vehicle)
      : vehicle_(vehicle),
        reach_(vehicle.rear_to_center + 0.5 * vehicle.length + 15.0 + 4.5 * vehicle.speed) {}

  void look(const Footprint& other, Vec2 velocity, double gain, double beside,
            double& acceleration) const {
    if (other.level != vehicle_.level) return;
    const Vec2 gap = other.center - vehicle_.box.center;
    const double reach = reach_ + other.half_length;
    if (dot(gap, gap) > reach * reach) return;
    const double behind = -dot(gap, vehicle_.box.direction);
    if (behind > vehicle_.box.half_length + other.half_length) return;
    const PathFoot foot =
        vehicle_.path.project(other.center, vehicle_.along, vehicle_.along + reach_);
    const double clear = vehicle_.box.half_width + beside;
    if (std::abs(foot.lateral) > clear + swing(foot.along) + other.radius()) return;
    double nearest = 1.0e300, left = -1.0e300, right = 1.0e300;
    for (int corner = 0; corner < 4; ++corner) {
      const Vec2 arm = other.corner(corner) - foot.position;
      nearest = std::min(nearest, dot(arm, foot.direction));
      left = std::max(left, cross(foot.direction, arm));
      right = std::min(right, cross(foot.direction, arm));
    }
    const double base = foot.along - dot(other.center - foot.position, foot.direction);
    const double bend = vehicle_.path.at(base).curvature;
    const double outwards = swing(base);
    const double clear_left = clear + (bend < 0 ? outwards : 0.0);
    const double clear_right = clear + (bend > 0 ? outwards : 0.0);
    if (right > clear_left || left < -clear_right) return;
    if (base + dot(other.center - foot.position, foot.direction) <
        vehicle_.along + vehicle_.rear_to_center) {
      return;  // beside or behind
    }
    const double lead_speed = std::max(0.0, dot(velocity, foot.direction));
    const double lead_gain = lead_speed > 0 ? gain : 0.0;
    acceleration = std::min(
        acceleration, follow(vehicle_, base + nearest - vehicle_.front(), lead_speed, lead_gain));
  }

 private:
  // How far the front corner swings out of the rear axle's path in a bend.
  double swing(double along) const {
    const double reach = vehicle_.rear_to_center + 0.5 * vehicle_.length;
    return 0.5 * reach * reach * std::abs(vehicle_.path.at(along).curvature);
  }

  const Vehicle& vehicle_;
  double reach_;
};

// The acceleration that avoids contact if the leader keeps its own.
double needed_acceleration(const Vehicle& vehicle, double gap, double lead_speed,
                           double lead_acceleration) {
  const double lead = std::min(lead_acceleration, vehicle.driver.acceleration);
  const double closing = vehicle.speed - lead_speed;
  if (lead < 0 && lead_speed * closing <= -2 * gap * lead) {
    return vehicle.speed * vehicle.speed * lead / (lead_speed * lead_speed - 2 * gap * lead);
  }
  return closing > 0 ? lead - closing * closing / (2 * gap) : lead;
}

}  // namespace

double follow(const Vehicle& vehicle, double gap, double lead_speed, double lead_acceleration) {
  const Driver& driver = vehicle.driver;
  const double closing = vehicle.speed * (vehicle.speed - lead_speed) /
                         (2.0 * std::sqrt(driver.acceleration * driver.comfort));
  const double wanted = driver.min_gap + std::max(0.0, vehicle.speed * driver.headway + closing);
  const double room = std::max(gap, kMinFollowGap);
  const double ratio = wanted / room;
  const double normal =
      std::min(free_acceleration(vehicle), driver.acceleration * (1.0 - ratio * ratio));
  const double enough = needed_acceleration(vehicle, room, lead_speed, lead_acceleration);
  if (normal >= enough) return normal;
  const double excess = (normal - enough) / driver.comfort;
  const double softened = enough + driver.comfort * excess / std::sqrt(1.0 + excess * excess);
  return 0.01 * normal + 0.99 * softened;
}

double choose_acceleration(const TrafficWorld& world, size_t self) {
  const Vehicle& vehicle = world.vehicles[self];
  double acceleration = free_acceleration(vehicle);
  const PathView view(vehicle);
  for (size_t other = 0; other < world.vehicles.size(); ++other) {
    const Vehicle& ahead = world.vehicles[other];
    if (other == self || !ahead.active) continue;
    view.look(ahead.box, ahead.speed * ahead.box.direction, ahead.acceleration, kBesideCar,
              acceleration);
  }
  for (const ParkedCar& car : world.parked) view.look(car.box, {}, 0, kBesideCar, acceleration);
  for (const Walker& walker : world.walkers) {
    view.look(walker.box, {}, 0, kBesideWalker, acceleration);
  }
  if (vehicle.stays) {
    const double gap = vehicle.path.length() - vehicle.front() + vehicle.driver.min_gap - 1.0;
    acceleration = std::min(acceleration, follow(vehicle, gap, 0.0));
  }
  return std::min(acceleration, yield_acceleration(world, self));
}

}  // namespace forkroad
