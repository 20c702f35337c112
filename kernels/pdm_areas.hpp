// NAVSIM's ego areas: which polygons hold the corners, the centre and the rear axle.
//
// A point on a border is outside (shapely's contains). Polygons are clipped to where a tile's lanes
// are: what is left is a constant parity and the few edges that pass through.
#pragma once

#include "kernels/pdm_margin.hpp"
#include "kernels/pdm_view.hpp"

namespace forkroad {

struct ActivePolygon {
  int32_t edge_begin, edge_end;  // into PdmTile::edges
  uint8_t flags;                 // PdmPolygonFlag
  bool inside;                   // before any of these edges is crossed
};

template <class S>
struct Rectangle {
  S min_x, min_y, max_x, max_y;
};

// Polygons that hold every lane of a tile, folded.
struct PdmBackground {
  int32_t lanes = 0;  // how many of them are lanes
  uint8_t flags = 0;  // of all of them together
};

// What is near a tile's lanes; capacities are the scene's totals.
template <class S>
struct PdmTile {
  ActivePolygon* polygons;
  PdmEdge<S>* clipped;  // where clipped edges go, if they are clipped
  const PdmEdge<S>* edges;
  int32_t* objects;
  int32_t* segments;  // of the centre line
  int32_t* reds;      // red lights whose polygon is near
  int32_t num_polygons = 0, num_edges = 0, num_objects = 0, num_segments = 0, num_reds = 0;
  PdmBackground background;
};

template <class F>
struct Point {
  F x, y;
};

// Signed distance of a point from the line of an edge [m], negative left of it.
template <class F>
FORKROAD_HD F edge_side(const PdmEdge<float>& edge, const Point<F>& point) {
  return fma(F(edge.normal_x), point.x, fma(F(edge.normal_y), point.y, F(-edge.offset)));
}

// Sees the distance of points from edges, at most sqrt(3) too small. For the few groups of lanes
// with a point near the line of an edge.
template <int kPoints, class F>
FORKROAD_HD void see_borders(const PdmEdge<float>* edges, int begin, int end,
                             const Point<F>* points, PdmMargin<F>& margin) {
  FORKROAD_ROLLED
  for (int e = begin; e < end; ++e) {
    const PdmEdge<float>& edge = edges[e];
    const F low_x = F(min(edge.x0, edge.x1)), high_x = F(max(edge.x0, edge.x1));
    const F low_y = F(min(edge.y0, edge.y1)), high_y = F(max(edge.y0, edge.y1));
    for (int k = 0; k < kPoints; ++k) {
      const F beside = max(low_x - points[k].x, points[k].x - high_x);
      const F above = max(low_y - points[k].y, points[k].y - high_y);
      margin.see(max(abs(edge_side(edge, points[k])), max(beside, above)));
    }
  }
}

// Where points are strictly inside a ring, of which `start` says what holds before these edges.
//
// A ray's crossings, counted half-open, leave a point on a left or lower border inside; counted
// half-open the other way, one on a right or upper border. Off the border both counts agree, so
// strictly inside is inside by both. Float lanes count once: points on the border are left to
// double lanes.
template <int kPoints, class F>
FORKROAD_HD void find_inside(const PdmEdge<ScalarOf<F>>* edges, int begin, int end, bool start,
                             const Point<F>* points, MaskOf<F>* inside, PdmMargin<F>& margin) {
  const MaskOf<F> never = points[0].x < points[0].x;
  const MaskOf<F> first = start ? !never : never;
  if constexpr (PdmMargin<F>::kKept) {
    F nearest = lit<F>(kPdmMarginCap);
    for (int k = 0; k < kPoints; ++k) inside[k] = first;
    FORKROAD_ROLLED
    for (int e = begin; e < end; ++e) {
      const F y0 = F(edges[e].y0), y1 = F(edges[e].y1);
      for (int k = 0; k < kPoints; ++k) {
        const F side = edge_side(edges[e], points[k]);
        const MaskOf<F> spans = exclusive_or(y0 > points[k].y, y1 > points[k].y);
        inside[k] = exclusive_or(inside[k], spans & (side < lit<F>(0.0)));
        nearest = min(abs(side), nearest);
      }
    }
    if (any(nearest < lit<F>(kPdmMarginCap))) {
      see_borders<kPoints>(edges, begin, end, points, margin);
    }
  } else {
    for (int k = 0; k < kPoints; ++k) {
      MaskOf<F> by_lower = first, by_upper = first;
      FORKROAD_ROLLED
      for (int e = begin; e < end; ++e) {
        const F y0 = F(edges[e].y0), y1 = F(edges[e].y1), y = points[k].y;
        const F crossing = fma(y - y0, F(edges[e].slope), F(edges[e].x0));
        by_lower = exclusive_or(by_lower, exclusive_or(y0 > y, y1 > y) & (points[k].x < crossing));
        by_upper =
            exclusive_or(by_upper, exclusive_or(y0 >= y, y1 >= y) & (points[k].x <= crossing));
      }
      inside[k] = by_lower & by_upper;
    }
  }
}

// The ego's box and the points that areas ask about: front left, rear left, rear right, front
// right, centre, rear axle.
template <class F>
struct PdmBody {
  Point<F> point[6];
};

template <class F>
FORKROAD_HD PdmBody<F> pdm_body(F x, F y, F cos, F sin) {
  const F length_x = lit<F>(kPdmHalfLength) * cos, length_y = lit<F>(kPdmHalfLength) * sin;
  const F width_x = lit<F>(kPdmHalfWidth) * sin, width_y = lit<F>(kPdmHalfWidth) * cos;
  const Point<F> c = {fma(lit<F>(kPdmRearToCenter), cos, x), fma(lit<F>(kPdmRearToCenter), sin, y)};
  return {{{c.x + length_x - width_x, c.y + length_y + width_y},
           {c.x - length_x - width_x, c.y - length_y + width_y},
           {c.x - length_x + width_x, c.y - length_y - width_y},
           {c.x + length_x + width_x, c.y + length_y - width_y},
           c,
           {x, y}}};
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
FORKROAD_HD PdmAreas<F> find_areas(const PdmTile<ScalarOf<F>>& near, const PdmBody<F>& body,
                                   PdmMargin<F>& margin) {
  const F zero = lit<F>(0.0), one = lit<F>(1.0);
  const auto everywhere = [&](int flag) {
    return (near.background.flags & flag) != 0 ? one : zero;
  };
  const F all_drivable = everywhere(kPdmDrivable);
  F drivable[4] = {all_drivable, all_drivable, all_drivable, all_drivable};
  F lanes_touched = F(static_cast<ScalarOf<F>>(near.background.lanes));
  F whole_in_lane = everywhere(kPdmLane), on_route = everywhere(kPdmOnRoute);
  PdmAreas<F> areas = {zero, zero, zero, everywhere(kPdmIntersection),
                       everywhere(kPdmIntersection)};
  FORKROAD_ROLLED
  for (int p = 0; p < near.num_polygons; ++p) {
    const ActivePolygon& polygon = near.polygons[p];
    MaskOf<F> inside[6];
    if ((polygon.flags & (kPdmOnRoute | kPdmIntersection)) == 0) {
      find_inside<4>(near.edges, polygon.edge_begin, polygon.edge_end, polygon.inside, body.point,
                     inside, margin);
    } else if ((polygon.flags & kPdmIntersection) == 0) {
      find_inside<5>(near.edges, polygon.edge_begin, polygon.edge_end, polygon.inside, body.point,
                     inside, margin);
      on_route = select(inside[4], one, on_route);
    } else {
      find_inside<6>(near.edges, polygon.edge_begin, polygon.edge_end, polygon.inside, body.point,
                     inside, margin);
      if ((polygon.flags & kPdmOnRoute) != 0) on_route = select(inside[4], one, on_route);
      areas.center_in_intersection = select(inside[4], one, areas.center_in_intersection);
      areas.rear_in_intersection = select(inside[5], one, areas.rear_in_intersection);
    }
    if ((polygon.flags & kPdmDrivable) != 0) {
      for (int k = 0; k < 4; ++k) drivable[k] = select(inside[k], one, drivable[k]);
    }
    if ((polygon.flags & kPdmLane) != 0) {
      const MaskOf<F> some = inside[0] | inside[1] | inside[2] | inside[3];
      const MaskOf<F> whole = inside[0] & inside[1] & inside[2] & inside[3];
      lanes_touched = lanes_touched + one_where<F>(some);
      whole_in_lane = select(whole, one, whole_in_lane);
    }
  }
  areas.multiple_lanes = one_where<F>((lanes_touched > one) & (whole_in_lane < lit<F>(0.5)));
  areas.non_drivable = one - drivable[0] * drivable[1] * drivable[2] * drivable[3];
  areas.off_route = one - on_route;
  return areas;
}

}  // namespace forkroad
