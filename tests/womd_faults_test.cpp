// Scenarios whose numbers are no scene: each must end in one error that names the thing.
#include <cmath>
#include <cstring>
#include <limits>

#include "scenarios/womd_scenario.hpp"
#include "tests/catch.hpp"
#include "tests/scene_compare.hpp"
#include "tests/womd_errors.hpp"
#include "tests/womd_writer.hpp"

using namespace forkroad;
using Catch::Matchers::Contains;
using test::decode;
using test::error_of;
using test::kPayloadOffset;
using test::ScenarioSpec;
using test::small_scenario;
using test::write_scenario;

namespace {

// File offset of a field of 64 bits with this tag and value, which must be there once.
int64_t offset_of_double(const std::string& payload, uint32_t tag, double value) {
  std::string field(1, static_cast<char>(tag << 3 | 1));
  field.append(reinterpret_cast<const char*>(&value), sizeof(value));
  const std::size_t found = payload.find(field);
  REQUIRE(found != std::string::npos);
  REQUIRE(payload.find(field, found + 1) == std::string::npos);
  return kPayloadOffset + static_cast<int64_t>(found);
}

int64_t offset_of_float(const std::string& payload, uint32_t tag, float value) {
  std::string field(1, static_cast<char>(tag << 3 | 5));
  field.append(reinterpret_cast<const char*>(&value), sizeof(value));
  const std::size_t found = payload.find(field);
  REQUIRE(found != std::string::npos);
  return kPayloadOffset + static_cast<int64_t>(found);
}

}  // namespace

TEST_CASE("a coordinate that is no number is named with track, step and field", "[cpu]") {
  const double values[] = {std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity(),
                           1e30,
                           -1e30,
                           1e6};
  for (const double value : values) {
    for (uint32_t tag = 2; tag <= 4; ++tag) {
      ScenarioSpec scenario = small_scenario();
      test::StateSpec& state = scenario.tracks[2].states[3];
      (tag == 2 ? state.x : tag == 3 ? state.y : state.z) = value;
      const std::string payload = write_scenario(scenario);
      const ParseError error = error_of(payload);
      REQUIRE(error.code == ParseCode::kValueOutOfRange);
      REQUIRE(error.byte_offset == offset_of_double(payload, tag, value));
      const std::string field = std::string("center_") + "xyz"[tag - 2];
      REQUIRE_THAT(error.message, Contains("track 13, step 3: " + field) && Contains("100000 m"));
    }
  }
}

TEST_CASE("an ego that is nowhere is named", "[cpu]") {
  for (const double value : {std::nan(""), 1e30}) {
    ScenarioSpec scenario = small_scenario();
    scenario.tracks[0].states[1].y = value;
    const std::string payload = write_scenario(scenario);
    const ParseError error = error_of(payload);
    REQUIRE(error.code == ParseCode::kValueOutOfRange);
    REQUIRE(error.byte_offset == offset_of_double(payload, 3, value));
    REQUIRE_THAT(error.message, Contains("track 11 (the ego), step 1: center_y"));
  }
  ScenarioSpec scenario = small_scenario();
  for (test::StateSpec& state : scenario.tracks[0].states) state.valid = false;
  const ParseError error = error_of(write_scenario(scenario));
  REQUIRE(error.code == ParseCode::kMissingField);
  REQUIRE_THAT(error.message, Contains("track 11 (the ego) has no valid state"));
}

