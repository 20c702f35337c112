// SquareParts: a square of a raster cut into 4 x 4 parts that are asked at once; one lane, one
// part.
#pragma once

#include "kernels/lane.hpp"

namespace forkroad {

inline constexpr int kPartsToSide = 4;
inline constexpr int kNumParts = kPartsToSide * kPartsToSide;  // row by row

struct SquareParts {
  float x, y;  // [m] the least corner of all of them
  float size;  // [m] side of one
};

template <class F>
struct PartMiddles {
  F x, y;  // [m]
};

// Of the parts from `first` on, as many as there are lanes.
template <class F>
FORKROAD_HD PartMiddles<F> middles_of(const SquareParts& parts, int first) {
  const F part = ramp<F>() + F(static_cast<float>(first));
  const F row = to_lane<F>(to_int(part * F(1.0f / kPartsToSide)));
  const F column = part - row * F(static_cast<float>(kPartsToSide));
  const F size = F(parts.size), half = F(0.5f);
  return {F(parts.x) + (column + half) * size, F(parts.y) + (row + half) * size};
}

}  // namespace forkroad
