// The GPU against the CPU: the same bits. An executable of its own; without a GPU it says that
// nothing ran and exits 77, or 1 where FORKROAD_REQUIRE_GPU=1 demands one.
#define CATCH_CONFIG_RUNNER
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "benchmarks/bench_scene.hpp"
#include "sim/simulator.hpp"
#include "sim/vocabulary.hpp"
#include "tests/catch.hpp"

namespace forkroad {
namespace {

std::vector<Scene> bench_scenes(int count, int num_agents) {
  std::vector<Scene> scenes;
  for (int k = 0; k < count; ++k) scenes.push_back(bench_scene(num_agents, 60 + k, 20 + k));
  return scenes;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

Facts facts_on(Device device, int num_worlds, int num_agents, int num_plans,
               RolloutTraces* traces) {
  const SceneBatch batch(bench_scenes(num_worlds, num_agents), device);
  Simulator simulator(batch);
  Facts facts;
  simulator.rollout(Snapshot::of_log(batch), vocabulary(batch, num_plans), *make_agent_model("log"),
                    RolloutSpec{}, facts, traces);
  return facts;
}

}  // namespace

TEST_CASE("the GPU gives the bits of the CPU lanes", "[gpu][determinism]") {
  const int num_plans = GENERATE(1, 4, 21, 48, 512, 8192);
  const int num_agents = GENERATE(0, 63, 300);
  INFO(num_plans << " plans, " << num_agents << " agents");
  RolloutTraces cpu_traces, gpu_traces;
  const Facts cpu = facts_on(Device::cpu(), 3, num_agents, num_plans, &cpu_traces);
  const Facts gpu = facts_on(Device::cuda(), 3, num_agents, num_plans, &gpu_traces);
#define FORKROAD_SAME(type, name, unit, invalid, meaning) \
  CHECK(same_bits(cpu.plans.name, gpu.plans.name));       \
  CHECK(same_bits(cpu.log.name, gpu.log.name));
  FORKROAD_FACT_FIELDS(FORKROAD_SAME)
#undef FORKROAD_SAME
  CHECK(same_bits(cpu_traces.ego_x, gpu_traces.ego_x));
  CHECK(same_bits(cpu_traces.ego_y, gpu_traces.ego_y));
  CHECK(same_bits(cpu_traces.ego_heading, gpu_traces.ego_heading));
}

TEST_CASE("the GPU repeats itself to the bit", "[gpu][determinism]") {
  const Facts first = facts_on(Device::cuda(), 5, 64, 1000, nullptr);
  for (int round = 0; round < 3; ++round) {
    const Facts again = facts_on(Device::cuda(), 5, 64, 1000, nullptr);
    CHECK(same_bits(first.plans.clearance, again.plans.clearance));
    CHECK(same_bits(first.plans.contact_time, again.plans.contact_time));
  }
}

}  // namespace forkroad

int main(int argc, char** argv) {
  if (forkroad::num_cuda_devices() == 0) {
    const char* required = std::getenv("FORKROAD_REQUIRE_GPU");
    std::puts("no GPU answers: the GPU tests did not run");
    return required != nullptr && std::strcmp(required, "1") == 0 ? 1 : 77;
  }
  return Catch::Session().run(argc, argv);
}
