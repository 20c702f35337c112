// RolloutSpec: how plans become motion and what counts as contact. Facts carry the spec they were
// measured under.
#pragma once

#include "kernels/ride.hpp"
#include "kernels/time_to_collision.hpp"

namespace forkroad {

// float is the product; double runs the same text on double lanes and is what references are
// checked against.
enum class Precision : uint8_t { kFloat, kDouble };

struct RolloutSpec {
  double dt = 0;        // [s] of a rollout step; 0: each scene's own
  int num_steps = 0;    // steps to simulate; 0: as far as both the plans and the log reach
  float min_speed = 0;  // [m/s] the bicycle never goes slower; negative lets it reverse
  ContactRule contact;  // swept at 4 sub-steps unless said otherwise
  Precision precision = Precision::kFloat;
  float collision_horizon = 1.0f;  // [s] time to collision saturates here; >= 0
  ComfortLimits comfort;           // what discomfort_step is judged by
};

}  // namespace forkroad
