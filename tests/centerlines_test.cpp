// Lanes and route: who drives against lanes, leaves the route, or drives on lanes for bicycles.
#include "sim/centerlines.hpp"

#include <algorithm>
#include <cmath>

#include "sim/log_plan.hpp"
#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/generated_scenes.hpp"
#include "tests/scene_builder.hpp"

namespace forkroad {
namespace {

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
