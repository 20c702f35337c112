#include "kernels/contact.hpp"

#include <algorithm>
#include <cmath>

#include "benchmarks/bench_scene.hpp"
#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/contact_cases.hpp"
#include "tests/contact_reference.hpp"
#include "tests/ego_reference.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

// float poses and float separating axes are this close to the double ones, see obb_test
constexpr double kDecisionMargin = 1.0e-4;      // [m]
constexpr double kClassMargin = 1.0e-2;         // [m], [m/s] differences of float positions over dt
constexpr double kClearanceTolerance = 1.0e-3;  // [m]

struct Tally {
  int compared = 0, excluded = 0, contacts = 0, classes = 0;
};

// The reference's facts for every plan of a one-world rollout.
std::vector<ReferenceFacts> reference_facts(const Scene& scene, const Snapshot& snapshot,
                                            const PlanSet& plans, const RolloutSpec& spec,
                                            int num_steps) {
  ReferenceRollout rollout;
  rollout.dt = spec.dt > 0.0 ? spec.dt : scene.dt;
  rollout.rule = spec.contact;
  rollout.velocity_x = static_cast<double>(snapshot.ego(0).velocity_x);
  rollout.velocity_y = static_cast<double>(snapshot.ego(0).velocity_y);
  rollout.agents =
      agents_in_log(scene, snapshot.focal_track[0], snapshot.step[0], rollout.dt, num_steps);
  std::vector<ReferenceFacts> facts;
  for (int plan = 0; plan < plans.num_plans(); ++plan) {
    rollout.ego = reference_poses(plans, plan, snapshot, 0, rollout.dt, num_steps);
    facts.push_back(measure_contact(rollout));
  }
  return facts;
}

int track_of(int agent, int focal_track) {
  if (agent < 0) return -1;
  return agent >= focal_track ? agent + 1 : agent;
}

void compare(const Facts& facts, const std::vector<ReferenceFacts>& reference, int focal_track,
             Tally& tally) {
  for (size_t plan = 0; plan < reference.size(); ++plan) {
    const ReferenceFacts& expected = reference[plan];
    INFO("plan " << plan << ", contact margin " << expected.contact_margin << ", reference instant "
                 << expected.instant << " track " << track_of(expected.agent, focal_track));
    if (expected.contact_margin < kDecisionMargin) {
      ++tally.excluded;
      continue;
    }
    ++tally.compared;
    const int substeps = facts.spec.contact.substeps;
    const int step = expected.instant < 0 ? -1 : (expected.instant + substeps - 1) / substeps;
    CHECK(facts.plans.contact_step[plan] == step);
    CHECK(facts.plans.contact_track[plan] == track_of(expected.agent, focal_track));
    CHECK(std::abs(static_cast<double>(facts.plans.clearance[plan]) - expected.clearance) <
          kClearanceTolerance);
    if (expected.clearance_margin > kDecisionMargin) {
      CHECK(facts.plans.clearance_step[plan] == expected.clearance_step);
      CHECK(facts.plans.clearance_track[plan] == track_of(expected.clearance_agent, focal_track));
    }
    if (expected.instant < 0) {
      CHECK(facts.plans.contact_class[plan] == 0);
      CHECK(facts.plans.contact_time[plan] == -1.0f);
      CHECK(facts.plans.contact_relative_speed[plan] == 0.0f);
      continue;
    }
    ++tally.contacts;
    const double time = expected.instant * facts.dt[0] / substeps;
    CHECK(static_cast<double>(facts.plans.contact_time[plan]) == Approx(time).margin(1e-6));
    CHECK(static_cast<double>(facts.plans.contact_relative_speed[plan]) ==
          Approx(expected.relative_speed).margin(kClassMargin));
    if (expected.class_margin > kClassMargin) {
      ++tally.classes;
      CHECK(facts.plans.contact_class[plan] == static_cast<uint8_t>(expected.contact_class));
    }
  }
}

constexpr PartnerSearch kSearches[] = {PartnerSearch::kBruteForce, PartnerSearch::kCull,
                                       PartnerSearch::kCompacted};

// Rolls out on every lane type with every search and compares each with the one reference.
void check_all_lanes(const SceneBatch& batch, const PlanSet& plans, RolloutSpec spec,
                     Tally& tally) {
  const Snapshot snapshot = Snapshot::of_log(batch);
  const auto model = make_agent_model("log");
  std::vector<ReferenceFacts> reference;
  for (const LaneKernels& lanes : usable_lane_kernels()) {
    for (const PartnerSearch search : kSearches) {
      SimulatorOptions options;
      options.kernels = &lanes;
      options.search = search;
      spec.precision = lanes.precision;
      Simulator simulator(batch, options);
      const Facts facts = simulator.rollout(snapshot, plans, *model, spec);
      if (reference.empty()) {
        reference = reference_facts(batch.scene(0), snapshot, plans, spec, facts.num_steps[0]);
      }
      INFO("lanes " << lanes.name << ", search " << static_cast<int>(search));
      compare(facts, reference, snapshot.focal_track[0], tally);
    }
  }
}

