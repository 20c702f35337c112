#include "scenarios/pufferdrive_bin.hpp"

#include <cmath>

#include "scenarios/load_scenes.hpp"
#include "tests/compress.hpp"
#include "tests/pufferdrive_writer.hpp"
#include "tests/scene_compare.hpp"
#include "tests/single_scene_errors.hpp"
#include "tests/temporary_file.hpp"

using namespace forkroad;
using Catch::Matchers::Contains;
using test::decode_bin;
using test::has_assumption;
using test::PufferMap;
using test::require_error;
using test::require_scene;
using test::require_sound;
using test::small_puffer;
using test::write_puffer;

namespace {

constexpr int64_t kFirstObject = 8;
constexpr int64_t kFirstArray = 16;
// type and count, 8 numbers at each of 3 steps, the tail
constexpr int64_t kObjectSize = 8 + 4 * 8 * 3 + 28;
constexpr int64_t kFirstRoad = kFirstObject + 2 * kObjectSize;

template <class Edit>
ParseError error_after(Edit edit) {
  PufferMap map = small_puffer();
  edit(map);
  const std::string bytes = write_puffer(map);
  return require_error(decode_bin(bytes), bytes.size());
}

std::string with_word(std::string bytes, std::size_t at, int32_t value) {
  test::PufferWriter writer;
  writer.add(value);
  return bytes.replace(at, 4, writer.bytes());
}

}  // namespace

TEST_CASE("a PufferDrive map becomes a scene", "[cpu]") {
  const Scene scene = require_scene(decode_bin(write_puffer(small_puffer())));
  REQUIRE(scene.id == "map_1");
  REQUIRE(scene.provenance.format == "pufferdrive_bin");
  REQUIRE(scene.dt == 0.1);
  REQUIRE(scene.num_steps == 3);
  REQUIRE(scene.current_step == 0);
  REQUIRE(scene.ego == -1);
  // the mean of (1000.5, -490.25) and (1001.5, -480.25)
  REQUIRE(scene.origin == std::array<double, 3>{1001, -486, 3});
  REQUIRE(scene.tracks.size() == 2);
  REQUIRE(scene.tracks[0].id == 0);
  REQUIRE(scene.tracks[0].kind == AgentKind::kVehicle);
  REQUIRE(scene.tracks[1].kind == AgentKind::kPedestrian);
  REQUIRE(scene.tracks[0].x == std::vector<float>{-0.5f, 0.5f, 1.5f});
  REQUIRE(scene.tracks[0].heading == std::vector<float>{0, 0.25f, 0.5f});
  REQUIRE(scene.tracks[0].length == std::vector<float>(3, 4.5f));
  REQUIRE(scene.tracks[0].width == std::vector<float>(3, 2.0f));
  REQUIRE(scene.tracks[1].valid == std::vector<uint8_t>{0, 1, 1});
  REQUIRE(scene.tracks[1].velocity_x == std::vector<float>{0, 10, 10});
  const FeatureKind kinds[] = {FeatureKind::kLane,      FeatureKind::kRoadLine,
                               FeatureKind::kRoadEdge,  FeatureKind::kStopSign,
                               FeatureKind::kCrosswalk, FeatureKind::kSpeedBump,
                               FeatureKind::kDriveway};
  REQUIRE(scene.features.size() == std::size(kinds));
  for (std::size_t road = 0; road < std::size(kinds); ++road) {
    REQUIRE(scene.features[road].kind == kinds[road]);
    REQUIRE(scene.features[road].id == static_cast<int64_t>(road));
  }
  REQUIRE(scene.features[0].points.size() == 4);
  REQUIRE(scene.features[3].points.size() == 1);
  // rings lose their repeated end
  REQUIRE(scene.features[4].points.size() == 3);
  REQUIRE(has_assumption(scene, "the format has no clock: dt is taken as 0.1 s"));
  REQUIRE(has_assumption(scene, "the format has no ego, ids, lights, lane links"));
  REQUIRE(has_assumption(scene, "goals and vertical velocities are left out"));
  REQUIRE(has_assumption(scene, "1 objects are marked as experts"));
}

