#include "scenarios/traffic.hpp"

#include <algorithm>

namespace forkroad {
namespace {

constexpr double kHardBraking = 7.5, kMaxAcceleration = 3.0;  // [m/s^2]
constexpr double kJerkUp = 5.0, kJerkDown = 25.0;             // [m/s^3]
constexpr double kPathEnd = 0.05;  // [m] before the end of its way a vehicle leaves

// The stretch of a path over a crosswalk; false: it does not cross it.
bool find_crossing(const DrivePath& path, const Crosswalk& crosswalk, double half_lane,
                   PathCrossing& crossing) {
  const double across = length_of(crosswalk.to - crosswalk.from);
  const Vec2 walk = (1.0 / across) * (crosswalk.to - crosswalk.from);
  bool found = false;
  for (double along = 0; along <= path.length(); along += 0.5) {
    const Vec2 gap = path.at(along).position - crosswalk.from;
    const double walked = dot(gap, walk);
    if (std::abs(cross(walk, gap)) > 0.5 * crosswalk.width || walked < 0 || walked > across) {
      if (found) break;
      continue;
    }
    if (!found) crossing = {0, along, along, walked - half_lane, walked + half_lane};
    crossing.to = along;
    found = true;
  }
  return found;
}

}  // namespace

Vec2 Footprint::corner(int index) const {
  const double ahead = index < 2 ? half_length : -half_length;
  const double aside = index == 0 || index == 3 ? half_width : -half_width;
  return center + ahead * direction + aside * left_of(direction);
}

double separation(const Footprint& a, const Footprint& b) {
  const Vec2 gap = b.center - a.center;
  double widest = -1.0e300;
  for (const Footprint* box : {&a, &b}) {
    const Footprint& other = box == &a ? b : a;
    for (const Vec2 axis : {box->direction, left_of(box->direction)}) {
      const double mine = axis.x == box->direction.x && axis.y == box->direction.y
                              ? box->half_length
                              : box->half_width;
      const double theirs = other.half_length * std::abs(dot(axis, other.direction)) +
                            other.half_width * std::abs(cross(axis, other.direction));
      widest = std::max(widest, std::abs(dot(gap, axis)) - mine - theirs);
    }
  }
  return widest;
}

void Vehicle::update_box() {
  const DrivePose pose = path.at(along);
  const Vec2 direction = unit_at(pose.heading);
  box = {pose.position + rear_to_center * direction, direction, 0.5 * length, 0.5 * width, level};
}

void Walker::update_box() {
  const CurvePoint point = line.at(along);
  box = {point.position + side * left_of(point.direction), point.direction, 0.5 * size, 0.5 * size,
         level};
}

void set_path(const Layout& layout, const std::vector<std::vector<LaneConflict>>& conflicts,
              Vehicle& vehicle) {
  vehicle.path = DrivePath(layout, vehicle.plan);
  vehicle.level = layout.lanes[static_cast<size_t>(vehicle.plan.lanes[0])].level;
  vehicle.gates.clear();
  vehicle.crossings.clear();
  for (size_t at = 0; at < vehicle.plan.lanes.size(); ++at) {
    const auto lane = static_cast<size_t>(vehicle.plan.lanes[at]);
    const LayoutLane& here = layout.lanes[lane];
    if (!here.in_junction) continue;
    if (conflicts[lane].empty() && here.signal_group < 0 && !here.must_stop) continue;
    vehicle.gates.push_back({at, vehicle.path.lane_start(at), false});
  }
  const double half_lane = 0.5 * vehicle.width + 0.4;
  for (size_t crosswalk = 0; crosswalk < layout.crosswalks.size(); ++crosswalk) {
    PathCrossing crossing;
    if (layout.crosswalks[crosswalk].level != vehicle.level) continue;
    if (!find_crossing(vehicle.path, layout.crosswalks[crosswalk], half_lane, crossing)) continue;
    crossing.crosswalk = static_cast<int>(crosswalk);
    vehicle.crossings.push_back(crossing);
  }
}

void TrafficWorld::step(double dt) {
  std::vector<double> chosen(vehicles.size(), 0.0);
  for (size_t self = 0; self < vehicles.size(); ++self) {
    if (vehicles[self].active) chosen[self] = choose_acceleration(*this, self);
  }
  move_walkers(*this, dt);
  for (size_t self = 0; self < vehicles.size(); ++self) {
    Vehicle& vehicle = vehicles[self];
    if (!vehicle.active) continue;
    const double wanted = std::clamp(chosen[self], -kHardBraking, kMaxAcceleration);
    vehicle.acceleration = std::clamp(wanted, vehicle.acceleration - kJerkDown * dt,
                                      vehicle.acceleration + kJerkUp * dt);
    if (vehicle.speed == 0 && vehicle.acceleration < 0) vehicle.acceleration = 0;
    const double speed = std::max(vehicle.speed + vehicle.acceleration * dt, 0.0);
    vehicle.along += 0.5 * (vehicle.speed + speed) * dt;
    vehicle.speed = speed;
    for (Gate& gate : vehicle.gates) {
      const double before = gate.along - vehicle.front();
      if (speed < 0.3 && before > -0.5 && before < 2.5) gate.stopped = true;
    }
    if (!vehicle.stays && vehicle.front() > vehicle.path.length() - kPathEnd) {
      vehicle.active = false;
    }
    vehicle.update_box();
  }
  time += dt;
  change_lanes(*this);
  let_arrive(*this);
}

}  // namespace forkroad
