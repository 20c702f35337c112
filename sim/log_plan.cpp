#include "sim/log_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "kernels/philox.hpp"
#include "kernels/trig.hpp"
#include "worldmodel/log_replay.hpp"

namespace forkroad {
namespace {

// Poses of one world's log at 0, dt, ..., the last observed one held: [num_steps + 1, 3].
std::vector<float> logged_poses(const Scene& scene, const Snapshot& snapshot, int world, double dt,
                                int num_steps) {
  const size_t at = static_cast<size_t>(world);
  const Track& track = scene.tracks[static_cast<size_t>(snapshot.focal_track[at])];
  const EgoState& ego = snapshot.ego(world);
  std::vector<float> poses = {ego.x, ego.y, ego.heading};
  for (int step = 1; step <= num_steps; ++step) {
    const AgentState state = state_in_log(scene, track, snapshot.step[at] * scene.dt + step * dt);
    const size_t last = poses.size() - 3;
    const float held[3] = {poses[last], poses[last + 1], poses[last + 2]};
    poses.push_back(state.observed ? state.x : held[0]);
    poses.push_back(state.observed ? state.y : held[1]);
    poses.push_back(state.observed ? state.heading : held[2]);
  }
  return poses;
}

// 64-bit FNV-1a of a scene id: random numbers depend on ids, never on batch positions.
uint64_t hash_id(const std::string& id) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

// The logged pose at a fractional step, moved sideways.
void perturbed_pose(const std::vector<float>& poses, float position, float lateral, float* out) {
  const int last = static_cast<int>(poses.size() / 3) - 1;
  int lower = std::min(static_cast<int>(position), last);
  // past the end the last segment goes on; on it, the logged pose keeps its bits
  if (lower == last && position > static_cast<float>(last)) lower = std::max(last - 1, 0);
  const size_t from = static_cast<size_t>(lower) * 3;
  const size_t to = static_cast<size_t>(std::min(lower + 1, last)) * 3;
  const float fraction = position - static_cast<float>(lower);  // above 1: extrapolates
  const float heading = fma(fraction, wrap_angle(poses[to + 2] - poses[from + 2]), poses[from + 2]);
  const SinCos<float> unit = sin_cos(heading);
  out[0] = fma(-lateral, unit.sin, fma(fraction, poses[to] - poses[from], poses[from]));
  out[1] = fma(lateral, unit.cos, fma(fraction, poses[to + 1] - poses[from + 1], poses[from + 1]));
  out[2] = heading;
}

}  // namespace

PlanSet log_plan(const Scene& scene, const Snapshot& snapshot, int world, double dt,
                 int num_steps) {
  return PlanSet(logged_poses(scene, snapshot, world, dt, num_steps), 1, 1, num_steps + 1,
                 {PlanKind::kPoses, dt, 0.0, PlanFrame::kScene, ReferencePoint::kBoxCenter});
}

PlanSet log_perturbations(const SceneBatch& batch, const Snapshot& snapshot, int num_plans,
                          const PerturbationSpec& spec) {
  if (num_plans < 1 || spec.num_steps < 1 || !(spec.dt > 0.0) || !(spec.max_lateral >= 0.0f) ||
      !(spec.max_stretch >= 0.0f && spec.max_stretch <= 1.0f)) {
    throw std::invalid_argument(fmt::format(
        "log_perturbations: got {} plans, {} steps of {} s, max_lateral {} m, max_stretch {}; "
        "expected at least one plan and step, dt > 0, max_lateral >= 0, max_stretch in [0, 1]",
        num_plans, spec.num_steps, spec.dt, spec.max_lateral, spec.max_stretch));
  }
  const size_t row = static_cast<size_t>(spec.num_steps + 1) * 3;
  std::vector<float> values(static_cast<size_t>(snapshot.num_worlds()) *
                            static_cast<size_t>(num_plans) * row);
  float* out = values.data();
  for (int world = 0; world < snapshot.num_worlds(); ++world) {
    const Scene& scene = batch.scene(snapshot.scene[static_cast<size_t>(world)]);
    const std::vector<float> poses = logged_poses(scene, snapshot, world, spec.dt, spec.num_steps);
    const uint64_t key = spec.seed ^ hash_id(scene.id);
    for (int plan = 0; plan < num_plans; ++plan) {
      const PhiloxWords words = philox(key, {{0, 0, 0, static_cast<uint32_t>(plan)}});
      const float side = plan == 0 ? 0.0f : 2.0f * uniform(words.word[0]) - 1.0f;
      const float stretch = plan == 0 ? 0.0f : 2.0f * uniform(words.word[1]) - 1.0f;
      for (int step = 0; step <= spec.num_steps; ++step, out += 3) {
        const float share = static_cast<float>(step) / static_cast<float>(spec.num_steps);
        const float ease = share * share * (3.0f - 2.0f * share);
        const float position = static_cast<float>(step) * (1.0f + stretch * spec.max_stretch);
        perturbed_pose(poses, position, side * spec.max_lateral * ease, out);
      }
    }
  }
  return PlanSet(values, snapshot.num_worlds(), num_plans, spec.num_steps + 1,
                 {PlanKind::kPoses, spec.dt, 0.0, PlanFrame::kScene, ReferencePoint::kBoxCenter});
}

}  // namespace forkroad
