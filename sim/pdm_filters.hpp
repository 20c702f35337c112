// The constant matrices of the NAVSIM scorer, computed once.
#pragma once

#include "kernels/pdm_comfort.hpp"

namespace forkroad {

// Savitzky-Golay coefficients of every comfort signal.
const PdmFilters& pdm_filters();

// [40, 40] row-major: plan displacements along their headings -> speed profile V_i. Least squares
// with 1e-4 on what NAVSIM's jerk penalty really is: its difference matrix has lost the +1 band in
// all rows but the last, so it penalises accelerations.
const double* pdm_speed_map();

}  // namespace forkroad
