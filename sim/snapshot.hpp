// Snapshot: the complete state of B worlds, from which plans fork.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/scene_batch.hpp"
#include "sim/vehicle_model.hpp"

namespace forkroad {

// State of a focal agent at one instant, scene-local.
struct EgoState {
  float x = 0, y = 0;                    // [m] box centre
  float heading = 0;                     // [rad]
  float velocity_x = 0, velocity_y = 0;  // [m/s]
  bool observed = true;                  // 0 in a history that began later
};

// Seconds of past that a snapshot carries, where the log has them.
inline constexpr double kHistorySeconds = 2.0;

struct Snapshot {
  // One world per scene of the batch, at its current step, with the ego as focal agent. Throws
  // std::invalid_argument if a scene has no ego or the ego is not observed there.
  static Snapshot of_log(const SceneBatch& batch);

  // Worlds as listed: scene index, log step, focal track (-1: the scene's ego). [B] each.
  static Snapshot of_log(const SceneBatch& batch, std::span<const int> scenes,
                         std::span<const int> steps, std::span<const int> focal_tracks);

  // Worlds whose focal agent is in the given states instead of the logged ones, such as those that
  // another simulator reached: `history` is [B, H] states, oldest first, `history_dt` [s] apart,
  // the last one is the present.
  static Snapshot from_arrays(const SceneBatch& batch, std::span<const int> scenes,
                              std::span<const int> steps, std::span<const int> focal_tracks,
                              std::span<const VehicleModel> vehicles,
                              std::span<const EgoState> history, double history_dt);

  // Every world `copies` times, copies of a world beside each other.
  Snapshot fork(int copies) const;
  // The listed worlds, in the order given; a world may be listed more than once.
  Snapshot select(std::span<const int> worlds) const;

  // Throws std::invalid_argument if a world does not fit the batch or holds a value out of range:
  // positions within kMaxLocalCoordinate, headings within 1000 rad, speeds within kMaxSpeed,
  // vehicles of positive size below 1000 m.
  void check(const SceneBatch& batch) const;

  int num_worlds() const { return static_cast<int>(scene.size()); }
  const EgoState& ego(int world) const;
  // The scene's own frame is kept; angles in radians.
  float speed(int world) const;  // [m/s] along the heading, negative when rolling back

  // [B], public because a snapshot is data: what is stored is what is restored
  std::vector<int> scene;
  std::vector<int> step;
  std::vector<int> focal_track;
  std::vector<VehicleModel> vehicle;
  std::vector<EgoState> history;  // [B, history_size], oldest first, the last is the present
  int history_size = 1;
  double history_dt = 0;  // [s]
};

}  // namespace forkroad
