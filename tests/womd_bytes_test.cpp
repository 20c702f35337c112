// Bytes that are no Scenario: each must end in one located error, never in a crash.
#include "scenarios/womd_scenario.hpp"
#include "scenarios/womd_stream.hpp"
#include "tests/catch.hpp"
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

TEST_CASE("an id that is not one line of text is refused", "[cpu]") {
  const std::string ids[] = {"",
                             "two\nlines",
                             "\xff",
                             "\xc0\x80",
                             "\xed\xa0\x80",
                             "cut\xe2\x82",
                             std::string(257, 'a'),
                             std::string(1, '\0')};
  for (const std::string& id : ids) {
    ScenarioSpec scenario = small_scenario();
    scenario.id = id;
    const ParseError error = error_of(write_scenario(scenario));
    REQUIRE(error.code == ParseCode::kWrongContent);
    REQUIRE_THAT(error.message, Contains("scenario_id"));
  }
  ScenarioSpec scenario = small_scenario();
  scenario.id =
      "Stra\xc3\x9f"
      "e \xe2\x82\xac \xf0\x9f\x9a\x97";
  REQUIRE(decode(write_scenario(scenario)).ok());
}

TEST_CASE("a known field of another wire type is refused by name", "[cpu]") {
  std::string payload = write_scenario(small_scenario());
  const auto end = static_cast<int64_t>(payload.size());
  protozero::pbf_writer writer(payload);
  writer.add_fixed64(6, 1);
  const ParseError error = error_of(payload);
  REQUIRE(error.code == ParseCode::kWrongContent);
  REQUIRE(error.byte_offset == kPayloadOffset + end);
  REQUIRE_THAT(error.message,
               Contains("Scenario.sdc_track_index has the wire type fixed64, expected varint"));
}

TEST_CASE("bytes that are not protobuf are located", "[cpu]") {
  const std::string good = write_scenario(small_scenario());
  const auto check = [&](const std::string& tail, ParseCode code, const std::string& text) {
    const ParseError error = error_of(good + tail);
    REQUIRE(error.code == code);
    REQUIRE(error.byte_offset == kPayloadOffset + static_cast<int64_t>(good.size()));
    REQUIRE_THAT(error.message, Contains(text));
  };
  check("\x12\x7f short", ParseCode::kTruncated, "Scenario goes beyond the end");
  check("\x30", ParseCode::kTruncated, "Scenario goes beyond the end");
  check("\x0b", ParseCode::kBadEncoding, "wire type");
  check(std::string("\x02\x00", 2), ParseCode::kBadEncoding, "number that protobuf");
  check("\x30" + std::string(11, '\xff') + "\x01", ParseCode::kBadEncoding, "more than 10 bytes");
  check(
      "\x0a\x03"
      "abc",
      ParseCode::kBadEncoding, "multiple of 8");
  // a length of 2^32 + 1: cut to 32 bits it would fit
  check(
      "\x12\x81\x80\x80\x80\x10"
      "a",
      ParseCode::kBadEncoding, "4294967297");
  check(
      "\x92\x80\x80\x80\x80\x80\x01\x01"
      "a",
      ParseCode::kBadEncoding, "32 bits");
}

TEST_CASE("another message is told from a Scenario", "[cpu]") {
  std::string other;
  protozero::pbf_writer writer(other);
  writer.add_string(1, "a message");
  writer.add_int32(2, 5);
  const ParseError error = error_of(other);
  REQUIRE(error.code == ParseCode::kBadEncoding);
  REQUIRE_THAT(error.message, Contains("Scenario.timestamps_seconds"));
}

TEST_CASE("a Scenario cut at any byte gives an error or a sound scene", "[cpu]") {
  const std::string whole = write_scenario(small_scenario());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // a copy of its own, so that a sanitizer sees reads beyond the end
    const std::string cut = whole.substr(0, size);
    const std::vector<uint8_t> bytes(cut.begin(), cut.end());
    const Parsed<Scene> scene = decode_womd_scenario(bytes, {"", "", 0, 0});
    CAPTURE(size);
    if (scene.ok()) {
      REQUIRE(find_scene_fault(scene.value()).empty());
    } else {
      REQUIRE(scene.error().byte_offset <= static_cast<int64_t>(size));
      REQUIRE_FALSE(scene.error().message.empty());
    }
  }
}

TEST_CASE("a Scenario with any flipped bit gives an error or a sound scene", "[cpu]") {
  const std::string whole = write_scenario(small_scenario(2));
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const Parsed<Scene> scene = decode(flipped);
    CAPTURE(bit);
    if (scene.ok()) {
      REQUIRE(find_scene_fault(scene.value()).empty());
    } else {
      REQUIRE_FALSE(scene.error().message.empty());
    }
  }
}

TEST_CASE("a TFRecord file of a Scenario finds every flipped bit and every cut", "[cpu]") {
  const std::string payload = write_scenario(small_scenario(1));
  const std::string file = test::frame_record(payload);
  const auto error_in = [](const std::string& bytes) -> std::optional<ParseError> {
    auto reader = TfRecordReader::open_bytes(test::as_bytes(bytes), "made-up");
    if (!reader) return reader.error();
    auto stream = womd_stream(std::move(reader.value()), "made-up");
    while (auto scene = stream->next()) {
      if (!scene->ok()) return scene->error();
    }
    return std::nullopt;
  };
  REQUIRE_FALSE(error_in(file));
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    std::string flipped = file;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const auto error = error_in(flipped);
    CAPTURE(bit);
    REQUIRE(error);
    REQUIRE(error->code == ParseCode::kBadChecksum);
    REQUIRE(error->byte_offset == (bit < 96 ? 0 : 12));
  }
  for (std::size_t size = 0; size < file.size(); ++size) {
    const auto error = error_in(file.substr(0, size));
    CAPTURE(size);
    REQUIRE(error);
    REQUIRE(error->code == (size == 0 ? ParseCode::kEmpty : ParseCode::kTruncated));
  }
}
