#include "scenarios/layout.hpp"

#include <algorithm>
#include <set>

#include "scenarios/layout_features.hpp"
#include "tests/catch.hpp"
#include "tests/generated_scenes.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

// Twice the area inside a closed chain, arcs as fine polygons.
double doubled_area(const std::vector<CurvePiece>& ring) {
  double sum = 0;
  const Curve curve(ring);
  const std::vector<double> places = curve.sample(0.5, 1e-5);
  for (size_t at = 1; at < places.size(); ++at) {
    sum += cross(curve.at(places[at - 1]).position, curve.at(places[at]).position);
  }
  return sum;
}

}  // namespace

TEST_CASE("Every layout has a name that finds it", "[generator]") {
  std::set<std::string> names;
  for (const LayoutKind kind : all_layouts()) {
    names.insert(layout_name(kind));
    CHECK(find_layout(layout_name(kind)) == kind);
  }
  CHECK(names.size() == 8);
  CHECK_FALSE(find_layout("motorway").has_value());
}

TEST_CASE("Boundaries of layouts are closed and their areas cover them", "[generator][property]") {
  for (const LayoutKind kind : all_layouts()) {
    for (uint64_t seed = 0; seed < 200; ++seed) {
      SceneRandom random{seed, 1};
      const Layout layout = make_layout(kind, random);
      INFO(layout_name(kind) << ", seed " << seed);
      for (const Level& level : layout.levels) {
        double inside_loops = 0, inside_areas = 0;
        for (const auto& loop : level.loops) {
          std::vector<CurvePiece> pieces;
          for (size_t at = 0; at < loop.size(); ++at) {
            const Vec2 next = loop[(at + 1) % loop.size()].piece.start;
            REQUIRE(length_of(loop[at].piece.end() - next) < 1e-9);
            REQUIRE(loop[at].piece.length > 0);
            REQUIRE(loop[at].piece.length * std::abs(loop[at].piece.curvature) < M_PI);
            pieces.push_back(loop[at].piece);
          }
          inside_loops += doubled_area(pieces);
        }
        for (const auto& area : level.areas) {
          REQUIRE(doubled_area(area) > 0);
          inside_areas += doubled_area(area);
        }
        REQUIRE(inside_areas == Approx(inside_loops).epsilon(1e-4));
      }
    }
  }
}

TEST_CASE("Lanes of layouts join without a kink and lie on drivable ground",
          "[generator][property]") {
  for (const LayoutKind kind : all_layouts()) {
    for (uint64_t seed = 0; seed < 200; ++seed) {
      SceneRandom random{seed, 2};
      const Layout layout = make_layout(kind, random);
      INFO(layout_name(kind) << ", seed " << seed);
      int links = 0;
      for (const LayoutLane& lane : layout.lanes) {
        REQUIRE(lane.curve.length() > 0.5);
        for (const int exit : lane.exits) {
          const CurvePoint start = layout.lanes[static_cast<size_t>(exit)].curve.at(0);
          const CurvePoint end = lane.curve.at(lane.curve.length());
          REQUIRE(length_of(start.position - end.position) < 1e-6);
          REQUIRE(dot(start.direction, end.direction) > 1 - 1e-9);
          ++links;
        }
        for (size_t piece = 1; piece < lane.curve.pieces().size(); ++piece) {
          const CurvePiece& before = lane.curve.pieces()[piece - 1];
          const CurvePiece& after = lane.curve.pieces()[piece];
          REQUIRE(length_of(before.end() - after.start) < 1e-9);
          REQUIRE(dot(before.at(before.length).direction, after.direction) > 1 - 1e-9);
        }
        const Level& level = layout.levels[static_cast<size_t>(lane.level)];
        for (const double along : lane.curve.sample(3.0, 1.0)) {
          const double inside = std::clamp(along, 0.01, lane.curve.length() - 0.01);
          REQUIRE(is_inside(level, lane.curve.at(inside).position));
          const double least =
              lane.in_junction ? std::min(1.3, 0.4 * lane.width) : 0.5 * lane.width;
          REQUIRE(distance_to_boundary(level, lane.curve.at(inside).position) > least - 0.05);
        }
      }
      if (kind != LayoutKind::kMultiLane && kind != LayoutKind::kCurve &&
          kind != LayoutKind::kOverpass) {
        REQUIRE(links >= 6);
      }
    }
  }
}

