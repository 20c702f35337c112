// Plans as box centre poses over time, in double precision from the description of PlanSet alone.
#pragma once

#include <vector>

#include "sim/plan_set.hpp"
#include "sim/snapshot.hpp"
#include "tests/polygon_reference.hpp"

namespace forkroad::test {

// Position of the rear axle, heading and speed of a kinematic bicycle, with library trigonometry.
struct ReferenceBicycle {
  double x = 0, y = 0, heading = 0, speed = 0;
};

// One step of the documented scheme: mean speed over the step, moved along the mid heading.
ReferenceBicycle step_reference_bicycle(const ReferenceBicycle& state, double acceleration,
                                        double curvature, double dt, double min_speed);

// The ego's box at rollout instants 0 .. num_steps of `dt` [s].
std::vector<ReferenceBox> reference_poses(const PlanSet& plans, int plan, const Snapshot& snapshot,
                                          int world, double dt, int num_steps,
                                          double min_speed = 0.0);

}  // namespace forkroad::test
