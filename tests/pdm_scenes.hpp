// NAVSIM scenes of the C++ tests: the benchmark's scene, moved, turned on and lit.
#pragma once

#include <vector>

#include "benchmarks/pdm_bench_scene.hpp"
#include "sim/pdm_scene.hpp"

namespace forkroad {

struct PdmTestSpec {
  double shift_x = 0.0, shift_y = 0.0;  // [m] of the whole world
  int red_lights = 0;                   // on the first lane connectors
};

PdmScene pdm_test_scene(const PdmTestSpec& spec = {});

// Lattice plans as plan blocks relative to the ego, as PdmPasses wants them.
std::vector<double> pdm_test_blocks(const PdmScene& scene, int num_plans);
// Plans [N, 41, 3] as such plan blocks.
std::vector<double> pdm_plan_blocks(const PdmScene& scene, const std::vector<double>& plans);

}  // namespace forkroad
