// Red lights: which stop lines there are, and who crosses them.
#include "sim/traffic_rules.hpp"

#include <array>
#include <cmath>

#include "scenarios/generate_scene.hpp"
#include "sim/simulator.hpp"
#include "sim/vocabulary.hpp"
#include "tests/catch.hpp"
#include "tests/scene_builder.hpp"

namespace forkroad {
namespace {

constexpr int kSteps = 41;
constexpr double kSpeed = 10.0;  // [m/s]

// A lane along +x with a light at x = 20 that is red during [first, end).
Scene lit_road(LightState state, int first, int end) {
  Scene scene = test::empty_scene(kSteps);
  test::add_track(scene, {.speed = kSpeed});
  MapFeature lane;
  lane.id = 7;
  lane.kind = FeatureKind::kLane;
  lane.points = {{-50, 0, 0}, {0, 0, 0}, {100, 0, 0}};
  scene.features.push_back(lane);
  for (int step = first; step < end; ++step) {
    scene.signals[static_cast<size_t>(step)].push_back({7, state, {20, 0.3f, 0}});
  }
  return scene;
}

// Facts of plans that move along straight lines: start (x, y), heading, 10 m/s.
Facts drive(const Scene& scene, const std::vector<std::array<double, 3>>& starts) {
  std::vector<float> values;
  for (const auto& [x, y, heading] : starts) {
    for (int step = 0; step < kSteps; ++step) {
      const double way = kSpeed * 0.1 * step;
      values.push_back(static_cast<float>(x + way * std::cos(heading)));
      values.push_back(static_cast<float>(y + way * std::sin(heading)));
      values.push_back(static_cast<float>(heading));
    }
  }
  PlanLayout layout;
  layout.dt = 0.1;
  layout.first_time = 0.0;
  layout.frame = PlanFrame::kScene;
  layout.reference = ReferencePoint::kBoxCenter;
  const SceneBatch batch({scene});
  return Simulator(batch).rollout(
      Snapshot::of_log(batch), PlanSet(values, 1, static_cast<int>(starts.size()), kSteps, layout),
      *make_agent_model("log"), RolloutSpec{});
}

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