void report(const char* what, const Tally& tally) {
  WARN(what << ": " << tally.compared << " plans compared (" << tally.contacts << " contacts, "
            << tally.classes << " classes), " << tally.excluded << " excluded");
  CHECK(tally.excluded < 0.02 * (tally.compared + tally.excluded));
  CHECK(tally.contacts > 100);
}

}  // namespace

TEST_CASE("Contact facts agree with polygon clipping on adversarial scenes", "[differential]") {
  Tally tally;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    const SceneBatch batch = batch_of(adversarial_scene(random, 10, 36));
    const PlanSet plans = adversarial_poses(random, Snapshot::of_log(batch), 24, 36, scene_poses());
    RolloutSpec spec;
    spec.contact.substeps = 1 + random.below(5);
    spec.contact.clearance_limit = random.uniform_float(0.0, 5.0);
    check_all_lanes(batch, plans, spec, tally);
  }
  report("adversarial poses", tally);
}

TEST_CASE("Contact facts agree with the reference in every frame, reference point and time grid",
          "[differential]") {
  Tally tally;
  for (uint64_t seed = 100; seed < 132; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    const SceneBatch batch = batch_of(adversarial_scene(random, 8, 41));
    PlanLayout layout;
    layout.frame = seed % 2 == 0 ? PlanFrame::kEgo : PlanFrame::kScene;
    layout.reference = seed / 2 % 2 == 0 ? ReferencePoint::kRearAxle : ReferencePoint::kBoxCenter;
    layout.dt = seed / 4 % 2 == 0 ? 0.1 : 0.25;
    layout.first_time = seed / 8 % 2 == 0 ? 0.0 : layout.dt;
    const PlanSet plans = adversarial_poses(random, Snapshot::of_log(batch), 16, 12, layout);
    RolloutSpec spec;
    spec.dt = seed / 16 % 2 == 0 ? 0.0 : 0.05;
    check_all_lanes(batch, plans, spec, tally);
  }
  report("frames and grids", tally);
}

TEST_CASE("Contact facts of the benchmark scene agree with the reference", "[differential]") {
  Tally tally;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const SceneBatch batch = batch_of(bench_scene(64, 80, seed));
    Random random(seed);
    const PlanSet plans = adversarial_poses(random, Snapshot::of_log(batch), 48, 81, scene_poses());
    check_all_lanes(batch, plans, {}, tally);
  }
  report("benchmark scene", tally);
}

TEST_CASE("Contact facts of controls agree with the reference on double lanes", "[differential]") {
  Tally tally;
  for (uint64_t seed = 200; seed < 216; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    const SceneBatch batch = batch_of(adversarial_scene(random, 10, 41));
    const PlanSet plans = random_controls(random, 16, 8, 0.5);
    const Snapshot snapshot = Snapshot::of_log(batch);
    RolloutSpec spec;
    spec.precision = Precision::kDouble;
    const Facts facts = Simulator(batch).rollout(snapshot, plans, *make_agent_model("log"), spec);
    compare(facts, reference_facts(batch.scene(0), snapshot, plans, spec, facts.num_steps[0]), 0,
            tally);
  }
  WARN("controls: " << tally.compared << " plans compared, " << tally.excluded << " excluded");
  CHECK(tally.excluded < 0.02 * (tally.compared + tally.excluded));
}

TEST_CASE("Ramming a parked car is a contact with a stopped agent") {
  const SceneBatch batch = batch_of(scene_of(41, {{.speed = 10.0}, {.x = 20.0}}));
  const PlanSet plans(straight_poses(0, 0, 0, 10.0, 41), 1, 1, 41, scene_poses());
  const Facts facts =
      Simulator(batch).rollout(Snapshot::of_log(batch), plans, *make_agent_model("log"));
  // the gap of 15.5 m closes at 10 m/s
  CHECK(facts.plans.contact_step[0] == 16);
  CHECK(facts.plans.contact_time[0] == Approx(1.55).margin(1e-6));
  CHECK(facts.plans.contact_track[0] == 1);
  CHECK(facts.plans.contact_class[0] == static_cast<uint8_t>(ContactClass::kStoppedAgent));
  CHECK(facts.plans.contact_relative_speed[0] == Approx(10.0).margin(1e-3));
  CHECK(facts.log.contact_step[0] == 16);
}

TEST_CASE("Swept contact finds what a plan crosses within one step, steps alone miss it") {
  // 60 m/s relative speed: 6 m per step against an ego of 0.5 m and a pedestrian of 0.5 m
  const SceneBatch batch = batch_of(
      scene_of(21, {{.speed = 60.0, .length = 0.5, .width = 0.5},
                    {.x = 33.2, .length = 0.5, .width = 0.5, .kind = AgentKind::kPedestrian}}));
  const PlanSet plans(straight_poses(0, 0, 0, 60.0, 21), 1, 1, 21, scene_poses());
  const Snapshot snapshot = Snapshot::of_log(batch);
  RolloutSpec spec;
  spec.contact.substeps = 12;
  Facts facts = Simulator(batch).rollout(snapshot, plans, *make_agent_model("log"), spec);
  CHECK(facts.plans.contact_step[0] == 6);
  CHECK(facts.plans.contact_time[0] == Approx(0.55).margin(1e-6));
  spec.contact.substeps = 1;
  facts = Simulator(batch).rollout(snapshot, plans, *make_agent_model("log"), spec);
  CHECK(facts.plans.contact_step[0] == -1);
}

