#include "scenarios/scene.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "tests/catch.hpp"

using namespace forkroad;
using Catch::Matchers::Contains;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Scene sound_scene() {
  Scene scene;
  scene.dt = 0.1;
  scene.num_steps = 3;
  scene.current_step = 1;
  scene.ego = 0;
  scene.timestamps = {0, 0.1, 0.2};
  scene.tracks.resize(2);
  for (std::size_t track = 0; track < 2; ++track) {
    scene.tracks[track].id = static_cast<int64_t>(track) + 5;
    scene.tracks[track].resize(3);
    for (const std::size_t step : {0UL, 1UL}) {
      scene.tracks[track].valid[step] = 1;
      scene.tracks[track].length[step] = 4;
    }
  }
  scene.tracks_to_predict = {1};
  MapFeature lane;
  lane.id = 7;
  lane.type = MapType::kLaneSurfaceStreet;
  lane.points = {{0, 0, 0}, {1, 0, 0}};
  lane.left_neighbors = {{8, 0, 1, 0, 1}};
  lane.right_boundaries = {{9, 0, 1, MapType::kLineUnknown}};
  scene.features = {lane};
  scene.signals.resize(3);
  scene.signals[1] = {{7, LightState::kGo, {1, 0, 0}}};
  return scene;
}

struct Fault {
  std::function<void(Scene&)> make;
  std::string text;
};

}  // namespace

TEST_CASE("find_scene_fault finds nothing in a sound scene", "[cpu]") {
  REQUIRE(find_scene_fault(sound_scene()).empty());
  Scene without_ego = sound_scene();
  without_ego.ego = -1;
  REQUIRE(find_scene_fault(without_ego).empty());
}

TEST_CASE("find_scene_fault names the fault of a clock", "[cpu]") {
  const std::vector<Fault> faults = {
      {[](Scene& s) { s.dt = 0; }, "dt is 0"},
      {[](Scene& s) { s.dt = NAN; }, "dt is nan"},
      {[](Scene& s) { s.dt = INFINITY; }, "dt is inf"},
      {[](Scene& s) { s.num_steps = 0; }, "num_steps is 0"},
      {[](Scene& s) { s.num_steps = 4; }, "3 timestamps"},
      {[](Scene& s) { s.current_step = 3; }, "current_step is 3"},
      {[](Scene& s) { s.current_step = -1; }, "current_step is -1"},
      {[](Scene& s) { s.timestamps[2] = 0.1; }, "timestamps[2]"},
      {[](Scene& s) { s.timestamps[0] = NAN; }, "timestamps[0]"},
      {[](Scene& s) { s.origin[1] = NAN; }, "origin holds nan"},
  };
  for (const Fault& fault : faults) {
    Scene scene = sound_scene();
    fault.make(scene);
    REQUIRE_THAT(find_scene_fault(scene), Contains(fault.text));
  }
}

