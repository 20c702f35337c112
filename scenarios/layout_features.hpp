// The map of a layout as a scene holds it: polylines, rings, links, lights.
#pragma once

#include <vector>

#include "scenarios/layout_truth.hpp"

namespace forkroad {

// Every feature of the layout in scene-local coordinates. Lanes come first, lane k with the id
// kFirstLaneId + k. Polylines stay within 1 mm of the exact curves.
std::vector<MapFeature> layout_features(const LayoutTruth& truth);

// The lights of the layout at a time [s]: one entry for each lane that has one.
std::vector<LaneSignal> layout_signals(const LayoutTruth& truth, double time);

}  // namespace forkroad
