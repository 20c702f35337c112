#include "kernels/lane.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/lane_checks.hpp"
#include "tests/random.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

// Lane types that this processor runs.
std::vector<LaneRunner> usable_runners() {
  std::vector<LaneRunner> all;
  const auto append = [&](const LaneRunner* runner) {
    for (; runner->width != 0; ++runner) all.push_back(*runner);
  };
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    append(avx2_lane_runners());
  } else {
    WARN("skipped: this processor has no AVX2 with FMA");
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) {
    append(avx512_lane_runners());
  } else {
    WARN("skipped: this processor has no AVX-512");
  }
  return all;
}

void apply(const LaneRunner& runner, Member member, const float* a, const float* b, const float* c,
           float* out, int count) {
  runner.apply_float(member, a, b, c, out, count);
}
void apply(const LaneRunner& runner, Member member, const double* a, const double* b,
           const double* c, double* out, int count) {
  runner.apply_double(member, a, b, c, out, count);
}

// Zeros, denormals, ends of the range, ties of rounding, and neighbours of whole numbers.
template <class S>
std::vector<S> special_values(bool with_infinity) {
  using Limits = std::numeric_limits<S>;
  std::vector<S> values = {S(0),
                           Limits::denorm_min(),
                           Limits::min() / 2,
                           Limits::min(),
                           Limits::max(),
                           Limits::max() / 2,
                           Limits::epsilon(),
                           S(0.25),
                           S(0.5),
                           S(1),
                           S(1.5),
                           S(2),
                           S(2.5),
                           S(3.5),
                           S(1e10),
                           S(8388607.5),
                           S(8388608.5),
                           S(4194304.5),
                           S(0.1),
                           S(1e-20)};
  if (with_infinity) values.push_back(Limits::infinity());
  const size_t half = values.size();
  for (size_t at = 0; at < half; ++at) values.push_back(-values[at]);
  return values;
}

template <class S>
struct Inputs {
  std::vector<S> a, b, c;

  int size() const { return static_cast<int>(a.size()); }
  void add(S first, S second, S third) {
    a.push_back(first);
    b.push_back(second);
    c.push_back(third);
  }
  void pad() {
    while (a.size() % 16 != 0) add(S(1), S(2), S(3));
  }
};

// All pairs of special values, and random ones over many magnitudes.
template <class S>
Inputs<S> wide_inputs(bool with_infinity) {
  Inputs<S> inputs;
  const std::vector<S> special = special_values<S>(with_infinity);
  Random random(1);
  for (const S a : special) {
    for (const S b : special) inputs.add(a, b, special[static_cast<size_t>(random.below(20))]);
  }
  for (int k = 0; k < 4096; ++k) {
    const auto draw = [&] {
      return static_cast<S>(random.uniform(-1.0, 1.0) *
                            std::pow(10.0, random.uniform(-12.0, 12.0)));
    };
    const S a = draw();
    inputs.add(a, random.chance(0.1) ? a : draw(), draw());
  }
  inputs.pad();
  return inputs;
}

template <class S>
Inputs<S> everyday_inputs() {
  Inputs<S> inputs;
  Random random(2);
  for (int k = 0; k < 20000; ++k) {
    const double scale = k % 2 == 0 ? 5.0 : 900.0;
    inputs.add(static_cast<S>(random.uniform(-scale, scale)),
               static_cast<S>(random.uniform(-scale, scale)),
               static_cast<S>(random.uniform(-scale, scale)));
  }
  // whole and half turns and their neighbours
  for (int k = -320; k <= 320; ++k) {
    const S angle = static_cast<S>(k * 1.5707963267948966);
    inputs.add(angle, static_cast<S>(k), S(0));
  }
  inputs.pad();
  return inputs;
}

// The scalar lane's result for a member that looks at one lane only.
template <class S>
std::vector<S> scalar_result(Member member, const Inputs<S>& inputs) {
  std::vector<S> out(inputs.a.size());
  apply_member<S>(member, inputs.a.data(), inputs.b.data(), inputs.c.data(), out.data(),
                  inputs.size());
  return out;
}

template <class S>
bool usable(const LaneRunner& runner) {
  return sizeof(S) == 4 ? runner.apply_float != nullptr : runner.apply_double != nullptr;
}

template <class S>
void check_members(Member first, Member last, const Inputs<S>& inputs) {
  for (const LaneRunner& runner : usable_runners()) {
    if (!usable<S>(runner)) continue;
    for (int number = static_cast<int>(first); number <= static_cast<int>(last); ++number) {
      const Member member = static_cast<Member>(number);
      const std::vector<S> expected = scalar_result(member, inputs);
      std::vector<S> out(inputs.a.size(), std::numeric_limits<S>::quiet_NaN());
      apply(runner, member, inputs.a.data(), inputs.b.data(), inputs.c.data(), out.data(),
            inputs.size());
      INFO(runner.name << ", member " << number);
      int different = 0;
      for (size_t at = 0; at < out.size(); ++at) {
        // an operation on infinities or beyond the range may yield NaN, whose sign is nobody's
        if (out[at] != out[at] && expected[at] != expected[at]) continue;
        if (std::memcmp(&out[at], &expected[at], sizeof(S)) == 0) continue;
        if (++different > 3) continue;
        UNSCOPED_INFO("a " << inputs.a[at] << " b " << inputs.b[at] << " c " << inputs.c[at]
                           << ": got " << out[at] << ", scalar " << expected[at]);
      }
      CHECK(different == 0);
    }
  }
}

