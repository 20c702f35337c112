#include <cmath>

#include "tests/commonroad_scenes.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

namespace {

constexpr double kPi = 3.14159265358979323846;

// A single state with a shape, 3 m along x and 4 m along y, looking along +y.
Track track_of_shape(const std::string& shape, Scene* scene_out = nullptr) {
  Drive drive;
  drive.shape = shape;
  drive.x = 3;
  drive.y = 4;
  drive.heading = kPi / 2;
  drive.num_states = 1;
  const Scene scene = decode_scene(document(dynamic_obstacle(drive)));
  if (scene_out != nullptr) *scene_out = scene;
  return scene.tracks.at(0);
}

}  // namespace

TEST_CASE("CommonRoad obstacles of both formats are the same tracks", "[cpu]") {
  Drive drive;
  drive.id = 42;
  drive.heading = 0.5;
  drive.first_step = 2;
  for (const std::string& text :
       {document(dynamic_obstacle(drive)), document(old_obstacle(drive), "2018b")}) {
    const Scene scene = decode_scene(text);
    REQUIRE(scene.provenance.format == "commonroad");
    REQUIRE(scene.id == "ZAM_Made-1_1_T-1");
    REQUIRE(scene.num_steps == 7);
    REQUIRE(scene.current_step == 0);
    REQUIRE(scene.ego == -1);
    REQUIRE(scene.dt == 0.1);
    REQUIRE(scene.timestamps[6] == Approx(0.6));
    const Track& track = scene.tracks.at(0);
    REQUIRE(track.id == 42);
    REQUIRE(track.kind == AgentKind::kVehicle);
    REQUIRE(track.raw_type == "car");
    REQUIRE(track.valid == std::vector<uint8_t>{0, 0, 1, 1, 1, 1, 1});
    REQUIRE(track.x[3] == Approx(std::cos(0.5)).margin(1e-5));
    REQUIRE(track.y[3] == Approx(std::sin(0.5)).margin(1e-5));
    REQUIRE(track.velocity_x[3] == Approx(10 * std::cos(0.5)));
    REQUIRE(track.velocity_y[3] == Approx(10 * std::sin(0.5)));
    REQUIRE(track.length[3] == 4.5f);
    REQUIRE(track.width[3] == 2.0f);
    REQUIRE(track.height[3] == 0.0f);
    REQUIRE(track.length[0] == 0.0f);
  }
}

TEST_CASE("static obstacles stand at every step", "[cpu]") {
  const auto parked = [](const char* name, const std::string& role) {
    return element(
        name,
        role + element("type", "pillar") + rectangle(1, 1) +
            element("initialState", position(5, 8) + exact("orientation", 0.25) + exact_step(0)),
        "id=\"7\"");
  };
  Drive drive;
  for (const std::string& obstacle :
       {parked("staticObstacle", ""), parked("obstacle", element("role", "static"))}) {
    const Scene scene = decode_scene(document(dynamic_obstacle(drive) + obstacle));
    const Track& track = scene.tracks.at(1);
    REQUIRE(track.kind == AgentKind::kOther);
    REQUIRE(track.raw_type == "pillar");
    for (std::size_t step = 0; step < 5; ++step) {
      REQUIRE(track.valid[step] == 1);
      REQUIRE(track.x[step] + scene.origin[0] == 5.0);
      REQUIRE(track.velocity_x[step] == 0.0f);
    }
  }
  REQUIRE(decode_scene(document(parked("staticObstacle", ""))).num_steps == 1);
}

TEST_CASE("every type of road user has its kind and keeps its word", "[cpu]") {
  const std::vector<std::pair<std::string, AgentKind>> kinds = {
      {"car", AgentKind::kVehicle},           {"truck", AgentKind::kVehicle},
      {"bus", AgentKind::kVehicle},           {"motorcycle", AgentKind::kCyclist},
      {"bicycle", AgentKind::kCyclist},       {"pedestrian", AgentKind::kPedestrian},
      {"constructionZone", AgentKind::kOther}};
  for (const auto& [type, kind] : kinds) {
    Drive drive;
    drive.type = type;
    const Track track = decode_scene(document(dynamic_obstacle(drive))).tracks.at(0);
    REQUIRE(track.kind == kind);
    REQUIRE(track.raw_type == type);
  }
}

TEST_CASE("a rectangle keeps its own centre and orientation", "[cpu]") {
  Scene scene;
  const Track track = track_of_shape(
      element("shape",
              element("rectangle", element("length", "4") + element("width", "2") +
                                       element("orientation", "0.5") +
                                       element("center", element("x", "1") + element("y", "0")))),
      &scene);
  // the obstacle looks along +y, so its box lies 1 m further up
  REQUIRE(scene.origin[0] + static_cast<double>(track.x[0]) == Approx(3));
  REQUIRE(scene.origin[1] + static_cast<double>(track.y[0]) == Approx(5));
  REQUIRE(track.heading[0] == Approx(kPi / 2 + 0.5));
  REQUIRE(track.length[0] == 4.0f);
}

