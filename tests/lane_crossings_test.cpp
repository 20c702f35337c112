// Junctions of maps that do not mark them, or not all of them.
#include "sim/lane_crossings.hpp"

#include <cmath>

#include "sim/centerlines.hpp"
#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/scene_builder.hpp"

namespace forkroad::test {
namespace {

MapFeature lane_feature(int64_t id, std::vector<Point3> points) {
  MapFeature lane;
  lane.id = id;
  lane.kind = FeatureKind::kLane;
  lane.type = MapType::kLaneSurfaceStreet;
  lane.points = std::move(points);
  return lane;
}

// Whether the lane of a feature is in a junction at a way along the x axis.
bool in_junction(const Centerlines& lines, int lane, float x) {
  for (const CenterPiece& piece : lines.pieces) {
    const float along = (x - piece.x) * piece.ux;
    if (piece.lane == lane && along >= 0.0f && along <= piece.length) {
      return (piece.flags & kInJunction) != 0;
    }
  }
  FAIL("no piece there");
  return false;
}

// The ego drives west on a street of two lanes that another street crosses at x = 0, 3 m left of
// its own lane, on the lane of those who drive east.
Scene two_streets() {
  Mover ego;
  ego.x = 60.0;
  ego.y = -1.75;
  ego.heading = -kPi;
  ego.speed = 10.0;
  Scene scene = scene_of(111, {ego});
  scene.features = {lane_feature(1, {{-100, -1.75f, 0}, {100, -1.75f, 0}}),
                    lane_feature(2, {{100, 1.75f, 0}, {-100, 1.75f, 0}}),
                    lane_feature(3, {{1.75f, -100, 0}, {1.75f, 100, 0}}),
                    lane_feature(4, {{-1.75f, 100, 0}, {-1.75f, -100, 0}})};
  return scene;
}

int opposite_lane_step(const Scene& scene, int first, int num_steps) {
  const SceneBatch batch = batch_of(scene);
  const int scenes[] = {0}, steps[] = {first}, tracks[] = {0};
  const Snapshot snapshot = Snapshot::of_log(batch, scenes, steps, tracks);
  const std::vector<float> still(static_cast<size_t>(num_steps + 1) * 3, 0.0f);
  PlanLayout layout = scene_poses();
  layout.frame = PlanFrame::kEgo;
  const PlanSet plans(still, 1, 1, num_steps + 1, layout);
  const Facts facts = Simulator(batch).rollout(snapshot, plans, *make_agent_model("log"));
  return facts.log.opposite_lane_step[0];
}

}  // namespace

TEST_CASE("Lanes that cross lie in a junction 15 m around where they do", "[cpu]") {
  const Centerlines lines = find_centerlines(two_streets(), -1);
  for (const int lane : {0, 1}) {
    // the crossing lanes are at x = -1.75 and 1.75
    for (const float x : {-16.0f, -5.0f, 0.0f, 16.0f}) REQUIRE(in_junction(lines, lane, x));
    for (const float x : {-99.0f, -17.5f, 17.5f, 99.0f}) REQUIRE_FALSE(in_junction(lines, lane, x));
  }
  float length = 0.0f;
  for (const CenterPiece& piece : lines.pieces) length += piece.lane == 0 ? piece.length : 0.0f;
  REQUIRE(length == Approx(200.0f));
}

TEST_CASE("Lanes that fork, join, run along each other or belong to bicycles cross nothing",
          "[cpu]") {
  Scene scene = two_streets();
  scene.features = {
      lane_feature(1, {{0, 0, 0}, {100, 0, 0}}),    lane_feature(2, {{0, 0, 0}, {50, 40, 0}}),
      lane_feature(3, {{50, -40, 0}, {100, 0, 0}}), lane_feature(4, {{0, 100, 0}, {100, 97, 0}}),
      lane_feature(5, {{0, 97, 0}, {100, 100, 0}}), lane_feature(6, {{70, -40, 0}, {70, 140, 0}})};
  scene.features[5].type = MapType::kLaneBike;
  for (const CenterPiece& piece : find_centerlines(scene, -1).pieces) {
    REQUIRE((piece.flags & kInJunction) == 0);
  }
}

TEST_CASE("Who crosses a lane for bicycles in a junction is not on it", "[cpu]") {
  Scene scene = two_streets();
  scene.features[2].type = scene.features[3].type = MapType::kLaneBike;
  const Centerlines lines = find_centerlines(scene, -1);
  REQUIRE(lines.has_bike_lanes);
  float length = 0.0f;
  for (const CenterPiece& piece : lines.pieces) {
    const bool for_cars = (piece.flags & kForCars) != 0;
    // lanes for bicycles make no junction for cars
    if (for_cars) REQUIRE((piece.flags & kInJunction) == 0);
    if (!for_cars) REQUIRE(std::abs(piece.y + piece.length * piece.uy) >= 16.7f);
    length += for_cars ? 0.0f : piece.length;
  }
  // 15 m around the outermost of both crossings are left out of either
  REQUIRE(length == Approx(2 * (200.0f - 33.5f)));
}

TEST_CASE("Nothing is driven against where lanes cross", "[cpu]") {
  const Scene scene = two_streets();
  // from x = 13 to -13, further than 2.5 m from the lane outside the junction, and from 60 on
  REQUIRE(opposite_lane_step(scene, 47, 26) == -1);
  // 2 m to the bit at step 2 are not yet more than 2 m
  REQUIRE(opposite_lane_step(scene, 0, 10) == 3);
}

}  // namespace forkroad::test
