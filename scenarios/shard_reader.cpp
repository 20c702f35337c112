#include "scenarios/shard_reader.hpp"

#include <fmt/format.h>

#include <new>
#include <optional>
#include <stdexcept>
#include <utility>

#include "scenarios/shard_rows.hpp"
#include "scenarios/shard_scene.hpp"

namespace forkroad {
namespace {

// One tensor as the layout wants it.
struct ExpectedTensor {
  std::string name;
  ShardType type;
  std::size_t width = 1;
};

struct FoundTensor {
  uint64_t begin = 0;  // [bytes] in the file
  uint64_t rows = 0;
  int64_t described_at = 0;
};

FoundTensor find_tensor(const SafetensorsHeader& header, const ExpectedTensor& expected) {
  const SafetensorsEntry* entry = header.find(expected.name);
  if (entry == nullptr) {
    throw ShardFailure{ParseCode::kMissingField, kSafetensorsLengthSize,
                       fmt::format("tensor {} is absent", expected.name)};
  }
  const auto at = static_cast<uint64_t>(entry->described_at);
  const ShardTypeSpec& type = spec_of(expected.type);
  const std::size_t dimensions = expected.width == 1 ? 1 : 2;
  if (entry->dtype != type.name || entry->shape.size() != dimensions ||
      (dimensions == 2 && entry->shape[1] != expected.width)) {
    const std::string shape =
        dimensions == 1 ? "[rows]" : fmt::format("[rows, {}]", expected.width);
    throw ShardFailure{
        ParseCode::kWrongContent, at,
        fmt::format("tensor {} is {} of shape [{}], expected {} of shape {}", expected.name,
                    entry->dtype, fmt::join(entry->shape, ", "), type.name, shape)};
  }
  if (entry->begin % type.size != 0) {
    throw ShardFailure{ParseCode::kInconsistent, at,
                       fmt::format("tensor {} begins at byte {} of the file, expected a multiple "
                                   "of its element size {}",
                                   expected.name, entry->begin, type.size)};
  }
  return {entry->begin, entry->shape[0], entry->described_at};
}

void check_rows(const std::string& name, const FoundTensor& tensor, uint64_t expected,
                const char* why) {
  if (tensor.rows == expected) return;
  throw ShardFailure{
      ParseCode::kInconsistent, static_cast<uint64_t>(tensor.described_at),
      fmt::format("tensor {} has {} rows, expected {}: {}", name, tensor.rows, expected, why)};
}

void check_metadata(const SafetensorsHeader& header, const char* key, const std::string& expected,
                    ParseCode code) {
  const auto found = header.metadata.find(key);
  if (found != header.metadata.end() && found->second == expected) return;
  throw ShardFailure{
      code, kSafetensorsLengthSize,
      found == header.metadata.end()
          ? fmt::format("__metadata__ lacks {}, expected \"{}\"", key, expected)
          : fmt::format("__metadata__ {} is not \"{}\": this is no shard of this version", key,
                        expected)};
}

class ShardStream : public SceneStream {
 public:
  explicit ShardStream(ShardReader reader) : reader_(std::move(reader)) {}

  std::optional<Parsed<Scene>> next() override {
    if (next_ >= reader_.num_scenes()) return std::nullopt;
    return reader_.scene(next_++);
  }

