#include "sim/snapshot.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "kernels/trig.hpp"
#include "worldmodel/log_replay.hpp"

namespace forkroad {
namespace {

constexpr float kMaxHeading = 1000.0f;  // [rad]
constexpr double kMinHistoryDt = 0.01;  // [s] however fine a log is

EgoState ego_in_log(const Scene& scene, const Track& track, double time) {
  const AgentState state = state_in_log(scene, track, time);
  return {state.x, state.y, state.heading, state.velocity_x, state.velocity_y, state.observed};
}

int resolve_focal_track(const Scene& scene, int focal_track) {
  const int track = focal_track < 0 ? scene.ego : focal_track;
  if (track < 0) {
    throw std::invalid_argument(
        fmt::format("Snapshot: scene '{}' has no ego; name a focal track", scene.id));
  }
  if (track >= static_cast<int>(scene.tracks.size())) {
    throw std::invalid_argument(
        fmt::format("Snapshot: scene '{}': got focal track {}, expected "
                    "below {}",
                    scene.id, track, scene.tracks.size()));
  }
  return track;
}

// NaN fails every comparison.
bool in_range(const EgoState& state) {
  return std::abs(state.x) <= kMaxLocalCoordinate && std::abs(state.y) <= kMaxLocalCoordinate &&
         std::abs(state.heading) <= kMaxHeading && std::abs(state.velocity_x) <= kMaxSpeed &&
         std::abs(state.velocity_y) <= kMaxSpeed;
}

}  // namespace

Snapshot Snapshot::of_log(const SceneBatch& batch) {
  std::vector<int> scenes, steps, tracks;
  for (int index = 0; index < batch.size(); ++index) {
    scenes.push_back(index);
    steps.push_back(batch.scene(index).current_step);
    tracks.push_back(-1);
  }
  return of_log(batch, scenes, steps, tracks);
}

Snapshot Snapshot::of_log(const SceneBatch& batch, std::span<const int> scenes,
                          std::span<const int> steps, std::span<const int> focal_tracks) {
  std::vector<VehicleModel> vehicles;
  std::vector<EgoState> history;
  // one spacing for all worlds: the finest log's
  double history_dt = 0.1;
  if (scenes.size() != steps.size() || scenes.size() != focal_tracks.size()) {
    throw std::invalid_argument(
        fmt::format("Snapshot::of_log: got {} scenes, {} steps, {} focal tracks, expected as many "
                    "of each",
                    scenes.size(), steps.size(), focal_tracks.size()));
  }
  for (const int index : scenes) {
    if (index < 0 || index >= batch.size()) {
      throw std::invalid_argument(
          fmt::format("Snapshot::of_log: got scene {}, the batch has {}", index, batch.size()));
    }
    history_dt = std::max(std::min(history_dt, batch.scene(index).dt), kMinHistoryDt);
  }
  const int size = static_cast<int>(std::lround(kHistorySeconds / history_dt)) + 1;
  for (size_t world = 0; world < scenes.size(); ++world) {
    const Scene& scene = batch.scene(scenes[world]);
    const Track& track =
        scene.tracks[static_cast<size_t>(resolve_focal_track(scene, focal_tracks[world]))];
    const int step = steps[world];
    if (step < 0 || step >= scene.num_steps || track.valid[static_cast<size_t>(step)] == 0) {
      throw std::invalid_argument(
          fmt::format("Snapshot: world {} (scene '{}'): track id {} is not observed at step {} of "
                      "{}",
                      world, scene.id, track.id, step, scene.num_steps));
    }
    for (int back = size - 1; back >= 0; --back) {
      history.push_back(ego_in_log(scene, track, step * scene.dt - back * history_dt));
    }
    const size_t at = static_cast<size_t>(step);
    vehicles.push_back(vehicle_from_box(track.length[at], track.width[at]));
  }
  return from_arrays(batch, scenes, steps, focal_tracks, vehicles, history, history_dt);
}

Snapshot Snapshot::from_arrays(const SceneBatch& batch, std::span<const int> scenes,
                               std::span<const int> steps, std::span<const int> focal_tracks,
                               std::span<const VehicleModel> vehicles,
                               std::span<const EgoState> history, double history_dt) {
  const size_t worlds = scenes.size();
  if (steps.size() != worlds || focal_tracks.size() != worlds || vehicles.size() != worlds) {
    throw std::invalid_argument(
        fmt::format("Snapshot: got {} scenes, {} steps, {} focal tracks, {} vehicles, expected as "
                    "many of each",
                    worlds, steps.size(), focal_tracks.size(), vehicles.size()));
  }
  if (worlds > 0 && (history.empty() || history.size() % worlds != 0)) {
    throw std::invalid_argument(
        fmt::format("Snapshot: got {} states of history, expected a multiple of {} worlds",
                    history.size(), worlds));
  }
  if (!std::isfinite(history_dt) || history_dt <= 0.0) {
    throw std::invalid_argument(
        fmt::format("Snapshot: got history_dt {} s, expected > 0", history_dt));
  }
  Snapshot snapshot;
  snapshot.history_size = worlds == 0 ? 1 : static_cast<int>(history.size() / worlds);
  snapshot.history_dt = history_dt;
  snapshot.history.assign(history.begin(), history.end());
  snapshot.vehicle.assign(vehicles.begin(), vehicles.end());
  snapshot.scene.assign(scenes.begin(), scenes.end());
  snapshot.step.assign(steps.begin(), steps.end());
  snapshot.focal_track.assign(focal_tracks.begin(), focal_tracks.end());
  for (size_t world = 0; world < worlds; ++world) {
    if (focal_tracks[world] >= 0 || scenes[world] < 0 || scenes[world] >= batch.size()) continue;
    snapshot.focal_track[world] = resolve_focal_track(batch.scene(scenes[world]), -1);
  }
  snapshot.check(batch);
  return snapshot;
}

void Snapshot::check(const SceneBatch& batch) const {
  const size_t worlds = scene.size();
  if (step.size() != worlds || focal_track.size() != worlds || vehicle.size() != worlds ||
      history_size < 1 || history.size() != worlds * static_cast<size_t>(history_size)) {
    throw std::invalid_argument(fmt::format(
        "Snapshot: got {} scenes, {} steps, {} focal tracks, {} vehicles, {} states of history of "
        "{} each; expected as many of each",
        worlds, step.size(), focal_track.size(), vehicle.size(), history.size(), history_size));
  }
  for (int world = 0; world < num_worlds(); ++world) {
    const size_t at = static_cast<size_t>(world);
    if (scene[at] < 0 || scene[at] >= batch.size()) {
      throw std::invalid_argument(fmt::format("Snapshot: world {}: got scene {}, the batch has {}",
                                              world, scene[at], batch.size()));
    }
    const Scene& here = batch.scene(scene[at]);
    if (step[at] < 0 || step[at] >= here.num_steps) {
      throw std::invalid_argument(
          fmt::format("Snapshot: world {} (scene '{}'): got step {}, expected 0 .. {}", world,
                      here.id, step[at], here.num_steps - 1));
    }
    if (focal_track[at] < 0) {
      throw std::invalid_argument(
          fmt::format("Snapshot: world {} (scene '{}'): got focal track {}, expected 0 .. {}",
                      world, here.id, focal_track[at], here.tracks.size() - 1));
    }
    resolve_focal_track(here, focal_track[at]);
    check_vehicle(vehicle[at]);
    const EgoState& state = ego(world);
    if (!in_range(state)) {
      throw std::invalid_argument(fmt::format(
          "Snapshot: world {} (scene '{}'): got a state at ({}, {}) m, heading {} rad, velocity "
          "({}, {}) m/s; expected finite values within {:g} m, {:g} rad, {:g} m/s",
          world, here.id, state.x, state.y, state.heading, state.velocity_x, state.velocity_y,
          kMaxLocalCoordinate, kMaxHeading, kMaxSpeed));
    }
  }
}

Snapshot Snapshot::fork(int copies) const {
  if (copies < 1) {
    throw std::invalid_argument(
        fmt::format("Snapshot::fork: got {} copies, expected >= 1", copies));
  }
  std::vector<int> worlds;
  for (int world = 0; world < num_worlds(); ++world) worlds.insert(worlds.end(), copies, world);
  return select(worlds);
}

Snapshot Snapshot::select(std::span<const int> worlds) const {
  Snapshot out;
  out.history_size = history_size;
  out.history_dt = history_dt;
  for (const int world : worlds) {
    if (world < 0 || world >= num_worlds()) {
      throw std::invalid_argument(
          fmt::format("Snapshot::select: got world {}, expected 0 .. {}", world, num_worlds() - 1));
    }
    const size_t at = static_cast<size_t>(world);
    out.scene.push_back(scene[at]);
    out.step.push_back(step[at]);
    out.focal_track.push_back(focal_track[at]);
    out.vehicle.push_back(vehicle[at]);
    const auto first = history.begin() + static_cast<std::ptrdiff_t>(at) * history_size;
    out.history.insert(out.history.end(), first, first + history_size);
  }
  return out;
}

const EgoState& Snapshot::ego(int world) const {
  return history[(static_cast<size_t>(world) + 1) * static_cast<size_t>(history_size) - 1];
}

float Snapshot::speed(int world) const {
  const EgoState& state = ego(world);
  const SinCos<float> unit = sin_cos(state.heading);
  return fma(state.velocity_y, unit.sin, state.velocity_x * unit.cos);
}

}  // namespace forkroad