// Folds that a register does over its own lanes.
template <class S>
void check_votes(const Inputs<S>& inputs) {
  for (const LaneRunner& runner : usable_runners()) {
    if (!usable<S>(runner)) continue;
    INFO(runner.name);
    const size_t width = static_cast<size_t>(runner.width);
    std::vector<S> out[4];
    const Member members[] = {Member::kReduceMin, Member::kReduceMax, Member::kAny, Member::kAll};
    for (size_t k = 0; k < 4; ++k) {
      out[k].resize(inputs.a.size());
      apply(runner, members[k], inputs.a.data(), inputs.b.data(), inputs.c.data(), out[k].data(),
            inputs.size());
    }
    int different = 0;
    for (size_t first = 0; first < inputs.a.size(); first += width) {
      S least = inputs.a[first], most = inputs.a[first];
      bool any_less = false, all_less = true;
      for (size_t at = first; at < first + width; ++at) {
        least = std::min(least, inputs.a[at]);
        most = std::max(most, inputs.a[at]);
        any_less = any_less || inputs.a[at] < inputs.b[at];
        all_less = all_less && inputs.a[at] < inputs.b[at];
      }
      for (size_t at = first; at < first + width; ++at) {
        different += out[0][at] != least || out[1][at] != most;
        different += out[2][at] != (any_less ? S(1) : S(0));
        different += out[3][at] != (all_less ? S(1) : S(0));
      }
    }
    CHECK(different == 0);
  }
}

// lane_mask and ramp know their lane, so the scalar lane cannot stand in for the wide ones.
template <class S>
void check_lane_numbers() {
  Inputs<S> inputs;
  for (int k = 0; k < 16 * 19; ++k) inputs.add(S(0), S(0), S(0));
  for (const LaneRunner& runner : usable_runners()) {
    if (!usable<S>(runner)) continue;
    INFO(runner.name);
    std::vector<S> out(inputs.a.size());
    int different = 0;
    apply(runner, Member::kLaneMask, inputs.a.data(), inputs.b.data(), inputs.c.data(), out.data(),
          inputs.size());
    for (int at = 0; at < inputs.size(); ++at) {
      const int filled = at / 16 - 1;
      different += out[static_cast<size_t>(at)] != (at % 16 < filled ? S(1) : S(0));
    }
    CHECK(different == 0);
    apply(runner, Member::kRamp, inputs.a.data(), inputs.b.data(), inputs.c.data(), out.data(),
          inputs.size());
    for (int at = 0; at < inputs.size(); ++at) {
      different += out[static_cast<size_t>(at)] != static_cast<S>(at % 16);
    }
    CHECK(different == 0);
  }
}

// Inputs that are whole numbers of a small range, for conversions and look-ups.
template <class S>
Inputs<S> index_inputs() {
  Inputs<S> inputs;
  Random random(3);
  for (int k = 0; k < 1024; ++k) {
    inputs.add(static_cast<S>(random.uniform(-1023.9, 1023.9)), S(0),
               static_cast<S>(random.uniform(-5.0, 5.0)));
  }
  return inputs;
}

}  // namespace

TEMPLATE_TEST_CASE("Every member of the vocabulary equals the scalar lane to the bit",
                   "[determinism]", float, double) {
  check_members<TestType>(Member::kAdd, Member::kSelect, wide_inputs<TestType>(true));
  // one bit per lane, whatever the width
  check_members<TestType>(Member::kBits, Member::kBits, wide_inputs<TestType>(true));
}

TEMPLATE_TEST_CASE("Conversions, look-ups and single lanes equal the scalar lane", "[determinism]",
                   float, double) {
  check_members<TestType>(Member::kToInt, Member::kGather, index_inputs<TestType>());
  check_members<TestType>(Member::kLaneAt, Member::kLaneAt, wide_inputs<TestType>(true));
  check_members<TestType>(Member::kFloatMemory, Member::kFloatMemory, wide_inputs<TestType>(true));
}

TEMPLATE_TEST_CASE("Votes and reductions look at every lane of a register", "[determinism]", float,
                   double) {
  check_votes<TestType>(wide_inputs<TestType>(true));
  check_lane_numbers<TestType>();
}

TEMPLATE_TEST_CASE("Value functions give the bits of the scalar lane on every lane type",
                   "[determinism]", float, double) {
  check_members<TestType>(Member::kSine, Member::kBicycleHeading, everyday_inputs<TestType>());
}

TEMPLATE_TEST_CASE("min and max take the second operand on a tie", "", float, double) {
  const TestType zero = TestType(0);
  CHECK(std::signbit(min(zero, -zero)));
  CHECK_FALSE(std::signbit(min(-zero, zero)));
  CHECK(std::signbit(max(zero, -zero)));
  CHECK_FALSE(std::signbit(max(-zero, zero)));
}