TEST_CASE("sizes, headings and velocities that no road user has are named", "[cpu]") {
  const auto check = [](uint32_t tag, const char* field, float value, auto member) {
    ScenarioSpec scenario = small_scenario();
    scenario.tracks[1].states[2].*member = value;
    const std::string payload = write_scenario(scenario);
    const ParseError error = error_of(payload);
    REQUIRE(error.code == ParseCode::kValueOutOfRange);
    REQUIRE(error.byte_offset == offset_of_float(payload, tag, value));
    REQUIRE_THAT(error.message, Contains(std::string("track 12, step 2: ") + field));
  };
  const float not_a_number = std::numeric_limits<float>::quiet_NaN();
  check(5, "length", -1, &test::StateSpec::length);
  check(5, "length", 1000, &test::StateSpec::length);
  check(6, "width", not_a_number, &test::StateSpec::width);
  check(7, "height", INFINITY, &test::StateSpec::height);
  check(8, "heading", not_a_number, &test::StateSpec::heading);
  check(8, "heading", 1e30f, &test::StateSpec::heading);
  check(9, "velocity_x", -1e30f, &test::StateSpec::velocity_x);
  check(10, "velocity_y", not_a_number, &test::StateSpec::velocity_y);
}

TEST_CASE("numbers of states that are not valid are ignored", "[cpu]") {
  const Scene expected = decode(write_scenario(small_scenario())).value();
  ScenarioSpec scenario = small_scenario();
  test::StateSpec& state = scenario.tracks[1].states[0];
  state = {std::nan(""), 1e30, INFINITY, -1, NAN, 1e30f, NAN, NAN, INFINITY, false};
  const Parsed<Scene> scene = decode(write_scenario(scenario));
  REQUIRE(scene.ok());
  REQUIRE(test::same_scene(scene.value(), expected));
}

TEST_CASE("map points and stop points that are nowhere are named", "[cpu]") {
  for (const double value : {std::nan(""), 1e30, -1e6}) {
    ScenarioSpec scenario = small_scenario();
    scenario.features[3].points[1].z = value;
    std::string payload = write_scenario(scenario);
    ParseError error = error_of(payload);
    REQUIRE(error.code == ParseCode::kValueOutOfRange);
    REQUIRE(error.byte_offset == offset_of_double(payload, 3, value));
    REQUIRE_THAT(error.message, Contains("map feature 201, polyline 1: z is "));

    scenario = small_scenario();
    scenario.lights[2][1].stop_point->x = value;
    payload = write_scenario(scenario);
    error = error_of(payload);
    REQUIRE(error.code == ParseCode::kValueOutOfRange);
    REQUIRE(error.byte_offset == offset_of_double(payload, 1, value));
    REQUIRE_THAT(error.message, Contains("signal of lane 101, step 2: stop_point.x is "));
  }
}

TEST_CASE("a speed limit that is no speed is named", "[cpu]") {
  for (const double value : {std::nan(""), -25.0, 1e30}) {
    ScenarioSpec scenario = small_scenario();
    scenario.features[1].speed_limit_mph = value;
    const std::string payload = write_scenario(scenario);
    const ParseError error = error_of(payload);
    REQUIRE(error.code == ParseCode::kValueOutOfRange);
    REQUIRE(error.byte_offset == offset_of_double(payload, 1, value));
    REQUIRE_THAT(error.message, Contains("map feature 101: speed_limit_mph is "));
  }
}

TEST_CASE("timestamps that do not increase are named", "[cpu]") {
  for (const double value : {std::nan(""), double{INFINITY}, 0.1, -5.0, 1.7e18}) {
    ScenarioSpec scenario = small_scenario();
    scenario.timestamps[2] = value;
    const ParseError error = error_of(write_scenario(scenario));
    REQUIRE(error.code == ParseCode::kValueOutOfRange);
    REQUIRE(error.byte_offset == kPayloadOffset);
    REQUIRE_THAT(error.message, Contains("timestamps_seconds: entry "));
  }
}

TEST_CASE("steps that no log of traffic has are named", "[cpu]") {
  for (const double dt : {1e-9, 1e6}) {
    ScenarioSpec scenario = small_scenario();
    scenario.timestamps = test::make_timestamps(4, dt);
    const ParseError error = error_of(write_scenario(scenario));
    REQUIRE(error.code == ParseCode::kValueOutOfRange);
    REQUIRE(error.byte_offset == kPayloadOffset);
    REQUIRE_THAT(error.message, Contains("timestamps_seconds are "));
  }
}

