// RingParts: which parts of a square lie inside of a ring, and which its border may cross. One lane
// is one part.
#pragma once

#include "sim/edge_sides.hpp"

namespace forkroad {

// Of the parts from `first` on, as many as there are lanes.
template <class F>
PartsOfRing parts_of_ring(const RingList& list, const PartBoxes<F>& boxes, int first) {
  const F half = F(boxes.half), margin = F(kSideMargin);
  const F min_x = boxes.middle.x - half, max_x = boxes.middle.x + half;
  const F min_y = boxes.middle.y - half, max_y = boxes.middle.y + half;
  MaskOf<F> crossed = lane_mask<F>(0), inside = crossed;
  for (int k = 0; k < list.count; ++k) {
    const RingLine& line = list.lines[list.near[k]];
    const F left = F(min(line.ax, line.bx)), right = F(max(line.ax, line.bx));
    const F low = F(min(line.ay, line.by)), high = F(max(line.ay, line.by));
    const MaskOf<F> met =
        (low <= max_y + margin) & (high >= min_y - margin) & (right >= min_x - margin);
    if (!any(met)) continue;
    list.parts[k] |= bits(met) << first;
    const EdgeSides<F> sides = boxes.sides(line.ax, line.ay, line.bx - line.ax, line.by - line.ay);
    crossed = crossed | (met & (left <= max_x + margin) & sides.left & sides.right);
    if (line.ay == line.by) continue;
    // the ray to +x from the corner; where no border is near, one place speaks for the part
    const F y = min_y;
    const F ahead = F(line.ax) + (y - F(line.ay)) * F((line.bx - line.ax) / (line.by - line.ay));
    const MaskOf<F> spans = exclusive_or(F(line.ay) > y, F(line.by) > y);
    inside = exclusive_or(inside, spans & (min_x < ahead));
  }
  return {bits(crossed), bits(inside & !crossed)};
}

}  // namespace forkroad
