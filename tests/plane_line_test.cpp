#include "sim/plane_line.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/random.hpp"

using namespace forkroad;

namespace {

// Distance [m] from a place to the nearest piece of a line, in fp64.
double distance_to(const PlaneLine& line, double x, double y) {
  double nearest = std::hypot(x - double{line[0][0]}, y - double{line[0][1]});
  for (size_t k = 0; k + 1 < line.size(); ++k) {
    const double ax = line[k][0], ay = line[k][1];
    const double dx = line[k + 1][0] - ax, dy = line[k + 1][1] - ay;
    const double length2 = dx * dx + dy * dy;
    double share = length2 > 0.0 ? ((x - ax) * dx + (y - ay) * dy) / length2 : 0.0;
    share = std::clamp(share, 0.0, 1.0);
    nearest = std::min(nearest, std::hypot(x - ax - share * dx, y - ay - share * dy));
  }
  return nearest;
}

// A wandering line of 0.5 m steps with straight stretches.
PlaneLine random_line(test::Random& random) {
  PlaneLine line = {{random.uniform_float(-2e3, 2e3), random.uniform_float(-2e3, 2e3)}};
  double heading = random.uniform(-3.0, 3.0);
  const int count = 1 + static_cast<int>(random.below(200));
  for (int k = 0; k < count; ++k) {
    if (random.chance(0.3)) heading += random.uniform(-0.3, 0.3);
    line.push_back({line.back()[0] + static_cast<float>(0.5 * std::cos(heading)),
                    line.back()[1] + static_cast<float>(0.5 * std::sin(heading))});
  }
  return line;
}

}  // namespace

TEST_CASE("A simplified line keeps its ends and leaves no vertex beyond the tolerance",
          "[property][plane_line]") {
  test::Random random(1);
  size_t before = 0, after = 0;
  for (int k = 0; k < 300; ++k) {
    const float tolerance = k % 2 == 0 ? 5.0e-5f : 0.01f;
    const PlaneLine line = random_line(random);
    const PlaneLine simple = simplify(line, tolerance);
    REQUIRE(simple.front() == line.front());
    REQUIRE(simple.back() == line.back());
    // 2,000 m from the origin a float is known to 1.2e-4 m / 2
    const double slack = double{tolerance} + 7.0e-5;
    for (const auto& [x, y] : line) REQUIRE(distance_to(simple, x, y) <= slack);
    before += line.size();
    after += simple.size();
  }
  CHECK(after < before / 2);
}

TEST_CASE("A straight line is one piece per stretch", "[plane_line]") {
  PlaneLine line;
  for (int k = 0; k < 1000; ++k) line.push_back({static_cast<float>(k), 2.0f});
  CHECK(simplify(line, 1.0e-5f).size() <= 5);
  line.resize(200);
  CHECK(simplify(line, 1.0e-5f).size() == 2);
  CHECK(simplify({{1.0f, 1.0f}}, 1.0f).size() == 1);
  CHECK(simplify({}, 1.0f).empty());
}

TEST_CASE("A zigzag of 100,000 vertices keeps them all", "[plane_line]") {
  PlaneLine line;
  for (int k = 0; k < 100'000; ++k)
    line.push_back({static_cast<float>(k), k % 2 == 0 ? 0.0f : 1.0f});
  CHECK(simplify(line, 0.01f).size() == line.size());
}
