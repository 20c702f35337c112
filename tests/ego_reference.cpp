#include "tests/ego_reference.hpp"

#include <algorithm>
#include <cmath>

namespace forkroad::test {
namespace {

struct ReferencePose {
  double x, y, heading;
};

// The snapshot's pose of the plan's reference point.
ReferencePose start_of(const Snapshot& snapshot, int world, bool rear_axle) {
  const EgoState& ego = snapshot.ego(world);
  const VehicleModel& vehicle = snapshot.vehicle[static_cast<size_t>(world)];
  const double offset = rear_axle ? static_cast<double>(vehicle.rear_axle_to_center) : 0.0;
  const double heading = static_cast<double>(ego.heading);
  return {static_cast<double>(ego.x) - offset * std::cos(heading),
          static_cast<double>(ego.y) - offset * std::sin(heading), heading};
}

ReferencePose pose_at(const PlanSet& plans, int world, int plan, double time,
                      const ReferencePose& start) {
  const PlanLayout& layout = plans.layout();
  const bool ego_frame = layout.frame == PlanFrame::kEgo;
  const auto pose_of = [&](int step) -> ReferencePose {
    if (step < 0) return ego_frame ? ReferencePose{0, 0, 0} : start;
    return {static_cast<double>(plans.value(world, plan, step, 0)),
            static_cast<double>(plans.value(world, plan, step, 1)),
            static_cast<double>(plans.value(world, plan, step, 2))};
  };
  double position = (time - layout.first_time) / layout.dt;
  ReferencePose from = start, to = start;
  double fraction = 0.0;
  if (position < -1.0e-5) {
    from = pose_of(-1);
    to = pose_of(0);
    fraction = time / layout.first_time;
  } else {
    position = std::max(position, 0.0);
    const int lower = std::min(static_cast<int>(position + 1.0e-5), plans.num_steps() - 1);
    from = pose_of(lower);
    to = pose_of(std::min(lower + 1, plans.num_steps() - 1));
    fraction = std::max(position - lower, 0.0);
    if (fraction < 1.0e-5) fraction = 0.0;
  }
  ReferencePose pose = {
      from.x + fraction * (to.x - from.x), from.y + fraction * (to.y - from.y),
      from.heading + fraction * std::remainder(to.heading - from.heading, 2.0 * std::acos(-1.0))};
  if (!ego_frame) return pose;
  return {start.x + std::cos(start.heading) * pose.x - std::sin(start.heading) * pose.y,
          start.y + std::sin(start.heading) * pose.x + std::cos(start.heading) * pose.y,
          start.heading + pose.heading};
}

}  // namespace

ReferenceBicycle step_reference_bicycle(const ReferenceBicycle& state, double acceleration,
                                        double curvature, double dt, double min_speed) {
  const double speed = std::max(state.speed + acceleration * dt, min_speed);
  const double distance = 0.5 * (state.speed + speed) * dt;
  const double turn = curvature * distance;
  const double middle = state.heading + 0.5 * turn;
  return {state.x + distance * std::cos(middle), state.y + distance * std::sin(middle),
          state.heading + turn, speed};
}

std::vector<ReferenceBox> reference_poses(const PlanSet& plans, int plan, const Snapshot& snapshot,
                                          int world, double dt, int num_steps, double min_speed) {
  const VehicleModel& vehicle = snapshot.vehicle[static_cast<size_t>(world)];
  const bool is_controls = plans.layout().kind == PlanKind::kControls;
  const bool rear_axle = is_controls || plans.layout().reference == ReferencePoint::kRearAxle;
  const double offset = rear_axle ? static_cast<double>(vehicle.rear_axle_to_center) : 0.0;
  const ReferencePose start = start_of(snapshot, world, rear_axle);
  ReferenceBicycle bicycle = {start.x, start.y, start.heading,
                              static_cast<double>(snapshot.speed(world))};
  std::vector<ReferenceBox> boxes;
  for (int step = 0; step <= num_steps; ++step) {
    ReferencePose pose;
    if (is_controls) {
      if (step > 0) {
        const int row = std::min(static_cast<int>((step - 1) * dt / plans.layout().dt + 1.0e-5),
                                 plans.num_steps() - 1);
        bicycle = step_reference_bicycle(
            bicycle, static_cast<double>(plans.value(world, plan, row, 0)),
            static_cast<double>(plans.value(world, plan, row, 1)), dt, min_speed);
      }
      pose = {bicycle.x, bicycle.y, bicycle.heading};
    } else {
      pose = step == 0 && plans.layout().first_time > 1.0e-6
                 ? start
                 : pose_at(plans, world, plan, step * dt, start);
    }
    boxes.push_back({pose.x + offset * std::cos(pose.heading),
                     pose.y + offset * std::sin(pose.heading), pose.heading,
                     0.5 * static_cast<double>(vehicle.length),
                     0.5 * static_cast<double>(vehicle.width)});
  }
  return boxes;
}

}  // namespace forkroad::test
