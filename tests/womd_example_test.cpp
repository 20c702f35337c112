#include "scenarios/womd_example.hpp"

#include <algorithm>
#include <cmath>

#include "scenarios/load_scenes.hpp"
#include "tests/catch.hpp"
#include "tests/shared_logs.hpp"
#include "tests/single_scene_errors.hpp"
#include "tests/temporary_file.hpp"
#include "tests/womd_example_writer.hpp"
#include "tests/womd_writer.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

namespace {

Scene decode_good(const ExampleSpec& example, bool packed = true) {
  const std::string payload = write_example(example, packed);
  return require_scene(decode_womd_example(as_bytes(payload), {"", "made-up", 0, 12}));
}

}  // namespace

TEST_CASE("a tf.Example gives the agents of all three stretches of time in one row", "[cpu]") {
  const Scene scene = decode_good(small_example());
  REQUIRE(scene.id == "made-up");
  REQUIRE(scene.provenance.format == "womd_example");
  REQUIRE(scene.num_steps == 6);
  REQUIRE(scene.current_step == 2);
  REQUIRE(scene.dt == 0.1);
  REQUIRE(scene.timestamps[5] == Approx(0.5));
  REQUIRE(scene.tracks.size() == 2);
  REQUIRE(scene.ego == 1);
  // the ego's x at step 2 is 1012.25
  REQUIRE(scene.origin[0] == 1012);
  for (std::size_t agent = 0; agent < 2; ++agent) {
    for (int step = 0; step < 6; ++step) {
      const auto at = static_cast<std::size_t>(step);
      REQUIRE(scene.tracks[agent].valid[at] == 1);
      REQUIRE(scene.tracks[agent].x[at] == example_x(agent, step) - 1012.0f);
      REQUIRE(scene.tracks[agent].heading[at] == 1.0f);
    }
  }
  REQUIRE(scene.tracks[0].id == 11);
  REQUIRE(scene.tracks[0].kind == AgentKind::kVehicle);
  REQUIRE(scene.tracks[1].kind == AgentKind::kPedestrian);
  REQUIRE(scene.tracks_to_predict == std::vector<int32_t>{0});
  REQUIRE(scene.objects_of_interest == std::vector<int64_t>{12});
  REQUIRE(has_assumption(scene, "1 agents that are valid at no step"));
}

TEST_CASE("packed and unpacked lists of a tf.Example are the same scene", "[cpu]") {
  const Scene packed = decode_good(small_example());
  const Scene unpacked = decode_good(small_example(), false);
  REQUIRE(packed.tracks[0].x == unpacked.tracks[0].x);
  REQUIRE(packed.features.size() == unpacked.features.size());
  REQUIRE(packed.timestamps == unpacked.timestamps);
}

TEST_CASE("map samples of one id become one polyline in the order stored", "[cpu]") {
  ExampleSpec example = small_example();
  // the last sample, so far padding, goes on with lane 100
  integers_of(example, "roadgraph_samples/id")[10] = 100;
  integers_of(example, "roadgraph_samples/type")[10] = 2;
  integers_of(example, "roadgraph_samples/valid")[10] = 1;
  std::vector<float>& xyz = floats_of(example, "roadgraph_samples/xyz");
  xyz[30] = 1010;
  const Scene scene = decode_good(example);
  REQUIRE(scene.features.size() == 5);
  REQUIRE(scene.features[0].id == 100);
  REQUIRE(scene.features[1].id == 7);
  const MapFeature& lane = feature_with(scene, 100);
  REQUIRE(lane.kind == FeatureKind::kLane);
  REQUIRE(lane.type == MapType::kLaneSurfaceStreet);
  REQUIRE(lane.points.size() == 3);
  REQUIRE(lane.points[0].x == 990.0f - 1012.0f);
  REQUIRE(lane.points[2].x == 1010.0f - 1012.0f);
  REQUIRE(feature_with(scene, 7).type == MapType::kLineSolidSingleYellow);
  REQUIRE(feature_with(scene, 300).kind == FeatureKind::kStopSign);
  // the crosswalk's repeated end is gone
  REQUIRE(feature_with(scene, 301).points.size() == 3);
  REQUIRE(lane.exit_lanes.empty());
  REQUIRE(has_assumption(scene, "no lane links"));
  REQUIRE(has_assumption(scene, "all 11 map samples are in use"));
}

TEST_CASE("samples that are not valid or of unknown type are left out of the map", "[cpu]") {
  ExampleSpec example = small_example();
  integers_of(example, "roadgraph_samples/type")[4] = 4;
  const Scene scene = decode_good(example);
  REQUIRE(scene.features.size() == 4);
  REQUIRE(has_assumption(scene, "1 map features of a type unknown"));
  REQUIRE_FALSE(has_assumption(scene, "map samples are in use"));
}

