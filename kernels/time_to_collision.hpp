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

// False where the circles around two boxes stay apart for `time` for sure. (px, py): from ego to
// agent, (vx, vy): agent's velocity minus ego's, `radius`: of both circles together. The line of
// motion must pass the ego within the radius, and the circle around the whole way must reach it.
template <class F>
FORKROAD_HD MaskOf<F> may_collide(F px, F py, F vx, F vy, F radius, F time) {
  const F reach = fma(radius, lit<F>(kPrefilterScale), lit<F>(kPrefilterMargin));
  const F reach2 = reach * reach;
  const F aside = fma(px, vy, -(py * vx));
  // distances of kilometres round by more than the margin
  const F apart = fma(fma(px, px, py * py), lit<F>(1.0 - 1.0e-6), -reach2);
  const F closing = fma(-reach, hypot_bound(vx, vy), fma(px, vx, py * vy));
  return (aside * aside <= reach2 * fma(vx, vx, vy * vy)) &
         (fma(closing, time, apart) <= lit<F>(0.0));
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

// Takes one pair into account. Partners more than 150 degrees off the ego's heading do not count,
// nor anyone while the ego stands (nuPlan's time_to_collision_within_bound). Boxes that do not turn
// touch while they overlap along all of the four face normals: the ego's two mostly settle it.
template <class F>
FORKROAD_HD void foresee_agent(const EgoStep<F>& ego, const AgentStep<F>& agent, F agent_index,
                               int step, CourseFacts<F>& facts) {
  const F zero = lit<F>(0.0);
  const Obb<F>& a = ego.now;
  const Obb<F>& b = agent.now;
  const F dx = b.x - a.x, dy = b.y - a.y;
  const F vx = agent.velocity_x - ego.velocity_x, vy = agent.velocity_y - ego.velocity_y;
  const F tx = fma(dy, a.sin, dx * a.cos), ty = fma(-dx, a.sin, dy * a.cos);
  const F ux = fma(vy, a.sin, vx * a.cos), uy = fma(-vx, a.sin, vy * a.cos);
  const F c = fma(a.sin, b.sin, a.cos * b.cos);
  const F s = fma(a.cos, b.sin, -(a.sin * b.cos));
  const F abs_c = abs(c), abs_s = abs(s);
  Overlapping<F> span = {zero, lit<F>(1.0e9)};
  narrow(span, tx, ux, fma(b.half_width, abs_s, fma(b.half_length, abs_c, a.half_length)));
  narrow(span, ty, uy, fma(b.half_width, abs_c, fma(b.half_length, abs_s, a.half_width)));
  const F speed2 = fma(ego.velocity_x, ego.velocity_x, ego.velocity_y * ego.velocity_y);
  const MaskOf<F> behind = (tx < zero) & (tx * tx > lit<F>(0.75) * fma(dx, dx, dy * dy));
  const MaskOf<F> counts = (speed2 > lit<F>(kMovingSpeed) * lit<F>(kMovingSpeed)) & !behind;
  if (!any(counts & (span.enter <= span.leave) & (span.enter <= facts.time))) return;
  narrow(span, fma(ty, s, tx * c), fma(uy, s, ux * c),
         fma(a.half_width, abs_s, fma(a.half_length, abs_c, b.half_length)));
  narrow(span, fma(-tx, s, ty * c), fma(-ux, s, uy * c),
         fma(a.half_width, abs_c, fma(a.half_length, abs_s, b.half_width)));
  // steps may come in any order, see ContactFacts
  const F this_step = F(ScalarOf<F>(step));
  const MaskOf<F> sooner =
      counts & (span.enter <= span.leave) &
      ((span.enter < facts.time) | ((span.enter == facts.time) & (this_step < facts.step)));
  facts.time = select(sooner, span.enter, facts.time);
  facts.step = select(sooner, this_step, facts.step);
  facts.agent = select(sooner, agent_index, facts.agent);
}

}  // namespace forkroad
