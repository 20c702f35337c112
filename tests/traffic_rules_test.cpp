// Traffic rules: red lights, stop signs, people on crosswalks, standing before a green light.
#include "sim/traffic_rules.hpp"

#include <cmath>

#include "scenarios/generate_scene.hpp"
#include "sim/vocabulary.hpp"
#include "tests/catch.hpp"
#include "tests/rule_roads.hpp"

namespace forkroad {
namespace {

using namespace test;

TEST_CASE("The front of the box crosses a red stop line at the step that reaches it",
          "[traffic_rules]") {
  // the front starts at 2.25 m and is 17.75 m, 18 steps of 1 m, before the line
  const Facts facts = drive(lit_road(LightState::kStop, 0, kSteps), {{0, 0, 0}});
  REQUIRE(facts.plans.red_light_step[0] == 18);
  REQUIRE(facts.log.red_light_step[0] == 18);
}

TEST_CASE("Only red lights at the step of the crossing count", "[traffic_rules]") {
  const auto crossed = [](LightState state, int first, int end) {
    return drive(lit_road(state, first, end), {{0, 0, 0}}).plans.red_light_step[0];
  };
  REQUIRE(crossed(LightState::kArrowStop, 0, kSteps) == 18);
  REQUIRE(crossed(LightState::kFlashingStop, 0, kSteps) == 18);
  for (const LightState state : {LightState::kGo, LightState::kCaution, LightState::kArrowGo,
                                 LightState::kUnknown, LightState::kFlashingCaution}) {
    REQUIRE(crossed(state, 0, kSteps) == -1);
  }
  REQUIRE(crossed(LightState::kStop, 0, 18) == -1);
  REQUIRE(crossed(LightState::kStop, 18, 19) == 18);
  REQUIRE(crossed(LightState::kStop, 19, kSteps) == -1);
}

TEST_CASE("Beside the lane, against it, across it or standing behind the line nobody crosses",
          "[traffic_rules]") {
  const Facts facts =
      drive(lit_road(LightState::kStop, 0, kSteps),
            {{0, 3, 0}, {40, 0, test::kPi}, {20, -20, test::kPi / 2}, {25, 0, 0}, {0, 1.5, 0}});
  REQUIRE(facts.plans.red_light_step == std::vector<int32_t>{-1, -1, -1, -1, 18});
}

TEST_CASE("Where the front crosses the line decides, not where it is after the step",
          "[traffic_rules]") {
  // 50 degrees off the lane: 0.64 m along and 0.77 m to the left per step
  const double heading = 50.0 / 180.0 * test::kPi;
  const Facts facts =
      ride(lit_road(LightState::kStop, 0, kSteps),
           {stretches(19.95, 1.75, {{kSpeed, 3}}, heading),    // crosses 1.81 m to the left
            stretches(19.95, -2.1, {{kSpeed, 3}}, heading),    // crosses 2.04 m to the right
            stretches(19.95, 1.85, {{kSpeed, 3}}, heading)});  // crosses 1.91 m to the left
  REQUIRE(facts.plans.red_light_step == std::vector<int32_t>{1, -1, -1});
}

TEST_CASE("Whoever rolls back over the line and on again crosses it then", "[traffic_rules]") {
  const Facts facts = ride(lit_road(LightState::kStop, 0, kSteps),
                           {stretches(21, 0, {{-5, 4}}), stretches(21, 0, {{-5, 4}, {5, 4}})});
  REQUIRE(facts.plans.red_light_step == std::vector<int32_t>{-1, 6});
}

TEST_CASE("Between two log steps a light is what it was at the earlier one", "[traffic_rules]") {
  // the front crosses within the rollout step that ends at 1.75 s, between log steps 17 and 18
  std::vector<RoadPose> plan = stretches(2.5, 0, {{kSpeed, kSteps - 1}});
  RolloutSpec spec;
  spec.dt = 0.05;
  const auto crossed = [&](int first, int end) {
    return ride(lit_road(LightState::kStop, first, end), {plan}, spec).plans.red_light_step[0];
  };
  REQUIRE(crossed(0, kSteps) == 35);
  REQUIRE(crossed(17, 18) == 35);
  REQUIRE(crossed(0, 17) == -1);
  REQUIRE(crossed(18, kSteps) == -1);
}

TEST_CASE("Lights above the road, of lanes that the map lacks or far from theirs do not count",
          "[traffic_rules]") {
  Scene scene = lit_road(LightState::kStop, 0, kSteps);
  // the ego's ground is at 0.2 m, so that heights are known
  for (float& z : scene.tracks[0].z) z = 1.0f;
  const auto crossed = [&] { return drive(scene, {{0, 0, 0}}).plans.red_light_step[0]; };
  REQUIRE(crossed() == 18);
  scene.features.push_back(lane_of(8, {{-50, 9, 0}, {100, 9, 0}}));
  for (Point3& point : scene.features[0].points) point.z = 6.0f;
  REQUIRE(crossed() == -1);
  for (Point3& point : scene.features[0].points) point.z = 2.0f;
  REQUIRE(crossed() == 18);
  for (auto& signals : scene.signals) signals[0].stop_point.y = 10.5f;
  REQUIRE(crossed() == -1);
  for (auto& signals : scene.signals) signals[0] = {99, LightState::kStop, {20, 0, 0}};
  REQUIRE(crossed() == -1);
}

TEST_CASE("Standing at a stop sign is slower than half a metre per second within six metres",
          "[traffic_rules]") {
  // up to so far before the line, slow for half a second, then on
  const auto passes = [](double distance, double slow) {
    return stretches(20 - distance - 10, 0, {{10, 10}, {slow, 5}, {10, 20}});
  };
  const Facts facts = ride(signed_road(), {stretches(2.25, 0, {{10, 40}}), passes(3, 1.0),
                                           passes(3, 0.6), passes(3, 0.4), passes(3, 0.0),
                                           passes(5.9, 0.0), passes(6.1, 0.0), passes(7, 0.0)});
  REQUIRE(facts.plans.stop_sign_step == std::vector<int32_t>{18, 18, 18, -1, -1, -1, 22, 22});
  REQUIRE(facts.plans.red_light_step == std::vector<int32_t>(8, -1));
  REQUIRE(facts.log.stop_sign_step[0] == 18);
}

TEST_CASE("Standing beyond the line or on it is no stop before it", "[traffic_rules]") {
  const Facts facts = ride(signed_road(),
                           {// a metre beyond it after rolling through
                            stretches(11, 0, {{10, 10}, {0, 10}, {10, 10}}),
                            // beyond it, then back and over it
                            stretches(21.2, 0, {{0, 5}, {-5, 4}, {5, 10}}),
                            // slow only while it crosses
                            stretches(9.98, 0, {{10, 10}, {0.4, 1}, {10, 10}}),
                            // slow on the way over it
                            stretches(9.9, 0, {{10, 10}, {0.4, 10}, {10, 10}}),
                            // before it, then over it and back and over it again
                            stretches(19, 0, {{0, 3}, {5, 6}, {-5, 6}, {5, 10}})});
  REQUIRE(facts.plans.stop_sign_step == std::vector<int32_t>{9, 11, 11, -1, -1});
}

TEST_CASE("Each of two stop signs needs a stop of its own", "[traffic_rules]") {
  Scene scene = signed_road();
  add_stop_sign(scene, {40, 3.5f, 0}, {7});
  const Facts facts = ride(scene, {stretches(18, 0, {{0, 2}, {10, 25}}),  // first only
                                   stretches(18, 0, {{0, 2}, {10, 19}, {0, 2}, {10, 5}}),  // both
                                   stretches(18, 0, {{10, 19}, {0, 2}, {10, 5}})});  // second only
  REQUIRE(facts.plans.stop_sign_step == std::vector<int32_t>{24, -1, 2});
}

TEST_CASE("Only the stop sign of one's own lane counts", "[traffic_rules]") {
  Scene scene = plain_road();
  scene.features.push_back(lane_of(9, {{20, -50, 0}, {20, 50, 0}}));
  scene.features.push_back(lane_of(8, {{100, 3.5f, 0}, {-50, 3.5f, 0}}));
  scene.features.push_back(lane_of(10, {{-50, -3.7f, 0}, {100, -3.7f, 0}}));
  const std::vector<std::vector<int64_t>> others = {{9}, {8}, {10}, {99}, {}};
  for (const std::vector<int64_t>& lanes : others) {
    Scene other = scene;
    add_stop_sign(other, {20, 0, 0}, lanes);
    INFO("controls " << (lanes.empty() ? 0 : lanes[0]));
    REQUIRE(drive(other, {{0, 0, 0}}).plans.stop_sign_step[0] == -1);
  }
  add_stop_sign(scene, {20, 0, 0}, {9, 99, 7});
  REQUIRE(drive(scene, {{0, 0, 0}}).plans.stop_sign_step[0] == 18);
}

TEST_CASE("A stop just before the start counts as far as the history goes", "[traffic_rules]") {
  // the ego stands with its front so far before the line, then drives on at 4 m/s until the start
  const auto log_of = [](double distance, int first_seen) {
    Scene scene = signed_road();
    scene.current_step = 22;
    scene.tracks.clear();
    test::add_track(scene, {.first = first_seen});
    Track& track = scene.tracks[0];
    double x = 20 - distance - kFront;
    for (size_t step = 0; step < kSteps; ++step) {
      const double speed = step < 16 ? 0.0 : 4.0;
      if (step > 0) x += 0.1 * speed;
      if (static_cast<int>(step) < first_seen) continue;
      track.x[step] = static_cast<float>(x);
      track.velocity_x[step] = static_cast<float>(speed);
    }
    const SceneBatch batch({scene});
    const Snapshot snapshot = Snapshot::of_log(batch);
    return Simulator(batch)
        .rollout(snapshot, vocabulary(batch, snapshot, 1, {}), *make_agent_model("log"))
        .log.stop_sign_step[0];
  };
  REQUIRE(log_of(5.0, 0) == -1);
  REQUIRE(log_of(6.5, 0) >= 0);
  // first seen when it drives already
  REQUIRE(log_of(5.0, 16) >= 0);
}

TEST_CASE("Who never stood stood nowhere, whichever way the lane goes", "[traffic_rules]") {
  for (int eighth = 0; eighth < 8; ++eighth) {
    const double heading = eighth * test::kPi / 4;
    // diagonals with equal components to the bit
    const float ahead_x = eighth % 4 == 2 ? 0.0f : eighth > 2 && eighth < 6 ? -50.0f : 50.0f;
    const float ahead_y = eighth % 4 == 0 ? 0.0f : eighth < 4 ? 50.0f : -50.0f;
    Scene scene = test::empty_scene(kSteps);
    test::add_track(scene, {.heading = heading, .speed = kSpeed});
    scene.features.push_back(lane_of(7, {{-ahead_x, -ahead_y, 0}, {ahead_x, ahead_y, 0}}));
    add_stop_sign(scene, {0.4f * ahead_x, 0.4f * ahead_y, 0}, {7});
    for (const Precision precision : {Precision::kFloat, Precision::kDouble}) {
      RolloutSpec spec;
      spec.precision = precision;
      INFO("heading " << 45 * eighth << " degrees, precision " << static_cast<int>(precision));
      REQUIRE(
          ride(scene, {stretches(0, 0, {{kSpeed, 40}}, heading)}, spec).plans.stop_sign_step[0] >=
          20);
    }
  }
}

// The first step at which a plan at 10 m/s enters the crosswalk between x = 20 and x = 24 with
// somebody on it: 18, -1 never.
int32_t enters_with(const test::Mover& somebody,
                    const std::vector<Point3>& ring = {
                        {20, -6, 0}, {24, -6, 0}, {24, 6, 0}, {20, 6, 0}}) {
  Scene scene = plain_road();
  test::add_track(scene, somebody);
  add_crosswalk(scene, ring);
  return drive(scene, {{0, 0, 0}}).plans.crosswalk_step[0];
}

test::Mover pedestrian(double x, double y, double speed = 0.0) {
  return {.x = x,
          .y = y,
          .heading = test::kPi / 2,
          .speed = speed,
          .length = 0.5,
          .width = 0.5,
          .kind = AgentKind::kPedestrian};
}

TEST_CASE("Nobody drives onto a crosswalk that somebody is on", "[traffic_rules]") {
  REQUIRE(enters_with(pedestrian(22, 4)) == 18);
  REQUIRE(enters_with(pedestrian(22, -5)) == 18);
  // on the pavement, beside it, or not there at all
  REQUIRE(enters_with(pedestrian(22, 6.2)) == -1);
  REQUIRE(enters_with(pedestrian(24.3, 4)) == -1);
  test::Mover late = pedestrian(22, 4);
  late.first = 19;
  REQUIRE(enters_with(late) == -1);
  late.first = 18;
  REQUIRE(enters_with(late) == 18);
  test::Mover rider = pedestrian(22, 4);
  rider.kind = AgentKind::kCyclist;
  REQUIRE(enters_with(rider) == 18);
  for (const AgentKind kind : {AgentKind::kVehicle, AgentKind::kOther, AgentKind::kUnset}) {
    rider.kind = kind;
    REQUIRE(enters_with(rider) == -1);
  }
}

TEST_CASE("A crosswalk is free again once the pedestrian has left it", "[traffic_rules]") {
  // leaves it at y = 6 between steps 17 and 18, or 18 and 19
  REQUIRE(enters_with(pedestrian(22, 6.02 - 18 * 0.15, 1.5)) == -1);
  REQUIRE(enters_with(pedestrian(22, 5.98 - 18 * 0.15, 1.5)) == 18);
}

TEST_CASE("What a concave crosswalk leaves out does not belong to it", "[traffic_rules]") {
  // open towards the ego: arms from x = 20 on to either side of y = 0, a bar from x = 24 on
  const std::vector<Point3> ring = {{20, -6, 0}, {28, -6, 0}, {28, 6, 0},  {20, 6, 0},
                                    {20, 2, 0},  {24, 2, 0},  {24, -2, 0}, {20, -2, 0}};
  REQUIRE(enters_with(pedestrian(22, 4), ring) == 22);
  REQUIRE(enters_with(pedestrian(22, 1), ring) == -1);
  REQUIRE(enters_with(pedestrian(26, 0), ring) == 22);
  const std::vector<Point3> reversed(ring.rbegin(), ring.rend());
  REQUIRE(enters_with(pedestrian(26, 0), reversed) == 22);
}

TEST_CASE("Whoever is on the crosswalk already, or another one, does not enter it",
          "[traffic_rules]") {
  Scene scene = plain_road();
  test::add_track(scene, pedestrian(22, 4));
  add_crosswalk(scene, {{60, -6, 0}, {64, -6, 0}, {64, 6, 0}, {60, 6, 0}});
  add_crosswalk(scene, {{20, -6, 0}, {24, -6, 0}, {24, 6, 0}, {20, 6, 0}});
  const Facts facts =
      ride(scene, {stretches(21, 0, {{1, 10}}),                // stands on it at the start
                   stretches(50, 0, {{10, 20}}),               // the other one
                   stretches(25, 0, {{-10, 2}}),               // backwards, its front comes onto it
                   stretches(20.5, 0, {{10, 5}, {-10, 5}})});  // leaves it and comes back
  REQUIRE(facts.plans.crosswalk_step == std::vector<int32_t>{-1, -1, 2, 7});
}

TEST_CASE("Stuck is who is slow before a green light though the way is clear", "[traffic_rules]") {
  const Scene scene = lit_road(LightState::kGo, 0, kSteps);
  const auto waits = [](double distance, double speed, double y = 0.0, double heading = 0.0) {
    return stretches(20 - distance, y, {{speed, 10}, {5, 30}}, heading);
  };
  const Facts facts =
      ride(scene, {waits(5, 0), waits(5, 1.9), waits(5, 2.1), waits(9.9, 0), waits(10.1, 0),
                   waits(-0.1, 0), waits(5, 0, 1.9), waits(5, 0, 1.8), waits(5, 0, 0, test::kPi)});
  REQUIRE(facts.plans.stuck_step == std::vector<int32_t>{1, 1, -1, 1, -1, -1, -1, 1, -1});
  for (const size_t plan : {0u, 1u, 3u, 7u}) {
    REQUIRE(facts.plans.stuck_time[plan] == Approx(1.0f).margin(1e-5));
  }
  REQUIRE(facts.plans.stuck_time[2] == 0.0f);
  // time adds up over several halts
  const Facts twice = ride(scene, {stretches(12, 0, {{5, 4}, {0, 7}, {5, 4}, {0, 6}, {5, 10}})});
  REQUIRE(twice.plans.stuck_step[0] == 5);
  REQUIRE(twice.plans.stuck_time[0] == Approx(1.3f).margin(1e-5));
}

TEST_CASE("Nobody is stuck at red, behind others, or while the light is yellow",
          "[traffic_rules]") {
  const std::vector<std::vector<RoadPose>> waits = {stretches(15, 0, {{0, 40}})};
  for (const LightState state : {LightState::kStop, LightState::kCaution, LightState::kUnknown}) {
    REQUIRE(ride(lit_road(state, 0, kSteps), waits).plans.stuck_step[0] == -1);
  }
  REQUIRE(ride(lit_road(LightState::kArrowGo, 30, 36), waits).plans.stuck_step[0] == 30);
  REQUIRE(ride(lit_road(LightState::kArrowGo, 30, 36), waits).plans.stuck_time[0] ==
          Approx(0.6f).margin(1e-5));
  const auto behind = [&](const test::Mover& other) {
    Scene scene = lit_road(LightState::kGo, 0, kSteps);
    test::add_track(scene, other);
    return ride(scene, waits).plans.stuck_step[0];
  };
  // the rear of a car of 4.5 m less and more than 10 m ahead
  REQUIRE(behind({.x = 27.1}) == -1);
  REQUIRE(behind({.x = 27.4}) == 1);
  REQUIRE(behind({.x = 20.0, .y = 1.8}) == -1);
  REQUIRE(behind({.x = 20.0, .y = 2.0}) == 1);
  REQUIRE(behind({.x = 5.0}) == 1);
  REQUIRE(behind(pedestrian(24, 0.5)) == -1);
  // whoever leaves at 1 s frees the way
  REQUIRE(behind({.x = 20.0, .last = 10}) == 11);
}

TEST_CASE("Generated drivers stop at red where plans that drive on do not", "[traffic_rules]") {
  int crossed = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    const Scene scene = generate_scene({}, LayoutKind::kSignalisedCrossing, seed).scene;
    const SceneBatch batch({scene});
    const Snapshot snapshot = Snapshot::of_log(batch);
    const Facts facts = Simulator(batch).rollout(snapshot, vocabulary(batch, snapshot, 256, {}),
                                                 *make_agent_model("log"), RolloutSpec{});
    INFO("seed " << seed);
    REQUIRE(facts.log.red_light_step[0] == -1);
    REQUIRE(facts.log.off_road_step[0] == -1);
    for (const int32_t step : facts.plans.red_light_step) crossed += step >= 0 ? 1 : 0;
  }
  REQUIRE(crossed > 20);
}

}  // namespace
}  // namespace forkroad
