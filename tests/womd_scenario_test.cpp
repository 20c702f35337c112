#include "scenarios/womd_scenario.hpp"

#include <cmath>
#include <cstring>

#include "scenarios/load_scenes.hpp"
#include "tests/catch.hpp"
#include "tests/scene_compare.hpp"
#include "tests/shared_logs.hpp"
#include "tests/temporary_file.hpp"
#include "tests/womd_writer.hpp"

using namespace forkroad;
using Catch::Matchers::Contains;
using test::ScenarioSpec;
using test::small_scenario;
using test::write_scenario;

namespace {

Parsed<Scene> decode(const std::string& payload) {
  return decode_womd_scenario(test::as_bytes(payload),
                              {"womd_scenario", "made-up.tfrecord", 3, 12});
}

Scene decode_good(const ScenarioSpec& scenario) {
  const Parsed<Scene> scene = decode(write_scenario(scenario));
  if (!scene) FAIL(scene.error().text());
  REQUIRE(find_scene_fault(scene.value()).empty());
  return scene.value();
}

}  // namespace

TEST_CASE("decode_womd_scenario keeps every field of the tracks", "[cpu]") {
  const Scene scene = decode_good(small_scenario());
  REQUIRE(scene.id == "made-up");
  REQUIRE(scene.num_steps == 4);
  REQUIRE(scene.current_step == 1);
  REQUIRE(scene.ego == 0);
  REQUIRE(scene.dt == 0.1);
  REQUIRE(scene.timestamps == test::make_timestamps(4));
  // the ego's place at the current step, floored
  REQUIRE(scene.origin == std::array<double, 3>{1001, -2001, 30});
  REQUIRE(scene.objects_of_interest == std::vector<int64_t>{12, 13});
  REQUIRE(scene.tracks_to_predict == std::vector<int32_t>{1, 2});
  REQUIRE(scene.assumptions.empty());
  REQUIRE(scene.provenance.record == 3);
  REQUIRE(scene.tracks.size() == 3);
  const Track& ego = scene.tracks[0];
  REQUIRE(ego.id == 11);
  REQUIRE(ego.kind == AgentKind::kVehicle);
  REQUIRE(ego.raw_type == "TYPE_VEHICLE");
  REQUIRE(ego.x == std::vector<float>{-0.5f, 0.5f, 1.5f, 2.5f});
  REQUIRE(ego.y == std::vector<float>(4, 0.75f));
  REQUIRE(ego.z == std::vector<float>(4, 0.75f));
  REQUIRE(ego.heading == std::vector<float>(4, 0.25f));
  REQUIRE(ego.velocity_x == std::vector<float>(4, 10.0f));
  REQUIRE(ego.velocity_y == std::vector<float>(4, -0.5f));
  REQUIRE(ego.length == std::vector<float>(4, 4.5f));
  REQUIRE(ego.width == std::vector<float>(4, 2.0f));
  REQUIRE(ego.height == std::vector<float>(4, 1.5f));
  REQUIRE(scene.tracks[1].kind == AgentKind::kPedestrian);
  REQUIRE(scene.tracks[1].valid == std::vector<uint8_t>{0, 1, 1, 1});
  REQUIRE(scene.tracks[1].x == std::vector<float>{0, 10, 11, 12});
  REQUIRE(scene.tracks[2].kind == AgentKind::kCyclist);
}

