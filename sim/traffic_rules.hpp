// Traffic rules of a scene: stop lines with lights and signs, and who is on which crosswalk.
#pragma once

#include <span>
#include <vector>

#include "kernels/traffic_rules.hpp"
#include "sim/snapshot.hpp"
#include "worldmodel/agent_model.hpp"
#include "worldmodel/level_gate.hpp"

namespace forkroad {

struct TrafficRules {
  std::vector<StopLine> lines;
  std::vector<UsedCrosswalk> crosswalks;
  std::vector<RingEdge> crosswalk_edges;
  std::vector<uint8_t> states;  // [rows, row_size]
  int row_size = 0;             // num_steps + 1
  float stopped_x = kFarAway, stopped_y = kFarAway;

  RuleView view() const;
};

// One line per lane that has a light which is red or green at some step of the window, and one per
// lane that a stop sign controls, where they lie on the level of the window's focal track. A line
// is across the lane at the light's stop point or beside the sign. A rollout step between two log
// steps takes the earlier one. A crosswalk is kept if a pedestrian or cyclist of `agents` is on it
// at some step. `gate` is the map's for the focal track (LevelGate::of_map), `history` are the
// focal agent's states up to the start, `half_length` [m] its own.
TrafficRules find_traffic_rules(const Scene& scene, const RolloutWindow& window,
                                const LevelGate& gate, const AgentTable& agents,
                                std::span<const EgoState> history, float half_length);

}  // namespace forkroad
