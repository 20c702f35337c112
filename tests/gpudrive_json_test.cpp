#include "scenarios/gpudrive_json.hpp"

#include <cmath>

#include "scenarios/load_scenes.hpp"
#include "tests/gpudrive_json_texts.hpp"
#include "tests/scene_compare.hpp"
#include "tests/single_scene_errors.hpp"
#include "tests/temporary_file.hpp"

using namespace forkroad;
using test::decode_json;
using test::has_assumption;
using test::kHeightText;
using test::kNocturneText;
using test::kSecondText;
using test::kUnifiedText;
using test::replaced;
using test::require_scene;

namespace {

constexpr double kDegreeInRadians = 0.017453292519943295;

const MapFeature& feature_of(const Scene& scene, int64_t id) {
  for (const MapFeature& feature : scene.features) {
    if (feature.id == id) return feature;
  }
  FAIL("no feature with id " << id);
  return scene.features.front();
}

std::vector<FeatureKind> kinds_of(const Scene& scene) {
  std::vector<FeatureKind> kinds;
  for (const MapFeature& feature : scene.features) kinds.push_back(feature.kind);
  return kinds;
}

}  // namespace

TEST_CASE("the oldest GPUDrive files are read: degrees, no z, height, ids, metadata", "[cpu]") {
  const Scene scene = require_scene(decode_json(kNocturneText));
  REQUIRE(scene.id == "tfrecord-1");
  REQUIRE(scene.provenance.format == "gpudrive_json");
  REQUIRE(scene.dt == 0.1);
  REQUIRE(scene.num_steps == 2);
  REQUIRE(scene.current_step == 0);
  REQUIRE(scene.ego == -1);
  // the mean of (9000.5, -2700.25) and (9004.5, -2690.0)
  REQUIRE(scene.origin == std::array<double, 3>{9002, -2696, 0});
  REQUIRE(scene.tracks.size() == 2);
  const Track& car = scene.tracks[0];
  REQUIRE(car.id == 0);
  REQUIRE(car.kind == AgentKind::kVehicle);
  REQUIRE(car.raw_type == "vehicle");
  REQUIRE(car.x == std::vector<float>{-1.5f, -0.5f});
  REQUIRE(car.z == std::vector<float>{0, 0});
  REQUIRE(car.height == std::vector<float>{0, 0});
  REQUIRE(car.heading[0] == Approx(90 * kDegreeInRadians));
  REQUIRE(car.heading[1] == Approx(90 * kDegreeInRadians));
  REQUIRE(scene.tracks[1].valid == std::vector<uint8_t>{0, 1});
  REQUIRE(scene.tracks[1].x == std::vector<float>{0, 2.5f});
  REQUIRE(scene.tracks[1].heading[1] == Approx(kDegreeInRadians));
  REQUIRE(kinds_of(scene) == std::vector{FeatureKind::kLane, FeatureKind::kStopSign});
  REQUIRE(scene.features[0].type == MapType::kLaneUndefined);
  REQUIRE(scene.features[1].id == 1);
  for (const char* text :
       {"dt is absent: taken as 0.1 s", "current_time_index is absent: taken as 0",
        "sdc_track_index is absent: the scene has no ego", "headings reach 810: read as degrees",
        "2 objects have no id", "2 objects have no height", "3 states have no z",
        "3 points of roads have no z", "2 roads have no id", "1 objects have a box without area",
        "scenario_id is absent", "objects.goalPosition (2)"}) {
    INFO(text);
    REQUIRE(has_assumption(scene, text));
  }
}

TEST_CASE("files with heights and lights by lane name are read", "[cpu]") {
  const Scene scene = require_scene(decode_json(kHeightText));
  REQUIRE(scene.id == "2b");
  REQUIRE(scene.tracks[0].kind == AgentKind::kCyclist);
  // 0.0001 of the state that is not valid takes no part in origin and unit
  REQUIRE(scene.origin == std::array<double, 3>{100, 200, 3});
  REQUIRE(scene.tracks[0].heading[1] == Approx(91.5 * kDegreeInRadians));
  REQUIRE(scene.tracks[0].height == std::vector<float>{0, 1.5f});
  REQUIRE(scene.features[0].id == 236);
  REQUIRE(scene.features[0].type == MapType::kLaneBike);
  REQUIRE(scene.signals.size() == 2);
  REQUIRE(scene.signals[0].empty());
  REQUIRE(scene.signals[1].size() == 1);
  REQUIRE(scene.signals[1][0].lane_id == 236);
  REQUIRE(scene.signals[1][0].state == LightState::kArrowGo);
  REQUIRE(scene.signals[1][0].stop_point.y == 5.5f);
  REQUIRE(has_assumption(scene, "headings reach 91.5: read as degrees"));
  REQUIRE_FALSE(has_assumption(scene, "no z"));
}

