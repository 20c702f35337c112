// NAVSIM plans scored per second, all terms, by lane type. Float lanes are the default; what they
// leave to double lanes is in their time.
#include <benchmark/benchmark.h>

#include "benchmarks/pdm_bench_scene.hpp"
#include "sim/pdm_scorer.hpp"

namespace forkroad {
namespace {

void score_plans(benchmark::State& state, PdmPrecision precision) {
  constexpr int kPlans = 8192;
  const PdmScene scene = pdm_bench_scene();
  const std::vector<double> plans = pdm_lattice_plans(scene, kPlans);
  PdmOptions options;
  options.precision = precision;
  options.lanes = static_cast<int>(state.range(0));
  options.reference = {20.0, 1.0};
  PdmScores scores;
  for (auto _ : state) {
    scores = score_pdm(scene, plans, options);
    benchmark::DoNotOptimize(scores.score.data());
  }
  state.counters["plans/s"] =
      benchmark::Counter(static_cast<double>(kPlans) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
  // what the scene asks of the plans: shares that pass each multiplier
  const auto mean = [](const std::vector<double>& term) {
    double sum = 0.0;
    for (const double value : term) sum += value;
    return sum / static_cast<double>(term.size());
  };
  state.counters["nc"] = mean(scores.no_collision);
  state.counters["dac"] = mean(scores.drivable_area);
  state.counters["ddc"] = mean(scores.driving_direction);
  state.counters["score"] = mean(scores.score);
  state.counters["borderline"] = static_cast<double>(scores.num_borderline) / kPlans;
  state.counters["polygons"] = static_cast<double>(scene.polygons.size());
}

BENCHMARK_CAPTURE(score_plans, double_lanes, PdmPrecision::kDouble)
    ->Arg(1)
    ->Arg(4)
    ->Arg(8)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(score_plans, float_lanes, PdmPrecision::kFloat)
    ->Arg(1)
    ->Arg(8)
    ->Arg(16)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace forkroad

BENCHMARK_MAIN();
