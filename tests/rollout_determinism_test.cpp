// Facts are a function of one plan, one world and the spec: never of lanes, threads or neighbours.
#include <algorithm>
#include <cmath>
#include <string>

#include "benchmarks/bench_scene.hpp"
#include "scenarios/generate_scene.hpp"
#include "sim/simulator.hpp"
#include "sim/vocabulary.hpp"
#include "tests/catch.hpp"
#include "tests/contact_cases.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

constexpr PartnerSearch kSearches[] = {PartnerSearch::kBruteForce, PartnerSearch::kCull,
                                       PartnerSearch::kCompacted};

Facts run(const SceneBatch& batch, const Snapshot& snapshot, const PlanSet& plans,
          const SimulatorOptions& options = {}, const RolloutSpec& spec = {}) {
  return Simulator(batch, options).rollout(snapshot, plans, *make_agent_model("log"), spec);
}

// Five different worlds: benchmark scenes and adversarial ones, of different length and step.
SceneBatch five_scenes(uint64_t seed) {
  std::vector<Scene> scenes;
  Random random(seed);
  for (int index = 0; index < 5; ++index) {
    const int steps = 40 - 5 * index;
    Scene scene = index % 2 == 0
                      ? bench_scene(30 + index, steps, seed + static_cast<uint64_t>(index))
                      : adversarial_scene(random, 12 + index, steps + 1);
    if (index == 4) scene.dt = 0.2;
    // a map with edges or with areas, and lights
    Scene road = generate_scene({}, all_layouts()[static_cast<size_t>(index)], seed).scene;
    if (index % 2 == 0) {
      std::erase_if(road.features, [](const MapFeature& feature) {
        return feature.kind == FeatureKind::kDrivableArea;
      });
    }
    scene.features = std::move(road.features);
    scene.signals = std::move(road.signals);
    scene.signals.resize(static_cast<size_t>(scene.num_steps));
    for (size_t step = 0; step < scene.timestamps.size(); ++step) {
      scene.timestamps[step] = static_cast<double>(step) * scene.dt;
    }
    scene.id = "scene " + std::to_string(index);
    scenes.push_back(std::move(scene));
  }
  return SceneBatch(std::move(scenes));
}

// Facts of one world of a batch, as bytes.
std::string world_bytes(const Facts& facts, int world, int first_plan, int num_plans) {
  std::string bytes;
  const size_t group = static_cast<size_t>(facts.num_plans);
  const size_t from = static_cast<size_t>(world) * group + static_cast<size_t>(first_plan);
#define FORKROAD_APPEND(type, name, unit, invalid, meaning)                   \
  bytes.append(reinterpret_cast<const char*>(facts.plans.name.data() + from), \
               static_cast<size_t>(num_plans) * sizeof(type));                \
  bytes.append(reinterpret_cast<const char*>(facts.log.name.data() + world), sizeof(type));
  FORKROAD_FACT_FIELDS(FORKROAD_APPEND)
#undef FORKROAD_APPEND
  return bytes;
}

// The listed plans of a plan set, for all of its worlds.
PlanSet some_plans(const PlanSet& plans, int first, int count) {
  std::vector<float> values;
  for (int world = 0; world < plans.num_worlds(); ++world) {
    for (int plan = first; plan < first + count; ++plan) {
      for (int step = 0; step < plans.num_steps(); ++step) {
        for (int column = 0; column < plans.columns(); ++column) {
          values.push_back(plans.value(world, plan, step, column));
        }
      }
    }
  }
  return PlanSet(values, plans.num_worlds(), count, plans.num_steps(), plans.layout());
}

// One world's plans as a plan set of their own.
std::vector<float> world_values(const PlanSet& plans, int world) {
  std::vector<float> values;
  for (int plan = 0; plan < plans.num_plans(); ++plan) {
    for (int step = 0; step < plans.num_steps(); ++step) {
      for (int column = 0; column < plans.columns(); ++column) {
        values.push_back(plans.value(world, plan, step, column));
      }
    }
  }
  return values;
}

}  // namespace

