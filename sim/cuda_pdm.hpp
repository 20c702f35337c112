// The NAVSIM passes on a GPU.
#pragma once

#include "sim/pdm_kernels.hpp"

namespace forkroad {

// Scores params.padded_plans plans on GPU `device` and fills params.tables, which lie in host
// memory as all that `params` points to does. `num_values` as in PdmUpload. Throws
// std::runtime_error naming the CUDA call that failed.
template <class S>
void run_pdm_on_cuda(int device, const PdmParams<S>& params, const PdmSizes& sizes,
                     size_t num_values);

}  // namespace forkroad
