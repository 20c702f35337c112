// DrivableRaster: a DrivableArea as cells that know the answer and lists for those that do not.
#pragma once

#include <vector>

#include "kernels/drivable.hpp"
#include "sim/drivable_area.hpp"

namespace forkroad {

// ResolveMixed for the lanes of a CPU.
void resolve_mixed_cells(const DrivableView& view, uint32_t asked, const float* x, const float* y,
                         float* off);

class DrivableRaster {
 public:
  DrivableRaster() = default;
  // Cells of 1 m (2, 4, ... m where the map is wider than 4,000 of them) over all that the area
  // holds. An empty area gives a raster that says nothing; so does one that puts a tenth of its own
  // lanes off the road: its edges do not run with the road on their left, or areas are missing.
  explicit DrivableRaster(const DrivableArea& area);

  // Valid as long as this lives where it is.
  DrivableView view() const;

  size_t num_cells() const { return cells_.size(); }
  size_t num_mixed() const { return mixed_.size(); }
  size_t num_lists() const { return lists_.size(); }
  size_t num_nearby() const { return nearby_.size(); }

 private:
  friend class RasterBuilder;

  bool lanes_agree(const DrivableArea& area) const;

  float origin_x_ = 0, origin_y_ = 0, cell_ = 1;
  int columns_ = 0, rows_ = 0;
  std::vector<float> cells_;
  std::vector<MixedCell> mixed_;
  std::vector<MixedList> lists_;
  std::vector<int32_t> nearby_;
  std::vector<RoadEdge> edges_;
  std::vector<int32_t> rings_ = {0};
  std::vector<RingEdge> ring_edges_;
};

}  // namespace forkroad
