#include "scenarios/generated_scene.hpp"

#include <algorithm>
#include <cmath>

#include "sim/simulator.hpp"
#include "sim/vocabulary.hpp"
#include "tests/catch.hpp"
#include "tests/scene_builder.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

TEST_CASE("The generated scene is sound and nobody touches the ego in its log") {
  for (const double dt : {0.1, 0.2, 0.05, 0.02}) {
    const int steps = static_cast<int>(std::lround(9.0 / dt)) + 1;
    const SceneBatch batch = batch_of(generated_scene({dt, steps, 0}));
    const PlanSet plans = vocabulary(batch, 16);
    const Facts facts =
        Simulator(batch).rollout(Snapshot::of_log(batch), plans, *make_agent_model("log"));
    INFO("dt " << dt);
    CHECK(facts.log.contact_step[0] == -1);
    CHECK(facts.log.clearance[0] > 0.0f);
    CHECK(facts.log.progress[0] > 20.0f);
  }
}

TEST_CASE("In the generated scene no track touches another", "[property]") {
  const SceneBatch batch = batch_of(generated_scene({0.1, 91, 0}));
  const Scene& scene = batch.scene(0);
  for (int focal = 0; focal < static_cast<int>(scene.tracks.size()); ++focal) {
    const Track& track = scene.tracks[static_cast<size_t>(focal)];
    const auto first = std::find(track.valid.begin(), track.valid.end(), 1);
    const int step = static_cast<int>(first - track.valid.begin());
    const Snapshot snapshot = Snapshot::of_log(batch, std::vector<int>{0}, std::vector<int>{step},
                                               std::vector<int>{focal});
    const PlanSet still(std::vector<float>(3 * 91), 1, 1, 91, scene_poses());
    const Facts facts = Simulator(batch).rollout(snapshot, still, *make_agent_model("log"));
    INFO("track " << focal << " (" << track.raw_type << ") meets " << facts.log.contact_track[0]);
    CHECK(facts.log.contact_step[0] == -1);
  }
}

TEST_CASE("The generated scene moves as its velocities say", "[property]") {
  const Scene scene = generated_scene();
  for (const Track& track : scene.tracks) {
    for (size_t step = 1; step < track.x.size(); ++step) {
      if (track.valid[step] == 0 || track.valid[step - 1] == 0) continue;
      const float mean_x = 0.5f * (track.velocity_x[step] + track.velocity_x[step - 1]);
      const float mean_y = 0.5f * (track.velocity_y[step] + track.velocity_y[step - 1]);
      CHECK(track.x[step] - track.x[step - 1] == Approx(0.1f * mean_x).margin(0.02));
      CHECK(track.y[step] - track.y[step - 1] == Approx(0.1f * mean_y).margin(0.02));
    }
  }
}

TEST_CASE("The generated scene is the same every time and does not change with its length",
          "[determinism]") {
  const Scene first = generated_scene(), again = generated_scene();
  const Scene longer = generated_scene({0.1, 120, 10});
  REQUIRE(first.tracks.size() == again.tracks.size());
  for (size_t track = 0; track < first.tracks.size(); ++track) {
    CHECK(first.tracks[track].x == again.tracks[track].x);
    CHECK(first.tracks[track].velocity_y == again.tracks[track].velocity_y);
    CHECK(std::equal(first.tracks[track].x.begin(), first.tracks[track].x.end(),
                     longer.tracks[track].x.begin()));
  }
}

TEST_CASE("Every spec in range gives a sound scene", "[property]") {
  for (const GeneratedSceneSpec spec :
       {GeneratedSceneSpec{0.1, 1, 0}, GeneratedSceneSpec{0.001, 30, 2},
        GeneratedSceneSpec{0.1, 2000, 1999}, GeneratedSceneSpec{10.0, 50, 7},
        GeneratedSceneSpec{10.0, 360, 7}}) {
    INFO("dt " << spec.dt << ", steps " << spec.num_steps);
    CHECK(find_scene_fault(generated_scene(spec)) == "");
  }
}

TEST_CASE("A spec of a generated scene out of range is named") {
  for (const GeneratedSceneSpec spec :
       {GeneratedSceneSpec{0.0, 91, 10}, GeneratedSceneSpec{-1.0, 91, 10},
        GeneratedSceneSpec{std::nan(""), 91, 10}, GeneratedSceneSpec{10.0, 1000, 10},
        GeneratedSceneSpec{0.1, 0, 0}, GeneratedSceneSpec{0.1, 200'000, 0},
        GeneratedSceneSpec{0.1, 91, 91}, GeneratedSceneSpec{0.1, 91, -1}}) {
    CHECK_THROWS_WITH(generated_scene(spec), Contains("generated_scene: got dt"));
  }
}
