// Adversarial scenes and plans for tests of contact facts.
#pragma once

#include <string>

#include "sim/facts.hpp"
#include "sim/snapshot.hpp"
#include "tests/random.hpp"
#include "tests/scene_builder.hpp"

namespace forkroad::test {

// An ego at the origin among parked and crossing cars, oncoming traffic at 30 m/s, pedestrians,
// followers, agents that appear and vanish, and in one scene of eight one that already overlaps
// the ego.
Scene adversarial_scene(Random& random, int num_agents, int num_steps);

// Poses of the box centre from the ego's position: smooth drives, and one in eight that jumps and
// spins.
PlanSet adversarial_poses(Random& random, const Snapshot& snapshot, int num_plans, int num_steps,
                          const PlanLayout& layout);

PlanSet random_controls(Random& random, int num_plans, int num_steps, double dt);

// Bytes of every column, to compare facts to the bit.
std::string bytes_of(const FactColumns& columns);

}  // namespace forkroad::test
