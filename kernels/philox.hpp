// Philox4x32-10: counter-based random words (Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", SC 2011). A word depends on key and counter alone.
#pragma once

#include <cstdint>

#include "kernels/macros.hpp"

namespace forkroad {

struct PhiloxWords {
  uint32_t word[4];
};

FORKROAD_HD PhiloxWords philox(uint64_t key, PhiloxWords counter) {
  uint32_t key_low = static_cast<uint32_t>(key);
  uint32_t key_high = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t even = static_cast<uint64_t>(0xD2511F53u) * counter.word[0];
    const uint64_t odd = static_cast<uint64_t>(0xCD9E8D57u) * counter.word[2];
    counter = {{static_cast<uint32_t>(odd >> 32) ^ counter.word[1] ^ key_low,
                static_cast<uint32_t>(odd),
                static_cast<uint32_t>(even >> 32) ^ counter.word[3] ^ key_high,
                static_cast<uint32_t>(even)}};
    key_low += 0x9E3779B9u;
    key_high += 0xBB67AE85u;
  }
  return counter;
}

// Uniform in [0, 1), exact in fp32.
FORKROAD_HD float uniform(uint32_t word) {
  return static_cast<float>(word >> 8) * 5.9604644775390625e-8f;
}

}  // namespace forkroad
