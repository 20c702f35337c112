// The many numbers of a scene checked fast: a part of find_scene_fault() that readers may do
// themselves, while the numbers are in a near cache.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "scenarios/scene.hpp"

namespace forkroad {

// The end of the half-open range of headings as stored, fp32 pi.
inline constexpr float kOpenHeading = 3.14159265358979323846f;

// kMaxLocalCoordinate as a float, which holds it exactly.
inline constexpr auto kMaxLocal = static_cast<float>(kMaxLocalCoordinate);

// x, y, z, heading, velocity_x, velocity_y, length, width, height of one track, or of several one
// after the other.
using StateArrays = std::array<std::span<const float>, 9>;

// True if every state is within the limits of scene.hpp and 0 where it is not valid, and valid
// holds nothing but 0 and 1. All arrays are as long as `valid`.
bool are_sound(const StateArrays& states, std::span<const uint8_t> valid);

// True if no point is further than kMaxLocalCoordinate from the origin along an axis.
bool are_sound(std::span<const Point3> points);

// What is known of are_sound() for all tracks and map features of a scene.
enum class SceneNumbers : uint8_t { kUnchecked, kSound };

// find_scene_fault() that leaves out what is known.
std::string find_scene_fault(const Scene& scene, SceneNumbers numbers);

}  // namespace forkroad