TEST_CASE("PufferDrive maps are told by their counts, plain or compressed", "[cpu]") {
  const std::string bytes = write_puffer(small_puffer(91));
  for (const std::string& content : {bytes, test::gzip(bytes), test::xz(bytes)}) {
    const test::TemporaryFile file(content);
    const std::vector<Scene> scenes = load_scenes(file.path());
    REQUIRE(scenes.size() == 1);
    REQUIRE(scenes[0].provenance.format == "pufferdrive_bin");
    REQUIRE(scenes[0].current_step == 10);
  }
  // words of the start that no map has: objects, roads, first type, first steps
  const std::pair<std::size_t, int32_t> unlikely[] = {{0, 0},  {0, -1},      {0, 1'000'000},
                                                      {4, -1}, {4, 900'000}, {8, 0},
                                                      {8, 4},  {12, 0},      {12, 100'000}};
  for (const auto& [at, value] : unlikely) {
    const test::TemporaryFile file(with_word(bytes, at, value));
    const auto stream = open_scenes(file.path());
    REQUIRE_FALSE(stream.ok());
    REQUIRE(stream.error().code == ParseCode::kUnsupportedFormat);
  }
}

TEST_CASE("PufferDrive headings in degrees are told by their size", "[cpu]") {
  PufferMap map = small_puffer();
  map.objects[0].heading = {0, 90, 450};
  const Scene scene = require_scene(decode_bin(write_puffer(map)));
  REQUIRE(scene.tracks[0].heading[1] == Approx(M_PI / 2));
  REQUIRE(scene.tracks[0].heading[2] == Approx(M_PI / 2));
  REQUIRE(has_assumption(scene, "headings reach 450: read as degrees"));
}

TEST_CASE("a PufferDrive map cut at every byte is told as truncated", "[cpu]") {
  const std::string bytes = write_puffer(small_puffer());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const ParseError error = require_error(decode_bin(bytes.substr(0, size)), size);
    CAPTURE(error.text());
    REQUIRE(error.code == ParseCode::kTruncated);
  }
}

TEST_CASE("bytes after the last road are refused", "[cpu]") {
  const std::string bytes = write_puffer(small_puffer());
  const ParseError error = require_error(decode_bin(bytes + "x"), bytes.size() + 1);
  REQUIRE(error.code == ParseCode::kInconsistent);
  REQUIRE(error.byte_offset == static_cast<int64_t>(bytes.size()));
  REQUIRE_THAT(error.message, Contains("1 bytes follow the last road"));
}

TEST_CASE("flipped bits in a PufferDrive map give a sound scene or one located error", "[cpu]") {
  const std::string bytes = write_puffer(small_puffer());
  int num_errors = 0;
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    const std::string flipped = test::flip_bit(bytes, bit);
    num_errors += require_sound(decode_bin(flipped), bytes.size()) ? 0 : 1;
  }
  REQUIRE(num_errors > 300);
}

TEST_CASE("counts that a PufferDrive map only claims cost no memory", "[cpu]") {
  const std::string bytes = write_puffer(small_puffer());
  const std::pair<std::size_t, ParseCode> counts[] = {
      {0, ParseCode::kInconsistent},             // objects: roads are no objects
      {4, ParseCode::kTruncated},                // roads
      {12, ParseCode::kTruncated},               // steps of the first object
      {kFirstRoad + 4, ParseCode::kTruncated}};  // points of the first road
  for (const auto& [at, code] : counts) {
    REQUIRE(require_error(decode_bin(with_word(bytes, at, INT32_MAX)), bytes.size()).code == code);
    const ParseError error = require_error(decode_bin(with_word(bytes, at, -1)), bytes.size());
    REQUIRE(error.code == ParseCode::kValueOutOfRange);
    REQUIRE(error.byte_offset == static_cast<int64_t>(at));
  }
}

TEST_CASE("numbers that no PufferDrive scene has are named", "[cpu]") {
  const auto check = [](auto edit, int64_t offset, const std::string& text) {
    const ParseError error = error_after(edit);
    CAPTURE(error.text());
    REQUIRE(error.code == ParseCode::kValueOutOfRange);
    REQUIRE(error.byte_offset == offset);
    REQUIRE_THAT(error.message, Contains(text));
  };
  check([](PufferMap& map) { map.objects[0].x[1] = NAN; }, kFirstArray + 4,
        "object 0, entry 1: x is nan m, expected at most 100000 m from the origin 1001");
  check([](PufferMap& map) { map.objects[0].y[0] = 1e30f; }, kFirstArray + 12,
        "object 0, step 0: y is 1.0000000150474662e+30 m");
  check([](PufferMap& map) { map.objects[0].z[2] = -INFINITY; }, kFirstArray + 32,
        "object 0, entry 2: z is -inf m");
  check([](PufferMap& map) { map.objects[0].vx[0] = 1e5f; }, kFirstArray + 36,
        "object 0, step 0: vx is 100000 m/s");
  check([](PufferMap& map) { map.objects[0].vy[0] = NAN; }, kFirstArray + 48, "step 0: vy is nan");
  check([](PufferMap& map) { map.objects[0].heading[0] = 1e30f; }, kFirstArray + 72,
        "object 0, step 0: heading is 1e+30 degrees");
  check([](PufferMap& map) { map.objects[0].heading[0] = NAN; }, kFirstArray + 72,
        "object 0, step 0: heading is nan rad");
  check([](PufferMap& map) { map.objects[0].valid[0] = 2; }, kFirstArray + 84,
        "object 0, step 0: valid is 2");
  check([](PufferMap& map) { map.objects[0].width = -1; }, kFirstArray + 96,
        "object 0: width is -1");
  check([](PufferMap& map) { map.objects[0].length = 1000; }, kFirstArray + 100,
        "length is 1000 m");
  check([](PufferMap& map) { map.objects[0].height = NAN; }, kFirstArray + 104, "height is nan m");
  check([](PufferMap& map) { map.objects[1].type = 4; }, kFirstObject + kObjectSize,
        "object 1 has type 4, expected 1 to 3");
  check([](PufferMap& map) { map.roads[0].type = 11; }, kFirstRoad,
        "road 0 has type 11, expected 4 to 10");
  check([](PufferMap& map) { map.roads[0].type = 3; }, kFirstRoad, "road 0 has type 3");
  check([](PufferMap& map) { map.roads[0].y[3] = 1e6f; }, kFirstRoad + 8 + 28,
        "road 0, entry 3: y is 1000000 m");
}

TEST_CASE("PufferDrive objects that contradict each other are named", "[cpu]") {
  ParseError error = error_after([](PufferMap& map) {
    for (auto* row : {&map.objects[1].x, &map.objects[1].y, &map.objects[1].z, &map.objects[1].vx,
                      &map.objects[1].vy, &map.objects[1].vz, &map.objects[1].heading}) {
      row->pop_back();
    }
    map.objects[1].valid.pop_back();
  });
  REQUIRE(error.code == ParseCode::kInconsistent);
  REQUIRE(error.byte_offset == kFirstObject + kObjectSize);
  REQUIRE_THAT(error.message, Contains("object 1 has 2 steps, expected 3 like those before"));
  error = error_after([](PufferMap& map) {
    for (auto& object : map.objects) object.valid.assign(3, 0);
  });
  REQUIRE(error.code == ParseCode::kMissingField);
  error = error_after([](PufferMap& map) { map.objects.clear(); });
  REQUIRE_THAT(error.message, Contains("the file has 0 objects, expected at least 1"));
  error = error_after([](PufferMap& map) { map.roads[0].type = 7; });
  REQUIRE_THAT(error.message, Contains("road 0: a stop sign has 4 points, expected 1"));
}

TEST_CASE("PufferDrive roads without points are left out", "[cpu]") {
  PufferMap map = small_puffer();
  for (auto* row : {&map.roads[1].x, &map.roads[1].y, &map.roads[1].z}) row->clear();
  const Scene scene = require_scene(decode_bin(write_puffer(map)));
  REQUIRE(scene.features.size() == 6);
  REQUIRE(scene.features[1].id == 2);
  REQUIRE(has_assumption(scene, "1 roads without points are left out"));
}
