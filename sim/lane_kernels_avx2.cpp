#include "kernels/lane_avx2.hpp"
#include "kernels/lane_pair.hpp"
#include "sim/lane_kernels_instance.hpp"

namespace forkroad {

const LaneKernels* avx2_lane_kernels() {
  static constexpr LaneKernels kTable[] = {
      LaneInstance<avx2::Float8>::kernels("float x 8 (AVX2)", "avx2"),
      LaneInstance<Pair<avx2::Float8>>::kernels("float x 16 (2 AVX2)", "avx2"),
      LaneInstance<avx2::Double4>::kernels("double x 4 (AVX2)", "avx2"),
      LaneInstance<Pair<avx2::Double4>>::kernels("double x 8 (2 AVX2)", "avx2"), kNoMoreKernels};
  return kTable;
}

}  // namespace forkroad
