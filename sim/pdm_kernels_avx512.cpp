#include "kernels/lane_avx512.hpp"
#include "sim/pdm_kernels_instance.hpp"

namespace forkroad {

const PdmKernels* avx512_pdm_kernels() {
  static constexpr PdmKernels kTable[] = {
      PdmInstance<avx512::Double8, avx512::Double8>::kernels("double x 8 (AVX-512)"),
      PdmInstance<avx512::Float16, avx512::Double8>::kernels("float x 16 (AVX-512)"),
      kNoMorePdmKernels};
  return kTable;
}

}  // namespace forkroad
