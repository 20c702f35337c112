// GPUDrive JSON that is broken or no scene: each must end in one error that names the thing.
#include <algorithm>

#include "tests/gpudrive_json_texts.hpp"
#include "tests/single_scene_errors.hpp"

using namespace forkroad;
using Catch::Matchers::Contains;
using test::decode_json;
using test::kHeightText;
using test::kNocturneText;
using test::kSecondText;
using test::kUnifiedText;
using test::replaced;
using test::require_error;
using test::require_sound;

namespace {

// Replaces `from` in the unified scene and checks the error; its place must be where `at` stands,
// `to` itself if `at` is empty.
void check(const std::string& from, const std::string& to, ParseCode code,
           const std::string& message, const std::string& at = {}) {
  const std::string text = replaced(kUnifiedText, from, to);
  const ParseError error = require_error(decode_json(text), text.size());
  CAPTURE(error.text());
  REQUIRE(error.code == code);
  REQUIRE_THAT(error.message, Contains(message));
  const std::size_t place = text.find(at.empty() ? to : at);
  REQUIRE(place != std::string::npos);
  REQUIRE(error.byte_offset == static_cast<int64_t>(place));
}

}  // namespace

TEST_CASE("JSON cut at every byte is told as truncated", "[cpu]") {
  for (const std::string& text : {kNocturneText, kHeightText, kSecondText, kUnifiedText}) {
    // the last byte is a newline
    for (std::size_t size = 0; size + 1 < text.size(); ++size) {
      const ParseError error = require_error(decode_json(text.substr(0, size)), size);
      CAPTURE(error.text());
      REQUIRE(error.code == ParseCode::kTruncated);
      REQUIRE(error.byte_offset == static_cast<int64_t>(size));
    }
  }
}

TEST_CASE("flipped bits in JSON give a sound scene or one located error", "[cpu]") {
  for (const std::string& text : {kHeightText, kSecondText, kUnifiedText}) {
    int num_errors = 0;
    for (std::size_t byte = 0; byte < text.size(); ++byte) {
      for (const int bit : {0, 2, 4, 6, 7}) {
        std::string flipped = text;
        flipped[byte] = static_cast<char>(flipped[byte] ^ (1 << bit));
        num_errors += require_sound(decode_json(flipped), text.size()) ? 0 : 1;
      }
    }
    REQUIRE(num_errors > static_cast<int>(text.size()));
  }
}

TEST_CASE("text that is not JSON is located to the byte", "[cpu]") {
  const auto refuse = [](const std::string& text, ParseCode code, std::size_t offset,
                         const std::string& message) {
    const ParseError error = require_error(decode_json(text), text.size());
    CAPTURE(error.text());
    REQUIRE(error.code == code);
    REQUIRE(error.byte_offset == static_cast<int64_t>(offset));
    REQUIRE_THAT(error.message, Contains(message));
  };
  const ParseCode bad = ParseCode::kBadEncoding;
  refuse("", ParseCode::kTruncated, 0, "the text ends, expected a value");
  refuse("  {\"a\":1}x", bad, 9, "got the byte 78, expected the end of the text");
  refuse("{\"a\" 1}", bad, 5, "expected ':'");
  refuse("{\"a\":1,}", bad, 7, "expected a member name in quotes");
  refuse("{\"a\":[1 2]}", bad, 8, "expected ',' or ']'");
  refuse("{\"a\":NaN}", bad, 5, "got the byte 4e, expected a value");
  refuse("{\"a\":-Infinity}", bad, 6, "expected a digit");
  refuse("{\"a\":1e999}", bad, 5, "a number within 64 bits");
  refuse("{\"a\":123456789012345678901}", bad, 5, "a number within 64 bits");
  refuse("{\"a\":01}", bad, 6, "expected ',' or '}'");
  refuse("{\"a\":1.}", bad, 7, "expected a digit");
  refuse("{\"a\":tru}", bad, 5, "expected a value");
  refuse("{\"a\":\"\\x\"}", bad, 7, "an escape that JSON has");
  refuse("{\"a\":\"\\u12g4\"}", bad, 10, "four hexadecimal digits");
  refuse("{\"a\":\"two\nlines\"}", bad, 9, "no control character");
  refuse("{\"a\":\"\xff\"}", bad, 6, "not UTF-8");
  refuse("\xef\xbb\xbf{\"a\":x}", bad, 8, "expected a value");
}

TEST_CASE("nesting beyond the limit is refused without recursion", "[cpu]") {
  for (const int depth : {65, 1000, 1'000'000}) {
    const std::string deep = std::string(static_cast<std::size_t>(depth), '[') + "1" +
                             std::string(static_cast<std::size_t>(depth), ']');
    const std::string text = replaced(kSecondText, R"("tl_states":{})", R"("deep":)" + deep);
    const ParseError error = require_error(decode_json(text), text.size());
    REQUIRE(error.code == ParseCode::kTooLarge);
    REQUIRE_THAT(error.message, Contains("at most 64 levels of nesting"));
    // one level is the object around it
    REQUIRE(error.byte_offset == static_cast<int64_t>(text.find("[[[[") + 63));
  }
}

