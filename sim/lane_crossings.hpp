// Where lanes of cars cross: junctions, also of maps that do not say which lanes lie in one.
#pragma once

#include <vector>

#include "kernels/centerlines.hpp"

namespace forkroad {

// How far along a lane [m] from a place where another crosses it the junction reaches.
inline constexpr float kCrossingReach = 15.0f;

// Marks what of the lanes lies within kCrossingReach of a crossing with a lane of cars as
// kInJunction; pieces are cut where that begins and ends. Lanes that meet at their ends, as forks
// and joins do, do not cross. Pieces of a lane must stand beside each other, in its order.
std::vector<CenterPiece> mark_crossings(const std::vector<CenterPiece>& pieces);

}  // namespace forkroad