TEST_CASE("decode_womd_scenario keeps every field of the map and the lights", "[cpu]") {
  const Scene scene = decode_good(small_scenario());
  REQUIRE(scene.features.size() == 8);
  const MapFeature& lane = scene.features[0];
  REQUIRE(lane.id == 100);
  REQUIRE(lane.kind == FeatureKind::kLane);
  REQUIRE(lane.type == MapType::kLaneSurfaceStreet);
  REQUIRE(lane.points.size() == 3);
  REQUIRE(lane.points[2].x == 9.0f);
  REQUIRE(lane.points[2].y == 1.0f);
  REQUIRE(lane.points[2].z == 0.5f);
  REQUIRE(lane.speed_limit == Approx(25 * 0.44704));
  REQUIRE(lane.interpolating);
  REQUIRE(lane.entry_lanes == std::vector<int64_t>{90});
  REQUIRE(lane.exit_lanes == std::vector<int64_t>{101, 102});
  REQUIRE(lane.left_neighbors.size() == 1);
  REQUIRE(lane.left_neighbors[0].feature_id == 101);
  REQUIRE(lane.left_neighbors[0].self_start == 0);
  REQUIRE(lane.left_neighbors[0].self_end == 2);
  REQUIRE(lane.left_neighbors[0].neighbor_end == 1);
  REQUIRE(lane.right_neighbors.empty());
  REQUIRE(lane.right_boundaries.size() == 1);
  REQUIRE(lane.right_boundaries[0].feature_id == 200);
  REQUIRE(lane.right_boundaries[0].lane_end == 2);
  REQUIRE(lane.right_boundaries[0].type == MapType::kLineSolidSingleYellow);
  REQUIRE(scene.features[1].left_boundaries[0].type == MapType::kLineUnknown);
  REQUIRE(scene.features[1].right_neighbors[0].neighbor_end == 2);
  const std::vector<MapType> types = {
      MapType::kLaneSurfaceStreet, MapType::kLaneFreeway, MapType::kLineSolidSingleYellow,
      MapType::kEdgeBoundary,      MapType::kStopSign,    MapType::kCrosswalk,
      MapType::kSpeedBump,         MapType::kDriveway};
  for (std::size_t feature = 0; feature < types.size(); ++feature) {
    REQUIRE(scene.features[feature].type == types[feature]);
  }
  REQUIRE(scene.features[4].controlled_lanes == std::vector<int64_t>{100, 101});
  REQUIRE(scene.features[4].points.size() == 1);
  REQUIRE(scene.signals.size() == 4);
  REQUIRE(scene.signals[3].size() == 2);
  REQUIRE(scene.signals[3][0].lane_id == 100);
  REQUIRE(scene.signals[3][0].state == LightState::kStop);
  REQUIRE(scene.signals[3][0].stop_point.x == 11.0f);
  REQUIRE(scene.signals[3][1].state == LightState::kGo);
}

TEST_CASE("decode_womd_scenario drops the repeated end of a ring and nothing else", "[cpu]") {
  const Scene scene = decode_good(small_scenario());
  for (const std::size_t ring : {std::size_t{5}, std::size_t{6}, std::size_t{7}}) {
    REQUIRE(scene.features[ring].points.size() == 4);
    REQUIRE(scene.features[ring].points.back().x == 19.0f);
    REQUIRE(scene.features[ring].points.back().y == 6.0f);
  }
  ScenarioSpec roundabout = small_scenario();
  roundabout.features[0].points.push_back(roundabout.features[0].points[0]);
  REQUIRE(decode_good(roundabout).features[0].points.size() == 4);
}

TEST_CASE("decode_womd_scenario maps every line, edge and lane code", "[cpu]") {
  const auto type_of = [](uint32_t tag, std::optional<int> code) {
    ScenarioSpec scenario = small_scenario();
    scenario.features = {scenario.features[2]};
    scenario.features[0].tag = tag;
    scenario.features[0].type = code;
    return static_cast<int>(decode_good(scenario).features[0].type);
  };
  for (int code = 0; code < 9; ++code) REQUIRE(type_of(test::kRoadLineTag, code) == 5 + code);
  for (int code = 0; code < 3; ++code) REQUIRE(type_of(test::kRoadEdgeTag, code) == 14 + code);
  for (int code = 0; code < 4; ++code) REQUIRE(type_of(test::kLaneTag, code) == code);
  REQUIRE(type_of(test::kRoadLineTag, std::nullopt) == 5);
  REQUIRE(type_of(test::kRoadEdgeTag, std::nullopt) == 14);
  REQUIRE(type_of(test::kLaneTag, std::nullopt) == 0);
}

TEST_CASE("codes that the reader does not know are read as unknown and said", "[cpu]") {
  ScenarioSpec scenario = small_scenario();
  scenario.tracks[2].type = 77;
  scenario.features[2].type = 99;
  scenario.lights[0][0].state = -1;
  const Scene scene = decode_good(scenario);
  REQUIRE(scene.tracks[2].kind == AgentKind::kUnset);
  REQUIRE(scene.tracks[2].raw_type == "77");
  REQUIRE(scene.features[2].type == MapType::kLineUnknown);
  REQUIRE(scene.signals[0][0].state == LightState::kUnknown);
  REQUIRE(
      scene.assumptions ==
      std::vector<std::string>{"2 type or state codes unknown to this reader are read as unknown"});
}

