// Lanes and route: the raster against its definition, and who drives against lanes.
#include "kernels/centerlines.hpp"

#include <cmath>

#include "sim/centerline_raster.hpp"
#include "sim/log_plan.hpp"
#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/generated_scenes.hpp"
#include "tests/random.hpp"
#include "tests/scene_builder.hpp"

namespace forkroad {
namespace {

constexpr double kMargin = 1.0e-4;  // [m] nearer decisions are left to rounding

// The three answers from their description, in double, over all pieces; how far from turning out
// differently they are.
struct Answers {
  bool against = false, off_route = false, on_bike_lane = false;
  double margin = 1.0e9;
};

double distance_to(const CenterPiece& piece, double x, double y) {
  const double ux = piece.ux, uy = piece.uy;
  const double dx = x - piece.x, dy = y - piece.y;
  const double on = std::clamp(dx * ux + dy * uy, 0.0, static_cast<double>(piece.length));
  return std::hypot(dx - on * ux, dy - on * uy);
}

Answers reference_answers(const std::vector<CenterPiece>& pieces, double x, double y, double mx,
                          double my) {
  double following = 1.0e9, opposing = 1.0e9, cars = 1.0e9, bikes = 1.0e9, route = 1.0e9;
  Answers out;
  const double travel = std::hypot(mx, my);
  for (const CenterPiece& piece : pieces) {
    const double distance = distance_to(piece, x, y);
    if ((piece.flags & kOnRoute) != 0) route = std::min(route, distance);
    if (piece.lane < 0) continue;
    if ((piece.flags & kForCars) == 0) {
      bikes = std::min(bikes, distance);
      continue;
    }
    cars = std::min(cars, distance);
    const double along = mx * static_cast<double>(piece.ux) + my * static_cast<double>(piece.uy);
    // who crosses a lane squarely follows or opposes it by rounding
    if (distance < 3.0 && travel > 0.0) {
      out.margin = std::min(out.margin, std::abs(along) / travel * 10.0);
    }
    if (along >= 0.0) {
      following = std::min(following, distance);
    } else if ((piece.flags & kInJunction) == 0) {
      opposing = std::min(opposing, distance);
    }
  }
  out.against = opposing <= static_cast<double>(kOpposingReach) && opposing < following &&
                following > static_cast<double>(kHalfLane);
  out.off_route = route > static_cast<double>(kRouteReach);
  out.on_bike_lane = bikes <= static_cast<double>(kBikeHalfLane) && bikes < cars;
  for (const double slack :
       {opposing - static_cast<double>(kOpposingReach), opposing - following,
        following - static_cast<double>(kHalfLane), route - static_cast<double>(kRouteReach),
        bikes - static_cast<double>(kBikeHalfLane), bikes - cars}) {
    if (std::abs(slack) < 1.0e8) out.margin = std::min(out.margin, std::abs(slack));
  }
  return out;
}

LaneStep<float> raster_answers(const CenterlineView& view, float x, float y, float mx, float my) {
  return ask_centerlines(view, nullptr, x, y, mx, my, no_lane_facts<float>());
}

TEST_CASE("The lane raster answers as its definition does over all pieces", "[centerlines]") {
  test::Random random(11);
  int against = 0, off_route = 0, on_bike_lane = 0, compared = 0;
  for (const GeneratedScene& generated : test::generated_scenes()) {
    const Scene& scene = generated.scene;
    const CenterlineRaster raster(find_centerlines(scene, scene.ego));
    const CenterlineView view = raster.view();
    const std::vector<CenterPiece>& pieces = raster.lines().pieces;
    for (int k = 0; k < 3000; ++k) {
      const CenterPiece& piece = pieces[static_cast<size_t>(
          random.uniform(0.0, static_cast<double>(pieces.size()) - 0.5))];
      const double along = random.uniform(0.0, static_cast<double>(piece.length));
      // near lanes, at borders of cells, anywhere, beyond the raster
      double x = static_cast<double>(piece.x) + along * static_cast<double>(piece.ux) +
                 random.uniform(-6.0, 6.0);
      double y = static_cast<double>(piece.y) + along * static_cast<double>(piece.uy) +
                 random.uniform(-6.0, 6.0);
      if (k % 10 == 0) x = std::round(x);
      if (k % 15 == 0) y = std::round(y);
      if (k % 50 == 0) x += random.uniform(-500.0, 500.0);
      double mx = random.uniform(-1.5, 1.5), my = random.uniform(-1.5, 1.5);
      if (k % 7 == 0) mx = 0.0;
      if (k % 11 == 0) my = 0.0;
      if (k % 13 == 0) my = mx;
      const float fx = static_cast<float>(x), fy = static_cast<float>(y);
      const float fmx = static_cast<float>(mx), fmy = static_cast<float>(my);
      const Answers expected =
          reference_answers(pieces, static_cast<double>(fx), static_cast<double>(fy),
                            static_cast<double>(fmx), static_cast<double>(fmy));
      if (expected.margin < kMargin) continue;
      const LaneStep<float> got = raster_answers(view, fx, fy, fmx, fmy);
      INFO(scene.id << " at " << x << ", " << y << " moving " << mx << ", " << my);
      if (mx != 0.0 || my != 0.0) REQUIRE((got.against > 0.0f) == expected.against);
      REQUIRE((got.off_route > 0.0f) == expected.off_route);
      REQUIRE((got.on_bike_lane > 0.0f) == expected.on_bike_lane);
      ++compared;
      against += expected.against ? 1 : 0;
      off_route += expected.off_route ? 1 : 0;
      on_bike_lane += expected.on_bike_lane ? 1 : 0;
    }
  }
  WARN("lane raster: " << compared << " places, " << against << " against lanes, " << off_route
                       << " off the route, " << on_bike_lane << " on bicycle lanes");
  CHECK(against > 1000);
  CHECK(off_route > 1000);
  CHECK(on_bike_lane > 50);
}

TEST_CASE("A pose is projected on the nearest lane of cars that its heading follows",
          "[centerlines]") {
  test::Random random(12);
  int found = 0;
  for (const GeneratedScene& generated : test::generated_scenes()) {
    const CenterlineRaster raster(find_centerlines(generated.scene, generated.scene.ego));
    const std::vector<CenterPiece>& pieces = raster.lines().pieces;
    for (int k = 0; k < 500; ++k) {
      const CenterPiece& near = pieces[static_cast<size_t>(
          random.uniform(0.0, static_cast<double>(pieces.size()) - 0.5))];
      const float x = near.x + static_cast<float>(random.uniform(-12.0, 12.0));
      const float y = near.y + static_cast<float>(random.uniform(-12.0, 12.0));
      const double heading = random.uniform(-3.1, 3.1);
      const float cos = static_cast<float>(std::cos(heading));
      const float sin = static_cast<float>(std::sin(heading));
      double followed = static_cast<double>(kProjectionReach), opposed = followed;
      for (const CenterPiece& piece : pieces) {
        if (piece.lane < 0 || (piece.flags & kForCars) == 0) continue;
        const double distance = distance_to(piece, static_cast<double>(x), static_cast<double>(y));
        double& least = cos * piece.ux + sin * piece.uy >= 0.0f ? followed : opposed;
        least = std::min(least, distance);
      }
      const double reach = static_cast<double>(kProjectionReach);
      const double expected = followed < reach ? followed : opposed;
      if (std::abs(expected - reach) < kMargin) continue;
      const LaneProjection got = project_to_lane(raster.view(), x, y, cos, sin);
      INFO(generated.scene.id << " at " << x << ", " << y << " heading " << heading);
      REQUIRE((got.piece >= 0) == (expected < reach));
      if (got.piece < 0) continue;
      REQUIRE(std::abs(got.offset) == Approx(expected).margin(1.0e-3));
      ++found;
    }
  }
  CHECK(found > 5000);
}

// A road along x: a lane that goes on at y = 0 and one that comes back at y = 3.6.
Scene two_way_road(bool in_junction = false) {
  Scene scene = test::empty_scene(81);
  test::add_track(scene, {.speed = 5.0});
  for (const bool back : {false, true}) {
    MapFeature lane;
    lane.id = back ? 2 : 1;
    lane.kind = FeatureKind::kLane;
    lane.interpolating = in_junction;
    const float y = back ? 3.6f : 0.0f;
    lane.points = {{-50, y, 0}, {150, y, 0}};
    if (back) std::swap(lane.points[0], lane.points[1]);
    scene.features.push_back(lane);
  }
  return scene;
}

// Facts of one plan of 80 steps that moves (dx, dy) a step from (x, y).
Facts drive(const Scene& scene, double x, double y, double dx, double dy, double heading) {
  std::vector<float> values;
  for (int step = 0; step <= 80; ++step) {
    values.push_back(static_cast<float>(x + step * dx));
    values.push_back(static_cast<float>(y + step * dy));
    values.push_back(static_cast<float>(heading));
  }
  const SceneBatch batch({scene});
  return Simulator(batch).rollout(Snapshot::of_log(batch),
                                  PlanSet(values, 1, 1, 81, test::scene_poses()),
                                  *make_agent_model("log"), RolloutSpec{});
}

TEST_CASE("Driving against the lanes goes by the motion and adds up", "[centerlines]") {
  const Scene scene = two_way_road();
  const auto against = [&](double y, double dx, double heading) {
    return drive(scene, 20, y, dx, 0, heading).plans;
  };
  CHECK(against(0.0, 0.5, 0.0).opposite_lane_distance[0] == 0.0f);
  CHECK(against(0.0, 0.5, 0.0).opposite_lane_step[0] == -1);
  CHECK(against(3.6, 0.5, 0.0).opposite_lane_distance[0] == Approx(40.0));
  CHECK(against(3.6, 0.5, 0.0).opposite_lane_step[0] == 5);                  // 2.5 m is past 2 m
  CHECK(against(0.0, -0.2, 0.0).opposite_lane_distance[0] == Approx(16.0));  // in reverse
  CHECK(against(3.6, -0.5, 3.14159).opposite_lane_distance[0] == 0.0f);
  CHECK(against(1.7, 0.5, 0.0).opposite_lane_distance[0] == 0.0f);  // still within half a lane
  CHECK(against(20.0, 0.5, 0.0).opposite_lane_distance[0] == 0.0f);
  CHECK(drive(two_way_road(true), 20, 3.6, 0.5, 0, 0).plans.opposite_lane_distance[0] == 0.0f);
}

TEST_CASE("Where the last pose is on its lane is said with sides and angles", "[centerlines]") {
  const FactColumns plans = drive(two_way_road(), 20, 0.5, 0.5, 0, 0.1).plans;
  CHECK(plans.lane_feature[0] == 0);
  CHECK(plans.lane_offset[0] == Approx(0.5));
  CHECK(plans.lane_heading_error[0] == Approx(0.1));
  CHECK(drive(two_way_road(), 20, 3.0, -0.1, 0, 3.0).plans.lane_feature[0] == 1);
  CHECK(drive(two_way_road(), 20, 30.0, 0.1, 0, 0.0).plans.lane_feature[0] == -1);
}

TEST_CASE("Four metres beside every line of the route a plan has left it", "[centerlines]") {
  CHECK(drive(two_way_road(), 0, -3.9, 0.5, 0, 0).plans.off_route_step[0] == -1);
  CHECK(drive(two_way_road(), 0, -4.1, 0.5, 0, 0).plans.off_route_step[0] == 0);
  CHECK(drive(two_way_road(), 0, 0.0, 0.4, -0.1, 0).plans.off_route_step[0] == 41);
}

TEST_CASE("A map without lanes says nothing of them", "[centerlines]") {
  Scene scene = two_way_road();
  scene.features.clear();
  const FactColumns plans = drive(scene, 0, 0, 0.5, 0, 0).plans;
  CHECK(plans.opposite_lane_step[0] == -2);
  CHECK(plans.bike_lane_step[0] == -2);
  CHECK(plans.lane_feature[0] == -1);
}

TEST_CASE("Generated egos never drive against lanes nor off their route", "[centerlines]") {
  for (const GeneratedScene& generated : test::generated_scenes()) {
    const SceneBatch batch({generated.scene});
    const Snapshot snapshot = Snapshot::of_log(batch);
    const int steps = generated.scene.num_steps - 1 - generated.scene.current_step;
    const Facts facts = Simulator(batch).rollout(
        snapshot, log_plan(generated.scene, snapshot, 0, generated.scene.dt, steps),
        *make_agent_model("log"), RolloutSpec{});
    INFO(generated.scene.id);
    CHECK(facts.plans.opposite_lane_step[0] == -1);
    CHECK(facts.plans.off_route_step[0] == -1);
  }
}

}  // namespace
}  // namespace forkroad