TEST_CASE("Every lane type, search and thread count gives the same facts to the bit",
          "[determinism]") {
  const SceneBatch batch = five_scenes(3);
  const Snapshot snapshot = Snapshot::of_log(batch);
  Random random(5);
  const PlanSet poses = adversarial_poses(random, snapshot, 77, 41, scene_poses());
  const PlanSet controls = random_controls(random, 77, 16, 0.25);
  for (const PlanSet* plans : {&poses, &controls}) {
    std::string expected[2], expected_log[2];
    int contacts = 0, off_road = 0;
    for (const LaneKernels& lanes : usable_lane_kernels()) {
      const size_t precision = static_cast<size_t>(lanes.precision);
      for (const PartnerSearch search : kSearches) {
        for (const int threads : {1, 2, 5}) {
          if (threads != 1 && search == PartnerSearch::kBruteForce) continue;
          RolloutSpec spec;
          spec.precision = lanes.precision;
          const Facts facts = run(batch, snapshot, *plans, {threads, 0, &lanes, search}, spec);
          INFO(lanes.name << ", search " << static_cast<int>(search) << ", threads " << threads);
          if (expected[precision].empty()) {
            expected[precision] = bytes_of(facts.plans);
            expected_log[precision] = bytes_of(facts.log);
            for (const int32_t step : facts.plans.contact_step) contacts += step >= 0;
            for (const int32_t step : facts.plans.off_road_step) off_road += step >= 0;
          }
          CHECK(bytes_of(facts.plans) == expected[precision]);
          CHECK(bytes_of(facts.log) == expected_log[precision]);
        }
      }
    }
    CHECK(contacts > 50);
    CHECK(off_road > 50);
  }
}

TEST_CASE("Float and double lanes decide alike where the geometry is not on edge",
          "[determinism]") {
  const SceneBatch batch = five_scenes(8);
  const Snapshot snapshot = Snapshot::of_log(batch);
  Random random(9);
  const PlanSet plans = adversarial_poses(random, snapshot, 256, 41, scene_poses());
  RolloutSpec spec;
  const Facts single = run(batch, snapshot, plans, {}, spec);
  spec.precision = Precision::kDouble;
  const Facts exact = run(batch, snapshot, plans, {}, spec);
  int different = 0, other_segment = 0;
  for (size_t row = 0; row < single.plans.clearance.size(); ++row) {
    different += single.plans.contact_time[row] != exact.plans.contact_time[row];
    // inside a bend two segments can be equally near
    other_segment += std::abs(single.plans.progress[row] - exact.plans.progress[row]) > 1e-3f;
  }
  WARN("float against double lanes: " << different << " of " << single.plans.clearance.size()
                                      << " plans touch at another instant, " << other_segment
                                      << " project to another segment");
  CHECK(different <= 2);
  CHECK(other_segment <= 13);
}

TEST_CASE("A plan's facts do not depend on the size of its group or its place in it",
          "[determinism]") {
  const SceneBatch batch = batch_of(bench_scene(64, 80, 4));
  const Snapshot snapshot = Snapshot::of_log(batch);
  const PlanSet all = vocabulary(batch, snapshot, 8192);
  const Facts expected = run(batch, snapshot, all);
  for (const int size : {1, 4, 13, 21, 48, 512}) {
    for (const int first : {0, 777, 8192 - size}) {
      for (const LaneKernels& lanes : usable_lane_kernels()) {
        if (lanes.precision != Precision::kFloat) continue;
        INFO("plans " << first << " to " << first + size << ", " << lanes.name);
        const Facts facts = run(batch, snapshot, some_plans(all, first, size), {1, 0, &lanes});
        CHECK(world_bytes(facts, 0, 0, size) == world_bytes(expected, 0, first, size));
      }
    }
  }
}

