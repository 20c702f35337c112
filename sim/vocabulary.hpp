// Vocabulary: a lattice of paths x speed profiles around what the focal agent did.
#pragma once

#include "sim/plan_set.hpp"
#include "sim/snapshot.hpp"

namespace forkroad {

struct VocabularySpec {
  double dt = 0.1;                // [s] between poses
  int num_steps = 80;             // poses per plan, the first one dt after the snapshot
  double max_lateral = 4.0;       // [m] largest sideways shift of a path
  double max_braking = 8.0;       // [m/s^2]
  double max_acceleration = 4.0;  // [m/s^2]
  double max_speed = 40.0;        // [m/s]
};

// `num_plans` plans per world, [B, K, T, 3] box centre poses in the scene frame. Paths follow the
// logged path, shifted sideways over a blend length; profiles ramp to another speed and keep it.
// Plan 0 follows the logged path at constant speed; plans that share a path lie beside each other.
// Depends on the snapshot and the spec alone.
PlanSet vocabulary(const SceneBatch& batch, const Snapshot& snapshot, int num_plans,
                   const VocabularySpec& spec = {});

// Shorthand: from the scenes' current steps, as far as the shortest log reaches.
PlanSet vocabulary(const SceneBatch& batch, int num_plans);

}  // namespace forkroad
