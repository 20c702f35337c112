#include "tests/polygon_reference.hpp"

#include <algorithm>
#include <cmath>

namespace forkroad::test {
namespace {

using Eigen::Vector2d;

// Points this close [m] to a line are on it: what is left of a box without area is its boundary.
constexpr double kRounding = 1.0e-12;

// One side of a box: inside is where normal . point <= offset.
struct HalfPlane {
  Vector2d normal;
  double offset;
};

HalfPlane side_of(const ReferenceBox& box, int side) {
  const double angle = box.heading;
  const Vector2d ahead(std::cos(angle), std::sin(angle));
  const Vector2d left(-ahead.y(), ahead.x());
  const Vector2d center(box.x, box.y);
  const Vector2d normal = side == 0 ? ahead : side == 1 ? left : side == 2 ? -ahead : -left;
  const double half = side % 2 == 0 ? box.half_length : box.half_width;
  return {normal, normal.dot(center) + half};
}

double point_segment_distance(const Vector2d& point, const Vector2d& from, const Vector2d& to) {
  const Vector2d along = to - from;
  const double length2 = along.squaredNorm();
  const double share =
      length2 > 0.0 ? std::clamp((point - from).dot(along) / length2, 0.0, 1.0) : 0.0;
  return (from + share * along - point).norm();
}

double corner_distance(const Polygon& corners, const Polygon& edges) {
  double nearest = 1.0e300;
  for (int corner = 0; corner < corners.size; ++corner) {
    for (int edge = 0; edge < edges.size; ++edge) {
      nearest = std::min(
          nearest, point_segment_distance(corners.corners.col(corner), edges.corners.col(edge),
                                          edges.corners.col((edge + 1) % edges.size)));
    }
  }
  return nearest;
}

}  // namespace

Polygon polygon_of(const ReferenceBox& box) {
  const Vector2d ahead(std::cos(box.heading), std::sin(box.heading));
  const Vector2d left(-ahead.y(), ahead.x());
  const Vector2d center(box.x, box.y);
  Polygon polygon;
  polygon.size = 4;
  const double along[4] = {1, -1, -1, 1};
  const double across[4] = {1, 1, -1, -1};
  for (int corner = 0; corner < 4; ++corner) {
    polygon.corners.col(corner) =
        center + along[corner] * box.half_length * ahead + across[corner] * box.half_width * left;
  }
  return polygon;
}

Polygon clip_polygon(const Polygon& subject, const ReferenceBox& window) {
  Polygon kept = subject;
  for (int side = 0; side < 4; ++side) {
    const HalfPlane plane = side_of(window, side);
    Polygon next;
    for (int corner = 0; corner < kept.size; ++corner) {
      const Vector2d from = kept.corners.col(corner);
      const Vector2d to = kept.corners.col((corner + 1) % kept.size);
      const double height_from = plane.normal.dot(from) - plane.offset;
      const double height_to = plane.normal.dot(to) - plane.offset;
      if (height_from <= kRounding) next.corners.col(next.size++) = from;
      if ((height_from < -kRounding && height_to > kRounding) ||
          (height_from > kRounding && height_to < -kRounding)) {
        next.corners.col(next.size++) =
            from + height_from / (height_from - height_to) * (to - from);
      }
    }
    kept = next;
    if (kept.size == 0) break;
  }
  return kept;
}

double polygon_area(const Polygon& polygon) {
  double twice = 0.0;
  for (int corner = 0; corner < polygon.size; ++corner) {
    const Vector2d from = polygon.corners.col(corner) - polygon.corners.col(0);
    const Vector2d to = polygon.corners.col((corner + 1) % polygon.size) - polygon.corners.col(0);
    twice += from.x() * to.y() - from.y() * to.x();
  }
  return 0.5 * twice;
}

bool boxes_overlap(const ReferenceBox& a, const ReferenceBox& b) {
  return clip_polygon(polygon_of(a), b).size > 0;
}

double polygon_distance(const Polygon& a, const Polygon& b) {
  return std::min(corner_distance(a, b), corner_distance(b, a));
}

double penetration_depth(const ReferenceBox& a, const ReferenceBox& b) {
  const Polygon polygons[2] = {polygon_of(a), polygon_of(b)};
  double least = 1.0e300;
  for (int side = 0; side < 8; ++side) {
    const Vector2d normal = side_of(side < 4 ? a : b, side % 4).normal;
    const auto heights_a = normal.transpose() * polygons[0].corners.leftCols<4>();
    const auto heights_b = normal.transpose() * polygons[1].corners.leftCols<4>();
    // moving b along the normal until it leaves a
    least = std::min(least, heights_a.maxCoeff() - heights_b.minCoeff());
  }
  return least;
}

double signed_distance(const ReferenceBox& a, const ReferenceBox& b) {
  if (boxes_overlap(a, b)) return -std::max(penetration_depth(a, b), 0.0);
  return polygon_distance(polygon_of(a), polygon_of(b));
}

}  // namespace forkroad::test
