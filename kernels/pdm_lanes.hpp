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

// Scratch of one group of lanes.
template <class F, class D>
struct PdmScratch {
  static constexpr int kWidth = kWidthOf<F>;
  static constexpr int kParts = kWidthOf<F> / kWidthOf<D>;
  PdmStates<D> states;
  alignas(64) ScalarOf<F> x[kPdmStates][kWidth];
  alignas(64) ScalarOf<F> y[kPdmStates][kWidth];
  alignas(64) ScalarOf<F> heading[kPdmStates][kWidth];
  alignas(64) ScalarOf<F> vx[kPdmStates][kWidth];
  alignas(64) ScalarOf<F> vy[kPdmStates][kWidth];
  alignas(64) ScalarOf<F> off_route_metres[kPdmStates][kWidth];
  PdmTile<ScalarOf<F>> near;
  PdmIgnored<F> ignored;
};

// Advance of the centre along the centre line [m], not negative.
template <class D>
FORKROAD_HD D pdm_progress(const PdmTrackerView& view, const PdmStates<D>& states) {
  D arc[2];
  for (int k = 0; k < 2; ++k) {
    const int t = k * kPdmSteps;
    const SinCos<D> unit = sin_cos(state_at(states, t, 2));
    const Point<D> center = {fma(lit<D>(kPdmRearToCenter), unit.cos, state_at(states, t, 0)),
                             fma(lit<D>(kPdmRearToCenter), unit.sin, state_at(states, t, 1))};
    arc[k] = project_to_line(view.line, center).arc;
  }
  return max(arc[1] - arc[0], lit<D>(0.0));
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
    for (int t = 0; t < kPdmStates; ++t) {
      store(scratch.x[t] + first, state_at(scratch.states, t, 0));
      store(scratch.y[t] + first, state_at(scratch.states, t, 1));
      store(scratch.heading[t] + first, state_at(scratch.states, t, 2));
      store(scratch.vx[t] + first, state_at(scratch.states, t, 3));
      store(scratch.vy[t] + first, state_at(scratch.states, t, 4));
      if (params.tables.states == nullptr) continue;
      for (int column = 0; column < kPdmColumns; ++column) {
        store(params.tables.states + in_plan_blocks(plan + first, t * kPdmColumns + column, kRows),
              state_at(scratch.states, t, column));
      }
    }
  }
}

template <class F, class D>
FORKROAD_HD PdmEgo<F> ego_of(const PdmScratch<F, D>& scratch, int t) {
  const SinCos<F> unit = sin_cos(load<F>(scratch.heading[t]));
  const F vx = load<F>(scratch.vx[t]), vy = load<F>(scratch.vy[t]);
  PdmEgo<F> ego;
  ego.x = load<F>(scratch.x[t]);
  ego.y = load<F>(scratch.y[t]);
  ego.cos = unit.cos;
  ego.sin = unit.sin;
  ego.speed = sqrt(fma(vx, vx, vy * vy));
  return ego;
}

// Where the boxes of a tile's lanes are, plus `extra` metres around the centres.
template <class F, class D>
FORKROAD_HD Rectangle<ScalarOf<F>> bound_pdm_tile(const PdmScratch<F, D>& scratch, int first,
                                                  int end, bool with_ttc) {
  F low_x = lit<F>(3.0e38), low_y = low_x, high_x = lit<F>(-3.0e38), high_y = high_x;
  for (int t = first; t < end; ++t) {
    const PdmEgo<F> ego = ego_of(scratch, t);
    const F ahead = with_ttc ? ego.speed * lit<F>(kPdmDt * kPdmTtcFrames) : lit<F>(0.0);
    const F reach = lit<F>(kPdmRadius + 1.0e-3) + ahead;
    const F x = fma(lit<F>(kPdmRearToCenter), ego.cos, ego.x);
    const F y = fma(lit<F>(kPdmRearToCenter), ego.sin, ego.y);
    low_x = min(low_x, x - reach);
    low_y = min(low_y, y - reach);
    high_x = max(high_x, x + reach);
    high_y = max(high_y, y + reach);
  }
  return {reduce_min(low_x), reduce_min(low_y), reduce_max(high_x), reduce_max(high_y)};
}

template <class F>
struct PdmTerms {
  PdmContacts<F> contacts;
  F drivable_area, traffic_light;
  LaneKeeping<F> lane_keeping;
};

// NC and TTC of one step.
template <class F, class D>
FORKROAD_HD void judge_objects(const PdmView<ScalarOf<F>>& view, const PdmEgo<F>& ego, int t,
                               PdmScratch<F, D>& scratch, PdmTerms<F>& terms) {
  using S = ScalarOf<F>;
  static constexpr S kAhead[] = {S(0.0), S(kPdmDt * 3), S(kPdmDt * 6), S(kPdmDt * 9)};
  constexpr int kWidth = kWidthOf<F>;
  const int last_ttc = view.version_2 ? kPdmSteps - kPdmTtcFrames : kPdmSteps;
  for (int c = 0; c < scratch.near.num_objects; ++c) {
    const int object = scratch.near.objects[c];
    judge_collision(ego, view.objects[t * view.num_objects + object], view.is_agent[object] != 0,
                    view.is_stopped[object] != 0, t, scratch.ignored.by_collision + object * kWidth,
                    terms.contacts);
    if (t > last_ttc) continue;
    for (int k = 0; k < 4; ++k) {
      judge_ttc(ego, view.objects[(t + 3 * k) * view.num_objects + object], F(kAhead[k]), t,
                scratch.ignored.by_ttc + object * kWidth, terms.contacts);
    }
  }
}

