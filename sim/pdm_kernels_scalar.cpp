#include "sim/pdm_kernels_instance.hpp"

namespace forkroad {

const PdmKernels* scalar_pdm_kernels() {
  static constexpr PdmKernels kTable[] = {PdmInstance<double, double>::kernels("double x 1"),
                                          PdmInstance<float, double>::kernels("float x 1"),
                                          kNoMorePdmKernels};
  return kTable;
}

}  // namespace forkroad
