#include "kernels/lane_avx512.hpp"
#include "sim/raster_kernels_instance.hpp"

namespace forkroad {

const RasterKernels& avx512_raster_kernels() {
  static constexpr RasterKernels kKernels =
      RasterInstance<avx512::Float16>::kernels("float x 16 (AVX-512)");
  return kKernels;
}

}  // namespace forkroad
