// A rollout into existing memory allocates nothing.
#include <atomic>
#include <cstdlib>
#include <new>

#include "benchmarks/bench_scene.hpp"
#include "sim/simulator.hpp"
#include "sim/vocabulary.hpp"
#include "tests/catch.hpp"
#include "tests/sanitizers.hpp"
#include "tests/scene_builder.hpp"

namespace {

std::atomic<long> num_allocations{0};

[[maybe_unused]] void* count_and_allocate(std::size_t size, std::size_t alignment) {
  ++num_allocations;
  void* memory = alignment > alignof(std::max_align_t)
                     ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                     : std::malloc(size > 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// counts are taken by every allocation of the test program; sanitizers bring their own
#if !FORKROAD_ASAN && !FORKROAD_MSAN && !FORKROAD_TSAN
void* operator new(std::size_t size) { return count_and_allocate(size, 0); }
void* operator new[](std::size_t size) { return count_and_allocate(size, 0); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return count_and_allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return count_and_allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
#endif

using namespace forkroad;

TEST_CASE("A second rollout of the same shapes allocates nothing", "[alloc]") {
  std::vector<Scene> scenes;
  for (uint64_t seed = 1; seed <= 3; ++seed) scenes.push_back(bench_scene(100, 40, seed));
  const SceneBatch batch(std::move(scenes));
  const Snapshot snapshot = Snapshot::of_log(batch);
  const PlanSet plans = vocabulary(batch, snapshot, 600, {.num_steps = 40});
  const auto model = make_agent_model("log");
  Simulator simulator(batch);
  Facts facts;
  RolloutTraces traces;
  simulator.rollout(snapshot, plans, *model, {}, facts, &traces);
  const Facts first = facts;
  long before = num_allocations;
  simulator.rollout(snapshot, plans, *model, {}, facts);
  const long without_traces = num_allocations - before;
  before = num_allocations;
  simulator.rollout(snapshot, plans, *model, {}, facts, &traces);
  const long with_traces = num_allocations - before;
  CHECK(without_traces == 0);
  CHECK(with_traces == 0);
  CHECK(facts.plans.clearance == first.plans.clearance);
}