namespace {

// Class of the contact of an ego at `ego_speed` with a small box at a bearing [degrees] and
// distance from the ego's centre, both there from the start.
ContactClass class_at(double bearing, double distance, double ego_speed, double agent_speed,
                      AgentKind kind = AgentKind::kPedestrian) {
  const double angle = bearing / 180.0 * kPi;
  const SceneBatch batch = batch_of(scene_of(11, {{.speed = ego_speed},
                                                  {.x = distance * std::cos(angle),
                                                   .y = distance * std::sin(angle),
                                                   .heading = 1.0,
                                                   .speed = agent_speed,
                                                   .length = 0.2,
                                                   .width = 0.2,
                                                   .kind = kind}}));
  const PlanSet plans(straight_poses(0, 0, 0, ego_speed, 11), 1, 1, 11, scene_poses());
  const Facts facts =
      Simulator(batch).rollout(Snapshot::of_log(batch), plans, *make_agent_model("log"));
  CHECK(facts.plans.contact_step[0] == 0);
  return static_cast<ContactClass>(facts.plans.contact_class[0]);
}

}  // namespace

TEST_CASE("The class of a contact follows the order of its definition") {
  // behind begins 150 degrees off the heading
  CHECK(class_at(149.5, 1.8, 5.0, 1.0) == ContactClass::kActiveLateral);
  CHECK(class_at(150.5, 1.8, 5.0, 1.0) == ContactClass::kActiveRear);
  CHECK(class_at(-149.5, 1.8, 5.0, 1.0) == ContactClass::kActiveLateral);
  CHECK(class_at(-150.5, 1.8, 5.0, 1.0) == ContactClass::kActiveRear);
  CHECK(class_at(180.0, 2.2, 5.0, 1.0) == ContactClass::kActiveRear);
  // the front edge lies 2.25 m ahead
  CHECK(class_at(0.0, 2.2, 5.0, 1.0) == ContactClass::kActiveFront);
  CHECK(class_at(0.0, 2.0, 5.0, 1.0) == ContactClass::kActiveLateral);
  CHECK(class_at(90.0, 0.9, 5.0, 1.0) == ContactClass::kActiveLateral);
  // standing comes before where, the ego's before the partner's
  CHECK(class_at(0.0, 2.2, 5.0, 0.04) == ContactClass::kStoppedAgent);
  CHECK(class_at(0.0, 2.2, 5.0, 0.06) == ContactClass::kActiveFront);
  CHECK(class_at(180.0, 2.2, 5.0, 0.0) == ContactClass::kStoppedAgent);
  CHECK(class_at(0.0, 2.2, 5.0, 3.0, AgentKind::kOther) == ContactClass::kStoppedAgent);
  CHECK(class_at(0.0, 2.2, 0.04, 3.0) == ContactClass::kStoppedEgo);
  CHECK(class_at(0.0, 2.2, 0.04, 0.0) == ContactClass::kStoppedEgo);
  CHECK(class_at(0.0, 2.2, 0.06, 3.0) == ContactClass::kActiveFront);
}

TEST_CASE("No search loses a partner whose corner points at the ego's corner", "[determinism]") {
  // both diagonals lie on the line of centres, so the circles are as close as the boxes
  const double diagonal = std::atan2(2.0, 4.0), radius = std::hypot(2.0, 1.0);
  for (const double away : {0.0, -300.0}) {
    for (const double gap : {0.001, 0.5, 1.0, 1.5, 1.9, 1.99, 1.999}) {
      for (const double side : {0.0, 0.5 * kPi, kPi, 1.5 * kPi}) {
        const double distance = 2.0 * radius + gap;
        const double heading = side + diagonal;
        const SceneBatch batch =
            batch_of(scene_of(3, {{.x = away, .heading = heading, .length = 4.0, .width = 2.0},
                                  {.x = away + distance * std::cos(side),
                                   .y = distance * std::sin(side),
                                   .heading = heading,
                                   .length = 4.0,
                                   .width = 2.0}}));
        const PlanSet plans(straight_poses(away, 0, heading, 0, 3), 1, 1, 3, scene_poses());
        for (const PartnerSearch search : kSearches) {
          const Facts facts =
              Simulator(batch, {1, 0, nullptr, search})
                  .rollout(Snapshot::of_log(batch), plans, *make_agent_model("log"));
          INFO("gap " << gap << ", side " << side << ", search " << static_cast<int>(search));
          CHECK(static_cast<double>(facts.plans.clearance[0]) == Approx(gap).margin(1.0e-4));
          CHECK(facts.plans.clearance_track[0] == 1);
        }
      }
    }
  }
}
