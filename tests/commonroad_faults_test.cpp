// Texts that are no CommonRoad document: each must end in one located error, never in a crash.
#include <filesystem>

#include "tests/commonroad_scenes.hpp"
#include "tests/shared_logs.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

namespace {

// The small document with its first occurrence of a text replaced.
std::string small_with(const std::string& from, const std::string& to) {
  std::string text = small_document();
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

void check_error(const std::string& from, const std::string& to, ParseCode code,
                 const std::string& words) {
  const ParseError error = error_in(small_with(from, to));
  CAPTURE(error.text());
  CHECK(error.code == code);
  CHECK_THAT(error.message, Contains(words));
}

}  // namespace

TEST_CASE("the small document itself is a sound scene", "[cpu]") {
  const Scene scene = decode_scene(small_document());
  REQUIRE(scene.tracks.size() == 3);
  REQUIRE(scene.signals[0].size() == 1);
}

TEST_CASE("numbers that a CommonRoad scene cannot hold are refused with their path", "[cpu]") {
  constexpr ParseCode kRange = ParseCode::kValueOutOfRange;
  const std::string number = "20.000000</x>";
  check_error(number, "nan</x>", kRange, "lanelet 1/leftBound/point/x: is \"nan\"");
  check_error(number, "inf</x>", kRange, "expected a finite number");
  check_error(number, "1e999</x>", kRange, "expected a finite number");
  check_error(number, "</x>", kRange, "is \"\"");
  check_error(number, "20 m</x>", kRange, "is \"20 m\"");
  check_error(number, "0x14</x>", kRange, "is \"0x14\"");
  check_error(number, "2e8</x>", kRange, "expected at most");
  check_error(number, "2e6</x>", kRange, "is not within 100000 m of the origin");
  check_error("<radius>0.5", "<radius>-0.5", kRange, "radius");
  check_error("<radius>0.5", "<radius>600", kRange, "spans 1200 m");
  check_error("<length>4.500000", "<length>1000", kRange, "length");
  check_error("timeStepSize=\"0.1\"", "timeStepSize=\"0\"", kRange, "timeStepSize");
  check_error("timeStepSize=\"0.1\"", "timeStepSize=\"-0.1\"", kRange, "timeStepSize");
  check_error("id=\"12\"", "id=\"1.5\"", kRange, "whole number");
  check_error("id=\"12\"", "id=\"99999999999999999999\"", kRange, "whole number");
  check_error("<velocity><exact>10.0", "<velocity><exact>10000", kRange, "velocity");
  check_error("<orientation><exact>0.0", "<orientation><exact>1001", kRange, "orientation");
  check_error("<time><exact>1<", "<time><exact>-1<", kRange, "time is step -1");
  check_error("<time><exact>1<", "<time><exact>1.5<", kRange, "whole number");
  check_error("<duration>2<", "<duration>-2<", kRange, "duration");
  check_error("<additionalValue>13.5", "<additionalValue>-1", kRange, "additionalValue");
}

TEST_CASE("absurd counts in a CommonRoad document ask for no memory", "[cpu]") {
  check_error("<time><exact>4<", "<time><exact>4000000000<", ParseCode::kValueOutOfRange, "step");
  std::string obstacles;
  for (int id = 0; id < 100; ++id) {
    Drive drive;
    drive.id = id;
    drive.num_states = 1;
    drive.first_step = 99'999;
    obstacles += dynamic_obstacle(drive);
  }
  const ParseError error = error_in(document(obstacles));
  REQUIRE(error.code == ParseCode::kTooLarge);
  REQUIRE_THAT(error.message, Contains("100 obstacles over 100000 steps"));
}

TEST_CASE("elements and attributes that a CommonRoad scene needs are named when absent", "[cpu]") {
  constexpr ParseCode kMissing = ParseCode::kMissingField;
  check_error("timeStepSize=", "stepSize=", kMissing, "timeStepSize");
  check_error("benchmarkID=", "benchmark=", kMissing, "benchmarkID");
  check_error("<leftBound>", "<upBound/><leftBounds>", ParseCode::kBadEncoding, "");
  check_error("<initialState>", "<initialState/><initialState>", kMissing, "position");
  check_error("id=\"12\"", "", kMissing, "id");
  check_error("ref=\"3\"", "", kMissing, "successor: the attribute ref");
  check_error("<radius>0.5</radius>", "", kMissing, "radius");
  check_error("<circle><radius>0.5</radius></circle>", "", kMissing, "no rectangle");
  check_error("<color>green</color>", "", kMissing, "color");
  const ParseError error = error_in(document(""));
  REQUIRE(error.code == kMissing);
  REQUIRE_THAT(error.message, Contains("neither obstacles nor lanelets"));
}

TEST_CASE("wrong content of a CommonRoad document is refused", "[cpu]") {
  check_error("id=\"11\"", "id=\"10\"", ParseCode::kDuplicateId, "dynamicObstacle 10");
  check_error("lanelet id=\"2\"", "lanelet id=\"1\"", ParseCode::kDuplicateId, "lanelet 1");
  check_error("ZAM_Made-1_1_T-1", "a&#10;b", ParseCode::kWrongContent, "benchmarkID");
  check_error("ZAM_Made-1_1_T-1", "\xff\xfe", ParseCode::kWrongContent, "benchmarkID");
  check_error("<type>bicycle", "<type>\xff", ParseCode::kWrongContent, "type: is \"?\"");
  check_error("<laneletType>", "<laneletType>a&#10;b", ParseCode::kWrongContent, "one line");
  check_error("<lineMarking>", "<lineMarking>" + std::string(300, 'a'), ParseCode::kWrongContent,
              "at most 256 bytes");
  check_error("<x>0.000000</x>", "<x><y>0</y></x>", ParseCode::kWrongContent, "one text");
  check_error("<x>0.000000</x>", "<x>1<!-- a -->2</x>", ParseCode::kWrongContent, "several texts");
  ParseError error = error_in("<OpenDRIVE/>");
  REQUIRE(error.code == ParseCode::kWrongContent);
  REQUIRE_THAT(error.message, Contains("expected commonRoad"));
  error = error_in(document(lanelet({})) + "<commonRoad/>");
  REQUIRE_THAT(error.message, Contains("second root"));
}

TEST_CASE("document types and entities are refused, not expanded", "[cpu]") {
  const std::string bomb =
      "<?xml version='1.0'?><!DOCTYPE b [<!ENTITY a \"1\"><!ENTITY b \"&a;&a;&a;&a;\">]>";
  const std::string body =
      element("commonRoad", lanelet({}),
              "timeStepSize=\"0.1\" commonRoadVersion=\"2020a\" benchmarkID=\"x\"");
  ParseError error = error_in(bomb + body);
  REQUIRE(error.code == ParseCode::kWrongContent);
  REQUIRE_THAT(error.message, Contains("document type"));
  check_error("20.000000</x>", "&b;</x>", ParseCode::kValueOutOfRange, "&b;");
}

TEST_CASE("text that is not XML is one error", "[cpu]") {
  for (const std::string& text : std::vector<std::string>{
           "", " ", "<", "<commonRoad", "<commonRoad>", "</commonRoad>",
           "<commonRoad></commonroad>", "<?xml version='1.0'?>", "text", "<a b=c/>", "<!DOCTYPE",
           "<!--", "<![CDATA[", "&&&&", std::string("<commonRoad/>\0x", 15), "\xff\xfe<\0a\0"}) {
    CAPTURE(text);
    error_in(text);
  }
  const std::string wide("\xff\xfe<\0c\0o\0", 8);
  REQUIRE(error_in(wide).code == ParseCode::kBadEncoding);
}

TEST_CASE("deep nesting does not exhaust the stack", "[cpu]") {
  std::string deep;
  for (int level = 0; level < 300'000; ++level) deep += "<a>";
  error_in(deep);
  for (int level = 0; level < 300'000; ++level) deep += "</a>";
  REQUIRE(error_in(deep).code == ParseCode::kWrongContent);
  const Scene scene = decode_scene(document(lanelet({}) + deep));
  REQUIRE(scene.features.size() == 3);
}

TEST_CASE("a CommonRoad document cut at any byte is one error", "[cpu]") {
  const std::string whole = small_document();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    error_in(whole.substr(0, size));
  }
}

TEST_CASE("a CommonRoad document with any flipped bit is one error or a sound scene", "[cpu]") {
  const std::string whole = small_document();
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    CAPTURE(bit);
    require_sound(decode_xml(flip_bit(whole, bit)), whole.size());
  }
}

TEST_CASE("a real CommonRoad document cut at every 1,000th byte is one error", "[cpu]") {
  const std::string whole = read_content("commonroad_xml/SinD/CHN_SIND-834_1203_T-1278.cr.xml.gz");
  if (whole.empty()) {
    WARN("real logs absent: data/commonroad_xml/SinD");
    return;
  }
  for (std::size_t size = 0; size + 1000 < whole.size(); size += 1000) {
    CAPTURE(size);
    error_in(whole.substr(0, size));
  }
}