TEST_CASE("A world's facts do not depend on the batch around it", "[determinism]") {
  const SceneBatch batch = five_scenes(21);
  const Snapshot snapshot = Snapshot::of_log(batch);
  Random random(22);
  const PlanSet plans = adversarial_poses(random, snapshot, 40, 41, scene_poses());
  const Facts expected = run(batch, snapshot, plans, {2, 0, nullptr, PartnerSearch::kCompacted});

  std::vector<Scene> reversed;
  std::vector<float> reversed_values;
  for (int world = 4; world >= 0; --world) {
    reversed.push_back(batch.scene(world));
    const std::vector<float> values = world_values(plans, world);
    reversed_values.insert(reversed_values.end(), values.begin(), values.end());
    const SceneBatch alone = batch_of(batch.scene(world));
    const Facts facts =
        run(alone, Snapshot::of_log(alone), PlanSet(values, 1, 40, 41, plans.layout()));
    INFO("world " << world);
    CHECK(world_bytes(facts, 0, 0, 40) == world_bytes(expected, world, 0, 40));
  }
  const SceneBatch backwards(std::move(reversed));
  const Facts facts = run(backwards, Snapshot::of_log(backwards),
                          PlanSet(reversed_values, 5, 40, 41, plans.layout()));
  for (int world = 0; world < 5; ++world) {
    INFO("world " << world);
    CHECK(world_bytes(facts, 4 - world, 0, 40) == world_bytes(expected, world, 0, 40));
  }
  const Facts forked = run(batch, snapshot.fork(1).select(std::vector<int>{3, 3, 1}),
                           PlanSet(world_values(plans, 3), 1, 40, 41, plans.layout()));
  CHECK(world_bytes(forked, 0, 0, 40) == world_bytes(expected, 3, 0, 40));
  CHECK(world_bytes(forked, 1, 0, 40) == world_bytes(expected, 3, 0, 40));
}

TEST_CASE("Plans of one world broadcast like the same plans repeated", "[determinism]") {
  const SceneBatch batch = five_scenes(31);
  const Snapshot snapshot = Snapshot::of_log(batch);
  Random random(32);
  const PlanSet once = random_controls(random, 21, 8, 0.5);
  std::vector<float> values;
  for (int world = 0; world < 5; ++world) {
    const std::vector<float> same = world_values(once, 0);
    values.insert(values.end(), same.begin(), same.end());
  }
  const Facts broadcast = run(batch, snapshot, once);
  const Facts repeated = run(batch, snapshot, PlanSet(values, 5, 21, 8, once.layout()));
  CHECK(bytes_of(broadcast.plans) == bytes_of(repeated.plans));
  CHECK(bytes_of(broadcast.log) == bytes_of(repeated.log));
}

TEST_CASE("Masked plans leave the others' facts as they are", "[determinism]") {
  const SceneBatch batch = five_scenes(41);
  const Snapshot snapshot = Snapshot::of_log(batch);
  Random random(42);
  const PlanSet all = adversarial_poses(random, snapshot, 21, 41, scene_poses());
  std::vector<float> values;
  std::vector<uint8_t> mask;
  for (int world = 0; world < 5; ++world) {
    std::vector<float> own = world_values(all, world);
    const size_t plan_size = own.size() / 21;
    for (size_t plan = 0; plan < 21; ++plan) {
      mask.push_back(random.chance(0.6) ? 1 : 0);
      if (mask.back() != 0) continue;
      // what stands in the place of a missing plan must not matter
      std::fill_n(own.begin() + static_cast<std::ptrdiff_t>(plan * plan_size), plan_size, NAN);
    }
    values.insert(values.end(), own.begin(), own.end());
  }
  const Facts expected = run(batch, snapshot, all);
  const Facts facts = run(batch, snapshot, PlanSet(values, 5, 21, 41, all.layout(), {}, mask));
  CHECK(facts.exists == mask);
  for (int world = 0; world < 5; ++world) {
    for (int plan = 0; plan < 21; ++plan) {
      if (mask[static_cast<size_t>(world * 21 + plan)] == 0) continue;
      INFO("world " << world << " plan " << plan);
      CHECK(world_bytes(facts, world, plan, 1) == world_bytes(expected, world, plan, 1));
    }
  }
}

