// Damaged shards: each gives one located error or the scenes that were written, never anything
// else.
#include <fmt/format.h>

#include <functional>

#include "scenarios/load_scenes.hpp"
#include "tests/catch.hpp"
#include "tests/scene_builder.hpp"
#include "tests/shard_scenes.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

namespace {

const std::vector<Scene>& some_scenes() {
  static const std::vector<Scene> scenes = random_scenes(21, 4);
  return scenes;
}

const std::string& sound_bytes() {
  static const std::string bytes = shard_bytes(some_scenes());
  return bytes;
}

void check_located(const ParseError& error, std::size_t size) {
  INFO(error.text());
  CHECK(error.file == "damaged");
  CHECK(error.byte_offset >= 0);
  CHECK(error.byte_offset <= static_cast<int64_t>(size));
  CHECK_FALSE(error.message.empty());
  CHECK(error.text().find('\n') == std::string::npos);
}

// The error of opening the bytes, or that of the first scene that has one.
std::optional<ParseError> find_error(const std::string& bytes,
                                     ShardChecks checks = ShardChecks::kChecksums) {
  const AlignedBytes aligned(bytes);
  const auto reader = ShardReader::open_bytes(aligned.span(), "damaged", checks);
  if (!reader) {
    check_located(reader.error(), bytes.size());
    return reader.error();
  }
  std::optional<ParseError> first;
  for (int64_t index = 0; index < reader.value().num_scenes(); ++index) {
    const Parsed<Scene> scene = reader.value().scene(index);
    if (!scene) {
      check_located(scene.error(), bytes.size());
      CHECK(scene.error().record == index);
      if (!first) first = scene.error();
    } else if (checks == ShardChecks::kChecksums) {
      CHECK(same_with_source(scene.value(), some_scenes()[static_cast<size_t>(index)]));
    } else {
      CHECK(find_scene_fault(scene.value()) == "");
    }
  }
  return first;
}

ParseError error_of(const std::string& bytes, ShardChecks checks = ShardChecks::kChecksums) {
  const auto error = find_error(bytes, checks);
  if (!error) FAIL("the damage was not found");
  return *error;
}

SafetensorsHeader header_of(const std::string& bytes) {
  const AlignedBytes aligned(bytes);
  auto header = parse_safetensors_header(aligned.span(), "shard");
  REQUIRE(header.ok());
  return std::move(header.value());
}

uint64_t data_start(const std::string& bytes) {
  return 8 + static_cast<uint64_t>(static_cast<uint8_t>(bytes[0])) +
         256 * static_cast<uint64_t>(static_cast<uint8_t>(bytes[1]));
}

// The shard with another header; tensor places count from the first tensor byte again.
std::string with_header(const std::function<void(SafetensorsHeader&)>& edit) {
  const std::string& bytes = sound_bytes();
  SafetensorsHeader header = header_of(bytes);
  for (SafetensorsEntry& tensor : header.tensors) {
    tensor.begin -= data_start(bytes);
    tensor.end -= data_start(bytes);
  }
  edit(header);
  return write_safetensors_header(header, kShardAlignment) + bytes.substr(data_start(bytes));
}

SafetensorsEntry& tensor_of(SafetensorsHeader& header, const std::string& name) {
  for (SafetensorsEntry& tensor : header.tensors) {
    if (tensor.name == name) return tensor;
  }
  FAIL("no tensor " << name);
  return header.tensors.front();
}

template <class T>
std::string with_value(const std::string& tensor, std::size_t index, T value) {
  std::string bytes = sound_bytes();
  const SafetensorsHeader header = header_of(bytes);
  const SafetensorsEntry* entry = header.find(tensor);
  REQUIRE(entry != nullptr);
  const std::size_t at = entry->begin + index * sizeof(T);
  REQUIRE(at + sizeof(T) <= entry->end);
  std::memcpy(bytes.data() + at, &value, sizeof value);
  return bytes;
}

}  // namespace

TEST_CASE("A sound shard has no error, with and without checksums", "[shard]") {
  CHECK_FALSE(find_error(sound_bytes()));
  CHECK_FALSE(find_error(sound_bytes(), ShardChecks::kNoChecksums));
}

TEST_CASE("A shard cut off anywhere gives one located error", "[shard][property]") {
  const std::string& bytes = sound_bytes();
  for (std::size_t size = 0; size < bytes.size(); size += size < 200 ? 1 : 97) {
    INFO("cut to " << size << " of " << bytes.size());
    const ParseError error = error_of(bytes.substr(0, size));
    CHECK(error.record == -1);
  }
  CHECK(error_of(bytes + "x").code == ParseCode::kInconsistent);
}

TEST_CASE("A flipped bit anywhere in a shard is found or changes nothing", "[shard][property]") {
  const std::string& bytes = sound_bytes();
  const std::size_t header_bits = 8 * data_start(bytes);
  // every bit of the header, then a sample of the data
  for (std::size_t bit = 0; bit < 8 * bytes.size(); bit += bit < header_bits ? 1 : 61) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    INFO("byte " << bit / 8 << " bit " << bit % 8);
    find_error(flipped);
  }
}

