#include "kernels/philox.hpp"

#include "tests/catch.hpp"

using namespace forkroad;

namespace {

void check_words(uint64_t key, const PhiloxWords& counter, const PhiloxWords& expected) {
  const PhiloxWords words = philox(key, counter);
  for (int k = 0; k < 4; ++k) CHECK(words.word[k] == expected.word[k]);
}

}  // namespace

TEST_CASE("philox gives the known answers of Random123 for philox4x32-10", "[golden]") {
  check_words(0, {{0, 0, 0, 0}}, {{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}});
  check_words(0xffffffffffffffffu, {{0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu}},
              {{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu}});
  check_words(0x299f31d0a4093822u, {{0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}},
              {{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u}});
}

TEST_CASE("uniform lies in [0, 1) and is exact", "[property]") {
  CHECK(uniform(0u) == 0.0f);
  CHECK(uniform(0xffffffffu) == 16777215.0f / 16777216.0f);
  CHECK(uniform(0x80000000u) == 0.5f);
  CHECK(uniform(0xffu) == 0.0f);
  double sum = 0.0;
  for (uint32_t k = 0; k < 10'000; ++k) {
    const PhiloxWords words = philox(7, {{k, 0, 0, 0}});
    for (const uint32_t word : words.word) {
      const float value = uniform(word);
      REQUIRE(value >= 0.0f);
      REQUIRE(value < 1.0f);
      sum += static_cast<double>(value);
    }
  }
  // 40,000 draws: the mean's standard deviation is 0.0014
  CHECK(sum / 40'000.0 == Approx(0.5).margin(0.006));
}
