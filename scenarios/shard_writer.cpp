#include "scenarios/shard_writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <ranges>
#include <span>
#include <stdexcept>
#include <system_error>
#include <type_traits>
#include <utility>

#include "scenarios/crc32c.hpp"
#include "scenarios/safetensors.hpp"
#include "scenarios/shard_fields.hpp"

namespace forkroad {
namespace {

static_assert(std::endian::native == std::endian::little, "shards are little endian");

constexpr std::array<ShardColumn, kNumShardTables> find_first_columns() {
  std::array<ShardColumn, kNumShardTables> first{};
  for (std::size_t column = kNumShardColumns; column-- > 0;) {
    const ShardColumnSpec& spec = kShardColumns[column];
    first[static_cast<std::size_t>(spec.table)] = spec.column;
  }
  return first;
}

// A column of each table that has any, by which its rows are counted.
constexpr std::array<ShardColumn, kNumShardTables> kFirstColumns = find_first_columns();

uint64_t padding_after(uint64_t size) { return (0 - size) % kShardAlignment; }

std::string name_part(const std::string& file) {
  const std::filesystem::path path(file);
  const std::string name = fmt::format(".{}.{}.part", path.filename().string(), getpid());
  return (path.parent_path() / name).string();
}

std::string folder_of(const std::string& file) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  return folder.empty() ? "." : folder.string();
}

void check_text(const Scene& scene, const char* what, const std::string& text) {
  if (simdjson::validate_utf8(text)) return;
  throw std::invalid_argument(
      fmt::format("ShardWriter::add: scene '{}': {} is not UTF-8, expected texts in UTF-8",
                  simdjson::validate_utf8(scene.id) ? scene.id : "?", what));
}

void check_texts(const Scene& scene) {
  check_text(scene, "the id", scene.id);
  check_text(scene, "provenance.format", scene.provenance.format);
  check_text(scene, "provenance.file", scene.provenance.file);
  for (const Track& track : scene.tracks) check_text(scene, "raw_type of a track", track.raw_type);
  for (const MapFeature& feature : scene.features) {
    check_text(scene, "raw_type of a map feature", feature.raw_type);
  }
  for (const std::string& assumption : scene.assumptions) {
    check_text(scene, "an assumption", assumption);
  }
}

}  // namespace

