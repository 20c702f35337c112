// The raster against the whole area, against the generator's truth, and on real logs.
#include "sim/drivable_raster.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>

#include "kernels/road.hpp"
#include "scenarios/generate_scene.hpp"
#include "scenarios/load_scenes.hpp"
#include "tests/catch.hpp"
#include "tests/scene_builder.hpp"
#include "tests/shared_logs.hpp"

namespace forkroad {
namespace {

class Uniform {
 public:
  explicit Uniform(uint64_t seed) : engine_(seed) {}
  float operator()(float low, float high) {
    return low + (high - low) * static_cast<float>(engine_() >> 40) * 0x1.0p-24f;
  }

 private:
  std::mt19937_64 engine_;
};

float distance_to_lanes(const DrivableArea& area, float x, float y) {
  float nearest = 3.0e38f;
  for (const auto* places : {&area.lane_places, &area.log_places}) {
    for (const auto& place : *places) {
      nearest = std::min(nearest, std::hypot(x - place[0], y - place[1]));
    }
  }
  return nearest;
}

bool in_some_ring(const DrivableArea& area, float x, float y) {
  DrivableArea rings = area;
  rings.edges.clear();
  return !is_off_road(rings, x, y);
}

// Whether raster and area may differ for rounding: near an edge, or as near to two of them.
bool near_border(const DrivableArea& area, float x, float y) {
  const float step = 1.0e-4f;
  const bool here = is_off_road(area, x, y);
  return here != is_off_road(area, x + step, y) || here != is_off_road(area, x - step, y) ||
         here != is_off_road(area, x, y + step) || here != is_off_road(area, x, y - step);
}

// Points all over the raster, half of them near lanes.
void compare_with_area(const DrivableArea& area, int num_points, uint64_t seed) {
  const DrivableRaster raster(area);
  const DrivableView view = raster.view();
  REQUIRE(view.columns > 0);
  Uniform uniform(seed);
  int off = 0;
  for (int k = 0; k < num_points; ++k) {
    float x = view.origin_x + uniform(0.0f, 1.0f) * static_cast<float>(view.columns);
    float y = view.origin_y + uniform(0.0f, 1.0f) * static_cast<float>(view.rows);
    if (k % 2 == 0 && !area.lane_places.empty()) {
      const size_t at = static_cast<size_t>(uniform(0.0f, 1.0f) *
                                            static_cast<float>(area.lane_places.size() - 1));
      x = area.lane_places[at][0] + uniform(-8.0f, 8.0f);
      y = area.lane_places[at][1] + uniform(-8.0f, 8.0f);
    }
    const bool got = place_is_off_road(view, x, y);
    off += got ? 1 : 0;
    INFO("point " << x << ", " << y);
    const float lanes = distance_to_lanes(area, x, y);
    // the reach of lanes goes by cells
    if (area.lane_places.empty() || lanes < kLaneReach - 1.0f) {
      if (got != is_off_road(area, x, y)) REQUIRE(near_border(area, x, y));
    } else if (lanes > kLaneReach + 1.0f) {
      if (got == in_some_ring(area, x, y)) REQUIRE(near_border(area, x, y));
    }
  }
  REQUIRE(off > num_points / 100);
}

Scene without_areas(Scene scene) {
  std::erase_if(scene.features, [](const MapFeature& feature) {
    return feature.kind == FeatureKind::kDrivableArea;
  });
  return scene;
}

TEST_CASE("The raster answers as the whole area does on generated maps", "[drivable]") {
  for (const LayoutKind layout : all_layouts()) {
    const Scene scene = generate_scene({}, layout, 5).scene;
    INFO(layout_name(layout));
    compare_with_area(find_drivable_area(scene, 0), 1000, 1);
    compare_with_area(find_drivable_area(without_areas(scene), 0), 1000, 2);
  }
}

TEST_CASE("The raster answers as the whole area does on real logs", "[drivable][real]") {
  const std::string folder = test::find_shared("data/womd_tfrecord");
  if (folder.empty()) {
    WARN("real logs are absent (FORKROAD_SHARED): nothing checked");
    return;
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto stream = open_scenes(entry.path().string());
    if (!stream) continue;
    while (const auto scene = stream.value()->next()) {
      if (!scene->ok() || scene->value().ego < 0) continue;
      compare_with_area(find_drivable_area(scene->value(), scene->value().ego), 3000, 3);
    }
  }
}

MapFeature line_feature(int64_t id, FeatureKind kind, std::vector<Point3> points) {
  MapFeature feature;
  feature.id = id;
  feature.kind = kind;
  feature.type = kind == FeatureKind::kLane ? MapType::kLaneSurfaceStreet : MapType::kEdgeBoundary;
  feature.points = std::move(points);
  return feature;
}

TEST_CASE("Where the map lacks the lane of the log its edges still bound the road", "[drivable]") {
  // 40 m between the edges, a lane at one of them, the log 28 m beside that lane
  test::Mover ego;
  ego.y = 14.0;
  ego.speed = 10.0;
  Scene scene = test::scene_of(41, {ego});
  scene.features = {line_feature(1, FeatureKind::kRoadEdge, {{-50, -20, 0}, {100, -20, 0}}),
                    line_feature(2, FeatureKind::kRoadEdge, {{100, 20, 0}, {-50, 20, 0}}),
                    line_feature(3, FeatureKind::kLane, {{-50, -14, 0}, {100, -14, 0}})};
  const DrivableArea area = find_drivable_area(scene, 0);
  const DrivableRaster raster(area);
  REQUIRE_FALSE(place_is_off_road(raster.view(), 20.0f, 14.0f));
  REQUIRE_FALSE(place_is_off_road(raster.view(), 20.0f, 19.0f));
  REQUIRE(place_is_off_road(raster.view(), 20.0f, 21.0f));
  // neither near the lane nor near the log
  REQUIRE(place_is_off_road(raster.view(), 20.0f, 0.0f));
  scene.tracks[0].kind = AgentKind::kPedestrian;
  REQUIRE(place_is_off_road(DrivableRaster(find_drivable_area(scene, 0)).view(), 20.0f, 14.0f));
}

TEST_CASE("The ground between the bounds of a lanelet is drivable on both sides of an edge",
          "[drivable]") {
  test::Mover ego;
  ego.speed = 10.0;
  Scene scene = test::scene_of(41, {ego});
  // an edge of another lanelet ends in the middle of the road, as in junctions
  scene.features = {line_feature(1, FeatureKind::kRoadLine, {{-50, 2, 0}, {100, 2, 0}}),
                    line_feature(2, FeatureKind::kRoadEdge, {{-50, -2, 0}, {100, -2, 0}}),
                    line_feature(3, FeatureKind::kLane, {{-50, 0, 0}, {100, 0, 0}}),
                    line_feature(4, FeatureKind::kRoadEdge, {{60, 1, 0}, {70, 1, 0}})};
  scene.features[0].type = MapType::kLineUnknown;
  scene.features[2].left_boundaries = {{1, 0, 1, MapType::kLineUnknown}};
  scene.features[2].right_boundaries = {{2, 0, 1, MapType::kEdgeBoundary}};
  const auto is_off = [&](float x, float y) {
    return place_is_off_road(DrivableRaster(find_drivable_area(scene, 0)).view(), x, y);
  };
  REQUIRE_FALSE(is_off(65.0f, 0.5f));
  REQUIRE(is_off(65.0f, -2.5f));
  // bounds that run on beyond the lane say nothing of its ground
  scene.features[0].points.front().x = -80;
  REQUIRE(is_off(65.0f, 0.5f));
}

// The levels that the ego's log is on: those whose surface is nearest to it all along.
std::vector<const Level*> levels_of_log(const GeneratedScene& generated) {
  const Track& ego = generated.scene.tracks[0];
  const LayoutTruth& truth = generated.truth;
  const auto gap = [&](const Level& level) {
    double most = 0.0;
    for (size_t step = 0; step < ego.x.size(); ++step) {
      if (ego.valid[step] == 0) continue;
      const double surface =
          level.surface.at({ego.x[step] - truth.shift().x, ego.y[step] - truth.shift().y});
      const double ground = ego.z[step] - 0.5 * ego.height[step] - truth.shift_z();
      most = std::max(most, std::abs(ground - surface));
    }
    return most;
  };
  std::vector<const Level*> levels;
  for (const Level& level : truth.layout().levels) {
    if (gap(level) < 0.1) levels.push_back(&level);
  }
  REQUIRE_FALSE(levels.empty());
  return levels;
}

// Share of random points for which the raster says what is true of the ego's road by construction;
// points within 1 mm of an edge do not count, and with `near_edges` neither do those more than 20 m
// beside the road.
double agreement(const GeneratedScene& generated, const Scene& scene, bool near_edges) {
  const Vec2 shift = generated.truth.shift();
  const auto levels = levels_of_log(generated);
  const DrivableArea area = find_drivable_area(scene, 0);
  const DrivableRaster raster(area);
  const DrivableView view = raster.view();
  Uniform uniform(9);
  int compared = 0, equal = 0;
  while (compared < 4000) {
    const float x = view.origin_x + uniform(0.0f, 1.0f) * static_cast<float>(view.columns);
    const float y = view.origin_y + uniform(0.0f, 1.0f) * static_cast<float>(view.rows);
    const Vec2 point = {x - shift.x, y - shift.y};
    double edge = 1.0e9;
    bool is_drivable = false;
    for (const Level* level : levels) {
      edge = std::min(edge, distance_to_boundary(*level, point));
      is_drivable = is_drivable || is_inside(*level, point);
    }
    if (edge < 1.0e-3 || (near_edges && !is_drivable && edge > 20.0)) continue;
    ++compared;
    equal += place_is_off_road(view, x, y) != is_drivable ? 1 : 0;
  }
  return static_cast<double>(equal) / compared;
}

TEST_CASE("Drivable ground of generated maps is what their construction says", "[drivable]") {
  for (const LayoutKind layout : all_layouts()) {
    // of overpasses some logs end before the crossing and some on a ramp
    const uint64_t num_seeds = layout == LayoutKind::kOverpass ? 12 : 3;
    for (uint64_t seed = 1; seed <= num_seeds; ++seed) {
      const GeneratedScene generated = generate_scene({}, layout, seed);
      INFO(layout_name(layout) << ", seed " << seed);
      CHECK(agreement(generated, generated.scene, false) == 1.0);
      CHECK(agreement(generated, without_areas(generated.scene), true) >= 0.97);
    }
  }
}

TEST_CASE("A corner belongs to the road by both of its edges", "[drivable]") {
  Scene scene;
  MapFeature edge;
  edge.kind = FeatureKind::kRoadEdge;
  SECTION("where the edge turns left, inside of both") {
    edge.points = {{0, 0, 0}, {10, 0, 0}, {10, 10, 0}};
    scene.features.push_back(edge);
    const DrivableArea area = find_drivable_area(scene, -1);
    REQUIRE_FALSE(is_off_road(area, 9.0f, 1.0f));
    REQUIRE(is_off_road(area, 11.0f, -1.0f));
    REQUIRE(is_off_road(area, 9.0f, -1.0f));
    REQUIRE(is_off_road(area, 11.0f, 1.0f));
  }
  SECTION("where it turns right, outside of the corner only") {
    edge.points = {{0, 0, 0}, {10, 0, 0}, {10, -10, 0}};
    scene.features.push_back(edge);
    const DrivableArea area = find_drivable_area(scene, -1);
    REQUIRE_FALSE(is_off_road(area, 11.0f, 1.0f));
    REQUIRE_FALSE(is_off_road(area, 11.0f, -5.0f));
    REQUIRE(is_off_road(area, 9.0f, -1.0f));
  }
}

TEST_CASE("A point that float rounds onto the next cell is still judged where it is",
          "[drivable]") {
  // drivable up to y = 0.9; cells end at whole metres
  DrivableArea area;
  area.rings = {{{-10.0f, -10.0f}, {10.0f, -10.0f}, {10.0f, 0.9f}, {-10.0f, 0.9f}}};
  const DrivableRaster raster(area);
  const DrivableView view = raster.view();
  for (const double below : {1.0e-9, 2.0e-8, 5.0e-8, 1.0e-7, 1.0e-6}) {
    const double y = 1.0 - below;
    INFO("y = 1 - " << below);
    CHECK(point_off_road<double>(view, nullptr, true, 0.5, y) == 1.0);
    // what lanes of several doubles hand over: their own cell, the point as a float
    REQUIRE(cell_at(view, 0.5, y) > 0.0);
    const float x = 0.5f, rounded = static_cast<float>(y);
    float off = 0.0f;
    resolve_mixed_cells(view, 1, &x, &rounded, &off);
    CHECK(off == 1.0f);
  }
  CHECK(point_off_road<double>(view, nullptr, true, 0.5, 0.89) == 0.0);
}

// A straight road of 20 lanes, some of which lie beyond its right edge.
DrivableArea road_with_lanes_off(int num_off, bool turned) {
  Scene scene = test::scene_of(41, {{.y = 2.0, .speed = 10.0}});
  std::vector<Point3> right = {{-50, 0, 0}, {100, 0, 0}}, left = {{100, 40, 0}, {-50, 40, 0}};
  if (turned) {
    std::reverse(right.begin(), right.end());
    std::reverse(left.begin(), left.end());
  }
  scene.features = {line_feature(1, FeatureKind::kRoadEdge, right),
                    line_feature(2, FeatureKind::kRoadEdge, left)};
  for (int lane = 0; lane < 20; ++lane) {
    const float at = static_cast<float>(lane);
    const float y = lane < num_off ? -1.0f - 0.3f * at : 1.0f + 1.5f * at;
    scene.features.push_back(
        line_feature(10 + lane, FeatureKind::kLane, {{-50, y, 0}, {100, y, 0}}));
  }
  return find_drivable_area(scene, 0);
}

TEST_CASE("A map that puts more than a tenth of its own lanes off the road says nothing",
          "[drivable]") {
  for (const int num_off : {0, 1, 2}) {
    INFO(num_off << " of 20 lanes");
    CHECK(DrivableRaster(road_with_lanes_off(num_off, false)).view().columns > 0);
  }
  for (const int num_off : {3, 6, 20}) {
    INFO(num_off << " of 20 lanes");
    CHECK(DrivableRaster(road_with_lanes_off(num_off, false)).view().columns == 0);
  }
  CHECK(DrivableRaster(road_with_lanes_off(0, true)).view().columns == 0);
}

TEST_CASE("A map without edges and areas says nothing of drivable ground", "[drivable]") {
  const DrivableRaster raster{DrivableArea{}};
  REQUIRE(raster.view().columns == 0);
}

}  // namespace
}  // namespace forkroad
