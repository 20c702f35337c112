// What of a NAVSIM scene is near a tile's lanes.
#pragma once

#include "kernels/pdm_areas.hpp"

namespace forkroad {

// Fills `near` with the polygons, objects and centre line segments that the tile's lanes can meet:
// `body` bounds their boxes, `reach` their boxes moved on for TTC.
template <class S>
void find_near(const PdmView<S>& view, int tile, const Rectangle<S>& body,
               const Rectangle<S>& reach, PdmTile<S>& near);

}  // namespace forkroad
