// How fast WOMD Scenario files become scenes, on one core: scenes/s and MB/s of file.
// Promise: at least 100 scenes/s on records of about 1 MB.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "benchmarks/bench_main.hpp"
#include "benchmarks/bench_scenario.hpp"
#include "scenarios/crc32c.hpp"
#include "tests/shared_logs.hpp"
#include "tests/temporary_file.hpp"

namespace {

using namespace forkroad;

constexpr int kNumRecords = 8;
constexpr int kNumTracks = 128;

const test::TemporaryFile& made_up_file() {
  static const test::TemporaryFile file([] {
    const std::string record = test::frame_record(write_scenario(bench_scenario(kNumTracks)));
    std::string bytes;
    for (int count = 0; count < kNumRecords; ++count) bytes += record;
    return bytes;
  }());
  return file;
}

void read_scenes(benchmark::State& state, const std::string& file) {
  int64_t num_scenes = 0;
  for (auto _ : state) num_scenes += stream_all(file);
  const auto size = static_cast<int64_t>(std::filesystem::file_size(file));
  state.SetItemsProcessed(num_scenes);
  state.SetBytesProcessed(size * static_cast<int64_t>(state.iterations()));
  const auto per_iteration = num_scenes / std::max<int64_t>(1, int64_t(state.iterations()));
  state.SetLabel(fmt::format("{} records of {:.2f} MB", per_iteration,
                             static_cast<double>(size) / 1e6 / static_cast<double>(per_iteration)));
}

void read_made_up_scenes(benchmark::State& state) { read_scenes(state, made_up_file().path()); }
BENCHMARK(read_made_up_scenes)->Unit(benchmark::kMillisecond);

template <uint32_t (*checksum)(std::span<const uint8_t>, uint32_t)>
void checksum_megabyte(benchmark::State& state) {
  const std::vector<uint8_t> bytes(1'000'000, 0x5a);
  for (auto _ : state) benchmark::DoNotOptimize(checksum(bytes, 0));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes.size()));
}
BENCHMARK_TEMPLATE(checksum_megabyte, crc32c);
BENCHMARK_TEMPLATE(checksum_megabyte, crc32c_portable);

// The real files are measured where they are.
void register_real_files() {
  for (const char* name : {"motion_data_one_scenario", "womd_scenario_input"}) {
    const std::string file = test::find_shared(fmt::format("data/womd_tfrecord/{}.tfrecord", name));
    if (file.empty()) continue;
    benchmark::RegisterBenchmark(fmt::format("read_real_scenes/{}", name).c_str(), read_scenes,
                                 file)
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace

int main(int argc, char** argv) {
  return forkroad::run_benchmarks(argc, argv, register_real_files);
}
