#include "scenarios/load_scenes.hpp"

#include <unistd.h>

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/commonroad_document.hpp"
#include "tests/compress.hpp"
#include "tests/gpudrive_json_texts.hpp"
#include "tests/scene_compare.hpp"
#include "tests/temporary_file.hpp"
#include "tests/womd_writer.hpp"

using namespace forkroad;
using Catch::Matchers::Contains;
using test::frame_record;
using test::TemporaryFile;

namespace {

ParseError open_error(const std::string& bytes) {
  const TemporaryFile file(bytes);
  const auto stream = open_scenes(file.path());
  REQUIRE_FALSE(stream.ok());
  REQUIRE(stream.error().file == file.path());
  return stream.error();
}

}  // namespace

TEST_CASE("load_scenes reads every scene of a TFRecord file whatever its name", "[cpu]") {
  test::ScenarioSpec second = test::small_scenario();
  second.id = "second";
  const std::string first_record = frame_record(write_scenario(test::small_scenario()));
  const TemporaryFile file(first_record + frame_record(write_scenario(second)));
  const std::vector<Scene> scenes = load_scenes(file.path());
  REQUIRE(scenes.size() == 2);
  REQUIRE(scenes[0].id == "made-up");
  REQUIRE(scenes[1].id == "second");
  REQUIRE(scenes[1].provenance.file == file.path());
  REQUIRE(scenes[1].provenance.format == "womd_scenario");
  REQUIRE(scenes[1].provenance.record == 1);
  REQUIRE(scenes[1].provenance.byte_offset == static_cast<int64_t>(first_record.size()) + 12);
}

TEST_CASE("open_scenes goes on after a bad record whose frame is intact", "[cpu]") {
  const std::string good = frame_record(write_scenario(test::small_scenario()));
  const TemporaryFile file(good + frame_record("no scenario") + good);
  auto stream = open_scenes(file.path());
  REQUIRE(stream.ok());
  auto scene = stream.value()->next();
  REQUIRE((scene && scene->ok()));
  scene = stream.value()->next();
  REQUIRE((scene && !scene->ok()));
  REQUIRE(scene->error().record == 1);
  REQUIRE(scene->error().byte_offset >= static_cast<int64_t>(good.size()) + 12);
  scene = stream.value()->next();
  REQUIRE((scene && scene->ok()));
  REQUIRE(scene->value().provenance.record == 2);
  REQUIRE_FALSE(stream.value()->next());
  REQUIRE_THROWS_WITH(load_scenes(file.path()), Contains(file.path() + ": record 1, byte "));
}

TEST_CASE("open_scenes says why no reader takes a file", "[cpu]") {
  ParseError error = open_error("");
  REQUIRE(error.code == ParseCode::kEmpty);
  error = open_error("short");
  REQUIRE(error.code == ParseCode::kEmpty);
  REQUIRE_THAT(error.message, Contains("5 bytes"));
  error = open_error("any other bytes");
  REQUIRE(error.code == ParseCode::kUnsupportedFormat);
  REQUIRE_THAT(error.message, Contains("not a TFRecord") && Contains("61 6e 79 20"));
  error = open_error("PK\x03\x04 and so on");
  REQUIRE_THAT(error.message, Contains("a zip archive"));
}

TEST_CASE("open_scenes looks into compressed files", "[cpu]") {
  ParseError error = open_error("\x1f\x8b compressed bytes");
  REQUIRE(error.code == ParseCode::kBadEncoding);
  error = open_error(test::gzip("any other bytes"));
  REQUIRE(error.code == ParseCode::kUnsupportedFormat);
  REQUIRE_THAT(error.message,
               Contains("it is gzip data, and decompressed it starts with the bytes"));
  error = open_error(test::xz("PK\x03\x04 and so on"));
  REQUIRE_THAT(error.message, Contains("it is xz data") && Contains("a zip archive"));
  error = open_error(test::gzip("short"));
  REQUIRE(error.code == ParseCode::kEmpty);
  REQUIRE_THAT(error.message, Contains("5 bytes when decompressed"));

  const std::vector<Scene> plain = load_scenes(TemporaryFile(test::kSecondText).path());
  for (const std::string& bytes : {test::gzip(test::kSecondText), test::xz(test::kSecondText)}) {
    const std::vector<Scene> scenes = load_scenes(TemporaryFile(bytes).path());
    REQUIRE(scenes.size() == 1);
    REQUIRE(test::same_scene(scenes[0], plain[0]));
  }
}

TEST_CASE("an error in a compressed scene says where its bytes count", "[cpu]") {
  const std::string document = test::small_document();
  for (const std::string& text :
       {std::string("{\"name\": \"a scene\"}"), std::string("[1, 2, 3, 4, 5]"),
        std::string("{\"objects\": [}"), document.substr(0, 400)}) {
    const TemporaryFile file(test::gzip(text));
    auto stream = open_scenes(file.path());
    REQUIRE(stream.ok());
    const auto scene = stream.value()->next();
    REQUIRE((scene && !scene->ok()));
    REQUIRE(scene->error().file == file.path());
    REQUIRE(scene->error().record == 0);
    REQUIRE_THAT(scene->error().message, Contains("bytes count in the decompressed content"));
    REQUIRE_FALSE(stream.value()->next());
  }
}

TEST_CASE("open_scenes knows a CommonRoad document, packed or not, by its root", "[cpu]") {
  const std::string text = test::small_document();
  for (const std::string& bytes : {text, test::gzip(text), test::xz(text), "\xef\xbb\xbf" + text,
                                   "\n<!-- a comment first -->" + text.substr(text.find('\n'))}) {
    const TemporaryFile file(bytes);
    auto stream = open_scenes(file.path());
    REQUIRE(stream.ok());
    const auto scene = stream.value()->next();
    REQUIRE((scene && scene->ok()));
    REQUIRE(scene->value().provenance.format == "commonroad");
    REQUIRE(scene->value().provenance.file == file.path());
    REQUIRE(scene->value().tracks.size() == 3);
    REQUIRE_FALSE(stream.value()->next());
  }
  REQUIRE(open_error("<?xml version='1.0'?><OpenDRIVE/>").code == ParseCode::kUnsupportedFormat);
}

TEST_CASE("a flipped bit in the first length leaves a helpful text", "[cpu]") {
  std::string bytes = frame_record(write_scenario(test::small_scenario()));
  for (std::size_t bit = 0; bit < 96; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const ParseError error = open_error(flipped);
    REQUIRE(error.code == ParseCode::kUnsupportedFormat);
    REQUIRE(error.byte_offset == 0);
    REQUIRE_THAT(error.message,
                 Contains("no known log format") && Contains("length checksum at byte 8"));
  }
}

TEST_CASE("open_scenes names files that cannot be read", "[cpu]") {
  const auto folder = open_scenes(std::filesystem::temp_directory_path().string());
  REQUIRE(folder.error().code == ParseCode::kCannotOpen);
  const auto missing = open_scenes("no/such/file");
  REQUIRE(missing.error().code == ParseCode::kCannotOpen);
  REQUIRE_THROWS_WITH(load_scenes("no/such/file"), Contains("no/such/file: cannot_open"));
  if (geteuid() == 0) {
    WARN("unreadable files are not tested: this user may read everything");
    return;
  }
  const TemporaryFile secret("some bytes");
  std::filesystem::permissions(secret.path(), std::filesystem::perms::none);
  REQUIRE(open_scenes(secret.path()).error().code == ParseCode::kCannotOpen);
}
