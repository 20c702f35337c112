#include "tests/emulate.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace forkroad {
namespace {

constexpr int kSizes[] = {1, 31, 32, 33, 255, 256, 257, 1025};
constexpr int kThreads = 256;

int blocks_for(int size) { return (size + kThreads - 1) / kThreads; }
size_t at(int index) { return static_cast<size_t>(index); }

std::vector<int> some_numbers(int size) {
  std::vector<int> numbers;
  for (int index = 0; index < size; ++index) numbers.push_back(index * 7919 % 1013 - 400);
  return numbers;
}

std::string error_of(const LaunchShape& shape, Schedule schedule, void (*body)(EmulatedBlock&)) {
  try {
    emulate(shape, schedule, body);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

// The sum of each block's numbers.
template <class Block>
void sum_block(Block& block, const int* in, int size, int* out) {
  int* const partial = block.template shared<int>(kThreads / kWarpThreads);
  const int index = block.x() * block.num_threads() + block.thread();
  int sum = index < size ? in[index] : 0;
  for (int mask = 16; mask > 0; mask /= 2) sum += block.shuffle_xor(sum, mask);
  if (block.lane() == 0) partial[block.warp()] = sum;
  block.sync();
  if (block.warp() == 0) {
    const bool holds = block.lane() < block.num_threads() / kWarpThreads;
    sum = holds ? partial[block.lane()] : 0;
    for (int mask = 16; mask > 0; mask /= 2) sum += block.shuffle_xor(sum, mask);
    if (block.lane() == 0) out[block.x()] = sum;
  }
}

// Sums of all earlier numbers of the block, doubling the distance between syncs.
template <class Block>
void scan_block(Block& block, const int* in, int size, int* out) {
  int* const sums = block.template shared<int>(block.num_threads());
  const int index = block.x() * block.num_threads() + block.thread();
  sums[block.thread()] = index < size ? in[index] : 0;
  for (int distance = 1; distance < block.num_threads(); distance *= 2) {
    block.sync();
    const int earlier = block.thread() >= distance ? sums[block.thread() - distance] : 0;
    block.sync();
    sums[block.thread()] += earlier;
  }
  if (index < size) out[index] = sums[block.thread()];
}

struct alignas(16) Quad {
  int value[4];
};

// Each block reverses its quads, through an asynchronously loaded tile.
template <class Block>
void reverse_block(Block& block, const Quad* in, int size, Quad* out) {
  Quad* const tile = block.template shared<Quad>(block.num_threads());
  const int first = block.x() * block.num_threads();
  const int held = std::min(block.num_threads(), size - first);
  if (block.thread() < held) block.copy_async(&tile[block.thread()], &in[first + block.thread()]);
  block.wait_copies();
  block.sync();
  if (block.thread() < held) out[first + block.thread()] = tile[held - 1 - block.thread()];
}

// One warp per block lists the indices of its numbers above zero.
template <class Block>
void compact_block(Block& block, const int* in, int size, int* list, int* count) {
  int num_kept = 0;
  for (int first = 0; first < size; first += kWarpThreads) {
    const int index = first + block.lane();
    append_in_order(block, index < size && in[index] > 0, index, list, num_kept);
  }
  if (block.lane() == 0) *count = num_kept;
}

}  // namespace

TEST_CASE("a block knows its place in the grid", "[cpu]") {
  for (int index = 0; index < kNumSchedules; ++index) {
    std::vector<int> calls(at(3 * 2 * 96), 0);
    emulate({.grid_x = 3, .grid_y = 2, .threads = 96}, schedule_of(index),
            [&](EmulatedBlock& block) {
              const int right = block.num_threads() == 96 && block.lane() == block.thread() % 32 &&
                                block.warp() == block.thread() / 32;
              calls[at((block.y() * 3 + block.x()) * 96 + block.thread())] += right;
            });
    CHECK(calls == std::vector<int>(calls.size(), 1));
  }
}

TEST_CASE("orders run threads, warps and blocks as they say", "[cpu]") {
  const auto order_of = [](ThreadOrder order, uint64_t seed) {
    std::vector<int> ran;
    emulate({.grid_x = 2, .threads = 64}, {.order = order, .seed = seed},
            [&](EmulatedBlock& block) { ran.push_back(block.x() * 64 + block.thread()); });
    return ran;
  };
  std::vector<int> expected;
  for (int thread = 0; thread < 128; ++thread) expected.push_back(thread);
  CHECK(order_of(ThreadOrder::kForward, 0) == expected);
  const std::vector<int> shuffled = order_of(ThreadOrder::kRandom, 3);
  CHECK(shuffled != expected);
  CHECK(shuffled == order_of(ThreadOrder::kRandom, 3));
  CHECK(shuffled != order_of(ThreadOrder::kRandom, 4));
  CHECK(std::is_permutation(shuffled.begin(), shuffled.end(), expected.begin()));
  std::reverse(expected.begin(), expected.end());
  CHECK(order_of(ThreadOrder::kReverse, 0) == expected);
}

TEST_CASE("a warp goes as far as it can before the next", "[cpu]") {
  std::string trace;
  emulate({.threads = 64}, {}, [&](EmulatedBlock& block) {
    if (block.lane() == 0) trace += block.warp() == 0 ? 'a' : 'b';
    block.ballot(true);
    if (block.lane() == 0) trace += block.warp() == 0 ? 'A' : 'B';
    block.sync();
    if (block.lane() == 0) trace += block.warp() == 0 ? 'x' : 'y';
  });
  CHECK(trace == "aAbBxy");
}

TEST_CASE("votes and shuffles exchange values in the warp", "[cpu]") {
  for (int index = 0; index < kNumSchedules; ++index) {
    int num_right = 0;
    emulate({.threads = 64}, schedule_of(index), [&](EmulatedBlock& block) {
      const int lane = block.lane();
      const double wide = 1e300 * block.thread();
      const float narrow = static_cast<float>(block.thread());
      bool right = block.ballot(lane % 3 == 0) == 0x49249249u;
      right &= block.ballot(false) == 0u && block.ballot(true) == 0xffffffffu;
      right &= block.any(block.thread() == 40) == (block.warp() == 1);
      right &= block.shuffle(wide, 31 - lane) == 1e300 * (block.thread() - lane + 31 - lane);
      right &= block.shuffle_xor(narrow, 5) == static_cast<float>(block.thread() ^ 5);
      right &= block.shuffle(int64_t{-1} - lane, 7) == -8;
      right &= block.shuffle(static_cast<uint32_t>(lane), 16) == 16u;
      block.sync_warp();
      right &= warp_min(block, narrow) == static_cast<float>(block.warp() * 32);
      right &= warp_max(block, narrow) == static_cast<float>(block.warp() * 32 + 31);
      num_right += right;
    });
    CHECK(num_right == 64);
  }
}

TEST_CASE("sync_warp shows a warp's writes to the warp", "[cpu]") {
  for (int index = 0; index < kNumSchedules; ++index) {
    int num_right = 0;
    emulate({.threads = 96, .shared_bytes = 96 * 4}, schedule_of(index), [&](EmulatedBlock& block) {
      int* const marks = block.shared<int>(96);
      marks[block.thread()] = block.thread() + 1;
      block.sync_warp();
      num_right += marks[block.thread() ^ 17] == (block.thread() ^ 17) + 1;
    });
    CHECK(num_right == 96);
  }
}

TEST_CASE("shared arrays are aligned, apart and filled as the schedule says", "[cpu]") {
  for (int index = 0; index < kNumSchedules; ++index) {
    const Schedule schedule = schedule_of(index);
    const int shared_bytes = shared_piece_bytes<char>(5) + shared_piece_bytes<double>(3);
    REQUIRE(shared_bytes == 16 + 32);
    int num_aligned = 0;
    std::vector<unsigned char> first_seen;
    emulate({.threads = 32, .shared_bytes = shared_bytes}, schedule, [&](EmulatedBlock& block) {
      char* const letters = block.shared<char>(5);
      double* const numbers = block.shared<double>(3);
      num_aligned += reinterpret_cast<uintptr_t>(letters) % 16 == 0 &&
                     reinterpret_cast<uintptr_t>(numbers) % 16 == 0;
      if (block.thread() == 9) {
        const auto* const bytes = reinterpret_cast<const unsigned char*>(numbers);
        first_seen.assign(bytes, bytes + 24);
      }
      block.sync();
      letters[block.thread() % 5] = 1;
      numbers[block.thread() % 3] = 1.0;
    });
    CHECK(num_aligned == 32);
    const unsigned char filled = schedule.fill == SharedFill::kOnes ? 0xff : 0;
    const bool uniform = first_seen == std::vector<unsigned char>(24, filled);
    CHECK(uniform == (schedule.fill != SharedFill::kRandom));
  }
}

TEST_CASE("copies of 4, 8 and 16 bytes land at once or at the wait", "[cpu]") {
  const Quad quads[32] = {};
  const double doubles[32] = {};
  const int ints[32] = {};
  for (int index = 0; index < kNumSchedules; ++index) {
    const Schedule schedule = schedule_of(index);
    int num_early = 0;
    int num_landed = 0;
    emulate({.threads = 32, .shared_bytes = 32 * 28}, schedule, [&](EmulatedBlock& block) {
      Quad* const quad = block.shared<Quad>(32) + block.lane();
      double* const number = block.shared<double>(32) + block.lane();
      int* const whole = block.shared<int>(32) + block.lane();
      *quad = {{1, 2, 3, 4}};
      *number = 1.0;
      *whole = 1;
      block.copy_async(quad, &quads[block.lane()]);
      block.copy_async(number, &doubles[block.lane()]);
      block.copy_async(whole, &ints[block.lane()]);
      num_early += (quad->value[3] == 0) + (*number == 0.0) + (*whole == 0);
      block.wait_copies();
      num_landed += (quad->value[3] == 0) + (*number == 0.0) + (*whole == 0);
    });
    CHECK(num_early == (schedule.order == ThreadOrder::kForward ? 96 : 0));
    CHECK(num_landed == 96);
  }
}

TEST_CASE("small kernels equal plain loops in every schedule", "[cpu][determinism]") {
  for (const int size : kSizes) {
    const std::vector<int> in = some_numbers(size);
    std::vector<int> sums(at(blocks_for(size)), 0), scan, kept;
    std::vector<Quad> quads, reversed(at(size));
    for (int index = 0; index < size; ++index) {
      const int first = index / kThreads * kThreads;
      sums[at(index / kThreads)] += in[at(index)];
      scan.push_back(in[at(index)] + (index > first ? scan.back() : 0));
      if (in[at(index)] > 0) kept.push_back(index);
      quads.push_back({{index, in[at(index)], 0, -index}});
    }
    for (int schedule = 0; schedule < kNumSchedules; ++schedule) {
      INFO("size " << size << ", schedule " << schedule);
      const LaunchShape shape = {.grid_x = blocks_for(size),
                                 .threads = kThreads,
                                 .shared_bytes = shared_piece_bytes<Quad>(kThreads)};
      std::vector<int> out(sums.size(), -12345);
      emulate(shape, schedule_of(schedule),
              [&](EmulatedBlock& block) { sum_block(block, in.data(), size, out.data()); });
      CHECK(out == sums);
      out.assign(in.size(), -12345);
      emulate(shape, schedule_of(schedule),
              [&](EmulatedBlock& block) { scan_block(block, in.data(), size, out.data()); });
      CHECK(out == scan);
      out.assign(in.size(), -12345);
      int count = -1;
      emulate({}, schedule_of(schedule), [&](EmulatedBlock& block) {
        compact_block(block, in.data(), size, out.data(), &count);
      });
      REQUIRE(count == static_cast<int>(kept.size()));
      CHECK(std::equal(kept.begin(), kept.end(), out.begin()));
      emulate(shape, schedule_of(schedule), [&](EmulatedBlock& block) {
        reverse_block(block, quads.data(), size, reversed.data());
      });
      int num_right = 0;
      for (int index = 0; index < size; ++index) {
        const int first = index / kThreads * kThreads;
        const int mirror = first + std::min(kThreads, size - first) - 1 - (index - first);
        num_right += std::equal(reversed[at(index)].value, reversed[at(index)].value + 4,
                                quads[at(mirror)].value);
      }
      CHECK(num_right == size);
    }
  }
}

TEST_CASE("what a body throws reaches the caller, and the next launch works", "[cpu]") {
  for (int index = 0; index < kNumSchedules; ++index) {
    const auto throwing = [](EmulatedBlock& block) {
      block.sync();
      if (block.thread() == 50) throw std::out_of_range("thread 50");
      block.sync();
    };
    CHECK_THROWS_AS(emulate({.grid_x = 2, .threads = 64}, schedule_of(index), throwing),
                    std::out_of_range);
    int num_threads = 0;
    emulate({.threads = 64}, schedule_of(index), [&](EmulatedBlock& block) {
      block.sync();
      ++num_threads;
    });
    CHECK(num_threads == 64);
  }
}

TEST_CASE("a launch that hardware would refuse is an error", "[cpu]") {
  const auto nothing = [](EmulatedBlock&) {};
  CHECK_THROWS_WITH(emulate({.grid_x = 0}, {}, nothing), Catch::Contains("grid is 0 x 1"));
  CHECK_THROWS_WITH(emulate({.threads = 33}, {}, nothing), Catch::Contains("33 threads"));
  CHECK_THROWS_WITH(emulate({.threads = 1056}, {}, nothing), Catch::Contains("1056 threads"));
  CHECK_THROWS_WITH(emulate({.shared_bytes = 300000}, {}, nothing), Catch::Contains("300000"));
  const auto nested = [&](EmulatedBlock&) { emulate({}, {}, nothing); };
  CHECK_THROWS_WITH(emulate({}, {}, nested), Catch::Contains("inside a body"));
}

TEST_CASE("misuse of the vocabulary is an error that names line and thread", "[cpu]") {
  using Catch::Contains;
  for (int index = 0; index < kNumSchedules; ++index) {
    const Schedule schedule = schedule_of(index);
    const std::string lane = error_of(
        {}, schedule, [](EmulatedBlock& block) { block.shuffle(1, block.lane() == 4 ? 32 : 0); });
    CHECK_THAT(lane, Contains("shuffle at") && Contains("emulate_test.cpp:") &&
                         Contains("thread 4 asks for lane or mask 32"));
    const std::string outside = error_of({.shared_bytes = 16}, schedule, [](EmulatedBlock& block) {
      static const int source[8] = {};
      block.copy_async(block.shared<int>(4) + 4, source);
    });
    CHECK_THAT(outside, Contains("copy_async at") && Contains("inside one shared array"));
    const std::string missing = error_of({.shared_bytes = 32}, schedule, [](EmulatedBlock& block) {
      block.shared<int>(4);
      if (block.thread() != 3) block.shared<int>(4);
    });
    CHECK_THAT(missing, Contains("thread 3 never made the shared() call of"));
    const std::string places = error_of({.threads = 96}, schedule, [](EmulatedBlock& block) {
      if (block.warp() != 1) {
        block.sync();
      } else {
        block.sync();
      }
    });
    CHECK_THAT(places, Contains("the warps of the block do not meet") &&
                           Contains("threads 0-31 64-95") && Contains("threads 32-63"));
  }
}

}  // namespace forkroad
