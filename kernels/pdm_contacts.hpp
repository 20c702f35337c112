// NAVSIM's NC (no at-fault collision) and TTC (time to collision) of a group of lanes.
//
// Source: pdm_planner/scoring/pdm_scorer.py. Each term keeps its own list of ignored objects per
// plan; at-fault objects are not listed.
#pragma once

#include "kernels/obb.hpp"
#include "kernels/pdm_areas.hpp"

namespace forkroad {

inline constexpr double kStoppedEgo = 0.05;   // [m/s] at most: never at fault
inline constexpr double kSlowestTtc = 0.005;  // [m/s] below it TTC is not asked

// The ego at one step as contacts see it.
template <class F>
struct PdmEgo {
  F x, y;  // rear axle
  F cos, sin;
  F speed;  // hypot(vx, vy)
  PdmAreas<F> areas;
};

// Per-lane results of both terms so far.
template <class F>
struct PdmContacts {
  F no_collision;   // 1, 0.5 or 0
  F at_fault_step;  // -1: none
  F ttc;            // 1 or 0
  F ttc_step;       // -1: none
};

// Ignored objects, [num_objects][stride], 1: ignored.
template <class F>
struct PdmIgnored {
  ScalarOf<F>* by_collision;
  ScalarOf<F>* by_ttc;
  int32_t stride;
};

template <class F>
FORKROAD_HD Obb<F> pdm_box(const PdmEgo<F>& ego, F forward) {
  const F to_center = forward + lit<F>(kPdmRearToCenter);
  return {fma(to_center, ego.cos, ego.x), fma(to_center, ego.sin, ego.y), ego.cos, ego.sin,
          lit<F>(kPdmHalfLength),         lit<F>(kPdmHalfWidth)};
}

template <class F>
FORKROAD_HD Obb<F> object_box(const PdmObject<ScalarOf<F>>& object) {
  return {F(object.x),   F(object.y),           F(object.cos),
          F(object.sin), F(object.half_length), F(object.half_width)};
}

// Direction of an object's centre from the ego's rear axle against the ego's heading.
template <class F>
struct Bearing {
  MaskOf<F> ahead;   // less than 30 degrees off
  MaskOf<F> behind;  // more than 150 degrees off
};

template <class F>
FORKROAD_HD Bearing<F> bearing_of(const PdmEgo<F>& ego, const Obb<F>& object, MaskOf<F> asked,
                                  PdmMargin<F>& margin) {
  const F dx = object.x - ego.x;
  const F dy = object.y - ego.y;
  const F along = fma(dy, ego.sin, dx * ego.cos);
  // cos 30 = sqrt(3) / 2: compared as squares, the sign apart
  const F limit = lit<F>(0.75) * fma(dx, dx, dy * dy);
  const MaskOf<F> within = along * along > limit;
  if constexpr (PdmMargin<F>::kKept) {
    // the object's way to the cone is at least half the difference of squares over its distance
    const F twice = max(lit<F>(2.0) * hypot_bound(dx, dy), lit<F>(1.0e-12));
    margin.see_where(asked, (along * along - limit) / twice);
  }
  Bearing<F> bearing;
  bearing.ahead = within & (along > lit<F>(0.0));
  bearing.behind = within & (along < lit<F>(0.0));
  return bearing;
}

template <class F>
FORKROAD_HD MaskOf<F> touches(const Obb<F>& a, const PdmObject<ScalarOf<F>>& object,
                              PdmMargin<F>& margin) {
  const F dx = F(object.x) - a.x;
  const F dy = F(object.y) - a.y;
  const F reach = F(object.reach);
  const MaskOf<F> near = fma(dx, dx, dy * dy) <= reach * reach;
  if (!any(near)) return near;
  const F gap = obb_gap(a, object_box<F>(object));
  margin.see_where(near, gap);
  return near & (gap <= lit<F>(0.0));
}

// The ego's speed against a threshold where it decides. Near standstill speeds are known far better
// than places, so that a difference weighs a hundredfold.
template <class F>
FORKROAD_HD void see_speed(const PdmEgo<F>& ego, double threshold, MaskOf<F> asked,
                           PdmMargin<F>& margin) {
  margin.see_where(asked, lit<F>(100.0) * (ego.speed - lit<F>(threshold)));
}

// One object at one step. Speed, type of the object are those of its first sight.
template <class F>
FORKROAD_HD void judge_collision(const PdmEgo<F>& ego, const PdmObject<ScalarOf<F>>& object,
                                 bool is_agent, bool is_stopped, int step, ScalarOf<F>* ignored,
                                 PdmContacts<F>& contacts, PdmMargin<F>& margin) {
  const F one = lit<F>(1.0), zero = lit<F>(0.0), half = lit<F>(0.5);
  const Obb<F> box = pdm_box(ego, zero);
  MaskOf<F> hit = touches(box, object, margin);
  if (!any(hit)) return;
  const F listed = load<F>(ignored);
  hit = hit & (listed < half);
  if (!any(hit)) return;
  const MaskOf<F> stopped_ego = ego.speed <= lit<F>(kStoppedEgo);
  see_speed(ego, kStoppedEgo, hit, margin);
  F fault = one;
  if (!is_stopped) {
    const Obb<F> other = object_box<F>(object);
    Obb<F> front = pdm_box(ego, lit<F>(kPdmHalfLength));
    front.half_length = zero;
    const F front_gap = obb_gap(front, other);
    const MaskOf<F> front_touches = front_gap <= zero;
    margin.see_where(hit, front_gap);
    const F in_bad_area = max(ego.areas.multiple_lanes, ego.areas.non_drivable);
    fault = select(front_touches, one, in_bad_area);
    fault = select(bearing_of(ego, other, hit, margin).behind, zero, fault);
  }
  fault = select(stopped_ego, zero, fault);
  const MaskOf<F> at_fault = hit & (fault > half);
  const F penalty = is_agent ? zero : half;
  contacts.no_collision =
      select(at_fault, min(contacts.no_collision, penalty), contacts.no_collision);
  contacts.at_fault_step = select(at_fault & (contacts.at_fault_step < zero), F(ScalarOf<F>(step)),
                                  contacts.at_fault_step);
  store(ignored, select(hit & (fault < half), one, listed));
}

// One object as it is `seconds` after a step, the ego moved straight on by its speed.
template <class F>
FORKROAD_HD void judge_ttc(const PdmEgo<F>& ego, const PdmObject<ScalarOf<F>>& object, F seconds,
                           int step, ScalarOf<F>* ignored, PdmContacts<F>& contacts,
                           PdmMargin<F>& margin) {
  const F one = lit<F>(1.0), zero = lit<F>(0.0), half = lit<F>(0.5);
  const Obb<F> box = pdm_box(ego, ego.speed * seconds);
  MaskOf<F> hit = touches(box, object, margin);
  if (!any(hit)) return;
  const F listed = load<F>(ignored);
  hit = hit & (listed < half);
  see_speed(ego, kSlowestTtc, hit, margin);
  hit = hit & (ego.speed >= lit<F>(kSlowestTtc));
  if (!any(hit)) return;
  const Bearing<F> bearing = bearing_of(ego, object_box<F>(object), hit, margin);
  const F context =
      max(max(ego.areas.multiple_lanes, ego.areas.non_drivable), ego.areas.rear_in_intersection);
  const MaskOf<F> violated = hit & (bearing.ahead | ((context > half) & !bearing.behind));
  contacts.ttc = select(violated, zero, contacts.ttc);
  contacts.ttc_step =
      select(violated & (contacts.ttc_step < zero), F(ScalarOf<F>(step)), contacts.ttc_step);
  store(ignored, select(hit & !violated, one, listed));
}

}  // namespace forkroad
