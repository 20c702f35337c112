#include "scenarios/scene_numbers.hpp"

#include <algorithm>
#include <bit>

// A loop that is compiled for every processor, and once more for those with wider registers.
#define FORKROAD_INLINED inline __attribute__((always_inline))

namespace forkroad {
namespace {

static_assert(sizeof(Point3) == 3 * sizeof(float));

// A number without its sign, and as an integer: magnitudes are ordered as these are, and infinity
// and NaN come after all others. Every number of every scene passes here; a loop over integers
// takes many at a time and has no branches.
constexpr int32_t bits_of(float value) { return std::bit_cast<int32_t>(value); }
constexpr int32_t magnitude_of(int32_t bits) { return bits & 0x7fffffff; }

// The largest magnitudes of numbers with and without a sign.
struct Limits {
  int32_t positive, negative;
};

constexpr Limits up_to(float limit) { return {bits_of(limit), bits_of(limit)}; }
constexpr Limits below(float limit) { return {bits_of(limit) - 1, bits_of(limit) - 1}; }

constexpr Limits kHeadings = {bits_of(kOpenHeading) - 1, bits_of(kOpenHeading)};
constexpr Limits kSizes = {bits_of(kMaxBoxSize) - 1, 0};

// in the order of StateArrays
constexpr std::array<Limits, std::tuple_size_v<StateArrays>> kLimits = {
    up_to(kMaxLocal), up_to(kMaxLocal), up_to(kMaxLocal), kHeadings, below(kMaxSpeed),
    below(kMaxSpeed), kSizes,           kSizes,           kSizes};

FORKROAD_INLINED bool check_states(const StateArrays& states, std::span<const uint8_t> valid) {
  constexpr std::size_t kChunk = 512;
  std::array<int32_t, kChunk> invalid;  // all bits set: the step is not valid
  int32_t room = 0;                     // negative: a magnitude is above its limit
  int32_t stray = 0;  // not 0: a number where the step is not valid, or a code above 1
  for (std::size_t first = 0; first < valid.size(); first += kChunk) {
    const std::size_t count = std::min(kChunk, valid.size() - first);
    for (std::size_t step = 0; step < count; ++step) {
      const int32_t code = valid[first + step];
      invalid[step] = code - 1;
      stray |= code & ~1;
    }
    for (std::size_t array = 0; array < states.size(); ++array) {
      const float* values = states[array].data() + first;
      const int32_t limit = kLimits[array].positive;
      const int32_t if_negative = kLimits[array].negative - limit;
      for (std::size_t step = 0; step < count; ++step) {
        const int32_t bits = bits_of(values[step]);
        room |= limit + (if_negative & (bits >> 31)) - magnitude_of(bits);
        stray |= magnitude_of(bits) & invalid[step];
      }
    }
  }
  return room >= 0 && stray == 0;
}

FORKROAD_INLINED bool check_points(std::span<const Point3> points) {
  const auto* coordinates = reinterpret_cast<const float*>(points.data());
  int32_t room = 0;  // negative: a magnitude is above the limit
  for (std::size_t index = 0; index < 3 * points.size(); ++index) {
    room |= bits_of(kMaxLocal) - magnitude_of(bits_of(coordinates[index]));
  }
  return room >= 0;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) bool check_states_avx2(const StateArrays& states,
                                                       std::span<const uint8_t> valid) {
  return check_states(states, valid);
}

__attribute__((target("avx2"))) bool check_points_avx2(std::span<const Point3> points) {
  return check_points(points);
}

bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}
#endif

}  // namespace

bool are_sound(const StateArrays& states, std::span<const uint8_t> valid) {
#if defined(__x86_64__)
  if (has_avx2()) return check_states_avx2(states, valid);
#endif
  return check_states(states, valid);
}

bool are_sound(std::span<const Point3> points) {
#if defined(__x86_64__)
  if (has_avx2()) return check_points_avx2(points);
#endif
  return check_points(points);
}

}  // namespace forkroad
