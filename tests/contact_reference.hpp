// The contact facts once more, from their description alone, in double precision and with polygon
// clipping: what the product is checked against.
#pragma once

#include <vector>

#include "kernels/contact.hpp"
#include "scenarios/scene.hpp"
#include "tests/polygon_reference.hpp"

namespace forkroad::test {

// A road user at one instant.
struct ReferenceAgent {
  bool observed = false;
  ReferenceBox box;
  double velocity_x = 0, velocity_y = 0;  // [m/s]
  bool is_static_object = false;
};

// Everything that the facts of one plan depend on.
struct ReferenceRollout {
  double dt = 0;                                    // [s]
  std::vector<ReferenceBox> ego;                    // at instants 0 .. num_steps
  double velocity_x = 0, velocity_y = 0;            // [m/s] of the ego before instant 0
  std::vector<std::vector<ReferenceAgent>> agents;  // [num_steps + 1][agents]
  ContactRule rule;
};

struct ReferenceFacts {
  int instant = -1;  // in sub-steps from the start
  int agent = -1;
  ContactClass contact_class = ContactClass::kNone;
  double relative_speed = 0;
  double clearance = 0;
  int clearance_step = -1, clearance_agent = -1;
  // how far the decisions are from turning out differently
  double contact_margin = 1.0e9;    // [m] for instant and agent
  double class_margin = 1.0e9;      // [m] or [m/s]
  double clearance_margin = 1.0e9;  // [m] to the runner-up in another step or of another agent
};

// The box part of the way: centre linear, heading along the normalised chord.
ReferenceBox interpolate(const ReferenceBox& from, const ReferenceBox& to, double fraction);

// A track at a time after the log's start: stored values on a log step, else linear between two
// observed ones, heading along the shorter arc.
ReferenceAgent agent_in_log(const Scene& scene, const Track& track, double time);

// Every track but the focal one over instants 0 .. num_steps from a log step.
std::vector<std::vector<ReferenceAgent>> agents_in_log(const Scene& scene, int focal_track,
                                                       int start_step, double dt, int num_steps);

ReferenceFacts measure_contact(const ReferenceRollout& rollout);

}  // namespace forkroad::test
