// Every real GPUDrive, PufferDrive, CommonRoad and unified file imports, and real files that are
// damaged end in one located error.
#include <algorithm>
#include <filesystem>

#include "scenarios/load_scenes.hpp"
#include "scenarios/womd_scenario.hpp"
#include "tests/shared_logs.hpp"
#include "tests/single_scene_errors.hpp"

using namespace forkroad;
using test::find_shared;
using test::read_content;

namespace {

std::vector<std::string> list_files(const std::string& folder) {
  std::vector<std::string> files;
  const std::string path = find_shared("data/" + folder);
  if (path.empty()) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

template <class Decode>
void cut_everywhere(const std::string& content, std::size_t step, Decode decode) {
  for (std::size_t size = 0; size < content.size(); size += step) {
    const ParseError error = test::require_error(decode(content.substr(0, size)), size);
    CAPTURE(error.text());
    REQUIRE(error.code == ParseCode::kTruncated);
  }
}

template <class Decode>
void flip_bits(const std::string& content, Decode decode) {
  uint32_t state = 7;
  for (int flip = 0; flip < 200; ++flip) {
    state = state * 1664525U + 1013904223U;
    const std::size_t bit = 8 * (state % content.size()) + static_cast<std::size_t>(flip % 8);
    const std::string flipped = test::flip_bit(content, bit);
    test::require_sound(decode(flipped), flipped.size());
  }
}

// Small enough to be cut at every 1,000th byte within seconds.
constexpr const char* kJsonFile = "unified_json/commonroad_NGSIM/USA_Lanker-1_10_T-1.json.gz";
constexpr const char* kLargeJsonFile =
    "gpudrive_json/v2_tl/tfrecord-00000-of-00150_2a173b334be3d32c.json.gz";
constexpr const char* kBinFile = "pufferdrive_bin/map_000__38d321.bin.gz";

}  // namespace

TEST_CASE("every real file of one scene imports", "[cpu][real]") {
  const std::pair<const char*, const char*> folders[] = {{"commonroad_xml", "commonroad"},
                                                         {"gpudrive_json", "gpudrive_json"},
                                                         {"unified_json", "gpudrive_json"},
                                                         {"pufferdrive_bin", "pufferdrive_bin"}};
  for (const auto& [folder, format] : folders) {
    const std::vector<std::string> files = list_files(folder);
    if (files.empty()) {
      WARN("real logs absent (FORKROAD_SHARED): nothing checked of " << folder);
      continue;
    }
    for (const std::string& file : files) {
      CAPTURE(file);
      auto stream = open_scenes(file);
      REQUIRE(stream.ok());
      const auto scene = stream.value()->next();
      REQUIRE(scene.has_value());
      REQUIRE(test::require_scene(*scene).provenance.format == format);
      REQUIRE_FALSE(stream.value()->next());
    }
  }
}

TEST_CASE("real files cut anywhere are told as truncated", "[cpu][real]") {
  const std::string text = read_content(kJsonFile);
  const std::string large = read_content(kLargeJsonFile);
  const std::string bytes = read_content(kBinFile);
  if (text.empty() || large.empty() || bytes.empty()) {
    WARN("real logs absent (FORKROAD_SHARED): nothing checked");
    return;
  }
  cut_everywhere(text, 1000, test::decode_json);
  cut_everywhere(large, 100'000, test::decode_json);
  cut_everywhere(bytes, 1000, test::decode_bin);
  flip_bits(text, test::decode_json);
  flip_bits(bytes, test::decode_bin);
}

TEST_CASE("a large real JSON file cut at every 1,000th byte is told as truncated",
          "[cpu][real][slow]") {
  const std::string text = read_content(kLargeJsonFile);
  if (text.empty()) {
    WARN("real logs absent (FORKROAD_SHARED): nothing checked");
    return;
  }
  cut_everywhere(text, 1000, test::decode_json);
}

TEST_CASE("a scene read from unified JSON is the one read from its WOMD record", "[cpu][real]") {
  const std::string json = find_shared("data/unified_json/womd_tfrecord/637f20cafde22ff8.json.gz");
  const std::string record = find_shared("data/womd_tfrecord/motion_data_one_scenario.tfrecord");
  if (json.empty() || record.empty()) {
    WARN("real logs absent (FORKROAD_SHARED): nothing checked");
    return;
  }
  const Scene got = load_scenes(json).at(0);
  const Scene expected = load_scenes(record).at(0);
  // the JSON is rounded to 1 mm and 1e-5 rad
  REQUIRE(got.id == expected.id);
  REQUIRE(got.ego == expected.ego);
  REQUIRE(got.current_step == expected.current_step);
  REQUIRE(got.origin == expected.origin);
  REQUIRE(got.dt == expected.dt);
  REQUIRE(got.tracks.size() == expected.tracks.size());
  for (std::size_t track = 0; track < got.tracks.size(); ++track) {
    const Track& one = got.tracks[track];
    const Track& two = expected.tracks[track];
    REQUIRE(one.id == two.id);
    REQUIRE(one.kind == two.kind);
    REQUIRE(one.valid == two.valid);
    for (std::size_t step = 0; step < one.x.size(); ++step) {
      REQUIRE(std::abs(one.x[step] - two.x[step]) < 6e-4f);
      REQUIRE(std::abs(one.y[step] - two.y[step]) < 6e-4f);
      REQUIRE(std::abs(one.z[step] - two.z[step]) < 6e-4f);
      REQUIRE(std::abs(std::remainder(one.heading[step] - two.heading[step], 2 * M_PI)) < 6e-6);
      REQUIRE(std::abs(one.velocity_x[step] - two.velocity_x[step]) < 6e-4f);
    }
  }
  REQUIRE(got.features.size() == expected.features.size());
  for (const MapFeature& two : expected.features) {
    const auto one = std::find_if(got.features.begin(), got.features.end(),
                                  [&](const MapFeature& found) { return found.id == two.id; });
    REQUIRE(one != got.features.end());
    REQUIRE(one->kind == two.kind);
    REQUIRE(one->type == two.type);
    REQUIRE(one->points.size() == two.points.size());
    REQUIRE(one->entry_lanes == two.entry_lanes);
    REQUIRE(one->exit_lanes == two.exit_lanes);
    REQUIRE(one->speed_limit == two.speed_limit);
    REQUIRE(one->interpolating == two.interpolating);
    REQUIRE(one->controlled_lanes == two.controlled_lanes);
  }
  for (std::size_t step = 0; step < expected.signals.size(); ++step) {
    REQUIRE(got.signals[step].size() == expected.signals[step].size());
    for (const LaneSignal& two : expected.signals[step]) {
      const auto one =
          std::find_if(got.signals[step].begin(), got.signals[step].end(),
                       [&](const LaneSignal& found) { return found.lane_id == two.lane_id; });
      REQUIRE(one != got.signals[step].end());
      REQUIRE(one->state == two.state);
      REQUIRE(std::abs(one->stop_point.x - two.stop_point.x) < 6e-4f);
    }
  }
}
