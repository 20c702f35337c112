#include "kernels/lane_avx2.hpp"
#include "kernels/lane_pair.hpp"
#include "sim/pdm_kernels_instance.hpp"

namespace forkroad {

const PdmKernels* avx2_pdm_kernels() {
  static constexpr PdmKernels kTable[] = {
      PdmInstance<avx2::Double4, avx2::Double4>::kernels("double x 4 (AVX2)"),
      PdmInstance<Pair<avx2::Double4>, Pair<avx2::Double4>>::kernels("double x 8 (2 AVX2)"),
      PdmInstance<avx2::Float8, avx2::Double4>::kernels("float x 8 (AVX2)"),
      PdmInstance<Pair<avx2::Float8>, avx2::Double4>::kernels("float x 16 (2 AVX2)"),
      kNoMorePdmKernels};
  return kTable;
}

}  // namespace forkroad
