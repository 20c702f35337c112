#include "scenarios/step_arrays.hpp"

#include <numeric>
#include <utility>
#include <vector>

#include "tests/catch.hpp"

using namespace forkroad;

namespace {

constexpr StepArray<float> StepArrays::*kFloatArrays[] = {
    &StepArrays::x,       &StepArrays::y,          &StepArrays::z,
    &StepArrays::heading, &StepArrays::velocity_x, &StepArrays::velocity_y,
    &StepArrays::length,  &StepArrays::width,      &StepArrays::height};

// Array k holds 100 k, 100 k + 1, ...; `valid` holds 1, 2, ...
StepArrays counted(int num_steps) {
  StepArrays arrays;
  arrays.resize(num_steps);
  float first = 0;
  for (auto array : kFloatArrays) {
    std::iota((arrays.*array).begin(), (arrays.*array).end(), first);
    first += 100;
  }
  std::iota(arrays.valid.begin(), arrays.valid.end(), uint8_t{1});
  return arrays;
}

bool same(const StepArrays& a, const StepArrays& b) {
  for (auto array : kFloatArrays) {
    if (!(a.*array == b.*array)) return false;
  }
  return a.valid == b.valid;
}

}  // namespace

TEST_CASE("step arrays lie side by side and do not overlap", "[cpu]") {
  for (const int steps : {1, 2, 3, 4, 5, 91}) {
    const StepArrays arrays = counted(steps);
    float first = 0;
    for (auto array : kFloatArrays) {
      REQUIRE((arrays.*array).size() == static_cast<std::size_t>(steps));
      REQUIRE((arrays.*array).front() == first);
      REQUIRE((arrays.*array).back() == first + static_cast<float>(steps - 1));
      first += 100;
    }
    REQUIRE(arrays.valid.back() == steps);
  }
}

TEST_CASE("step arrays compare with vectors", "[cpu]") {
  StepArrays arrays = counted(3);
  REQUIRE(arrays.y == std::vector<float>{100, 101, 102});
  REQUIRE_FALSE(arrays.y == std::vector<float>{100, 101});
  REQUIRE_FALSE(arrays.x == arrays.y);
}

TEST_CASE("resized step arrays keep what stays and hold 0 in new steps", "[cpu]") {
  StepArrays arrays = counted(3);
  arrays.resize(2);
  REQUIRE(arrays.height == std::vector<float>{800, 801});
  arrays.resize(4);
  REQUIRE(arrays.height == std::vector<float>{800, 801, 0, 0});
  REQUIRE(arrays.valid == std::vector<uint8_t>{1, 2, 0, 0});
  arrays.resize(0);
  REQUIRE(arrays.x.size() == 0);
  arrays.resize_for_overwrite(5);
  REQUIRE(arrays.valid.size() == 5);
}

TEST_CASE("a copy of step arrays is its own, and a moved one is empty", "[cpu]") {
  StepArrays arrays = counted(5);
  StepArrays copy = arrays;
  REQUIRE(same(copy, arrays));
  copy.z[3] = -1;
  copy.valid[0] = 0;
  REQUIRE(same(arrays, counted(5)));

  const float* place = arrays.x.data();
  StepArrays moved = std::move(arrays);
  REQUIRE(moved.x.data() == place);
  REQUIRE(same(moved, counted(5)));
  REQUIRE(arrays.x.size() == 0);
  REQUIRE(StepArrays(arrays).valid.size() == 0);

  copy = moved;
  REQUIRE(same(copy, moved));
  copy = *&copy;
  REQUIRE(same(copy, moved));
  arrays = std::move(copy);
  REQUIRE(same(arrays, moved));
  REQUIRE(copy.valid.size() == 0);
}
