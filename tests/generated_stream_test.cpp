#include "scenarios/generated_stream.hpp"

#include "tests/catch.hpp"
#include "tests/generated_scenes.hpp"

using namespace forkroad;
using Catch::Matchers::Contains;

TEST_CASE("The words generated:LAYOUT:SEED:COUNT open scenes like a file", "[generator]") {
  const std::vector<Scene> scenes = load_scenes("generated:curve:7:3");
  REQUIRE(scenes.size() == 3);
  for (size_t record = 0; record < scenes.size(); ++record) {
    const Scene expected = generate_scene({}, LayoutKind::kCurve, 7, record).scene;
    CHECK(test::hash_of(scenes[record]) == test::hash_of(expected));
    CHECK(scenes[record].provenance.file == "generated:curve:7:3");
    CHECK(scenes[record].provenance.record == static_cast<int64_t>(record));
  }
  CHECK(load_scenes("generated:merge:7").size() == 1);
}

TEST_CASE("With the word all the layouts take turns", "[generator]") {
  const std::vector<Scene> scenes = load_scenes("generated:all:7:9");
  REQUIRE(scenes.size() == 9);
  CHECK(scenes[0].id == "multi_lane-7-0");
  CHECK(scenes[7].id == "parking_lot-7-0");
  CHECK(scenes[8].id == "multi_lane-7-1");
}

TEST_CASE("A generated name that says something else is one located error", "[generator]") {
  const auto error_of = [](const std::string& name) {
    const auto stream = open_scenes(name);
    REQUIRE_FALSE(stream.ok());
    CHECK(stream.error().file == name);
    return stream.error();
  };
  CHECK(error_of("generated:").code == ParseCode::kWrongContent);
  CHECK_THAT(error_of("generated:curve").message, Contains("expected LAYOUT:SEED[:COUNT]"));
  CHECK_THAT(error_of("generated:curve:1:2:3").message, Contains("got 4 words"));
  CHECK_THAT(error_of("generated:lane:1").message,
             Contains("unknown layout 'lane', expected one of: all, multi_lane"));
  for (const char* name : {"generated:curve:", "generated:curve:-1", "generated:curve:1x",
                           "generated:curve:1:0", "generated:curve:99999999999999999999"}) {
    CHECK(error_of(name).code == ParseCode::kValueOutOfRange);
  }
}
