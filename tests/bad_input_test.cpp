// Extreme and wrong input to a rollout: either a named error, or sound facts.
#include <algorithm>
#include <cmath>

#include "benchmarks/bench_scene.hpp"
#include "sim/simulator.hpp"
#include "sim/vocabulary.hpp"
#include "tests/catch.hpp"
#include "tests/contact_cases.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

namespace {

constexpr PartnerSearch kSearches[] = {PartnerSearch::kBruteForce, PartnerSearch::kCull,
                                       PartnerSearch::kCompacted};

Facts run(const SceneBatch& batch, const PlanSet& plans, const SimulatorOptions& options = {},
          const RolloutSpec& spec = {}) {
  return Simulator(batch, options)
      .rollout(Snapshot::of_log(batch), plans, *make_agent_model("log"), spec);
}

std::string error_of(const SceneBatch& batch, const Snapshot& snapshot, const PlanSet& plans,
                     const RolloutSpec& spec) {
  try {
    Simulator(batch).rollout(snapshot, plans, *make_agent_model("log"), spec);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

bool all_finite(const FactColumns& facts) {
  const auto finite = [](float value) { return std::isfinite(value); };
  return std::all_of(facts.clearance.begin(), facts.clearance.end(), finite) &&
         std::all_of(facts.progress.begin(), facts.progress.end(), finite) &&
         std::all_of(facts.contact_relative_speed.begin(), facts.contact_relative_speed.end(),
                     finite);
}

// Facts on every lane type of float and every search are the same bytes; returns them.
Facts same_everywhere(const SceneBatch& batch, const PlanSet& plans, RolloutSpec spec = {}) {
  Facts first;
  for (const LaneKernels& lanes : usable_lane_kernels()) {
    if (lanes.precision != Precision::kFloat) continue;
    for (const PartnerSearch search : kSearches) {
      const Facts facts = run(batch, plans, {1, 0, &lanes, search}, spec);
      if (first.num_plans == 0) first = facts;
      INFO(lanes.name << ", search " << static_cast<int>(search));
      CHECK(bytes_of(facts.plans) == bytes_of(first.plans));
    }
  }
  return first;
}

}  // namespace

TEST_CASE("The wildest controls that a plan may hold do not disturb their neighbours",
          "[determinism]") {
  const SceneBatch batch = batch_of(scene_of(41, {{.speed = 10.0}, {.x = 20.0}, {.x = -9.0}}));
  std::vector<float> values;
  Random random(1);
  for (int plan = 0; plan < 64; ++plan) {
    for (int step = 0; step < 40; ++step) {
      const bool wild = plan % 2 == 1;
      values.push_back(wild ? kMaxPlanAcceleration : 0.0f);
      values.push_back(!wild ? 0.0f : random.chance(0.5) ? kMaxPlanCurvature : -kMaxPlanCurvature);
    }
  }
  const Facts facts = same_everywhere(batch, PlanSet(values, 1, 64, 40, controls()));
  for (size_t plan = 0; plan < 64; plan += 2) {
    CHECK(facts.plans.contact_step[plan] == 16);
    CHECK(facts.plans.contact_track[plan] == 1);
  }
  CHECK(all_finite(facts.plans));
}

TEST_CASE("Poses at the limits give finite facts, the same for every search", "[determinism]") {
  const SceneBatch batch = batch_of(bench_scene(40, 20, 2));
  const float limits[] = {0.0f, kMaxPlanCoordinate, -kMaxPlanCoordinate, 12.5f, 1.0f, -3.0f};
  std::vector<float> values;
  Random random(2);
  for (int value = 0; value < 64 * 21; ++value) {
    values.push_back(limits[random.below(6)]);
    values.push_back(limits[random.below(6)]);
    values.push_back(random.chance(0.2) ? kMaxPlanHeading : random.uniform_float(-7.0, 7.0));
  }
  PlanLayout layout = scene_poses();
  for (const PlanFrame frame : {PlanFrame::kScene, PlanFrame::kEgo}) {
    layout.frame = frame;
    CHECK(all_finite(same_everywhere(batch, PlanSet(values, 1, 64, 21, layout)).plans));
  }
}

TEST_CASE("Far from the origin every search still gives the same facts", "[determinism]") {
  Random random(3);
  for (const double away : {1.0e4, 5.0e4, 9.9e4}) {
    INFO(away << " m from the origin");
    for (int round = 0; round < 8; ++round) {
      std::vector<Mover> movers = {{.x = away, .y = -away, .speed = 10.0}};
      // corners that point at the plan's way, as far off as the clearance reaches
      for (int agent = 0; agent < 40; ++agent) {
        const double side = agent % 2 == 0 ? 1.0 : -1.0;
        movers.push_back({.x = away + random.uniform(-10.0, 40.0),
                          .y = -away + side * random.uniform(3.0, 5.5),
                          .heading = random.uniform(0.2, 1.4),
                          .length = 3.0,
                          .width = 2.0});
      }
      const SceneBatch batch = batch_of(scene_of(31, movers));
      std::vector<float> values;
      for (int plan = 0; plan < 16; ++plan) {
        const std::vector<float> poses = straight_poses(
            away, -away + 0.1 * plan, random.uniform(-0.2, 0.2), random.uniform(0.0, 14.0), 31);
        values.insert(values.end(), poses.begin(), poses.end());
      }
      same_everywhere(batch, PlanSet(values, 1, 16, 31, scene_poses()));
    }
  }
}

TEST_CASE("A rollout that ends a rounding error after its plans reads no further") {
  const SceneBatch batch = batch_of(scene_of(41, {{.speed = 10.0}}));
  const Snapshot snapshot = Snapshot::of_log(batch).fork(2);
  // the second world's plan must not leak into the first one's
  std::vector<float> values = straight_poses(0, 0, 0, 10.0, 11);
  for (int value = 0; value < 33; ++value) values.push_back(value % 3 == 2 ? 0.0f : 1.0e6f);
  const PlanSet plans(values, 2, 1, 11, scene_poses());
  for (const double dt : {1.000001, 0.5000005, 1.0 / 3 + 3.3e-7, 0.1 + 9.9e-8}) {
    INFO("dt " << dt);
    RolloutSpec spec;
    spec.dt = dt;
    const Facts facts = Simulator(batch).rollout(snapshot, plans, *make_agent_model("log"), spec);
    CHECK(facts.plans.progress[0] == Approx(10.0 * facts.num_steps[0] * dt).margin(1e-3));
  }
}

TEST_CASE("A scene without other agents, and a log of one step, give facts") {
  const SceneBatch alone = batch_of(scene_of(21, {{.speed = 5.0}}));
  const PlanSet plans(straight_poses(0, 0, 0, 5.0, 21), 1, 1, 21, scene_poses());
  Facts facts = same_everywhere(alone, plans);
  CHECK(facts.num_steps[0] == 20);
  CHECK(facts.plans.contact_step[0] == -1);
  CHECK(facts.plans.clearance[0] == 2.0f);
  CHECK(facts.plans.clearance_step[0] == -1);
  CHECK(facts.plans.clearance_track[0] == -1);
  CHECK(facts.plans.progress[0] == Approx(10.0f));
  CHECK(facts.log.progress[0] == Approx(10.0f));

  const SceneBatch instant = batch_of(scene_of(1, {{.speed = 5.0}, {.x = 3.0}}));
  facts = same_everywhere(instant, plans);
  CHECK(facts.num_steps[0] == 0);
  CHECK(facts.plans.contact_step[0] == 0);
  CHECK(facts.plans.contact_time[0] == 0.0f);
  CHECK(facts.plans.contact_track[0] == 1);
}

TEST_CASE("Five thousand agents are as good as one", "[determinism]") {
  const SceneBatch batch = batch_of(bench_scene(5000, 12, 7));
  const Snapshot snapshot = Snapshot::of_log(batch);
  const PlanSet plans = vocabulary(batch, snapshot, 40, {.num_steps = 12});
  const Facts facts = same_everywhere(batch, plans);
  CHECK(facts.plans.contact_step[0] >= 0);
}

TEST_CASE("Agents that are never observed are nobody's partner, whatever the limit") {
  const SceneBatch batch = batch_of(scene_of(21, {{.speed = 5.0}, {.x = 500.0, .first = 1000}}));
  const PlanSet plans(straight_poses(0, 0, 0, 5.0, 21), 1, 1, 21, scene_poses());
  for (const float limit : {0.0f, 2.0f, 1.0e3f, 1.0e6f, 1.0e18f, 3.2e38f}) {
    RolloutSpec spec;
    spec.contact.clearance_limit = limit;
    const std::string error = error_of(batch, Snapshot::of_log(batch), plans, spec);
    INFO("limit " << limit);
    if (error != "no error") {
      CHECK(limit > 100.0f);
      CHECK_THAT(error, Contains("clearance_limit"));
      continue;
    }
    const Facts facts = same_everywhere(batch, plans, spec);
    CHECK(facts.plans.clearance[0] == limit);
    CHECK(facts.plans.clearance_track[0] == -1);
  }
}

TEST_CASE("A spec out of range is named") {
  const SceneBatch batch = batch_of(scene_of(21, {{.speed = 5.0}}));
  const Snapshot snapshot = Snapshot::of_log(batch);
  const PlanSet plans(straight_poses(0, 0, 0, 5.0, 11), 1, 1, 11, scene_poses());
  const auto error_with = [&](auto change) {
    RolloutSpec spec;
    change(spec);
    return error_of(batch, snapshot, plans, spec);
  };
  CHECK_THAT(error_with([](RolloutSpec& spec) { spec.dt = -1.0; }), Contains("got dt -1 s"));
  CHECK_THAT(error_with([](RolloutSpec& spec) { spec.dt = std::nan(""); }), Contains("got dt nan"));
  CHECK_THAT(error_with([](RolloutSpec& spec) { spec.num_steps = -1; }), Contains("num_steps -1"));
  CHECK_THAT(error_with([](RolloutSpec& spec) { spec.num_steps = 11; }),
             Contains("got num_steps 11 of 0.1 s, but the plans end after 1 s"));
  CHECK_THAT(error_with([](RolloutSpec& spec) { spec.min_speed = 1.0e30f; }),
             Contains("min_speed 1e+30"));
  CHECK_THAT(error_with([](RolloutSpec& spec) { spec.contact.substeps = 0; }),
             Contains("0 contact sub-steps"));
  CHECK_THAT(error_with([](RolloutSpec& spec) { spec.contact.clearance_limit = -1.0f; }),
             Contains("clearance_limit -1 m"));
  CHECK(error_with([](RolloutSpec& spec) { spec.num_steps = 10; }) == "no error");
  // more steps than any rollout may have, beyond the range of integers too
  for (const double dt : {1.0e-8, 1.0e-10, 1.0e-300}) {
    CHECK_THAT(error_with([&](RolloutSpec& spec) { spec.dt = dt; }), Contains("sub-steps"));
  }
}

TEST_CASE("Plans that end far beyond any log are cut to the log") {
  const SceneBatch batch = batch_of(scene_of(21, {{.speed = 5.0}, {.x = 9.0}}));
  const std::vector<float> poses = straight_poses(0, 0, 0, 0, 11);
  for (const double dt : {1.0e6, 1.0e12, 1.0e300}) {
    const Facts facts = run(batch, PlanSet(poses, 1, 1, 11, scene_poses(dt)));
    CHECK(facts.num_steps[0] == 20);
    CHECK(facts.plans.progress[0] == 0.0f);
    const std::vector<float> still(22, 0.0f);
    CHECK(run(batch, PlanSet(still, 1, 1, 11, controls(dt))).num_steps[0] == 20);
  }
  for (const double dt : {1.0e-9, 1.0e-300}) {
    const std::vector<float> still(22, 0.0f);
    CHECK(run(batch, PlanSet(still, 1, 1, 11, controls(dt))).num_steps[0] == 0);
    CHECK(run(batch, PlanSet(poses, 1, 1, 11, scene_poses(dt))).num_steps[0] == 0);
  }
}

TEST_CASE("Plans, snapshot and batch that do not fit each other are named") {
  const SceneBatch batch = batch_of(scene_of(21, {{.speed = 5.0}}));
  std::vector<Scene> two = {scene_of(21, {{.speed = 5.0}, {.x = 9.0}}), bench_scene(3, 20, 1)};
  const SceneBatch other(std::move(two));
  const PlanSet plans(straight_poses(0, 0, 0, 5.0, 11), 1, 1, 11, scene_poses());
  std::vector<float> values;
  for (int world = 0; world < 3; ++world) {
    const std::vector<float> poses = straight_poses(0, 0, 0, 5.0, 11);
    values.insert(values.end(), poses.begin(), poses.end());
  }
  const Snapshot snapshot = Snapshot::of_log(batch);
  CHECK_THAT(error_of(batch, snapshot.fork(2), PlanSet(values, 3, 1, 11, scene_poses()), {}),
             Contains("got plans for 3 worlds, expected 1 or the snapshot's 2"));
  CHECK_THAT(error_of(batch, Snapshot(), plans, {}), Contains("snapshot of no world"));
  // a snapshot of another batch
  CHECK_THAT(error_of(batch, Snapshot::of_log(other), plans, {}), Contains("scene 1"));
  CHECK_THROWS_AS(Simulator(batch, {0}), std::invalid_argument);
  CHECK_THROWS_WITH(Simulator(batch, {1, 5}), Contains("expected one of 1, 8, 16"));
}

TEST_CASE("A snapshot whose fields were changed by hand is checked") {
  const SceneBatch batch = batch_of(scene_of(21, {{.speed = 5.0}, {.x = 9.0}}));
  const PlanSet plans(straight_poses(0, 0, 0, 5.0, 11), 1, 1, 11, scene_poses());
  const auto error_with = [&](auto change) {
    Snapshot snapshot = Snapshot::of_log(batch);
    change(snapshot);
    return error_of(batch, snapshot, plans, {});
  };
  CHECK(error_with([](Snapshot& snapshot) { snapshot.focal_track[0] = 2; }) != "no error");
  CHECK(error_with([](Snapshot& snapshot) { snapshot.step[0] = 21; }) != "no error");
  CHECK(error_with([](Snapshot& snapshot) { snapshot.step[0] = -1; }) != "no error");
  CHECK(error_with([](Snapshot& snapshot) { snapshot.history.back().x = NAN; }) != "no error");
  CHECK(error_with([](Snapshot& snapshot) { snapshot.history.back().heading = 1.0e30f; }) !=
        "no error");
  CHECK(error_with([](Snapshot& snapshot) { snapshot.vehicle[0].length = NAN; }) != "no error");
  CHECK(error_with([](Snapshot& snapshot) { snapshot.vehicle.clear(); }) != "no error");
  CHECK(error_with([](Snapshot& snapshot) { snapshot.history.clear(); }) != "no error");
  CHECK(error_with([](Snapshot& snapshot) { snapshot.step.clear(); }) != "no error");
  CHECK(error_with([](Snapshot& snapshot) { snapshot.history_size = 0; }) != "no error");
  CHECK(error_with([](Snapshot& snapshot) { snapshot.history_size = 1 << 20; }) != "no error");
  CHECK(error_with([](Snapshot& snapshot) { snapshot.focal_track[0] = -1; }) != "no error");
}
