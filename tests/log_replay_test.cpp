#include "worldmodel/log_replay.hpp"

#include <cmath>

#include "benchmarks/bench_scene.hpp"
#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/contact_reference.hpp"
#include "tests/scene_builder.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

TEST_CASE("On a log step the state is the stored one to the bit") {
  const Scene scene = bench_scene(5, 400, 1);
  for (const Track& track : scene.tracks) {
    for (int step = 0; step < scene.num_steps; ++step) {
      const AgentState state = state_in_log(scene, track, step * scene.dt);
      const size_t at = static_cast<size_t>(step);
      REQUIRE(state.observed);
      REQUIRE(state.x == track.x[at]);
      REQUIRE(state.y == track.y[at]);
      REQUIRE(state.heading == track.heading[at]);
      REQUIRE(state.velocity_x == track.velocity_x[at]);
      REQUIRE(state.length == track.length[at]);
    }
  }
}

TEST_CASE("Between log steps the state agrees with the reference", "[differential]") {
  Scene scene = scene_of(31, {{.heading = 3.0, .speed = 7.0, .yaw_rate = 1.0},
                              {.x = 4.0, .speed = 3.0, .first = 7, .last = 20}});
  double worst = 0.0;
  for (const Track& track : scene.tracks) {
    for (int k = -20; k <= 330; ++k) {
      const double time = k * 0.01;
      const AgentState state = state_in_log(scene, track, time);
      const ReferenceAgent expected = agent_in_log(scene, track, time);
      INFO("time " << time);
      REQUIRE(state.observed == expected.observed);
      if (!state.observed) continue;
      worst = std::max(worst, std::abs(static_cast<double>(state.x) - expected.box.x));
      worst = std::max(worst, std::abs(static_cast<double>(state.y) - expected.box.y));
      worst = std::max(
          worst, std::abs(std::remainder(static_cast<double>(state.heading) - expected.box.heading,
                                         2.0 * kPi)));
      worst =
          std::max(worst, std::abs(static_cast<double>(state.velocity_x) - expected.velocity_x));
    }
  }
  CHECK(worst < 5.0e-6);
}

TEST_CASE("Outside the log and at impossible times nobody is observed") {
  const Scene scene = scene_of(11, {{.speed = 1.0}});
  const Track& track = scene.tracks[0];
  for (const double time : {-0.1, -0.04, 1.04, 1.1, 1.0e30, -1.0e30}) {
    INFO("time " << time);
    CHECK_FALSE(state_in_log(scene, track, time).observed);
  }
  CHECK(state_in_log(scene, track, 1.0).observed);
  CHECK(state_in_log(scene, track, 0.0).observed);
}

TEST_CASE("Log replay shows every track but the focal one, as the log has it") {
  const SceneBatch batch = batch_of(bench_scene(6, 30, 2));
  const Scene& scene = batch.scene(0);
  for (const int focal : {0, 3, 6}) {
    const Snapshot snapshot =
        Snapshot::of_log(batch, std::vector<int>{0}, std::vector<int>{4}, std::vector<int>{focal});
    const PlanSet plans(straight_poses(0, 0, 0, 5.0, 27), 1, 1, 27, scene_poses());
    Facts facts;
    RolloutTraces traces;
    Simulator(batch).rollout(snapshot, plans, *make_agent_model("log"), {}, facts, &traces);
    REQUIRE(facts.num_steps[0] == 26);
    REQUIRE(traces.agent_track[0].size() == 6);
    for (size_t agent = 0; agent < 6; ++agent) {
      const int track = traces.agent_track[0][agent];
      CHECK(track != focal);
      CHECK(track == static_cast<int>(agent) + (static_cast<int>(agent) >= focal ? 1 : 0));
      for (size_t step = 0; step <= 26; ++step) {
        const Track& stored = scene.tracks[static_cast<size_t>(track)];
        CHECK(traces.agent_x[0][step * 6 + agent] == stored.x[step + 4]);
        CHECK(traces.agent_y[0][step * 6 + agent] == stored.y[step + 4]);
        CHECK(traces.agent_heading[0][step * 6 + agent] == stored.heading[step + 4]);
      }
    }
  }
}

TEST_CASE("Traces show the plan's own poses and NaN past a world's last step") {
  std::vector<Scene> scenes = {bench_scene(2, 10, 1), bench_scene(2, 20, 2)};
  const SceneBatch batch(std::move(scenes));
  const std::vector<float> poses = straight_poses(1.5, 2.5, 0.25, 7.0, 31);
  Facts facts;
  RolloutTraces traces;
  Simulator(batch).rollout(Snapshot::of_log(batch), PlanSet(poses, 1, 1, 31, scene_poses()),
                           *make_agent_model("log"), {}, facts, &traces);
  REQUIRE(traces.num_steps == 20);
  REQUIRE(traces.ego_x.size() == 42);
  for (size_t world = 0; world < 2; ++world) {
    for (size_t step = 0; step <= 20; ++step) {
      const size_t at = world * 21 + step;
      const bool simulated = step <= static_cast<size_t>(facts.num_steps[world]);
      INFO("world " << world << " step " << step);
      CHECK(std::isnan(traces.ego_x[at]) != simulated);
      if (!simulated) continue;
      CHECK(traces.ego_x[at] == poses[step * 3]);
      CHECK(traces.ego_y[at] == poses[step * 3 + 1]);
      CHECK(traces.ego_heading[at] == poses[step * 3 + 2]);
    }
  }
}

TEST_CASE("Agent models are known by name") {
  CHECK(make_agent_model("log")->name() == "log");
  CHECK_THROWS_WITH(make_agent_model("psychic"), Contains("unknown agent model 'psychic'"));
}
