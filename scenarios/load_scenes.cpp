#include "scenarios/load_scenes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <string_view>

#include "scenarios/commonroad_scenario.hpp"
#include "scenarios/tfrecord.hpp"
#include "scenarios/unpacked_file.hpp"
#include "scenarios/womd_stream.hpp"

namespace forkroad {
namespace {

using namespace std::string_view_literals;

// What a file that no reader knows seems to be, by its first bytes: the likely wrong files.
struct KnownStart {
  std::string_view bytes;
  const char* what;
};
constexpr std::array<KnownStart, 8> kKnownStarts = {{{"\x1f\x8b"sv, "gzip data"},
                                                     {"\xfd"
                                                      "7zXZ"sv,
                                                      "xz data"},
                                                     {"PK\x03\x04"sv, "a zip archive"},
                                                     {"PAR1"sv, "a Parquet file"},
                                                     {"ARROW1"sv, "an Arrow file"},
                                                     {"<?xml"sv, "XML"},
                                                     {"{"sv, "JSON"},
                                                     {"\x80"sv, "a Python pickle"}}};

// Enough of a text to find its root element behind comments [bytes].
constexpr std::size_t kTextHead = 4096;

std::string describe_start(std::span<const uint8_t> head) {
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  for (const KnownStart& start : kKnownStarts) {
    if (text.starts_with(start.bytes)) return fmt::format("it starts like {}", start.what);
  }
  return fmt::format("it starts with the bytes {:02x}",
                     fmt::join(head.first(std::min<std::size_t>(head.size(), 12)), " "));
}

// The first bytes of a file that was opened before.
Parsed<std::vector<uint8_t>> read_head(const std::string& file) {
  std::vector<uint8_t> head(64);
  std::FILE* stream = std::fopen(file.c_str(), "rb");
  if (stream == nullptr) {
    return ParseError{ParseCode::kCannotOpen, file, -1, -1, "cannot be opened for reading"};
  }
  head.resize(std::fread(head.data(), 1, head.size(), stream));
  std::fclose(stream);
  return head;
}

}  // namespace

Parsed<std::unique_ptr<SceneStream>> open_scenes(const std::string& file) {
  Parsed<TfRecordReader> reader = TfRecordReader::open(file);
  if (!reader) return reader.error();
  const Parsed<std::vector<uint8_t>> head = read_head(file);
  if (!head) return head.error();
  const std::span<const uint8_t> bytes(head.value());
  if (is_tfrecord_header(bytes)) return womd_stream(std::move(reader.value()), file);
  if (bytes.size() < kTfRecordHeaderSize) {
    return ParseError{ParseCode::kEmpty, file, -1, 0,
                      fmt::format("holds {} bytes, too few for any log: a TFRecord header alone "
                                  "has {}",
                                  bytes.size(), kTfRecordHeaderSize)};
  }
  const Parsed<std::string> text = read_unpacked_head(file, kTextHead);
  if (text.ok() && is_commonroad_start(text.value())) return commonroad_stream(file);
  return ParseError{ParseCode::kUnsupportedFormat, file, -1, 0,
                    fmt::format("no known log format: not a TFRecord (the length checksum at byte "
                                "8 does not match the first 8 bytes), {}",
                                describe_start(bytes))};
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
