// Boxes as convex polygons in double precision: the geometry that obb.hpp is checked against.
#pragma once

#include <Eigen/Core>

namespace forkroad::test {

struct ReferenceBox {
  double x = 0, y = 0;                     // [m]
  double heading = 0;                      // [rad]
  double half_length = 0, half_width = 0;  // [m] may be 0
};

// Corners of a convex polygon, counter-clockwise; clipping by four lines adds at most four.
struct Polygon {
  Eigen::Matrix<double, 2, 12> corners;
  int size = 0;
};

Polygon polygon_of(const ReferenceBox& box);

// The part of `subject` inside the box (Sutherland-Hodgman), boundaries included; size 0 if none.
Polygon clip_polygon(const Polygon& subject, const ReferenceBox& window);

// [m^2]
double polygon_area(const Polygon& polygon);

// True if the boxes share a point, decided by clipping one against the other.
bool boxes_overlap(const ReferenceBox& a, const ReferenceBox& b);

// Least distance [m] between the boundaries of two polygons.
double polygon_distance(const Polygon& a, const Polygon& b);

// Length [m] of the least translation that separates the boxes, over all edge normals; negative if
// they are apart along one of them.
double penetration_depth(const ReferenceBox& a, const ReferenceBox& b);

// Distance [m] of the boxes, or minus their penetration depth where they overlap.
double signed_distance(const ReferenceBox& a, const ReferenceBox& b);

}  // namespace forkroad::test