TEST_CASE("files with metadata are read: radians up to the fp32 pi, ego, tracks to predict",
          "[cpu]") {
  const Scene scene = require_scene(decode_json(kSecondText));
  REQUIRE(scene.ego == 0);
  REQUIRE(scene.origin == std::array<double, 3>{5, 6, 1});
  REQUIRE(scene.tracks[0].id == 645);
  REQUIRE(scene.tracks[0].heading[1] == Approx(-M_PI));
  REQUIRE(scene.tracks[0].heading[1] >= -3.14159274f);
  REQUIRE(scene.objects_of_interest == std::vector<int64_t>{645});
  REQUIRE(scene.tracks_to_predict == std::vector<int32_t>{0});
  REQUIRE(scene.features[0].type == MapType::kEdgeBoundary);
  REQUIRE_FALSE(has_assumption(scene, "degrees"));
  REQUIRE(has_assumption(scene, "objects.vbd_trajectory (1), tracks_to_predict.difficulty (1)"));
}

TEST_CASE("the unified extensions are read: clock, ego, ids that are words", "[cpu]") {
  const Scene scene = require_scene(decode_json(kUnifiedText));
  REQUIRE(scene.id == "made-up");
  REQUIRE(scene.dt == 0.5);
  REQUIRE(scene.timestamps == std::vector<double>{0, 0.5, 1, 1.5});
  REQUIRE(scene.current_step == 1);
  REQUIRE(scene.ego == 1);
  // the ego at the current step, floored; 30 km away fp32 would be 2 mm coarse
  REQUIRE(scene.origin == std::array<double, 3>{30002, -20001, 10});
  REQUIRE(scene.tracks[1].x == std::vector<float>{-1.75f, 0.75f, 3.25f, 5.75f});
  REQUIRE(scene.tracks[1].heading[3] == -3.1f);
  REQUIRE(scene.tracks[1].velocity_y[2] == 0.5f);
  // words are numbered above the largest number
  REQUIRE(scene.tracks[0].id == 18);
  REQUIRE(scene.tracks[1].id == 19);
  REQUIRE(scene.tracks[2].id == 17);
  REQUIRE(scene.tracks[0].raw_type == "STROLLER");
  REQUIRE(scene.tracks[0].kind == AgentKind::kPedestrian);
  REQUIRE(scene.tracks[2].kind == AgentKind::kOther);
  REQUIRE(scene.tracks[2].valid == std::vector<uint8_t>{1, 1, 0, 1});
  REQUIRE(scene.tracks[2].length == std::vector<float>{2, 2, 0, 2});
  REQUIRE(scene.objects_of_interest == std::vector<int64_t>{19, 17});
  REQUIRE(scene.tracks_to_predict == std::vector<int32_t>{2});
  for (const char* text :
       {"the file was made from: made up", "declares steps of 0.1 s, the file corrects them to 0.5",
        "2 ids of objects are words", "1 objects have sizes that the file's writer assumed",
        "1 objects are marked as experts", "author (1)", "planning_problems (1)"}) {
    INFO(text);
    REQUIRE(has_assumption(scene, text));
  }
}

