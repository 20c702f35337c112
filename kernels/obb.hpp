// Oriented boxes: signed gap by separating axes, exact distance, bounds of motion.
#pragma once

#include "kernels/lane.hpp"

namespace forkroad {

// A box in the plane: centre [m], unit heading, half sizes [m].
template <class F>
struct Obb {
  F x, y;
  F cos, sin;
  F half_length, half_width;
};

// Signed gap of two boxes [m] (separating axis theorem over the four face normals, no
// trigonometry). <= 0: overlap, and its magnitude is the penetration depth (least translation that
// separates them); touching counts as overlap. > 0: a lower bound of the distance, exact unless a
// corner faces a corner.
template <class F>
FORKROAD_HD F obb_gap(const Obb<F>& a, const Obb<F>& b) {
  const F dx = b.x - a.x;
  const F dy = b.y - a.y;
  const F tx = fma(dy, a.sin, dx * a.cos);
  const F ty = fma(-dx, a.sin, dy * a.cos);
  const F c = fma(a.sin, b.sin, a.cos * b.cos);
  const F s = fma(a.cos, b.sin, -(a.sin * b.cos));
  const F abs_c = abs(c);
  const F abs_s = abs(s);
  const F along_a = abs(tx) - fma(b.half_width, abs_s, fma(b.half_length, abs_c, a.half_length));
  const F across_a = abs(ty) - fma(b.half_width, abs_c, fma(b.half_length, abs_s, a.half_width));
  const F along_b =
      abs(fma(ty, s, tx * c)) - fma(a.half_width, abs_s, fma(a.half_length, abs_c, b.half_length));
  const F across_b =
      abs(fma(-tx, s, ty * c)) - fma(a.half_width, abs_c, fma(a.half_length, abs_s, b.half_width));
  return max(max(along_a, across_a), max(along_b, across_b));
}

// Squared distance [m^2] from the nearest corner of `b` to box `a`; 0 if a corner is inside.
template <class F>
FORKROAD_HD F corner_distance_squared(const Obb<F>& a, const Obb<F>& b) {
  const F dx = b.x - a.x;
  const F dy = b.y - a.y;
  const F tx = fma(dy, a.sin, dx * a.cos);
  const F ty = fma(-dx, a.sin, dy * a.cos);
  const F c = fma(a.sin, b.sin, a.cos * b.cos);
  const F s = fma(a.cos, b.sin, -(a.sin * b.cos));
  const F lc = b.half_length * c;
  const F ls = b.half_length * s;
  const F wc = b.half_width * c;
  const F ws = b.half_width * s;
  const F zero = lit<F>(0.0);
  // the corners are t +- (l - w) and t +- (l + w); |.| folds box a to its positive quadrant
  const F ux = lc - ws, uy = ls + wc;
  const F vx = lc + ws, vy = ls - wc;
  F nearest = lit<F>(3.0e38);
  const F px[4] = {tx + ux, tx - ux, tx + vx, tx - vx};
  const F py[4] = {ty + uy, ty - uy, ty + vy, ty - vy};
  for (int corner = 0; corner < 4; ++corner) {
    const F ex = max(abs(px[corner]) - a.half_length, zero);
    const F ey = max(abs(py[corner]) - a.half_width, zero);
    nearest = min(nearest, fma(ex, ex, ey * ey));
  }
  return nearest;
}

// Signed distance of two boxes [m], given their obb_gap: the gap where it is <= 0, else the exact
// Euclidean distance. The nearest points of disjoint convex polygons include a vertex of one.
template <class F>
FORKROAD_HD F obb_signed_distance(const Obb<F>& a, const Obb<F>& b, F gap) {
  const F squared = min(corner_distance_squared(a, b), corner_distance_squared(b, a));
  return select(gap > lit<F>(0.0), sqrt(squared), gap);
}

// Upper bound of hypot(a, b), at most 8.3 % above it: no square root on the hot path.
template <class F>
FORKROAD_HD F hypot_bound(F a, F b) {
  const F u = abs(a);
  const F v = abs(b);
  return fma(lit<F>(0.41422), min(u, v), max(u, v));
}

// Upper bound [m] of how far any point of a box with circumradius `radius` travels when its centre
// moves by (dx, dy) and its heading vector by (dcos, dsin). pi/2 turns a chord into an arc bound;
// the last factor outweighs rounding.
template <class F>
FORKROAD_HD F travel_bound(F dx, F dy, F dcos, F dsin, F radius) {
  return fma(lit<F>(1.5708) * hypot_bound(dcos, dsin), radius, hypot_bound(dx, dy)) *
         lit<F>(1.000001);
}

// What a box's centre and heading vector change by.
template <class F>
struct ObbMotion {
  F x, y, cos, sin;
};

template <class F>
FORKROAD_HD ObbMotion<F> motion_between(const Obb<F>& from, const Obb<F>& to) {
  return {to.x - from.x, to.y - from.y, to.cos - from.cos, to.sin - from.sin};
}

// The box part of the way along a motion that ends at `to`, fraction in [0, 1]: centre linear,
// heading along the normalised chord (a half turn, whose chord vanishes, keeps that of `to`).
template <class F>
FORKROAD_HD Obb<F> interpolate_obb(const Obb<F>& from, const ObbMotion<F>& motion, const Obb<F>& to,
                                   F fraction) {
  Obb<F> box = to;
  box.x = fma(fraction, motion.x, from.x);
  box.y = fma(fraction, motion.y, from.y);
  const F c = fma(fraction, motion.cos, from.cos);
  const F s = fma(fraction, motion.sin, from.sin);
  const F norm2 = fma(c, c, s * s);
  const MaskOf<F> usable = norm2 > lit<F>(1.0e-6);
  const F norm = sqrt(select(usable, norm2, lit<F>(1.0)));
  box.cos = select(usable, c / norm, to.cos);
  box.sin = select(usable, s / norm, to.sin);
  return box;
}

}  // namespace forkroad
