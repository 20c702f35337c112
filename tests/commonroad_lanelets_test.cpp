#include <cmath>

#include "scenarios/commonroad_parts.hpp"
#include "tests/commonroad_scenes.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

commonroad::Bound bound_of(const PlanePoints& points) {
  commonroad::Bound bound;
  for (const auto& [x, y] : points) bound.points.push_back({x, y, 0});
  return bound;
}

}  // namespace

TEST_CASE("a lanelet is a lane along the middle of its bounds", "[cpu]") {
  LaneletSpec spec;
  spec.parts = reference("predecessor", 7) + reference("successor", 8) + reference("successor", 9) +
               element("laneletType", "urban") + element("laneletType", "busLane") +
               element("speedLimit", "13.5");
  const Scene scene = decode_scene(document(lanelet(spec)));
  REQUIRE(scene.num_steps == 1);
  REQUIRE(scene.tracks.empty());
  const MapFeature& lane = feature_with(scene, 1);
  REQUIRE(lane.kind == FeatureKind::kLane);
  REQUIRE(lane.type == MapType::kLaneSurfaceStreet);
  REQUIRE(lane.raw_type == "urban,busLane");
  REQUIRE(lane.entry_lanes == std::vector<int64_t>{7});
  REQUIRE(lane.exit_lanes == std::vector<int64_t>{8, 9});
  REQUIRE(lane.speed_limit == 13.5f);
  REQUIRE(lane.points.size() == 3);
  REQUIRE(source_point(scene, lane.points[1]) == std::pair<double, double>{10, 0});
}

TEST_CASE("lane types follow the lanelet's types", "[cpu]") {
  const std::vector<std::pair<std::string, MapType>> types = {
      {"interstate", MapType::kLaneFreeway},         {"mainCarriageWay", MapType::kLaneFreeway},
      {"bicycleLane", MapType::kLaneBike},           {"shoulder", MapType::kLaneEmergency},
      {"intersection", MapType::kLaneSurfaceStreet}, {"sidewalk", MapType::kLaneUndefined}};
  for (const auto& [type, expected] : types) {
    LaneletSpec spec;
    spec.parts = element("laneletType", type);
    REQUIRE(feature_with(decode_scene(document(lanelet(spec))), 1).type == expected);
  }
  REQUIRE(feature_with(decode_scene(document(lanelet({}))), 1).type == MapType::kLaneUndefined);
}

TEST_CASE("bounds of unlike point counts are paired by the way along them", "[cpu]") {
  // the left bound has a point after a quarter of its way, the right one after half
  const auto center = commonroad::center_line(bound_of({{0, 2}, {5, 2}, {20, 2}, {20, 2}}),
                                              bound_of({{0, 0}, {10, 0}, {20, 0}}));
  std::vector<double> places;
  for (const SourcePoint& place : center) {
    REQUIRE(place.y == Approx(1));
    places.push_back(place.x);
  }
  REQUIRE(places.size() == 4);
  REQUIRE(places[1] == Approx(5));
  REQUIRE(places[2] == Approx(10));
  REQUIRE(places[3] == Approx(20));

  LaneletSpec spec;
  spec.left = {{0, 2}, {20, 2}};
  const Scene scene = decode_scene(document(lanelet(spec)));
  REQUIRE(feature_with(scene, 1).points.size() == 3);
  REQUIRE(has_assumption(scene, "1 lanes have bounds of unlike point counts"));
}

TEST_CASE("a bound without length does not break its lane", "[cpu]") {
  const auto center =
      commonroad::center_line(bound_of({{0, 2}, {0, 2}, {0, 2}}), bound_of({{0, 0}, {8, 0}}));
  REQUIRE(center.size() == 3);
  REQUIRE(center[1].x == Approx(2));
  REQUIRE(center[2].x == Approx(4));
}

TEST_CASE("neighbours of the same direction run along the whole lane, others are left out",
          "[cpu]") {
  LaneletSpec lower;
  lower.parts = neighbor("adjacentLeft", 2, "same");
  LaneletSpec upper{2, {{0, 6}, {20, 6}}, {{0, 2}, {20, 2}}, "", "", ""};
  upper.parts = neighbor("adjacentRight", 1, "same") + neighbor("adjacentLeft", 3, "opposite");
  LaneletSpec oncoming{3, {{20, 6}, {0, 6}}, {{20, 10}, {0, 10}}, "", "", ""};
  oncoming.parts = neighbor("adjacentLeft", 2, "opposite") + neighbor("adjacentRight", 99, "same");
  const Scene scene = decode_scene(document(lanelet(lower) + lanelet(upper) + lanelet(oncoming)));
  const MapFeature& lane = feature_with(scene, 1);
  REQUIRE(lane.left_neighbors.size() == 1);
  REQUIRE(lane.left_neighbors[0].feature_id == 2);
  REQUIRE(lane.left_neighbors[0].self_end == 2);
  REQUIRE(lane.left_neighbors[0].neighbor_end == 1);
  REQUIRE(feature_with(scene, 2).right_neighbors.size() == 1);
  REQUIRE(feature_with(scene, 2).left_neighbors.empty());
  REQUIRE(feature_with(scene, 3).right_neighbors.empty());
  REQUIRE(has_assumption(scene, "2 neighbours of opposite direction are left out"));
  REQUIRE(has_assumption(scene, "1 neighbours that the map does not hold"));
}

TEST_CASE("a crosswalk lanelet is a ring and no lane", "[cpu]") {
  LaneletSpec spec;
  spec.parts = element("laneletType", "crosswalk");
  const Scene scene = decode_scene(document(lanelet(spec)));
  REQUIRE(scene.features.size() == 1);
  const MapFeature& crosswalk = scene.features[0];
  REQUIRE(crosswalk.kind == FeatureKind::kCrosswalk);
  REQUIRE(crosswalk.type == MapType::kCrosswalk);
  REQUIRE(crosswalk.points.size() == 6);
  REQUIRE(source_point(scene, crosswalk.points[2]) == std::pair<double, double>{20, 2});
  REQUIRE(source_point(scene, crosswalk.points[3]) == std::pair<double, double>{20, -2});
  // bounds that begin at one point do not repeat it
  spec.right[0] = spec.left[0];
  REQUIRE(decode_scene(document(lanelet(spec))).features[0].points.size() == 5);
}

TEST_CASE("lanelets without two points on each bound are left out, said so", "[cpu]") {
  LaneletSpec broken;
  broken.id = 2;
  broken.left = {{0, 2}};
  const Scene scene = decode_scene(document(lanelet({}) + lanelet(broken)));
  REQUIRE(count_kind(scene, FeatureKind::kLane) == 1);
  REQUIRE(has_assumption(scene, "1 lanelets without two points"));
}
