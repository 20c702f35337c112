// Stop lines of a scene: where lanes with a light are entered, and when they are red.
#pragma once

#include <vector>

#include "kernels/road.hpp"
#include "sim/drivable_area.hpp"
#include "worldmodel/agent_model.hpp"

namespace forkroad {

struct StopLines {
  std::vector<StopLine> lines;
  std::vector<uint8_t> red;  // [lines, num_steps + 1]
};

// One line per lane that is red (stop, arrow stop or flashing stop) at some step of the window and
// lies on the level of the window's focal track, across the lane at the light's stop point. A
// rollout step between two log steps takes the earlier one.
StopLines find_stop_lines(const Scene& scene, const RolloutWindow& window);

}  // namespace forkroad
