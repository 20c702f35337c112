#include "sim/raster_kernels.hpp"

#include <string>

#include "sim/lane_kernels.hpp"

namespace forkroad {

std::vector<RasterKernels> usable_raster_kernels() {
  std::vector<RasterKernels> all = {scalar_raster_kernels()};
#if defined(FORKROAD_X86_LANES)
  all.push_back(avx2_raster_kernels());
  for (const LaneKernels& kernels : usable_lane_kernels()) {
    if (std::string(kernels.instruction_set) != "avx512") continue;
    all.push_back(avx512_raster_kernels());
    break;
  }
#endif
  return all;
}

const RasterKernels& raster_kernels() {
  static const RasterKernels best = usable_raster_kernels().back();
  return best;
}

}  // namespace forkroad
