// Random squares of a raster and places in their parts.
#pragma once

#include <array>

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

}  // namespace forkroad::test
