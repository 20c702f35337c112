// How fast GPUDrive JSON files become scenes, on one core: scenes/s and MB/s of text, and the peak
// memory of it. Promise: at least 20 scenes/s on files of the second generation.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "benchmarks/bench_main.hpp"
#include "scenarios/decompress.hpp"
#include "scenarios/load_scenes.hpp"
#include "tests/compress.hpp"
#include "tests/gpudrive_json_texts.hpp"
#include "tests/shared_logs.hpp"
#include "tests/temporary_file.hpp"

namespace {

using namespace forkroad;

// About the size and make of a real file.
const std::string& made_up_text() {
  static const std::string text = test::write_large_json(60, 250, 100);
  return text;
}

std::size_t content_size(const std::string& file) {
  const Parsed<WholeFile> whole = read_whole_file(file);
  if (!whole) throw std::runtime_error(whole.error().text());
  return whole.value().content.size();
}

void read_scenes(benchmark::State& state, const std::vector<std::string>& files) {
  std::size_t size = 0;
  for (const std::string& file : files) size += content_size(file);
  for (auto _ : state) {
    for (const std::string& file : files) benchmark::DoNotOptimize(load_scenes(file).data());
  }
  const auto num_files = static_cast<int64_t>(files.size());
  const auto iterations = static_cast<int64_t>(state.iterations());
  state.SetItemsProcessed(iterations * num_files);
  state.SetBytesProcessed(iterations * static_cast<int64_t>(size));
  state.SetLabel(fmt::format("{} files of {:.2f} MB, process at most {:.0f} MB", files.size(),
                             static_cast<double>(size) / 1e6 / static_cast<double>(files.size()),
                             peak_megabytes()));
}

void read_made_up_plain(benchmark::State& state) {
  static const test::TemporaryFile file(made_up_text());
  read_scenes(state, {file.path()});
}
BENCHMARK(read_made_up_plain)->Unit(benchmark::kMillisecond);

void read_made_up_gzip(benchmark::State& state) {
  static const test::TemporaryFile file(test::gzip(made_up_text()));
  read_scenes(state, {file.path()});
}
BENCHMARK(read_made_up_gzip)->Unit(benchmark::kMillisecond);

// The real files are measured where they are.
void register_real_files() {
  for (const char* folder : {"gpudrive_json/v2", "gpudrive_json/v0_nocturne",
                             "unified_json/trajdata_waymo", "pufferdrive_bin"}) {
    const std::string path = test::find_shared(std::string("data/") + folder);
    if (path.empty()) continue;
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
    benchmark::RegisterBenchmark(fmt::format("read_real_scenes/{}", folder).c_str(), read_scenes,
                                 files)
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace

int main(int argc, char** argv) {
  return forkroad::run_benchmarks(argc, argv, register_real_files);
}
