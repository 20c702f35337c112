// The passes as CUDA kernel bodies: a thread is a lane, a warp is 32 plans of one world.
//
// Warps do not share anything, so a block may serve several worlds and small groups fill it.
#pragma once

#include "kernels/block.hpp"
#include "kernels/plan_facts.hpp"
#include "kernels/tracker.hpp"

namespace forkroad {

static_assert(kPlanBlock == kWarpThreads, "a warp serves one block of plans");

inline constexpr int kBlockThreads = 256;
inline constexpr int kBlockWarps = kBlockThreads / kWarpThreads;
// Candidates that a warp holds at once; more agents than this take several rounds.
inline constexpr int kChunkAgents = 256;

// Blocks that cover every warp of 32 plans of every world.
inline int rollout_blocks(int num_worlds, int padded_plans) {
  const int warps = num_worlds * (padded_plans / kWarpThreads);
  return (warps + kBlockWarps - 1) / kBlockWarps;
}

inline int contact_shared_bytes() {
  return shared_piece_bytes<int32_t>(kBlockWarps * kChunkAgents);
}

// Which 32 plans of which world a warp serves.
struct WarpPlans {
  int world;
  int plan;      // of this lane
  bool in_grid;  // the last block may have warps to spare
};

template <class Block>
FORKROAD_BODY WarpPlans find_warp_plans(Block& block, const RolloutParams& params) {
  const int groups = params.padded_plans / kWarpThreads;
  const int warp = block.x() * kBlockWarps + block.warp();
  const bool in_grid = warp < params.num_worlds * groups;
  return {in_grid ? warp / groups : 0, (in_grid ? warp % groups : 0) * kWarpThreads + block.lane(),
          in_grid};
}

// Pass 1: writes the ego tables.
template <class Block>
FORKROAD_BODY void tracker_block(Block& block, const RolloutParams& params) {
  const WarpPlans lanes = find_warp_plans(block, params);
  if (!lanes.in_grid) return;
  const WorldView& world = params.worlds[lanes.world];
  Tracker<float> tracker(world);
  for (int step = 0; step <= world.num_steps; ++step) {
    const Pose<float> pose = tracker.advance(world, params, step, lanes.plan);
    const int64_t at = in_ego_tables(params, lanes.world, step, lanes.plan);
    params.ego.x[at] = pose.x;
    params.ego.y[at] = pose.y;
    params.ego.cos[at] = pose.cos;
    params.ego.sin[at] = pose.sin;
    params.ego.heading[at] = pose.heading;
  }
}

// The box centre at a step; before the start, where the ego came from.
FORKROAD_HD Pose<float> load_ego(const WorldView& world, const RolloutParams& params, int step,
                                 const WarpPlans& lanes) {
  if (step < -1) {
    const PastPose& past = world.past[-step - 1];
    return {past.x, past.y, past.cos, past.sin, 0.0f};
  }
  const int64_t at = in_ego_tables(params, lanes.world, step < 0 ? 0 : step, lanes.plan);
  const Pose<float> pose = {params.ego.x[at], params.ego.y[at], params.ego.cos[at],
                            params.ego.sin[at], 0.0f};
  return step < 0 ? pose_before_start(world, pose) : pose;
}

FORKROAD_HD EgoStep<float> make_ego_step(const WorldView& world, const Pose<float>& before,
                                         const Pose<float>& now, float clearance) {
  EgoStep<float> ego;
  ego.now = {now.x, now.y, now.cos, now.sin, world.half_length, world.half_width};
  ego.before = {before.x, before.y, before.cos, before.sin, world.half_length, world.half_width};
  ego.velocity_x = (now.x - before.x) * world.rate;
  ego.velocity_y = (now.y - before.y) * world.rate;
  ego.travel = travel_bound(now.x - before.x, now.y - before.y, now.cos - before.cos,
                            now.sin - before.sin, world.radius);
  ego.reach = ego_reach(world.radius, ego.travel, clearance);
  return ego;
}

// Where the warp's boxes are during a tile, with everything added that may still matter.
struct WarpBounds {
  float min_x, min_y, max_x, max_y;
};

template <class Block>
FORKROAD_BODY WarpBounds bound_warp_tile(Block& block, const WorldView& world,
                                         const RolloutParams& params, const WarpPlans& lanes,
                                         int first, int end, float clearance, float time) {
  WarpBounds bounds = {3.0e38f, 3.0e38f, -3.0e38f, -3.0e38f};
  Pose<float> before = load_ego(world, params, first - 1, lanes);
  for (int step = first; step < end; ++step) {
    const Pose<float> now = load_ego(world, params, step, lanes);
    const EgoStep<float> ego = make_ego_step(world, before, now, clearance);
    const float ahead_x = fma(ego.velocity_x, time, now.x);
    const float ahead_y = fma(ego.velocity_y, time, now.y);
    const float reach =
        fma(kCoordinateSlack, max(max(abs(now.x), abs(now.y)), max(abs(ahead_x), abs(ahead_y))),
            ego.reach);
    bounds.min_x = min(bounds.min_x, min(now.x, ahead_x) - reach);
    bounds.min_y = min(bounds.min_y, min(now.y, ahead_y) - reach);
    bounds.max_x = max(bounds.max_x, max(now.x, ahead_x) + reach);
    bounds.max_y = max(bounds.max_y, max(now.y, ahead_y) + reach);
    before = now;
  }
  return {warp_min(block, bounds.min_x), warp_min(block, bounds.min_y),
          warp_max(block, bounds.max_x), warp_max(block, bounds.max_y)};
}

// Fills the warp's list with the agents of [first, end) whose tile box touches the bounds.
template <class Block>
FORKROAD_BODY int compact_warp(Block& block, const WorldView& world, int tile, int first, int end,
                               const WarpBounds& bounds, int32_t* candidates) {
  const size_t padded = static_cast<size_t>(world.padded_agents);
  const float* box = world.tile_boxes + static_cast<size_t>(tile) * 4 * padded;
  int count = 0;
  for (int base = first; base < end; base += kWarpThreads) {
    const int agent = base + block.lane();
    const bool known = agent < end;
    const float* at = box + (known ? agent : first);
    const bool touches = known && at[0] <= bounds.max_x && at[padded] <= bounds.max_y &&
                         at[2 * padded] >= bounds.min_x && at[3 * padded] >= bounds.min_y;
    append_in_order(block, touches, agent, candidates, count);
  }
  return count;
}

// Pass 3 over one tile and one chunk of candidates: the lane's own loop, no meeting inside.
FORKROAD_HD void meet_warp_tile(const WorldView& world, const RolloutParams& params,
                                const WarpPlans& lanes, int first, int end,
                                const int32_t* candidates, int count, PlanFacts<float>& facts) {
  Pose<float> before = load_ego(world, params, first - 1, lanes);
  for (int step = first; step < end; ++step) {
    const Pose<float> now = load_ego(world, params, step, lanes);
    const EgoStep<float> ego = make_ego_step(world, before, now, facts.contact.clearance);
    const size_t row = static_cast<size_t>(step) * static_cast<size_t>(world.num_agents);
    for (int c = 0; c < count; ++c) {
      const size_t at = row + static_cast<size_t>(candidates[c]);
      const AgentCircle circle = world.circles[at];
      const float dx = circle.x - now.x, dy = circle.y - now.y;
      const float distance2 = fma(dx, dx, dy * dy);
      const float touch = ego.reach + circle.reach;
      const bool close = distance2 < touch * touch;
      const bool ahead = may_collide(dx, dy, circle.velocity_x - ego.velocity_x,
                                     circle.velocity_y - ego.velocity_y,
                                     world.radius + circle.reach, facts.course.time);
      if (!close && !ahead) continue;
      const AgentStep<float> agent = broadcast_agent<float>(circle, world.boxes[at]);
      const float index = static_cast<float>(candidates[c]);
      if (close) meet_agent(ego, agent, index, step, params.contact, facts.contact);
      if (ahead) foresee_agent(ego, agent, index, step, facts.course);
    }
    before = now;
  }
}

// Ride of a step.
FORKROAD_HD RideStep<float> warp_ride(const WorldView& world, const RolloutParams& params, int step,
                                      const WarpPlans& lanes) {
  RidePoses<float> poses;
  Pose<float> at[4];
  for (int k = 0; k < 4; ++k) {
    at[k] = load_ego(world, params, step - k * world.ride_steps, lanes);
    poses.x[k] = at[k].x;
    poses.y[k] = at[k].y;
  }
  for (int k = 0; k < 2; ++k) {
    poses.cos[k] = at[k + 1].cos;
    poses.sin[k] = at[k + 1].sin;
    poses.turn[k] = turn_between(at[k + 1].cos, at[k + 1].sin, at[k].cos, at[k].sin);
  }
  return measure_ride(poses, world.ride_rate);
}

// Where the lane's plan lies in the fact tables.
FORKROAD_HD int64_t in_fact_tables(const RolloutParams& params, const WarpPlans& lanes) {
  return static_cast<int64_t>(lanes.world) * params.padded_plans + lanes.plan;
}

// Pass 3: the other road users, from the ego tables.
template <class Block>
FORKROAD_BODY void contact_block(Block& block, const RolloutParams& params) {
  int32_t* lists = block.template shared<int32_t>(kBlockWarps * kChunkAgents);
  int32_t* candidates = lists + block.warp() * kChunkAgents;
  const WarpPlans lanes = find_warp_plans(block, params);
  if (!lanes.in_grid) return;
  const WorldView& world = params.worlds[lanes.world];
  PlanFacts<float> facts = no_facts<float>(world, params);
  for (int first = 0; first <= world.num_steps; first += kTileSteps) {
    const int left = world.num_steps + 1 - first;
    const int end = first + (left < kTileSteps ? left : kTileSteps);
    const WarpBounds bounds = bound_warp_tile(block, world, params, lanes, first, end,
                                              facts.contact.clearance, facts.course.time);
    for (int chunk = 0; chunk < world.num_agents; chunk += kChunkAgents) {
      const int rest = world.num_agents - chunk;
      const int chunk_end = chunk + (rest < kChunkAgents ? rest : kChunkAgents);
      const int count =
          compact_warp(block, world, first / kTileSteps, chunk, chunk_end, bounds, candidates);
      block.sync_warp();
      meet_warp_tile(world, params, lanes, first, end, candidates, count, facts);
      block.sync_warp();
    }
  }
  finish_contact(params.contact, facts.contact);
  store_meetings(params.facts, in_fact_tables(params, lanes), facts);
}

// Pass 4: the ego's own motion on the road, from the ego tables. A body of its own: together with
// pass 3 it takes so many registers that a multiprocessor holds one block.
template <class Block>
FORKROAD_BODY void motion_block(Block& block, const RolloutParams& params) {
  const WarpPlans lanes = find_warp_plans(block, params);
  if (!lanes.in_grid) return;
  const WorldView& world = params.worlds[lanes.world];
  PlanFacts<float> facts = no_facts<float>(world, params);
  Pose<float> before = load_ego(world, params, -1, lanes);
  for (int step = 0; step <= world.num_steps; ++step) {
    const Pose<float> now = load_ego(world, params, step, lanes);
    judge_step(world, params, make_ego_step(world, before, now, 0.0f), step, facts);
    if (step > 0) {
      judge_ride(warp_ride(world, params, step, lanes), params.comfort, step, facts.ride);
    }
    before = now;
  }
  judge_place(world, params, before.x, before.y, before.cos, before.sin, facts);
  store_motion(params.facts, in_fact_tables(params, lanes), facts);
}

}  // namespace forkroad
