#include "scenarios/layout_truth.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/generated_scenes.hpp"
#include "tests/random.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

constexpr int kPointsPerScene = 120;

// Whether each level of the road is clearly at the height of a place or clearly not.
bool is_clear_of_limits(const LayoutTruth& truth, Point3 place) {
  const Vec2 point{place.x - truth.shift().x, place.y - truth.shift().y};
  const auto& levels = truth.layout().levels;
  return std::none_of(levels.begin(), levels.end(), [&](const Level& level) {
    const double above = std::abs(place.z - truth.shift_z() - level.surface.at(point));
    return above > 0.9 && above < 4.5;
  });
}

// A place near some lane of the scene, in local coordinates, at that lane's height.
Point3 random_place(Random& random, const GeneratedScene& generated) {
  const Scene& scene = generated.scene;
  for (;;) {
    const MapFeature& feature =
        scene.features[static_cast<size_t>(random.below(static_cast<int>(scene.features.size())))];
    if (feature.kind != FeatureKind::kLane) continue;
    Point3 place =
        feature.points[static_cast<size_t>(random.below(static_cast<int>(feature.points.size())))];
    place.x += random.uniform_float(-14, 14);
    place.y += random.uniform_float(-14, 14);
    if (is_clear_of_limits(generated.truth, place)) return place;
  }
}

// Features of a kind whose nearest point to a place is within 2.5 m of its height.
std::vector<const MapFeature*> features_at(const Scene& scene, FeatureKind kind, Point3 place) {
  std::vector<const MapFeature*> found;
  for (const MapFeature& feature : scene.features) {
    if (feature.kind != kind) continue;
    const auto nearest = std::min_element(feature.points.begin(), feature.points.end(),
                                          [&](const Point3& a, const Point3& b) {
                                            return std::hypot(a.x - place.x, a.y - place.y) <
                                                   std::hypot(b.x - place.x, b.y - place.y);
                                          });
    if (std::abs(nearest->z - place.z) < 2.5f) found.push_back(&feature);
  }
  return found;
}

}  // namespace

TEST_CASE("The truth about drivable ground agrees with the map's rings", "[generator][property]") {
  Random random(1);
  int inside = 0, outside = 0;
  for (const GeneratedScene& generated : generated_scenes()) {
    for (int at = 0; at < kPointsPerScene; ++at) {
      const Point3 place = random_place(random, generated);
      const Vec2 point{place.x, place.y};
      bool drivable = false;
      double nearest = 1.0e300, side = 0;
      for (const MapFeature* area :
           features_at(generated.scene, FeatureKind::kDrivableArea, place)) {
        drivable = drivable || in_ring(area->points, point);
        nearest = std::min(nearest, distance_to_polyline(area->points, true, point, side));
      }
      if (nearest < 1.5e-3) continue;
      INFO(generated.scene.id << " at " << place.x << ", " << place.y << ", " << place.z);
      REQUIRE(generated.truth.is_drivable(place.x, place.y, place.z) == drivable);
      ++(drivable ? inside : outside);
    }
  }
  CHECK(inside > 3000);
  CHECK(outside > 3000);
}

TEST_CASE("The truth about edges agrees with the map's road edges, drivable side on the left",
          "[generator][property]") {
  Random random(2);
  int compared = 0;
  for (const GeneratedScene& generated : generated_scenes()) {
    for (int at = 0; at < kPointsPerScene; ++at) {
      const Point3 place = random_place(random, generated);
      const Vec2 point{place.x, place.y};
      double nearest = 1.0e300, side = 0;
      for (const MapFeature* edge : features_at(generated.scene, FeatureKind::kRoadEdge, place)) {
        double there = 0;
        const double distance = distance_to_polyline(edge->points, false, point, there);
        if (distance >= nearest) continue;
        nearest = distance;
        side = there;
      }
      const double truth = generated.truth.distance_to_edge(place.x, place.y, place.z);
      INFO(generated.scene.id << " at " << place.x << ", " << place.y << ", " << place.z);
      REQUIRE(std::abs(truth) == Approx(nearest).margin(1.5e-3));
      if (nearest < 1.5e-3 || side == 0) continue;
      // behind an open end of the map the nearest edge says nothing
      if ((side > 0) != (truth > 0)) {
        REQUIRE_FALSE(generated.truth.is_drivable(place.x, place.y, place.z));
        continue;
      }
      ++compared;
    }
  }
  CHECK(compared > 12000);
}

