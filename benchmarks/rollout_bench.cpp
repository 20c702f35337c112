// Plan-steps per second of a whole rollout with contact facts, by lane type and partner search.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "benchmarks/bench_logs.hpp"
#include "benchmarks/bench_scene.hpp"
#include "scenarios/generate_scene.hpp"
#include "sim/simulator.hpp"
#include "sim/vocabulary.hpp"

namespace forkroad {
namespace {

constexpr int kAgents = 64;
constexpr int kSteps = 80;

// Random controls held for 0.5 s, sorted by their first acceleration so that neighbours stay close.
PlanSet random_controls(int num_plans) {
  std::mt19937_64 random(7);
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random() >> 11) * 0x1.0p-53;
  };
  constexpr int kControls = 16;
  std::vector<std::vector<float>> plans(static_cast<size_t>(num_plans));
  for (auto& plan : plans) {
    for (int k = 0; k < kControls; ++k) {
      plan.push_back(static_cast<float>(uniform(-4.0, 3.0)));
      plan.push_back(static_cast<float>(uniform(-0.08, 0.08)));
    }
  }
  std::sort(plans.begin(), plans.end());
  std::vector<float> values;
  for (const auto& plan : plans) values.insert(values.end(), plan.begin(), plan.end());
  PlanLayout layout;
  layout.kind = PlanKind::kControls;
  layout.dt = 0.5;
  return PlanSet(values, 1, num_plans, kControls, layout);
}

// The benchmark's agents on the map of a generated crossing: every fact has something to say.
Scene mapped_scene() {
  Scene scene = bench_scene(kAgents, kSteps, 1);
  Scene road = generate_scene({}, LayoutKind::kSignalisedCrossing, 4).scene;
  scene.features = std::move(road.features);
  scene.signals = std::move(road.signals);
  scene.signals.resize(static_cast<size_t>(scene.num_steps));
  return scene;
}

void run(benchmark::State& state, const LaneKernels& lanes, PartnerSearch search,
         bool use_vocabulary, int num_plans, bool mapped = false) {
  std::vector<Scene> scenes;
  scenes.push_back(mapped ? mapped_scene() : bench_scene(kAgents, kSteps, 1));
  const SceneBatch batch(std::move(scenes));
  const Snapshot snapshot = Snapshot::of_log(batch);
  const PlanSet plans =
      use_vocabulary ? vocabulary(batch, snapshot, num_plans) : random_controls(num_plans);
  const auto model = make_agent_model("log");
  SimulatorOptions options;
  options.kernels = &lanes;
  options.search = search;
  Simulator simulator(batch, options);
  Facts facts;
  RolloutSpec spec;
  spec.precision = lanes.precision;
  for (auto _ : state) {
    simulator.rollout(snapshot, plans, *model, spec, facts);
    benchmark::DoNotOptimize(facts.plans.clearance.data());
  }
  const double plan_steps = static_cast<double>(num_plans) * kSteps;
  state.counters["plan_steps/s"] = benchmark::Counter(
      plan_steps * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["ns/plan"] =
      benchmark::Counter(1.0e-9 * num_plans * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  double contacts = 0;
  for (const int32_t step : facts.plans.contact_step) contacts += step >= 0;
  state.counters["contact_share"] = contacts / num_plans;
}

// Every fact on real logs, a vocabulary forked from each: all plan-steps over all time, and the
// slowest and the middle scene.
void run_logs(benchmark::State& state, const LaneKernels& lanes,
              const std::vector<std::string>& files) {
  constexpr int kPlans = 8192;
  std::vector<double> rates;
  double plan_steps = 0;
  for (auto _ : state) {
    state.PauseTiming();
    rates.clear();
    for (Scene& scene : scenes_with_ego(files)) {
      std::vector<Scene> one;
      one.push_back(std::move(scene));
      const SceneBatch batch(std::move(one));
      const Snapshot snapshot = Snapshot::of_log(batch);
      const PlanSet plans = vocabulary(batch, snapshot, kPlans);
      const auto model = make_agent_model("log");
      SimulatorOptions options;
      options.kernels = &lanes;
      Simulator simulator(batch, options);
      Facts facts;
      simulator.rollout(snapshot, plans, *model, {}, facts);  // the map is prepared once
      const auto start = std::chrono::steady_clock::now();
      state.ResumeTiming();
      simulator.rollout(snapshot, plans, *model, {}, facts);
      state.PauseTiming();
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      const double steps = static_cast<double>(kPlans) * facts.num_steps[0];
      plan_steps += steps;
      rates.push_back(steps / took.count());
    }
    state.ResumeTiming();
  }
  std::sort(rates.begin(), rates.end());
  state.counters["plan_steps/s"] = benchmark::Counter(plan_steps, benchmark::Counter::kIsRate);
  state.counters["slowest"] = rates.front();
  state.counters["middle"] = rates[rates.size() / 2];
}

void register_logs(const LaneKernels& lanes) {
  for (const auto& [name, folder] :
       {std::pair("WOMD", "data/womd_tfrecord"), std::pair("GPUDrive", "data/gpudrive_json/v2")}) {
    const std::vector<std::string> files = shared_files(folder);
    if (files.empty() || lanes.precision != Precision::kFloat) continue;
    benchmark::RegisterBenchmark(
        fmt::format("rollout/logs_of_{}/{}", name, lanes.name).c_str(),
        [&lanes, files](benchmark::State& state) { run_logs(state, lanes, files); })
        ->Unit(benchmark::kMillisecond)
        ->Iterations(1);
  }
}

void register_all() {
  static const std::vector<LaneKernels> kAll = usable_lane_kernels();
  const std::pair<PartnerSearch, const char*> searches[] = {
      {PartnerSearch::kBruteForce, "brute"},
      {PartnerSearch::kCull, "cull"},
      {PartnerSearch::kCompacted, "compacted"}};
  for (const LaneKernels& lanes : kAll) {
    for (const auto& [search, search_name] : searches) {
      for (const bool use_vocabulary : {false, true}) {
        const std::string name =
            fmt::format("rollout/{}/{}/{}", use_vocabulary ? "vocabulary" : "controls", search_name,
                        lanes.name);
        benchmark::RegisterBenchmark(name.c_str(), [=, &lanes,
                                                    s = search](benchmark::State& state) {
          run(state, lanes, s, use_vocabulary, 8192);
        })->Unit(benchmark::kMillisecond);
      }
    }
    for (const bool use_vocabulary : {false, true}) {
      const std::string name = fmt::format("rollout/{}_on_a_map/compacted/{}",
                                           use_vocabulary ? "vocabulary" : "controls", lanes.name);
      benchmark::RegisterBenchmark(name.c_str(), [=, &lanes](benchmark::State& state) {
        run(state, lanes, PartnerSearch::kCompacted, use_vocabulary, 8192, true);
      })->Unit(benchmark::kMillisecond);
    }
    register_logs(lanes);
    for (const int num_plans : {1, 4, 21, 48, 512}) {
      const std::string name = fmt::format("rollout/group_of_{}/{}", num_plans, lanes.name);
      benchmark::RegisterBenchmark(name.c_str(), [=, &lanes](benchmark::State& state) {
        run(state, lanes, PartnerSearch::kCompacted, true, num_plans);
      })->Unit(benchmark::kMicrosecond);
    }
  }
}

}  // namespace
}  // namespace forkroad

int main(int argc, char** argv) {
  forkroad::register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