TEST_CASE("ids that come twice are named", "[cpu]") {
  ScenarioSpec scenario = small_scenario();
  scenario.tracks[2].id = 11;
  ParseError error = error_of(write_scenario(scenario));
  REQUIRE(error.code == ParseCode::kDuplicateId);
  REQUIRE_THAT(error.message, Contains("two tracks have the id 11"));

  scenario = small_scenario();
  scenario.features[4].id = 100;
  const std::string payload = write_scenario(scenario);
  error = error_of(payload);
  REQUIRE(error.code == ParseCode::kDuplicateId);
  REQUIRE_THAT(error.message, Contains("two map features have the id 100"));
  // the second feature: its id, then the stop sign
  const std::size_t found = payload.find(std::string("\x08\x64\x3a", 3));
  REQUIRE(error.byte_offset == kPayloadOffset + static_cast<int64_t>(found));
}

TEST_CASE("fields that a scene cannot be without are named", "[cpu]") {
  const auto check = [](const ScenarioSpec& scenario, const std::string& field) {
    const ParseError error = error_of(write_scenario(scenario));
    REQUIRE(error.code == ParseCode::kMissingField);
    REQUIRE(error.byte_offset == kPayloadOffset);
    REQUIRE_THAT(error.message, Contains("Scenario." + field));
  };
  ScenarioSpec scenario = small_scenario();
  scenario.id.reset();
  check(scenario, "scenario_id (field 5) is absent");
  scenario = small_scenario();
  scenario.timestamps.clear();
  check(scenario, "timestamps_seconds (field 1) is absent");
  scenario = small_scenario();
  scenario.tracks.clear();
  check(scenario, "tracks (field 2) is absent");
  scenario = small_scenario();
  scenario.ego.reset();
  check(scenario, "sdc_track_index (field 6) is absent");
  REQUIRE(error_of("").code == ParseCode::kMissingField);
}

TEST_CASE("indices outside of their arrays are named", "[cpu]") {
  const auto check = [](const ScenarioSpec& scenario, const std::string& text) {
    const ParseError error = error_of(write_scenario(scenario));
    REQUIRE(error.code == ParseCode::kInconsistent);
    REQUIRE_THAT(error.message, Contains(text));
  };
  for (const int64_t index : {int64_t{-1}, int64_t{3}, int64_t{1} << 40, INT64_MIN}) {
    ScenarioSpec scenario = small_scenario();
    scenario.ego = index;
    check(scenario, "sdc_track_index is " + std::to_string(index) + ", expected 0 to 2");
    scenario = small_scenario();
    scenario.tracks_to_predict = {0, index};
    check(scenario, "track_index is " + std::to_string(index) + ", expected 0 to 2");
  }
  for (const int64_t step : {int64_t{-1}, int64_t{4}}) {
    ScenarioSpec scenario = small_scenario();
    scenario.current_step = step;
    check(scenario, "current_time_index is " + std::to_string(step) + ", expected 0 to 3");
  }
}

TEST_CASE("tracks and lights with another number of steps are named", "[cpu]") {
  ScenarioSpec scenario = small_scenario();
  scenario.tracks[1].states.pop_back();
  ParseError error = error_of(write_scenario(scenario));
  REQUIRE(error.code == ParseCode::kInconsistent);
  REQUIRE_THAT(error.message, Contains("track 12 has 3 states") && Contains("4 timestamps"));

  scenario = small_scenario();
  scenario.tracks[1].states.resize(9);
  error = error_of(write_scenario(scenario));
  REQUIRE(error.code == ParseCode::kInconsistent);
  REQUIRE_THAT(error.message, Contains("track 12 has 9 states"));

  scenario = small_scenario();
  scenario.lights.pop_back();
  error = error_of(write_scenario(scenario));
  REQUIRE(error.code == ParseCode::kInconsistent);
  REQUIRE_THAT(error.message, Contains("3 dynamic_map_states") && Contains("4 timestamps"));
}
