// The passes as CUDA bodies, emulated on the CPU, against the CPU lanes: the same bits.
#include "kernels/rollout_block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "benchmarks/bench_scene.hpp"
#include "scenarios/generate_scene.hpp"
#include "scenarios/load_scenes.hpp"
#include "sim/rollout_pack.hpp"
#include "sim/simulator.hpp"
#include "sim/vocabulary.hpp"
#include "sim/world_setup.hpp"
#include "tests/catch.hpp"
#include "tests/emulate.hpp"
#include "tests/shared_logs.hpp"

namespace forkroad {
namespace {

constexpr Schedule kSchedules[] = {{ThreadOrder::kForward, 1, SharedFill::kOnes},
                                   {ThreadOrder::kReverse, 2, SharedFill::kZeros},
                                   {ThreadOrder::kRandom, 3, SharedFill::kRandom}};

// The raw tables of a rollout, each allocated to its exact size and filled with NaN.
struct RawTables {
  std::vector<float> facts[kNumFactTables];
  std::vector<float> ego[5];

  RawTables(size_t facts_size, size_t ego_size) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (auto& table : facts) table.assign(facts_size, nan);
    for (auto& table : ego) table.assign(ego_size, nan);
  }
  FactTables fact_tables() {
    FactTables tables;
    size_t k = 0;
#define FORKROAD_TABLE(name) tables.name = facts[k++].data();
    FORKROAD_FACT_TABLES(FORKROAD_TABLE)
#undef FORKROAD_TABLE
    return tables;
  }
  EgoTables ego_tables() {
    return {ego[0].data(), ego[1].data(), ego[2].data(), ego[3].data(), ego[4].data()};
  }
};

// One rollout's inputs as the passes see them.
struct Inputs {
  SceneBatch batch;
  Snapshot snapshot;
  PlanSet plans;
  RolloutSpec spec;
  std::vector<WorldSetup> setups;
  std::vector<WorldView> views;
  RolloutParams params;

  Inputs(std::vector<Scene> scenes, int num_plans)
      : batch(std::move(scenes)), snapshot(Snapshot::of_log(batch)) {
    VocabularySpec vocabulary_spec;
    vocabulary_spec.num_steps = 37;  // not a multiple of a tile
    plans = vocabulary(batch, snapshot, num_plans, vocabulary_spec);
    set_up();
  }

  void set_up() {
    const auto model = make_agent_model("log");
    setups.resize(static_cast<size_t>(batch.size()));
    params = rollout_params(spec, 0);
    views.clear();
    for (int world = 0; world < batch.size(); ++world) {
      WorldSetup& setup = setups[static_cast<size_t>(world)];
      const int num_steps = resolve_num_steps(batch.scene(world), snapshot, world, plans, spec);
      update_world(batch, snapshot, world, plans, spec, num_steps, *model, setup);
      views.push_back(view_world(snapshot, world, plans.layout(), plans.world_values(world),
                                 setup.samples, setup));
      params.max_steps = std::max(params.max_steps, num_steps);
    }
    params.num_worlds = batch.size();
    params.padded_plans = plans.padded_plans();
    params.plan_steps = plans.num_steps();
    params.plan_kind = plans.layout().kind;
    params.ego_frame = plans.layout().frame == PlanFrame::kEgo;
  }