// TLC of one step.
template <class F, class D>
FORKROAD_HD void judge_lights(const PdmView<ScalarOf<F>>& view, const PdmBody<F>& body,
                              const PdmEgo<F>& ego, int t, const PdmScratch<F, D>& scratch,
                              PdmTerms<F>& terms) {
  for (int r = 0; r < view.num_red; ++r) {
    if (view.red_on[r * kPdmStates + t] == 0) continue;
    for (int p = 0; p < scratch.near.num_polygons; ++p) {
      const ActivePolygon& polygon = scratch.near.polygons[p];
      if (polygon.polygon != view.red_polygon[r]) continue;
      const MaskOf<F> inside = inside_polygon(scratch.near, polygon, body.corner[0]);
      const MaskOf<F> touched =
          polygon_touches_box(view, polygon.polygon, pdm_box(ego, lit<F>(0.0)), inside);
      terms.traffic_light = select(touched, lit<F>(0.0), terms.traffic_light);
    }
  }
}

// All terms of one step except the roll-up of DDC.
template <class F, class D>
FORKROAD_HD void judge_step(const PdmParams<ScalarOf<F>>& params, int plan, int t,
                            PdmScratch<F, D>& scratch, PdmTerms<F>& terms) {
  const PdmView<ScalarOf<F>>& view = params.view;
  const F one = lit<F>(1.0), zero = lit<F>(0.0);
  PdmEgo<F> ego = ego_of(scratch, t);
  const PdmBody<F> body = pdm_body(ego.x, ego.y, ego.cos, ego.sin);
  ego.areas = find_areas(scratch.near, body);
  terms.drivable_area = min(terms.drivable_area, one - ego.areas.non_drivable);
  F metres = zero;
  if (t > 0) {
    const PdmEgo<F> before = ego_of(scratch, t - 1);
    const F dx = body.center.x - fma(lit<F>(kPdmRearToCenter), before.cos, before.x);
    const F dy = body.center.y - fma(lit<F>(kPdmRearToCenter), before.sin, before.y);
    metres = sqrt(fma(dx, dx, dy * dy)) * ego.areas.off_route;
    if (view.version_2) metres = metres * (one - ego.areas.center_in_intersection);
  }
  store(scratch.off_route_metres[t], metres);
  LineProjection<F> line = {lit<F>(3.0e38), zero};
  for (int s = 0; s < scratch.near.num_segments; ++s) {
    project_to_segment(view.line, scratch.near.segments[s], body.center, line);
  }
  terms.lane_keeping.step(line.distance2, ego.areas.center_in_intersection);
  judge_lights(view, body, ego, t, scratch, terms);
  judge_objects(view, ego, t, scratch, terms);
  if (params.tables.areas == nullptr) return;
  const F flags[3] = {ego.areas.multiple_lanes, ego.areas.non_drivable, ego.areas.off_route};
  for (int k = 0; k < 3; ++k) {
    store(params.tables.areas + (int64_t{k} * kPdmStates + t) * params.padded_plans + plan,
          flags[k]);
  }
}

// One tile: what is near it, then its steps.
template <class F, class D>
FORKROAD_HD void judge_tile(const PdmParams<ScalarOf<F>>& params, int plan, int first,
                            PdmScratch<F, D>& scratch, PdmTerms<F>& terms) {
  const int end = first + kPdmTileSteps < kPdmStates ? first + kPdmTileSteps : kPdmStates;
  params.find_near(params.view, first / kPdmTileSteps, bound_pdm_tile(scratch, first, end, false),
                   bound_pdm_tile(scratch, first, end, true), scratch.near);
  for (int t = first; t < end; ++t) judge_step(params, plan, t, scratch, terms);
}

// Scores plans [plan, plan + width).
template <class F, class D>
FORKROAD_HD void score_pdm_lanes(const PdmParams<ScalarOf<F>>& params, int plan,
                                 PdmScratch<F, D>& scratch) {
  constexpr int kWidth = kWidthOf<F>;
  const F one = lit<F>(1.0), none = lit<F>(-1.0);
  track_lanes(params, plan, scratch);
  for (int k = 0; k < params.view.num_objects * kWidth; k += kWidth) {
    store(scratch.ignored.by_collision + k, lit<F>(0.0));
    store(scratch.ignored.by_ttc + k, lit<F>(0.0));
  }
  PdmTerms<F> terms = {{one, none, one, none}, one, one, {lit<F>(0.0), one}};
  for (int first = 0; first < kPdmStates; first += kPdmTileSteps) {
    judge_tile(params, plan, first, scratch, terms);
  }
  const PdmTables& tables = params.tables;
  store(tables.no_collision + plan, terms.contacts.no_collision);
  store(tables.at_fault_step + plan, terms.contacts.at_fault_step);
  store(tables.ttc + plan, terms.contacts.ttc);
  store(tables.ttc_step + plan, terms.contacts.ttc_step);
  store(tables.drivable_area + plan, terms.drivable_area);
  store(tables.traffic_light + plan, terms.traffic_light);
  store(tables.lane_keeping + plan, terms.lane_keeping.kept);
  store(tables.driving_direction + plan, driving_direction<F>(scratch.off_route_metres));
}

}  // namespace forkroad