TEST_CASE("values of a wrong type are named and located", "[cpu]") {
  const ParseCode wrong = ParseCode::kWrongContent;
  check(R"("dt":0.5)", R"("dt":"0.5")", wrong, "/dt: is text, expected a number", R"("0.5")");
  check(R"("num_steps":4)", R"("num_steps":4.5)", wrong, "expected a whole number",
        "4.5,\"current");
  check(R"([false,true,true,true])", R"([0,true,true,true])", wrong,
        "/objects/0/valid/0: is a number, expected true or false", "0,true,true,true]");
  check(R"([0.0,0.1,0.2,-3.1])", R"([0.0,0.1,null,-3.1])", wrong,
        "/objects/1/heading/2: is null, expected a number", "null,-3.1");
  check(R"("x":30005.25)", R"("x":[30005.25])", wrong,
        "/objects/1/position/2/x: is an array, expected a number", "[30005.25]");
  check(R"("id":"AV")", R"("id":1.5)", wrong, "/objects/1/id: is a number, expected a whole",
        "1.5,\"raw_type");
  check(R"("id":"AV")", R"("id":"two\nlines")", wrong, "/objects/1/id: is 9 bytes that are not",
        "\"two");
  check(R"("type":"other")", R"("type":{})", wrong, "/objects/2/type: is an object, expected text",
        "{},\"id\":\"17\"");
  check(R"("lanelet_types":["urban")", R"("lanelet_types":[7)", wrong,
        "/roads/1/lanelet_types/0: is a number", "7,\"highway\"");
  check(R"("author":"nobody"}
)",
        R"("author":"nobody","metadata":[]})", wrong, "/metadata: is an array, expected an object",
        "[]}");
  check(R"("scenario_id":"made-up")", R"("scenario_id":"")", wrong, "/scenario_id: is 0 bytes",
        "\"\",\"objects");
  const ParseError error = require_error(decode_json("[1, 2]"), 6);
  REQUIRE(error.code == wrong);
  REQUIRE_THAT(error.message, Contains("the document: is an array, expected an object"));
}

TEST_CASE("members that a scene cannot be without are named", "[cpu]") {
  const ParseCode missing = ParseCode::kMissingField;
  check(R"("width":1.0,"length":2.0)", R"("width":1.0)", missing, "/objects/2: length is absent",
        R"({"position":[{"x":30020.0)");
  check(R"("x":30002.75,"y":-20000.5,)", R"("x":30002.75,)", missing,
        "/objects/1/position/1: x or y is absent", R"({"x":30002.75)");
  check(R"("type":"stop_sign",)", "", missing, "/roads/4: type is absent",
        R"({"geometry":[{"x":30018.0)");
  check(R"("state":["caution"],)", "", missing, "/tl_states/101: state is absent", R"({"x":[0])");
  check(R"({"track_index":2,"difficulty":0})", R"({"difficulty":0})", missing,
        "/metadata/tracks_to_predict/0: track_index is absent", R"({"difficulty":0})");
  check(R"("roads":[)", R"("streets":[)", missing, "roads is absent, expected a scene of GPUDrive",
        R"({"name")");
  const std::string empty = R"({"objects":[],"roads":[]})";
  const ParseError error = require_error(decode_json(empty), empty.size());
  REQUIRE(error.code == missing);
  REQUIRE_THAT(error.message, Contains("/objects: is empty"));
}

