// What the contact pass reads of the other road users: plain records, no plan axis (broadcast).
#pragma once

#include <cstdint>

namespace forkroad {

// Steps per tile of the contact pass; candidates are compacted once per tile.
inline constexpr int kTileSteps = 10;
// Agent rows of the tile boxes are padded to this many, so that any lane type may load them.
inline constexpr int kAgentPadding = 16;
// Relative rounding slack of coordinates in tile boxes and bounds.
inline constexpr float kCoordinateSlack = 2.4e-7f;
// Where an agent is not observed its circle lies here [m]: no plan reaches it.
inline constexpr float kFarAway = 1.0e18f;

enum AgentFlag : int32_t {
  kAgentSweeps = 1,      // observed at the previous step too, so its motion is swept
  kAgentStatic = 2,      // not a road user: never "active" in a contact class
  kAgentExcused = 4,     // the log touches it about now: excuse_gap and excuse_speed hold
  kAgentWasExcused = 8,  // at this step or the one before
};

// One agent at one step, the part that every candidate's cull reads.
struct AgentCircle {
  float x, y;                    // [m] box centre; kFarAway if not observed
  float velocity_x, velocity_y;  // [m/s]
  float reach;                   // [m] circumradius plus travel
  float travel;                  // [m] bound on any point's travel since the previous step
  float speed2;                  // [m^2/s^2]
  int32_t flags;                 // AgentFlag
};

// One agent at one step, the part that only close pairs read.
struct AgentBox {
  float cos, sin;                 // unit heading
  float half_length, half_width;  // [m]
  float x_before, y_before;       // [m] the previous step; equal to now if not observed then
  float cos_before, sin_before;
  // now minus before, so that no lane repeats work that is the same for all plans
  float dx, dy, dcos, dsin;
  // A contact is the log's own, not the plan's fault, while it is no deeper and no faster.
  float excuse_gap;    // [m] <= 0
  float excuse_speed;  // [m/s]
  float pad[2];
};

}  // namespace forkroad
