// What a scene's map costs before the first rollout: drivable area and its raster, centre lines and
// theirs, per scene on one core. Promise: each raster within 20 ms.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "benchmarks/bench_logs.hpp"
#include "benchmarks/bench_main.hpp"
#include "sim/centerline_raster.hpp"
#include "sim/drivable_raster.hpp"

namespace {

using namespace forkroad;

// Times `work` on each scene: mean and slowest of the scenes' fastest runs.
template <class Work>
void time_scenes(benchmark::State& state, const std::vector<Scene>& scenes, Work work) {
  std::vector<double> fastest(scenes.size(), 1.0e9);
  double cells = 0;
  for (auto _ : state) {
    cells = 0;
    for (size_t k = 0; k < scenes.size(); ++k) {
      const auto start = std::chrono::steady_clock::now();
      cells += static_cast<double>(work(k));
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      fastest[k] = std::min(fastest[k], took.count());
    }
  }
  const double count = static_cast<double>(scenes.size());
  state.counters["ms_mean"] = 1.0e3 * std::accumulate(fastest.begin(), fastest.end(), 0.0) / count;
  state.counters["ms_slowest"] = 1.0e3 * *std::max_element(fastest.begin(), fastest.end());
  state.counters["cells/scene"] = cells / count;
}

void register_set(const std::string& name, const std::vector<std::string>& files) {
  const auto scenes = std::make_shared<const std::vector<Scene>>(scenes_with_ego(files));
  if (scenes->empty()) return;
  const auto add = [&](const char* what, auto work) {
    benchmark::RegisterBenchmark(
        fmt::format("{}/{} ({} scenes)", what, name, scenes->size()).c_str(),
        [scenes, work](benchmark::State& state) {
          std::vector<DrivableArea> areas;
          std::vector<Centerlines> lines;
          for (const Scene& scene : *scenes) {
            areas.push_back(find_drivable_area(scene, scene.ego));
            lines.push_back(find_centerlines(scene, scene.ego));
          }
          time_scenes(state, *scenes,
                      [&](size_t k) { return work((*scenes)[k], areas[k], lines[k]); });
        })
        ->Unit(benchmark::kMillisecond);
  };
  add("find_drivable_area", [](const Scene& scene, const DrivableArea&, const Centerlines&) {
    return find_drivable_area(scene, scene.ego).edges.size();
  });
  add("drivable_raster", [](const Scene&, const DrivableArea& area, const Centerlines&) {
    return DrivableRaster(area).num_cells();
  });
  add("find_centerlines", [](const Scene& scene, const DrivableArea&, const Centerlines&) {
    return find_centerlines(scene, scene.ego).pieces.size();
  });
  add("centerline_raster", [](const Scene&, const DrivableArea&, const Centerlines& lines) {
    return CenterlineRaster(lines).num_cells();
  });
}

void register_sets() {
  register_set("generated", {"generated:roundabout:1:4", "generated:signalised_crossing:1:4"});
  register_set("WOMD", shared_files("data/womd_tfrecord"));
  register_set("GPUDrive v2", shared_files("data/gpudrive_json/v2"));
}

}  // namespace

int main(int argc, char** argv) { return forkroad::run_benchmarks(argc, argv, register_sets); }
