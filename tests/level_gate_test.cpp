// Roads above and below: who is met on them.
#include "worldmodel/level_gate.hpp"

#include <algorithm>
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

MapFeature lane_through(int64_t id, std::vector<Point3> points, std::vector<int64_t> exits = {}) {
  MapFeature lane;
  lane.id = id;
  lane.points = std::move(points);
  lane.exit_lanes = std::move(exits);
  return lane;
}

// A log along y = 0 from x = 0 to 40, a hill of 12 % that the road goes on to, and a bridge over
// the log that the hill leads to.
Scene road_up_a_hill() {
  Scene scene = test::empty_scene(41);
  test::add_track(scene, {.speed = 10.0});
  for (size_t step = 0; step < 41; ++step) {
    scene.tracks[0].z[step] = 1.0f + 0.001f * static_cast<float>(step);
  }
  scene.features = {
      lane_through(1, {{0.0f, 0.0f, 0.3f}, {40.0f, 0.0f, 0.3f}, {60.0f, 0.0f, 0.3f}}, {2}),
      lane_through(2, {{60.0f, 0.0f, 0.3f}, {160.0f, 0.0f, 12.3f}, {260.0f, 0.0f, 24.3f}}, {3}),
      lane_through(3, {{260.0f, 0.0f, 24.3f}, {260.0f, 80.0f, 24.3f}, {20.0f, 80.0f, 24.3f}}, {4}),
      lane_through(4, {{20.0f, 80.0f, 24.3f}, {20.0f, -80.0f, 12.3f}}, {5}),
      lane_through(5, {{20.0f, -80.0f, 12.3f}, {20.0f, -200.0f, 0.3f}}),
      // as high as the hill, but nothing leads there
      lane_through(6, {{200.0f, -60.0f, 24.3f}, {260.0f, -60.0f, 24.3f}}),
  };
  return scene;
}

TEST_CASE("A road that climbs steadily is followed along its lanes", "[level_gate]") {
  const Scene scene = road_up_a_hill();
  LevelGate gate(scene, 0);
  const Point3 beside_hill = {230.0f, 4.0f, 20.7f};
  REQUIRE_FALSE(gate.on_level(beside_hill));
  gate.follow_lanes(scene.features);
  CHECK(gate.on_level(beside_hill));
  CHECK(gate.on_level(scene.features[1].points));
  CHECK(gate.on_level(scene.features[2].points));
  // what lies below the hill, or far beside it, does not belong to it
  CHECK_FALSE(gate.on_level(Point3{230.0f, 4.0f, 14.0f + 20.0f}));
  CHECK_FALSE(gate.on_level(Point3{150.0f, 40.0f, 24.3f}));
  CHECK_FALSE(gate.on_level(scene.features[5].points));
}

TEST_CASE("A road that leads over the logged one is not followed any further", "[level_gate]") {
  const Scene scene = road_up_a_hill();
  LevelGate gate(scene, 0);
  gate.follow_lanes(scene.features);
  CHECK_FALSE(gate.on_level(scene.features[3].points));
  CHECK_FALSE(gate.on_level(Point3{20.0f, 2.0f, 18.3f}));
  CHECK_FALSE(gate.on_level(Point3{20.0f, -30.0f, 16.0f}));
}

// The log's road goes on level below a bridge, far enough from the log that the bridge's height is
// within what a road may have climbed there; the bridge comes down on one side.
Scene road_below_a_bridge() {
  Scene scene = road_up_a_hill();
  scene.features = {
      lane_through(1, {{0.0f, 0.0f, 0.3f}, {60.0f, 0.0f, 0.3f}}, {2}),
      lane_through(2, {{60.0f, 0.0f, 0.3f}, {260.0f, 0.0f, 0.3f}}),
      lane_through(3, {{200.0f, -80.0f, 6.3f}, {200.0f, 80.0f, 6.3f}}, {4}),
      lane_through(4, {{200.0f, 80.0f, 6.3f}, {200.0f, 200.0f, 0.3f}}),
      // as far away and as high, but it passes above nothing
      lane_through(5, {{160.0f, 40.0f, 6.3f}, {160.0f, 200.0f, 6.3f}}),
  };
  return scene;
}

