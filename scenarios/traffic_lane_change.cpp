// Lane changes on roads without junctions: for drivers who are held up, and now and then anyway.
#include <algorithm>

#include "scenarios/traffic.hpp"

namespace forkroad {
namespace {

constexpr double kLookEvery = 0.6;    // [s]
constexpr double kWhimChance = 0.03;  // of a look without need
constexpr double kDuration = 4.0;     // [s] of the sideways move
constexpr double kLeast = 28.0;       // [m] it takes at least
constexpr double kBefore = 3.0;       // [m] ahead of the rear axle where it starts
constexpr double kGapHeadway = 0.7, kGapClosing = 2.5;  // [s]
constexpr double kGapLeast = 6.0;                       // [m]

// Where a vehicle is in the chain of its plan's lanes.
struct ChainPlace {
  size_t lane_at = 0;
  double along = 0;   // [m] from the start of the chain
  double length = 0;  // [m] of the whole chain
};

ChainPlace find_place(const Layout& layout, const Vehicle& vehicle) {
  ChainPlace place;
  for (size_t k = 0; k < vehicle.plan.lanes.size(); ++k) {
    const double lane = layout.lanes[static_cast<size_t>(vehicle.plan.lanes[k])].curve.length();
    const double start = vehicle.path.lane_start(k), end = vehicle.path.lane_start(k + 1);
    if (vehicle.along >= start) {
      place.lane_at = k;
      place.along = place.length + (vehicle.along - start) * lane / (end - start);
    }
    place.length += lane;
  }
  return place;
}

// The lanes beside the rest of the plan on one side; empty: it has not got them all.
std::vector<int> lanes_beside(const Layout& layout, const Vehicle& vehicle, size_t from,
                              bool left) {
  std::vector<int> lanes;
  for (size_t k = from; k < vehicle.plan.lanes.size(); ++k) {
    const LayoutLane& lane = layout.lanes[static_cast<size_t>(vehicle.plan.lanes[k])];
    const int beside = left ? lane.left : lane.right;
    if (beside < 0) return {};
    lanes.push_back(beside);
  }
  return lanes;
}

// Whether there is room at `by` metres to the left, before and behind.
bool has_room(const TrafficWorld& world, const Vehicle& vehicle, double by) {
  const double behind = 80, ahead = 100;
  for (const Vehicle& other : world.vehicles) {
    if (&other == &vehicle || !other.active || other.level != vehicle.level) continue;
    if (dot(other.box.direction, vehicle.box.direction) < 0.5) continue;
    const Vec2 gap = other.box.center - vehicle.box.center;
    if (dot(gap, gap) > 100.0 * 100.0) continue;
    const PathFoot foot =
        vehicle.path.project(other.box.center, vehicle.along - behind, vehicle.along + ahead);
    // it is on the lane or may be about to come to it from beyond
    const double beyond = by > 0 ? foot.lateral - by : by - foot.lateral;
    if (beyond < -0.75 * std::abs(by) || beyond > 1.4 * std::abs(by)) continue;
    const double between = foot.along - (vehicle.along + vehicle.rear_to_center);
    const double bodies = 0.5 * (vehicle.length + other.length);
    const double closing = between > 0 ? vehicle.speed - other.speed : other.speed - vehicle.speed;
    const double headway = kGapHeadway * (between > 0 ? vehicle.speed : other.speed);
    if (std::abs(between) - bodies < kGapLeast + headway + kGapClosing * std::max(0.0, closing)) {
      return false;
    }
  }
  return true;
}

void start_change(const TrafficWorld& world, Vehicle& vehicle, const ChainPlace& place,
                  const std::vector<int>& beside, bool left) {
  const Layout& layout = *world.layout;
  const double width = layout.lanes[static_cast<size_t>(beside[0])].width;
  const double from = place.along + kBefore;
  const double to = from + std::max(kLeast, kDuration * vehicle.speed);
  vehicle.plan.shifts.push_back({from, to, left ? width : -width});
  vehicle.route.clear();
  double end = 0;
  for (size_t k = 0; k < vehicle.plan.lanes.size(); ++k) {
    const double start = end;
    end += layout.lanes[static_cast<size_t>(vehicle.plan.lanes[k])].curve.length();
    const double middle = 0.5 * (from + to);
    if (start < middle) vehicle.route.push_back(vehicle.plan.lanes[k]);
    if (end > middle) vehicle.route.push_back(beside[k - place.lane_at]);
  }
  set_path(layout, *world.conflicts, vehicle);
}

void consider(TrafficWorld& world, Vehicle& vehicle) {
  const double allowed = vehicle.path.speed_at(vehicle.along);
  const bool held_up = vehicle.speed < 0.85 * allowed && vehicle.acceleration < 0.5;
  if (!held_up && !world.random->chance(kWhimChance)) return;
  const ChainPlace place = find_place(*world.layout, vehicle);
  const double needed = kBefore + std::max(kLeast, kDuration * vehicle.speed) + 15.0;
  if (place.length - place.along < needed) return;
  for (const bool left : {true, false}) {
    const std::vector<int> beside = lanes_beside(*world.layout, vehicle, place.lane_at, left);
    if (beside.empty()) continue;
    const double width = world.layout->lanes[static_cast<size_t>(beside[0])].width;
    if (!has_room(world, vehicle, left ? width : -width)) continue;
    start_change(world, vehicle, place, beside, left);
    return;
  }
}

}  // namespace

void change_lanes(TrafficWorld& world) {
  for (Vehicle& vehicle : world.vehicles) {
    if (!vehicle.active || vehicle.kind != AgentKind::kVehicle) continue;
    if (world.time < vehicle.next_look) continue;
    vehicle.next_look = world.time + kLookEvery;
    const bool may = vehicle.plan.shifts.empty() && vehicle.gates.empty() && vehicle.speed > 5.0 &&
                     vehicle.length < 7.0;
    if (may) consider(world, vehicle);
  }
}

}  // namespace forkroad