TEST_CASE("packed, unpacked and unknown fields give the same scene", "[cpu]") {
  const Scene expected = decode_good(small_scenario());
  for (const bool packed : {false, true}) {
    for (const bool unknown_fields : {false, true}) {
      ScenarioSpec scenario = small_scenario();
      scenario.packed = packed;
      scenario.unknown_fields = unknown_fields;
      REQUIRE(test::same_scene(decode_good(scenario), expected));
    }
  }
}

TEST_CASE("a field that comes twice is read as protobuf demands", "[cpu]") {
  const std::string payload = write_scenario(small_scenario());
  std::string twice = payload;
  protozero::pbf_writer writer(twice);
  writer.add_string(5, "last one counts");
  const Parsed<Scene> scene = decode(twice);
  REQUIRE(scene.ok());
  REQUIRE(scene.value().id == "last one counts");
}

TEST_CASE("headings outside of [-pi, pi) are wrapped, others kept to the bit", "[cpu]") {
  const std::vector<std::pair<float, float>> headings = {
      {3.1415925f, 3.1415925f},  {-3.1415927f, -3.1415927f},  {3.1415927f, -3.1415927f},
      {4.0f, 4.0f - 6.2831853f}, {-7.0f, -7.0f + 6.2831853f}, {100.0f, 100.0f - 100.530965f}};
  for (const auto& [stored, expected] : headings) {
    ScenarioSpec scenario = small_scenario();
    scenario.tracks[0].states[2].heading = stored;
    // fp32 spacing at 100 rad is 8e-6
    REQUIRE(decode_good(scenario).tracks[0].heading[2] == Approx(expected).margin(1e-5));
  }
}

TEST_CASE("dt is the median step, taken to the nominal rate", "[cpu]") {
  const std::vector<std::pair<double, double>> steps = {
      {0.1, 0.1},           {0.10025, 0.1}, {0.09998, 0.1}, {1.0 / 30, 1.0 / 30},
      {1.0 / 15, 1.0 / 15}, {0.4, 0.4},     {0.5003, 0.5},  {0.0101, 0.0101},
      {0.04, 0.04},         {2.0, 2.0},     {0.09964, 0.1}, {0.067, 0.067}};
  for (const auto& [step, expected] : steps) {
    ScenarioSpec scenario = small_scenario();
    scenario.timestamps = test::make_timestamps(4, step);
    CAPTURE(step);
    REQUIRE(decode_good(scenario).dt == Approx(expected).epsilon(1e-12));
  }
  ScenarioSpec uneven = small_scenario();
  uneven.timestamps = {0, 0.1, 0.3, 0.4};
  const Scene scene = decode_good(uneven);
  REQUIRE(scene.dt == 0.1);
  REQUIRE(scene.assumptions.size() == 1);
  REQUIRE_THAT(scene.assumptions[0], Contains("0.1 to 0.2 s apart"));
}

TEST_CASE("a log of one step is a scene whose dt is assumed", "[cpu]") {
  const Scene scene = decode_good(small_scenario(1));
  REQUIRE(scene.num_steps == 1);
  REQUIRE(scene.dt == 0.1);
  REQUIRE(scene.assumptions.size() == 1);
  REQUIRE_THAT(scene.assumptions[0], Contains("one step") && Contains("0.1 s"));
}

TEST_CASE("an ego alone without map and lights is a scene", "[cpu]") {
  ScenarioSpec scenario;
  scenario.timestamps = test::make_timestamps(2);
  scenario.tracks = {test::make_track(0, 1, {}, 2)};
  const Scene scene = decode_good(scenario);
  REQUIRE(scene.tracks.size() == 1);
  REQUIRE(scene.features.empty());
  REQUIRE(scene.signals.size() == 2);
}

TEST_CASE("five thousand agents are a scene", "[cpu]") {
  ScenarioSpec scenario;
  scenario.timestamps = test::make_timestamps(11);
  for (int agent = 0; agent < 5000; ++agent) {
    scenario.tracks.push_back(
        test::make_track(agent, 1 + agent % 4, {agent % 100 * 5.0, agent / 100 * 5.0, 0}, 11));
  }
  scenario.ego = 4999;
  const Scene scene = decode_good(scenario);
  REQUIRE(scene.tracks.size() == 5000);
  REQUIRE(scene.tracks[4999].x[10] == 10.0f);
  REQUIRE(scene.origin[0] == 495.0);
}

