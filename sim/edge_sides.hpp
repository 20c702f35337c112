// EdgeSides: on which side of its nearest road edge each part of a square lies, as far as that is
// the same all over the part. One lane is one part.
#pragma once

#include "sim/raster_kernels.hpp"

namespace forkroad {

inline constexpr float kSideMargin = 2.0e-3f;  // [m] rounding of a corner's side

// Whether some place of a part may be left of an edge, whether some may be right of it.
template <class F>
struct EdgeSides {
  MaskOf<F> left, right;
};

// The least and largest value of a function over each part.
template <class F>
struct PartRange {
  F least, most;
};

// Squares of one size.
template <class F>
struct PartBoxes {
  using Mask = MaskOf<F>;
  PartMiddles<F> middle;
  float half;  // [m] of their sides

  // Of gradient . (place - (x, y)), widened by the margin of its rounding.
  FORKROAD_HD PartRange<F> range(float x, float y, float gradient_x, float gradient_y) const {
    const F value = (middle.x - F(x)) * F(gradient_x) + (middle.y - F(y)) * F(gradient_y);
    const F reach = F((half + kSideMargin) * (abs(gradient_x) + abs(gradient_y)));
    return {value - reach, value + reach};
  }

  // The sides of a line through (x, y) that they touch.
  FORKROAD_HD EdgeSides<F> sides(float x, float y, float dx, float dy) const {
    const PartRange<F> side = range(x, y, -dy, dx);
    return {side.most > F(0.0f), side.least < F(0.0f)};
  }

  // Where two pieces meet at (x, y): both must be left where the edge turns left, else one.
  FORKROAD_HD EdgeSides<F> sides_of_joint(float x, float y, float first_dx, float first_dy,
                                          float second_dx, float second_dy) const {
    const EdgeSides<F> first = sides(x, y, first_dx, first_dy);
    const EdgeSides<F> second = sides(x, y, second_dx, second_dy);
    if (turn_of(first_dx, first_dy, second_dx, second_dy) > 0.0f) {
      return {Mask(first.left & second.left), Mask(first.right | second.right)};
    }
    return {Mask(first.left | second.left), Mask(first.right & second.right)};
  }
};

// What an edge says of the parts where it can be the nearest: beside it, and in the wedges before
// and behind it where its ends are nearest. Neither side: it is nowhere the nearest.
template <class F>
FORKROAD_HD EdgeSides<F> sides_of_edge(const RoadEdge& edge, const PartBoxes<F>& boxes) {
  using Mask = MaskOf<F>;
  const float length2 = edge.dx * edge.dx + edge.dy * edge.dy;
  const PartRange<F> own = boxes.range(edge.x, edge.y, edge.dx, edge.dy);
  const bool joins_before = edge.before_dx != 0.0f || edge.before_dy != 0.0f;
  const bool joins_after = edge.after_dx != 0.0f || edge.after_dy != 0.0f;
  const MaskOf<F> before = own.least <= F(0.0f), after = own.most >= F(length2);
  // an end that joins nothing is judged like the edge itself
  MaskOf<F> beside = (own.most >= F(0.0f)) & (own.least <= F(length2));
  if (!joins_before) beside = beside | before;
  if (!joins_after) beside = beside | after;
  const EdgeSides<F> along = boxes.sides(edge.x, edge.y, edge.dx, edge.dy);
  EdgeSides<F> sides = {Mask(beside & along.left), Mask(beside & along.right)};
  const auto add = [&sides](MaskOf<F> where, const EdgeSides<F>& joint) {
    sides.left = sides.left | (where & joint.left);
    sides.right = sides.right | (where & joint.right);
  };
  if (joins_before && any(before)) {
    const float dx = edge.before_dx, dy = edge.before_dy;
    add(before & (boxes.range(edge.x, edge.y, dx, dy).most >= F(0.0f)),
        boxes.sides_of_joint(edge.x, edge.y, dx, dy, edge.dx, edge.dy));
  }
  if (joins_after && any(after)) {
    const float dx = edge.after_dx, dy = edge.after_dy;
    const float end_x = edge.x + edge.dx, end_y = edge.y + edge.dy;
    add(after & (boxes.range(end_x, end_y, dx, dy).least <= F(0.0f)),
        boxes.sides_of_joint(end_x, end_y, edge.dx, edge.dy, dx, dy));
  }
  return sides;
}

// Squared distance [m^2] from the middles of parts to an edge.
template <class F>
FORKROAD_HD F distance2_to(const RoadEdge& edge, const PartMiddles<F>& middle) {
  const F rx = middle.x - F(edge.x), ry = middle.y - F(edge.y);
  const F share = (rx * F(edge.dx) + ry * F(edge.dy)) * F(edge.inverse_length2);
  const F on = min(max(share, F(0.0f)), F(1.0f));
  const F ex = rx - on * F(edge.dx), ey = ry - on * F(edge.dy);
  return ex * ex + ey * ey;
}

// What the edges of a list say of the parts from `first` on, as many as there are lanes.
template <class F>
SidesOfParts sides_of_parts(const EdgeList& list, const PartBoxes<F>& boxes, int first,
                            bool may_tell_sides) {
  F nearest2 = F(3.0e38f);
  float* const distance2 = list.distance2 + first * list.count;
  for (int k = 0; k < list.count; ++k) {
    const F own = distance2_to(list.edges[list.near[k]], boxes.middle);
    store(distance2 + k * kWidthOf<F>, own);
    nearest2 = min(nearest2, own);
  }
  // twice the way from a part's middle to its corners further than the nearest one
  const F most = sqrt(nearest2) + F(2.0f * 1.41422f * boxes.half + kSideMargin);
  const F most2 = most * most;
  MaskOf<F> left = lane_mask<F>(0), right = left;
  for (int k = 0; k < list.count; ++k) {
    MaskOf<F> needed = load<F>(distance2 + k * kWidthOf<F>) <= most2;
    if (!any(needed)) continue;
    if (may_tell_sides) {
      const EdgeSides<F> sides = sides_of_edge<F>(list.edges[list.near[k]], boxes);
      left = left | (needed & sides.left);
      right = right | (needed & sides.right);
      needed = needed & (sides.left | sides.right);
    }
    list.parts[k] |= bits(needed) << first;
  }
  if (!may_tell_sides) left = right = lane_mask<F>(kWidthOf<F>);
  return {bits(left), bits(right)};
}

}  // namespace forkroad
