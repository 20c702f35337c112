// What is taken from a map to say where one may drive.
#include "sim/drivable_area.hpp"

#include <cmath>

#include "scenarios/load_scenes.hpp"
#include "tests/catch.hpp"
#include "tests/random.hpp"
#include "tests/scene_builder.hpp"
#include "tests/shared_logs.hpp"

namespace forkroad {
namespace {

MapFeature line_of(FeatureKind kind, std::vector<Point3> points) {
  MapFeature feature;
  feature.kind = kind;
  feature.points = std::move(points);
  return feature;
}

// Vertices 0.5 m apart from (x0, y0) to (x1, y1).
void go_to(std::vector<Point3>& line, float x, float y) {
  const Point3 from = line.back();
  const int pieces = static_cast<int>(std::ceil(std::hypot(x - from.x, y - from.y) / 0.5f));
  for (int k = 1; k <= pieces; ++k) {
    const float share = static_cast<float>(k) / static_cast<float>(pieces);
    line.push_back({from.x + share * (x - from.x), from.y + share * (y - from.y), 0.0f});
  }
}

// A road along y = 0 with an edge on its right that leaves the map at x = 40 and comes back at
// (60, `back_y`), with nothing in between.
Scene cut_road(float back_y) {
  Scene scene = test::empty_scene(11);
  test::add_track(scene, {.speed = 10.0});
  std::vector<Point3> lane = {{0.0f, 0.0f, 0.0f}};
  go_to(lane, 100.0f, 0.0f);
  std::vector<Point3> edge = {{0.0f, -4.0f, 0.0f}};
  go_to(edge, 40.0f, -4.0f);
  edge.push_back({60.0f, back_y, 0.0f});
  go_to(edge, 100.0f, back_y);
  scene.features = {line_of(FeatureKind::kLane, lane), line_of(FeatureKind::kRoadEdge, edge)};
  return scene;
}

int pieces_across(const DrivableArea& area, float x) {
  int across = 0;
  for (const RoadEdge& edge : area.edges) across += edge.x <= x && edge.x + edge.dx > x;
  return across;
}

TEST_CASE("An edge that a cut drew across a lane bounds nothing there", "[drivable]") {
  const DrivableArea cut = find_drivable_area(cut_road(9.0f), 0);
  CHECK(pieces_across(cut, 20.0f) == 1);
  CHECK(pieces_across(cut, 50.0f) == 0);
  CHECK(pieces_across(cut, 80.0f) == 1);
  for (const RoadEdge& edge : cut.edges) CHECK(edge.before_dx >= 0.0f);
}

TEST_CASE("A long piece of an edge that crosses no lane is a kerb", "[drivable]") {
  CHECK(pieces_across(find_drivable_area(cut_road(-5.0f), 0), 50.0f) == 1);
}

TEST_CASE("An edge all of whose pieces are long is no cut", "[drivable]") {
  Scene scene = cut_road(-5.0f);
  scene.features[1].points = {{0.0f, -4.0f, 0.0f}, {50.0f, 4.0f, 0.0f}, {100.0f, -4.0f, 0.0f}};
  CHECK(find_drivable_area(scene, 0).edges.size() == 2);
}

TEST_CASE("A loop smaller than any car and repeated points leave no edge without a side",
          "[drivable]") {
  Scene scene = cut_road(-5.0f);
  scene.features.push_back(line_of(FeatureKind::kRoadEdge, {{5.0f, 5.0f, 0.0f},
                                                            {5.00001f, 5.0f, 0.0f},
                                                            {5.0f, 5.00001f, 0.0f},
                                                            {5.0f, 5.0f, 0.0f},
                                                            {5.0f, 5.0f, 0.0f}}));
  for (const RoadEdge& edge : find_drivable_area(scene, 0).edges) {
    CHECK(std::isfinite(edge.inverse_length2));
  }
}

// Distance [m] in fp64 from a place to the nearest road edge as the map has it, all its vertices.
double distance_to_edges(const Scene& scene, double x, double y) {
  double nearest2 = 1.0e30;
  for (const MapFeature& feature : scene.features) {
    if (feature.kind != FeatureKind::kRoadEdge) continue;
    for (size_t k = 0; k + 1 < feature.points.size(); ++k) {
      const Point3 &a = feature.points[k], &b = feature.points[k + 1];
      const double dx = double{b.x} - double{a.x}, dy = double{b.y} - double{a.y};
      const double length2 = dx * dx + dy * dy;
      const double rx = x - double{a.x}, ry = y - double{a.y};
      const double share =
          length2 > 0.0 ? std::clamp((rx * dx + ry * dy) / length2, 0.0, 1.0) : 0.0;
      const double ex = rx - share * dx, ey = ry - share * dy;
      nearest2 = std::min(nearest2, ex * ex + ey * ey);
    }
  }
  return std::sqrt(nearest2);
}

TEST_CASE("Edges are where the map has them, to a tenth of a millimetre", "[drivable]") {
  const std::string file = test::find_shared("data/womd_tfrecord/womd_scenario_input.tfrecord");
  if (file.empty()) {
    WARN("not run: no data/womd_tfrecord below FORKROAD_SHARED");
    return;
  }
  const Scene scene = load_scenes(file).front();
  const DrivableArea area = find_drivable_area(scene, scene.ego);
  test::Random random(3);
  size_t vertices = 0;
  for (const MapFeature& feature : scene.features) {
    if (feature.kind == FeatureKind::kRoadEdge) vertices += feature.points.size();
  }
  CHECK(5 * area.edges.size() < 3 * vertices);
  double worst = 0.0;
  for (int k = 0; k < 300; ++k) {
    const RoadEdge& edge =
        area.edges[static_cast<size_t>(random.below(static_cast<int>(area.edges.size())))];
    const double share = random.uniform(0.0, 1.0);
    worst = std::max(worst, distance_to_edges(scene, double{edge.x} + share * double{edge.dx},
                                              double{edge.y} + share * double{edge.dy}));
  }
  CHECK(worst < 1.0e-4);
}

}  // namespace
}  // namespace forkroad
