// What the log itself does wrong, which no plan is blamed for: its own contacts and where it is off
// the road.
#pragma once

#include <span>
#include <vector>

#include "kernels/contact.hpp"
#include "kernels/road.hpp"
#include "sim/drivable_raster.hpp"
#include "worldmodel/agent_table.hpp"

namespace forkroad {

// How far beyond the log a plan may go, and how long before and after it.
inline constexpr double kExcuseTime = 0.3;    // [s]
inline constexpr float kExcuseDepth = 0.10f;  // [m]
inline constexpr float kExcuseSpeed = 0.5f;   // [m/s]

// Marks in `agents` what is excused: contact with an agent within 0.3 s of a contact that the boxes
// of `log` (one per step) have with it in `logged`, no more than 0.10 m deeper than the deepest and
// no more than 0.5 m/s faster than the fastest of those. Agents are matched by track.
void excuse_log_contacts(std::span<const Obb<float>> log, const AgentTable& logged,
                         const ContactRule& rule, double dt, AgentTable& agents);

// Per step the boxes of the log, 0.10 m wider all around, that have a corner off the road within
// 0.3 s. Empty where the log stays on it.
struct LogOffRoadBoxes {
  std::vector<int32_t> begin;  // [num_steps + 2] into boxes, or none
  std::vector<Obb<float>> boxes;

  LogOffRoad view() const;
};

LogOffRoadBoxes find_log_off_road(std::span<const Obb<float>> log, const DrivableRaster& drivable,
                                  double dt);

}  // namespace forkroad
