#include "sim/lane_reach.hpp"

#include <algorithm>
#include <cmath>

#include "sim/drivable_area.hpp"

namespace forkroad {
namespace {

// The first cell from a place on.
int first_from(float place) {
  const int cell = static_cast<int>(place);
  return std::max(static_cast<float>(cell) < place ? cell + 1 : cell, 0);
}

// The last cell up to a place, of `count`.
int last_until(float place, int count) {
  return place < 0.0f ? -1 : std::min(static_cast<int>(place), count - 1);
}

}  // namespace

LaneReach::LaneReach(std::span<const std::array<float, 2>> places, const CellGrid& grid)
    : grid_(grid) {
  const size_t width = static_cast<size_t>(grid.columns) + 1;
  const size_t rows = static_cast<size_t>(grid.rows);
  // how many places begin to reach at a cell of its row, less those that no longer do
  std::vector<int32_t> changes(width * rows, 0);
  for (const auto& place : places) reach_from(place[0], place[1], changes);
  sums_.assign(width * (rows + 1), 0);
  for (size_t row = 0; row < rows; ++row) {
    const int32_t* const change = changes.data() + row * width;
    const int32_t* const below = sums_.data() + row * width;
    int32_t* const sums = sums_.data() + (row + 1) * width;
    int32_t sum = 0, reaching = places.empty() ? 1 : 0;
    for (size_t column = 0; column + 1 < width; ++column) {
      reaching += change[column];
      sum += reaching > 0 ? 1 : 0;
      sums[column + 1] = below[column + 1] + sum;
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

void LaneReach::reach_from(float x, float y, std::vector<int32_t>& changes) const {
  const float reach = kLaneReach / grid_.cell;
  const float column = (x - grid_.origin_x) / grid_.cell - 0.5f;
  const float row = (y - grid_.origin_y) / grid_.cell - 0.5f;
  const int last = last_until(row + reach, grid_.rows);
  for (int r = first_from(row - reach); r <= last; ++r) {
    const float dy = static_cast<float>(r) - row;
    const float half = std::sqrt(std::max(reach * reach - dy * dy, 0.0f));
    const int begin = first_from(column - half);
    const int end = last_until(column + half, grid_.columns);
    if (begin > end) continue;
    int32_t* const line =
        changes.data() + static_cast<size_t>(r) * (static_cast<size_t>(grid_.columns) + 1);
    ++line[begin];
    --line[end + 1];
  }
}

}  // namespace forkroad