TEST_CASE("The truth about lanes agrees with their polylines", "[generator][property]") {
  Random random(3);
  int found = 0;
  for (const GeneratedScene& generated : generated_scenes()) {
    const Layout& layout = generated.truth.layout();
    for (int at = 0; at < kPointsPerScene; ++at) {
      const Point3 place = random_place(random, generated);
      const auto lanes = generated.truth.lanes_at(place.x, place.y, place.z);
      REQUIRE(std::is_sorted(lanes.begin(), lanes.end()));
      for (const MapFeature* lane : features_at(generated.scene, FeatureKind::kLane, place)) {
        double side = 0;
        const double distance = distance_to_polyline(lane->points, false, {place.x, place.y}, side);
        const double half = 0.5 * layout.lanes[static_cast<size_t>(lane->id - kFirstLaneId)].width;
        // vertices of a bend and ends look alike from outside
        if (side == 0 || std::abs(distance - half) < 1.5e-3) continue;
        INFO(generated.scene.id << ", lane " << lane->id << " at " << place.x << ", " << place.y);
        REQUIRE(std::binary_search(lanes.begin(), lanes.end(), lane->id) == (distance < half));
        found += distance < half;
      }
    }
  }
  CHECK(found > 3000);
}

TEST_CASE("A bridge and the road below it are told apart by height", "[generator][property]") {
  for (const GeneratedScene* generated : generated_scenes_of(LayoutKind::kOverpass)) {
    const LayoutTruth& truth = generated->truth;
    const Layout& layout = truth.layout();
    REQUIRE(layout.levels.size() == 2);
    // where the middles of both roads meet
    const Surface& bridge = layout.levels[1].surface;
    const Vec2 middle = bridge.hump_line.at(bridge.hump_center).position;
    const double x = middle.x + truth.shift().x, y = middle.y + truth.shift().y;
    const double low = layout.levels[0].surface.at(middle) + truth.shift_z();
    const double high = bridge.at(middle) + truth.shift_z();
    INFO(generated->scene.id);
    CHECK(high - low > 6.0);
    CHECK((truth.is_drivable(x, y, low + 0.8) && truth.is_drivable(x, y, high + 0.8)));
    CHECK_FALSE(truth.is_drivable(x, y, 0.5 * (low + high) + 0.5));
    CHECK(truth.surface_at(x, y, low + 1) == Approx(low));
    CHECK(truth.surface_at(x, y, high + 1) == Approx(high));
    for (const Track& track : generated->scene.tracks) {
      for (size_t step = 0; step < track.x.size(); ++step) {
        if (track.valid[step] == 0) continue;
        const double ground = track.z[step] - 0.5 * track.height[step];
        REQUIRE(truth.surface_at(track.x[step], track.y[step], ground) ==
                Approx(ground).margin(1e-3));
        REQUIRE_FALSE(truth.lanes_at(track.x[step], track.y[step], track.z[step]).empty());
      }
    }
  }
}

TEST_CASE("There is no edge where there is no road at that height", "[generator]") {
  const GeneratedScene& generated = *generated_scenes_of(LayoutKind::kCurve)[0];
  const Track& ego = generated.scene.tracks[0];
  CHECK(generated.truth.distance_to_edge(ego.x[0], ego.y[0], ego.z[0]) > 0);
  CHECK(std::isinf(generated.truth.distance_to_edge(ego.x[0], ego.y[0], ego.z[0] + 20.0)));
  CHECK(generated.truth.lanes_at(ego.x[0], ego.y[0], ego.z[0] + 20.0).empty());
}
