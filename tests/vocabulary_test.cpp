#include "sim/vocabulary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "benchmarks/bench_scene.hpp"
#include "scenarios/generated_scene.hpp"
#include "sim/reference_path.hpp"
#include "tests/catch.hpp"
#include "tests/scene_builder.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

namespace {

// Every value of a plan set, in order.
std::vector<float> values_of(const PlanSet& plans) {
  std::vector<float> values;
  for (int world = 0; world < plans.num_worlds(); ++world) {
    for (int plan = 0; plan < plans.num_plans(); ++plan) {
      for (int step = 0; step < plans.num_steps(); ++step) {
        for (int column = 0; column < 3; ++column) {
          values.push_back(plans.value(world, plan, step, column));
        }
      }
    }
  }
  return values;
}

double hop(const PlanSet& plans, int plan, int step) {
  const auto at = [&](int when, int column) {
    return static_cast<double>(plans.value(0, plan, when, column));
  };
  return std::hypot(at(step, 0) - at(step - 1, 0), at(step, 1) - at(step - 1, 1));
}

}  // namespace

TEST_CASE("A vocabulary of any size is filled and the same every time", "[determinism]") {
  const SceneBatch batch = batch_of(bench_scene(2, 40, 1));
  const Snapshot snapshot = Snapshot::of_log(batch);
  for (int count = 1; count <= 300; ++count) {
    const PlanSet plans = vocabulary(batch, snapshot, count, {.num_steps = 12});
    REQUIRE(plans.num_plans() == count);
    const std::vector<float> values = values_of(plans);
    REQUIRE(std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }));
    REQUIRE(values == values_of(vocabulary(batch, snapshot, count, {.num_steps = 12})));
  }
}

TEST_CASE("Plan 0 follows the logged path at constant speed", "[property]") {
  const SceneBatch batch = batch_of(scene_of(91, {{.speed = 9.0, .yaw_rate = 0.1}}));
  const Snapshot snapshot = Snapshot::of_log(batch);
  for (const int count : {1, 2, 17, 512, 8192}) {
    const PlanSet plans = vocabulary(batch, snapshot, count);
    const Track& track = batch.scene(0).tracks[0];
    for (int step = 0; step < 80; ++step) {
      const size_t at = static_cast<size_t>(step) + 1;
      INFO("of " << count << ", step " << step);
      CHECK(std::hypot(plans.value(0, 0, step, 0) - track.x[at],
                       plans.value(0, 0, step, 1) - track.y[at]) < 0.05f);
      CHECK(std::abs(std::remainder(plans.value(0, 0, step, 2) - track.heading[at], 6.2831853f)) <
            0.06f);
      if (step > 0) CHECK(hop(plans, 0, step) == Approx(0.9).margin(0.005));
    }
  }
}

TEST_CASE("Plans move forwards, no faster than the limit, along their own heading", "[property]") {
  const SceneBatch batch = batch_of(scene_of(91, {{.speed = 12.0, .yaw_rate = 0.05}}));
  const Snapshot snapshot = Snapshot::of_log(batch);
  VocabularySpec spec;
  spec.max_speed = 15.0;
  const PlanSet plans = vocabulary(batch, snapshot, 600, spec);
  double worst_slip = 0.0, fastest = 0.0;
  for (int plan = 0; plan < 600; ++plan) {
    for (int step = 1; step < 80; ++step) {
      const double distance = hop(plans, plan, step);
      fastest = std::max(fastest, distance / spec.dt);
      if (distance < 0.2) continue;
      const double dx =
          static_cast<double>(plans.value(0, plan, step, 0) - plans.value(0, plan, step - 1, 0));
      const double dy =
          static_cast<double>(plans.value(0, plan, step, 1) - plans.value(0, plan, step - 1, 1));
      const double heading = 0.5 * static_cast<double>(plans.value(0, plan, step, 2) +
                                                       plans.value(0, plan, step - 1, 2));
      worst_slip =
          std::max(worst_slip, std::abs(std::remainder(std::atan2(dy, dx) - heading, 2.0 * kPi)));
    }
  }
  WARN("vocabulary: fastest " << fastest << " m/s, motion off its heading by at most " << worst_slip
                              << " rad");
  CHECK(fastest < 15.05);
  CHECK(worst_slip < 0.1);
}

