// Projection of a point onto the path that progress is measured along.
#pragma once

#include "kernels/lane.hpp"

namespace forkroad {

// A polyline as arrays of `size` >= 2 vertices: position [m], arc length from its start [m]; the
// segments' lengths and unit directions have size - 1 entries. Consecutive vertices are distinct.
struct PathView {
  const float* x = nullptr;
  const float* y = nullptr;
  const float* arc_length = nullptr;
  const float* length = nullptr;  // of each segment
  const float* direction_x = nullptr;
  const float* direction_y = nullptr;
  int32_t size = 0;
};

// Arc length [m] of the nearest point of the path to (x, y). The first and the last segment
// extend outwards, so the result can be negative or beyond the length. Of equally near points the
// first along the path counts. Depends on the point alone, never on a previous step.
template <class F>
FORKROAD_HD F project_to_path(const PathView& path, F x, F y) {
  F best_distance = lit<F>(3.0e38);
  F best_arc = lit<F>(0.0);
  const int last = path.size - 2;
  for (int segment = 0; segment <= last; ++segment) {
    const F ux = F(ScalarOf<F>(path.direction_x[segment]));
    const F uy = F(ScalarOf<F>(path.direction_y[segment]));
    const F start = F(ScalarOf<F>(path.arc_length[segment]));
    const F length = F(ScalarOf<F>(path.length[segment]));
    const F dx = x - F(ScalarOf<F>(path.x[segment]));
    const F dy = y - F(ScalarOf<F>(path.y[segment]));
    F along = fma(dy, uy, dx * ux);
    if (segment > 0) along = max(along, lit<F>(0.0));
    if (segment < last) along = min(along, length);
    const F rx = fma(-along, ux, dx);
    const F ry = fma(-along, uy, dy);
    const F distance = fma(rx, rx, ry * ry);
    const MaskOf<F> nearer = distance < best_distance;
    best_distance = select(nearer, distance, best_distance);
    best_arc = select(nearer, start + along, best_arc);
  }
  return best_arc;
}

}  // namespace forkroad