 private:
  ShardReader reader_;
  int64_t next_ = 0;
};

}  // namespace

Parsed<ShardReader> ShardReader::open(const std::string& file, ShardChecks checks) {
  Parsed<MappedFile> mapped = MappedFile::open(file);
  if (!mapped) return mapped.error();
  auto mapping = std::make_unique<MappedFile>(std::move(mapped.value()));
  ShardReader reader(file, mapping->bytes(), checks);
  reader.mapping_ = std::move(mapping);
  return check_header(std::move(reader));
}

Parsed<ShardReader> ShardReader::open_bytes(std::span<const uint8_t> bytes, const std::string& name,
                                            ShardChecks checks) {
  if (reinterpret_cast<uintptr_t>(bytes.data()) % 8 != 0) {
    throw std::invalid_argument("ShardReader::open_bytes: bytes begin between multiples of 8");
  }
  return check_header(ShardReader(name, bytes, checks));
}

Parsed<ShardReader> ShardReader::check_header(ShardReader reader) {
  const Parsed<SafetensorsHeader> header = parse_safetensors_header(reader.bytes_, reader.file_);
  if (!header) return header.error();
  try {
    check_metadata(header.value(), "format", kShardFormat, ParseCode::kUnsupportedFormat);
    check_metadata(header.value(), "format_version", kShardVersion, ParseCode::kUnsupportedFormat);
    reader.find_tensors(header.value());
    check_metadata(header.value(), "num_scenes", fmt::format("{}", reader.num_scenes()),
                   ParseCode::kInconsistent);
    if (reader.num_scenes() == 0) {
      throw ShardFailure{ParseCode::kEmpty, kSafetensorsLengthSize, "the shard holds no scene"};
    }
  } catch (const ShardFailure& failure) {
    return ParseError{failure.code, reader.file_, -1, static_cast<int64_t>(failure.at),
                      failure.message};
  }
  return reader;
}

void ShardReader::find_tensors(const SafetensorsHeader& header) {
  std::array<bool, kNumShardTables> known{};
  for (const ShardColumnSpec& spec : kShardColumns) {
    const auto table = static_cast<std::size_t>(spec.table);
    const FoundTensor tensor = find_tensor(header, {spec.name, spec.type, spec.width});
    if (!std::exchange(known[table], true)) num_rows_[table] = static_cast<int64_t>(tensor.rows);
    check_rows(spec.name, tensor, static_cast<uint64_t>(num_rows_[table]),
               "columns of a table are equally long");
    places_.columns[static_cast<std::size_t>(spec.column)] = tensor.begin;
  }
  // a table without columns is counted by the offsets of its texts
  const FoundTensor texts = find_tensor(header, {"assumption_text_offsets", ShardType::kI64});
  num_rows_[static_cast<std::size_t>(ShardTable::kAssumption)] =
      static_cast<int64_t>(texts.rows) - 1;
  for (std::size_t table = 1; table < kNumShardTables; ++table) {
    const ShardTableSpec& spec = kShardTables[table];
    const std::string name = fmt::format("{}_offsets", spec.name);
    const FoundTensor tensor = find_tensor(header, {name, ShardType::kI64});
    check_rows(name, tensor, static_cast<uint64_t>(num_rows(spec.parent)) + 1,
               "one more than its parent has rows");
    places_.offsets[table] = tensor.begin;
  }
}

Parsed<Scene> ShardReader::scene(int64_t index) const {
  if (index < 0 || index >= num_scenes()) {
    throw std::out_of_range(fmt::format("ShardReader::scene: {}: got index {}, expected 0 to {}",
                                        file_, index, num_scenes() - 1));
  }
  const auto fail = [&](ParseCode code, uint64_t at, std::string message) {
    return ParseError{code, file_, index, static_cast<int64_t>(at), std::move(message)};
  };
  const uint64_t row_at = places_.columns[static_cast<std::size_t>(ShardColumn::kSceneDt)] +
                          8 * static_cast<uint64_t>(index);
  try {
    const ShardRows rows(bytes_, places_, num_rows_, index);
    if (checks_ == ShardChecks::kChecksums) {
      const uint32_t stored = rows.column<uint32_t>(ShardColumn::kSceneCrc32c)[0];
      const uint32_t computed = rows.checksum();
      if (stored != computed) {
        return fail(ParseCode::kBadChecksum, rows.place(ShardColumn::kSceneCrc32c, 0),
                    fmt::format("the checksum of the scene's rows is {:08x}, expected {:08x}",
                                stored, computed));
      }
    }
    ShardScene built = build_shard_scene(rows);
    const std::string fault = find_scene_fault(built.scene, built.numbers);
    if (!fault.empty()) return fail(ParseCode::kInconsistent, row_at, fault);
    return std::move(built.scene);
  } catch (const ShardFailure& failure) {
    return fail(failure.code, failure.at, failure.message);
  } catch (const std::bad_alloc&) {
    return fail(ParseCode::kTooLarge, row_at, "no memory for the scene");
  }
}

std::unique_ptr<SceneStream> shard_stream(ShardReader reader) {
  return std::make_unique<ShardStream>(std::move(reader));
}

}  // namespace forkroad
