// Random numbers of the generator: a counter hashed with a key, so that a stream depends on its
// key alone, with own conversions to doubles, so that bits do not depend on the standard library.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace forkroad {

class SceneRandom {
 public:
  // A stream of its own for each list of words, e.g. {seed, layout, index, draw}.
  explicit SceneRandom(std::initializer_list<uint64_t> key) {
    for (const uint64_t word : key) key_ = mix(key_ + kStep) ^ mix(word + kStep);
  }

  uint64_t bits() { return mix(key_ + kStep * ++counter_); }

  // Evenly in [low, high).
  double uniform(double low, double high) {
    return low + (high - low) * (static_cast<double>(bits() >> 11) * 0x1.0p-53);
  }

  // Evenly in low .. high, both included.
  int integer(int low, int high) {
    const auto span = static_cast<uint64_t>(high - low) + 1;
    return low + static_cast<int>(((bits() >> 32) * span) >> 32);
  }

  bool chance(double probability) { return uniform(0.0, 1.0) < probability; }

  // Bell shaped around `mean` within three `spread`s: the sum of three even numbers.
  double bell(double mean, double spread) {
    double sum = 0;
    for (int k = 0; k < 3; ++k) sum += uniform(-1, 1);
    return mean + spread * sum;
  }

  // +1 or -1.
  double sign() { return chance(0.5) ? 1.0 : -1.0; }

 private:
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15ULL;

  // The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
  static uint64_t mix(uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
  }

  uint64_t key_ = 0;
  uint64_t counter_ = 0;
};

}  // namespace forkroad
