#include "tests/commonroad_scenes.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

// A log that declares 0.1 s and stores a state every `stride` seconds.
Scene scene_of_stride(double stride, int num_states = 30, double speed = 10) {
  Drive drive;
  drive.stride = stride;
  drive.num_states = num_states;
  drive.speed = speed;
  return decode_scene(document(dynamic_obstacle(drive)));
}

}  // namespace

TEST_CASE("a declared step that the data contradict by a whole multiple is corrected", "[cpu]") {
  for (const double multiple : {2.0, 5.0}) {
    const Scene scene = scene_of_stride(0.1 * multiple);
    REQUIRE(scene.dt == Approx(0.1 * multiple));
    REQUIRE(scene.timestamps[10] == Approx(multiple));
    REQUIRE(has_assumption(scene, "timeStepSize declares 0.1 s"));
  }
  // speeds that are read a little low, as those of drone recordings are
  REQUIRE(scene_of_stride(0.1 * 5.1).dt == Approx(0.5));
}

TEST_CASE("a declared step that the data support is kept without a word", "[cpu]") {
  for (const double stride : {0.1, 0.07, 0.14}) {
    const Scene scene = scene_of_stride(stride);
    REQUIRE(scene.dt == 0.1);
    REQUIRE_FALSE(has_assumption(scene, "timeStepSize"));
  }
}

TEST_CASE("a contradiction that is no whole multiple is said but not corrected", "[cpu]") {
  for (const double stride : {0.25, 0.17, 0.05}) {
    const Scene scene = scene_of_stride(stride);
    REQUIRE(scene.dt == 0.1);
    REQUIRE(has_assumption(scene, "dt is kept as declared"));
  }
}

TEST_CASE("few or slow states do not overrule the declared step", "[cpu]") {
  REQUIRE(scene_of_stride(0.5, 10).dt == 0.1);
  REQUIRE(scene_of_stride(0.5, 30, 1.0).dt == 0.1);
}

TEST_CASE("obstacles that stand or brake do not hide the step of those that drive", "[cpu]") {
  std::string obstacles;
  for (int id = 0; id < 60; ++id) {
    Drive drive;
    drive.id = id;
    drive.stride = 0.2;
    drive.num_states = 10;
    drive.speed = id % 3 == 0 ? 12 : 0;
    drive.y = 4.0 * id;
    obstacles += dynamic_obstacle(drive);
  }
  REQUIRE(decode_scene(document(obstacles)).dt == Approx(0.2));
}