  RawTables make_tables() const {
    const size_t facts =
        static_cast<size_t>(params.num_worlds) * static_cast<size_t>(params.padded_plans);
    return {facts, facts * static_cast<size_t>(params.max_steps + 1)};
  }
};

RawTables run_lanes(Inputs& inputs) {
  RawTables tables = inputs.make_tables();
  RolloutParams params = inputs.params;
  params.worlds = inputs.views.data();
  params.facts = tables.fact_tables();
  params.ego = tables.ego_tables();
  const LaneKernels lanes = lane_kernels(Precision::kFloat, 8);
  int most_agents = 0;
  for (const WorldView& view : inputs.views) most_agents = std::max(most_agents, view.num_agents);
  const size_t bytes = (lanes.scratch_bytes(most_agents) + 63) / 64 * 64;
  std::unique_ptr<void, decltype(&std::free)> scratch(std::aligned_alloc(64, bytes), &std::free);
  for (int world = 0; world < params.num_worlds; ++world) {
    lanes.rollout(params, world, 0, params.padded_plans, PartnerSearch::kCompacted, scratch.get());
  }
  return tables;
}

RawTables run_blocks(Inputs& inputs, const Schedule& schedule) {
  RawTables tables = inputs.make_tables();
  // the bodies read the packed copy, as the GPU does
  RolloutPack pack;
  pack.pack(inputs.params, inputs.views);
  RolloutParams params = inputs.params;
  params.resolve_mixed = nullptr;  // a thread is a lane: it resolves for itself
  params.resolve_answers = nullptr;
  params.project_to_lane = nullptr;
  params.worlds = pack.rebase(pack.bytes().data());
  params.facts = tables.fact_tables();
  params.ego = tables.ego_tables();
  const int blocks = rollout_blocks(params.num_worlds, params.padded_plans);
  const LaunchShape grid = {
      .grid_x = blocks, .grid_y = 1, .threads = kBlockThreads, .shared_bytes = 0};
  emulate(grid, schedule, [&](EmulatedBlock& block) { tracker_block(block, params); });
  emulate(grid, schedule, [&](EmulatedBlock& block) { motion_block(block, params); });
  emulate({.grid_x = blocks,
           .grid_y = 1,
           .threads = kBlockThreads,
           .shared_bytes = contact_shared_bytes()},
          schedule, [&](EmulatedBlock& block) { contact_block(block, params); });
  return tables;
}

bool same_bits(const RawTables& a, const RawTables& b) {
  for (int table = 0; table < kNumFactTables; ++table) {
    if (std::memcmp(a.facts[table].data(), b.facts[table].data(),
                    a.facts[table].size() * sizeof(float)) != 0) {
      UNSCOPED_INFO("fact table " << table << " differs");
      return false;
    }
  }
  // the lanes write traces of position and heading only
  for (const int table : {0, 1, 4}) {
    if (std::memcmp(a.ego[table].data(), b.ego[table].data(),
                    a.ego[table].size() * sizeof(float)) != 0) {
      UNSCOPED_INFO("ego table " << table << " differs");
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("emulated CUDA bodies give the bits of the lanes on generated scenes",
          "[determinism][block]") {
  const int num_plans = GENERATE(1, 4, 13, 31, 32, 33, 48, 257);
  const int num_agents = GENERATE(0, 1, 63, 300);
  std::vector<Scene> scenes;
  scenes.push_back(bench_scene(num_agents, 30, 3));
  scenes.push_back(bench_scene(num_agents / 2, 43, 4));
  Inputs inputs(std::move(scenes), num_plans);
  const RawTables lanes = run_lanes(inputs);
  for (const Schedule& schedule : kSchedules) {
    INFO("plans " << num_plans << ", agents " << num_agents);
    REQUIRE(same_bits(lanes, run_blocks(inputs, schedule)));
  }
}

TEST_CASE("emulated CUDA bodies give the bits of the lanes under controls",
          "[determinism][block]") {
  std::vector<Scene> scenes;
  scenes.push_back(bench_scene(40, 40, 9));
  Inputs inputs(std::move(scenes), 48);
  std::vector<float> values;
  for (int k = 0; k < 48 * 8 * 2; ++k)
    values.push_back(k % 2 == 0 ? 0.1f * float(k % 17) - 1.0f : 0.01f * float(k % 13) - 0.06f);
  PlanLayout layout;
  layout.kind = PlanKind::kControls;
  layout.dt = 0.5;
  inputs.plans = PlanSet(values, 1, 48, 8, layout);
  inputs.set_up();
  const RawTables lanes = run_lanes(inputs);
  for (const Schedule& schedule : kSchedules) {
    REQUIRE(same_bits(lanes, run_blocks(inputs, schedule)));
  }
}

TEST_CASE("emulated CUDA bodies give the bits of the lanes on maps with edges and lights",
          "[determinism][block]") {
  std::vector<Scene> scenes;
  for (const LayoutKind layout : {LayoutKind::kSignalisedCrossing, LayoutKind::kOverpass}) {
    scenes.push_back(generate_scene({}, layout, 11).scene);
    // edges instead of areas: mixed cells of both kinds
    scenes.push_back(scenes.back());
    std::erase_if(scenes.back().features, [](const MapFeature& feature) {
      return feature.kind == FeatureKind::kDrivableArea;
    });
  }
  Inputs inputs(std::move(scenes), 96);
  const RawTables lanes = run_lanes(inputs);
  const auto some = [&](int table) {
    const std::vector<float>& values = lanes.facts[table];
    return std::any_of(values.begin(), values.end(), [](float value) { return value >= 0.0f; });
  };
  REQUIRE(some(8));
  for (const Schedule& schedule : kSchedules) {
    REQUIRE(same_bits(lanes, run_blocks(inputs, schedule)));
  }
}

TEST_CASE("emulated CUDA bodies give the bits of the lanes on real logs", "[determinism][block]") {
  for (const char* name : {"motion_data_one_scenario", "womd_scenario_input"}) {
    const std::string file = test::find_shared(fmt::format("data/womd_tfrecord/{}.tfrecord", name));
    if (file.empty()) {
      WARN("real logs absent: " << name << " is not compared");
      continue;
    }
    Inputs inputs(load_scenes(file), 65);
    const RawTables lanes = run_lanes(inputs);
    for (const Schedule& schedule : kSchedules) {
      INFO(file);
      REQUIRE(same_bits(lanes, run_blocks(inputs, schedule)));
    }
  }
}

TEST_CASE("a plan alone among far plans still meets its partner, whichever thread it has",
          "[determinism][block]") {
  // conservative filters hide wrong reductions unless exactly one thread matters
  constexpr int kPlans = 64;
  constexpr int kSteps = 12;
  std::vector<Scene> scenes;
  scenes.push_back(bench_scene(5, 20, 5));
  Inputs inputs(std::move(scenes), 1);
  const Track& partner = inputs.batch.scene(0).tracks[1];
  for (int chosen = 0; chosen < kPlans; ++chosen) {
    std::vector<float> values;
    for (int plan = 0; plan < kPlans; ++plan) {
      for (size_t step = 1; step <= kSteps; ++step) {
        const float away = plan == chosen ? 0.0f : 5000.0f;
        values.insert(values.end(), {partner.x[step] + away, partner.y[step] - away, 0.0f});
      }
    }
    inputs.plans =
        PlanSet(values, 1, kPlans, kSteps,
                {PlanKind::kPoses, 0.1, 0.1, PlanFrame::kScene, ReferencePoint::kBoxCenter});
    inputs.set_up();
    RawTables blocks = run_blocks(inputs, kSchedules[chosen % 3]);
    INFO("plan " << chosen);
    REQUIRE(same_bits(run_lanes(inputs), blocks));
    for (int plan = 0; plan < kPlans; ++plan) {
      const bool contact = blocks.facts[0][static_cast<size_t>(plan)] < kNeverInstant;
      REQUIRE(contact == (plan == chosen));
    }
  }
}

TEST_CASE("of equal times to collision the earliest step counts, whichever agent it is with",
          "[determinism][block]") {
  // more agents than a warp holds at once; a late one is touched before an early one
  std::vector<Scene> scenes;
  scenes.push_back(bench_scene(300, 30, 3));
  const auto park = [&](size_t index, float x) {
    Track& track = scenes[0].tracks[index];
    std::fill(track.x.begin(), track.x.end(), x);
    std::fill(track.y.begin(), track.y.end(), 5000.0f);
    std::fill(track.heading.begin(), track.heading.end(), 0.0f);
    std::fill(track.velocity_x.begin(), track.velocity_x.end(), 0.0f);
    std::fill(track.velocity_y.begin(), track.velocity_y.end(), 0.0f);
  };
  park(290, 8.0f);
  park(3, 16.0f);
  Inputs inputs(std::move(scenes), 1);
  std::vector<float> values;
  for (int step = 1; step <= 20; ++step) {
    values.insert(values.end(), {2.0f * static_cast<float>(step), 5000.0f, 0.0f});
  }
  inputs.plans =
      PlanSet(values, 1, 1, 20,
              {PlanKind::kPoses, 0.1, 0.1, PlanFrame::kScene, ReferencePoint::kBoxCenter});
  inputs.set_up();
  const RawTables lanes = run_lanes(inputs);
  for (const Schedule& schedule : kSchedules) {
    REQUIRE(same_bits(lanes, run_blocks(inputs, schedule)));
  }
}

}  // namespace forkroad
