// NAVSIM's ego areas: which polygons hold the corners, the centre and the rear axle.
//
// A point on a border is outside (shapely's contains). Polygons are clipped to where a tile's lanes
// are: what is left is a constant parity and the few edges that pass through.
#pragma once

#include "kernels/lane.hpp"
#include "kernels/pdm_view.hpp"

namespace forkroad {

// An edge that decides: crossed by the ray to +x from (px, py) iff py lies between y0 and y1 and px
// is left of x0 + (py - y0) * slope.
template <class S>
struct ActiveEdge {
  S y0, y1, x0, slope;
};

struct ActivePolygon {
  int32_t polygon;
  int32_t edge_begin, edge_end;  // into the active edges
  uint8_t flags;                 // PdmPolygonFlag
  bool inside;                   // before any active edge is crossed
};

template <class S>
struct Rectangle {
  S min_x, min_y, max_x, max_y;
};

// What is near a tile's lanes; capacities are the scene's totals.
template <class S>
struct PdmTile {
  ActivePolygon* polygons;
  ActiveEdge<S>* edges;
  int32_t* objects;
  int32_t* segments;  // of the centre line
  int32_t num_polygons = 0, num_edges = 0, num_objects = 0, num_segments = 0;
};

template <class F>
struct Point {
  F x, y;
};

// Where the point is strictly inside. A ray's crossings, counted half-open, leave a point on a left
// or lower border inside; counted half-open the other way, one on a right or upper border. Off the
// border both counts agree, so strictly inside is inside by both.
template <class F>
FORKROAD_HD MaskOf<F> inside_polygon(const PdmTile<ScalarOf<F>>& near, const ActivePolygon& polygon,
                                     const Point<F>& point) {
  const MaskOf<F> never = point.x < point.x;
  MaskOf<F> by_lower = polygon.inside ? !never : never;
  MaskOf<F> by_upper = by_lower;
  for (int e = polygon.edge_begin; e < polygon.edge_end; ++e) {
    const ActiveEdge<ScalarOf<F>>& edge = near.edges[e];
    const F y0 = F(edge.y0), y1 = F(edge.y1);
    const F crossing = fma(point.y - y0, F(edge.slope), F(edge.x0));
    by_lower =
        exclusive_or(by_lower, exclusive_or(y0 > point.y, y1 > point.y) & (point.x < crossing));
    by_upper =
        exclusive_or(by_upper, exclusive_or(y0 >= point.y, y1 >= point.y) & (point.x <= crossing));
  }
  return by_lower & by_upper;
}

// The ego's box and the points that areas ask about.
template <class F>
struct PdmBody {
  Point<F> corner[4];  // front left, rear left, rear right, front right
  Point<F> center, rear;
};

template <class F>
FORKROAD_HD PdmBody<F> pdm_body(F x, F y, F cos, F sin) {
  const F length_x = lit<F>(kPdmHalfLength) * cos, length_y = lit<F>(kPdmHalfLength) * sin;
  const F width_x = lit<F>(kPdmHalfWidth) * sin, width_y = lit<F>(kPdmHalfWidth) * cos;
  PdmBody<F> body;
  body.rear = {x, y};
  body.center = {fma(lit<F>(kPdmRearToCenter), cos, x), fma(lit<F>(kPdmRearToCenter), sin, y)};
  const Point<F>& c = body.center;
  body.corner[0] = {c.x + length_x - width_x, c.y + length_y + width_y};
  body.corner[1] = {c.x - length_x - width_x, c.y - length_y + width_y};
  body.corner[2] = {c.x - length_x + width_x, c.y - length_y - width_y};
  body.corner[3] = {c.x + length_x + width_x, c.y + length_y - width_y};
  return body;
}

// 1 or 0 per lane.
template <class F>
struct PdmAreas {
  F multiple_lanes, non_drivable, off_route;
  F center_in_intersection, rear_in_intersection;
};

template <class F>
FORKROAD_HD F one_where(MaskOf<F> mask) {
  return select(mask, lit<F>(1.0), lit<F>(0.0));
}

template <class F>
FORKROAD_HD PdmAreas<F> find_areas(const PdmTile<ScalarOf<F>>& near, const PdmBody<F>& body) {
  const F zero = lit<F>(0.0), one = lit<F>(1.0);
  F drivable[4] = {zero, zero, zero, zero};
  F lanes_touched = zero, whole_in_lane = zero, on_route = zero;
  PdmAreas<F> areas = {zero, zero, zero, zero, zero};
  for (int p = 0; p < near.num_polygons; ++p) {
    const ActivePolygon& polygon = near.polygons[p];
    F corners = zero;
    for (int k = 0; k < 4; ++k) {
      const F inside = one_where<F>(inside_polygon(near, polygon, body.corner[k]));
      corners = corners + inside;
      if ((polygon.flags & kPdmDrivable) != 0) drivable[k] = max(drivable[k], inside);
    }
    if ((polygon.flags & kPdmLane) != 0) {
      lanes_touched = lanes_touched + min(corners, one);
      whole_in_lane = select(corners == lit<F>(4.0), one, whole_in_lane);
    }
    if ((polygon.flags & (kPdmOnRoute | kPdmIntersection)) == 0) continue;
    const F center = one_where<F>(inside_polygon(near, polygon, body.center));
    if ((polygon.flags & kPdmOnRoute) != 0) on_route = max(on_route, center);
    if ((polygon.flags & kPdmIntersection) != 0) {
      areas.center_in_intersection = max(areas.center_in_intersection, center);
      areas.rear_in_intersection =
          max(areas.rear_in_intersection, one_where<F>(inside_polygon(near, polygon, body.rear)));
    }
  }
  areas.multiple_lanes = one_where<F>((lanes_touched > one) & (whole_in_lane < lit<F>(0.5)));
  areas.non_drivable = one - drivable[0] * drivable[1] * drivable[2] * drivable[3];
  areas.off_route = one - on_route;
  return areas;
}

}  // namespace forkroad
