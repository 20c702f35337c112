// PlaneLine: a polyline in the plane, and which of its vertices matter.
#pragma once

#include <array>
#include <vector>

namespace forkroad {

using PlaneLine = std::vector<std::array<float, 2>>;  // [m]

// The line without the vertices that lie within `tolerance` [m] of the straight between those that
// stay (Douglas and Peucker, 256 vertices at a time). Its ends stay.
PlaneLine simplify(const PlaneLine& line, float tolerance);

}  // namespace forkroad