TEST_CASE("numbers that no scene has are named", "[cpu]") {
  const ParseCode range = ParseCode::kValueOutOfRange;
  check(R"("x":30005.25)", R"("x":1e9)", range,
        "/objects/1/position/2: is (1000000000, -20000.5, 10.5) m, expected at most 100000 m",
        R"({"x":1e9)");
  check(R"({"x":30002.75,"y":-20000.5)", R"({"x":30002.75,"y":-2e8)", range,
        "/objects/1/position/1: holds -200000000 m");
  check(R"([0.0,0.1,0.2,-3.1])", R"([0.0,0.1,1e9,-3.1])", range, "/objects/1/heading/2: is ",
        "1e9,-3.1");
  check(R"("velocity":[{"x":5.0,"y":0.5})", R"("velocity":[{"x":5.0,"y":-20000})", range,
        "/objects/1/velocity/0/y: is -20000 m/s", "-20000}");
  check(R"("length":4.5)", R"("length":-4.5)", range, "/objects/1/length: is -4.5 m",
        "-4.5,\"height");
  check(R"("height":1.6)", R"("height":1000)", range, "/objects/2/height: is 1000 m",
        "1000,\"heading");
  check(R"("x":30018.0)", R"("x":1e300)", range, "/roads/4/geometry/0: is (1e+300",
        R"({"x":1e300)");
  check(R"("speed_limit_mph":25.0)", R"("speed_limit_mph":-1)", range,
        "/roads/0/speed_limit_mph: is -1", "-1,\n\"interpolating");
  check(R"("x":[30019.0,30019.0])", R"("x":[30019.0,-30019.0e3])", range,
        "/tl_states/100: entry 1 is at (-30019000", R"({"state":["stop","go"])");
  check(R"("dt":0.5)", R"("dt":0)", range, "/dt: is 0 s, expected 0.0001 to 10000 s",
        "0,\"num_steps");
  check(R"("num_steps":4)", R"("num_steps":0)", range, "/num_steps: is 0", "0,\"current");
  check(R"("id":"17")", R"("id":9223372036854775807)", range, "/objects/2/id: is 92233720",
        "9223372036854775807,");
  check(R"("id":"17")", R"("id":"9223372036854775807")", range, "/objects/2/id: is 92233720",
        "\"9223372036854775807");
}

TEST_CASE("members that contradict each other are named", "[cpu]") {
  const ParseCode contradiction = ParseCode::kInconsistent;
  check(R"("num_steps":4)", R"("num_steps":400000000)", contradiction,
        "/objects/0/position: has 4 entries, expected one for each of the 400000000 steps",
        R"([{"x":-10000.0,"y":-10000.0,"z")");
  check(R"([true,true,false,true])", R"([true,true,false])", contradiction,
        "/objects/2/valid: has 3 entries, expected one for each of the 4 steps");
  check(R"("current_time_index":1)", R"("current_time_index":4)", contradiction,
        "/current_time_index: is 4, expected 0 to 3", "4,\"dt_declared");
  check(R"("sdc_track_index":1)", R"("sdc_track_index":3)", contradiction,
        "/metadata/sdc_track_index: is 3, expected 0 to 2: there are 3 objects", "3,\"objects_of");
  check(R"("sdc_track_index":1)", R"("sdc_track_index":-2)", contradiction, "is -2",
        "-2,\"objects_of");
  check(R"("track_index":2)", R"("track_index":3)", contradiction,
        "/metadata/tracks_to_predict/0/track_index: is 3", "3,\"difficulty");
  check(R"("time_index":[1,3])", R"("time_index":[1,4])", contradiction,
        "/tl_states/100/time_index/1: is 4, expected 0 to 3", "4],\"lane_id");
  check(R"("time_index":[1,3])", R"("time_index":[1])", contradiction,
        "/tl_states/100/state: has 2 entries, expected as many as time_index: 1",
        R"(["stop","go"])");
  check(R"("lane_id":["101"])", R"("lane_id":[100])", contradiction,
        "/tl_states/101/lane_id/0: is another lane", "100]}},");
  check(R"([{"x":30018.0,"y":-20001.0,"z":11.0}])",
        R"([{"x":30018.0,"y":-20001.0,"z":11.0},{"x":30018.0,"y":-20001.5}])", contradiction,
        "/roads/4/geometry: a stop sign has 2 points, expected 1", "[{\"x\":30018.0");
}

TEST_CASE("ids that come twice are named in JSON", "[cpu]") {
  check(R"("id":"17")", R"("id":"AV","twice":1)", ParseCode::kDuplicateId,
        "/objects/2/id: is the id", "\"AV\",\"twice");
  check(R"("id":200)", R"("id":"300","twice":1)", ParseCode::kDuplicateId, "/roads/4/id: is the id",
        "300,\"lanes");
}

TEST_CASE("a scene in which nobody is ever seen is refused", "[cpu]") {
  check(R"([true,true,true,true])", R"([false,false,false,false])", ParseCode::kMissingField,
        "object 1 (the ego) has no valid state", R"([
{"position")");
  const std::string text = replaced(kHeightText, "[false,true]", "[false,false]");
  REQUIRE_THAT(require_error(decode_json(text), text.size()).message,
               Contains("no object has a valid state"));
}

TEST_CASE("counts that the text only claims cost no memory", "[cpu]") {
  // many unknown members are counted, not listed
  std::string many;
  for (int member = 0; member < 10'000; ++member) {
    many += "\"member" + std::to_string(member) + "\":1,";
  }
  const Scene scene = test::require_scene(
      decode_json(replaced(kSecondText, R"("tl_states":{})", many + R"("tl_states":{})")));
  REQUIRE(test::has_assumption(scene, "others ("));
  for (const std::string& assumption : scene.assumptions) REQUIRE(assumption.size() < 2000);
}
