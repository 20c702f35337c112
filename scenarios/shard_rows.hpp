// The rows of one scene in a shard: found by walking the offsets, each checked before it is used.
// Internal to the shard reader.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>

#include "scenarios/parse_error.hpp"
#include "scenarios/shard_layout.hpp"
#include "scenarios/shard_reader.hpp"

namespace forkroad {

static_assert(std::endian::native == std::endian::little, "shards are little endian");

// Thrown inside the reader only; becomes a ParseError.
struct ShardFailure {
  ParseCode code;
  uint64_t at;  // byte in the file
  std::string message;
};

class ShardRows {
 public:
  // `num_rows` are those of the whole shard; the tensors lie inside `bytes` (checked before).
  ShardRows(std::span<const uint8_t> bytes, const ShardPlaces& places,
            const std::array<int64_t, kNumShardTables>& num_rows, int64_t scene);

  std::size_t count(ShardTable table) const {
    const Range& range = range_of(table);
    return static_cast<std::size_t>(range.end - range.begin);
  }

  // The scene's rows of a column; count * width elements.
  template <class T>
  std::span<const T> column(ShardColumn column) const {
    const ShardColumnSpec& spec = spec_of(column);
    const auto* first = reinterpret_cast<const T*>(bytes_.data() + place(column, 0));
    return {first, count(spec.table) * spec.row_size() / sizeof(T)};
  }

  // Offsets into `table` for the scene's rows of its parent, one more than there are rows.
  std::span<const int64_t> offsets(ShardTable table) const {
    const auto at = places_.offsets[static_cast<std::size_t>(table)] +
                    8 * static_cast<uint64_t>(range_of(spec_of(table).parent).begin);
    return {reinterpret_cast<const int64_t*>(bytes_.data() + at), count(spec_of(table).parent) + 1};
  }

  // Byte in the file of one of the scene's rows.
  uint64_t place(ShardColumn column, std::size_t row) const {
    const ShardColumnSpec& spec = spec_of(column);
    return places_.columns[static_cast<std::size_t>(column)] +
           spec.row_size() * (static_cast<uint64_t>(range_of(spec.table).begin) + row);
  }

  // CRC-32C over the CRC-32C of each tensor's rows, offsets first, in the order of the lists; the
  // first entry of offsets belongs to the row before.
  uint32_t checksum() const;

 private:
  struct Range {
    int64_t begin = 0, end = 0;
  };

  const Range& range_of(ShardTable table) const { return ranges_[static_cast<std::size_t>(table)]; }
  void find_range(const ShardTableSpec& spec, int64_t num_rows);
  [[noreturn]] void fail_at_offset(const ShardTableSpec& spec, int64_t num_rows) const;

  std::span<const uint8_t> bytes_;
  const ShardPlaces& places_;
  std::array<Range, kNumShardTables> ranges_;
};

}  // namespace forkroad
