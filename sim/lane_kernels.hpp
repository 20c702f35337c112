// The rollout passes compiled for each lane type, chosen at run time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/rollout_lanes.hpp"
#include "sim/rollout_spec.hpp"

namespace forkroad {

// One compiled lane type.
struct LaneKernels {
  const char* name;  // e.g. "float x 16 (AVX-512)"
  int width;         // lanes
  Precision precision;
  const char* instruction_set;  // "scalar", "avx2", "avx512"
  // bytes of scratch, 64-byte aligned, for worlds of at most `num_agents` agents
  size_t (*scratch_bytes)(int num_agents);
  // plans [first, first + count) of one world; first and count are multiples of width
  void (*rollout)(const RolloutParams& params, int world, int first, int count,
                  PartnerSearch search, void* scratch);
};

// Every lane type that this build holds and this processor runs.
std::vector<LaneKernels> usable_lane_kernels();

// The kernels of a width and precision, on the best instruction set that the processor has; width
// 0: the widest. Throws std::invalid_argument naming the widths there are.
LaneKernels lane_kernels(Precision precision, int width = 0);

// One table per instruction set, each compiled with its own flags; null-terminated by width 0.
const LaneKernels* scalar_lane_kernels();
const LaneKernels* avx2_lane_kernels();
const LaneKernels* avx512_lane_kernels();

}  // namespace forkroad
