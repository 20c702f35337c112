#include "scenarios/load_scenes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <string_view>

#include "scenarios/commonroad_scenario.hpp"
#include "scenarios/decompress.hpp"
#include "scenarios/generated_stream.hpp"
#include "scenarios/gpudrive_json.hpp"
#include "scenarios/pufferdrive_bin.hpp"
#include "scenarios/regular_file.hpp"
#include "scenarios/safetensors.hpp"
#include "scenarios/shard_reader.hpp"
#include "scenarios/tfrecord.hpp"
#include "scenarios/womd_stream.hpp"

namespace forkroad {
namespace {

using namespace std::string_view_literals;

// What a file that no reader knows seems to be, by its first bytes: the likely wrong files.
struct KnownStart {
  std::string_view bytes;
  const char* what;
};
constexpr std::array<KnownStart, 5> kKnownStarts = {{{"PK\x03\x04"sv, "a zip archive"},
                                                     {"PAR1"sv, "a Parquet file"},
                                                     {"ARROW1"sv, "an Arrow file"},
                                                     {"<?xml"sv, "XML"},
                                                     {"\x80"sv, "a Python pickle"}}};

// Enough to tell formats apart, and to find the root of an XML text behind comments [bytes].
constexpr std::size_t kHeadSize = 4096;

std::string describe_start(std::span<const uint8_t> head) {
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  for (const KnownStart& start : kKnownStarts) {
    if (text.starts_with(start.bytes)) return fmt::format("it starts like {}", start.what);
  }
  return fmt::format("it starts with the bytes {:02x}",
                     fmt::join(head.first(std::min<std::size_t>(head.size(), 12)), " "));
}

std::vector<uint8_t> read_head(const RegularFile& file) {
  std::vector<uint8_t> head(kHeadSize);
  head.resize(std::fread(head.data(), 1, head.size(), file.stream.get()));
  return head;
}

// What a whole file seems to hold, decompressed. `head` is all of it or its start.
enum class Format : uint8_t { kUnknown, kCommonroad, kJson, kPufferDrive };

Format find_format(std::span<const uint8_t> head, uint64_t size) {
  std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && (text[first] == '{' || text[first] == '[')) {
    return Format::kJson;
  }
  if (is_commonroad_start(text.substr(0, kHeadSize))) return Format::kCommonroad;
  return is_pufferdrive_start(head, size) ? Format::kPufferDrive : Format::kUnknown;
}

// Why no reader takes a file that begins so, decompressed.
ParseError unsupported(const std::string& file, std::span<const uint8_t> head,
                       Compression compression) {
  const bool plain = compression == Compression::kNone;
  const std::string start = plain
                                ? describe_start(head)
                                : fmt::format("it is {} data, and decompressed {}",
                                              compression_name(compression), describe_start(head));
  if (head.size() < kTfRecordHeaderSize) {
    return ParseError{
        ParseCode::kEmpty, file, -1, 0,
        fmt::format("holds {} bytes{}, too few for any log: a TFRecord header alone "
                    "has {}",
                    head.size(), plain ? "" : " when decompressed", kTfRecordHeaderSize)};
  }
  return ParseError{ParseCode::kUnsupportedFormat, file, -1, 0,
                    fmt::format("no known log format: not a TFRecord (the length checksum at byte "
                                "8 does not match the first 8 bytes), not JSON, not CommonRoad "
                                "XML, not PufferDrive's counts; {}",
                                start)};
}

}  // namespace

Parsed<std::unique_ptr<SceneStream>> open_scenes(const std::string& file) {
  if (is_generated_name(file)) return generated_stream(file);
  Parsed<RegularFile> opened = open_regular_file(file);
  if (!opened) return opened.error();
  const std::vector<uint8_t> head = read_head(opened.value());
  if (is_tfrecord_header(head)) {
    Parsed<TfRecordReader> reader = TfRecordReader::open(file);
    if (!reader) return reader.error();
    return womd_stream(std::move(reader.value()), file);
  }
  if (is_safetensors_start(head)) {
    Parsed<ShardReader> shard = ShardReader::open(file);
    if (!shard) return shard.error();
    return shard_stream(std::move(shard.value()));
  }
  // these formats hold one scene per file, which is read as a whole
  const Compression compression = detect_compression(head);
  const bool whole = compression != Compression::kNone ||
                     find_format(head, opened.value().size) != Format::kUnknown;
  if (!whole) return unsupported(file, head, Compression::kNone);
  Parsed<WholeFile> content = read_whole_file(file);
  if (!content) return content.error();
  const std::span<const uint8_t> bytes = content.value().content.bytes();
  switch (find_format(bytes, bytes.size())) {
    case Format::kCommonroad:
      return commonroad_stream(std::move(content.value()), file);
    case Format::kJson:
      return gpudrive_json_stream(std::move(content.value()), file);
    case Format::kPufferDrive:
      return pufferdrive_bin_stream(std::move(content.value()), file);
    case Format::kUnknown:
      break;
  }
  return unsupported(file, bytes.first(std::min(bytes.size(), kHeadSize)), compression);
}

std::vector<Scene> load_scenes(const std::string& file) {
  Parsed<std::unique_ptr<SceneStream>> stream = open_scenes(file);
  if (!stream) throw std::runtime_error(stream.error().text());
  std::vector<Scene> scenes;
  while (std::optional<Parsed<Scene>> scene = stream.value()->next()) {
    if (!scene->ok()) throw std::runtime_error(scene->error().text());
    scenes.push_back(std::move(scene->value()));
  }
  return scenes;
}

}  // namespace forkroad
