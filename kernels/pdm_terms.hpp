// NAVSIM's centre line terms (EP, LK), driving direction (DDC) and red lights (TLC).
#pragma once

#include "kernels/obb.hpp"
#include "kernels/pdm_areas.hpp"

namespace forkroad {

template <class F>
struct LineProjection {
  F distance2;  // [m^2] to the line
  F arc;        // [m] along it, clamped to its ends
};

// Nearest point of segment `segment` of the centre line, kept if it is nearer than the best so far.
template <class F>
FORKROAD_HD void project_to_segment(const PdmLine<ScalarOf<F>>& line, int segment,
                                    const Point<F>& point, LineProjection<F>& best) {
  const F x0 = F(line.x[segment]), y0 = F(line.y[segment]);
  const F dx = F(line.dx[segment]), dy = F(line.dy[segment]);
  const F rx = point.x - x0, ry = point.y - y0;
  const F share =
      max(min(fma(ry, dy, rx * dx) / F(line.length2[segment]), lit<F>(1.0)), lit<F>(0.0));
  const F ex = fma(-share, dx, rx), ey = fma(-share, dy, ry);
  const F distance2 = fma(ex, ex, ey * ey);
  const MaskOf<F> nearer = distance2 < best.distance2;
  best.distance2 = select(nearer, distance2, best.distance2);
  best.arc = select(nearer, fma(share, F(line.length[segment]), F(line.arc[segment])), best.arc);
}

template <class F>
FORKROAD_HD LineProjection<F> project_to_line(const PdmLine<ScalarOf<F>>& line,
                                              const Point<F>& point) {
  LineProjection<F> best = {lit<F>(3.0e38), lit<F>(0.0)};
  FORKROAD_ROLLED
  for (int s = 0; s + 1 < line.size; ++s) project_to_segment(line, s, point, best);
  return best;
}

// Lane keeping: the count of steps further than 0.5 m from the centre line; a step inside an
// intersection neither counts nor resets. 20 in a row fail.
template <class F>
struct LaneKeeping {
  F count;
  F kept;  // 1 or 0

  FORKROAD_HD void step(F distance2, F in_intersection, PdmMargin<F>& margin) {
    const MaskOf<F> counts = in_intersection < lit<F>(0.5);
    // about the difference of the distances: both are near 0.5 m where it matters
    margin.see_where(counts, distance2 - lit<F>(0.25));
    const F next = select(distance2 > lit<F>(0.25), count + lit<F>(1.0), lit<F>(0.0));
    count = select(counts, next, count);
    kept = select(count >= lit<F>(20.0), lit<F>(0.0), kept);
  }
};

// Driving direction: most metres driven off route within any 11 consecutive steps.
template <class F>
FORKROAD_HD F driving_direction(const ScalarOf<F> (*off_route_metres)[kWidthOf<F>],
                                PdmMargin<F>& margin) {
  F worst = lit<F>(0.0);
  FORKROAD_ROLLED
  for (int t = 0; t < kPdmStates; ++t) {
    F sum = lit<F>(0.0);
    for (int k = t < 10 ? 0 : t - 10; k <= t; ++k) sum = sum + load<F>(off_route_metres[k]);
    worst = max(worst, sum);
  }
  margin.see(worst - lit<F>(2.0));
  margin.see(worst - lit<F>(6.0));
  return select(worst < lit<F>(2.0), lit<F>(1.0),
                select(worst < lit<F>(6.0), lit<F>(0.5), lit<F>(0.0)));
}

// The gap between a segment and the box: separating axes of the box and the segment's normal.
// Touching where no part of it is positive.
template <class F>
struct SegmentGap {
  F box;     // [m] along the axes of the box
  F normal;  // [m] times the segment's length
  F length;  // [m] of the segment, at most 8.3 % too long
};

template <class F>
FORKROAD_HD SegmentGap<F> segment_gap(const Obb<F>& box, F x0, F y0, F x1, F y1) {
  const F ax = x0 - box.x, ay = y0 - box.y, bx = x1 - box.x, by = y1 - box.y;
  const F a_along = fma(ay, box.sin, ax * box.cos), a_across = fma(-ax, box.sin, ay * box.cos);
  const F b_along = fma(by, box.sin, bx * box.cos), b_across = fma(-bx, box.sin, by * box.cos);
  const F along = max(min(a_along, b_along), -max(a_along, b_along)) - box.half_length;
  const F across = max(min(a_across, b_across), -max(a_across, b_across)) - box.half_width;
  // normal (-dv, du) of the segment (du, dv) in the box frame
  const F du = b_along - a_along, dv = b_across - a_across;
  const F offset = abs(fma(a_across, du, -(a_along * dv)));
  const F extent = fma(box.half_length, abs(dv), box.half_width * abs(du));
  return {max(along, across), offset - extent, hypot_bound(du, dv)};
}

// Whether the box touches a polygon of the map: an edge touches it, or it lies inside.
template <class F>
FORKROAD_HD MaskOf<F> polygon_touches_box(const PdmView<ScalarOf<F>>& view, int polygon,
                                          const Obb<F>& box, const Point<F>& corner,
                                          PdmMargin<F>& margin) {
  const int begin = view.edge_begin[polygon], end = view.edge_begin[polygon + 1];
  MaskOf<F> touched;
  find_inside<1>(view.edges, begin, end, false, &corner, &touched, margin);
  FORKROAD_ROLLED
  for (int e = begin; e < end; ++e) {
    const int next = e + 1 < end ? e + 1 : begin;
    const SegmentGap<F> gap = segment_gap(box, F(view.edge_x[e]), F(view.edge_y[e]),
                                          F(view.edge_x[next]), F(view.edge_y[next]));
    touched = touched | ((gap.box <= lit<F>(0.0)) & (gap.normal <= lit<F>(0.0)));
    if constexpr (PdmMargin<F>::kKept) {
      margin.see(max(gap.normal / max(gap.length, lit<F>(1.0e-12)), gap.box));
    }
  }
  return touched;
}

}  // namespace forkroad