TEST_CASE("A flipped bit in the offsets or rows of a shard is always found", "[shard][property]") {
  const std::string& bytes = sound_bytes();
  int tried = 0;
  for (const SafetensorsEntry& tensor : header_of(bytes).tensors) {
    if (tensor.name.starts_with("padding_")) continue;
    for (uint64_t at = tensor.begin; at < tensor.end; at += 1 + (tensor.end - tensor.begin) / 40) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
      INFO(tensor.name << ", byte " << at - tensor.begin);
      CHECK(find_error(flipped).has_value());
      ++tried;
    }
  }
  CHECK(tried > 1000);
}

TEST_CASE("A damaged scene keeps no other scene from being read", "[shard]") {
  const std::string bytes = with_value<double>("scene_dt", 1, 7.5);
  const AlignedBytes aligned(bytes);
  auto reader = ShardReader::open_bytes(aligned.span(), "damaged");
  REQUIRE(reader.ok());
  const auto stream = shard_stream(std::move(reader.value()));
  std::vector<bool> good;
  while (auto scene = stream->next()) good.push_back(scene->ok());
  CHECK(good == std::vector<bool>{true, false, true, true});
  const ParseError error = error_of(bytes);
  CHECK(error.code == ParseCode::kBadChecksum);
  CHECK(error.record == 1);
}

TEST_CASE("Offsets that fall, run out or overlap name the tensor and the entry", "[shard]") {
  struct Case {
    std::string tensor;
    std::size_t index;
    int64_t value;
    std::string text;
  };
  const int64_t huge = std::numeric_limits<int64_t>::max();
  for (const Case& damage : std::vector<Case>{
           {"track_offsets", 1, -1, "track_offsets[1] is -1, expected 0 to"},
           {"track_offsets", 4, huge, "track_offsets[4] is 9223372036854775807"},
           {"step_offsets", 2, 0, "step_offsets[2] is 0, expected"},
           {"step_offsets", 0, huge, "step_offsets[0]"},
           {"state_offsets", 3, int64_t{1} << 40, "state_offsets[3] is 1099511627776"},
           {"point_offsets", 2, -5, "point_offsets[2] is -5"},
           {"scene_id_offsets", 1, int64_t{1} << 62, "scene_id_offsets[1]"},
           {"assumption_text_offsets", 0, -9, "assumption_text_offsets[0] is -9"}}) {
    INFO(damage.tensor << "[" << damage.index << "] = " << damage.value);
    const std::string bytes = with_value(damage.tensor, damage.index, damage.value);
    for (const ShardChecks checks : {ShardChecks::kChecksums, ShardChecks::kNoChecksums}) {
      const ParseError error = error_of(bytes, checks);
      CHECK(error.code == ParseCode::kInconsistent);
      CHECK_THAT(error.message, Contains(damage.text));
      const uint64_t at = header_of(bytes).find(damage.tensor)->begin + 8 * damage.index;
      CHECK(error.byte_offset == static_cast<int64_t>(at));
    }
  }
}

TEST_CASE("Values that no scene may hold are found without checksums, too", "[shard]") {
  const auto text_of = [](const std::string& bytes) {
    return error_of(bytes, ShardChecks::kNoChecksums).text();
  };
  CHECK_THAT(text_of(with_value<double>("scene_dt", 2, -1.0)), Contains("dt is -1"));
  CHECK_THAT(text_of(with_value<uint8_t>("track_kind", 0, 5)), Contains("kind has the code 5"));
  CHECK_THAT(text_of(with_value<int8_t>("feature_type", 0, 21)), Contains("-1 to 20"));
  CHECK_THAT(text_of(with_value<uint8_t>("signal_state", 0, 77)), Contains("code 77"));
  CHECK_THAT(text_of(with_value<uint8_t>("state_valid", 0, 2)), Contains("valid[0] is 2"));
  CHECK_THAT(text_of(with_value<float>("point_xyz", 1, NAN)), Contains("point 0"));
  CHECK_THAT(text_of(with_value<uint8_t>("track_raw_type", 0, 0xff)), Contains("not UTF-8"));
  CHECK_THAT(text_of(with_value<int32_t>("scene_current_step", 1, 99)), Contains("current_step"));
}

TEST_CASE("A text cut inside a letter is an error", "[shard]") {
  Scene scene = empty_scene(1);
  scene.ego = -1;
  scene.assumptions = {"aé", "b"};
  std::string bytes = shard_bytes({scene});
  const uint64_t at = header_of(bytes).find("assumption_text_offsets")->begin + 8;
  bytes[at] = 2;
  CHECK_THAT(error_of(bytes, ShardChecks::kNoChecksums).message, Contains("cut a letter in two"));
}

