// The passes over one group of CPU lanes: tile by tile, tracker, then candidates, then contact.
#pragma once

#include "kernels/step_facts.hpp"
#include "kernels/tracker.hpp"

namespace forkroad {

// How the contact pass finds partners. All give the same facts; the first two exist as references
// for tests and benchmarks.
enum class PartnerSearch : uint8_t {
  kBruteForce,  // every pair gets the full test
  kCull,        // circle cull over all agents
  kCompacted    // circle cull over the candidates of a tile
};

// Scratch of one group of lanes; sized by the caller, reused for every group.
template <class F>
struct LaneScratch {
  static constexpr int kWidth = kWidthOf<F>;
  // ego centres of one tile, from row kPastPoses on; the rows before are the steps before
  static constexpr int kRows = kPastPoses + kTileSteps;
  alignas(64) ScalarOf<F> x[kRows][kWidth];
  alignas(64) ScalarOf<F> y[kRows][kWidth];
  alignas(64) ScalarOf<F> cos[kRows][kWidth];
  alignas(64) ScalarOf<F> sin[kRows][kWidth];
  alignas(64) ScalarOf<F> travel[kRows][kWidth];
  alignas(64) ScalarOf<F> turn[kRows][kWidth];  // of the heading over the span before
  int32_t* candidates;                          // [num_agents + kAgentPadding]
  int32_t* close;  // [num_agents + kAgentPadding] that may touch or be near
  int32_t* ahead;  // [num_agents + kAgentPadding] that may be on a collision course
};

// Fills the rows before the first tile with the poses before the start.
template <class F>
FORKROAD_HD void fill_past(const WorldView& world, LaneScratch<F>& scratch) {
  using S = ScalarOf<F>;
  const int count = 3 * world.ride_steps;
  for (int back = 0; back < count; ++back) {
    const PastPose& pose = world.past[back];
    const int row = kPastPoses - 1 - back;
    store(scratch.x[row], F(S(pose.x)));
    store(scratch.y[row], F(S(pose.y)));
    store(scratch.cos[row], F(S(pose.cos)));
    store(scratch.sin[row], F(S(pose.sin)));
  }
}

// Moves the last rows of a tile of `count` steps to where the next tile has its past.
template <class F>
FORKROAD_HD void keep_past(const WorldView& world, int count, LaneScratch<F>& scratch) {
  for (int row = kPastPoses - 3 * world.ride_steps; row < kPastPoses; ++row) {
    store(scratch.x[row], load<F>(scratch.x[row + count]));
    store(scratch.y[row], load<F>(scratch.y[row + count]));
    store(scratch.cos[row], load<F>(scratch.cos[row + count]));
    store(scratch.sin[row], load<F>(scratch.sin[row + count]));
  }
  for (int row = kPastPoses - world.ride_steps; row < kPastPoses; ++row) {
    store(scratch.turn[row], load<F>(scratch.turn[row + count]));
  }
}

// Fills the turns of rows [begin, end).
template <class F>
FORKROAD_HD void measure_turns(const WorldView& world, int begin, int end,
                               LaneScratch<F>& scratch) {
  for (int row = begin; row < end; ++row) {
    const int from = row - world.ride_steps;
    store(scratch.turn[row], turn_between(load<F>(scratch.cos[from]), load<F>(scratch.sin[from]),
                                          load<F>(scratch.cos[row]), load<F>(scratch.sin[row])));
  }
}

// Bounds of where a group's boxes are during a tile, with everything added that may still matter.
template <class F>
struct TileBounds {
  F min_x, min_y, max_x, max_y;
};

// Pass 1 over one tile: fills its `count` rows.
template <class F>
FORKROAD_HD void track_tile(const WorldView& world, const RolloutParams& params, int plan,
                            int first_step, int count, int world_index, Tracker<F>& tracker,
                            LaneScratch<F>& scratch) {
  const F radius = F(ScalarOf<F>(world.radius));
  for (int row = kPastPoses; row < kPastPoses + count; ++row) {
    const int step = first_step + row - kPastPoses;
    const Pose<F> pose = tracker.advance(world, params, step, plan);
    if (step == 0) {
      const Pose<F> before = pose_before_start(world, pose);
      store(scratch.x[row - 1], before.x);
      store(scratch.y[row - 1], before.y);
      store(scratch.cos[row - 1], before.cos);
      store(scratch.sin[row - 1], before.sin);
    }
    const F travel = travel_bound(
        pose.x - load<F>(scratch.x[row - 1]), pose.y - load<F>(scratch.y[row - 1]),
        pose.cos - load<F>(scratch.cos[row - 1]), pose.sin - load<F>(scratch.sin[row - 1]), radius);
    store(scratch.x[row], pose.x);
    store(scratch.y[row], pose.y);
    store(scratch.cos[row], pose.cos);
    store(scratch.sin[row], pose.sin);
    store(scratch.travel[row], travel);
    if (params.ego.x != nullptr) {
      const int64_t at = in_ego_tables(params, world_index, step, plan);
      store(params.ego.x + at, pose.x);
      store(params.ego.y + at, pose.y);
      store(params.ego.heading + at, pose.heading);
    }
  }
}

template <class F>
FORKROAD_HD TileBounds<F> bound_tile(const WorldView& world, int count, F clearance, F time,
                                     const LaneScratch<F>& scratch) {
  using S = ScalarOf<F>;
  const F radius = F(S(world.radius)), rate = F(S(world.rate));
  TileBounds<F> bounds = {lit<F>(3.0e38), lit<F>(3.0e38), lit<F>(-3.0e38), lit<F>(-3.0e38)};
  for (int row = kPastPoses; row < kPastPoses + count; ++row) {
    const F x = load<F>(scratch.x[row]);
    const F y = load<F>(scratch.y[row]);
    const F ahead_x = fma((x - load<F>(scratch.x[row - 1])) * rate, time, x);
    const F ahead_y = fma((y - load<F>(scratch.y[row - 1])) * rate, time, y);
    // coordinates far from the origin round by more than the margin of the reach
    const F reach =
        fma(lit<F>(kCoordinateSlack), max(max(abs(x), abs(y)), max(abs(ahead_x), abs(ahead_y))),
            ego_reach(radius, load<F>(scratch.travel[row]), clearance));
    bounds.min_x = min(bounds.min_x, min(x, ahead_x) - reach);
    bounds.min_y = min(bounds.min_y, min(y, ahead_y) - reach);
    bounds.max_x = max(bounds.max_x, max(x, ahead_x) + reach);
    bounds.max_y = max(bounds.max_y, max(y, ahead_y) + reach);
  }
  return {F(reduce_min(bounds.min_x)), F(reduce_min(bounds.min_y)), F(reduce_max(bounds.max_x)),
          F(reduce_max(bounds.max_y))};
}

// Writes the agents whose tile box touches the bounds, in index order; returns how many.
template <class F>
FORKROAD_HD int compact_candidates(const WorldView& world, int tile, const TileBounds<F>& bounds,
                                   int32_t* candidates) {
  const size_t padded = static_cast<size_t>(world.padded_agents);
  const float* box = world.tile_boxes + static_cast<size_t>(tile) * 4 * padded;
  int count = 0;
  for (int first = 0; first < world.num_agents; first += kWidthOf<F>) {
    const float* at = box + first;
    const MaskOf<F> touches =
        (load<F>(at) <= bounds.max_x) & (load<F>(at + padded) <= bounds.max_y) &
        (load<F>(at + 2 * padded) >= bounds.min_x) & (load<F>(at + 3 * padded) >= bounds.min_y);
    for (uint32_t rest = bits(touches); rest != 0; rest &= rest - 1) {
      candidates[count++] = first + __builtin_ctz(rest);
    }
  }
  return count;
}

template <class F>
FORKROAD_HD EgoStep<F> ego_at(const WorldView& world, int row, const LaneScratch<F>& scratch,
                              const ContactFacts<F>& facts) {
  using S = ScalarOf<F>;
  const F half_length = F(S(world.half_length));
  const F half_width = F(S(world.half_width));
  EgoStep<F> ego;
  ego.now = {load<F>(scratch.x[row]),
             load<F>(scratch.y[row]),
             load<F>(scratch.cos[row]),
             load<F>(scratch.sin[row]),
             half_length,
             half_width};
  ego.before = {load<F>(scratch.x[row - 1]),
                load<F>(scratch.y[row - 1]),
                load<F>(scratch.cos[row - 1]),
                load<F>(scratch.sin[row - 1]),
                half_length,
                half_width};
  const F rate = F(S(world.rate));
  ego.velocity_x = (ego.now.x - ego.before.x) * rate;
  ego.velocity_y = (ego.now.y - ego.before.y) * rate;
  ego.travel = load<F>(scratch.travel[row]);
  ego.reach = ego_reach(F(S(world.radius)), ego.travel, facts.clearance);
  return ego;
}

// Partners of one step, as indices into the agents.
struct StepPartners {
  const int32_t* close;
  const int32_t* ahead;
  int num_close, num_ahead;
};

// Finds them without a branch per pair: culls first, tests after. `time`: a later collision does
// not count.
template <class F>
FORKROAD_HD StepPartners cull_step(const EgoStep<F>& ego, const AgentCircle* circles, F radius,
                                   F time, int num_candidates, LaneScratch<F>& scratch) {
  using S = ScalarOf<F>;
  int num_close = 0, num_ahead = 0;
  for (int c = 0; c < num_candidates; ++c) {
    const int32_t agent = scratch.candidates[c];
    const AgentCircle& circle = circles[agent];
    const F dx = F(S(circle.x)) - ego.now.x, dy = F(S(circle.y)) - ego.now.y;
    const F reach = F(S(circle.reach));
    const F touch = ego.reach + reach;
    scratch.close[num_close] = agent;
    num_close += any(fma(dx, dx, dy * dy) < touch * touch) ? 1 : 0;
    scratch.ahead[num_ahead] = agent;
    num_ahead += any(may_collide(dx, dy, F(S(circle.velocity_x)) - ego.velocity_x,
                                 F(S(circle.velocity_y)) - ego.velocity_y, radius + reach, time))
                     ? 1
                     : 0;
  }
  return {scratch.close, scratch.ahead, num_close, num_ahead};
}

// Pass 3 over one tile: the other road users.
template <class F, PartnerSearch kSearch>
FORKROAD_HD void meet_tile(const WorldView& world, const RolloutParams& params, int first_step,
                           int count, LaneScratch<F>& scratch, PlanFacts<F>& facts) {
  using S = ScalarOf<F>;
  const F radius = F(S(world.radius));
  int num_candidates = world.num_agents;
  if constexpr (kSearch == PartnerSearch::kCompacted) {
    const TileBounds<F> bounds =
        bound_tile(world, count, facts.contact.clearance, facts.course.time, scratch);
    num_candidates = compact_candidates(world, first_step / kTileSteps, bounds, scratch.candidates);
    if (num_candidates == 0) return;
  }
  for (int k = 0; k < count; ++k) {
    const int step = first_step + k;
    const size_t row = static_cast<size_t>(step) * static_cast<size_t>(world.num_agents);
    const AgentCircle* const circles = world.circles + row;
    const AgentBox* const boxes = world.boxes + row;
    const EgoStep<F> ego = ego_at(world, kPastPoses + k, scratch, facts.contact);
    StepPartners partners = {scratch.candidates, scratch.candidates, num_candidates,
                             num_candidates};
    if constexpr (kSearch != PartnerSearch::kBruteForce) {
      partners = cull_step(ego, circles, radius, facts.course.time, num_candidates, scratch);
    }
    for (int p = 0; p < partners.num_close; ++p) {
      const int32_t agent = partners.close[p];
      meet_agent(ego, broadcast_agent<F>(circles[agent], boxes[agent]), F(S(agent)), step,
                 params.contact, facts.contact);
    }
    for (int p = 0; p < partners.num_ahead; ++p) {
      const int32_t agent = partners.ahead[p];
      foresee_agent(ego, broadcast_agent<F>(circles[agent], boxes[agent]), F(S(agent)), step,
                    facts.course);
    }
  }
}

// Ride of the step in a row.
template <class F>
FORKROAD_HD RideStep<F> ride_at(const WorldView& world, int row, const LaneScratch<F>& scratch) {
  RidePoses<F> poses;
  for (int k = 0; k < 4; ++k) {
    const int at = row - k * world.ride_steps;
    poses.x[k] = load<F>(scratch.x[at]);
    poses.y[k] = load<F>(scratch.y[at]);
  }
  for (int k = 0; k < 2; ++k) {
    const int at = row - k * world.ride_steps;
    poses.cos[k] = load<F>(scratch.cos[at - world.ride_steps]);
    poses.sin[k] = load<F>(scratch.sin[at - world.ride_steps]);
    poses.turn[k] = load<F>(scratch.turn[at]);
  }
  return measure_ride(poses, F(ScalarOf<F>(world.ride_rate)));
}

// Pass 3 over one tile: the ego's own motion on the road.
template <class F>
FORKROAD_HD void judge_tile(const WorldView& world, const RolloutParams& params, int first_step,
                            int count, const LaneScratch<F>& scratch, PlanFacts<F>& facts) {
  for (int k = 0; k < count; ++k) {
    const int row = kPastPoses + k;
    const EgoStep<F> ego = ego_at(world, row, scratch, facts.contact);
    judge_step(world, params, ego, first_step + k, facts);
    if (first_step + k > 0) {
      judge_ride(ride_at(world, row, scratch), params.comfort, first_step + k, facts.ride);
    }
  }
}

// Facts of every step of one tile.
template <class F>
FORKROAD_HD void store_tile(const WorldView& world, const RolloutParams& params, int world_index,
                            int plan, int first_step, int count, const LaneScratch<F>& scratch,
                            RuleFacts<F>& rules) {
  const ContactFacts<F> none = no_contact<F>(params.contact);
  for (int k = 0; k < count; ++k) {
    const int row = kPastPoses + k, step = first_step + k;
    store_step(world, params, ego_at(world, row, scratch, none), ride_at(world, row, scratch), step,
               in_ego_tables(params, world_index, step, plan), rules);
  }
}

// Simulates plans [plan, plan + width) of one world and writes their facts.
template <class F, PartnerSearch kSearch>
FORKROAD_HD void rollout_lanes(const RolloutParams& params, int world_index, int plan,
                               LaneScratch<F>& scratch) {
  const WorldView& world = params.worlds[world_index];
  if constexpr (kSearch != PartnerSearch::kCompacted) {
    for (int agent = 0; agent < world.num_agents; ++agent) scratch.candidates[agent] = agent;
  }
  Tracker<F> tracker(world);
  PlanFacts<F> facts = no_facts<F>(world, params);
  RuleFacts<F> step_rules = facts.rules;
  fill_past(world, scratch);
  int count = 0;
  for (int first = 0; first <= world.num_steps; first += kTileSteps) {
    const int left = world.num_steps + 1 - first;
    count = left < kTileSteps ? left : kTileSteps;
    track_tile(world, params, plan, first, count, world_index, tracker, scratch);
    measure_turns(world, first == 0 ? kPastPoses - world.ride_steps : kPastPoses,
                  kPastPoses + count, scratch);
    meet_tile<F, kSearch>(world, params, first, count, scratch, facts);
    judge_tile(world, params, first, count, scratch, facts);
    if (params.steps.contact != nullptr) {
      store_tile(world, params, world_index, plan, first, count, scratch, step_rules);
    }
    keep_past(world, count, scratch);
  }
  const int last = kPastPoses - 1;
  judge_place(world, params, load<F>(scratch.x[last]), load<F>(scratch.y[last]),
              load<F>(scratch.cos[last]), load<F>(scratch.sin[last]), facts);
  finish_contact(params.contact, facts.contact);
  const int64_t at = static_cast<int64_t>(world_index) * params.padded_plans + plan;
  store_meetings(params.facts, at, facts);
  store_motion(params.facts, at, facts);
}

}  // namespace forkroad