TEST_CASE("A bridge over the road ahead is kept out with what goes on from it", "[level_gate]") {
  const Scene scene = road_below_a_bridge();
  LevelGate gate(scene, 0);
  for (const MapFeature& lane : scene.features) REQUIRE(gate.on_level(lane.points));
  gate.follow_lanes(scene.features);
  CHECK(gate.on_level(scene.features[0].points));
  CHECK(gate.on_level(scene.features[1].points));
  CHECK_FALSE(gate.on_level(scene.features[2].points));
  CHECK_FALSE(gate.on_level(scene.features[3].points));
  CHECK(gate.on_level(scene.features[4].points));
  // beside the bridge, below it, and where the height of its ramp is that of the road
  CHECK_FALSE(gate.on_level(Point3{204.0f, -40.0f, 6.3f}));
  CHECK(gate.on_level(Point3{204.0f, 3.0f, 0.3f}));
  CHECK_FALSE(gate.on_level(Point3{204.0f, 190.0f, 0.8f}));
}

TEST_CASE("A road below the bridge that the log is on is kept out", "[level_gate]") {
  Scene scene = road_below_a_bridge();
  for (MapFeature& lane : scene.features) {
    for (Point3& point : lane.points) point.z = lane.id <= 2 ? 0.3f : 0.3f - point.z;
  }
  LevelGate gate(scene, 0);
  REQUIRE(gate.on_level(scene.features[2].points));
  gate.follow_lanes(scene.features);
  CHECK_FALSE(gate.on_level(scene.features[2].points));
  CHECK(gate.on_level(scene.features[1].points));
  CHECK(gate.on_level(scene.features[4].points));
}

TEST_CASE("Lanes that do not meet end to end are not followed", "[level_gate]") {
  for (const bool aside : {false, true}) {
    Scene scene = road_up_a_hill();
    Point3& start = scene.features[2].points.front();
    (aside ? start.y : start.z) += 3.0f;
    LevelGate gate(scene, 0);
    gate.follow_lanes(scene.features);
    CHECK_FALSE(gate.on_level(Point3{20.0f, 80.0f, 24.3f}));
  }
}

// The step at which a plan along x, 70 m/s fast, meets a car that stands at a place.
int32_t contact_of_plan(Scene scene, const Point3& ground) {
  test::add_track(scene, {.x = ground.x, .y = ground.y, .heading = test::kPi / 2});
  std::fill(scene.tracks[1].z.begin(), scene.tracks[1].z.end(),
            ground.z + 0.5f * scene.tracks[1].height[0]);
  const SceneBatch batch({scene});
  std::vector<float> poses;
  for (int step = 0; step <= 40; ++step) {
    poses.insert(poses.end(), {7.0f * static_cast<float>(step), 0.0f, 0.0f});
  }
  PlanLayout layout;
  layout.dt = 0.1;
  layout.first_time = 0.0;
  const PlanSet plans(poses, 1, 1, 41, layout);
  return Simulator(batch)
      .rollout(Snapshot::of_log(batch), plans, *make_agent_model("log"), RolloutSpec{})
      .plans.contact_step[0];
}

TEST_CASE("Plans beyond the log meet who is on their road there, and nobody on a bridge over it",
          "[level_gate]") {
  CHECK(contact_of_plan(road_below_a_bridge(), {200.0f, 0.0f, 6.3f}) == -1);
  CHECK(contact_of_plan(road_below_a_bridge(), {200.0f, 0.0f, 0.3f}) > 0);
  // 120 m up a hill of 12 %
  CHECK(contact_of_plan(road_up_a_hill(), {180.0f, 0.0f, 14.7f}) > 0);
  CHECK(contact_of_plan(road_up_a_hill(), {180.0f, 0.0f, 24.7f}) == -1);
}

TEST_CASE("Plans on a generated overpass meet only who is on their road", "[level_gate]") {
  int contacts = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
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
