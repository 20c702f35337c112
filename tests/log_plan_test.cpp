#include "sim/log_plan.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include "benchmarks/bench_scene.hpp"
#include "scenarios/generated_scene.hpp"
#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/contact_cases.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

namespace {

bool same_bits(float a, float b) { return std::memcmp(&a, &b, sizeof a) == 0; }

}  // namespace

TEST_CASE("The log plan holds the stored bits on the log's own steps") {
  const SceneBatch batch = batch_of(generated_scene());
  const Snapshot snapshot = Snapshot::of_log(batch);
  const PlanSet plan = log_plan(batch.scene(0), snapshot, 0, 0.1, 80);
  CHECK(plan.num_steps() == 81);
  CHECK(plan.layout().frame == PlanFrame::kScene);
  CHECK(plan.layout().reference == ReferencePoint::kBoxCenter);
  const Track& track = batch.scene(0).tracks[0];
  for (int step = 0; step <= 80; ++step) {
    const size_t at = static_cast<size_t>(10 + step);
    CHECK(same_bits(plan.value(0, 0, step, 0), track.x[at]));
    CHECK(same_bits(plan.value(0, 0, step, 1), track.y[at]));
    CHECK(same_bits(plan.value(0, 0, step, 2), track.heading[at]));
  }
}

TEST_CASE("Where the log does not observe the agent the log plan holds the pose before") {
  const SceneBatch batch = batch_of(scene_of(21, {{.speed = 5.0, .last = 7}}));
  const PlanSet plan = log_plan(batch.scene(0), Snapshot::of_log(batch), 0, 0.1, 30);
  CHECK(plan.value(0, 0, 7, 0) == Approx(3.5f));
  for (int step = 8; step <= 30; ++step) {
    CHECK(same_bits(plan.value(0, 0, step, 0), plan.value(0, 0, 7, 0)));
  }
}

TEST_CASE("Rolling the log plan out gives the facts of the log to the bit", "[determinism]") {
  std::vector<Scene> scenes = {generated_scene(), bench_scene(40, 60, 3)};
  const SceneBatch batch(std::move(scenes));
  const Snapshot snapshot = Snapshot::of_log(batch);
  const auto model = make_agent_model("log");
  for (int world = 0; world < 2; ++world) {
    const Snapshot one = snapshot.select(std::vector<int>{world});
    const Scene& scene = batch.scene(world);
    const int steps = scene.num_steps - 1 - scene.current_step;
    for (const double dt : {0.1, 0.05}) {
      RolloutSpec spec;
      spec.dt = dt;
      const int fine = dt == 0.1 ? steps : 2 * steps;
      const Facts facts =
          Simulator(batch).rollout(one, log_plan(scene, one, 0, dt, fine), *model, spec);
      CHECK(facts.num_steps[0] == fine);
      CHECK(bytes_of(facts.plans) == bytes_of(facts.log));
    }
  }
}

TEST_CASE("Perturbation 0 is the log to the bit") {
  const SceneBatch batch = batch_of(generated_scene());
  const Snapshot snapshot = Snapshot::of_log(batch);
  const PlanSet log = log_plan(batch.scene(0), snapshot, 0, 0.1, 80);
  const PlanSet perturbed = log_perturbations(batch, snapshot, 5, {});
  int different = 0;
  for (int step = 0; step <= 80; ++step) {
    for (int column = 0; column < 3; ++column) {
      different += !same_bits(perturbed.value(0, 0, step, column), log.value(0, 0, step, column));
    }
  }
  CHECK(different == 0);
}

TEST_CASE("Perturbations start at the log and end within their limits", "[property]") {
  const SceneBatch batch = batch_of(scene_of(91, {{.speed = 6.0}}));
  const Snapshot snapshot = Snapshot::of_log(batch);
  PerturbationSpec spec;
  spec.max_lateral = 3.0f;
  spec.max_stretch = 0.25f;
  const PlanSet plans = log_perturbations(batch, snapshot, 200, spec);
  float least = 0, most = 0, widest = 0;
  for (int plan = 0; plan < 200; ++plan) {
    CHECK(plans.value(0, plan, 0, 0) == 0.0f);
    CHECK(plans.value(0, plan, 0, 1) == 0.0f);
    const float along = plans.value(0, plan, 80, 0) / 48.0f - 1.0f;
    least = std::min(least, along);
    most = std::max(most, along);
    widest = std::max(widest, std::abs(plans.value(0, plan, 80, 1)));
  }
  CHECK(most <= 0.2501f);
  CHECK(most > 0.2f);
  CHECK(least >= -0.2501f);
  CHECK(least < -0.2f);
  CHECK(widest <= 3.0001f);
  CHECK(widest > 2.5f);
}

TEST_CASE("Perturbations depend on seed, scene and plan, not on the batch", "[determinism]") {
  Scene first = generated_scene(), second = generated_scene();
  second.id = "another";
  const SceneBatch alone = batch_of(second);
  std::vector<Scene> both = {first, second};
  const SceneBatch batch(std::move(both));
  const PlanSet one = log_perturbations(alone, Snapshot::of_log(alone), 16, {});
  const PlanSet two = log_perturbations(batch, Snapshot::of_log(batch), 40, {});
  PerturbationSpec seeded;
  seeded.seed = 1;
  const PlanSet other = log_perturbations(alone, Snapshot::of_log(alone), 16, seeded);
  int between_scenes = 0, between_seeds = 0;
  for (int plan = 1; plan < 16; ++plan) {
    CHECK(same_bits(one.value(0, plan, 80, 0), two.value(1, plan, 80, 0)));
    CHECK(same_bits(one.value(0, plan, 80, 1), two.value(1, plan, 80, 1)));
    between_scenes += one.value(0, plan, 80, 1) != two.value(0, plan, 80, 1);
    between_seeds += one.value(0, plan, 80, 1) != other.value(0, plan, 80, 1);
  }
  CHECK(between_scenes >= 14);
  CHECK(between_seeds >= 14);
}

TEST_CASE("A perturbation spec out of range is named") {
  const SceneBatch batch = batch_of(generated_scene());
  const Snapshot snapshot = Snapshot::of_log(batch);
  const auto call = [&](int num_plans, const PerturbationSpec& spec) {
    return log_perturbations(batch, snapshot, num_plans, spec);
  };
  CHECK_THROWS_WITH(call(0, {}), Contains("got 0 plans"));
  CHECK_THROWS_AS(call(1, {.num_steps = 0}), std::invalid_argument);
  CHECK_THROWS_AS(call(1, {.dt = -0.1}), std::invalid_argument);
  CHECK_THROWS_AS(call(1, {.dt = std::nan("")}), std::invalid_argument);
  CHECK_THROWS_AS(call(1, {.max_lateral = -1.0f}), std::invalid_argument);
  CHECK_THROWS_AS(call(2, {.max_lateral = std::numeric_limits<float>::infinity()}),
                  std::invalid_argument);
  CHECK_THROWS_AS(call(1, {.max_stretch = 1.5f}), std::invalid_argument);
}
