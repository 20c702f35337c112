// How fast scenes come out of a shard and go into one, on one core.
// Promise: at least 5,000 scenes/s opened from a shard in the page cache, scenes as large as WOMD's
// (100 tracks x 91 steps, 300 map features).
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <cmath>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "scenarios/load_scenes.hpp"
#include "scenarios/shard_reader.hpp"
#include "scenarios/shard_writer.hpp"
#include "tests/shared_logs.hpp"
#include "tests/temporary_file.hpp"

namespace {

using namespace forkroad;

constexpr int kNumScenes = 256;
constexpr int kNumTracks = 100;
constexpr int kNumSteps = 91;
constexpr int kNumFeatures = 300;
constexpr int kNumPoints = 60;

Track make_track(int index) {
  Track track;
  track.id = 1000 + index;
  track.kind = AgentKind::kVehicle;
  track.raw_type = "vehicle";
  track.resize(kNumSteps);
  for (std::size_t step = 0; step < kNumSteps; ++step) {
    track.x[step] = 7.0f * static_cast<float>(index) + 0.8f * static_cast<float>(step);
    track.y[step] = 3.0f * static_cast<float>(index);
    track.velocity_x[step] = 8.0f;
    track.length[step] = 4.7f;
    track.width[step] = 2.0f;
    track.height[step] = 1.6f;
    track.valid[step] = 1;
  }
  return track;
}

MapFeature make_feature(int index) {
  MapFeature feature;
  feature.id = index;
  feature.kind = index % 3 < 2 ? FeatureKind::kLane : FeatureKind::kRoadEdge;
  feature.type = index % 3 < 2 ? MapType::kLaneSurfaceStreet : MapType::kEdgeBoundary;
  for (int point = 0; point < kNumPoints; ++point) {
    feature.points.push_back({0.5f * static_cast<float>(point), 4.0f * static_cast<float>(index),
                              std::sin(0.1f * static_cast<float>(point))});
  }
  if (feature.kind == FeatureKind::kLane) {
    feature.speed_limit = 11.0f;
    feature.entry_lanes = {index - 3, index - 6};
    feature.exit_lanes = {index + 3, index + 6};
    feature.left_neighbors = {{index + 1, 0, kNumPoints - 1, 0, kNumPoints - 1}};
    feature.right_boundaries = {{index + 2, 0, kNumPoints - 1, MapType::kEdgeBoundary}};
  }
  return feature;
}

Scene make_scene() {
  Scene scene;
  scene.id = "made up";
  scene.dt = 0.1;
  scene.num_steps = kNumSteps;
  scene.current_step = 10;
  scene.ego = 0;
  for (int step = 0; step < kNumSteps; ++step) scene.timestamps.push_back(0.1 * step);
  for (int track = 0; track < kNumTracks; ++track) scene.tracks.push_back(make_track(track));
  for (int index = 0; index < kNumFeatures; ++index) {
    scene.features.push_back(make_feature(index));
  }
  std::vector<LaneSignal> lights;
  for (int light = 0; light < 12; ++light) lights.push_back({light * 3, LightState::kStop, {}});
  scene.signals.assign(kNumSteps, lights);
  return scene;
}

void write_shard(const std::string& file, const Scene& scene, int num_scenes) {
  ShardWriter writer(file);
  for (int count = 0; count < num_scenes; ++count) writer.add(scene);
  writer.finish();
}

// Peak memory of the process [MB]: of everything that ran before, too.
double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1e3;
}

void label(benchmark::State& state, const ShardReader& reader) {
  const auto size = static_cast<double>(reader.file_size());
  state.SetItemsProcessed(state.iterations());
  state.SetLabel(
      fmt::format("{} scenes of {:.2f} MB, peak {:.0f} MB with mapped pages", reader.num_scenes(),
                  size / 1e6 / static_cast<double>(reader.num_scenes()), peak_megabytes()));
}

// One scene per iteration, in an order that a cache does not foresee.
void open_scene(benchmark::State& state, const std::string& file, ShardChecks checks) {
  const Parsed<ShardReader> reader = ShardReader::open(file, checks);
  if (!reader) throw std::runtime_error(reader.error().text());
  int64_t index = 0;
  for (auto _ : state) {
    const Parsed<Scene> scene = reader.value().scene(index);
    if (!scene) throw std::runtime_error(scene.error().text());
    benchmark::DoNotOptimize(scene.value().tracks.data());
    index = (index + 101) % reader.value().num_scenes();
  }
  label(state, reader.value());
}

// All scenes in order through open_scenes: header, checksums, page faults of a fresh mapping.
void stream_scenes(benchmark::State& state, const std::string& file) {
  int64_t num_scenes = 0;
  for (auto _ : state) {
    auto stream = open_scenes(file);
    if (!stream) throw std::runtime_error(stream.error().text());
    while (auto scene = stream.value()->next()) {
      if (!scene->ok()) throw std::runtime_error(scene->error().text());
      ++num_scenes;
    }
  }
  state.SetItemsProcessed(num_scenes);
}

void write_scenes(benchmark::State& state, const Scene& scene) {
  const test::TemporaryFile file("");
  for (auto _ : state) write_shard(file.path(), scene, 64);
  const Parsed<ShardReader> reader = ShardReader::open(file.path());
  label(state, reader.value());
  state.SetItemsProcessed(state.iterations() * 64);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(reader.value().file_size()));
}

void register_scene(const std::string& name, const Scene& scene) {
  static std::vector<std::unique_ptr<test::TemporaryFile>> files;
  files.push_back(std::make_unique<test::TemporaryFile>(""));
  const std::string file = files.back()->path();
  write_shard(file, scene, kNumScenes);
  const auto add = [](const std::string& title, auto function, auto... arguments) {
    benchmark::RegisterBenchmark(title.c_str(), function, arguments...)
        ->Unit(benchmark::kMicrosecond);
  };
  add("open_scene/" + name, open_scene, file, ShardChecks::kChecksums);
  add("open_scene_unchecked/" + name, open_scene, file, ShardChecks::kNoChecksums);
  add("stream_scenes/" + name, stream_scenes, file);
  add("write_scenes/" + name, write_scenes, scene);
}

}  // namespace

int main(int argc, char** argv) {
  register_scene("made_up", make_scene());
  for (const char* name : {"motion_data_one_scenario", "womd_scenario_input"}) {
    const std::string file = test::find_shared(fmt::format("data/womd_tfrecord/{}.tfrecord", name));
    if (!file.empty()) register_scene(name, load_scenes(file).front());
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