TEST_CASE("the unified map is read: links, neighbours, limits, types, bounds, areas", "[cpu]") {
  const Scene scene = require_scene(decode_json(kUnifiedText));
  REQUIRE(kinds_of(scene) == std::vector{FeatureKind::kLane, FeatureKind::kLane,
                                         FeatureKind::kRoadLine, FeatureKind::kRoadEdge,
                                         FeatureKind::kStopSign, FeatureKind::kCrosswalk,
                                         FeatureKind::kSpeedBump, FeatureKind::kDriveway,
                                         FeatureKind::kRoadLine, FeatureKind::kDrivableArea});
  // 304 is the line "100L", 305 the lane "far" that the file does not hold
  const MapFeature& lane = feature_of(scene, 100);
  REQUIRE(lane.type == MapType::kLaneFreeway);
  REQUIRE(lane.raw_type == "BUS,intersection");
  REQUIRE(lane.interpolating);
  REQUIRE(lane.speed_limit == Approx(11.176));
  REQUIRE(lane.exit_lanes == std::vector<int64_t>{101, 305});
  REQUIRE(lane.left_neighbors.size() == 1);
  REQUIRE(lane.left_neighbors[0].feature_id == 101);
  REQUIRE(lane.left_neighbors[0].self_end == 2);
  REQUIRE(lane.left_neighbors[0].neighbor_end == 1);
  REQUIRE(lane.right_neighbors[0].feature_id == 999);
  REQUIRE(lane.right_neighbors[0].neighbor_end == 0);
  REQUIRE(lane.left_boundaries.size() == 1);
  REQUIRE(lane.left_boundaries[0].feature_id == 304);
  REQUIRE(lane.left_boundaries[0].type == MapType::kLineSolidDoubleYellow);
  REQUIRE(lane.left_boundaries[0].lane_end == 2);
  REQUIRE(lane.right_boundaries.size() == 1);
  const MapFeature& bound = feature_of(scene, lane.right_boundaries[0].feature_id);
  REQUIRE(bound.raw_type == "right_bound");
  REQUIRE(bound.type == MapType::kLineUnknown);
  REQUIRE(bound.points.front().y == -1.0f);
  const MapFeature& next = feature_of(scene, 101);
  REQUIRE(next.entry_lanes == std::vector<int64_t>{100});
  REQUIRE(next.raw_type == "urban,highway");
  REQUIRE(next.speed_limit == 0);
  REQUIRE(feature_of(scene, 200).type == MapType::kEdgeMedian);
  REQUIRE(feature_of(scene, 300).controlled_lanes == std::vector<int64_t>{100, 101});
  REQUIRE(feature_of(scene, 301).points.size() == 3);
  REQUIRE(scene.features.back().points.size() == 3);
  REQUIRE(has_assumption(scene, "1 bounds of lanes are road lines or edges of the file"));
  REQUIRE(has_assumption(scene, "1 bounds of lanes lie in their lanes only"));
  REQUIRE(has_assumption(scene, "1 areas of lanes"));
}

TEST_CASE("lights stand at their steps; those without a stop point where their lane starts",
          "[cpu]") {
  const Scene scene = require_scene(decode_json(kUnifiedText));
  REQUIRE(scene.signals.size() == 4);
  REQUIRE(scene.signals[0].empty());
  REQUIRE(scene.signals[1].size() == 1);
  REQUIRE(scene.signals[1][0].state == LightState::kStop);
  REQUIRE(scene.signals[2].empty());
  REQUIRE(scene.signals[3].size() == 2);
  REQUIRE(scene.signals[3][0].state == LightState::kGo);
  REQUIRE(scene.signals[3][1].lane_id == 101);
  REQUIRE(scene.signals[3][1].stop_point.x == 18.0f);
  REQUIRE(has_assumption(scene, "1 light states without a stop point are placed"));
  const Scene other = require_scene(decode_json(replaced(
      replaced(kUnifiedText, R"("101":{"state":["caution"])", R"("b":{"state":["blinking"])"),
      R"("lane_id":["101"])", R"("lane_id":["b"])")));
  REQUIRE(other.signals[3].size() == 1);
  REQUIRE(has_assumption(other, "1 lights have the name of no lane"));
  REQUIRE(has_assumption(other, "1 light states unknown to this reader"));
  REQUIRE(has_assumption(other, "1 light states without a stop point and lane are left out"));
}

TEST_CASE("headings between pi and two pi are read by the direction of motion", "[cpu]") {
  // driving at 5 rad: radians in [0, 2 pi)
  const std::string turned = replaced(
      replaced(kSecondText, R"("heading":[0.0,3.1415927410125732])", R"("heading":[5.0,5.0])"),
      R"("velocity":[{"x":10.0,"y":0.0},{"x":10.0,"y":0.0}])",
      R"("velocity":[{"x":2.8,"y":-9.6},{"x":2.8,"y":-9.6}])");
  Scene scene = require_scene(decode_json(turned));
  REQUIRE(scene.tracks[0].heading[0] == Approx(5 - 2 * M_PI));
  REQUIRE(has_assumption(scene, "headings reach 5: read as radians"));
  // driving east at 5 degrees
  const std::string east =
      replaced(kSecondText, R"("heading":[0.0,3.1415927410125732])", R"("heading":[5.0,5.0])");
  scene = require_scene(decode_json(east));
  REQUIRE(scene.tracks[0].heading[0] == Approx(5 * kDegreeInRadians));
  REQUIRE(has_assumption(scene, "headings reach 5: read as degrees"));
}

