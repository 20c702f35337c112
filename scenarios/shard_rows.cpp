#include "scenarios/shard_rows.hpp"

#include <fmt/format.h>

#include "scenarios/crc32c.hpp"

namespace forkroad {
namespace {

template <class T>
std::span<const uint8_t> bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()};
}

}  // namespace

ShardRows::ShardRows(std::span<const uint8_t> bytes, const ShardPlaces& places,
                     const std::array<int64_t, kNumShardTables>& num_rows, int64_t scene)
    : bytes_(bytes), places_(places) {
  ranges_[0] = {scene, scene + 1};
  for (std::size_t table = 1; table < kNumShardTables; ++table) {
    find_range(kShardTables[table], num_rows[table]);
  }
  // the columns lie far apart: their first bytes are on their way while offsets are summed
  for (const ShardColumnSpec& spec : kShardColumns) {
    __builtin_prefetch(bytes_.data() + place(spec.column, 0));
  }
  const std::size_t tracks = count(ShardTable::kTrack), steps = count(ShardTable::kStep);
  std::size_t states = 0;
  if (__builtin_mul_overflow(tracks, steps, &states) || states != count(ShardTable::kState)) {
    throw ShardFailure{
        ParseCode::kInconsistent,
        places_.offsets[static_cast<std::size_t>(ShardTable::kState)] +
            8 * static_cast<uint64_t>(scene),
        fmt::format("state_offsets: the scene has {} rows of states, expected one for each of {} "
                    "tracks at each of {} steps",
                    count(ShardTable::kState), tracks, steps)};
  }
}

void ShardRows::find_range(const ShardTableSpec& spec, int64_t num_rows) {
  const std::span<const int64_t> entries = offsets(spec.table);
  // without branches: every offset of every scene passes here
  bool falls = false;
  for (std::size_t row = 1; row < entries.size(); ++row) falls |= entries[row] < entries[row - 1];
  if (falls || entries.front() < 0 || entries.back() > num_rows) fail_at_offset(spec, num_rows);
  ranges_[static_cast<std::size_t>(spec.table)] = {entries.front(), entries.back()};
}

void ShardRows::fail_at_offset(const ShardTableSpec& spec, int64_t num_rows) const {
  const std::span<const int64_t> entries = offsets(spec.table);
  int64_t least = 0;
  std::size_t row = 0;
  for (; entries[row] >= least && entries[row] <= num_rows; ++row) least = entries[row];
  const uint64_t at = static_cast<uint64_t>(range_of(spec.parent).begin) + row;
  throw ShardFailure{ParseCode::kInconsistent,
                     places_.offsets[static_cast<std::size_t>(spec.table)] + 8 * at,
                     fmt::format("{}_offsets[{}] is {}, expected {} to {}: offsets never fall and "
                                 "end within the rows",
                                 spec.name, at, entries[row], least, num_rows)};
}

uint32_t ShardRows::checksum() const {
  std::array<uint32_t, kNumShardTables - 1 + kNumShardColumns> parts{};
  std::size_t part = 0;
  for (std::size_t table = 1; table < kNumShardTables; ++table) {
    parts[part++] = crc32c(bytes_of(offsets(kShardTables[table].table).subspan(1)));
  }
  for (const ShardColumnSpec& spec : kShardColumns) {
    if (spec.column == ShardColumn::kSceneCrc32c) continue;
    parts[part++] = crc32c(column<uint8_t>(spec.column));
  }
  return crc32c(bytes_of(std::span<const uint32_t>(parts).first(part)));
}

}  // namespace forkroad
