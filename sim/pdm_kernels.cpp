#include "sim/pdm_kernels.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "sim/lane_kernels.hpp"

namespace forkroad {
namespace {

std::vector<PdmKernels> usable_pdm_kernels() {
  std::vector<PdmKernels> all;
  const auto append = [&](const PdmKernels* table) {
    for (; table->width != 0; ++table) all.push_back(*table);
  };
  append(scalar_pdm_kernels());
#if defined(FORKROAD_X86_LANES)
  bool has_avx512 = false;
  for (const LaneKernels& kernels : usable_lane_kernels()) {
    has_avx512 = has_avx512 || std::string(kernels.instruction_set) == "avx512";
  }
  append(avx2_pdm_kernels());
  if (has_avx512) append(avx512_pdm_kernels());
#endif
  return all;
}

}  // namespace

PdmKernels pdm_kernels(bool is_double, int width) {
  PdmKernels best = {nullptr, 0, false, nullptr, nullptr};
  std::string widths;
  for (const PdmKernels& kernels : usable_pdm_kernels()) {
    if (kernels.is_double != is_double) continue;
    const std::string name = std::to_string(kernels.width);
    if (!widths.ends_with(name)) widths += (widths.empty() ? "" : ", ") + name;
    if (width == 0 ? kernels.width >= best.width : kernels.width == width) best = kernels;
  }
  if (best.width == 0) {
    throw std::invalid_argument(fmt::format("pdm_kernels: got {} lanes of {}, expected one of {}",
                                            width, is_double ? "double" : "float", widths));
  }
  return best;
}

}  // namespace forkroad
