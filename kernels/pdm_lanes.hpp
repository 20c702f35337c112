// The NAVSIM scorer over one group of CPU lanes: tracker and comfort on double lanes D, everything
// else on lanes F.
#pragma once

#include "kernels/pdm_comfort.hpp"
#include "kernels/pdm_contacts.hpp"
#include "kernels/pdm_terms.hpp"

namespace forkroad {

// Outputs, [padded plans] each unless said otherwise.
struct PdmTables {
  float* no_collision = nullptr;
  float* drivable_area = nullptr;
  float* driving_direction = nullptr;
  float* traffic_light = nullptr;
  float* ttc = nullptr;
  float* lane_keeping = nullptr;
  double* progress = nullptr;      // [m]
  float* at_fault_step = nullptr;  // -1: none
  float* ttc_step = nullptr;
  float* margin = nullptr;   // float lanes only: [m] up to kPdmMarginCap, 0 out of their reach
  float* comfort = nullptr;  // [6, padded plans]
  float* areas = nullptr;    // optional: [3, kPdmStates, padded plans]
  double* states = nullptr;  // optional: plan blocks of [kPdmStates, kPdmColumns] rows
};

template <class S>
struct PdmParams {
  PdmView<S> view;
  PdmTrackerView tracker;
  const PdmFilters* filters = nullptr;
  int32_t padded_plans = 0;
  PdmTables tables;
  // Fills what is near a tile. Scalar work, so it stays outside the units of one instruction set.
  void (*find_near)(const PdmView<S>& view, int tile, const Rectangle<S>& body,
                    const Rectangle<S>& reach, PdmTile<S>& near) = nullptr;
};

// What the scorer sees of a group's motion.
template <class F>
struct PdmMotion {
  static constexpr int kWidth = kWidthOf<F>;
  alignas(64) ScalarOf<F> x[kPdmStates][kWidth];  // [m] rear axle
  alignas(64) ScalarOf<F> y[kPdmStates][kWidth];
  alignas(64) ScalarOf<F> cos[kPdmStates][kWidth];
  alignas(64) ScalarOf<F> sin[kPdmStates][kWidth];
  alignas(64) ScalarOf<F> speed[kPdmStates][kWidth];    // [m/s] hypot(vx, vy)
  alignas(64) ScalarOf<F> advance[kPdmStates][kWidth];  // [m] of the centre since the step before
};

// Scratch of one group of lanes.
template <class F, class D>
struct PdmScratch {
  static constexpr int kWidth = kWidthOf<F>;
  static constexpr int kParts = kWidthOf<F> / kWidthOf<D>;
  PdmStates<D> states;
  PdmMotion<F> motion;
  alignas(64) ScalarOf<F> off_route_metres[kPdmStates][kWidth];
  PdmTile<ScalarOf<F>> near;
  PdmIgnored<F> ignored;
};

template <class D>
FORKROAD_HD Point<D> center_at(const PdmStates<D>& states, int t) {
  return {fma(lit<D>(kPdmRearToCenter), load<D>(states.direction[t][0]), state_at(states, t, 0)),
          fma(lit<D>(kPdmRearToCenter), load<D>(states.direction[t][1]), state_at(states, t, 1))};
}

// Advance of the centre along the centre line [m], not negative.
template <class D>
FORKROAD_HD D pdm_progress(const PdmTrackerView& view, const PdmStates<D>& states) {
  const D start = project_to_line(view.line, center_at(states, 0)).arc;
  const D end = project_to_line(view.line, center_at(states, kPdmSteps)).arc;
  return max(end - start, lit<D>(0.0));
}

// Hands the motion of one part of the lanes on, rounded to F.
template <class F, class D>
FORKROAD_HD void store_motion(const PdmStates<D>& states, int first, PdmMotion<F>& motion) {
  Point<D> before = center_at(states, 0);
  FORKROAD_ROLLED
  for (int t = 0; t < kPdmStates; ++t) {
    const Point<D> center = center_at(states, t);
    const D dx = center.x - before.x, dy = center.y - before.y;
    const D vx = state_at(states, t, 3), vy = state_at(states, t, 4);
    store(motion.x[t] + first, state_at(states, t, 0));
    store(motion.y[t] + first, state_at(states, t, 1));
    store(motion.cos[t] + first, load<D>(states.direction[t][0]));
    store(motion.sin[t] + first, load<D>(states.direction[t][1]));
    store(motion.speed[t] + first, sqrt(fma(vx, vx, vy * vy)));
    store(motion.advance[t] + first, sqrt(fma(dx, dx, dy * dy)));
    before = center;
  }
}

// Tracks and judges comfort, one part of the lanes after the other, and leaves the states in F.
template <class F, class D>
FORKROAD_HD void track_lanes(const PdmParams<ScalarOf<F>>& params, int plan,
                             PdmScratch<F, D>& scratch) {
  constexpr int64_t kRows = int64_t{kPdmStates} * kPdmColumns;
  for (int part = 0; part < PdmScratch<F, D>::kParts; ++part) {
    const int first = part * kWidthOf<D>;
    if (params.tracker.states != nullptr) {
      load_pdm_states(params.tracker, plan + first, scratch.states);
    } else {
      track_pdm(params.tracker, plan + first, scratch.states);
    }
    const PdmComfort<D> comfort =
        params.view.version_2
            ? judge_history_comfort(params.tracker, *params.filters, scratch.states)
            : judge_rollout_comfort(*params.filters, scratch.states);
    for (int k = 0; k < 6; ++k) {
      store(params.tables.comfort + int64_t{k} * params.padded_plans + plan + first,
            comfort.within[k]);
    }
    store(params.tables.progress + plan + first, pdm_progress(params.tracker, scratch.states));
    store_motion(scratch.states, first, scratch.motion);
    if (params.tables.states == nullptr) continue;
    FORKROAD_ROLLED
    for (int t = 0; t < kPdmStates; ++t) {
      for (int column = 0; column < kPdmColumns; ++column) {
        store(params.tables.states + in_plan_blocks(plan + first, t * kPdmColumns + column, kRows),
              state_at(scratch.states, t, column));
      }
    }
  }
}

template <class F>
FORKROAD_HD PdmEgo<F> ego_of(const PdmMotion<F>& motion, int t) {
  PdmEgo<F> ego;
  ego.x = load<F>(motion.x[t]);
  ego.y = load<F>(motion.y[t]);
  ego.cos = load<F>(motion.cos[t]);
  ego.sin = load<F>(motion.sin[t]);
  ego.speed = load<F>(motion.speed[t]);
  return ego;
}

// Where the boxes of a tile's lanes are: as they drive, and as TTC moves them on.
template <class F>
struct PdmBounds {
  Rectangle<F> body, reach;
};

template <class F>
FORKROAD_HD PdmBounds<F> bound_pdm_tile(const PdmMotion<F>& motion, int first, int end) {
  const F far = lit<F>(3.0e38), radius = lit<F>(kPdmRadius + kPdmSlack);
  PdmBounds<F> bounds = {{far, far, -far, -far}, {far, far, -far, -far}};
  const auto grow = [](Rectangle<F>& box, F x, F y, F by) {
    box.min_x = min(box.min_x, x - by);
    box.min_y = min(box.min_y, y - by);
    box.max_x = max(box.max_x, x + by);
    box.max_y = max(box.max_y, y + by);
  };
  FORKROAD_ROLLED
  for (int t = first; t < end; ++t) {
    const PdmEgo<F> ego = ego_of(motion, t);
    const F x = fma(lit<F>(kPdmRearToCenter), ego.cos, ego.x);
    const F y = fma(lit<F>(kPdmRearToCenter), ego.sin, ego.y);
    grow(bounds.body, x, y, radius);
    grow(bounds.reach, x, y, fma(lit<F>(kPdmDt * kPdmTtcFrames), ego.speed, radius));
  }
  return bounds;
}

template <class F>
FORKROAD_HD Rectangle<ScalarOf<F>> over_lanes(const Rectangle<F>& box) {
  return {reduce_min(box.min_x), reduce_min(box.min_y), reduce_max(box.max_x),
          reduce_max(box.max_y)};
}

template <class F>
struct PdmTerms {
  PdmContacts<F> contacts;
  F drivable_area, traffic_light;
  LaneKeeping<F> lane_keeping;
  F farthest;  // [m] from the start along either axis
  PdmMargin<F> margin;
};

// NC and TTC of one step.
template <class F, class D>
FORKROAD_HD void judge_objects(const PdmView<ScalarOf<F>>& view, const PdmEgo<F>& ego, int t,
                               PdmScratch<F, D>& scratch, PdmTerms<F>& terms) {
  using S = ScalarOf<F>;
  constexpr S kAhead[] = {S(0.0), S(kPdmDt * 3), S(kPdmDt * 6), S(kPdmDt * 9)};
  const int stride = scratch.ignored.stride;
  const int last_ttc = view.version_2 ? kPdmSteps - kPdmTtcFrames : kPdmSteps;
  FORKROAD_ROLLED
  for (int c = 0; c < scratch.near.num_objects; ++c) {
    const int object = scratch.near.objects[c];
    judge_collision(ego, view.objects[t * view.num_objects + object], view.is_agent[object] != 0,
                    view.is_stopped[object] != 0, t,
                    scratch.ignored.by_collision + int64_t{object} * stride, terms.contacts,
                    terms.margin);
    if (t > last_ttc) continue;
    FORKROAD_ROLLED
    for (int k = 0; k < 4; ++k) {
      judge_ttc(ego, view.objects[(t + 3 * k) * view.num_objects + object], F(kAhead[k]), t,
                scratch.ignored.by_ttc + int64_t{object} * stride, terms.contacts, terms.margin);
    }
  }
}

// TLC of one step.
template <class F, class D>
FORKROAD_HD void judge_lights(const PdmView<ScalarOf<F>>& view, const PdmBody<F>& body,
                              const PdmEgo<F>& ego, int t, const PdmScratch<F, D>& scratch,
                              PdmTerms<F>& terms) {
  for (int c = 0; c < scratch.near.num_reds; ++c) {
    const int red = scratch.near.reds[c];
    if (view.red_on[red * kPdmStates + t] == 0) continue;
    const MaskOf<F> touched = polygon_touches_box(
        view, view.red_polygon[red], pdm_box(ego, lit<F>(0.0)), body.point[0], terms.margin);
    terms.traffic_light = select(touched, lit<F>(0.0), terms.traffic_light);
  }
}

// All terms of one step except the roll-up of DDC.
template <class F, class D>
FORKROAD_HD void judge_step(const PdmParams<ScalarOf<F>>& params, int plan, int t,
                            PdmScratch<F, D>& scratch, PdmTerms<F>& terms) {
  const PdmView<ScalarOf<F>>& view = params.view;
  const F one = lit<F>(1.0), zero = lit<F>(0.0);
  PdmEgo<F> ego = ego_of(scratch.motion, t);
  const PdmBody<F> body = pdm_body(ego.x, ego.y, ego.cos, ego.sin);
  const Point<F>& center = body.point[4];
  terms.farthest = max(max(abs(ego.x), abs(ego.y)), terms.farthest);
  ego.areas = find_areas(scratch.near, body, terms.margin);
  terms.drivable_area = min(terms.drivable_area, one - ego.areas.non_drivable);
  F metres = load<F>(scratch.motion.advance[t]) * ego.areas.off_route;
  if (view.version_2) metres = metres * (one - ego.areas.center_in_intersection);
  store(scratch.off_route_metres[t], metres);
  LineProjection<F> line = {lit<F>(3.0e38), zero};
  FORKROAD_ROLLED
  for (int s = 0; s < scratch.near.num_segments; ++s) {
    project_to_segment(view.line, scratch.near.segments[s], center, line);
  }
  terms.lane_keeping.step(line.distance2, ego.areas.center_in_intersection, terms.margin);
  judge_lights(view, body, ego, t, scratch, terms);
  judge_objects(view, ego, t, scratch, terms);
  if (params.tables.areas == nullptr) return;
  const F flags[3] = {ego.areas.multiple_lanes, ego.areas.non_drivable, ego.areas.off_route};
  for (int k = 0; k < 3; ++k) {
    store(params.tables.areas + (int64_t{k} * kPdmStates + t) * params.padded_plans + plan,
          flags[k]);
  }
}

template <class F>
FORKROAD_HD PdmTerms<F> no_terms() {
  const F one = lit<F>(1.0), none = lit<F>(-1.0), zero = lit<F>(0.0);
  return {{one, none, one, none}, one, one, {zero, one}, zero, {}};
}

// Clears the lists of ignored objects.
template <class F, class D>
FORKROAD_HD void forget_ignored(int num_objects, PdmScratch<F, D>& scratch) {
  for (int object = 0; object < num_objects; ++object) {
    const int64_t at = int64_t{object} * scratch.ignored.stride;
    store(scratch.ignored.by_collision + at, lit<F>(0.0));
    store(scratch.ignored.by_ttc + at, lit<F>(0.0));
  }
}

template <class F, class D>
FORKROAD_HD void store_terms(const PdmTables& tables, int plan, const PdmScratch<F, D>& scratch,
                             PdmTerms<F>& terms) {
  store(tables.no_collision + plan, terms.contacts.no_collision);
  store(tables.at_fault_step + plan, terms.contacts.at_fault_step);
  store(tables.ttc + plan, terms.contacts.ttc);
  store(tables.ttc_step + plan, terms.contacts.ttc_step);
  store(tables.drivable_area + plan, terms.drivable_area);
  store(tables.traffic_light + plan, terms.traffic_light);
  store(tables.lane_keeping + plan, terms.lane_keeping.kept);
  store(tables.driving_direction + plan,
        driving_direction<F>(scratch.off_route_metres, terms.margin));
  if constexpr (PdmMargin<F>::kKept) {
    // NaN counts as far
    const MaskOf<F> close = terms.farthest <= lit<F>(kPdmFloatReach);
    store(tables.margin + plan, select(close, terms.margin.least, lit<F>(0.0)));
  }
}

FORKROAD_HD int pdm_tile_end(int first) {
  return first + kPdmTileSteps < kPdmStates ? first + kPdmTileSteps : kPdmStates;
}

// Scores plans [plan, plan + width).
template <class F, class D>
FORKROAD_HD void score_pdm_lanes(const PdmParams<ScalarOf<F>>& params, int plan,
                                 PdmScratch<F, D>& scratch) {
  track_lanes(params, plan, scratch);
  forget_ignored(params.view.num_objects, scratch);
  PdmTerms<F> terms = no_terms<F>();
  for (int first = 0; first < kPdmStates; first += kPdmTileSteps) {
    const int end = pdm_tile_end(first);
    const PdmBounds<F> bounds = bound_pdm_tile(scratch.motion, first, end);
    params.find_near(params.view, first / kPdmTileSteps, over_lanes(bounds.body),
                     over_lanes(bounds.reach), scratch.near);
    for (int t = first; t < end; ++t) judge_step(params, plan, t, scratch, terms);
  }
  store_terms(params.tables, plan, scratch, terms);
}

}  // namespace forkroad
