#include "sim/plan_set.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include "tests/catch.hpp"
#include "tests/scene_builder.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// [2 worlds, 3 plans, 4 steps, 3 columns] of 0, 1, 2, ...
std::vector<float> counted(size_t size) {
  std::vector<float> values(size);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

std::string error_of(const std::vector<float>& values, int worlds, int plans, int steps,
                     const PlanLayout& layout = scene_poses(), std::vector<int64_t> ids = {},
                     std::vector<uint8_t> mask = {}) {
  try {
    PlanSet(values, worlds, plans, steps, layout, std::move(ids), std::move(mask));
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("A plan set returns the values it was given and pads with its last plan") {
  const std::vector<float> values = counted(2 * 3 * 4 * 3);
  const PlanSet plans(values, 2, 3, 4, scene_poses());
  CHECK(plans.num_worlds() == 2);
  CHECK(plans.num_plans() == 3);
  CHECK(plans.num_steps() == 4);
  CHECK(plans.columns() == 3);
  CHECK(plans.padded_plans() == 32);
  CHECK(plans.ids() == std::vector<int64_t>{0, 1, 2});
  size_t at = 0;
  for (int world = 0; world < 2; ++world) {
    for (int plan = 0; plan < 3; ++plan) {
      CHECK(plans.exists(world, plan));
      for (int step = 0; step < 4; ++step) {
        for (int column = 0; column < 3; ++column, ++at) {
          CHECK(plans.value(world, plan, step, column) == values[at]);
        }
      }
    }
    for (int row = 0; row < 12; ++row) {
      const float* line = plans.world_values(world) + row * 32;
      for (int plan = 3; plan < 32; ++plan) CHECK(line[plan] == line[2]);
    }
  }
}

TEST_CASE("Plans are padded to whole groups of 32 for every count") {
  for (const int count : {1, 31, 32, 33, 1023, 1025}) {
    const PlanSet plans(std::vector<float>(static_cast<size_t>(count) * 3), 1, count, 1,
                        scene_poses());
    CHECK(plans.padded_plans() == (count + 31) / 32 * 32);
    CHECK(plans.world_size() == static_cast<size_t>(plans.padded_plans()) * 3);
  }
}

TEST_CASE("Plans of one world stand for every world") {
  const PlanSet plans(counted(3 * 4 * 3), 1, 3, 4, scene_poses());
  CHECK(plans.world_values(0) == plans.world_values(7));
  CHECK(plans.value(5, 2, 3, 1) == plans.value(0, 2, 3, 1));
}

TEST_CASE("The end of poses is their last one, the end of controls when the last one ends") {
  const std::vector<float> values = counted(5 * 3);
  CHECK(PlanSet(values, 1, 1, 5, scene_poses(0.5, 0.25)).end_time() == Approx(2.25));
  const std::vector<float> two_columns = counted(5 * 2);
  CHECK(PlanSet(two_columns, 1, 1, 5, controls(0.5)).end_time() == Approx(2.5));
}

TEST_CASE("A value that is not finite or too large is named by plan, step and column") {
  std::vector<float> values(2 * 3 * 4 * 3, 0.0f);
  for (const float bad :
       {kNaN, 1.0e30f, -1.0e30f, std::numeric_limits<float>::infinity(), 1.1e6f}) {
    values[((1 * 3 + 2) * 4 + 3) * 3 + 1] = bad;
    const std::string text = error_of(values, 2, 3, 4, scene_poses(), {10, 11, 12});
    CHECK_THAT(text, Contains("y of world 1, plan 2 (id 12), step 3"));
    CHECK_THAT(text, Contains("expected a finite value within +-1e+06"));
  }
  values.assign(values.size(), 0.0f);
  values[2] = 1001.0f;
  CHECK_THAT(error_of(values, 2, 3, 4),
             Contains("heading of world 0, plan 0 (id 0), step 0 is 1001"));
  values[2] = -1000.0f;
  CHECK(error_of(values, 2, 3, 4) == "no error");
}

TEST_CASE("A control that is not finite is named by plan, step and column") {
  std::vector<float> values(3 * 4 * 2, 0.0f);
  values[(1 * 4 + 2) * 2 + 1] = kNaN;
  CHECK_THAT(error_of(values, 1, 3, 4, controls()), Contains("curvature of world 0, plan 1"));
  values[(1 * 4 + 2) * 2] = kNaN;
  CHECK_THAT(error_of(values, 1, 3, 4, controls()), Contains("acceleration of world 0, plan 1"));
}

TEST_CASE("Counts that do not fit are named") {
  const std::vector<float> values = counted(36);
  CHECK_THAT(error_of(values, 1, 3, 0), Contains("got shape [1, 3, 0, 3]"));
  CHECK_THAT(error_of(values, 0, 3, 4), Contains("expected at least one world, one plan"));
  CHECK_THAT(error_of(values, 1, -3, 4), Contains("got shape [1, -3, 4, 3]"));
  CHECK_THAT(error_of(values, 1, 3, 5), Contains("got 36 values, expected 45"));
  CHECK_THAT(error_of({}, 1, 1, 1), Contains("got 0 values, expected 3"));
  CHECK_THAT(error_of(values, 1, 3, 4, scene_poses(), {1, 2}), Contains("got 2 ids"));
  CHECK_THAT(error_of(values, 1, 3, 4, scene_poses(), {}, {1, 1}),
             Contains("got a mask of 2, expected [1, 3] = 3"));
}

TEST_CASE("Times that make no sense are named") {
  const std::vector<float> values = counted(36);
  const double infinite = std::numeric_limits<double>::infinity();
  for (const double dt : {0.0, -0.1, std::nan(""), infinite}) {
    CHECK_THAT(error_of(values, 1, 3, 4, scene_poses(dt)), Contains("expected dt > 0"));
  }
  for (const double first_time : {-0.1, std::nan(""), infinite}) {
    CHECK_THAT(error_of(values, 1, 3, 4, scene_poses(0.1, first_time)),
               Contains("first_time >= 0"));
  }
  PlanLayout late = controls();
  late.first_time = 0.1;
  CHECK_THAT(error_of(counted(24), 1, 3, 4, late), Contains("controls with first_time 0.1 s"));
}

TEST_CASE("A mask tells which plans exist, and what stands in the others does not matter") {
  std::vector<float> values(2 * 3 * 4 * 3, 5.0f);
  const std::vector<uint8_t> mask = {1, 0, 1, 0, 0, 1};
  for (size_t plan = 0; plan < 6; ++plan) {
    if (mask[plan] == 0) values[plan * 12 + 4] = kNaN;
  }
  const PlanSet plans(values, 2, 3, 4, scene_poses(), {}, mask);
  for (int plan = 0; plan < 6; ++plan) {
    CHECK(plans.exists(plan / 3, plan % 3) == (mask[static_cast<size_t>(plan)] != 0));
    for (int step = 0; step < 4; ++step)
      CHECK(std::isfinite(plans.value(plan / 3, plan % 3, step, 1)));
  }
}
