// The logged motion of the focal agents as a plan.
#pragma once

#include "sim/plan_set.hpp"
#include "sim/snapshot.hpp"

namespace forkroad {

// One plan of one world, [1, 1, num_steps + 1, 3] poses of the box centre in the scene frame at 0,
// `dt`, ... Where the log does not observe the agent the pose before is held. On the log's own
// steps the poses are the stored bits.
PlanSet log_plan(const Scene& scene, const Snapshot& snapshot, int world, double dt, int num_steps);

// Log perturbations: plan 0 is the log; the others drift to a side by up to `max_lateral` [m] at
// the horizon's end and advance by up to `max_stretch` (a share) more or less than the log did.
// Uniform, from Philox keyed by (seed, scene id, plan): the same whatever else is in the batch.
struct PerturbationSpec {
  double dt = 0.1;  // [s]
  int num_steps = 80;
  float max_lateral = 2.0f;  // [m]
  float max_stretch = 0.3f;
  uint64_t seed = 0;
};

PlanSet log_perturbations(const SceneBatch& batch, const Snapshot& snapshot, int num_plans,
                          const PerturbationSpec& spec);

}  // namespace forkroad
