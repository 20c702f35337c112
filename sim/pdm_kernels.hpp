// The NAVSIM scoring passes compiled for each lane type, chosen at run time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/pdm_lanes.hpp"

namespace forkroad {

// Sizes that scratch memory depends on.
struct PdmSizes {
  int num_polygons = 0, num_edges = 0, num_objects = 0, line_size = 0, num_red = 0;
};

struct PdmKernels {
  const char* name;
  int width;  // lanes of the scorer
  bool is_double;
  size_t (*scratch_bytes)(const PdmSizes& sizes);
  // plans [first, first + count), multiples of width; `params` is PdmParams<double> or <float>
  void (*score)(const void* params, int first, int count, void* scratch);
};

// The widest kernels that this processor runs, or those of `width` lanes. Throws
// std::invalid_argument naming the widths there are.
PdmKernels pdm_kernels(bool is_double, int width);

// One table per instruction set, ended by width 0.
const PdmKernels* scalar_pdm_kernels();
const PdmKernels* avx2_pdm_kernels();
const PdmKernels* avx512_pdm_kernels();

}  // namespace forkroad
