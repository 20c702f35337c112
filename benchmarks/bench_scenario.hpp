// The made-up log that the benchmarks of files share.
#pragma once

#include "tests/womd_writer.hpp"

namespace forkroad {

// About the size and make of a real WOMD record: 91 steps, 300 map features of 60 points, of which
// two in three are lanes, and 12 lights.
test::ScenarioSpec bench_scenario(int num_tracks);

}  // namespace forkroad
