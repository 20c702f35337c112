// Time to collision: when two boxes would first touch if both kept their velocity and heading.
#pragma once

#include "kernels/contact.hpp"

namespace forkroad {

inline constexpr float kMovingSpeed = 0.005f;         // [m/s] slower egos are on no course (nuPlan)
inline constexpr float kMaxCollisionHorizon = 60.0f;  // [s]

// The least time to collision over a plan's steps; the least (time, step, agent) counts.
template <class F>
struct CourseFacts {
  F time;   // [s] saturated at the horizon
  F step;   // -1 while saturated
  F agent;  // index into the agent table
};

template <class F>
FORKROAD_HD CourseFacts<F> no_course(float horizon) {
  return {F(ScalarOf<F>(horizon)), lit<F>(-1.0), lit<F>(-1.0)};
}

// Pairs further apart than reach + AgentCircle::reach + horizon * AgentCircle::speed cannot meet
// within the horizon.
template <class F>
FORKROAD_HD F course_reach(F radius, F velocity_x, F velocity_y, F horizon) {
  return fma(fma(hypot_bound(velocity_x, velocity_y), horizon, radius), lit<F>(kPrefilterScale),
             lit<F>(kPrefilterMargin));
}

// Whether the circles around two boxes come together within the horizon. (px, py): from ego to
// agent, (vx, vy): agent's velocity minus ego's.
template <class F>
FORKROAD_HD MaskOf<F> circles_meet(F px, F py, F vx, F vy, F radius, F horizon) {
  const F zero = lit<F>(0.0);
  const F a = fma(vx, vx, vy * vy);
  const F b = fma(px, vx, py * vy);
  const F c = fma(px, px, py * py) - radius * radius;
  const MaskOf<F> turns_before = -b < a * horizon;  // nearest within the horizon
  const MaskOf<F> close_enough =
      select(turns_before, b * b - a * c, -fma(fma(a, horizon, b + b), horizon, c)) >= zero;
  return (c <= zero) | ((b < zero) & close_enough);
}

// The span of time over which two moving intervals overlap.
template <class F>
struct Overlapping {
  F enter, leave;  // [s]
};

template <class F>
FORKROAD_HD void narrow(Overlapping<F>& span, F offset, F speed, F extent) {
  const F least = lit<F>(1.0e-6);
  const F rate = lit<F>(1.0) / select(abs(speed) < least, least, speed);
  const F first = (-extent - offset) * rate;
  const F second = (extent - offset) * rate;
  span.enter = max(span.enter, min(first, second));
  span.leave = min(span.leave, max(first, second));
}

// Time [s] until two boxes touch that move with (vx, vy) relative to each other and do not turn;
// 0 where they touch already, 1e9 where they never do: they touch while they overlap along all of
// the four face normals.
template <class F>
FORKROAD_HD F time_to_touch(const Obb<F>& a, const Obb<F>& b, F vx, F vy) {
  const F dx = b.x - a.x, dy = b.y - a.y;
  const F tx = fma(dy, a.sin, dx * a.cos), ty = fma(-dx, a.sin, dy * a.cos);
  const F ux = fma(vy, a.sin, vx * a.cos), uy = fma(-vx, a.sin, vy * a.cos);
  const F c = fma(a.sin, b.sin, a.cos * b.cos);
  const F s = fma(a.cos, b.sin, -(a.sin * b.cos));
  const F abs_c = abs(c), abs_s = abs(s);
  Overlapping<F> span = {lit<F>(-1.0e9), lit<F>(1.0e9)};
  narrow(span, tx, ux, fma(b.half_width, abs_s, fma(b.half_length, abs_c, a.half_length)));
  narrow(span, ty, uy, fma(b.half_width, abs_c, fma(b.half_length, abs_s, a.half_width)));
  narrow(span, fma(ty, s, tx * c), fma(uy, s, ux * c),
         fma(a.half_width, abs_s, fma(a.half_length, abs_c, b.half_length)));
  narrow(span, fma(-tx, s, ty * c), fma(-ux, s, uy * c),
         fma(a.half_width, abs_c, fma(a.half_length, abs_s, b.half_width)));
  const MaskOf<F> touches = (span.enter <= span.leave) & (span.leave >= lit<F>(0.0));
  return select(touches, max(span.enter, lit<F>(0.0)), lit<F>(1.0e9));
}

// Takes one pair into account. Partners more than 150 degrees off the ego's heading do not count,
// nor anyone while the ego stands (nuPlan's time_to_collision_within_bound).
template <class F>
FORKROAD_HD void foresee_agent(const EgoStep<F>& ego, const AgentStep<F>& agent, F agent_index,
                               F radius, int step, F horizon, CourseFacts<F>& facts) {
  const F zero = lit<F>(0.0);
  const F dx = agent.now.x - ego.now.x, dy = agent.now.y - ego.now.y;
  const F vx = agent.velocity_x - ego.velocity_x, vy = agent.velocity_y - ego.velocity_y;
  const F speed2 = fma(ego.velocity_x, ego.velocity_x, ego.velocity_y * ego.velocity_y);
  const F ahead = fma(dy, ego.now.sin, dx * ego.now.cos);
  const MaskOf<F> behind = (ahead < zero) & (ahead * ahead > lit<F>(0.75) * fma(dx, dx, dy * dy));
  const MaskOf<F> counts = (speed2 > lit<F>(kMovingSpeed) * lit<F>(kMovingSpeed)) & !behind &
                           circles_meet(dx, dy, vx, vy, radius, horizon);
  if (!any(counts)) return;
  const F time = time_to_touch(ego.now, agent.now, vx, vy);
  // steps may come in any order, see ContactFacts
  const F this_step = F(ScalarOf<F>(step));
  const MaskOf<F> sooner =
      counts & ((time < facts.time) | ((time == facts.time) & (this_step < facts.step)));
  facts.time = select(sooner, time, facts.time);
  facts.step = select(sooner, this_step, facts.step);
  facts.agent = select(sooner, agent_index, facts.agent);
}

}  // namespace forkroad
