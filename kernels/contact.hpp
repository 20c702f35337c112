// Contact facts of one plan against one agent at one step: cull, clearance, swept contact, class.
#pragma once

#include "kernels/agent_steps.hpp"
#include "kernels/obb.hpp"

namespace forkroad {

// How contact is decided. Contact is tested at `substeps` evenly spaced instants of every step
// (the last one is the step itself), both boxes interpolated; substeps = 1 tests steps only.
struct ContactRule {
  float clearance_limit = 2.0f;  // [m] clearance saturates here; >= 0
  int32_t substeps = 4;          // >= 1
};

inline constexpr int32_t kMaxSubsteps = 64;

// The rule with what the passes need of it, so that no lane divides by a count.
struct SweptContact {
  float clearance_limit = 0;
  int32_t substeps = 1;
  float substep_share = 1;            // 1 / substeps
  float fraction[kMaxSubsteps] = {};  // [k]: k / substeps
};

inline SweptContact prepare_contact(const ContactRule& rule) {
  SweptContact contact;
  contact.clearance_limit = rule.clearance_limit;
  contact.substeps = rule.substeps;
  contact.substep_share = 1.0f / static_cast<float>(rule.substeps);
  for (int32_t k = 0; k < rule.substeps; ++k) {
    contact.fraction[k] = static_cast<float>(k) / static_cast<float>(rule.substeps);
  }
  return contact;
}

inline constexpr float kMaxClearanceLimit = 1000.0f;  // [m]
// Instants are whole numbers held in lanes: a rollout has at most this many [sub-steps].
inline constexpr int64_t kMaxInstants = int64_t{1} << 22;

// Who touched whom, in the order in which the classes are decided (nuPlan's collision types).
enum class ContactClass : uint8_t {
  kNone,
  kStoppedEgo,     // the ego moves at <= 0.05 m/s
  kStoppedAgent,   // the partner moves at <= 0.05 m/s or is a static object
  kActiveRear,     // the partner is more than 150 degrees off the ego's heading
  kActiveFront,    // the ego's front edge touches the partner
  kActiveLateral,  // anything else
};

inline constexpr float kStoppedSpeed = 0.05f;   // [m/s] nuPlan's threshold for both roads users
inline constexpr float kNeverInstant = 1.0e9f;  // contact instant of a plan without contact
// Slack of every skip, far above rounding: absolute [m] and relative.
inline constexpr float kPrefilterMargin = 1.0e-3f;
inline constexpr float kPrefilterScale = 1.000001f;

// The ego at one step and on the way there.
template <class F>
struct EgoStep {
  Obb<F> now, before;
  F velocity_x, velocity_y;  // [m/s] mean over the step
  F travel;                  // [m] bound on any point's travel over the step
  F reach;                   // [m] circumradius plus what may still matter: see ego_reach
};

// Facts of a lane's plan so far. The first contact is the least (instant, agent), the clearance the
// least (distance, step, agent) over everything seen. Steps may come in any order, the agents of a
// step in rising order.
template <class F>
struct ContactFacts {
  F instant;         // first contact, counted in sub-steps from the start; kNeverInstant: none
  F gap;             // [m] signed gap at that instant; 0 without contact
  F agent;           // the partner, index into the agent table; -1
  F contact_class;   // ContactClass
  F relative_speed;  // [m/s] |ego velocity - partner velocity| at first contact
  F clearance;       // [m] least signed distance at the steps, saturated
  F clearance_step;  // -1 while saturated
  F clearance_agent;
  // the first contact that is the plan's fault, see is_fault
  F fault_instant;  // kNeverInstant: none
  F fault_agent;
  F fault_class;
  F fault_relative_speed;
};

template <class F>
FORKROAD_HD ContactFacts<F> no_contact(const SweptContact& rule) {
  const F none = lit<F>(-1.0);
  const F zero = lit<F>(0.0);
  return {lit<F>(kNeverInstant),
          zero,
          none,
          zero,
          zero,
          F(ScalarOf<F>(rule.clearance_limit)),
          none,
          none,
          lit<F>(kNeverInstant),
          none,
          zero,
          zero};
}

// What a partner's circle is compared with: pairs further apart than reach + AgentCircle::reach
// can neither touch within the step nor lower the clearance.
template <class F>
FORKROAD_HD F ego_reach(F radius, F travel, F clearance) {
  return fma(radius + max(clearance, travel), lit<F>(kPrefilterScale), lit<F>(kPrefilterMargin));
}

// The class of a contact, with both boxes at the instant of contact.
template <class F>
FORKROAD_HD F classify_contact(const Obb<F>& ego, F ego_speed2, const Obb<F>& agent, F agent_speed2,
                               bool is_static) {
  const F stopped2 = lit<F>(kStoppedSpeed) * lit<F>(kStoppedSpeed);
  const F dx = agent.x - ego.x;
  const F dy = agent.y - ego.y;
  const F ahead = fma(dy, ego.sin, dx * ego.cos);
  // more than 150 degrees off: the cosine is below -sqrt(3)/2
  const MaskOf<F> behind =
      (ahead < lit<F>(0.0)) & (ahead * ahead > lit<F>(0.75) * fma(dx, dx, dy * dy));
  Obb<F> front = ego;
  front.x = fma(ego.half_length, ego.cos, ego.x);
  front.y = fma(ego.half_length, ego.sin, ego.y);
  front.half_length = lit<F>(0.0);
  const MaskOf<F> front_touches = obb_gap(front, agent) <= lit<F>(0.0);
  F result = select(front_touches, lit<F>(4.0), lit<F>(5.0));
  result = select(behind, lit<F>(3.0), result);
  result = is_static ? lit<F>(2.0) : select(agent_speed2 <= stopped2, lit<F>(2.0), result);
  return select(ego_speed2 <= stopped2, lit<F>(1.0), result);
}

// The partner as lanes see it.
template <class F>
struct AgentStep {
  Obb<F> now, before;
  ObbMotion<F> motion;
  F velocity_x, velocity_y;
  F speed2;
  F travel;
  F excuse_gap, excuse_speed;
  bool is_static;
  bool sweeps;                // observed at the previous step too
  bool excused, was_excused;  // AgentFlag
};

template <class F>
FORKROAD_HD AgentStep<F> broadcast_agent(const AgentCircle& circle, const AgentBox& box) {
  using S = ScalarOf<F>;
  AgentStep<F> agent;
  agent.now = {F(S(circle.x)), F(S(circle.y)),        F(S(box.cos)),
               F(S(box.sin)),  F(S(box.half_length)), F(S(box.half_width))};
  agent.before = {F(S(box.x_before)),   F(S(box.y_before)),    F(S(box.cos_before)),
                  F(S(box.sin_before)), F(S(box.half_length)), F(S(box.half_width))};
  agent.velocity_x = F(S(circle.velocity_x));
  agent.velocity_y = F(S(circle.velocity_y));
  agent.motion = {F(S(box.dx)), F(S(box.dy)), F(S(box.dcos)), F(S(box.dsin))};
  agent.speed2 = F(S(circle.speed2));
  agent.travel = F(S(circle.travel));
  agent.excuse_gap = F(S(box.excuse_gap));
  agent.excuse_speed = F(S(box.excuse_speed));
  agent.is_static = (circle.flags & kAgentStatic) != 0;
  agent.sweeps = (circle.flags & kAgentSweeps) != 0;
  agent.excused = (circle.flags & kAgentExcused) != 0;
  agent.was_excused = (circle.flags & kAgentWasExcused) != 0;
  return agent;
}

template <class F>
struct Overlap {
  F instant;  // kNeverInstant: none
  F gap;      // [m] at that instant
};

// The earliest instant within (step - 1, step] at which the boxes overlap, as far as it can still
// precede the first contact known so far; `gap` is the one at the step itself.
// The boxes' distance changes by at most their travel, so two gaps whose sum exceeds it leave no
// room for a contact in between: almost every pair stops there.
template <class F>
FORKROAD_HD Overlap<F> first_overlap(const EgoStep<F>& ego, const AgentStep<F>& agent, F gap,
                                     int step, const SweptContact& rule, F known_instant) {
  const F zero = lit<F>(0.0);
  Overlap<F> first;
  first.instant = select(gap <= zero, F(ScalarOf<F>(step * rule.substeps)), lit<F>(kNeverInstant));
  first.gap = gap;
  if (rule.substeps < 2 || !agent.sweeps) return first;
  const int start = (step - 1) * rule.substeps;
  const F travel = ego.travel + agent.travel + lit<F>(kPrefilterMargin);
  MaskOf<F> unsure = (gap <= travel) & (known_instant > F(ScalarOf<F>(start + 1)));
  if (!any(unsure)) return first;
  unsure = unsure & (obb_gap(ego.before, agent.before) + gap <= travel);
  if (!any(unsure)) return first;
  const ObbMotion<F> ego_motion = motion_between(ego.before, ego.now);
  for (int k = rule.substeps - 1; k >= 1; --k) {
    const F fraction = F(ScalarOf<F>(rule.fraction[k]));
    const F gap_k = obb_gap(interpolate_obb(ego.before, ego_motion, ego.now, fraction),
                            interpolate_obb(agent.before, agent.motion, agent.now, fraction));
    const MaskOf<F> overlaps = unsure & (gap_k <= zero);
    first.instant = select(overlaps, F(ScalarOf<F>(start + k)), first.instant);
    first.gap = select(overlaps, gap_k, first.gap);
  }
  return first;
}

// Whether a contact at a step is the plan's fault. The class must be one that the ego brings about:
// with a stopped partner, with its front, or sideways; being struck from behind or while standing
// is not (nuPlan's at-fault collisions, which ask for several lanes too where it is sideways). Only
// the onset counts: who drives on through a blameless ego does not become its victim, and what
// begins at the start is nobody's plan. Contact with an agent that the log touches about then is
// excused up to the log's depth and speed, and blamed beyond them, whenever it began.
template <class F>
FORKROAD_HD MaskOf<F> is_fault(const EgoStep<F>& ego, const AgentStep<F>& agent, int step,
                               F contact_class, F gap, F relative_speed) {
  const MaskOf<F> active = (contact_class == lit<F>(2.0)) | (contact_class >= lit<F>(4.0));
  MaskOf<F> counts = lit<F>(0.0) < lit<F>(agent.was_excused || !agent.sweeps ? 1.0 : 0.0);
  if (agent.sweeps) counts = counts | (obb_gap(ego.before, agent.before) > lit<F>(0.0));
  if (step == 0) counts = lit<F>(1.0) < lit<F>(0.0);
  if (agent.excused) {
    counts = counts & ((gap < agent.excuse_gap) | (relative_speed > agent.excuse_speed));
  }
  return active & counts;
}

// Takes one pair into account. Correct for any pair; worth calling only within reach.
template <class F>
FORKROAD_HD void meet_agent(const EgoStep<F>& ego, const AgentStep<F>& agent, F agent_index,
                            int step, const SweptContact& rule, ContactFacts<F>& facts) {
  const F gap = obb_gap(ego.now, agent.now);
  const MaskOf<F> may_be_closer = gap <= facts.clearance;
  if (any(may_be_closer)) {
    const F distance = obb_signed_distance(ego.now, agent.now, gap);
    const F this_step = F(ScalarOf<F>(step));
    const MaskOf<F> closer =
        may_be_closer & ((distance < facts.clearance) |
                         ((distance == facts.clearance) & (this_step < facts.clearance_step)));
    facts.clearance = select(closer, distance, facts.clearance);
    facts.clearance_step = select(closer, this_step, facts.clearance_step);
    facts.clearance_agent = select(closer, agent_index, facts.clearance_agent);
  }
  // whoever has no fault yet may still meet one after a contact that was none
  const Overlap<F> first = first_overlap(ego, agent, gap, step, rule, facts.fault_instant);
  const MaskOf<F> touches = first.instant < facts.fault_instant;
  if (!any(touches)) return;
  const F start = F(ScalarOf<F>((step - 1) * rule.substeps));
  const F fraction = min((first.instant - start) * F(ScalarOf<F>(rule.substep_share)), lit<F>(1.0));
  const F relative_x = ego.velocity_x - agent.velocity_x;
  const F relative_y = ego.velocity_y - agent.velocity_y;
  const F relative_speed = sqrt(fma(relative_x, relative_x, relative_y * relative_y));
  const F ego_speed2 = fma(ego.velocity_x, ego.velocity_x, ego.velocity_y * ego.velocity_y);
  const Obb<F> ego_box =
      interpolate_obb(ego.before, motion_between(ego.before, ego.now), ego.now, fraction);
  const Obb<F> agent_box = interpolate_obb(agent.before, agent.motion, agent.now, fraction);
  const F contact_class =
      classify_contact(ego_box, ego_speed2, agent_box, agent.speed2, agent.is_static);
  const MaskOf<F> earlier = first.instant < facts.instant;
  facts.instant = select(earlier, first.instant, facts.instant);
  facts.gap = select(earlier, first.gap, facts.gap);
  facts.agent = select(earlier, agent_index, facts.agent);
  facts.contact_class = select(earlier, contact_class, facts.contact_class);
  facts.relative_speed = select(earlier, relative_speed, facts.relative_speed);
  const MaskOf<F> fault =
      touches & is_fault(ego, agent, step, contact_class, min(first.gap, gap), relative_speed);
  facts.fault_instant = select(fault, first.instant, facts.fault_instant);
  facts.fault_agent = select(fault, agent_index, facts.fault_agent);
  facts.fault_class = select(fault, contact_class, facts.fault_class);
  facts.fault_relative_speed = select(fault, relative_speed, facts.fault_relative_speed);
}

// Once every pair is in: a contact between two steps can be deeper than any step showed.
template <class F>
FORKROAD_HD void finish_contact(const SweptContact& rule, ContactFacts<F>& facts) {
  const MaskOf<F> deeper = (facts.instant < lit<F>(kNeverInstant)) & (facts.gap < facts.clearance);
  // the step at or after the instant: whole numbers, so rounding up is exact
  const F share = F(ScalarOf<F>(rule.substep_share));
  const F step = round_nearest(fma(facts.instant, share, fma(lit<F>(-0.5), share, lit<F>(0.5))));
  facts.clearance = select(deeper, facts.gap, facts.clearance);
  facts.clearance_step = select(deeper, step, facts.clearance_step);
  facts.clearance_agent = select(deeper, facts.agent, facts.clearance_agent);
}

}  // namespace forkroad
