#include "sim/lane_reach.hpp"

#include <algorithm>
#include <cmath>

#include "sim/drivable_area.hpp"

namespace forkroad {

LaneReach::LaneReach(std::span<const std::array<float, 2>> places, const CellGrid& grid)
    : grid_(grid) {
  const size_t columns = static_cast<size_t>(grid.columns), rows = static_cast<size_t>(grid.rows);
  std::vector<uint8_t> reached(columns * rows, places.empty() ? 1 : 0);
  for (const auto& place : places) reach_from(place[0], place[1], reached);
  const size_t width = columns + 1;
  sums_.assign(width * (rows + 1), 0);
  for (size_t row = 0; row < rows; ++row) {
    int32_t sum = 0;
    for (size_t column = 0; column < columns; ++column) {
      sum += reached[row * columns + column];
      sums_[(row + 1) * width + column + 1] = sums_[row * width + column + 1] + sum;
    }
  }
}

int LaneReach::count(int column, int row, int size) const {
  const size_t width = static_cast<size_t>(grid_.columns) + 1;
  const size_t left = static_cast<size_t>(column), low = static_cast<size_t>(row);
  const size_t right = static_cast<size_t>(std::min(column + size, grid_.columns));
  const size_t high = static_cast<size_t>(std::min(row + size, grid_.rows));
  return sums_[high * width + right] - sums_[low * width + right] - sums_[high * width + left] +
         sums_[low * width + left];
}

bool LaneReach::all(int column, int row, int size) const {
  const int columns = std::min(size, grid_.columns - column);
  return count(column, row, size) == columns * std::min(size, grid_.rows - row);
}

void LaneReach::reach_from(float x, float y, std::vector<uint8_t>& reached) const {
  const float reach = kLaneReach / grid_.cell;
  const float column = (x - grid_.origin_x) / grid_.cell - 0.5f;
  const float row = (y - grid_.origin_y) / grid_.cell - 0.5f;
  const int last = std::min(static_cast<int>(row + reach), grid_.rows - 1);
  for (int r = std::max(static_cast<int>(std::ceil(row - reach)), 0); r <= last; ++r) {
    const float dy = static_cast<float>(r) - row;
    const float half = std::sqrt(std::max(reach * reach - dy * dy, 0.0f));
    const int begin = std::max(static_cast<int>(std::ceil(column - half)), 0);
    const int end = std::min(static_cast<int>(column + half), grid_.columns - 1);
    if (begin > end) continue;
    auto* const line = reached.data() + static_cast<size_t>(r) * static_cast<size_t>(grid_.columns);
    std::fill(line + begin, line + end + 1, uint8_t{1});
  }
}

}  // namespace forkroad
