// Instantiates the passes for one lane type. Included only by the translation units that are
// compiled for one instruction set each: nothing here may leave code behind under a name that
// another unit shares, so there are no standard containers and every function is inlined.
#pragma once

#include "sim/lane_kernels.hpp"

namespace forkroad {

template <class F>
struct LaneInstance {
  static size_t scratch_bytes(int num_agents) {
    const size_t list = (static_cast<size_t>(num_agents) + kAgentPadding) * sizeof(int32_t);
    return sizeof(LaneScratch<F>) + 3 * list;
  }

  template <PartnerSearch kSearch>
  static void rollout_range(const RolloutParams& params, int world, int first, int count,
                            LaneScratch<F>& scratch) {
    for (int plan = first; plan < first + count; plan += kWidthOf<F>) {
      rollout_lanes<F, kSearch>(params, world, plan, scratch);
    }
  }

  static void rollout(const RolloutParams& params, int world, int first, int count,
                      PartnerSearch search, void* memory) {
    auto* scratch = static_cast<LaneScratch<F>*>(memory);
    scratch->candidates = reinterpret_cast<int32_t*>(static_cast<char*>(memory) + sizeof *scratch);
    scratch->close = scratch->candidates + params.worlds[world].num_agents + kAgentPadding;
    scratch->ahead = scratch->close + params.worlds[world].num_agents + kAgentPadding;
    switch (search) {
      case PartnerSearch::kBruteForce:
        return rollout_range<PartnerSearch::kBruteForce>(params, world, first, count, *scratch);
      case PartnerSearch::kCull:
        return rollout_range<PartnerSearch::kCull>(params, world, first, count, *scratch);
      case PartnerSearch::kCompacted:
        return rollout_range<PartnerSearch::kCompacted>(params, world, first, count, *scratch);
    }
  }

  static constexpr LaneKernels kernels(const char* name, const char* instruction_set) {
    return {name,
            kWidthOf<F>,
            sizeof(ScalarOf<F>) == 4 ? Precision::kFloat : Precision::kDouble,
            instruction_set,
            scratch_bytes,
            rollout};
  }
};

inline constexpr LaneKernels kNoMoreKernels = {nullptr, 0,       Precision::kFloat,
                                               nullptr, nullptr, nullptr};

}  // namespace forkroad
