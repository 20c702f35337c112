// What a scene's map costs before the first rollout: drivable area and its raster, centre lines and
// theirs, per scene on one core. Promise: each raster within 20 ms.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "benchmarks/bench_main.hpp"
#include "sim/centerline_raster.hpp"
#include "sim/drivable_raster.hpp"
#include "tests/shared_logs.hpp"

namespace {

using namespace forkroad;

constexpr size_t kMaxFiles = 60;  // of a folder, evenly spaced

using Scenes = std::shared_ptr<const std::vector<Scene>>;

Scenes scenes_of(const std::vector<std::string>& files) {
  std::vector<Scene> scenes;
  const size_t every = std::max<size_t>(1, (files.size() + kMaxFiles - 1) / kMaxFiles);
  for (size_t file = 0; file < files.size(); file += every) {
    for (Scene& scene : load_scenes(files[file])) {
      if (scene.ego >= 0) scenes.push_back(std::move(scene));
    }
  }
  return std::make_shared<const std::vector<Scene>>(std::move(scenes));
}

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
  const Scenes scenes = scenes_of(files);
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
  const std::pair<const char*, const char*> folders[] = {{"WOMD", "data/womd_tfrecord"},
                                                         {"GPUDrive v2", "data/gpudrive_json/v2"}};
  for (const auto& [name, folder] : folders) {
    const std::string path = test::find_shared(folder);
    if (path.empty()) continue;
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
    register_set(name, files);
  }
}

}  // namespace

int main(int argc, char** argv) { return forkroad::run_benchmarks(argc, argv, register_sets); }
