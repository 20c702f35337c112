// The passes over one group of CPU lanes: tile by tile, tracker, then candidates, then contact.
#pragma once

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
  // ego centres of one tile; row 0 is the step before the tile
  alignas(64) ScalarOf<F> x[kTileSteps + 1][kWidth];
  alignas(64) ScalarOf<F> y[kTileSteps + 1][kWidth];
  alignas(64) ScalarOf<F> cos[kTileSteps + 1][kWidth];
  alignas(64) ScalarOf<F> sin[kTileSteps + 1][kWidth];
  alignas(64) ScalarOf<F> travel[kTileSteps + 1][kWidth];
  int32_t* candidates;  // [num_agents + kAgentPadding]
  int32_t* close;       // [num_agents + kAgentPadding]
};

// Bounds of where a group's boxes are during a tile, with everything added that may still matter.
template <class F>
struct TileBounds {
  F min_x, min_y, max_x, max_y;
};

// Pass 1 over one tile: fills rows 1 .. count.
template <class F>
FORKROAD_HD void track_tile(const WorldView& world, const RolloutParams& params, int plan,
                            int first_step, int count, int world_index, Tracker<F>& tracker,
                            LaneScratch<F>& scratch) {
  const F radius = F(ScalarOf<F>(world.radius));
  for (int k = 1; k <= count; ++k) {
    const int step = first_step + k - 1;
    const Pose<F> pose = tracker.advance(world, params, step, plan);
    if (step == 0) {
      const Pose<F> before = pose_before_start(world, pose);
      store(scratch.x[0], before.x);
      store(scratch.y[0], before.y);
      store(scratch.cos[0], before.cos);
      store(scratch.sin[0], before.sin);
    }
    const F travel = travel_bound(
        pose.x - load<F>(scratch.x[k - 1]), pose.y - load<F>(scratch.y[k - 1]),
        pose.cos - load<F>(scratch.cos[k - 1]), pose.sin - load<F>(scratch.sin[k - 1]), radius);
    store(scratch.x[k], pose.x);
    store(scratch.y[k], pose.y);
    store(scratch.cos[k], pose.cos);
    store(scratch.sin[k], pose.sin);
    store(scratch.travel[k], travel);
    if (params.ego.x != nullptr) {
      const int64_t at = in_ego_tables(params, world_index, step, plan);
      store(params.ego.x + at, pose.x);
      store(params.ego.y + at, pose.y);
      store(params.ego.heading + at, pose.heading);
    }
  }
}