TEST_CASE("A header that does not fit names the tensor", "[shard]") {
  struct Case {
    std::function<void(SafetensorsHeader&)> edit;
    ParseCode code;
    std::string text;
  };
  for (const Case& damage : std::vector<Case>{
           {[](auto& h) { h.metadata["format_version"] = "2"; }, ParseCode::kUnsupportedFormat,
            "format_version is not \"1\""},
           {[](auto& h) { h.metadata["format"] = "pt"; }, ParseCode::kUnsupportedFormat,
            "format is not \"forkroad-shard\""},
           {[](auto& h) { h.metadata.erase("format"); }, ParseCode::kUnsupportedFormat,
            "lacks format"},
           {[](auto& h) { h.metadata["num_scenes"] = "5"; }, ParseCode::kInconsistent,
            "num_scenes is not \"4\""},
           {[](auto& h) { tensor_of(h, "state_x").dtype = "I32"; }, ParseCode::kWrongContent,
            "state_x is I32"},
           {[](auto& h) { tensor_of(h, "state_x").dtype = "F33"; }, ParseCode::kWrongContent,
            "none of safetensors"},
           {[](auto& h) { tensor_of(h, "state_x").name = "state_w"; }, ParseCode::kMissingField,
            "state_x is absent"},
           {[](auto& h) { tensor_of(h, "state_x").name = "state_y"; }, ParseCode::kDuplicateId,
            "\"state_y\" twice"},
           {[](auto& h) { tensor_of(h, "scene_origin").shape = {12}; }, ParseCode::kWrongContent,
            "scene_origin is F64 of shape [12], expected F64 of shape [rows, 3]"},
           {[](auto& h) { tensor_of(h, "scene_dt").shape = {5}; }, ParseCode::kInconsistent,
            "does not fill"},
           {[](auto& h) {
              tensor_of(h, "scene_dt").shape = {~0ULL / 2, 4};
            },
            ParseCode::kInconsistent, "does not fill"},
           {[](auto& h) { tensor_of(h, "scene_dt").end += 1ULL << 60; }, ParseCode::kInconsistent,
            "expected a begin and an end within"},
           {[](auto& h) {
              std::swap(tensor_of(h, "scene_dt").begin, tensor_of(h, "scene_dt").end);
            },
            ParseCode::kInconsistent, "data_offsets of tensor \"scene_dt\""},
           {[](auto& h) {
              // onto the bytes of the tensor before
              tensor_of(h, "state_y").begin = tensor_of(h, "state_x").begin;
              tensor_of(h, "state_y").end = tensor_of(h, "state_x").end;
            },
            ParseCode::kInconsistent, "tensors lie end to end"},
           {[](auto& h) { h.tensors.pop_back(); }, ParseCode::kInconsistent,
            "the tensors end after"},
       }) {
    INFO(damage.text);
    const ParseError error = error_of(with_header(damage.edit));
    CHECK_THAT(error.message, Contains(damage.text));
    CHECK(error.code == damage.code);
    CHECK(error.record == -1);
  }
}

TEST_CASE("A header that is no JSON object of tensors is an error", "[shard]") {
  const auto text_of = [](const std::string& json) {
    std::string bytes(8, '\0');
    bytes[0] = static_cast<char>(json.size());
    return error_of(bytes + json).text();
  };
  CHECK_THAT(text_of("{"), Contains("unsupported_format"));
  CHECK_THAT(text_of("{}"), Contains("__metadata__ lacks format"));
  CHECK_THAT(text_of("{]"), Contains("is not JSON"));
  CHECK_THAT(text_of("[]"), Contains("unsupported_format"));
  CHECK_THAT(text_of("{\"__metadata__\":3}"), Contains("is not an object of strings"));
  CHECK_THAT(text_of("{\"__metadata__\":{\"a\":3}}"), Contains("\"a\" is not a string"));
  CHECK_THAT(text_of("{\"a\\u0001\":7}"), Contains("\"a?\" lacks dtype"));
  CHECK_THAT(text_of("{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,0]}}"),
             Contains("shape of tensor \"a\" is not an array"));
  CHECK_THAT(text_of("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0]}}"),
             Contains("data_offsets of tensor \"a\" are [0]"));
}

TEST_CASE("Tensors that a shard does not know are no obstacle", "[shard]") {
  const std::string bytes = with_header([](SafetensorsHeader& header) {
    for (SafetensorsEntry& tensor : header.tensors) {
      if (tensor.name.starts_with("padding_")) tensor.name = "embedding_" + tensor.name;
    }
  });
  CHECK_FALSE(find_error(bytes));
}

TEST_CASE("open_scenes says what a safetensors file lacks to be a shard", "[shard]") {
  const TemporaryFile file(with_header([](auto& h) { h.metadata.erase("format"); }));
  const auto stream = open_scenes(file.path());
  REQUIRE_FALSE(stream.ok());
  CHECK(stream.error().code == ParseCode::kUnsupportedFormat);
  CHECK_THAT(stream.error().message, Contains("lacks format, expected \"forkroad-shard\""));
}
