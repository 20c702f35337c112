// CenterlineRaster: Centerlines as cells that know the answers and lists for those that do not.
#pragma once

#include <vector>

#include "sim/centerlines.hpp"

namespace forkroad {

// ResolveAnswers and ProjectToLane for the lanes of a CPU.
void resolve_answers(const CenterlineView& view, uint32_t asked, const float* cells, const float* x,
                     const float* y, const float* mx, const float* my, float* answers);
void project_to_lanes(const CenterlineView& view, int count, const float* x, const float* y,
                      const float* cos, const float* sin, float* piece, float* offset,
                      float* relative_cos, float* relative_sin);

class CenterlineRaster {
 public:
  CenterlineRaster() = default;
  // Cells of 1 m (2, 4, ... m where the map is wider than 4,000 of them) over all pieces and 10 m
  // around them. Without pieces the raster says nothing.
  explicit CenterlineRaster(Centerlines lines);

  // Valid as long as this lives where it is.
  CenterlineView view() const;

  const Centerlines& lines() const { return lines_; }
  size_t num_cells() const { return words_.size(); }
  size_t num_mixed() const { return mixed_pieces_.size(); }

 private:
  friend class CenterlineRasterBuilder;

  Centerlines lines_;
  float origin_x_ = 0, origin_y_ = 0, cell_ = 1;
  int columns_ = 0, rows_ = 0, coarse_columns_ = 0, coarse_rows_ = 0;
  std::vector<float> words_;
  std::vector<CellPieces> mixed_pieces_, coarse_;
  std::vector<int32_t> mixed_, nearby_;
};

}  // namespace forkroad
