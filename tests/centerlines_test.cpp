// Lanes and route: who drives against lanes, leaves the route, or drives on lanes for bicycles.
#include "sim/centerlines.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "sim/log_plan.hpp"
#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/generated_scenes.hpp"
#include "tests/scene_builder.hpp"

namespace forkroad {
namespace {

MapFeature lane_along(int64_t id, std::vector<Point3> points) {
  MapFeature lane;
  lane.id = id;
  lane.kind = FeatureKind::kLane;
  lane.points = std::move(points);
  return lane;
}

MapFeature bike_lane_along(int64_t id, std::vector<Point3> points) {
  MapFeature lane = lane_along(id, std::move(points));
  lane.type = MapType::kLaneBike;
  return lane;
}

// An ego that comes along x at a speed [m/s], 8 s long, and a map.
Scene road_of(std::vector<MapFeature> features, double speed = 5.0) {
  Scene scene = test::empty_scene(81);
  test::add_track(scene, {.speed = speed});
  scene.features = std::move(features);
  return scene;
}

// A road along x: a lane that goes on at y = 0 and one that comes back at `y_back`.
Scene two_way_road(float y_back = 3.6f) {
  return road_of({lane_along(1, {{-50, 0, 0}, {150, 0, 0}}),
                  lane_along(2, {{150, y_back, 0}, {-50, y_back, 0}})});
}

struct Pose {
  double x, y, heading;
};

// Facts of one plan of 80 steps for the agent of a track; its pose at a step is pose_at(step).
template <class PoseAt>
FactColumns drive_along(const Scene& scene, const PoseAt& pose_at, int track = 0) {
  std::vector<float> values;
  for (int step = 0; step <= 80; ++step) {
    const Pose pose = pose_at(step);
    for (const double value : {pose.x, pose.y, pose.heading}) {
      values.push_back(static_cast<float>(value));
    }
  }
  const SceneBatch batch({scene});
  const int scenes[] = {0}, steps[] = {0}, tracks[] = {track};
  return Simulator(batch)
      .rollout(Snapshot::of_log(batch, scenes, steps, tracks),
               PlanSet(values, 1, 1, 81, test::scene_poses()), *make_agent_model("log"))
      .plans;
}

// The same for a plan that moves (dx, dy) a step from (x, y).
FactColumns drive(const Scene& scene, double x, double y, double dx, double dy, double heading,
                  int track = 0) {
  return drive_along(
      scene,
      [&](int step) {
        return Pose{x + step * dx, y + step * dy, heading};
      },
      track);
}

TEST_CASE("Driving against the lanes goes by the motion and adds up", "[centerlines]") {
  const Scene scene = two_way_road();
  const auto against = [&](double y, double dx, double heading) {
    return drive(scene, 20, y, dx, 0, heading);
  };
  CHECK(against(0.0, 0.5, 0.0).opposite_lane_distance[0] == 0.0f);
  CHECK(against(0.0, 0.5, 0.0).opposite_lane_step[0] == -1);
  CHECK(against(3.6, 0.5, 0.0).opposite_lane_distance[0] == Approx(40.0));
  CHECK(against(3.6, 0.5, 0.0).opposite_lane_step[0] == 5);                  // 2.5 m is past 2 m
  CHECK(against(0.0, -0.2, 0.0).opposite_lane_distance[0] == Approx(16.0));  // in reverse
  CHECK(against(0.0, -0.2, 0.0).opposite_lane_step[0] == 11);
  CHECK(against(3.6, -0.5, 3.14159).opposite_lane_distance[0] == 0.0f);
  CHECK(against(1.7, 0.5, 0.0).opposite_lane_distance[0] == 0.0f);  // still within half a lane
  CHECK(against(6.0, 0.5, 0.0).opposite_lane_distance[0] == Approx(40.0));
  CHECK(against(6.2, 0.5, 0.0).opposite_lane_distance[0] == 0.0f);  // out of the lane's reach
  // less than a millimetre a step has no direction
  CHECK(against(3.6, 0.0009, 0.0).opposite_lane_distance[0] == 0.0f);
  CHECK(against(3.6, 0.002, 0.0).opposite_lane_distance[0] == Approx(0.16).epsilon(1.0e-3));
  CHECK(drive(scene, 20, -10, 0, 0.25, 1.5).opposite_lane_distance[0] == 0.0f);  // crosses both
}

TEST_CASE("Less than two metres against the lanes are none, but they add up", "[centerlines]") {
  // 1.8 m beside its lane who drives on; at 2 m it is the other's lane
  const auto stray = [](int first, int end, int again) {
    return drive_along(two_way_road(), [=](int step) {
      const bool strays = (step >= first && step < end) || (step >= again && step < again + 3);
      return Pose{20 + 0.5 * step, strays ? 2.0 : 1.8, 0};
    });
  };
  const double into = std::hypot(0.5, 0.2);  // [m] of the step that changes lanes
  const FactColumns brief = stray(10, 13, 90);
  CHECK(brief.opposite_lane_distance[0] == Approx(into + 1.0));
  CHECK(brief.opposite_lane_step[0] == -1);
  const FactColumns longer = stray(10, 15, 90);
  CHECK(longer.opposite_lane_distance[0] == Approx(into + 2.0));
  CHECK(longer.opposite_lane_step[0] == 13);
  const FactColumns twice = stray(10, 13, 30);
  CHECK(twice.opposite_lane_distance[0] == Approx(2.0 * (into + 1.0)));
  CHECK(twice.opposite_lane_step[0] == 30);
}

TEST_CASE("Nobody drives against lanes in junctions nor on lanes for both directions",
          "[centerlines]") {
  Scene junction = two_way_road();
  for (MapFeature& lane : junction.features) lane.interpolating = true;
  CHECK(drive(junction, 20, 3.6, 0.5, 0, 0).opposite_lane_distance[0] == 0.0f);
  const Scene shared = two_way_road(0.0f);
  for (const double dx : {-0.5, 0.5}) {
    for (const double y : {0.0, 2.2}) {
      CHECK(drive(shared, 60, y, dx, 0, 0).opposite_lane_distance[0] == 0.0f);
    }
  }
}

TEST_CASE("On a lane for bicycles is who is nearer to it than to any lane of cars",
          "[centerlines]") {
  const auto road = [](float y, bool back) {
    const float first = back ? 150.0f : -50.0f;
    return road_of({lane_along(1, {{-50, 0, 0}, {150, 0, 0}}),
                    bike_lane_along(2, {{first, y, 0}, {100 - first, y, 0}})});
  };
  for (const bool back : {false, true}) {
    const Scene scene = road(-3.0f, back);
    CHECK(drive(scene, 20, -3.0, 0.5, 0, 0).bike_lane_step[0] == 0);
    CHECK(drive(scene, 20, -3.0, 0.5, 0, 0).opposite_lane_distance[0] == 0.0f);
    CHECK(drive(scene, 20, -3.0, 0.5, 0, 0).lane_feature[0] == 0);
    CHECK(drive(scene, 20, -4.2, 0.5, 0, 0).bike_lane_step[0] == 0);
    CHECK(drive(scene, 20, -4.3, 0.5, 0, 0).bike_lane_step[0] == -1);
    CHECK(drive(scene, 20, -0.02, 0.5, -0.05, 0).bike_lane_step[0] == 35);
  }
  CHECK(drive(road(-1.0f, false), 20, -0.4, 0.5, 0, 0).bike_lane_step[0] == -1);
  CHECK(drive(road(-1.0f, false), 20, -0.6, 0.5, 0, 0).bike_lane_step[0] == 0);
  CHECK(drive(road(0.0f, false), 20, 0.0, 0.5, 0, 0).bike_lane_step[0] == -1);
  Scene junction = road(-3.0f, false);
  junction.features[1].interpolating = true;
  CHECK(drive(junction, 20, -3.0, 0.5, 0, 0).bike_lane_step[0] == -1);
}

TEST_CASE("On an emergency lane is who is nearer to it than to any lane of cars", "[centerlines]") {
  const auto road = [](float y, MapType type) {
    Scene scene = road_of(
        {lane_along(1, {{-50, 0, 0}, {150, 0, 0}}), lane_along(2, {{-50, y, 0}, {150, y, 0}})});
    scene.features[1].type = type;
    return scene;
  };
  const Scene scene = road(-3.0f, MapType::kLaneEmergency);
  CHECK(drive(scene, 20, -3.0, 0.5, 0, 0).emergency_lane_step[0] == 0);
  CHECK(drive(scene, 20, -4.45, 0.5, 0, 0).emergency_lane_step[0] == 0);
  CHECK(drive(scene, 20, -4.55, 0.5, 0, 0).emergency_lane_step[0] == -1);
  CHECK(drive(scene, 20, -1.45, 0.5, 0, 0).emergency_lane_step[0] == -1);
  CHECK(drive(scene, 20, -0.02, 0.5, -0.05, 0).emergency_lane_step[0] == 30);
  // it is no lane for cars and none for bicycles
  CHECK(drive(scene, 20, -3.0, 0.5, 0, 0).bike_lane_step[0] == -2);
  CHECK(drive(scene, 20, -3.0, 0.5, 0, 0).lane_feature[0] == 0);
  CHECK(drive(scene, 20, -3.0, -0.5, 0, 0).opposite_lane_distance[0] == 0.0f);
  const Scene bikes = road(-3.0f, MapType::kLaneBike);
  CHECK(drive(bikes, 20, -3.0, 0.5, 0, 0).emergency_lane_step[0] == -2);
}

TEST_CASE("Where the last pose is on its lane is said with sides and angles", "[centerlines]") {
  const FactColumns plans = drive(two_way_road(), 20, 0.5, 0.5, 0, 0.1);
  CHECK(plans.lane_feature[0] == 0);
  CHECK(plans.lane_offset[0] == Approx(0.5));
  CHECK(plans.lane_heading_error[0] == Approx(0.1));
  const FactColumns back = drive(two_way_road(), 20, 3.0, -0.1, 0, 3.0);
  CHECK(back.lane_feature[0] == 1);
  CHECK(back.lane_offset[0] == Approx(0.6));
  CHECK(back.lane_heading_error[0] == Approx(3.0 - test::kPi));
  CHECK(drive(two_way_road(), 20, 30.0, 0.1, 0, 0.0).lane_feature[0] == -1);
}

TEST_CASE("A map without lanes says nothing of them, but where the log went", "[centerlines]") {
  const Scene scene = road_of({});
  const FactColumns plans = drive(scene, 0, 0, 0.5, 0, 0);
  CHECK(plans.opposite_lane_step[0] == -2);
  CHECK(plans.bike_lane_step[0] == -2);
  CHECK(plans.lane_feature[0] == -1);
  CHECK(plans.off_route_step[0] == -1);
  CHECK(drive(scene, 0, 5, 0.5, 0, 0).off_route_step[0] == 0);
  CHECK(drive(two_way_road(), 0, 0, 0.5, 0, 0).bike_lane_step[0] == -2);
  const Scene bikes = road_of({bike_lane_along(1, {{150, 0, 0}, {-50, 0, 0}})});
  CHECK(drive(bikes, 0, 0, 0.5, 0, 0).opposite_lane_step[0] == -2);
  CHECK(drive(bikes, 0, 0, 0.5, 0, 0).bike_lane_step[0] == 0);
  const FactColumns standing = drive(road_of({}, 0.0), 0, 0, 0, 0.1, 0);
  CHECK(standing.off_route_step[0] == 41);
}

TEST_CASE("Four metres beside every line of the route a plan has left it", "[centerlines]") {
  CHECK(drive(two_way_road(), 0, -3.9, 0.5, 0, 0).off_route_step[0] == -1);
  CHECK(drive(two_way_road(), 0, -4.1, 0.5, 0, 0).off_route_step[0] == 0);
  CHECK(drive(two_way_road(), 0, 0.0, 0.4, -0.1, 0).off_route_step[0] == 41);
}

// Lane 1 along x forks at x = 50 into lane 2, straight on, and lane 3, half left.
Scene fork(double speed) {
  Scene scene =
      road_of({lane_along(1, {{-50, 0, 0}, {50, 0, 0}}), lane_along(2, {{50, 0, 0}, {150, 0, 0}}),
               lane_along(3, {{50, 0, 0}, {150, 100, 0}})},
              speed);
  scene.features[0].exit_lanes = {2, 3};
  return scene;
}

TEST_CASE("The wrong branch of a fork is off the route", "[centerlines]") {
  const auto left = [](const Scene& scene) {
    return drive(scene, 50.1, 0.1, 0.5, 0.5, 0.785).off_route_step[0];
  };
  CHECK(left(fork(10.0)) == 8);  // the log went straight on
  CHECK(left(fork(5.0)) == -1);  // the log ends before the fork: both branches go on from it
  Scene without_exits = fork(5.0);
  without_exits.features[0].exit_lanes.clear();
  CHECK(left(without_exits) == 6);  // off the end of lane 1
}

TEST_CASE("A given route counts instead of the lanes of the log, for the ego alone",
          "[centerlines]") {
  Scene scene = fork(10.0);
  scene.route = {1, 3};
  CHECK(drive(scene, 50.1, 0.1, 0.5, 0.5, 0.785).off_route_step[0] == -1);
  // the log is part of it as far as it goes, x = 80
  CHECK(drive(scene, 60, 0, 0.1, 0, 0).off_route_step[0] == -1);
  CHECK(drive(scene, 60, 0, 1.0, 0, 0).off_route_step[0] == 25);
  scene.route = {1, 2};
  test::add_track(scene, {.x = 55, .y = 5, .heading = 0.25 * test::kPi, .speed = 10.0});
  CHECK(drive(scene, 100, 0, 0.5, 0, 0).off_route_step[0] == -1);
  CHECK(drive(scene, 100, 0, 0.5, 0, 0, 1).off_route_step[0] == 0);
  CHECK(drive(scene, 60, 10, 0.5, 0.5, 0.785, 1).off_route_step[0] == -1);
}

TEST_CASE("Lanes beside the route in its direction belong to it, on and on", "[centerlines]") {
  const auto road = [](bool linked, bool third_back) {
    std::vector<Point3> third = {{-50, 7.2f, 0}, {150, 7.2f, 0}};
    if (third_back) std::swap(third[0], third[1]);
    Scene scene = road_of({lane_along(1, {{-50, 0, 0}, {150, 0, 0}}),
                           lane_along(2, {{-50, 3.6f, 0}, {150, 3.6f, 0}}), lane_along(3, third)});
    if (linked) {
      scene.features[0].left_neighbors = {{2, 0, 1, 0, 1}};
      scene.features[1].left_neighbors = {{3, 0, 1, 0, 1}};
    }
    return scene;
  };
  const auto off_route = [](const Scene& scene, double y) {
    return drive(scene, 0, y, 0.5, 0, 0).off_route_step[0];
  };
  CHECK(off_route(road(true, false), 11.1) == -1);
  CHECK(off_route(road(true, false), 11.3) == 0);
  CHECK(off_route(road(false, false), 4.1) == 0);
  CHECK(off_route(road(true, true), 7.5) == -1);
  CHECK(off_route(road(true, true), 7.7) == 0);
}

// The log ends on lane 1, which ends at x = 50 where lanes of 10 m and of 90 m begin that meet.
TEST_CASE("What lies within 100 m beyond the log is its route whichever way is looked at first",
          "[centerlines]") {
  for (const bool detour_first : {false, true}) {
    Scene scene = road_of(
        {lane_along(1, {{-50, 0, 0}, {50, 0, 0}}), lane_along(2, {{50, 0, 0}, {60, 0, 0}}),
         lane_along(3, {{50, 0, 0}, {55, 44.7f, 0}, {60, 0, 0}}),
         lane_along(4, {{60, 0, 0}, {100, 0, 0}}), lane_along(5, {{100, 0, 0}, {150, 0, 0}}),
         lane_along(6, {{150, 0, 0}, {250, 0, 0}})});
    scene.features[0].exit_lanes = {2, 3};
    if (detour_first) std::swap(scene.features[0].exit_lanes[0], scene.features[0].exit_lanes[1]);
    scene.features[1].exit_lanes = scene.features[2].exit_lanes = {4};
    scene.features[3].exit_lanes = {5};
    scene.features[4].exit_lanes = {6};
    INFO("exits " << scene.features[0].exit_lanes[0] << ", " << scene.features[0].exit_lanes[1]);
    CHECK(drive(scene, 110, 0, 0.1, 0, 0).off_route_step[0] == -1);
    CHECK(drive(scene, 160, 0, 0.1, 0, 0).off_route_step[0] == 0);
  }
}

void expect_within_lanes_and_route(const Scene& scene) {
  const SceneBatch batch({scene});
  const Snapshot snapshot = Snapshot::of_log(batch);
  const int steps = scene.num_steps - 1 - scene.current_step;
  const Facts facts = Simulator(batch).rollout(
      snapshot, log_plan(scene, snapshot, 0, scene.dt, steps), *make_agent_model("log"));
  INFO(scene.id);
  CHECK(facts.plans.opposite_lane_step[0] == -1);
  CHECK(facts.plans.off_route_step[0] == -1);
}

TEST_CASE("Generated egos never drive against lanes nor off their route", "[centerlines]") {
  for (const LayoutKind layout : all_layouts()) {
    for (const uint64_t index : {0u, 1u, 2u}) {
      expect_within_lanes_and_route(generate_scene({}, layout, 31, index).scene);
    }
  }
}

TEST_CASE("200 generated egos never drive against lanes nor off their route",
          "[centerlines][slow]") {
  const auto& scenes = test::generated_scenes();
  REQUIRE(scenes.size() >= 200);
  for (const GeneratedScene& generated : scenes) expect_within_lanes_and_route(generated.scene);
}

}  // namespace
}  // namespace forkroad
