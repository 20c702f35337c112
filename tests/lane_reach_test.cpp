#include "sim/lane_reach.hpp"

#include <cmath>

#include "sim/drivable_area.hpp"
#include "tests/catch.hpp"
#include "tests/random.hpp"

namespace forkroad {
namespace {

TEST_CASE("A cell is reached where a place lies within reach of its centre", "[lane_reach]") {
  test::Random random(1);
  for (int turn = 0; turn < 20; ++turn) {
    const CellGrid grid = {-30.0f, 12.0f, turn % 3 == 0 ? 2.0f : 1.0f, 30 + turn, 70 - turn};
    std::vector<std::array<float, 2>> places;
    for (int k = random.below(12); k >= 0; --k) {
      // beyond the grid too
      places.push_back({random.uniform_float(-50, 50), random.uniform_float(-10, 90)});
    }
    const LaneReach reach(places, grid);
    int reached = 0;
    for (int row = 0; row < grid.rows; ++row) {
      for (int column = 0; column < grid.columns; ++column) {
        const float x = grid.origin_x + (static_cast<float>(column) + 0.5f) * grid.cell;
        const float y = grid.origin_y + (static_cast<float>(row) + 0.5f) * grid.cell;
        float nearest = 1.0e9f;
        for (const auto& [px, py] : places) nearest = std::min(nearest, std::hypot(x - px, y - py));
        if (std::abs(nearest - kLaneReach) < 1.0e-4f) continue;
        const bool is_reached = nearest < kLaneReach;
        INFO("cell " << column << ", " << row << " at " << nearest << " m");
        REQUIRE(reach.any(column, row, 1) == is_reached);
        REQUIRE(reach.all(column, row, 1) == is_reached);
        reached += is_reached ? 1 : 0;
      }
    }
    // squares that stick out count only what lies on the grid
    REQUIRE(reach.any(0, 0, 128) == (reached > 0));
    REQUIRE(reach.all(0, 0, 128) == (reached == grid.columns * grid.rows));
  }
}

TEST_CASE("Without places every cell is reached", "[lane_reach]") {
  const LaneReach reach({}, {0.0f, 0.0f, 1.0f, 5, 9});
  REQUIRE(reach.all(0, 0, 16));
  REQUIRE(reach.any(4, 8, 1));
}

}  // namespace
}  // namespace forkroad
