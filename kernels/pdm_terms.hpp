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
  for (int s = 0; s + 1 < line.size; ++s) project_to_segment(line, s, point, best);
  return best;
}

// Lane keeping: the count of steps further than 0.5 m from the centre line; a step inside an
// intersection neither counts nor resets. 20 in a row fail.
template <class F>
struct LaneKeeping {
  F count;
  F kept;  // 1 or 0

  FORKROAD_HD void step(F distance2, F in_intersection) {
    const MaskOf<F> counts = in_intersection < lit<F>(0.5);
    const F next = select(distance2 > lit<F>(0.25), count + lit<F>(1.0), lit<F>(0.0));
    count = select(counts, next, count);
    kept = select(count >= lit<F>(20.0), lit<F>(0.0), kept);
  }
};

// Driving direction: most metres driven off route within any 11 consecutive steps.
template <class F>
FORKROAD_HD F driving_direction(const ScalarOf<F> (*off_route_metres)[kWidthOf<F>]) {
  F worst = lit<F>(0.0);
  for (int t = 0; t < kPdmStates; ++t) {
    F sum = lit<F>(0.0);
    for (int k = t < 10 ? 0 : t - 10; k <= t; ++k) sum = sum + load<F>(off_route_metres[k]);
    worst = max(worst, sum);
  }
  return select(worst < lit<F>(2.0), lit<F>(1.0),
                select(worst < lit<F>(6.0), lit<F>(0.5), lit<F>(0.0)));
}

// Whether a segment touches the box: separating axes of the box and the segment's normal.
template <class F>
FORKROAD_HD MaskOf<F> segment_touches_box(const Obb<F>& box, F x0, F y0, F x1, F y1) {
  const F ax = x0 - box.x, ay = y0 - box.y, bx = x1 - box.x, by = y1 - box.y;
  const F a_along = fma(ay, box.sin, ax * box.cos), a_across = fma(-ax, box.sin, ay * box.cos);
  const F b_along = fma(by, box.sin, bx * box.cos), b_across = fma(-bx, box.sin, by * box.cos);
  const F zero = lit<F>(0.0);
  const MaskOf<F> along = (min(a_along, b_along) <= box.half_length) &
                          (max(a_along, b_along) >= zero - box.half_length);
  const MaskOf<F> across = (min(a_across, b_across) <= box.half_width) &
                           (max(a_across, b_across) >= zero - box.half_width);
  // normal (-dv, du) of the segment (du, dv) in the box frame
  const F du = b_along - a_along, dv = b_across - a_across;
  const F offset = abs(fma(a_across, du, -(a_along * dv)));
  const F extent = fma(box.half_length, abs(dv), box.half_width * abs(du));
  return along & across & (offset <= extent);
}

// Whether the box touches a polygon of the map: an edge touches it, or it lies inside.
template <class F>
FORKROAD_HD MaskOf<F> polygon_touches_box(const PdmView<ScalarOf<F>>& view, int polygon,
                                          const Obb<F>& box, MaskOf<F> corner_inside) {
  MaskOf<F> touched = corner_inside;
  const int begin = view.edge_begin[polygon], end = view.edge_begin[polygon + 1];
  for (int e = begin; e < end; ++e) {
    const int next = e + 1 < end ? e + 1 : begin;
    touched = touched | segment_touches_box(box, F(view.edge_x[e]), F(view.edge_y[e]),
                                            F(view.edge_x[next]), F(view.edge_y[next]));
  }
  return touched;
}

}  // namespace forkroad
