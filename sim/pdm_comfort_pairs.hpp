// EC: NAVSIM's extended comfort over two frames (v2).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace forkroad {

struct PdmComfortPairs {
  std::vector<uint8_t> comfortable;  // [K] 1: every RMS within its bound
  std::vector<double> rms;           // [K, 4] acceleration, jerk, yaw rate, yaw acceleration
};

// Compares states of plans now [N, 41, 11] with those of plans of the previous frame [M, 41, 11],
// `gap_steps` x 0.1 s earlier, for pairs [K, 2] of (plan now, plan before). Features are computed
// once per plan, so K pairs cost K comparisons. Throws std::invalid_argument on an index or gap out
// of range (gap 1 .. 26: the filters need 15 samples).
PdmComfortPairs compare_comfort(std::span<const double> now, std::span<const double> before,
                                std::span<const int32_t> pairs, int gap_steps);

}  // namespace forkroad
