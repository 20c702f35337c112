#include "sim/executor.hpp"

#include <algorithm>
#include <atomic>
#include <vector>

#include "tests/catch.hpp"

using namespace forkroad;

TEST_CASE("for_each_item runs every item once, on workers within their range") {
  for (const int threads : {0, 1, 2, 5, 33}) {
    for (const int items : {0, 1, 2, 31, 1000}) {
      INFO(threads << " threads, " << items << " items");
      std::vector<std::atomic<int>> runs(static_cast<size_t>(items) + 1);
      std::atomic<bool> in_range{true};
      auto task = [&](int item, int worker) {
        ++runs[static_cast<size_t>(item)];
        if (worker < 0 || worker >= std::max(threads, 1)) in_range = false;
      };
      for_each_item(items, threads, task);
      CHECK(in_range);
      int wrong = 0;
      for (int item = 0; item < items; ++item) wrong += runs[static_cast<size_t>(item)] != 1;
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("Workers that run at one time have different numbers") {
  constexpr int kThreads = 4;
  std::vector<std::atomic<int>> busy(kThreads);
  std::atomic<bool> shared{false};
  auto task = [&](int, int worker) {
    auto& mine = busy[static_cast<size_t>(worker)];
    if (++mine != 1) shared = true;
    for (volatile int spin = 0; spin < 2000;) spin = spin + 1;
    --mine;
  };
  for_each_item(200, kThreads, task);
  CHECK_FALSE(shared);
}
