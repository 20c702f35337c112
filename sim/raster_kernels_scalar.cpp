#include "sim/raster_kernels_instance.hpp"

namespace forkroad {

const RasterKernels& scalar_raster_kernels() {
  static constexpr RasterKernels kKernels = RasterInstance<float>::kernels("float x 1");
  return kKernels;
}

}  // namespace forkroad
