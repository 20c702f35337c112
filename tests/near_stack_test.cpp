#include "sim/near_stack.hpp"

#include "tests/catch.hpp"
#include "tests/random.hpp"

namespace forkroad {
namespace {

std::vector<int32_t> contents(const NearStack& stack, const NearStack::Span& span) {
  const int32_t* const indices = stack.indices(span);
  return {indices, indices + span.size()};
}

TEST_CASE("Each part takes what has its bit set, in order", "[near_stack]") {
  test::Random random(1);
  for (int turn = 0; turn < 200; ++turn) {
    NearStack stack;
    stack.push_all(7);  // of a square further out
    const NearStack::Span all = stack.push_all(static_cast<size_t>(random.below(50)));
    std::vector<uint32_t> bits(all.size());
    for (uint32_t& word : bits) word = static_cast<uint32_t>(random.word());
    std::copy(bits.begin(), bits.end(), stack.parts(all));
    const auto expected = [&](int bit) {
      std::vector<int32_t> indices;
      for (size_t k = 0; k < bits.size(); ++k) {
        if ((bits[k] >> bit & 1) != 0) indices.push_back(static_cast<int32_t>(k));
      }
      return indices;
    };
    const size_t stacked = stack.size();
    const auto parts = stack.push_parts(all);
    for (int part = 0; part < kNumParts; ++part) {
      REQUIRE(contents(stack, parts[static_cast<size_t>(part)]) == expected(part));
    }
    const int bit = random.below(2 * kNumParts);
    const NearStack::Span own = stack.push_bit(all, bit);
    REQUIRE(contents(stack, own) == expected(bit));
    REQUIRE(own.begin == parts.back().end);
    stack.pop_to(stacked);
    REQUIRE(stack.size() == all.end);
    REQUIRE(contents(stack, all).size() == bits.size());
  }
}

}  // namespace
}  // namespace forkroad
