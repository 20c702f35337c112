// Agent model "log": everyone does what the log says.
#pragma once

#include "worldmodel/agent_model.hpp"

namespace forkroad {

// State of a track at a time after the log's start [s]. A time on a log step returns the stored
// values bit for bit; between two observed steps position, velocity and size are linear and the
// heading takes the shorter arc; elsewhere the track is not observed.
AgentState state_in_log(const Scene& scene, const Track& track, double time);

class LogReplay final : public AgentModel {
 public:
  std::string_view name() const override { return "log"; }
  void rollout(const Scene& scene, const RolloutWindow& window, const LevelGate& level,
               AgentTable& agents) const override;
};

}  // namespace forkroad
