// Where a focal agent came from: poses before the start, for facts that look back.
#pragma once

#include <vector>

#include "kernels/ride.hpp"
#include "sim/snapshot.hpp"

namespace forkroad {

// Box centre poses 1, 2, ... `count` steps of `dt` [s] before the present of a world: between
// observed states of its history linear, the heading along the shorter arc; before the first
// observed one at that one's velocity.
std::vector<PastPose> past_poses(const Snapshot& snapshot, int world, double dt, int count);

}  // namespace forkroad
