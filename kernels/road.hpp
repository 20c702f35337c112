// Road facts of a plan: when it leaves the drivable area.
#pragma once

#include "kernels/drivable.hpp"
#include "kernels/obb.hpp"

namespace forkroad {

// Where the log itself is off the road: what lies there then is not the plan's fault.
struct LogOffRoad {
  // [num_steps + 1] spans of `boxes`, null: the log stays on the road
  const int32_t* begin = nullptr;
  const Obb<float>* boxes = nullptr;  // the log's, widened by the excuse
  int32_t num_boxes = 0;
};

struct RoadView {
  DrivableView drivable;
  LogOffRoad log_off;
};

// Per lane, -1: never.
template <class F>
struct RoadFacts {
  F off_road_step;
  F off_road_fault_step;  // not excused by the log
};

template <class F>
FORKROAD_HD RoadFacts<F> no_road_facts() {
  return {lit<F>(-1.0), lit<F>(-1.0)};
}

// place_is_off_road for lanes that keep several points in memory, where bit k of `asked` is set:
// off[k] becomes 1 or 0. Scalar work: it stays outside the units of one instruction set.
using ResolveMixed = void (*)(const DrivableView& view, uint32_t asked, const float* x,
                              const float* y, float* off);

// 1 where a corner point is off the road and it is asked, else 0.
template <class F>
FORKROAD_HD F point_off_road(const DrivableView& view, ResolveMixed resolve, MaskOf<F> asked, F x,
                             F y) {
  const F zero = lit<F>(0.0), one = lit<F>(1.0);
  const F cell = select(asked, cell_at(view, x, y), zero);
  const F off = select(cell < zero, one, zero);
  if (!any(cell > zero)) return off;
  if constexpr (kWidthOf<F> == 1) {
    if (!(cell > zero)) return off;
    return place_is_off_road(view, static_cast<float>(x), static_cast<float>(y)) ? one : zero;
  } else {
    constexpr int kWidth = kWidthOf<F>;
    alignas(64) float at_x[kWidth], at_y[kWidth], answer[kWidth];
    store(at_x, x);
    store(at_y, y);
    store(answer, off);
    resolve(view, bits(cell > zero), at_x, at_y, answer);
    return load<F>(answer);
  }
}

// Where a point lies in none of the boxes that excuse a step.
template <class F>
FORKROAD_HD MaskOf<F> beyond_log(const LogOffRoad& log, int step, F x, F y) {
  using S = ScalarOf<F>;
  MaskOf<F> beyond = lit<F>(0.0) < lit<F>(1.0);
  for (int k = log.begin[step]; k < log.begin[step + 1]; ++k) {
    const Obb<float>& box = log.boxes[k];
    const F cos = F(S(box.cos)), sin = F(S(box.sin));
    const F dx = x - F(S(box.x)), dy = y - F(S(box.y));
    beyond = beyond & ((abs(fma(dy, sin, dx * cos)) > F(S(box.half_length))) |
                       (abs(fma(dy, cos, -(dx * sin))) > F(S(box.half_width))));
  }
  return beyond;
}

// Corners of a box: 0 front left, 1 rear left, 2 rear right, 3 front right.
template <class F>
FORKROAD_HD void corner_of(const Obb<F>& box, int corner, F& x, F& y) {
  const F length_x = box.half_length * box.cos, length_y = box.half_length * box.sin;
  const F width_x = box.half_width * box.sin, width_y = box.half_width * box.cos;
  const bool front = corner == 0 || corner == 3, left = corner < 2;
  const F along_x = front ? box.x + length_x : box.x - length_x;
  const F along_y = front ? box.y + length_y : box.y - length_y;
  x = left ? along_x - width_x : along_x + width_x;
  y = left ? along_y + width_y : along_y - width_y;
}

// The first step at which a corner of the box is off the road.
template <class F>
FORKROAD_HD void judge_drivable(const RoadView& road, ResolveMixed resolve, const Obb<F>& box,
                                int step, RoadFacts<F>& facts) {
  if (road.drivable.columns == 0) return;
  const F zero = lit<F>(0.0), this_step = F(ScalarOf<F>(step));
  const bool excuses = road.log_off.begin != nullptr;
  // the fault never comes before the first step off the road
  const MaskOf<F> open = facts.off_road_fault_step < zero;
  if (!any(open)) return;
  F off = zero, fault = zero;
  for (int corner = 0; corner < 4; ++corner) {
    F x, y;
    corner_of(box, corner, x, y);
    const F corner_off = point_off_road(road.drivable, resolve, open & (fault == zero), x, y);
    off = max(off, corner_off);
    if (!excuses) {
      fault = off;
    } else if (any(corner_off > zero)) {
      fault = max(fault, select(beyond_log(road.log_off, step, x, y), corner_off, zero));
    }
  }
  facts.off_road_step =
      select((off > zero) & (facts.off_road_step < zero), this_step, facts.off_road_step);
  facts.off_road_fault_step = select(open & (fault > zero), this_step, facts.off_road_fault_step);
}

}  // namespace forkroad
