#include "tests/contact_cases.hpp"

#include <algorithm>
#include <cmath>

namespace forkroad::test {
namespace {

Mover random_mover(Random& random, int num_steps) {
  Mover mover;
  mover.x = random.uniform(-40.0, 60.0);
  mover.y = random.uniform(-30.0, 30.0);
  mover.heading = random.uniform(-kPi, kPi);
  mover.length = random.uniform(3.5, 9.0);
  mover.width = random.uniform(1.5, 2.6);
  const int kind = random.below(7);
  if (kind == 0) {  // parked beside the road
    mover.y = random.uniform(-6.0, 6.0);
    mover.heading = random.uniform(-0.2, 0.2);
  } else if (kind == 1) {  // oncoming
    mover = {random.uniform(40.0, 120.0), random.uniform(-5.0, 5.0), kPi - 0.02, 30.0};
  } else if (kind == 2) {  // pedestrian
    mover.length = mover.width = 0.5;
    mover.kind = AgentKind::kPedestrian;
    mover.speed = random.uniform(0.0, 2.0);
  } else if (kind == 3) {  // follower
    mover = {random.uniform(-30.0, -5.0), random.uniform(-1.0, 1.0), 0.0,
             random.uniform(5.0, 15.0)};
  } else {
    mover.speed = random.uniform(0.0, 15.0);
    mover.yaw_rate = random.uniform(-0.5, 0.5);
  }
  if (random.chance(0.1)) mover.kind = AgentKind::kOther;
  if (random.chance(0.05)) mover.length = mover.width = 0.0;
  if (random.chance(0.25)) mover.first = random.below(num_steps);
  if (random.chance(0.25)) mover.last = mover.first + random.below(num_steps);
  return mover;
}

// One pose of a drive in the scene frame, moved into the layout's frame and to its reference point,
// its heading wrapped into [-pi, pi) or as it is.
void push_pose(const EgoState& ego, const VehicleModel& vehicle, const PlanLayout& layout, double x,
               double y, double heading, bool wraps, std::vector<float>& values) {
  const bool rear_axle = layout.reference == ReferencePoint::kRearAxle;
  const double offset = rear_axle ? static_cast<double>(vehicle.rear_axle_to_center) : 0.0;
  x -= offset * std::cos(heading);
  y -= offset * std::sin(heading);
  if (layout.frame == PlanFrame::kEgo) {
    const double start = static_cast<double>(ego.heading);
    const double dx = x - (static_cast<double>(ego.x) - offset * std::cos(start));
    const double dy = y - (static_cast<double>(ego.y) - offset * std::sin(start));
    x = std::cos(start) * dx + std::sin(start) * dy;
    y = -std::sin(start) * dx + std::cos(start) * dy;
    heading -= start;
  }
  values.push_back(static_cast<float>(x));
  values.push_back(static_cast<float>(y));
  values.push_back(wraps ? wrapped(heading) : static_cast<float>(heading));
}

}  // namespace

Scene adversarial_scene(Random& random, int num_agents, int num_steps) {
  Scene scene = empty_scene(num_steps);
  Mover ego;
  ego.x = random.uniform(-1.0, 1.0);
  ego.heading = random.uniform(-0.1, 0.1) + (random.chance(0.3) ? kPi : 0.0);
  ego.speed = random.chance(0.2) ? 0.0 : random.uniform(1.0, 15.0);
  add_track(scene, ego);
  for (int agent = 0; agent < num_agents; ++agent)
    add_track(scene, random_mover(random, num_steps));
  if (random.chance(0.125)) {
    Mover overlapping;
    overlapping.x = 2.0;
    overlapping.y = 1.0;
    overlapping.heading = 0.7;
    overlapping.speed = 3.0;
    add_track(scene, overlapping);
  }
  return scene;
}

PlanSet adversarial_poses(Random& random, const Snapshot& snapshot, int num_plans, int num_steps,
                          const PlanLayout& layout) {
  std::vector<float> values;
  for (int world = 0; world < snapshot.num_worlds(); ++world) {
    const EgoState& ego = snapshot.ego(world);
    const VehicleModel& vehicle = snapshot.vehicle[static_cast<size_t>(world)];
    for (int plan = 0; plan < num_plans; ++plan) {
      const bool wild = plan % 8 == 7;
      double x = static_cast<double>(ego.x), y = static_cast<double>(ego.y);
      double heading = static_cast<double>(ego.heading);
      double speed = static_cast<double>(snapshot.speed(world));
      const double acceleration = random.uniform(-6.0, 5.0);
      const double curvature = random.uniform(-0.15, 0.15);
      for (int step = 0; step < num_steps; ++step) {
        if (step > 0 || layout.first_time > 0.0) {
          const double distance = speed * (step > 0 ? layout.dt : layout.first_time);
          heading += curvature * distance;
          x += distance * std::cos(heading);
          y += distance * std::sin(heading);
          speed = std::clamp(speed + acceleration * layout.dt, 0.0, 20.0);
          if (wild && random.chance(0.3)) heading += random.uniform(-3.0, 3.0);
          if (wild && random.chance(0.1)) x += random.uniform(-15.0, 15.0);
        }
        push_pose(ego, vehicle, layout, x, y, heading, plan % 2 == 1, values);
      }
    }
  }
  return PlanSet(values, snapshot.num_worlds(), num_plans, num_steps, layout);
}

PlanSet random_controls(Random& random, int num_plans, int num_steps, double dt) {
  std::vector<float> values;
  for (int plan = 0; plan < num_plans; ++plan) {
    for (int step = 0; step < num_steps; ++step) {
      values.push_back(random.uniform_float(-5.0, 4.0));
      values.push_back(random.uniform_float(-0.1, 0.1));
    }
  }
  return PlanSet(values, 1, num_plans, num_steps, controls(dt));
}

std::string bytes_of(const FactColumns& columns) {
  std::string bytes;
#define FORKROAD_APPEND(type, name, unit, invalid, meaning)        \
  bytes.append(reinterpret_cast<const char*>(columns.name.data()), \
               columns.name.size() * sizeof(type));
  FORKROAD_FACT_FIELDS(FORKROAD_APPEND)
#undef FORKROAD_APPEND
  return bytes;
}

}  // namespace forkroad::test
