#include "tests/commonroad_scenes.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

// The feature that bounds a lane on one side.
const MapFeature& boundary_of(const Scene& scene, int64_t lane_id, bool is_left) {
  const MapFeature& lane = feature_with(scene, lane_id);
  const auto& boundaries = is_left ? lane.left_boundaries : lane.right_boundaries;
  REQUIRE(boundaries.size() == 1);
  REQUIRE(boundaries[0].lane_start == 0);
  REQUIRE(boundaries[0].lane_end == static_cast<int32_t>(lane.points.size()) - 1);
  const MapFeature& feature = feature_with(scene, boundaries[0].feature_id);
  REQUIRE(boundaries[0].type == feature.type);
  return feature;
}

}  // namespace

TEST_CASE("bounds beside nothing are road edges with ids that no lanelet has", "[cpu]") {
  LaneletSpec spec;
  spec.id = 41;
  spec.right_marking = "solid";
  const Scene scene = decode_scene(document(lanelet(spec)));
  REQUIRE(scene.features.size() == 3);
  const MapFeature& left = boundary_of(scene, 41, true);
  const MapFeature& right = boundary_of(scene, 41, false);
  REQUIRE(left.id == 42);
  REQUIRE(right.id == 43);
  REQUIRE(left.kind == FeatureKind::kRoadEdge);
  REQUIRE(left.type == MapType::kEdgeBoundary);
  REQUIRE(right.kind == FeatureKind::kRoadEdge);
  REQUIRE(right.raw_type == "solid");
  REQUIRE(source_point(scene, right.points[2]) == std::pair<double, double>{20, -2});
}

TEST_CASE("road edges have the lanelet on their left", "[cpu]") {
  LaneletSpec spec;
  spec.id = 41;
  const Scene scene = decode_scene(document(lanelet(spec)));
  for (const bool is_left : {true, false}) {
    const MapFeature& edge = boundary_of(scene, 41, is_left);
    CAPTURE(is_left);
    REQUIRE(edge.kind == FeatureKind::kRoadEdge);
    const auto [first, y] = source_point(scene, edge.points.front());
    const double last = source_point(scene, edge.points.back()).first;
    REQUIRE(y == (is_left ? 2 : -2));
    // the lanelet runs along +x between both
    REQUIRE((last > first) == !is_left);
  }
}

TEST_CASE("a bound that two lanelets share is one line, in whatever direction they drive",
          "[cpu]") {
  const LaneletSpec lower{1, {{0, 2}, {20, 2}}, {{0, -2}, {20, -2}}, "", "", ""};
  const LaneletSpec same{2, {{0, 6}, {20, 6}}, {{0, 2}, {20, 2}}, "", "dashed", ""};
  const LaneletSpec oncoming{3, {{20, 6}, {0, 6}}, {{20, 10}, {0, 10}}, "solid", "", ""};
  const Scene scene = decode_scene(document(lanelet(lower) + lanelet(same) + lanelet(oncoming)));
  REQUIRE(count_kind(scene, FeatureKind::kRoadLine) == 2);
  REQUIRE(count_kind(scene, FeatureKind::kRoadEdge) == 2);
  const MapFeature& between = boundary_of(scene, 1, true);
  REQUIRE(between.id == boundary_of(scene, 2, false).id);
  // the marking that only one of them gives counts
  REQUIRE(between.type == MapType::kLineBrokenSingleWhite);
  REQUIRE(between.raw_type == "dashed");
  const MapFeature& middle = boundary_of(scene, 2, true);
  REQUIRE(middle.id == boundary_of(scene, 3, true).id);
  REQUIRE(middle.type == MapType::kLineSolidSingleWhite);
}

TEST_CASE("line markings have their map types and a curb is an edge", "[cpu]") {
  const std::vector<std::pair<std::string, MapType>> markings = {
      {"solid", MapType::kLineSolidSingleWhite},
      {"broad_solid", MapType::kLineSolidSingleWhite},
      {"dashed", MapType::kLineBrokenSingleWhite},
      {"broad_dashed", MapType::kLineBrokenSingleWhite},
      {"solid_solid", MapType::kLineSolidDoubleWhite},
      {"solid_dashed", MapType::kLineUnknown},
      {"no_marking", MapType::kLineUnknown},
      {"", MapType::kLineUnknown},
      {"curb", MapType::kEdgeBoundary},
      {"lowered_curb", MapType::kEdgeBoundary}};
  for (const auto& [marking, type] : markings) {
    LaneletSpec spec;
    spec.left_marking = marking;
    // a neighbour is declared, so that the bound is no outer one
    spec.parts = neighbor("adjacentLeft", 2, "same");
    const Scene scene = decode_scene(document(lanelet(spec)));
    const MapFeature& left = boundary_of(scene, 1, true);
    CAPTURE(marking);
    REQUIRE(left.type == type);
    REQUIRE(left.raw_type == marking);
    REQUIRE(left.kind ==
            (type == MapType::kEdgeBoundary ? FeatureKind::kRoadEdge : FeatureKind::kRoadLine));
  }
}

TEST_CASE("an outer bound that other lanelets cover is no road edge", "[cpu]") {
  // two roads cross: within the crossing the bounds of each lie on the other
  const LaneletSpec across{1, {{-3, 2}, {3, 2}}, {{-3, -2}, {3, -2}}, "", "", ""};
  const LaneletSpec along{2, {{-2, -20}, {-2, 20}}, {{2, -20}, {2, 20}}, "", "", ""};
  const Scene scene = decode_scene(document(lanelet(across) + lanelet(along)));
  REQUIRE(boundary_of(scene, 1, true).kind == FeatureKind::kRoadLine);
  REQUIRE(boundary_of(scene, 1, false).kind == FeatureKind::kRoadLine);
  // the long road is covered for a fifth of its way only
  REQUIRE(boundary_of(scene, 2, true).kind == FeatureKind::kRoadEdge);
}

TEST_CASE("lanelets side by side that do not name each other have no edge between them", "[cpu]") {
  const LaneletSpec lower{1, {{0, 2}, {20, 2}}, {{0, -2}, {20, -2}}, "", "", ""};
  // its right bound has other points than the left bound of the lower one
  const LaneletSpec upper{2, {{0, 6}, {20, 6}}, {{0, 2}, {7, 2}, {20, 2}}, "", "", ""};
  const Scene scene = decode_scene(document(lanelet(lower) + lanelet(upper)));
  REQUIRE(boundary_of(scene, 1, true).kind == FeatureKind::kRoadLine);
  REQUIRE(boundary_of(scene, 2, false).kind == FeatureKind::kRoadLine);
  REQUIRE(boundary_of(scene, 1, false).kind == FeatureKind::kRoadEdge);
  REQUIRE(boundary_of(scene, 2, true).kind == FeatureKind::kRoadEdge);
}
