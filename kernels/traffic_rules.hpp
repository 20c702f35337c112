// Traffic rules of a plan: red lights, stop signs, people on crosswalks, standing before a green
// light.
#pragma once

#include "kernels/contact.hpp"
#include "kernels/drivable.hpp"

namespace forkroad {

// A stop line across one lane. Its states are rows of one byte per rollout step in
// RuleView::states; a row -1 stands for all zeros.
struct StopLine {
  float x, y;         // [m] where the lane meets it
  float cos, sin;     // direction of the lane there
  float half_width;   // [m] of the line to either side
  int32_t red_row;    // where it forbids to cross
  int32_t go_row;     // where it asks to drive on
  int32_t stop_sign;  // 1: nobody crosses without having stood before it
};

// A crosswalk that somebody walks or rides over during the rollout.
struct UsedCrosswalk {
  float min_x, min_y, max_x, max_y;  // [m]
  int32_t edge_begin, edge_end;      // into RuleView::crosswalk_edges
  int32_t occupied_row;              // into RuleView::states
};

struct RuleView {
  const StopLine* lines = nullptr;
  const UsedCrosswalk* crosswalks = nullptr;
  const RingEdge* crosswalk_edges = nullptr;
  const uint8_t* states = nullptr;  // [rows, num_steps + 1]
  int32_t num_lines = 0, num_crosswalks = 0, num_edges = 0, num_rows = 0;
  int32_t row_size = 0;                              // num_steps + 1
  float stopped_x = kFarAway, stopped_y = kFarAway;  // [m] where the front last stood before start
};

inline constexpr float kAlongLane = 0.5f;     // cosine: who drives along a lane
inline constexpr float kStandsBelow = 0.5f;   // [m/s] at a stop sign
inline constexpr float kStopSignZone = 6.0f;  // [m] before its line where standing counts
inline constexpr float kGoZone = 10.0f;       // [m] before a green light
inline constexpr float kGoSpeed = 2.0f;       // [m/s] slower there is stuck, unless the way is
inline constexpr float kClearAhead = 10.0f;   // [m] blocked this far ahead

// Per lane, -1: never.
template <class F>
struct RuleFacts {
  F red_light_step;
  F stop_sign_step;
  F crosswalk_step;
  F stuck_step;
  F stuck_steps;           // how many
  F stopped_x, stopped_y;  // [m] where the front last stood
};

template <class F>
FORKROAD_HD RuleFacts<F> no_rule_facts(const RuleView& view) {
  using S = ScalarOf<F>;
  const F never = lit<F>(-1.0);
  return {never, never, never, never, lit<F>(0.0), F(S(view.stopped_x)), F(S(view.stopped_y))};
}

// The middle of a box's front edge.
template <class F>
struct Front {
  F x, y;
};

template <class F>
FORKROAD_HD Front<F> front_of(const Obb<F>& box) {
  return {fma(box.half_length, box.cos, box.x), fma(box.half_length, box.sin, box.y)};
}

// A place seen from a stop line: how far beyond it and how far left of its middle.
template <class F>
struct FromLine {
  F beyond, left;
};

template <class F>
FORKROAD_HD FromLine<F> seen_from(const StopLine& line, F x, F y) {
  using S = ScalarOf<F>;
  const F dx = x - F(S(line.x)), dy = y - F(S(line.y));
  const F cos = F(S(line.cos)), sin = F(S(line.sin));
  return {fma(dy, sin, dx * cos), fma(dy, cos, -(dx * sin))};
}

FORKROAD_HD bool state_of(const RuleView& view, int32_t row, int step) {
  return row >= 0 && view.states[static_cast<int64_t>(row) * view.row_size + step] != 0;
}

template <class F>
FORKROAD_HD MaskOf<F> drives_along(const StopLine& line, const Obb<F>& box) {
  using S = ScalarOf<F>;
  return fma(box.sin, F(S(line.sin)), box.cos * F(S(line.cos))) > lit<F>(kAlongLane);
}

// Stop lines crossed since the step before by the front, within their width and along the lane: on
// red, or at a stop sign without having stood in the last 6 m before it.
template <class F>
FORKROAD_HD void judge_stop_lines(const RuleView& view, const EgoStep<F>& ego, int step,
                                  RuleFacts<F>& facts) {
  using S = ScalarOf<F>;
  const F zero = lit<F>(0.0), this_step = F(S(step));
  const Front<F> before = front_of(ego.before), now = front_of(ego.now);
  const F speed2 = fma(ego.velocity_x, ego.velocity_x, ego.velocity_y * ego.velocity_y);
  const MaskOf<F> stands = speed2 < lit<F>(kStandsBelow) * lit<F>(kStandsBelow);
  facts.stopped_x = select(stands, now.x, facts.stopped_x);
  facts.stopped_y = select(stands, now.y, facts.stopped_y);
  for (int k = 0; k < view.num_lines; ++k) {
    const StopLine& line = view.lines[k];
    const bool red = state_of(view, line.red_row, step);
    if (!red && line.stop_sign == 0) continue;
    // a front that has just crossed is no further from the middle than half the width and the way
    const F dx = now.x - F(S(line.x)), dy = now.y - F(S(line.y));
    const F reach =
        fma(ego.travel + F(S(line.half_width)), lit<F>(kPrefilterScale), lit<F>(kPrefilterMargin));
    if (!any(fma(dx, dx, dy * dy) <= reach * reach)) continue;
    const FromLine<F> was = seen_from(line, before.x, before.y);
    const FromLine<F> is = seen_from(line, now.x, now.y);
    const F half_width = F(ScalarOf<F>(line.half_width));
    const MaskOf<F> crossed = (was.beyond < zero) & (is.beyond >= zero) &
                              (abs(is.left) <= half_width) & drives_along(line, ego.now);
    if (!any(crossed)) continue;
    if (red) {
      facts.red_light_step =
          select(crossed & (facts.red_light_step < zero), this_step, facts.red_light_step);
    }
    if (line.stop_sign == 0) continue;
    const FromLine<F> stood = seen_from(line, facts.stopped_x, facts.stopped_y);
    const MaskOf<F> obeyed =
        (stood.beyond >= lit<F>(-kStopSignZone)) & (abs(stood.left) <= half_width + half_width);
    facts.stop_sign_step =
        select(crossed & !obeyed & (facts.stop_sign_step < zero), this_step, facts.stop_sign_step);
  }
}

template <class F>
FORKROAD_HD MaskOf<F> inside_crosswalk(const RuleView& view, const UsedCrosswalk& crosswalk, F x,
                                       F y) {
  using S = ScalarOf<F>;
  MaskOf<F> inside = lit<F>(1.0) < lit<F>(0.0);
  for (int k = crosswalk.edge_begin; k < crosswalk.edge_end; ++k) {
    const RingEdge& edge = view.crosswalk_edges[k];
    const F y0 = F(S(edge.y0));
    const MaskOf<F> spans = exclusive_or(y0 > y, F(S(edge.y1)) > y);
    const MaskOf<F> left_of = x < F(S(edge.x0)) + (y - y0) * F(S(edge.slope));
    inside = exclusive_or(inside, spans & left_of);
  }
  return inside;
}

// The first step at which the front enters a crosswalk that somebody is on.
template <class F>
FORKROAD_HD void judge_crosswalks(const RuleView& view, const EgoStep<F>& ego, int step,
                                  RuleFacts<F>& facts) {
  using S = ScalarOf<F>;
  const Front<F> before = front_of(ego.before), now = front_of(ego.now);
  for (int k = 0; k < view.num_crosswalks; ++k) {
    const UsedCrosswalk& crosswalk = view.crosswalks[k];
    if (!state_of(view, crosswalk.occupied_row, step)) continue;
    const MaskOf<F> near = (now.x >= F(S(crosswalk.min_x))) & (now.x <= F(S(crosswalk.max_x))) &
                           (now.y >= F(S(crosswalk.min_y))) & (now.y <= F(S(crosswalk.max_y)));
    if (!any(near)) continue;
    const MaskOf<F> enters = near & inside_crosswalk(view, crosswalk, now.x, now.y) &
                             !inside_crosswalk(view, crosswalk, before.x, before.y);
    facts.crosswalk_step =
        select(enters & (facts.crosswalk_step < lit<F>(0.0)), F(S(step)), facts.crosswalk_step);
  }
}

// Whether a box lies in the corridor ahead of the ego, as wide as the ego.
template <class F>
FORKROAD_HD MaskOf<F> is_blocked(const Obb<F>& ego, const AgentCircle* circles,
                                 const AgentBox* boxes, int num_agents) {
  using S = ScalarOf<F>;
  const F half = lit<F>(0.5 * kClearAhead);
  const Front<F> front = front_of(ego);
  const Obb<F> corridor = {fma(half, ego.cos, front.x),
                           fma(half, ego.sin, front.y),
                           ego.cos,
                           ego.sin,
                           half,
                           ego.half_width};
  const F radius = half + ego.half_width;
  MaskOf<F> blocked = lit<F>(1.0) < lit<F>(0.0);
  for (int agent = 0; agent < num_agents; ++agent) {
    const AgentCircle& circle = circles[agent];
    const F dx = F(S(circle.x)) - corridor.x, dy = F(S(circle.y)) - corridor.y;
    const F reach = radius + F(S(circle.reach));
    if (!any(fma(dx, dx, dy * dy) <= reach * reach)) continue;
    const AgentStep<F> other = broadcast_agent<F>(circle, boxes[agent]);
    blocked = blocked | (obb_gap(corridor, other.now) <= lit<F>(0.0));
  }
  return blocked;
}

// Steps at which the ego is slower than 2 m/s in the last 10 m before a green light though nobody
// is within 10 m ahead (CRAFT's go-required zone).
template <class F>
FORKROAD_HD void judge_stuck(const RuleView& view, const EgoStep<F>& ego,
                             const AgentCircle* circles, const AgentBox* boxes, int num_agents,
                             int step, RuleFacts<F>& facts) {
  const F zero = lit<F>(0.0);
  const F speed2 = fma(ego.velocity_x, ego.velocity_x, ego.velocity_y * ego.velocity_y);
  const MaskOf<F> slow = speed2 < lit<F>(kGoSpeed) * lit<F>(kGoSpeed);
  if (!any(slow)) return;
  const Front<F> front = front_of(ego.now);
  MaskOf<F> should_go = lit<F>(1.0) < zero;
  for (int k = 0; k < view.num_lines; ++k) {
    const StopLine& line = view.lines[k];
    if (!state_of(view, line.go_row, step)) continue;
    const FromLine<F> place = seen_from(line, front.x, front.y);
    should_go = should_go | ((place.beyond < zero) & (place.beyond >= lit<F>(-kGoZone)) &
                             (abs(place.left) <= F(ScalarOf<F>(line.half_width))) &
                             drives_along(line, ego.now));
  }
  const MaskOf<F> waits = slow & should_go;
  if (!any(waits)) return;
  const MaskOf<F> stuck = waits & !is_blocked(ego.now, circles, boxes, num_agents);
  facts.stuck_step =
      select(stuck & (facts.stuck_step < zero), F(ScalarOf<F>(step)), facts.stuck_step);
  facts.stuck_steps = facts.stuck_steps + select(stuck, lit<F>(1.0), zero);
}

}  // namespace forkroad
