// Writes a shard, scene by scene. See shard_layout.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/safetensors.hpp"
#include "scenarios/scene.hpp"
#include "scenarios/shard_layout.hpp"
#include "scenarios/spool.hpp"

namespace forkroad {

// The file appears whole, under its name, when finish() returns; before that, and if the writer is
// given up or the process dies, nothing of that name appears and a file that was there stays. The
// same scenes in the same order give the same bytes. Memory: at most 256 KiB for each of the 74
// tensors (19 MB) however many scenes there are; the rest waits in nameless files beside `file`.
class ShardWriter {
 public:
  // Throws std::system_error if nothing can be written beside `file`.
  explicit ShardWriter(std::string file);
  ~ShardWriter();
  ShardWriter(const ShardWriter&) = delete;
  ShardWriter& operator=(const ShardWriter&) = delete;

  // Appends a scene. Throws std::invalid_argument that names the fault for a scene that breaks
  // find_scene_fault() or holds a text that is not UTF-8, and the writer can go on; throws
  // std::system_error if the disk does not take it, and the writer is then spent.
  void add(const Scene& scene);

  int64_t num_scenes() const { return num_scenes_; }

  // Writes the file. Throws std::system_error if it cannot be written, std::logic_error if there is
  // no scene or the writer is finished or spent.
  void finish();

  // Removes what was written so far, unless it is finished; the writer is then spent.
  void give_up() noexcept;

 private:
  static constexpr std::size_t kNumTensors = kNumShardTables - 1 + kNumShardColumns;

  // One tensor as it grows.
  struct Tensor {
    Spool spool;
    uint32_t crc = 0;  // of the present scene's rows
  };

  void put(Tensor& tensor, const void* bytes, std::size_t size);
  template <class T>
  void put(ShardColumn column, const T& value);
  template <class Values>
  void put_all(ShardColumn column, const Values& values);
  void put_text(ShardTable table, ShardColumn column, const std::string& text);
  void end_row(ShardTable table);

  void add_scene(const Scene& scene);
  void add_tracks(const Scene& scene);
  void add_feature(const MapFeature& feature);
  void add_signals(const Scene& scene);

  Tensor& offsets(ShardTable table) { return tensors_[static_cast<std::size_t>(table) - 1]; }
  const Tensor& offsets(ShardTable table) const {
    return tensors_[static_cast<std::size_t>(table) - 1];
  }
  Tensor& tensor(ShardColumn column) {
    return tensors_[kNumShardTables - 1 + static_cast<std::size_t>(column)];
  }
  const Tensor& tensor(ShardColumn column) const {
    return tensors_[kNumShardTables - 1 + static_cast<std::size_t>(column)];
  }
  int64_t count_rows(ShardTable table) const;
  void append(const Scene& scene);
  SafetensorsHeader make_header() const;
  void write_part();

  std::string file_;
  std::string part_;     // the temporary name
  int descriptor_ = -1;  // of the part, -1: finished or spent
  int64_t num_scenes_ = 0;
  std::vector<Tensor> tensors_;  // offsets by table, then columns
};

}  // namespace forkroad
