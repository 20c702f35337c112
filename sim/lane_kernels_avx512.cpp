#include "kernels/lane_avx512.hpp"
#include "sim/lane_kernels_instance.hpp"

namespace forkroad {

const LaneKernels* avx512_lane_kernels() {
  static constexpr LaneKernels kTable[] = {
      LaneInstance<avx512::Float16>::kernels("float x 16 (AVX-512)", "avx512"),
      LaneInstance<avx512::Double8>::kernels("double x 8 (AVX-512)", "avx512"), kNoMoreKernels};
  return kTable;
}

}  // namespace forkroad
