// Reads a shard: one memory-mapped file of many scenes, any of them by index. See shard_layout.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "scenarios/load_scenes.hpp"
#include "scenarios/mapped_file.hpp"
#include "scenarios/parse_error.hpp"
#include "scenarios/safetensors.hpp"
#include "scenarios/scene.hpp"
#include "scenarios/shard_layout.hpp"

namespace forkroad {

// Where the tensors begin in the file [bytes]; the table `scene` has no offsets.
struct ShardPlaces {
  std::array<uint64_t, kNumShardTables> offsets{};
  std::array<uint64_t, kNumShardColumns> columns{};
};

// Whether a scene's bytes are compared with the checksum that was stored with it.
enum class ShardChecks : uint8_t { kChecksums, kNoChecksums };

class ShardReader {
 public:
  // Maps the file and checks its header: nothing of a scene is touched yet. Any bytes give a reader
  // or one located error.
  static Parsed<ShardReader> open(const std::string& file,
                                  ShardChecks checks = ShardChecks::kChecksums);

  // Reads bytes in memory as if they were the file `name`. They must outlive the reader and begin
  // at a multiple of 8.
  static Parsed<ShardReader> open_bytes(std::span<const uint8_t> bytes, const std::string& name,
                                        ShardChecks checks = ShardChecks::kChecksums);

  int64_t num_scenes() const { return num_rows(ShardTable::kScene); }

  // Rows of a table over all scenes.
  int64_t num_rows(ShardTable table) const { return num_rows_[static_cast<std::size_t>(table)]; }

  uint64_t file_size() const { return bytes_.size(); }
  const std::string& file() const { return file_; }

  // The scene at an index in [0, num_scenes()), with its original provenance; it touches the
  // scene's own rows only. A damaged scene is one located error (record = index) and does not keep
  // others from being read. Throws std::out_of_range for another index. Threads may share a reader.
  Parsed<Scene> scene(int64_t index) const;

 private:
  ShardReader(std::string file, std::span<const uint8_t> bytes, ShardChecks checks)
      : file_(std::move(file)), bytes_(bytes), checks_(checks) {}

  static Parsed<ShardReader> check_header(ShardReader reader);
  void find_tensors(const SafetensorsHeader& header);

  std::string file_;
  std::unique_ptr<MappedFile> mapping_;  // null: bytes in memory
  std::span<const uint8_t> bytes_;
  ShardChecks checks_;
  std::array<int64_t, kNumShardTables> num_rows_{};
  ShardPlaces places_;
};

// Yields the scenes of an open shard in order, and one error in place of each damaged one.
std::unique_ptr<SceneStream> shard_stream(ShardReader reader);

}  // namespace forkroad
