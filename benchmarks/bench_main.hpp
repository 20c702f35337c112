// The main of benchmarks that also measure real files where they are.
#pragma once

#include <benchmark/benchmark.h>

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

}  // namespace forkroad
