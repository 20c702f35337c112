// How fast scenes come out of a shard and go into one, on one core.
// Promise: at least 5,000 scenes/s opened from a shard in the page cache, scenes as large as WOMD's
// (100 tracks x 91 steps, 300 map features).
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "benchmarks/bench_main.hpp"
#include "benchmarks/bench_scenario.hpp"
#include "scenarios/load_scenes.hpp"
#include "scenarios/shard_reader.hpp"
#include "scenarios/shard_writer.hpp"
#include "tests/shared_logs.hpp"
#include "tests/temporary_file.hpp"

namespace {

using namespace forkroad;

constexpr int kNumScenes = 256;
constexpr int kNumTracks = 100;

Scene made_up_scene() {
  const test::TemporaryFile file(test::frame_record(write_scenario(bench_scenario(kNumTracks))));
  return load_scenes(file.path()).front();
}

void write_shard(const std::string& file, const Scene& scene, int num_scenes) {
  ShardWriter writer(file);
  for (int count = 0; count < num_scenes; ++count) writer.add(scene);
  writer.finish();
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
  for (auto _ : state) num_scenes += stream_all(file);
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

void register_scenes() {
  register_scene("made_up", made_up_scene());
  for (const char* name : {"motion_data_one_scenario", "womd_scenario_input"}) {
    const std::string file = test::find_shared(fmt::format("data/womd_tfrecord/{}.tfrecord", name));
    if (!file.empty()) register_scene(name, load_scenes(file).front());
  }
}

}  // namespace

int main(int argc, char** argv) { return forkroad::run_benchmarks(argc, argv, register_scenes); }
