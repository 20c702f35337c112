// A small rollout kernel with faults to plant: what the emulator must find, and what it cannot.
//
// One thread is one plan that moves in a straight line past agents. Per tile of steps the block
// loads the agents to shared memory, bounds its plans by shuffles, compacts the agents near the
// bounds into a list and tests each plan against the list. All numbers are whole and small, so that
// every order of float arithmetic is exact.
#pragma once

#include <cstdint>

#include "kernels/block.hpp"

namespace forkroad {

enum class Fault : uint8_t {
  kNone,
  kNoSyncAfterLoad,
  kNoSyncBeforeReuse,
  kNoSyncAfterCompaction,
  kWrongLaneShuffle,      // one step of a butterfly dropped
  kBallotInDivergentIf,   // lanes past the last agent do not vote
  kEarlyReturn,           // threads without a plan leave
  kSyncInDivergentIf,     // threads without a plan skip a sync
  kReadPastEnd,           // one element too far, its value ignored
  kWritePastEnd,          // one element too far
  kLastElementNotLoaded,  // of the tile
  kTwoBlocksOneOutput,    // a block also writes the first result of the next block
  kNoWaitCopies,
  kWaitAfterSync,   // copies are waited for, but after the sync that was to show them
  kVoteAsFence,     // any() where sync_warp() belongs
  kSharedDiffers,   // one thread asks for a larger array
  kSharedOverflow,  // the arrays exceed what the launch gave
  kCount
};

// three warps; two blocks stay below the 250 threads that clang's ThreadSanitizer remembers
inline constexpr int kFaultThreads = 96;
inline constexpr int kFaultTileSteps = 4;

struct alignas(16) FaultAgent {
  float x, y;    // [m]
  float reach;   // [m] contact when closer
  float weight;  // told apart in the result
};

struct FaultPlan {
  float x, y;                    // [m] at step -1
  float velocity_x, velocity_y;  // [m per step]
};

struct FaultParams {
  const FaultAgent* agents;  // [num_steps, num_agents]
  const FaultPlan* plans;    // [num_plans]
  uint32_t* result;          // [num_plans] digest of the contacts in order of step, agent
  int num_plans, num_agents, num_steps;
};

// Dynamic shared memory that fault_block asks for.
inline int fault_shared_bytes(int num_agents) {
  return shared_piece_bytes<FaultAgent>(kFaultTileSteps * num_agents) +
         shared_piece_bytes<float>(kFaultThreads / kWarpThreads * 4) +
         shared_piece_bytes<int>(num_agents + 1) + shared_piece_bytes<int>(kFaultThreads);
}

FORKROAD_HD bool fault_contact(const FaultPlan& plan, int step, const FaultAgent& agent) {
  const float dx = plan.x + plan.velocity_x * static_cast<float>(step + 1) - agent.x;
  const float dy = plan.y + plan.velocity_y * static_cast<float>(step + 1) - agent.y;
  return dx * dx + dy * dy <= agent.reach * agent.reach;
}

FORKROAD_HD uint32_t fault_digest(uint32_t digest, const FaultAgent& agent) {
  return digest * 31u + static_cast<uint32_t>(agent.weight);
}

struct FaultBounds {
  float min_x, max_x, min_y, max_y;

