#include "worldmodel/log_replay.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "kernels/trig.hpp"
#include "worldmodel/level_gate.hpp"

namespace forkroad {
namespace {

// Times this close to a log step [steps] are on it.
constexpr double kOnStep = 1.0e-6;

AgentState logged_state(const Track& track, int step) {
  const size_t at = static_cast<size_t>(step);
  AgentState state;
  state.observed = track.valid[at] != 0;
  state.x = track.x[at];
  state.y = track.y[at];
  state.heading = track.heading[at];
  state.velocity_x = track.velocity_x[at];
  state.velocity_y = track.velocity_y[at];
  state.length = track.length[at];
  state.width = track.width[at];
  // the log's "other" objects (cones, barriers, debris) are no road users
  state.static_object = track.kind == AgentKind::kOther;
  return state;
}

// Where the agent touches the ground, its height that of the log step before.
Point3 ground_below(const Scene& scene, const Track& track, const AgentState& state, double time) {
  const double step = std::clamp(std::floor(time / scene.dt + kOnStep), 0.0,
                                 static_cast<double>(scene.num_steps - 1));
  const size_t at = static_cast<size_t>(step);
  return {state.x, state.y, track.z[at] - 0.5f * track.height[at]};
}

float between(float from, float to, float fraction) { return fma(fraction, to - from, from); }

}  // namespace

AgentState state_in_log(const Scene& scene, const Track& track, double time) {
  const double position = time / scene.dt;
  const double nearest = std::nearbyint(position);
  if (nearest < -kOnStep || nearest > scene.num_steps - 1 + kOnStep) return {};
  if (std::abs(position - nearest) < kOnStep) return logged_state(track, static_cast<int>(nearest));
  const int lower = static_cast<int>(std::floor(position));
  if (lower < 0 || lower + 1 >= scene.num_steps) return {};
  const AgentState from = logged_state(track, lower);
  const AgentState to = logged_state(track, lower + 1);
  if (!from.observed || !to.observed) return {};
  const float fraction = static_cast<float>(position - lower);
  AgentState state = to;
  state.x = between(from.x, to.x, fraction);
  state.y = between(from.y, to.y, fraction);
  state.heading = fma(fraction, wrap_angle(to.heading - from.heading), from.heading);
  state.velocity_x = between(from.velocity_x, to.velocity_x, fraction);
  state.velocity_y = between(from.velocity_y, to.velocity_y, fraction);
  state.length = between(from.length, to.length, fraction);
  state.width = between(from.width, to.width, fraction);
  return state;
}

void LogReplay::rollout(const Scene& scene, const RolloutWindow& window, const LevelGate& level,
                        AgentTable& agents) const {
  const int num_tracks = static_cast<int>(scene.tracks.size());
  const int num_agents = num_tracks - (window.focal_track >= 0 ? 1 : 0);
  agents.reset(num_agents, window.num_steps);
  int agent = 0;
  for (int track = 0; track < num_tracks; ++track) {
    if (track == window.focal_track) continue;
    agents.track[static_cast<size_t>(agent)] = track;
    for (int step = 0; step <= window.num_steps; ++step) {
      const double time = window.start_step * scene.dt + step * window.dt;
      const Track& logged = scene.tracks[static_cast<size_t>(track)];
      AgentState state = state_in_log(scene, logged, time);
      // whoever drives over or under the focal agent's road is not met there
      state.observed = state.observed && level.on_level(ground_below(scene, logged, state, time));
      agents.set(agent, step, state);
    }
    ++agent;
  }
  agents.finish();
}

}  // namespace forkroad
