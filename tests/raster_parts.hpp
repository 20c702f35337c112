// Random squares of a raster and places in their parts.
#pragma once

#include <array>
#include <vector>

#include "sim/square_parts.hpp"
#include "tests/random.hpp"

namespace forkroad::test {

inline constexpr float kReach = 30.0f;  // [m] lines lie this near to the origin

inline SquareParts random_parts(Random& random) {
  const float sizes[] = {0.25f, 1.0f, 4.0f, 16.0f};
  return {random.uniform_float(-20, 20), random.uniform_float(-20, 20), sizes[random.below(4)]};
}

inline std::array<float, 2> place_in(const SquareParts& parts, int part, Random& random) {
  const auto column = static_cast<float>(part % kPartsToSide);
  const auto row = static_cast<float>(part / kPartsToSide);
  return {parts.x + (column + random.uniform_float(0, 1)) * parts.size,
          parts.y + (row + random.uniform_float(0, 1)) * parts.size};
}

// Most of the indices 0 to `size`.
inline std::vector<int32_t> some_of(size_t size, Random& random) {
  std::vector<int32_t> indices;
  for (size_t k = 0; k < size; ++k) {
    if (random.chance(0.9)) indices.push_back(static_cast<int32_t>(k));
  }
  return indices;
}

}  // namespace forkroad::test
