// Who is on the road: vehicles and cyclists on lanes, parked cars, people on foot, and those who
// come in from outside.
#include <algorithm>

#include "scenarios/traffic.hpp"

namespace forkroad {
namespace {

constexpr double kMaxWay = 900.0;       // [m] of a plan
constexpr double kMaxSwing = 1.3;       // [m] by which a front corner may leave the path
constexpr double kBeyondKerb = 1.2;     // [m] where people wait
constexpr double kCyclistShare = 0.05;  // of the traffic on ordinary streets
constexpr double kBikeSide = 0.6;       // [m] of the half lane that cyclists leave to the right

// Sizes and manners of one kind of vehicle.
struct VehicleKind {
  const char* raw_type;
  double share;
  double length[2], width[2], height[2];  // [m] least and most
  double acceleration;                    // [m/s^2]
  double top_speed;                       // [m/s]
};

constexpr VehicleKind kKinds[] = {
    {"car", 0.74, {3.9, 5.1}, {1.72, 1.98}, {1.42, 1.75}, 1.7, 40},
    {"van", 0.14, {5.2, 6.4}, {1.95, 2.1}, {1.95, 2.5}, 1.5, 36},
    {"truck", 0.08, {7.5, 11.0}, {2.3, 2.5}, {2.9, 3.6}, 1.1, 24},
    {"bus", 0.04, {10.5, 12.2}, {2.45, 2.55}, {2.95, 3.3}, 1.1, 22},
};

void choose_kind(SceneRandom& random, Vehicle& vehicle, const VehicleKind& kind) {
  vehicle.raw_type = kind.raw_type;
  vehicle.length = random.uniform(kind.length[0], kind.length[1]);
  vehicle.width = random.uniform(kind.width[0], kind.width[1]);
  vehicle.height = random.uniform(kind.height[0], kind.height[1]);
  vehicle.rear_to_center = 0.3 * vehicle.length;
  vehicle.driver.acceleration = kind.acceleration * random.uniform(0.85, 1.25);
  vehicle.plan.top_speed = kind.top_speed;
}

void choose_cyclist(SceneRandom& random, Vehicle& vehicle) {
  vehicle.kind = AgentKind::kCyclist;
  vehicle.raw_type = "cyclist";
  vehicle.length = random.uniform(1.65, 1.9);
  vehicle.width = random.uniform(0.55, 0.75);
  vehicle.height = random.uniform(1.6, 1.85);
  vehicle.rear_to_center = 0.52;
  vehicle.driver = {1.0, 1.2, random.uniform(0.8, 1.2), 1.8};
  vehicle.plan.top_speed = random.uniform(3.8, 6.8);
  vehicle.plan.lateral_acceleration = 1.5;
}

double swing_of(const Vehicle& vehicle) {
  const double reach = vehicle.rear_to_center + 0.5 * vehicle.length;
  return 0.5 * reach * reach * vehicle.path.max_curvature();
}

std::vector<int> choose_way(const Layout& layout, SceneRandom& random, int lane) {
  std::vector<int> lanes = {lane};
  double length = 0;
  for (;;) {
    const LayoutLane& last = layout.lanes[static_cast<size_t>(lanes.back())];
    length += last.curve.length();
    if (last.exits.empty() || length > kMaxWay) return lanes;
    const int next = random.integer(0, static_cast<int>(last.exits.size()) - 1);
    lanes.push_back(last.exits[static_cast<size_t>(next)]);
  }
}

Vehicle make_vehicle(TrafficWorld& world, int lane) {
  SceneRandom& random = *world.random;
  const LayoutLane& start = world.layout->lanes[static_cast<size_t>(lane)];
  Vehicle vehicle;
  vehicle.driver.headway = random.uniform(1.0, 1.9);
  vehicle.driver.min_gap = random.uniform(1.6, 2.8);
  vehicle.driver.comfort = random.uniform(1.8, 2.6);
  vehicle.plan.lanes = choose_way(*world.layout, random, lane);
  vehicle.plan.speed_factor = random.bell(0.96, 0.05);
  vehicle.plan.lateral = random.bell(0.0, 0.05);
  vehicle.plan.lateral_acceleration = random.uniform(1.6, 2.6);
  const bool on_bike_lane = start.type == MapType::kLaneBike;
  const bool shares_lane =
      start.type == MapType::kLaneSurfaceStreet && start.speed_limit < 15 && start.right < 0;
  if (on_bike_lane || (shares_lane && random.chance(kCyclistShare))) {
    choose_cyclist(random, vehicle);
    if (!on_bike_lane) vehicle.plan.lateral -= 0.5 * start.width - kBikeSide - 0.4;
  } else {
    double share = random.uniform(0, 1);
    size_t kind = 0;
    while (kind + 1 < std::size(kKinds) && share > kKinds[kind].share)
      share -= kKinds[kind++].share;
    choose_kind(random, vehicle, kKinds[kind]);
  }
  set_path(*world.layout, *world.conflicts, vehicle);
  if (vehicle.kind == AgentKind::kVehicle && swing_of(vehicle) > kMaxSwing) {
    choose_kind(random, vehicle, kKinds[0]);
    set_path(*world.layout, *world.conflicts, vehicle);
  }
  vehicle.route = vehicle.plan.lanes;
  return vehicle;
}

// Puts a vehicle on its path unless somebody is there or too close ahead or behind.
bool add_vehicle(TrafficWorld& world, Vehicle vehicle, double along, double speed) {
  vehicle.along = along;
  vehicle.speed = speed;
  vehicle.next_look = world.time + world.random->uniform(0.5, 4.0);
  vehicle.update_box();
  for (const Vehicle& other : world.vehicles) {
    if (!other.active || other.level != vehicle.level) continue;
    if (separation(vehicle.box, other.box) < 1.0) return false;
    const Vec2 gap = other.box.center - vehicle.box.center;
    const double reach = 8.0 + 1.2 * std::max(speed, other.speed) +
                         2.0 * std::abs(speed - other.speed) +
                         0.5 * (vehicle.length + other.length);
    if (std::abs(cross(vehicle.box.direction, gap)) < 1.8 && length_of(gap) < reach &&
        dot(vehicle.box.direction, other.box.direction) > 0.5) {
      return false;
    }
  }
  vehicle.id = world.next_id++;
  world.vehicles.push_back(std::move(vehicle));
  return true;
}

void fill_lane(TrafficWorld& world, int lane) {
  SceneRandom& random = *world.random;
  const LayoutLane& here = world.layout->lanes[static_cast<size_t>(lane)];
  const bool bikes = here.type == MapType::kLaneBike;
  const bool ends_in_junction =
      !here.exits.empty() && world.layout->lanes[static_cast<size_t>(here.exits[0])].in_junction;
  double along = random.uniform(4, 30);
  while (along < here.curve.length() - 6.0 && world.vehicles.size() < world.max_vehicles) {
    Vehicle vehicle = make_vehicle(world, lane);
    double speed = random.uniform(0.75, 1.0) * vehicle.path.speed_at(along);
    const double rest = here.curve.length() - along - vehicle.length;
    if (ends_in_junction) speed = std::min(speed, std::sqrt(2.0 * std::max(rest, 0.0)));
    const double spacing = vehicle.length + 6.0 + speed * random.uniform(1.2, bikes ? 25.0 : 6.0);
    if (rest > 1.0) add_vehicle(world, std::move(vehicle), along, speed);
    along += spacing / world.density;
  }
}

void park_cars(TrafficWorld& world) {
  SceneRandom& random = *world.random;
  for (const ParkingPlace& place : world.layout->parking) {
    const bool taken = random.chance(world.layout->parked_share);
    const bool reversed = random.chance(0.2);
    ParkedCar car;
    car.length = random.uniform(3.8, std::min(4.9, place.length));
    car.width = random.uniform(1.65, std::min(1.92, place.width - 0.2));
    car.height = random.uniform(1.42, 1.8);
    const double turn = random.bell(0.0, 0.012);
    const Vec2 direction =
        turned(reversed ? -1.0 * place.center.direction : place.center.direction, turn);
    const double slack = 0.5 * (place.length - car.length);
    const Vec2 center = place.center.position + random.uniform(-slack, slack) * direction;
    if (!taken) continue;
    car.box = {center, direction, 0.5 * car.length, 0.5 * car.width, place.level};
    car.id = world.next_id++;
    world.parked.push_back(car);
  }
}

void add_walker(TrafficWorld& world, Walker walker) {
  walker.id = world.next_id++;
  walker.size = world.random->uniform(0.45, 0.75);
  walker.height = world.random->uniform(1.5, 1.9);
  walker.pace = world.random->uniform(0.9, 1.7);
  walker.update_box();
  world.walkers.push_back(walker);
}

void add_walkers(TrafficWorld& world) {
  SceneRandom& random = *world.random;
  const Layout& layout = *world.layout;
  for (size_t crosswalk = 0; crosswalk < layout.crosswalks.size(); ++crosswalk) {
    const Crosswalk& here = layout.crosswalks[crosswalk];
    const int slots = static_cast<int>((here.width - 0.6) / 0.95);
    for (int slot = 0; slot < slots; ++slot) {
      if (!random.chance(0.45)) continue;
      const bool forward = random.chance(0.5);
      const Vec2 from = forward ? here.from : here.to, to = forward ? here.to : here.from;
      const Vec2 beyond = kBeyondKerb * unit(to - from);
      Walker walker;
      walker.line = Curve({line_between(from - beyond, to + beyond)});
      walker.crosswalk = static_cast<int>(crosswalk);
      walker.level = here.level;
      walker.start_time = random.uniform(-2.0, 8.0);
      const double side = (slot - 0.5 * (slots - 1)) * 0.95;
      walker.side = forward ? side : -side;
      add_walker(world, walker);
    }
  }
  for (const Sidewalk& sidewalk : layout.sidewalks) {
    for (const double side : {0.0, 1.1}) {
      if (!random.chance(0.35)) continue;
      Walker walker;
      const bool forward = random.chance(0.5);
      walker.line = forward ? sidewalk.curve : sidewalk.curve.reversed();
      walker.side = forward ? side : -side;
      walker.level = sidewalk.level;
      walker.start_time = -100;
      walker.along = random.uniform(0, 0.7) * walker.line.length();
      add_walker(world, walker);
    }
  }
}

size_t count_active(const TrafficWorld& world) {
  return static_cast<size_t>(std::count_if(world.vehicles.begin(), world.vehicles.end(),
                                           [](const Vehicle& vehicle) { return vehicle.active; }));
}

double next_gap(TrafficWorld& world, const LayoutLane& lane) {
  const bool bikes = lane.type == MapType::kLaneBike;
  return world.random->uniform(bikes ? 8.0 : 2.0, bikes ? 30.0 : 9.0) / world.density;
}

}  // namespace

void populate(TrafficWorld& world) {
  world.density = world.layout->traffic * world.random->uniform(0.55, 1.4);
  park_cars(world);
  add_walkers(world);
  for (size_t lane = 0; lane < world.layout->lanes.size(); ++lane) {
    const LayoutLane& here = world.layout->lanes[lane];
    if (!here.in_junction) fill_lane(world, static_cast<int>(lane));
    world.next_arrival.push_back(
        here.entries.empty() && !here.in_junction ? world.time + next_gap(world, here) : 1.0e300);
  }
}

void let_arrive(TrafficWorld& world) {
  for (size_t lane = 0; lane < world.next_arrival.size(); ++lane) {
    if (world.time < world.next_arrival[lane]) continue;
    if (count_active(world) >= world.max_vehicles) return;
    const LayoutLane& here = world.layout->lanes[lane];
    Vehicle vehicle = make_vehicle(world, static_cast<int>(lane));
    const double along = 0.5 * vehicle.length - vehicle.rear_to_center + 0.1;
    const double speed = 0.9 * vehicle.path.speed_at(along);
    const bool added = add_vehicle(world, std::move(vehicle), along, speed);
    world.next_arrival[lane] = world.time + (added ? next_gap(world, here) : 1.0);
  }
}

}  // namespace forkroad