TEST_CASE("Plans of a vocabulary differ from one another", "[property]") {
  const SceneBatch batch = batch_of(scene_of(91, {{.speed = 12.0}}));
  for (const int count : {21, 256, 1024}) {
    const PlanSet plans = vocabulary(batch, Snapshot::of_log(batch), count);
    std::vector<std::pair<float, float>> ends;
    for (int plan = 0; plan < count; ++plan) {
      ends.push_back({plans.value(0, plan, 79, 0) + 7.0f * plans.value(0, plan, 19, 0),
                      plans.value(0, plan, 79, 1) + 7.0f * plans.value(0, plan, 29, 1)});
    }
    std::sort(ends.begin(), ends.end());
    const auto distinct = std::unique(ends.begin(), ends.end()) - ends.begin();
    WARN("vocabulary of " << count << ": " << distinct << " distinct plans");
    CHECK(distinct > count * 9 / 10);
  }
}

TEST_CASE("A standing ego gets a vocabulary too") {
  const SceneBatch batch = batch_of(scene_of(91, {{.heading = 2.0}}));
  const PlanSet plans = vocabulary(batch, 64);
  CHECK(plans.num_steps() == 90);
  const std::vector<float> values = values_of(plans);
  CHECK(std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }));
  // the plan at constant speed stays where the ego stands
  CHECK(std::abs(plans.value(0, 0, 89, 0)) < 1.0e-6f);
  CHECK(plans.value(0, 0, 89, 2) == Approx(2.0f));
}

TEST_CASE("A vocabulary depends on its own world only", "[determinism]") {
  std::vector<Scene> scenes = {bench_scene(2, 40, 1), bench_scene(2, 40, 2)};
  const SceneBatch batch(std::move(scenes));
  const Snapshot snapshot = Snapshot::of_log(batch);
  const std::vector<float> both = values_of(vocabulary(batch, snapshot, 33, {.num_steps = 20}));
  const std::vector<float> second =
      values_of(vocabulary(batch, snapshot.select(std::vector<int>{1}), 33, {.num_steps = 20}));
  CHECK(std::equal(second.begin(), second.end(),
                   both.begin() + static_cast<std::ptrdiff_t>(second.size())));
}

TEST_CASE("A vocabulary spec out of range is named") {
  const SceneBatch batch = batch_of(generated_scene());
  const Snapshot snapshot = Snapshot::of_log(batch);
  const double infinite = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(vocabulary(batch, snapshot, 0), Contains("got 0 plans"));
  CHECK_THROWS_WITH(vocabulary(batch, snapshot, 4, {.num_steps = 0}), Contains("of 0 steps"));
  for (const double bad : {-1.0, std::nan("")}) {
    CHECK_THROWS_AS(vocabulary(batch, snapshot, 4, {.dt = bad}), std::invalid_argument);
    CHECK_THROWS_AS(vocabulary(batch, snapshot, 4, {.max_lateral = bad}), std::invalid_argument);
    CHECK_THROWS_AS(vocabulary(batch, snapshot, 4, {.max_acceleration = bad}),
                    std::invalid_argument);
    CHECK_THROWS_AS(vocabulary(batch, snapshot, 4, {.max_braking = bad}), std::invalid_argument);
  }
  CHECK_THROWS_AS(vocabulary(batch, snapshot, 400, {.max_lateral = infinite}),
                  std::invalid_argument);
  CHECK_THROWS_AS(vocabulary(batch, snapshot, 4, {.max_speed = 0.0}), std::invalid_argument);
}

TEST_CASE("A vocabulary whose horizon is beyond any plan's reach is refused") {
  const SceneBatch batch = batch_of(generated_scene());
  const Snapshot snapshot = Snapshot::of_log(batch);
  for (const double dt : {1.0e5, 1.0e9, 1.0e300, std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_AS(vocabulary(batch, snapshot, 4, {.dt = dt}), std::invalid_argument);
  }
  CHECK_THROWS_AS(vocabulary(batch_of(scene_of(3, {{.speed = 1.0}}, 1.0e9)), 4),
                  std::invalid_argument);
}