TEST_CASE("Lanes of generated maps are linked both ways, end to start", "[generator][property]") {
  for (const GeneratedScene& generated : generated_scenes()) {
    for (const MapFeature& lane : generated.scene.features) {
      if (lane.kind != FeatureKind::kLane) continue;
      INFO(generated.scene.id << ", lane " << lane.id);
      CHECK(lane.speed_limit > 0);
      for (const int64_t exit : lane.exit_lanes) {
        const MapFeature& next = *find_feature(generated.scene, exit);
        CHECK(std::count(next.entry_lanes.begin(), next.entry_lanes.end(), lane.id) == 1);
        CHECK(next.points[0].x == Approx(lane.points.back().x).margin(1e-3));
        CHECK(next.points[0].y == Approx(lane.points.back().y).margin(1e-3));
        CHECK(next.points[0].z == Approx(lane.points.back().z).margin(1e-3));
      }
      for (size_t at = 1; at < lane.points.size(); ++at) {
        const Point3 &a = lane.points[at - 1], &b = lane.points[at];
        const double step = std::hypot(b.x - a.x, b.y - a.y);
        CHECK(step > 1e-3);
        CHECK(step < 1.01);
        CHECK(std::abs(b.z - a.z) < 0.13 * step);
      }
    }
  }
}

TEST_CASE("Boundaries and neighbours of generated lanes lie beside them", "[generator][property]") {
  int boundaries = 0, neighbors = 0;
  for (const GeneratedScene& generated : generated_scenes()) {
    const Layout& layout = generated.truth.layout();
    for (const MapFeature& lane : generated.scene.features) {
      if (lane.kind != FeatureKind::kLane) continue;
      const double half = 0.5 * layout.lanes[static_cast<size_t>(lane.id - kFirstLaneId)].width;
      for (const bool left : {true, false}) {
        for (const LaneBoundary& bound : left ? lane.left_boundaries : lane.right_boundaries) {
          const MapFeature& line = *find_feature(generated.scene, bound.feature_id);
          INFO(generated.scene.id << ", lane " << lane.id << ", boundary " << line.id);
          CHECK(line.type == bound.type);
          const Point3& point = lane.points[static_cast<size_t>(bound.lane_start)];
          double side = 0;
          const double away = distance_to_polyline(line.points, false, {point.x, point.y}, side);
          CHECK(away == Approx(half).margin(0.95));
          ++boundaries;
        }
        for (const LaneNeighbor& beside : left ? lane.left_neighbors : lane.right_neighbors) {
          const MapFeature& other = *find_feature(generated.scene, beside.feature_id);
          INFO(generated.scene.id << ", lane " << lane.id << " beside " << other.id);
          const Point3& here = lane.points[static_cast<size_t>(beside.self_start)];
          const Point3& there = other.points[static_cast<size_t>(beside.neighbor_start)];
          const double both =
              half + 0.5 * layout.lanes[static_cast<size_t>(other.id - kFirstLaneId)].width;
          CHECK(std::hypot(here.x - there.x, here.y - there.y) < both + 1.5);
          const auto& back = left ? other.right_neighbors : other.left_neighbors;
          CHECK(std::any_of(back.begin(), back.end(), [&](const LaneNeighbor& neighbor) {
            return neighbor.feature_id == lane.id;
          }));
          ++neighbors;
        }
      }
    }
  }
  CHECK(boundaries > 1000);
  CHECK(neighbors > 500);
}
