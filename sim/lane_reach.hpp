// LaneReach: which cells of a raster some lane reaches.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace forkroad {

// Where the cells of a raster lie.
struct CellGrid {
  float origin_x, origin_y;  // [m] corner of cell (0, 0)
  float cell;                // [m] side
  int columns, rows;
};

class LaneReach {
 public:
  LaneReach() = default;
  // A cell is reached if its centre lies within kLaneReach of one of the places [m]; all cells are
  // where there are none.
  LaneReach(std::span<const std::array<float, 2>> places, const CellGrid& grid);

  // Of the cells of a square that lie on the raster: whether one is reached, whether all are.
  bool any(int column, int row, int size) const { return count(column, row, size) > 0; }
  bool all(int column, int row, int size) const;

 private:
  int count(int column, int row, int size) const;
  void reach_from(float x, float y, std::vector<int32_t>& changes) const;

  CellGrid grid_ = {};
  std::vector<int32_t> sums_;  // [rows + 1, columns + 1] reached cells before a corner
};

}  // namespace forkroad