template <class F>
FORKROAD_HD TileBounds<F> bound_tile(const WorldView& world, int count, F clearance,
                                     const LaneScratch<F>& scratch) {
  const F radius = F(ScalarOf<F>(world.radius));
  TileBounds<F> bounds = {lit<F>(3.0e38), lit<F>(3.0e38), lit<F>(-3.0e38), lit<F>(-3.0e38)};
  for (int k = 1; k <= count; ++k) {
    const F x = load<F>(scratch.x[k]);
    const F y = load<F>(scratch.y[k]);
    // coordinates far from the origin round by more than the margin of the reach
    const F reach = fma(lit<F>(kCoordinateSlack), max(abs(x), abs(y)),
                        ego_reach(radius, load<F>(scratch.travel[k]), clearance));
    bounds.min_x = min(bounds.min_x, x - reach);
    bounds.min_y = min(bounds.min_y, y - reach);
    bounds.max_x = max(bounds.max_x, x + reach);
    bounds.max_y = max(bounds.max_y, y + reach);
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
FORKROAD_HD EgoStep<F> ego_at(const WorldView& world, int k, const LaneScratch<F>& scratch,
                              const ContactFacts<F>& facts) {
  using S = ScalarOf<F>;
  const F half_length = F(S(world.half_length));
  const F half_width = F(S(world.half_width));
  EgoStep<F> ego;
  ego.now = {load<F>(scratch.x[k]),   load<F>(scratch.y[k]), load<F>(scratch.cos[k]),
             load<F>(scratch.sin[k]), half_length,           half_width};
  ego.before = {load<F>(scratch.x[k - 1]),
                load<F>(scratch.y[k - 1]),
                load<F>(scratch.cos[k - 1]),
                load<F>(scratch.sin[k - 1]),
                half_length,
                half_width};
  const F rate = F(S(world.rate));
  ego.velocity_x = (ego.now.x - ego.before.x) * rate;
  ego.velocity_y = (ego.now.y - ego.before.y) * rate;
  ego.travel = load<F>(scratch.travel[k]);
  ego.reach = ego_reach(F(S(world.radius)), ego.travel, facts.clearance);
  return ego;
}

// The close pairs of a step, without a branch per pair: culls first, tests after.
template <class F>
FORKROAD_HD int cull_step(const EgoStep<F>& ego, const AgentCircle* circles,
                          const int32_t* candidates, int num_candidates, int32_t* close) {
  using S = ScalarOf<F>;
  int count = 0;
  for (int c = 0; c < num_candidates; ++c) {
    const int32_t agent = candidates[c];
    const AgentCircle circle = circles[agent];
    close[count] = agent;
    count += any(within_reach(ego, F(S(circle.x)), F(S(circle.y)), F(S(circle.reach)))) ? 1 : 0;
  }
  return count;
}

// Pass 3 over one tile.
template <class F, PartnerSearch kSearch>
FORKROAD_HD void meet_tile(const WorldView& world, const SweptContact& rule, int first_step,
                           int count, LaneScratch<F>& scratch, ContactFacts<F>& facts) {
  int num_candidates = world.num_agents;
  if constexpr (kSearch == PartnerSearch::kCompacted) {
    const TileBounds<F> bounds = bound_tile(world, count, facts.clearance, scratch);
    num_candidates = compact_candidates(world, first_step / kTileSteps, bounds, scratch.candidates);
    if (num_candidates == 0) return;
  }
  for (int k = 1; k <= count; ++k) {
    const int step = first_step + k - 1;
    const size_t row = static_cast<size_t>(step) * static_cast<size_t>(world.num_agents);
    const EgoStep<F> ego = ego_at(world, k, scratch, facts);
    const int32_t* partners = scratch.candidates;
    int num_partners = num_candidates;
    if constexpr (kSearch != PartnerSearch::kBruteForce) {
      num_partners =
          cull_step(ego, world.circles + row, scratch.candidates, num_candidates, scratch.close);
      partners = scratch.close;
    }
    for (int p = 0; p < num_partners; ++p) {
      const int32_t agent = partners[p];
      meet_agent(ego, broadcast_agent<F>(world.circles[row + agent], world.boxes[row + agent]),
                 F(ScalarOf<F>(agent)), step, rule, facts);
    }
  }
}

// Road facts of one tile.
template <class F>
FORKROAD_HD void judge_road_tile(const WorldView& world, ResolveMixed resolve, int first_step,
                                 int count, const LaneScratch<F>& scratch,
                                 const ContactFacts<F>& contact, RoadFacts<F>& facts) {
  for (int k = 1; k <= count; ++k) {
    const int step = first_step + k - 1;
    const EgoStep<F> ego = ego_at(world, k, scratch, contact);
    judge_drivable(world.road.drivable, resolve, ego.now, step, facts);
    if (step > 0) judge_red_lights(world.road, ego.before, ego.now, step, facts);
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
  ContactFacts<F> facts = no_contact<F>(params.contact);
  RoadFacts<F> road = no_road_facts<F>();
  int count = 0;
  for (int first = 0; first <= world.num_steps; first += kTileSteps) {
    const int left = world.num_steps + 1 - first;
    count = left < kTileSteps ? left : kTileSteps;
    track_tile(world, params, plan, first, count, world_index, tracker, scratch);
    meet_tile<F, kSearch>(world, params.contact, first, count, scratch, facts);
    judge_road_tile(world, params.resolve_mixed, first, count, scratch, facts, road);
    store(scratch.x[0], load<F>(scratch.x[count]));
    store(scratch.y[0], load<F>(scratch.y[count]));
    store(scratch.cos[0], load<F>(scratch.cos[count]));
    store(scratch.sin[0], load<F>(scratch.sin[count]));
  }
  const F progress =
      project_to_path(world.path, load<F>(scratch.x[count]), load<F>(scratch.y[count])) -
      F(ScalarOf<F>(world.path_start));
  finish_contact(params.contact, facts);
  store_facts(params.facts, static_cast<int64_t>(world_index) * params.padded_plans + plan, facts,
              road, progress);
}

}  // namespace forkroad