TEST_CASE("the largest heading counts among valid states only", "[cpu]") {
  const Scene scene = require_scene(decode_json(kUnifiedText));
  REQUIRE_FALSE(has_assumption(scene, "degrees"));
  REQUIRE(scene.tracks[0].heading[1] == 0.25f);
}

TEST_CASE("a log of 91 steps without a current step starts after one second", "[cpu]") {
  const Scene scene = require_scene(decode_json(test::write_large_json(2, 2, 3)));
  REQUIRE(scene.num_steps == 91);
  REQUIRE(scene.current_step == 10);
  REQUIRE(scene.timestamps[10] == Approx(1.0));
}

TEST_CASE("an ego that is not valid at the current step gives its first place as the origin",
          "[cpu]") {
  const std::string text =
      replaced(replaced(kUnifiedText, R"("sdc_track_index":1)", R"("sdc_track_index":0)"),
               R"("current_time_index":1)", R"("current_time_index":0)");
  const Scene scene = require_scene(decode_json(text));
  REQUIRE(scene.ego == 0);
  REQUIRE(scene.origin == std::array<double, 3>{30010, -20005, 10});
  REQUIRE(has_assumption(scene, "not valid at step 0: the origin is its place at step 1"));
}

TEST_CASE("members may come in any order, be null or unknown", "[cpu]") {
  const Scene expected = require_scene(decode_json(kSecondText));
  const std::string metadata = kSecondText.substr(kSecondText.find("\"metadata\""));
  std::string text = replaced(kSecondText, ",\n" + metadata, "}");
  text = replaced(text, R"({"name")",
                  "{" + metadata.substr(0, metadata.size() - 2) +
                      R"(,"dt":null,"num_steps":null,"new":{"deep":[1,{"a":[]}]},"name")");
  const Scene scene = require_scene(decode_json(text));
  REQUIRE(test::same_scene(scene, expected));
  REQUIRE(has_assumption(scene, "new (1)"));
}

TEST_CASE("unknown road types, codes and object types do not stop a file", "[cpu]") {
  Scene scene = require_scene(
      decode_json(replaced(kUnifiedText, R"("type":"speed_bump")", R"("type":"pothole")")));
  REQUIRE(scene.features.size() == 9);
  REQUIRE(has_assumption(scene, "1 roads of a type unknown"));
  scene = require_scene(decode_json(replaced(kUnifiedText, R"("map_element_id":12,"id":"100L")",
                                             R"("map_element_id":99,"id":"100L")")));
  REQUIRE(feature_of(scene, 304).type == MapType::kLineUnknown);
  REQUIRE(has_assumption(scene, "1 map_element_id that their road type does not have"));
  scene = require_scene(decode_json(replaced(kUnifiedText, R"("map_element_id":12,"id":"100L")",
                                             R"("map_element_id":-1,"id":"100L")")));
  REQUIRE_FALSE(has_assumption(scene, "map_element_id that"));
  scene = require_scene(
      decode_json(replaced(kUnifiedText, R"("type":"other")", R"("type":"spaceship")")));
  REQUIRE(scene.tracks[2].kind == AgentKind::kUnset);
  REQUIRE(has_assumption(scene, "1 objects have a type unknown"));
}

TEST_CASE("a file is one scene whatever its name and with a byte order mark", "[cpu]") {
  const test::TemporaryFile file("\xef\xbb\xbf \n" + kSecondText);
  const std::vector<Scene> scenes = load_scenes(file.path());
  REQUIRE(scenes.size() == 1);
  REQUIRE(scenes[0].provenance.file == file.path());
  REQUIRE(scenes[0].provenance.record == 0);
  REQUIRE(test::same_scene(scenes[0], require_scene(decode_json(kSecondText))));
}

TEST_CASE("a scene without id and name is called as its file", "[cpu]") {
  const std::string text =
      replaced(kSecondText, R"("name":"tfrecord-3.json","scenario_id":"3c",)", "");
  REQUIRE(require_scene(decode_json(text)).id == "made-up");
}
