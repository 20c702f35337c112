#include "sim/lane_kernels.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace forkroad {
namespace {

void append(std::vector<LaneKernels>& all, const LaneKernels* table) {
  for (; table->width != 0; ++table) all.push_back(*table);
}

}  // namespace

std::vector<LaneKernels> usable_lane_kernels() {
  std::vector<LaneKernels> all;
#if defined(FORKROAD_X86_LANES)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("fma") || !__builtin_cpu_supports("avx2")) {
    throw std::runtime_error(
        "forkroad: this processor has no AVX2 with FMA, which this build needs at least");
  }
  append(all, scalar_lane_kernels());
  append(all, avx2_lane_kernels());
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) {
    append(all, avx512_lane_kernels());
  }
#else
  append(all, scalar_lane_kernels());
#endif
  return all;
}

LaneKernels lane_kernels(Precision precision, int width) {
  const LaneKernels* best = nullptr;
  std::string widths;
  const std::vector<LaneKernels> all = usable_lane_kernels();
  for (const LaneKernels& kernels : all) {
    if (kernels.precision != precision) continue;
    const std::string name = std::to_string(kernels.width);
    // a width may exist on several instruction sets
    if (!widths.ends_with(name)) widths += (widths.empty() ? "" : ", ") + name;
    // later tables hold better instruction sets
    if (width == 0 ? best == nullptr || kernels.width >= best->width : kernels.width == width) {
      best = &kernels;
    }
  }
  if (best == nullptr) {
    throw std::invalid_argument(
        fmt::format("lane_kernels: got width {}, expected one of {}", width, widths));
  }
  return *best;
}

}  // namespace forkroad
