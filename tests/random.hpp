// Seeded random numbers for tests, the same on every standard library.
#pragma once

#include <cstdint>
#include <random>

namespace forkroad::test {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  double uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_() >> 11) * 0x1.0p-53;
  }
  float uniform_float(double low, double high) { return static_cast<float>(uniform(low, high)); }
  int below(int size) { return static_cast<int>(engine_() % static_cast<uint64_t>(size)); }
  bool chance(double share) { return uniform(0.0, 1.0) < share; }
  uint64_t word() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace forkroad::test
