// The other road users over a rollout's steps, laid out for the contact pass.
#pragma once

#include <vector>

#include "kernels/agent_steps.hpp"

namespace forkroad {

// What an agent model says of one agent at one step. Scene-local metres, radians.
struct AgentState {
  bool observed = false;
  float x = 0, y = 0;                    // [m] box centre
  float heading = 0;                     // [rad]
  float velocity_x = 0, velocity_y = 0;  // [m/s]
  float length = 0, width = 0;           // [m]
  bool static_object = false;
};

class AgentTable {
 public:
  // Makes room for `num_agents` agents at instants 0 .. num_steps. Reuses memory.
  void reset(int num_agents, int num_steps);

  // Sets one agent at one step; steps of an agent in increasing order.
  void set(int agent, int step, const AgentState& state);

  // Computes tile boxes once every state is set.
  void finish();

  // Seconds ahead for which partners of a collision course must be found; kept by reset.
  void set_look_ahead(float seconds) { look_ahead_ = seconds; }

  // Excuses contact with an agent at a step down to `gap` [m] <= 0 and up to a relative speed
  // [m/s]; the log does no better.
  void excuse(int agent, int step, float gap, float speed);

  int num_agents() const { return num_agents_; }
  int padded_agents() const { return padded_agents_; }
  int num_steps() const { return num_steps_; }
  const AgentCircle* circles() const { return circles_.data(); }  // [num_steps + 1, agents]
  const AgentBox* boxes() const { return boxes_.data(); }         // [num_steps + 1, agents]
  const float* tile_boxes() const { return tile_boxes_.data(); }  // [tiles, 4, padded]
  int num_tiles() const { return num_steps_ / kTileSteps + 1; }

  // Poses as they were set, [num_steps + 1, agents], NaN where not observed.
  void copy_poses(std::vector<float>& x, std::vector<float>& y, std::vector<float>& heading) const;

  // Scene track of each agent.
  std::vector<int> track;

 private:
  int num_agents_ = 0, padded_agents_ = 0, num_steps_ = 0;
  float look_ahead_ = 0;  // [s]
  std::vector<AgentCircle> circles_;
  std::vector<AgentBox> boxes_;
  std::vector<float> tile_boxes_;
  std::vector<float> heading_;  // [num_steps + 1, agents], the passes need only its sine and cosine
};

}  // namespace forkroad
