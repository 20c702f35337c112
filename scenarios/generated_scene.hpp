// A small generated scene, so that nothing needs data: a two-lane road, a leader that brakes,
// oncoming traffic, a parked car and a pedestrian who crosses.
#pragma once

#include "scenarios/scene.hpp"

namespace forkroad {

struct GeneratedSceneSpec {
  double dt = 0.1;        // [s]
  int num_steps = 91;     // T >= 1
  int current_step = 10;  // below num_steps
};

// The same scene for the same spec, to the bit. Track 0 is the ego. Throws std::invalid_argument
// on a spec out of range.
Scene generated_scene(const GeneratedSceneSpec& spec = {});

}  // namespace forkroad
