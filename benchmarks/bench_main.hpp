// What benchmarks of files share: the main, a stream read to its end, the memory taken.
#pragma once

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include "scenarios/load_scenes.hpp"

namespace forkroad {

// Runs what is registered and what `register_files` adds.
inline int run_benchmarks(int argc, char** argv, void (*register_files)()) {
  register_files();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

// Reads a file scene by scene and returns how many it holds; throws at the first that is bad.
inline int64_t stream_all(const std::string& file) {
  auto stream = open_scenes(file);
  if (!stream) throw std::runtime_error(stream.error().text());
  int64_t num_scenes = 0;
  while (auto scene = stream.value()->next()) {
    if (!scene->ok()) throw std::runtime_error(scene->error().text());
    benchmark::DoNotOptimize(scene->value().tracks.data());
    ++num_scenes;
  }
  return num_scenes;
}

// Peak memory of the process [MB]: of everything that ran before, too.
inline double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

}  // namespace forkroad
