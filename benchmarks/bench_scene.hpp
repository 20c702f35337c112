// The seeded scene that rollout benchmarks share: a busy crossing of straight and curving traffic.
#pragma once

#include "scenarios/scene.hpp"

namespace forkroad {

// `num_agents` others around an ego at the origin, `num_steps` + 1 log steps of 0.1 s from the
// current step 0. Agents start within 75 m and keep speed and yaw rate; about one in four stands.
Scene bench_scene(int num_agents, int num_steps, uint64_t seed);

}  // namespace forkroad
