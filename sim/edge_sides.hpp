// EdgeSides: on which side of a road edge the places of a box lie, as far as it can be nearest.
#pragma once

#include <cmath>

#include "kernels/drivable.hpp"

namespace forkroad {

struct Box {
  float min_x, min_y, max_x, max_y;  // [m], square
};

inline constexpr float kSideMargin = 2.0e-3f;  // [m] rounding of a corner's side

// Which answers an edge may give somewhere in a box, as bits.
inline constexpr int kMayBeLeft = 1, kMayBeRight = 2;

// The least and largest value of a function over a box.
struct Range {
  float least, most;
};

// Of gradient . (place - (x, y)), widened by the margin of its rounding.
inline Range range_over(const Box& box, float x, float y, float gradient_x, float gradient_y) {
  const float middle_x = 0.5f * (box.min_x + box.max_x), middle_y = 0.5f * (box.min_y + box.max_y);
  const float middle = (middle_x - x) * gradient_x + (middle_y - y) * gradient_y;
  const float steepness = std::abs(gradient_x) + std::abs(gradient_y);
  const float reach = (0.5f * (box.max_x - box.min_x) + kSideMargin) * steepness;
  return {middle - reach, middle + reach};
}

// The sides of a line through (x, y) on which the box lies.
inline int sides_of_line(const Box& box, float x, float y, float dx, float dy) {
  const Range side = range_over(box, x, y, -dy, dx);
  return (side.most > 0.0f ? kMayBeLeft : 0) | (side.least < 0.0f ? kMayBeRight : 0);
}

// Where two pieces meet at (x, y): both must be left where the edge turns left, else one.
inline int sides_of_joint(const Box& box, float x, float y, float first_dx, float first_dy,
                          float second_dx, float second_dy) {
  const int first = sides_of_line(box, x, y, first_dx, first_dy);
  const int second = sides_of_line(box, x, y, second_dx, second_dy);
  const int decisive =
      turn_of(first_dx, first_dy, second_dx, second_dy) > 0.0f ? kMayBeRight : kMayBeLeft;
  return first == decisive || second == decisive ? decisive : first | second;
}

// The answers of one edge where it can be the nearest: beside it, and in the wedges before and
// behind it where its ends are nearest. 0: it is nowhere the nearest.
inline int sides_of_edge(const RoadEdge& edge, const Box& box) {
  const float length2 = edge.dx * edge.dx + edge.dy * edge.dy;
  const Range own = range_over(box, edge.x, edge.y, edge.dx, edge.dy);
  int sides = 0;
  if (own.most >= 0.0f && own.least <= length2) {
    sides |= sides_of_line(box, edge.x, edge.y, edge.dx, edge.dy);
  }
  if (own.least <= 0.0f) {
    const float dx = edge.before_dx, dy = edge.before_dy;
    if (dx == 0.0f && dy == 0.0f) {
      sides |= sides_of_line(box, edge.x, edge.y, edge.dx, edge.dy);
    } else if (range_over(box, edge.x, edge.y, dx, dy).most >= 0.0f) {
      sides |= sides_of_joint(box, edge.x, edge.y, dx, dy, edge.dx, edge.dy);
    }
  }
  if (own.most >= length2) {
    const float dx = edge.after_dx, dy = edge.after_dy;
    const float end_x = edge.x + edge.dx, end_y = edge.y + edge.dy;
    if (dx == 0.0f && dy == 0.0f) {
      sides |= sides_of_line(box, edge.x, edge.y, edge.dx, edge.dy);
    } else if (range_over(box, end_x, end_y, dx, dy).least <= 0.0f) {
      sides |= sides_of_joint(box, end_x, end_y, edge.dx, edge.dy, dx, dy);
    }
  }
  return sides;
}

}  // namespace forkroad
