// What benchmarks of files share: the main, and the memory taken.
#pragma once

#include <benchmark/benchmark.h>
#include <sys/resource.h>

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

// Peak memory of the process [MB]: of everything that ran before, too.
inline double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

}  // namespace forkroad
