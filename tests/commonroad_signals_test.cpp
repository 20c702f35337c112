#include "tests/commonroad_scenes.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

// Seven steps of traffic, so that a cycle of six comes round.
std::string seven_steps() {
  Drive drive;
  drive.num_states = 7;
  return dynamic_obstacle(drive);
}

// A lanelet that refers to lights and signs.
std::string signalled(const std::string& parts) {
  LaneletSpec spec;
  spec.parts = parts;
  return lanelet(spec);
}

std::vector<LightState> states_of(const Scene& scene) {
  std::vector<LightState> states;
  for (const auto& signals : scene.signals) {
    REQUIRE(signals.size() == 1);
    REQUIRE(signals[0].lane_id == 1);
    states.push_back(signals[0].state);
  }
  return states;
}

constexpr LightState kGo = LightState::kGo;
constexpr LightState kCaution = LightState::kCaution;
constexpr LightState kStop = LightState::kStop;

}  // namespace

TEST_CASE("a traffic light's cycle counts in steps from its offset", "[cpu]") {
  const std::string lane = signalled(reference("trafficLightRef", 60));
  REQUIRE(states_of(decode_scene(document(seven_steps() + lane + traffic_light(60)))) ==
          std::vector<LightState>{kGo, kGo, kCaution, kStop, kStop, kStop, kGo});
  // the cycle begins at step 1, so step 0 is the end of the cycle before
  REQUIRE(states_of(decode_scene(document(seven_steps() + lane + traffic_light(60, "", 1)))) ==
          std::vector<LightState>{kStop, kGo, kGo, kCaution, kStop, kStop, kStop});
  REQUIRE(states_of(decode_scene(document(seven_steps() + lane + traffic_light(60, "", -601)))) ==
          std::vector<LightState>{kGo, kCaution, kStop, kStop, kStop, kGo, kGo});
}

TEST_CASE("colours and directions of a light have their states", "[cpu]") {
  const auto state_of = [](const char* color, const char* direction, const char* active) {
    const std::string light = element(
        "trafficLight",
        element("cycle",
                element("cycleElement", element("duration", "5") + element("color", color))) +
            element("direction", direction) + element("active", active),
        "id=\"60\"");
    return decode_scene(document(light + signalled(reference("trafficLightRef", 60))))
        .signals[0]
        .at(0)
        .state;
  };
  REQUIRE(state_of("red", "all", "true") == LightState::kStop);
  REQUIRE(state_of("redYellow", "all", "true") == LightState::kStop);
  REQUIRE(state_of("yellow", "straightRight", "true") == LightState::kCaution);
  REQUIRE(state_of("green", "leftStraight", "true") == LightState::kGo);
  REQUIRE(state_of("red", "left", "true") == LightState::kArrowStop);
  REQUIRE(state_of("yellow", "right", "true") == LightState::kArrowCaution);
  REQUIRE(state_of("green", "leftRight", "true") == LightState::kArrowGo);
  REQUIRE(state_of("inactive", "all", "true") == LightState::kUnknown);
  REQUIRE(state_of("green", "all", "false") == LightState::kUnknown);
  REQUIRE(state_of("violet", "all", "true") == LightState::kUnknown);
}

TEST_CASE("of several lights of a lanelet the one for most directions counts", "[cpu]") {
  const std::string lights = traffic_light(60, element("direction", "right"), 1) +
                             traffic_light(61, element("direction", "straightRight")) +
                             traffic_light(62, element("direction", "left"), 2);
  const Scene scene = decode_scene(document(
      lights + signalled(reference("trafficLightRef", 60) + reference("trafficLightRef", 61) +
                         reference("trafficLightRef", 62) + reference("trafficLightRef", 63))));
  REQUIRE(states_of(scene) == std::vector<LightState>{kGo});
  REQUIRE(has_assumption(scene, "2 lights share a lanelet"));
  REQUIRE(has_assumption(scene, "1 references to lights that do not exist"));
}

TEST_CASE("traffic stops in the middle of the stop line, or where the lanelet ends", "[cpu]") {
  const auto stop_point = [](const std::string& parts) {
    const Scene scene = decode_scene(document(traffic_light(60) + signalled(parts)));
    return source_point(scene, scene.signals[0].at(0).stop_point);
  };
  const std::string light = reference("trafficLightRef", 60);
  REQUIRE(stop_point(light) == std::pair<double, double>{20, 0});
  REQUIRE(stop_point(element("stopLine", point(18, 2) + point(17, -2)) + light) ==
          std::pair<double, double>{17.5, 0});
  // a light that only the stop line refers to; a stop line without points ends the lanelet
  REQUIRE(stop_point(element("stopLine", element("lineMarking", "solid") + light)) ==
          std::pair<double, double>{20, 0});
}

TEST_CASE("speed limits come from the lowest of a lanelet's signs", "[cpu]") {
  const std::string signs = traffic_sign(50, "274", "33.33") + traffic_sign(51, "R2-1", "13.4112") +
                            traffic_sign(52, "275", "5");
  const auto limit = [&](const std::string& parts) {
    return feature_with(decode_scene(document(signs + signalled(parts))), 1).speed_limit;
  };
  REQUIRE(limit(reference("trafficSignRef", 50)) == 33.33f);
  REQUIRE(limit(reference("trafficSignRef", 50) + reference("trafficSignRef", 51)) == 13.4112f);
  // a least speed is no limit
  REQUIRE(limit(reference("trafficSignRef", 52)) == 0.0f);
  REQUIRE(limit(element("speedLimit", "8") + reference("trafficSignRef", 50)) == 8.0f);
}

TEST_CASE("a stop sign stands where its lanelets stop and names them", "[cpu]") {
  LaneletSpec other;
  other.id = 2;
  other.parts = reference("trafficSignRef", 50);
  const Scene scene =
      decode_scene(document(traffic_sign(50, "206") + traffic_sign(51, "R1-1") +
                            signalled(element("stopLine", point(18, 2) + point(18, -2) +
                                                              reference("trafficSignRef", 50))) +
                            lanelet(other)));
  REQUIRE(count_kind(scene, FeatureKind::kStopSign) == 1);
  const MapFeature& stop = scene.features.back();
  REQUIRE(stop.kind == FeatureKind::kStopSign);
  REQUIRE(stop.type == MapType::kStopSign);
  REQUIRE(stop.controlled_lanes == std::vector<int64_t>{1, 2});
  REQUIRE(source_point(scene, stop.points.at(0)) == std::pair<double, double>{18, 0});
}
