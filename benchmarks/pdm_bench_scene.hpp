// The seeded NAVSIM scene that benchmarks and tests share: a grid of two-lane roads in traffic.
#pragma once

#include <vector>

#include "sim/pdm_scene.hpp"

namespace forkroad {

// 246 polygons over 200 m x 200 m and 63 objects within 40 m.
PdmScene pdm_bench_scene();

// Plans over speed x curvature, neighbours beside each other: [N, 41, 3].
std::vector<double> pdm_lattice_plans(const PdmScene& scene, int num_plans);

}  // namespace forkroad