TEST_CASE("the origin is the ego's first valid place if it is not valid now", "[cpu]") {
  ScenarioSpec scenario = small_scenario();
  scenario.tracks[0].states[0].valid = false;
  scenario.tracks[0].states[1].valid = false;
  const Scene scene = decode_good(scenario);
  REQUIRE(scene.origin[0] == 1002.0);
  REQUIRE(scene.assumptions.size() == 1);
  REQUIRE_THAT(scene.assumptions[0], Contains("not valid at step 1") && Contains("step 2"));
}

TEST_CASE("coordinates far from zero keep their precision", "[cpu]") {
  ScenarioSpec scenario = small_scenario();
  scenario.features.clear();
  scenario.lights.clear();
  for (test::TrackSpec& track : scenario.tracks) {
    for (test::StateSpec& state : track.states) {
      state.x += 5e6;
      state.y -= 3e6;
    }
  }
  const Scene scene = decode_good(scenario);
  REQUIRE(scene.origin[0] == 5001001.0);
  REQUIRE(scene.tracks[0].x[1] == 0.5f);
  REQUIRE(scene.tracks[0].y[1] == 0.75f);
}

TEST_CASE("what a map lacks is left out and said", "[cpu]") {
  ScenarioSpec scenario = small_scenario();
  scenario.features[2].points.clear();
  scenario.features[3].tag = 60;
  scenario.features[0].left_neighbors.push_back({101, 0, 3, 0, 1});
  scenario.features[0].left_neighbors.push_back({101, 0, 2, 0, 3});
  scenario.features[0].left_neighbors.push_back({555, 0, 2, 0, 3});
  scenario.features[0].right_boundaries.push_back({200, -1, 2, 1});
  scenario.lights[0][0].stop_point.reset();
  scenario.lights[1].push_back({999, 4, std::nullopt});
  const Scene scene = decode_good(scenario);
  REQUIRE(scene.features.size() == 6);
  REQUIRE(scene.features[0].left_neighbors.size() == 2);
  REQUIRE(scene.features[0].right_boundaries.size() == 1);
  REQUIRE(scene.signals[0][0].stop_point.x == scene.features[0].points[0].x);
  REQUIRE(scene.signals[1].size() == 2);
  REQUIRE(scene.assumptions ==
          std::vector<std::string>{
              "1 map features of a kind unknown to this reader are left out",
              "1 map features without points are left out",
              "3 neighbours or boundaries beyond the ends of their lanes are left out",
              "1 light states without a stop point are placed where their lane starts",
              "1 light states without a stop point and lane are left out"});
}

TEST_CASE("the two real Scenario files hold what their publishers say", "[cpu]") {
  struct Expected {
    const char* file;
    const char* id;
    std::size_t tracks, features, lanes, lane_states;
  };
  const std::vector<Expected> logs = {
      {"data/womd_tfrecord/motion_data_one_scenario.tfrecord", "637f20cafde22ff8", 83, 301, 199,
       1092},
      {"data/womd_tfrecord/womd_scenario_input.tfrecord", "ee519cf571686d19", 257, 215, 114, 0}};
  for (const Expected& log : logs) {
    const std::string file = test::find_shared(log.file);
    if (file.empty()) {
      WARN("real logs absent: " << log.file);
      return;
    }
    const std::vector<Scene> scenes = load_scenes(file);
    REQUIRE(scenes.size() == 1);
    const Scene& scene = scenes[0];
    REQUIRE(find_scene_fault(scene).empty());
    REQUIRE(scene.id == log.id);
    REQUIRE(scene.num_steps == 91);
    REQUIRE(scene.current_step == 10);
    REQUIRE(scene.dt == 0.1);
    REQUIRE(scene.tracks.size() == log.tracks);
    REQUIRE(scene.features.size() == log.features);
    std::size_t lanes = 0;
    for (const MapFeature& feature : scene.features) lanes += feature.kind == FeatureKind::kLane;
    REQUIRE(lanes == log.lanes);
    std::size_t lane_states = 0;
    for (const auto& signals : scene.signals) lane_states += signals.size();
    REQUIRE(lane_states == log.lane_states);
    if (lane_states > 0) REQUIRE(scene.signals[0].size() == 12);
    const Track& ego = scene.tracks[static_cast<std::size_t>(scene.ego)];
    REQUIRE(std::abs(ego.x[10] - 0.5f) <= 0.5f);
    REQUIRE(std::abs(ego.y[10] - 0.5f) <= 0.5f);
  }
}
