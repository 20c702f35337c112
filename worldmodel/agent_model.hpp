// AgentModel: what moves the other road users during a rollout.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "scenarios/scene.hpp"
#include "worldmodel/agent_table.hpp"
#include "worldmodel/level_gate.hpp"

namespace forkroad {

// The stretch of a scene that a rollout covers.
struct RolloutWindow {
  int focal_track = -1;  // the track whose plans are simulated; never its own partner
  int start_step = 0;    // log step of the rollout's instant 0
  double dt = 0;         // [s] of a rollout step
  int num_steps = 0;     // instants 0 .. num_steps
};

class AgentModel {
 public:
  virtual ~AgentModel() = default;

  // The name that make_agent_model takes, e.g. "log".
  virtual std::string_view name() const = 0;

  // Fills the table with every other agent over the window; who is not on the level of the focal
  // track is not observed. Agents of a model that does not react are the same for all plans; this
  // is the only kind so far.
  virtual void rollout(const Scene& scene, const RolloutWindow& window, const LevelGate& level,
                       AgentTable& agents) const = 0;
};

// Makes a model by name. Throws std::invalid_argument naming the known ones.
std::unique_ptr<AgentModel> make_agent_model(std::string_view name);

}  // namespace forkroad
