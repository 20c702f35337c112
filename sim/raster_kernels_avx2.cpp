#include "kernels/lane_avx2.hpp"
#include "sim/raster_kernels_instance.hpp"

namespace forkroad {

const RasterKernels& avx2_raster_kernels() {
  static constexpr RasterKernels kKernels =
      RasterInstance<avx2::Float8>::kernels("float x 8 (AVX2)");
  return kKernels;
}

}  // namespace forkroad
