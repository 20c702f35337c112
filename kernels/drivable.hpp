// Drivable area: a raster whose cells know the answer, and the exact test for the few that do not.
//
// Drivable is what lies left of the nearest road edge or inside a drivable polygon (driveway,
// parking, drivable area), within reach of some lane. The answer depends on the point alone.
#pragma once

#include "kernels/lane.hpp"

namespace forkroad {

// A piece of a road edge; drivable on its left. Where two pieces join, a point nearest to the joint
// is left of the edge if it is left of both (left turn) or of one (right turn).
struct RoadEdge {
  float x, y;    // [m] start
  float dx, dy;  // [m] to its end
  float inverse_length2;
  float before_dx, before_dy;  // the piece before, 0: none
  float after_dx, after_dy;    // the piece after, 0: none
};

// An edge of a drivable polygon: crossed by the ray to +x from (px, py) iff py lies between y0
// (included) and y1 and px is left of x0 + (py - y0) * slope.
struct RingEdge {
  float y0, y1, x0, slope;
};

// A mixed cell is cut into 4 x 4 parts, most of which know the answer.
inline constexpr int kCellParts = 4;

struct MixedCell {
  // [row, column] -1 off the road, 0 drivable, n: lists[n - 1]
  int32_t parts[kCellParts * kCellParts];
};

// What an unsure part must ask: edges [edge_begin, edge_end) of `edges`, and per polygon the ring
// edges that a ray from its cell can cross.
struct MixedList {
  int32_t edge_begin, edge_end;  // into `nearby`
  int32_t ring_begin, ring_end;  // into `rings`
};

struct DrivableView {
  float origin_x = 0, origin_y = 0;  // [m] corner of cell (0, 0)
  float inverse_cell = 1;            // [1/m]
  int32_t columns = 0, rows = 0;     // 0: the map says nothing about drivable area
  const float* cells = nullptr;  // [rows, columns]: -1 off the road, 0 drivable, n: mixed[n - 1]
  const MixedCell* mixed = nullptr;
  const MixedList* lists = nullptr;
  const int32_t* nearby = nullptr;  // indices into edges
  const RoadEdge* edges = nullptr;
  const int32_t* rings = nullptr;  // [rings + 1] into ring_edges
  const RingEdge* ring_edges = nullptr;
  // lengths of the arrays, for who copies them
  int32_t num_mixed = 0, num_lists = 0, num_nearby = 0, num_edges = 0, num_rings = 0,
          num_ring_edges = 0;
};

// Positive left of a direction, negative right of it.
FORKROAD_HD float turn_of(float dx, float dy, float x, float y) { return dx * y - dy * x; }

// Left of both directions where the edge turns left between them, else left of one of them.
FORKROAD_HD bool left_at_joint(float first_dx, float first_dy, float second_dx, float second_dy,
                               float x, float y) {
  const bool first = turn_of(first_dx, first_dy, x, y) >= 0.0f;
  const bool second = turn_of(second_dx, second_dy, x, y) >= 0.0f;
  return turn_of(first_dx, first_dy, second_dx, second_dy) > 0.0f ? first && second
                                                                  : first || second;
}

// Whether a point is left of an edge that is the nearest to it, (rx, ry) from the edge's start and
// nearest to the place `share` of the way along it.
FORKROAD_HD bool left_of_edge(const RoadEdge& edge, float rx, float ry, float share) {
  const bool joins_before = edge.before_dx != 0.0f || edge.before_dy != 0.0f;
  const bool joins_after = edge.after_dx != 0.0f || edge.after_dy != 0.0f;
  if (share <= 0.0f && joins_before) {
    return left_at_joint(edge.before_dx, edge.before_dy, edge.dx, edge.dy, rx, ry);
  }
  if (share >= 1.0f && joins_after) {
    return left_at_joint(edge.dx, edge.dy, edge.after_dx, edge.after_dy, rx - edge.dx,
                         ry - edge.dy);
  }
  return turn_of(edge.dx, edge.dy, rx, ry) >= 0.0f;
}

// How far along an edge a point is, as a share of its length.
FORKROAD_HD float share_along(const RoadEdge& edge, float rx, float ry) {
  return (rx * edge.dx + ry * edge.dy) * edge.inverse_length2;
}

// Whether the point is left of the nearest of some edges; of equally near ones the first counts.
// Without edges nothing is.
FORKROAD_HD bool left_of_nearest(const RoadEdge* edges, const int32_t* nearby, int begin, int end,
                                 float x, float y) {
  float nearest = 3.0e38f;
  int best = -1;
  for (int k = begin; k < end; ++k) {
    const RoadEdge& edge = edges[nearby[k]];
    const float rx = x - edge.x, ry = y - edge.y;
    const float share = share_along(edge, rx, ry);
    const float on = share < 0.0f ? 0.0f : share > 1.0f ? 1.0f : share;
    const float ex = rx - on * edge.dx, ey = ry - on * edge.dy;
    const float distance2 = ex * ex + ey * ey;
    best = distance2 < nearest ? k : best;
    nearest = distance2 < nearest ? distance2 : nearest;
  }
  if (best < 0) return false;
  const RoadEdge& edge = edges[nearby[best]];
  const float rx = x - edge.x, ry = y - edge.y;
  return left_of_edge(edge, rx, ry, share_along(edge, rx, ry));
}

// Whether the point is inside one of the rings, of which only the edges right of a cell are known.
FORKROAD_HD bool inside_rings(const DrivableView& view, int begin, int end, float x, float y) {
  for (int ring = begin; ring < end; ++ring) {
    bool inside = false;
    for (int k = view.rings[ring]; k < view.rings[ring + 1]; ++k) {
      const RingEdge& edge = view.ring_edges[k];
      const bool spans = (edge.y0 > y) != (edge.y1 > y);
      if (spans && x < edge.x0 + (y - edge.y0) * edge.slope) inside = !inside;
    }
    if (inside) return true;
  }
  return false;
}

// Which part of its cell a point is in: row-major.
FORKROAD_HD int part_of_cell(const DrivableView& view, float x, float y) {
  const auto part = [&](float at, float origin, int count) {
    const float cell = (at - origin) * view.inverse_cell;
    const float limit = static_cast<float>(count - 1);
    const float inside = cell < 0.0f ? 0.0f : cell > limit ? limit : cell;
    // points outside the raster belong to its rim, whose cells are not mixed
    return static_cast<int>(inside * kCellParts) & (kCellParts - 1);
  };
  return part(y, view.origin_y, view.rows) * kCellParts + part(x, view.origin_x, view.columns);
}

// The exact answer of a mixed cell (`cell` > 0). Scalar on every machine.
FORKROAD_HD bool mixed_is_off_road(const DrivableView& view, int cell, float x, float y) {
  const int32_t part = view.mixed[cell - 1].parts[part_of_cell(view, x, y)];
  if (part <= 0) return part < 0;
  const MixedList& list = view.lists[part - 1];
  return !left_of_nearest(view.edges, view.nearby, list.edge_begin, list.edge_end, x, y) &&
         !inside_rings(view, list.ring_begin, list.ring_end, x, y);
}

// The cell of each lane's point; points outside the raster belong to its rim.
template <class F>
FORKROAD_HD F cell_at(const DrivableView& view, F x, F y) {
  const auto place = [](F at, float origin, float inverse, int count) {
    const F cell = (at - F(origin)) * F(inverse);
    return max(min(cell, F(static_cast<float>(count - 1))), lit<F>(0.0));
  };
  const IntOf<F> column = to_int(place(x, view.origin_x, view.inverse_cell, view.columns));
  const IntOf<F> row = to_int(place(y, view.origin_y, view.inverse_cell, view.rows));
  const F index = fma(to_lane<F>(row), F(static_cast<float>(view.columns)), to_lane<F>(column));
  return gather(view.cells, to_int(index));
}

// The answer at a point in float: cell and part from the same arithmetic. A cell that was found in
// another precision may be the one beside, whose parts would answer for the wrong end of it.
FORKROAD_HD bool place_is_off_road(const DrivableView& view, float x, float y) {
  const float cell = cell_at(view, x, y);
  return cell > 0.0f ? mixed_is_off_road(view, to_int(cell), x, y) : cell < 0.0f;
}

}  // namespace forkroad
