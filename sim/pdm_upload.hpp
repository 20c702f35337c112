// PdmUpload: everything the NAVSIM passes read, packed into one block of bytes that is copied to a
// GPU at once, and the layout of what they write there.
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/pdm_block.hpp"
#include "sim/pdm_kernels.hpp"

namespace forkroad {

template <class S>
class PdmUpload {
 public:
  // Packs what `params` points to; `num_values` doubles of plan blocks (or of given states).
  PdmUpload(const PdmParams<S>& params, const PdmSizes& sizes, size_t num_values);

  const std::vector<std::byte>& bytes() const { return bytes_; }
  // Size [bytes] of the tables and warp lists, for padded_plans.
  size_t output_bytes() const { return output_bytes_; }
  // The parameters over a copy of bytes() at `inputs` and tables at `outputs`.
  PdmParams<S> params(const std::byte* inputs, std::byte* outputs) const;
  PdmWarpLists<S> lists(std::byte* outputs) const;

 private:
  PdmParams<S> params_;
  PdmSizes sizes_;
  size_t num_values_;
  size_t output_bytes_ = 0;
  size_t lists_offset_ = 0;
  std::vector<std::byte> bytes_;
};

// Calls visit(from_table, to_table, count) for each table of a run over padded plans, in pairs: the
// launcher copies with it. Null tables of `to` are left out.
template <class Visit>
void visit_pdm_tables(PdmTables& from, PdmTables& to, size_t padded, const Visit& visit) {
  visit(from.no_collision, to.no_collision, padded);
  visit(from.drivable_area, to.drivable_area, padded);
  visit(from.driving_direction, to.driving_direction, padded);
  visit(from.traffic_light, to.traffic_light, padded);
  visit(from.ttc, to.ttc, padded);
  visit(from.lane_keeping, to.lane_keeping, padded);
  visit(from.progress, to.progress, padded);
  visit(from.at_fault_step, to.at_fault_step, padded);
  visit(from.ttc_step, to.ttc_step, padded);
  visit(from.margin, to.margin, padded);
  visit(from.comfort, to.comfort, 6 * padded);
  visit(from.areas, to.areas, 3 * kPdmStates * padded);
  visit(from.states, to.states, static_cast<size_t>(kPdmStates) * kPdmColumns * padded);
}

}  // namespace forkroad
