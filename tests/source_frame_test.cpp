#include "scenarios/source_frame.hpp"

#include <cmath>
#include <limits>

#include "scenarios/plain_text.hpp"
#include "tests/catch.hpp"

using namespace forkroad;

TEST_CASE("wrap_heading gives the same direction in [-pi, pi) as fp32", "[cpu]") {
  const float pi = 3.14159265358979323846f;
  for (double heading = -30; heading < 30; heading += 0.37) {
    const float wrapped = wrap_heading(heading);
    REQUIRE(wrapped >= -pi);
    REQUIRE(wrapped < pi);
    REQUIRE(std::abs(std::remainder(wrapped - heading, 2 * M_PI)) < 3e-7);
  }
  for (const double heading : {M_PI, -M_PI, static_cast<double>(pi), static_cast<double>(-pi),
                               std::nextafter(M_PI, 0.0), 3 * M_PI, -3 * M_PI}) {
    const float wrapped = wrap_heading(heading);
    REQUIRE(wrapped >= -pi);
    REQUIRE(wrapped < pi);
    REQUIRE(std::abs(std::abs(wrapped) - pi) < 1e-6f);
  }
}

TEST_CASE("the unit of headings follows from the largest one", "[cpu]") {
  REQUIRE(heading_unit(0) == 1);
  REQUIRE(heading_unit(3.1415927410125732) == 1);
  REQUIRE(heading_unit(3.15) == kDegree);
  REQUIRE(heading_unit(810) == kDegree);
}

TEST_CASE("speed limits become metres per second below the largest speed", "[cpu]") {
  REQUIRE(speed_limit_from_mph(25) == Approx(11.176));
  REQUIRE(speed_limit_from_mph(0) == 0);
  for (const double limit : {-1.0, std::nan(""), 1e30, kMaxSpeed / kMetresPerSecondInMph}) {
    REQUIRE(speed_limit_from_mph(limit) == -1);
  }
  const double most = std::nextafter(kMaxSpeed / kMetresPerSecondInMph, 0.0);
  REQUIRE(speed_limit_from_mph(most) < kMaxSpeed);
}

TEST_CASE("to_local refuses what is no number within reach of the origin", "[cpu]") {
  const Origin origin = {30'000, -20'000, 10};
  Point3 local{1, 2, 3};
  REQUIRE(to_local({30'000.125, -20'000.5, 10}, origin, local));
  REQUIRE(local.x == 0.125f);
  REQUIRE(local.y == -0.5f);
  for (const double value : {std::nan(""), double{INFINITY}, 1e6, -1e300}) {
    REQUIRE_FALSE(to_local({value, 0, 0}, origin, local));
    REQUIRE_FALSE(to_local({0, value, 0}, origin, local));
    REQUIRE_FALSE(to_local({0, 0, value}, origin, local));
  }
  REQUIRE(local.x == 0.125f);
}

TEST_CASE("rings lose one repeated end, single points stay", "[cpu]") {
  std::vector<Point3> ring = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 0, 0}};
  drop_repeated_end(ring);
  REQUIRE(ring.size() == 3);
  drop_repeated_end(ring);
  REQUIRE(ring.size() == 3);
  std::vector<Point3> point = {{1, 2, 3}};
  drop_repeated_end(point);
  REQUIRE(point.size() == 1);
}

TEST_CASE("a scene without a name is called as its file", "[cpu]") {
  REQUIRE(name_from_file("folder/scene.json.gz", ".json") == "scene");
  REQUIRE(name_from_file("map_1.bin", ".bin") == "map_1");
  REQUIRE(name_from_file("folder/other", ".json") == "other");
  REQUIRE(name_from_file(".json", ".json") == "unnamed");
  REQUIRE(name_from_file("two\nlines.json", ".json") == "unnamed");
}

TEST_CASE("find_bad_utf8 finds the first byte that is no text", "[cpu]") {
  REQUIRE(find_bad_utf8("Stra\xc3\x9f"
                        "e",
                        false) == 7);
  REQUIRE(find_bad_utf8("a\xff", false) == 1);
  REQUIRE(find_bad_utf8("cut\xe2\x82", false) == 3);
  REQUIRE(find_bad_utf8("two\nlines", false) == 3);
  REQUIRE(find_bad_utf8("two\nlines", true) == 9);
  REQUIRE(find_bad_utf8("\xed\xa0\x80", true) == 0);
}