TEST_CASE("find_scene_fault names the fault of a track", "[cpu]") {
  const std::vector<Fault> faults = {
      {[](Scene& s) { s.ego = 2; }, "ego is 2"},
      {[](Scene& s) { s.ego = -2; }, "ego is -2"},
      {[](Scene& s) { s.tracks_to_predict = {-1}; }, "tracks_to_predict holds -1"},
      {[](Scene& s) { s.tracks_to_predict = {2}; }, "tracks_to_predict holds 2"},
      {[](Scene& s) { s.tracks[1].id = 5; }, "two tracks have the id 5"},
      {[](Scene& s) { s.tracks[1].resize(2); }, "track 6: 2 steps"},
      {[](Scene& s) { s.tracks[1].resize(4); }, "track 6: 4 steps"},
      {[](Scene& s) { s.tracks[0].valid[1] = 2; }, "track 5: valid[1] is 2"},
      {[](Scene& s) { s.tracks[0].x[1] = kNaN; }, "track 5: x[1] is nan"},
      {[](Scene& s) { s.tracks[0].z[0] = 100'001; }, "track 5: z[0] is 100001"},
      {[](Scene& s) { s.tracks[0].heading[0] = 3.1415927f; }, "track 5: heading[0]"},
      {[](Scene& s) { s.tracks[0].velocity_y[0] = -1e30f; }, "track 5: velocity_y[0] is -1e+30"},
      {[](Scene& s) { s.tracks[0].width[0] = -1; }, "track 5: width[0] is -1"},
      {[](Scene& s) { s.tracks[0].height[0] = 1000; }, "track 5: height[0] is 1000"},
      {[](Scene& s) { s.tracks[0].x[2] = 3; }, "track 5: x[2] is 3, expected 0"},
      {[](Scene& s) { s.tracks[1].kind = static_cast<AgentKind>(5); }, "kind has the code 5"},
  };
  for (const Fault& fault : faults) {
    Scene scene = sound_scene();
    fault.make(scene);
    REQUIRE_THAT(find_scene_fault(scene), Contains(fault.text));
  }
}

TEST_CASE("find_scene_fault finds one bad number anywhere in a long track", "[cpu]") {
  Scene scene = sound_scene();
  const int steps = 1100;
  scene.num_steps = steps;
  scene.timestamps.clear();
  for (int step = 0; step < steps; ++step) scene.timestamps.push_back(step);
  scene.signals.resize(steps);
  for (Track& track : scene.tracks) {
    track.resize(steps);
    std::ranges::fill(track.valid, uint8_t{1});
    track.valid[137] = 0;
  }
  scene.tracks[0].length[2] = scene.tracks[1].length[2] = 4;
  REQUIRE(find_scene_fault(scene).empty());
  Track& track = scene.tracks[1];
  for (auto* values : {&track.x, &track.y, &track.z, &track.heading, &track.velocity_x,
                       &track.velocity_y, &track.length, &track.width, &track.height}) {
    for (const std::size_t step : {0UL, 136UL, 511UL, 512UL, 1023UL, 1024UL, 1099UL}) {
      for (const float bad : {kNaN, -2e5f, 2e5f, INFINITY}) {
        const float before = std::exchange((*values)[step], bad);
        REQUIRE_THAT(find_scene_fault(scene), Contains("[" + std::to_string(step) + "] is "));
        (*values)[step] = before;
      }
    }
    (*values)[137] = 0.5f;
    REQUIRE_THAT(find_scene_fault(scene), Contains("expected 0 because the step is not valid"));
    (*values)[137] = 0;
  }
  track.valid[1099] = 7;
  REQUIRE_THAT(find_scene_fault(scene), Contains("valid[1099] is 7"));
}

TEST_CASE("find_scene_fault takes the last numbers within the limits and not the next ones",
          "[cpu]") {
  const float pi = 3.14159265358979323846f;
  const float speed = std::nextafter(kMaxSpeed, 0.0f), size = std::nextafter(kMaxBoxSize, 0.0f);
  struct Limits {
    StepArray<float> Track::*values;
    float least, largest;
  };
  for (const Limits& limits : std::vector<Limits>{{&Track::x, -1e5f, 1e5f},
                                                  {&Track::y, -1e5f, 1e5f},
                                                  {&Track::z, -1e5f, 1e5f},
                                                  {&Track::heading, -pi, std::nextafter(pi, 0.0f)},
                                                  {&Track::velocity_x, -speed, speed},
                                                  {&Track::velocity_y, -speed, speed},
                                                  {&Track::length, -0.0f, size},
                                                  {&Track::width, -0.0f, size},
                                                  {&Track::height, -0.0f, size}}) {
    Scene scene = sound_scene();
    float& value = (scene.tracks[1].*limits.values)[1];
    for (const float good : {limits.least, limits.largest}) {
      value = good;
      CHECK(find_scene_fault(scene).empty());
      value = std::nextafter(good, good > 0 ? INFINITY : -INFINITY);
      CHECK_THAT(find_scene_fault(scene), Contains("[1] is "));
    }
  }
  for (const float good : {-1e5f, 1e5f}) {
    Scene scene = sound_scene();
    scene.features[0].points[1].y = good;
    CHECK(find_scene_fault(scene).empty());
    scene.features[0].points[1].y = std::nextafter(good, 2 * good);
    CHECK_THAT(find_scene_fault(scene), Contains("point 1 is "));
  }
}

TEST_CASE("find_scene_fault names the fault of a map feature or a signal", "[cpu]") {
  const std::vector<Fault> faults = {
      {[](Scene& s) { s.features.push_back(s.features[0]); }, "two map features have the id 7"},
      {[](Scene& s) { s.features[0].points.clear(); }, "lane 7 has no points"},
      {[](Scene& s) { s.features[0].points[1].z = kNaN; }, "lane 7: point 1"},
      {[](Scene& s) { s.features[0].points[0].x = -2e5f; }, "lane 7: point 0"},
      {[](Scene& s) { s.features[0].speed_limit = -1; }, "speed_limit is -1"},
      {[](Scene& s) { s.features[0].left_neighbors[0].self_end = 2; }, "points 0 to 2"},
      {[](Scene& s) { s.features[0].right_boundaries[0].lane_start = -1; }, "points -1 to 1"},
      {[](Scene& s) { s.features[0].kind = static_cast<FeatureKind>(8); }, "codes 8 and 2"},
      {[](Scene& s) { s.features[0].type = static_cast<MapType>(21); }, "codes 0 and 21"},
      {[](Scene& s) { s.features[0].right_boundaries[0].type = static_cast<MapType>(-2); },
       "boundary has the code -2"},
      {[](Scene& s) { s.signals[1][0].state = static_cast<LightState>(9); },
       "state has the code 9"},
      {[](Scene& s) { s.signals.pop_back(); }, "signals has 2 steps"},
      {[](Scene& s) { s.signals[1][0].stop_point.y = kNaN; }, "signal of lane 7 at step 1"},
  };
  for (const Fault& fault : faults) {
    Scene scene = sound_scene();
    fault.make(scene);
    REQUIRE_THAT(find_scene_fault(scene), Contains(fault.text));
  }
}

TEST_CASE("find_track gives the index of an id or -1", "[cpu]") {
  const Scene scene = sound_scene();
  REQUIRE(scene.find_track(5) == 0);
  REQUIRE(scene.find_track(6) == 1);
  REQUIRE(scene.find_track(7) == -1);
}

TEST_CASE("names of kinds, states and codes are the words of the logs", "[cpu]") {
  REQUIRE(agent_kind_name(AgentKind::kCyclist) == std::string("cyclist"));
  REQUIRE(feature_kind_name(FeatureKind::kRoadEdge) == std::string("road_edge"));
  REQUIRE(light_state_name(LightState::kFlashingCaution) == std::string("flashing_caution"));
}
