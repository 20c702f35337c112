// Roads above and below: who is met on them.
#include "worldmodel/level_gate.hpp"

#include <cmath>

#include "scenarios/generate_scene.hpp"
#include "sim/simulator.hpp"
#include "sim/vocabulary.hpp"
#include "tests/catch.hpp"
#include "tests/scene_builder.hpp"

namespace forkroad {
namespace {

// Two cars that cross at the same place and time, the second `height` metres higher.
Scene crossing(float height) {
  Scene scene = test::empty_scene(41);
  test::add_track(scene, {.x = -20.0, .speed = 10.0});
  test::add_track(scene, {.y = -20.0, .heading = test::kPi / 2, .speed = 10.0});
  for (size_t step = 0; step < 41; ++step) {
    // the road rises a little, so that heights are known
    scene.tracks[0].z[step] = 1.0f + 0.01f * static_cast<float>(step);
    scene.tracks[1].z[step] = 1.0f + height;
  }
  return scene;
}

int32_t log_contact(const Scene& scene) {
  const SceneBatch batch({scene});
  const Snapshot snapshot = Snapshot::of_log(batch);
  return Simulator(batch)
      .rollout(snapshot, vocabulary(batch, snapshot, 1, {}), *make_agent_model("log"),
               RolloutSpec{})
      .log.contact_step[0];
}

TEST_CASE("A car on a bridge above or a road below is not met", "[level_gate]") {
  REQUIRE(log_contact(crossing(0.0f)) > 0);
  REQUIRE(log_contact(crossing(1.5f)) > 0);
  REQUIRE(log_contact(crossing(6.0f)) == -1);
  REQUIRE(log_contact(crossing(-6.0f)) == -1);
}

TEST_CASE("Where heights are not known nobody is left out", "[level_gate]") {
  Scene scene = crossing(6.0f);
  for (size_t step = 0; step < 41; ++step) scene.tracks[0].z[step] = 0.8f;
  for (float& height : scene.tracks[0].height) height = 1.6f;
  // a log whose ground is always at the source's height 0 says nothing of levels
  REQUIRE(log_contact(scene) > 0);
}

TEST_CASE("A level rises and falls with the logged road", "[level_gate]") {
  Scene scene = test::empty_scene(41);
  test::add_track(scene, {.speed = 10.0});
  for (size_t step = 0; step < 41; ++step) {
    scene.tracks[0].z[step] = 0.8f + 0.2f * static_cast<float>(step);
  }
  const LevelGate gate(scene, 0);
  REQUIRE(gate.on_level(Point3{40.0f, 0.0f, 8.0f}));
  REQUIRE_FALSE(gate.on_level(Point3{40.0f, 0.0f, 2.0f}));
  REQUIRE_FALSE(gate.on_level(Point3{0.0f, 0.0f, 8.0f}));
  // further away the road may have risen
  REQUIRE(gate.on_level(Point3{0.0f, 100.0f, 8.0f}));
}

TEST_CASE("Plans on a generated overpass meet only who is on their road", "[level_gate]") {
  int contacts = 0;
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    const Scene scene = generate_scene({}, LayoutKind::kOverpass, seed).scene;
    const SceneBatch batch({scene});
    const Snapshot snapshot = Snapshot::of_log(batch);
    const Facts facts = Simulator(batch).rollout(snapshot, vocabulary(batch, snapshot, 256, {}),
                                                 *make_agent_model("log"), RolloutSpec{});
    for (size_t plan = 0; plan < 256; ++plan) {
      if (facts.plans.contact_track[plan] < 0) continue;
      ++contacts;
      const Track& met = scene.tracks[static_cast<size_t>(facts.plans.contact_track[plan])];
      const size_t step = static_cast<size_t>(scene.current_step + facts.plans.contact_step[plan]);
      INFO("seed " << seed << ", plan " << plan);
      // the bridge is at least 6 m above the road below it
      REQUIRE(std::abs(met.z[step] - scene.tracks[0].z[step]) < 5.5f);
    }
  }
  REQUIRE(contacts > 50);
}

}  // namespace
}  // namespace forkroad
