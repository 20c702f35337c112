// Centerlines: the lanes of a scene and the route through them, as straight pieces.
#pragma once

#include <vector>

#include "kernels/centerlines.hpp"
#include "scenarios/scene.hpp"
#include "worldmodel/level_gate.hpp"

namespace forkroad {

struct Centerlines {
  std::vector<CenterPiece> pieces;
  bool has_car_lanes = false;
  bool has_bike_lanes = false;
  bool has_emergency_lanes = false;
};

// Vertices that lie this near to the straight between others are left out [m].
inline constexpr float kCenterTolerance = 0.01f;
// How far beyond the end of the log's last lane a lane that begins there still is its route [m].
inline constexpr float kRouteBeyondLog = 100.0f;

// Lanes on the level of `track`. The route is the scene's own for its ego; for anyone else, and
// where none is given, the lanes that the logged path of `track` follows, what they lead to within
// 100 m of the end of the last one, and the lanes beside all of these in the same direction. The
// logged path is always part of it. Junctions are where lanes are interpolating or cross
// (lane_crossings.hpp); lanes for bicycles are left out there.
Centerlines find_centerlines(const Scene& scene, int track);
// With LevelGate::of_map(scene, track) at hand.
Centerlines find_centerlines(const Scene& scene, int track, const LevelGate& gate);

}  // namespace forkroad