TEST_CASE("lamps of a tf.Example are light states by step and lane", "[cpu]") {
  const Scene scene = decode_good(small_example());
  for (std::size_t step = 0; step < 6; ++step) {
    REQUIRE(scene.signals[step].size() == 1);
    const LaneSignal& signal = scene.signals[step][0];
    REQUIRE(signal.lane_id == 100);
    REQUIRE(signal.state == (step < 3 ? LightState::kStop : LightState::kGo));
    REQUIRE(signal.stop_point.x == 1020.0f - 1012.0f);
  }
  ExampleSpec example = small_example();
  integers_of(example, "traffic_light_state/current/state")[0] = 40;
  const Scene unknown = decode_good(example);
  REQUIRE(unknown.signals[2][0].state == LightState::kUnknown);
  REQUIRE(has_assumption(unknown, "1 light states with a code unknown"));
}

TEST_CASE("a tf.Example without a future is a log that ends now", "[cpu]") {
  ExampleSpec example = small_example();
  std::erase_if(
      example, [](const auto& entry) { return entry.first.find("/future/") != std::string::npos; });
  const Scene scene = decode_good(example);
  REQUIRE(scene.num_steps == 3);
  REQUIRE(scene.current_step == 2);
  REQUIRE(scene.signals.size() == 3);
  REQUIRE(has_assumption(scene, "no future"));
}

TEST_CASE("a tf.Example without a valid ego has the mean of first places as origin", "[cpu]") {
  ExampleSpec example = small_example();
  integers_of(example, "state/is_sdc")[1] = 0;
  const Scene scene = decode_good(example);
  REQUIRE(scene.ego == -1);
  // first places 1000.25 and 1010.25
  REQUIRE(scene.origin[0] == 1005);
  REQUIRE(has_assumption(scene, "no ego"));
}

TEST_CASE("a step that an agent does not see keeps zeros and another agent's time", "[cpu]") {
  ExampleSpec example = small_example();
  integers_of(example, "state/past/valid")[2] = 0;  // the ego at step 0
  integers_of(example, "state/past/timestamp_micros")[2] = -1;
  floats_of(example, "state/past/x")[2] = NAN;
  const Scene scene = decode_good(example);
  REQUIRE(scene.tracks[1].valid[0] == 0);
  REQUIRE(scene.tracks[1].x[0] == 0.0f);
  REQUIRE(scene.timestamps[0] == 0);
}

TEST_CASE("a file may hold Scenarios and tf.Examples, told apart by content", "[cpu]") {
  const std::string example = write_example(small_example());
  const TemporaryFile file(frame_record(example) + frame_record(write_scenario(small_scenario())) +
                           frame_record(example));
  const std::vector<Scene> scenes = load_scenes(file.path());
  REQUIRE(scenes.size() == 3);
  REQUIRE(scenes[0].provenance.format == "womd_example");
  REQUIRE(scenes[1].provenance.format == "womd_scenario");
  REQUIRE(scenes[2].provenance.record == 2);
  REQUIRE(find_example_feature(as_bytes(example)) == "roadgraph_samples/id");
  REQUIRE(find_example_feature(as_bytes(write_scenario(small_scenario()))).empty());
}

TEST_CASE("a real tf.Example has the agents, map and lamps of its arrays", "[cpu]") {
  const std::string file = find_shared("data/womd_tfrecord/motion_data_one_example.tfrecord");
  if (file.empty()) {
    WARN("real logs absent: motion_data_one_example.tfrecord");
    return;
  }
  const std::vector<Scene> scenes = load_scenes(file);
  REQUIRE(scenes.size() == 1);
  const Scene& scene = scenes[0];
  REQUIRE(find_scene_fault(scene).empty());
  REQUIRE(scene.id == "a3bb37c25ce56418");
  REQUIRE(scene.num_steps == 91);
  REQUIRE(scene.current_step == 10);
  REQUIRE(scene.dt == 0.1);
  REQUIRE(scene.tracks.size() == 128);
  REQUIRE(scene.ego == 8);
  REQUIRE(scene.features.size() == 254);
  REQUIRE(scene.signals[0].size() == 7);
  REQUIRE(scene.signals[10].size() == 11);
  std::size_t points = 0;
  for (const MapFeature& feature : scene.features) points += feature.points.size();
  REQUIRE(points == 20'000);
  // neighbouring samples of a feature are near each other: the order is right
  double longest = 0;
  for (const MapFeature& feature : scene.features) {
    for (std::size_t point = 1; point < feature.points.size(); ++point) {
      const Point3& a = feature.points[point - 1];
      const Point3& b = feature.points[point];
      longest = std::max(longest, static_cast<double>(std::hypot(b.x - a.x, b.y - a.y)));
    }
  }
  CAPTURE(longest);
  REQUIRE(longest < 10.0);
  // what moves does so along its velocity
  const Track& ego = scene.tracks[8];
  const float moved = std::hypot(ego.x[11] - ego.x[10], ego.y[11] - ego.y[10]);
  REQUIRE(moved == Approx(0.1f * std::hypot(ego.velocity_x[10], ego.velocity_y[10])).margin(0.05));
}
