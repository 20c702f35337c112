// The procedural generator: scenes of many layouts with reactive traffic, free of any data set's
// licence. Nobody touches anybody, vehicles stay on drivable ground, nobody enters on red.
#pragma once

#include <array>
#include <cstdint>

#include "scenarios/layout_truth.hpp"
#include "scenarios/traffic_log.hpp"

namespace forkroad {

struct GeneratorSpec {
  double dt = 0.1;        // [s] 0.01 to 1
  int num_steps = 91;     // T >= 1, at most 10 minutes in all
  int current_step = 10;  // below num_steps
};

// How often traffic was drawn anew before a run was without fault.
struct GenerationCounts {
  int draws = 0;                // runs, the last one good
  std::array<int, 6> faults{};  // by TrafficFault
};

struct GeneratedScene {
  Scene scene;        // track 0 is the ego
  LayoutTruth truth;  // in the scene's local frame
  GenerationCounts counts;
};

// Scene `index` of a job. It depends on its arguments alone and has the same bits on every
// machine: no trigonometry of the standard library, no random device, no order of threads.
// Throws std::invalid_argument on a spec out of range.
GeneratedScene generate_scene(const GeneratorSpec& spec, LayoutKind layout, uint64_t seed,
                              uint64_t index = 0);

}  // namespace forkroad