ShardWriter::ShardWriter(std::string file) : file_(std::move(file)), part_(name_part(file_)) {
  descriptor_ = ::open(part_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  if (descriptor_ < 0) {
    throw std::system_error(errno, std::generic_category(),
                            fmt::format("'{}' cannot be written", part_));
  }
  const std::string folder = folder_of(file_);
  tensors_.reserve(kNumTensors);
  for (std::size_t index = 0; index < kNumTensors; ++index) tensors_.push_back({Spool(folder)});
  const int64_t zero = 0;
  for (std::size_t table = 1; table < kNumShardTables; ++table) {
    offsets(kShardTables[table].table).spool.append(&zero, sizeof zero);
  }
}

ShardWriter::~ShardWriter() { give_up(); }

void ShardWriter::put(Tensor& tensor, const void* bytes, std::size_t size) {
  tensor.spool.append(bytes, size);
  tensor.crc = crc32c({static_cast<const uint8_t*>(bytes), size}, tensor.crc);
}

template <class T>
void ShardWriter::put(ShardColumn column, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  put(tensor(column), &value, sizeof value);
}

template <class Values>
void ShardWriter::put_all(ShardColumn column, const Values& values) {
  static_assert(std::is_trivially_copyable_v<std::ranges::range_value_t<Values>>);
  put(tensor(column), values.data(), std::span(values).size_bytes());
}

void ShardWriter::put_text(ShardTable table, ShardColumn column, const std::string& text) {
  put(tensor(column), text.data(), text.size());
  end_row(table);
}

// Closes the children of one parent row.
void ShardWriter::end_row(ShardTable table) {
  const int64_t rows = count_rows(table);
  put(offsets(table), &rows, sizeof rows);
}

int64_t ShardWriter::count_rows(ShardTable table) const {
  if (table == ShardTable::kAssumption) {
    // it has no columns; its texts have one offset more than it has rows
    return static_cast<int64_t>(offsets(ShardTable::kAssumptionText).spool.size() / 8) - 1;
  }
  const ShardColumn column = kFirstColumns[static_cast<std::size_t>(table)];
  return static_cast<int64_t>(tensor(column).spool.size() / spec_of(column).row_size());
}

void ShardWriter::add(const Scene& scene) {
  if (descriptor_ < 0) {
    throw std::logic_error("ShardWriter::add: the shard is finished or was given up");
  }
  const std::string fault = find_scene_fault(scene);
  if (!fault.empty()) {
    throw std::invalid_argument(fmt::format("ShardWriter::add: {}", fault));
  }
  check_texts(scene);
  try {
    append(scene);
  } catch (...) {
    give_up();
    throw;
  }
}

void ShardWriter::append(const Scene& scene) {
  for (Tensor& each : tensors_) each.crc = 0;
  add_scene(scene);
  add_tracks(scene);
  for (const MapFeature& feature : scene.features) add_feature(feature);
  end_row(ShardTable::kFeature);
  add_signals(scene);
  std::vector<uint32_t> parts;
  for (const Tensor& each : tensors_) {
    if (&each != &tensor(ShardColumn::kSceneCrc32c)) parts.push_back(each.crc);
  }
  put(ShardColumn::kSceneCrc32c,
      crc32c({reinterpret_cast<const uint8_t*>(parts.data()), parts.size() * sizeof(uint32_t)}));
  ++num_scenes_;
}

void ShardWriter::add_scene(const Scene& scene) {
  put_text(ShardTable::kSceneId, ShardColumn::kSceneId, scene.id);
  put(ShardColumn::kSceneDt, scene.dt);
  put(ShardColumn::kSceneOrigin, scene.origin);
  put(ShardColumn::kSceneCurrentStep, int32_t{scene.current_step});
  put(ShardColumn::kSceneEgo, int32_t{scene.ego});
  put_text(ShardTable::kSourceFormat, ShardColumn::kSourceFormat, scene.provenance.format);
  put_text(ShardTable::kSourceFile, ShardColumn::kSourceFile, scene.provenance.file);
  put(ShardColumn::kSceneSourceRecord, scene.provenance.record);
  put(ShardColumn::kSceneSourceByteOffset, scene.provenance.byte_offset);
  put_all(ShardColumn::kStepTimestamp, scene.timestamps);
  end_row(ShardTable::kStep);
  put_all(ShardColumn::kRouteLaneId, scene.route);
  end_row(ShardTable::kRouteLane);
  put_all(ShardColumn::kObjectOfInterestId, scene.objects_of_interest);
  end_row(ShardTable::kObjectOfInterest);
  put_all(ShardColumn::kTrackToPredict, scene.tracks_to_predict);
  end_row(ShardTable::kTrackToPredict);
  for (const std::string& assumption : scene.assumptions) {
    put_text(ShardTable::kAssumptionText, ShardColumn::kAssumptionText, assumption);
  }
  end_row(ShardTable::kAssumption);
}

void ShardWriter::add_tracks(const Scene& scene) {
  for (const Track& track : scene.tracks) {
    put(ShardColumn::kTrackId, track.id);
    put(ShardColumn::kTrackKind, track.kind);
    put_text(ShardTable::kTrackRawType, ShardColumn::kTrackRawType, track.raw_type);
    for (const TrackStates& states : kTrackStates) put_all(states.column, track.*states.values);
    put_all(ShardColumn::kStateValid, track.valid);
  }
  end_row(ShardTable::kTrack);
  end_row(ShardTable::kState);
}

void ShardWriter::add_feature(const MapFeature& feature) {
  put(ShardColumn::kFeatureId, feature.id);
  put(ShardColumn::kFeatureKind, feature.kind);
  put(ShardColumn::kFeatureType, feature.type);
  put_text(ShardTable::kFeatureRawType, ShardColumn::kFeatureRawType, feature.raw_type);
  put(ShardColumn::kFeatureSpeedLimit, feature.speed_limit);
  put(ShardColumn::kFeatureInterpolating, static_cast<uint8_t>(feature.interpolating));
  put_all(ShardColumn::kPointXyz, feature.points);
  end_row(ShardTable::kPoint);
  for (const FeatureIds& list : kFeatureIds) {
    put_all(list.column, feature.*list.ids);
    end_row(list.table);
  }
  for (const FeatureNeighbors& list : kFeatureNeighbors) {
    for (const LaneNeighbor& neighbor : feature.*list.neighbors) {
      put(list.id, neighbor.feature_id);
      put(list.span, std::array<int32_t, 4>{neighbor.self_start, neighbor.self_end,
                                            neighbor.neighbor_start, neighbor.neighbor_end});
    }
    end_row(list.table);
  }
  for (const FeatureBoundaries& list : kFeatureBoundaries) {
    for (const LaneBoundary& boundary : feature.*list.boundaries) {
      put(list.id, boundary.feature_id);
      put(list.span, std::array<int32_t, 2>{boundary.lane_start, boundary.lane_end});
      put(list.type, boundary.type);
    }
    end_row(list.table);
  }
}

void ShardWriter::add_signals(const Scene& scene) {
  for (const std::vector<LaneSignal>& step : scene.signals) {
    for (const LaneSignal& signal : step) {
      put(ShardColumn::kSignalLaneId, signal.lane_id);
      put(ShardColumn::kSignalState, signal.state);
      put(ShardColumn::kSignalStopPoint, signal.stop_point);
    }
    end_row(ShardTable::kSignal);
  }
}

// All tensors in their order, with fillers of the name padding_N where one would not end at a
// multiple of kShardAlignment: safetensors allows no holes.
SafetensorsHeader ShardWriter::make_header() const {
  SafetensorsHeader header;
  header.metadata = {{"format", kShardFormat},
                     {"format_version", kShardVersion},
                     {"num_scenes", fmt::format("{}", num_scenes_)},
                     {"num_tracks", fmt::format("{}", count_rows(ShardTable::kTrack))},
                     {"num_states", fmt::format("{}", count_rows(ShardTable::kState))},
                     {"num_features", fmt::format("{}", count_rows(ShardTable::kFeature))},
                     {"num_points", fmt::format("{}", count_rows(ShardTable::kPoint))}};
  uint64_t at = 0;
  const auto add = [&](std::string name, const char* type, std::vector<uint64_t> shape,
                       uint64_t size) {
    header.tensors.push_back({std::move(name), type, std::move(shape), at, at + size, 0});
    at += size;
  };
  for (std::size_t index = 0; index < kNumTensors; ++index) {
    const uint64_t size = tensors_[index].spool.size();
    if (index < kNumShardTables - 1) {
      add(fmt::format("{}_offsets", kShardTables[index + 1].name), "I64", {size / 8}, size);
    } else {
      const ShardColumnSpec& spec = kShardColumns[index + 1 - kNumShardTables];
      std::vector<uint64_t> shape = {size / spec.row_size()};
      if (spec.width > 1) shape.push_back(spec.width);
      add(spec.name, spec_of(spec.type).name, std::move(shape), size);
    }
    const uint64_t padding = padding_after(size);
    if (padding > 0) add(fmt::format("padding_{}", index), "U8", {padding}, padding);
  }
  return header;
}

void ShardWriter::write_part() {
  const std::string header = write_safetensors_header(make_header(), kShardAlignment);
  write_fully(descriptor_, header.data(), header.size());
  const std::array<uint8_t, kShardAlignment> zeros{};
  for (const Tensor& each : tensors_) {
    each.spool.copy_to(descriptor_);
    write_fully(descriptor_, zeros.data(), padding_after(each.spool.size()));
  }
}

void ShardWriter::finish() {
  if (descriptor_ < 0) {
    throw std::logic_error("ShardWriter::finish: the shard is finished or was given up");
  }
  if (num_scenes_ == 0) throw std::logic_error("ShardWriter::finish: there is no scene");
  try {
    write_part();
    // what a crash of the machine leaves under the name must be whole, too
    const bool kept = fsync(descriptor_) == 0 && rename(part_.c_str(), file_.c_str()) == 0;
    if (!kept) throw std::system_error(errno, std::generic_category(), "cannot be completed");
  } catch (const std::system_error& error) {
    give_up();
    throw std::system_error(error.code(), fmt::format("'{}'", file_));
  }
  close(std::exchange(descriptor_, -1));
  tensors_.clear();
}

void ShardWriter::give_up() noexcept {
  if (descriptor_ < 0) return;
  close(std::exchange(descriptor_, -1));
  unlink(part_.c_str());
  tensors_.clear();
}

}  // namespace forkroad