TEST_CASE("circles and polygons become the boxes around them, said so", "[cpu]") {
  Scene scene;
  Track track =
      track_of_shape(element("shape", element("circle", element("radius", "0.35"))), &scene);
  REQUIRE(track.length[0] == 0.7f);
  REQUIRE(track.width[0] == 0.7f);
  REQUIRE(has_assumption(scene, "1 shapes are circles, polygons or several shapes"));
  // from -1 to 3 along the obstacle, from 0 to 1 across
  track = track_of_shape(
      element("shape", element("polygon", point(-1, 0) + point(3, 0) + point(0, 1))), &scene);
  REQUIRE(track.length[0] == 4.0f);
  REQUIRE(track.width[0] == 1.0f);
  // the box centre (1, 0.5) of an obstacle at (3, 4) that looks along +y
  REQUIRE(scene.origin[0] + static_cast<double>(track.x[0]) == Approx(2.5));
  REQUIRE(scene.origin[1] + static_cast<double>(track.y[0]) == Approx(5.0));
  track = track_of_shape(
      element("shape", element("circle", element("radius", "1")) +
                           element("rectangle", element("length", "6") + element("width", "1"))));
  REQUIRE(track.length[0] == 6.0f);
  REQUIRE(track.width[0] == 2.0f);
}

TEST_CASE("intervals and regions are read as their middle, said so", "[cpu]") {
  const std::string region =
      element("position",
              element("rectangle", element("length", "2") + element("width", "2") +
                                       element("center", element("x", "7") + element("y", "3"))));
  const std::string state = region + interval("orientation", "0.2", "0.4") +
                            interval("time", "2", "4") + interval("velocity", "3", "5");
  const Scene scene = decode_scene(document(element(
      "dynamicObstacle", element("type", "car") + rectangle(4, 2) + element("initialState", state),
      "id=\"1\"")));
  const Track& track = scene.tracks.at(0);
  REQUIRE(track.valid == std::vector<uint8_t>{0, 0, 0, 1});
  REQUIRE(scene.origin[0] + static_cast<double>(track.x[3]) == 7.0);
  REQUIRE(track.heading[3] == Approx(0.3));
  REQUIRE(std::hypot(track.velocity_x[3], track.velocity_y[3]) == Approx(4));
  REQUIRE(has_assumption(scene, "3 quantities are intervals: their middle is taken"));
  REQUIRE(has_assumption(scene, "1 positions are regions: their middle is taken"));
}

TEST_CASE("what an obstacle lacks is said", "[cpu]") {
  const std::string no_speed = position(1, 2) + exact("orientation", 0) + exact_step(1);
  const std::string on_lanelet =
      element("position", reference("lanelet", 1)) + exact("orientation", 0) + exact_step(2);
  const std::string again = position(9, 9) + exact("orientation", 0) + exact_step(1);
  const std::string text = document(
      element("dynamicObstacle",
              element("type", "car") + rectangle(4, 2) +
                  element("initialState", state_parts(0, 0, 0, 0, 5)) +
                  element("trajectory", element("state", no_speed) + element("state", on_lanelet) +
                                            element("state", again)),
              "id=\"1\"") +
      element("phantomObstacle", "", "id=\"2\""));
  const Scene scene = decode_scene(text);
  REQUIRE(scene.num_steps == 2);
  REQUIRE(scene.tracks.at(0).x[1] == 9.0f);
  REQUIRE(has_assumption(scene, "2 states have no velocity"));
  REQUIRE(has_assumption(scene, "1 states are placed by a lanelet"));
  REQUIRE(has_assumption(scene, "1 states repeat a time step"));
  REQUIRE(has_assumption(scene, "1 phantom or environment obstacles"));
}

TEST_CASE("the planning problem stands in the assumptions, not among the tracks", "[cpu]") {
  const Scene scene = decode_scene(small_document());
  REQUIRE(scene.tracks.size() == 3);
  REQUIRE(
      has_assumption(scene,
                     "planning problem 70 is no track: the ego starts at (0.000, 0.000) m, "
                     "heading 0 rad, speed 8 m/s, step 0; goal at (18.000, 0.000) m, step 3 to 4"));
}

TEST_CASE("headings are wrapped and large coordinates keep their millimetres", "[cpu]") {
  Drive drive;
  drive.heading = 7.0;
  drive.x = 5'000'000.125;
  drive.y = -3'000'000.25;
  const Scene scene = decode_scene(document(dynamic_obstacle(drive)));
  const Track& track = scene.tracks.at(0);
  REQUIRE(track.heading[0] == Approx(7.0 - 2 * kPi));
  REQUIRE(scene.origin[0] + static_cast<double>(track.x[0]) == 5'000'000.125);
  REQUIRE(scene.origin[1] + static_cast<double>(track.y[0]) == -3'000'000.25);
}
