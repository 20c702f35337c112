#include "sim/lane_kernels_instance.hpp"

namespace forkroad {

const LaneKernels* scalar_lane_kernels() {
  static constexpr LaneKernels kTable[] = {LaneInstance<float>::kernels("float x 1", "scalar"),
                                           LaneInstance<double>::kernels("double x 1", "scalar"),
                                           kNoMoreKernels};
  return kTable;
}

}  // namespace forkroad
