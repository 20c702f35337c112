// The plans of the single layouts; use make_layout().
#pragma once

#include "scenarios/layout.hpp"

namespace forkroad {

// Several lanes per direction on a straight road, with or without a median.
Layout multi_lane_layout(SceneRandom& random);
// One or two lanes per direction through one or two bends.
Layout curve_layout(SceneRandom& random);
// Four arms with traffic lights and crosswalks.
Layout crossing_layout(SceneRandom& random);
// A side street with a stop sign that meets a through road.
Layout t_layout(SceneRandom& random);
// Three or four arms around an island.
Layout roundabout_layout(SceneRandom& random);
// A ramp that joins a carriageway over an acceleration lane.
Layout merge_layout(SceneRandom& random);
// A road on a bridge over another road.
Layout overpass_layout(SceneRandom& random);
// A street, a way in, and a lot with one-way aisles and stalls.
Layout parking_lot_layout(SceneRandom& random);

}  // namespace forkroad