  FORKROAD_HD bool near(const FaultAgent& agent) const {
    return agent.x >= min_x - agent.reach && agent.x <= max_x + agent.reach &&
           agent.y >= min_y - agent.reach && agent.y <= max_y + agent.reach;
  }
};

// Starts the copies of `count` agents.
template <Fault fault, class Block>
FORKROAD_BODY void load_tile(Block& block, const FaultAgent* agents, int count, FaultAgent* tile) {
  const int num_loaded = fault == Fault::kLastElementNotLoaded ? count - 1 : count;
  for (int slot = block.thread(); slot < num_loaded; slot += block.num_threads()) {
    block.copy_async(&tile[slot], &agents[slot]);
  }
  if (fault != Fault::kNoWaitCopies && fault != Fault::kWaitAfterSync) block.wait_copies();
}

// Stores the bounds of each warp's plans over the tile's steps.
template <Fault fault, class Block>
FORKROAD_BODY void store_bounds(Block& block, const FaultPlan& plan, int first_step, int last_step,
                                float* bounds) {
  const float begin = static_cast<float>(first_step + 1);
  const float end = static_cast<float>(last_step + 1);
  const float xs[2] = {plan.x + plan.velocity_x * begin, plan.x + plan.velocity_x * end};
  const float ys[2] = {plan.y + plan.velocity_y * begin, plan.y + plan.velocity_y * end};
  float corners[4] = {::fminf(xs[0], xs[1]), -::fmaxf(xs[0], xs[1]), ::fminf(ys[0], ys[1]),
                      -::fmaxf(ys[0], ys[1])};
  for (float& corner : corners) {
    if (fault == Fault::kWrongLaneShuffle) {
      for (int mask = 8; mask > 0; mask /= 2) {
        corner = ::fminf(corner, block.shuffle_xor(corner, mask));
      }
    } else {
      corner = warp_min(block, corner);
    }
  }
  if (block.lane() < 4) bounds[block.warp() * 4 + block.lane()] = corners[block.lane()];
}

template <class Block>
FORKROAD_BODY FaultBounds load_bounds(Block& block, const float* bounds) {
  float least[4] = {bounds[0], bounds[1], bounds[2], bounds[3]};
  for (int slot = 4; slot < block.num_threads() / kWarpThreads * 4; ++slot) {
    least[slot % 4] = ::fminf(least[slot % 4], bounds[slot]);
  }
  return {least[0], -least[1], least[2], -least[3]};
}

// One warp lists the agents that come near the bounds; `list` starts with their number.
template <Fault fault, class Block>
FORKROAD_BODY void compact(Block& block, const FaultBounds& bounds, const FaultAgent* tile,
                           int num_steps, int num_agents, int* list) {
  const int num_read = fault == Fault::kReadPastEnd ? num_agents + 1 : num_agents;
  int count = 0;
  for (int first = 0; first < num_agents; first += kWarpThreads) {
    const int agent = first + block.lane();
    bool keep = false;
    for (int step = 0; step < num_steps && agent < num_read; ++step) {
      if (bounds.near(tile[step * num_agents + agent])) keep = true;
    }
    if (fault == Fault::kReadPastEnd && agent >= num_agents) keep = false;
    if (fault != Fault::kBallotInDivergentIf || agent < num_agents) {
      append_in_order(block, keep, agent, list + 1, count);
    }
  }
  if (block.lane() == 0) list[0] = count;
}

template <Fault fault, class Block>
FORKROAD_BODY void fault_block(Block& block, const FaultParams& params) {
  const int extra = fault == Fault::kSharedOverflow                          ? 64
                    : fault == Fault::kSharedDiffers && block.thread() == 77 ? 1
                                                                             : 0;
  const int num_agents = params.num_agents;
  FaultAgent* const tile = block.template shared<FaultAgent>(kFaultTileSteps * num_agents);
  float* const bounds = block.template shared<float>(kFaultThreads / kWarpThreads * 4);
  int* const list = block.template shared<int>(num_agents + 1 + extra);
  int* const marks = block.template shared<int>(kFaultThreads);

  const int plan = block.x() * block.num_threads() + block.thread();
  if (fault == Fault::kEarlyReturn && plan >= params.num_plans) return;
  const FaultPlan mine = params.plans[plan < params.num_plans ? plan : params.num_plans - 1];

  // the partner's mark, through memory that only the warp shares
  marks[block.thread() + (fault == Fault::kWritePastEnd ? 1 : 0)] = static_cast<int>(mine.x);
  if (fault == Fault::kVoteAsFence) {
    block.any(true);
  } else {
    block.sync_warp();
  }
  uint32_t digest = static_cast<uint32_t>(marks[block.thread() ^ 1]);

  for (int first = 0; first < params.num_steps; first += kFaultTileSteps) {
    const int left = params.num_steps - first;
    const int num_steps = left < kFaultTileSteps ? left : kFaultTileSteps;
    load_tile<fault>(block, params.agents + first * num_agents, num_steps * num_agents, tile);
    store_bounds<fault>(block, mine, first, first + num_steps - 1, bounds);
    if (fault != Fault::kNoSyncAfterLoad) block.sync();
    if (fault == Fault::kWaitAfterSync) block.wait_copies();

    if (block.warp() == 0) {
      const FaultBounds near = load_bounds(block, bounds);
      compact<fault>(block, near, tile, num_steps, num_agents, list);
    }
    const bool meets = fault != Fault::kSyncInDivergentIf || plan < params.num_plans;
    if (fault != Fault::kNoSyncAfterCompaction && meets) block.sync();

    for (int step = 0; step < num_steps; ++step) {
      for (int entry = 1; entry <= list[0]; ++entry) {
        const FaultAgent& agent = tile[step * num_agents + list[entry]];
        if (fault_contact(mine, first + step, agent)) digest = fault_digest(digest, agent);
      }
    }
    if (fault != Fault::kNoSyncBeforeReuse) block.sync();
  }
  if (plan < params.num_plans) params.result[plan] = digest;
  if (fault == Fault::kTwoBlocksOneOutput && block.thread() == block.num_threads() - 1 &&
      plan + 1 < params.num_plans) {
    params.result[plan + 1] = digest;
  }
}

}  // namespace forkroad