TEST_CASE("One simulator gives the same facts again, whatever it did in between", "[determinism]") {
  const SceneBatch batch = five_scenes(51);
  const Snapshot snapshot = Snapshot::of_log(batch);
  Random random(52);
  const PlanSet poses = adversarial_poses(random, snapshot, 24, 41, scene_poses());
  const PlanSet late = adversarial_poses(random, snapshot, 24, 20, scene_poses(0.2, 0.2));
  const PlanSet controls = random_controls(random, 13, 16, 0.25);
  const auto model = make_agent_model("log");
  RolloutSpec fine;
  fine.dt = 0.05;
  RolloutSpec wide;
  wide.contact = {5.0f, 7};
  // copies of a world that differ only in velocity or only in size share nothing by mistake
  Snapshot changed = snapshot;
  for (EgoState& state : changed.history) state.velocity_x += 3.0f;
  for (VehicleModel& vehicle : changed.vehicle) vehicle.width += 1.0f;
  Snapshot moved = snapshot;
  for (EgoState& state : moved.history) state.x += 2.0f;
  Simulator simulator(batch);
  struct Job {
    const Snapshot* snapshot;
    const PlanSet* plans;
    RolloutSpec spec;
  };
  const Job jobs[] = {{&snapshot, &poses, {}},    {&snapshot, &late, {}},
                      {&snapshot, &controls, {}}, {&changed, &controls, {}},
                      {&snapshot, &poses, fine},  {&changed, &poses, wide},
                      {&snapshot, &late, fine},   {&snapshot, &poses, {}},
                      {&moved, &poses, {}},       {&snapshot, &poses, {}}};
  for (int round = 0; round < 2; ++round) {
    for (size_t job = 0; job < std::size(jobs); ++job) {
      INFO("round " << round << " job " << job);
      const Facts fresh = run(batch, *jobs[job].snapshot, *jobs[job].plans, {}, jobs[job].spec);
      const Facts used =
          simulator.rollout(*jobs[job].snapshot, *jobs[job].plans, *model, jobs[job].spec);
      CHECK(bytes_of(used.plans) == bytes_of(fresh.plans));
      CHECK(bytes_of(used.log) == bytes_of(fresh.log));
    }
  }
}

TEST_CASE("Signed zeros and denormals in plans give the same facts on every lane",
          "[determinism]") {
  const SceneBatch batch = batch_of(bench_scene(16, 20, 6));
  const Snapshot snapshot = Snapshot::of_log(batch);
  const float special[] = {0.0f, -0.0f, 1e-45f, -1e-45f, 1e-38f, -1e-38f, 1.0f, -1.0f};
  std::vector<float> values;
  for (int plan = 0; plan < 64; ++plan) {
    for (int step = 0; step < 21; ++step) {
      for (int column = 0; column < 3; ++column) {
        values.push_back(special[(plan * 7 + step * 3 + column * 5 + plan / 8) % 8]);
      }
    }
  }
  const PlanSet plans(values, 1, 64, 21, scene_poses());
  std::string expected;
  for (const LaneKernels& lanes : usable_lane_kernels()) {
    if (lanes.precision != Precision::kFloat) continue;
    for (const PartnerSearch search : kSearches) {
      const Facts facts = run(batch, snapshot, plans, {1, 0, &lanes, search});
      if (expected.empty()) expected = bytes_of(facts.plans);
      INFO(lanes.name << ", search " << static_cast<int>(search));
      CHECK(bytes_of(facts.plans) == expected);
      for (const float progress : facts.plans.progress) CHECK(std::isfinite(progress));
    }
  }
}

TEST_CASE("Of two agents that touch at the same instant the lowest track is the partner") {
  for (const bool swap : {false, true}) {
    const double side = swap ? -1.5 : 1.5;
    const SceneBatch batch = batch_of(scene_of(31, {{.speed = 8.0},
                                                    {.x = 15.0, .y = side, .heading = 0.0},
                                                    {.x = 15.0, .y = -side, .heading = 0.0}}));
    const PlanSet plans(straight_poses(0, 0, 0, 8.0, 31), 1, 1, 31, scene_poses());
    for (const LaneKernels& lanes : usable_lane_kernels()) {
      RolloutSpec spec;
      spec.precision = lanes.precision;
      const Facts facts = run(batch, Snapshot::of_log(batch), plans, {1, 0, &lanes}, spec);
      CHECK(facts.plans.contact_step[0] > 0);
      CHECK(facts.plans.contact_track[0] == 1);
      CHECK(facts.plans.clearance_track[0] == 1);
    }
  }
}
