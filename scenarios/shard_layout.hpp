// What a shard holds: tables of rows, nested by offsets, in one safetensors file.
//
// A scene is one row of the table `scene`. Every other table belongs to a parent: the tensor
// `TABLE_offsets` (I64, parent rows + 1) says that parent row r owns the rows offsets[r] to
// offsets[r + 1] of TABLE. Texts are tables of UTF-8 bytes. Names, types and widths are the
// format: a change of any of them is a new kShardVersion. docs/data.md explains every tensor.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace forkroad {

inline constexpr const char* kShardFormat = "forkroad-shard";  // metadata `format`
inline constexpr const char* kShardVersion = "1";              // metadata `format_version`

// Every tensor begins at a multiple of this in the file [bytes].
inline constexpr std::size_t kShardAlignment = 64;

// Element types, spelled as safetensors does.
enum class ShardType : uint8_t { kU8, kI8, kI32, kU32, kI64, kF32, kF64 };

struct ShardTypeSpec {
  const char* name;
  std::size_t size;  // [bytes]
};

inline constexpr std::array<ShardTypeSpec, 7> kShardTypes = {
    {{"U8", 1}, {"I8", 1}, {"I32", 4}, {"U32", 4}, {"I64", 8}, {"F32", 4}, {"F64", 8}}};

constexpr const ShardTypeSpec& spec_of(ShardType type) {
  return kShardTypes[static_cast<std::size_t>(type)];
}

// Parents stand before their children.
enum class ShardTable : uint8_t {
  kScene,
  kStep,
  kTrack,
  kState,
  kFeature,
  kPoint,
  kEntryLane,
  kExitLane,
  kLeftNeighbor,
  kRightNeighbor,
  kLeftBoundary,
  kRightBoundary,
  kControlledLane,
  kSignal,
  kRouteLane,
  kObjectOfInterest,
  kTrackToPredict,
  kAssumption,
  kSceneId,
  kSourceFormat,
  kSourceFile,
  kTrackRawType,
  kFeatureRawType,
  kAssumptionText
};
inline constexpr std::size_t kNumShardTables = 24;

struct ShardTableSpec {
  ShardTable table;
  const char* name;
  ShardTable parent;  // kScene has none and no offsets
};

inline constexpr std::array<ShardTableSpec, kNumShardTables> kShardTables = {
    {{ShardTable::kScene, "scene", ShardTable::kScene},
     {ShardTable::kStep, "step", ShardTable::kScene},
     {ShardTable::kTrack, "track", ShardTable::kScene},
     {ShardTable::kState, "state", ShardTable::kScene},
     {ShardTable::kFeature, "feature", ShardTable::kScene},
     {ShardTable::kPoint, "point", ShardTable::kFeature},
     {ShardTable::kEntryLane, "entry_lane", ShardTable::kFeature},
     {ShardTable::kExitLane, "exit_lane", ShardTable::kFeature},
     {ShardTable::kLeftNeighbor, "left_neighbor", ShardTable::kFeature},
     {ShardTable::kRightNeighbor, "right_neighbor", ShardTable::kFeature},
     {ShardTable::kLeftBoundary, "left_boundary", ShardTable::kFeature},
     {ShardTable::kRightBoundary, "right_boundary", ShardTable::kFeature},
     {ShardTable::kControlledLane, "controlled_lane", ShardTable::kFeature},
     {ShardTable::kSignal, "signal", ShardTable::kStep},
     {ShardTable::kRouteLane, "route_lane", ShardTable::kScene},
     {ShardTable::kObjectOfInterest, "object_of_interest", ShardTable::kScene},
     {ShardTable::kTrackToPredict, "track_to_predict", ShardTable::kScene},
     {ShardTable::kAssumption, "assumption", ShardTable::kScene},
     {ShardTable::kSceneId, "scene_id", ShardTable::kScene},
     {ShardTable::kSourceFormat, "source_format", ShardTable::kScene},
     {ShardTable::kSourceFile, "source_file", ShardTable::kScene},
     {ShardTable::kTrackRawType, "track_raw_type", ShardTable::kTrack},
     {ShardTable::kFeatureRawType, "feature_raw_type", ShardTable::kFeature},
     {ShardTable::kAssumptionText, "assumption_text", ShardTable::kAssumption}}};

constexpr const ShardTableSpec& spec_of(ShardTable table) {
  return kShardTables[static_cast<std::size_t>(table)];
}

enum class ShardColumn : uint8_t {
  kSceneDt,
  kSceneOrigin,
  kSceneCurrentStep,
  kSceneEgo,
  kSceneSourceRecord,
  kSceneSourceByteOffset,
  kSceneCrc32c,
  kStepTimestamp,
  kTrackId,
  kTrackKind,
  kStateX,
  kStateY,
  kStateZ,
  kStateHeading,
  kStateVelocityX,
  kStateVelocityY,
  kStateLength,
  kStateWidth,
  kStateHeight,
  kStateValid,
  kFeatureId,
  kFeatureKind,
  kFeatureType,
  kFeatureSpeedLimit,
  kFeatureInterpolating,
  kPointXyz,
  kEntryLaneId,
  kExitLaneId,
  kLeftNeighborId,
  kLeftNeighborSpan,
  kRightNeighborId,
  kRightNeighborSpan,
  kLeftBoundaryId,
  kLeftBoundarySpan,
  kLeftBoundaryType,
  kRightBoundaryId,
  kRightBoundarySpan,
  kRightBoundaryType,
  kControlledLaneId,
  kSignalLaneId,
  kSignalState,
  kSignalStopPoint,
  kRouteLaneId,
  kObjectOfInterestId,
  kTrackToPredict,
  kSceneId,
  kSourceFormat,
  kSourceFile,
  kTrackRawType,
  kFeatureRawType,
  kAssumptionText
};
inline constexpr std::size_t kNumShardColumns = 51;

struct ShardColumnSpec {
  ShardColumn column;
  const char* name;
  ShardTable table;
  ShardType type;
  std::size_t width = 1;  // shape [rows] for 1, else [rows, width]

  constexpr std::size_t row_size() const { return width * spec_of(type).size; }  // [bytes]
};

inline constexpr std::array<ShardColumnSpec, kNumShardColumns> kShardColumns = {
    {{ShardColumn::kSceneDt, "scene_dt", ShardTable::kScene, ShardType::kF64},
     {ShardColumn::kSceneOrigin, "scene_origin", ShardTable::kScene, ShardType::kF64, 3},
     {ShardColumn::kSceneCurrentStep, "scene_current_step", ShardTable::kScene, ShardType::kI32},
     {ShardColumn::kSceneEgo, "scene_ego", ShardTable::kScene, ShardType::kI32},
     {ShardColumn::kSceneSourceRecord, "scene_source_record", ShardTable::kScene, ShardType::kI64},
     {ShardColumn::kSceneSourceByteOffset, "scene_source_byte_offset", ShardTable::kScene,
      ShardType::kI64},
     {ShardColumn::kSceneCrc32c, "scene_crc32c", ShardTable::kScene, ShardType::kU32},
     {ShardColumn::kStepTimestamp, "step_timestamp", ShardTable::kStep, ShardType::kF64},
     {ShardColumn::kTrackId, "track_id", ShardTable::kTrack, ShardType::kI64},
     {ShardColumn::kTrackKind, "track_kind", ShardTable::kTrack, ShardType::kU8},
     {ShardColumn::kStateX, "state_x", ShardTable::kState, ShardType::kF32},
     {ShardColumn::kStateY, "state_y", ShardTable::kState, ShardType::kF32},
     {ShardColumn::kStateZ, "state_z", ShardTable::kState, ShardType::kF32},
     {ShardColumn::kStateHeading, "state_heading", ShardTable::kState, ShardType::kF32},
     {ShardColumn::kStateVelocityX, "state_velocity_x", ShardTable::kState, ShardType::kF32},
     {ShardColumn::kStateVelocityY, "state_velocity_y", ShardTable::kState, ShardType::kF32},
     {ShardColumn::kStateLength, "state_length", ShardTable::kState, ShardType::kF32},
     {ShardColumn::kStateWidth, "state_width", ShardTable::kState, ShardType::kF32},
     {ShardColumn::kStateHeight, "state_height", ShardTable::kState, ShardType::kF32},
     {ShardColumn::kStateValid, "state_valid", ShardTable::kState, ShardType::kU8},
     {ShardColumn::kFeatureId, "feature_id", ShardTable::kFeature, ShardType::kI64},
     {ShardColumn::kFeatureKind, "feature_kind", ShardTable::kFeature, ShardType::kU8},
     {ShardColumn::kFeatureType, "feature_type", ShardTable::kFeature, ShardType::kI8},
     {ShardColumn::kFeatureSpeedLimit, "feature_speed_limit", ShardTable::kFeature,
      ShardType::kF32},
     {ShardColumn::kFeatureInterpolating, "feature_interpolating", ShardTable::kFeature,
      ShardType::kU8},
     {ShardColumn::kPointXyz, "point_xyz", ShardTable::kPoint, ShardType::kF32, 3},
     {ShardColumn::kEntryLaneId, "entry_lane_id", ShardTable::kEntryLane, ShardType::kI64},
     {ShardColumn::kExitLaneId, "exit_lane_id", ShardTable::kExitLane, ShardType::kI64},
     {ShardColumn::kLeftNeighborId, "left_neighbor_id", ShardTable::kLeftNeighbor, ShardType::kI64},
     {ShardColumn::kLeftNeighborSpan, "left_neighbor_span", ShardTable::kLeftNeighbor,
      ShardType::kI32, 4},
     {ShardColumn::kRightNeighborId, "right_neighbor_id", ShardTable::kRightNeighbor,
      ShardType::kI64},
     {ShardColumn::kRightNeighborSpan, "right_neighbor_span", ShardTable::kRightNeighbor,
      ShardType::kI32, 4},
     {ShardColumn::kLeftBoundaryId, "left_boundary_id", ShardTable::kLeftBoundary, ShardType::kI64},
     {ShardColumn::kLeftBoundarySpan, "left_boundary_span", ShardTable::kLeftBoundary,
      ShardType::kI32, 2},
     {ShardColumn::kLeftBoundaryType, "left_boundary_type", ShardTable::kLeftBoundary,
      ShardType::kI8},
     {ShardColumn::kRightBoundaryId, "right_boundary_id", ShardTable::kRightBoundary,
      ShardType::kI64},
     {ShardColumn::kRightBoundarySpan, "right_boundary_span", ShardTable::kRightBoundary,
      ShardType::kI32, 2},
     {ShardColumn::kRightBoundaryType, "right_boundary_type", ShardTable::kRightBoundary,
      ShardType::kI8},
     {ShardColumn::kControlledLaneId, "controlled_lane_id", ShardTable::kControlledLane,
      ShardType::kI64},
     {ShardColumn::kSignalLaneId, "signal_lane_id", ShardTable::kSignal, ShardType::kI64},
     {ShardColumn::kSignalState, "signal_state", ShardTable::kSignal, ShardType::kU8},
     {ShardColumn::kSignalStopPoint, "signal_stop_point", ShardTable::kSignal, ShardType::kF32, 3},
     {ShardColumn::kRouteLaneId, "route_lane_id", ShardTable::kRouteLane, ShardType::kI64},
     {ShardColumn::kObjectOfInterestId, "object_of_interest_id", ShardTable::kObjectOfInterest,
      ShardType::kI64},
     {ShardColumn::kTrackToPredict, "track_to_predict", ShardTable::kTrackToPredict,
      ShardType::kI32},
     {ShardColumn::kSceneId, "scene_id", ShardTable::kSceneId, ShardType::kU8},
     {ShardColumn::kSourceFormat, "source_format", ShardTable::kSourceFormat, ShardType::kU8},
     {ShardColumn::kSourceFile, "source_file", ShardTable::kSourceFile, ShardType::kU8},
     {ShardColumn::kTrackRawType, "track_raw_type", ShardTable::kTrackRawType, ShardType::kU8},
     {ShardColumn::kFeatureRawType, "feature_raw_type", ShardTable::kFeatureRawType,
      ShardType::kU8},
     {ShardColumn::kAssumptionText, "assumption_text", ShardTable::kAssumptionText,
      ShardType::kU8}}};

constexpr const ShardColumnSpec& spec_of(ShardColumn column) {
  return kShardColumns[static_cast<std::size_t>(column)];
}

// The lists above are indexed by their enumerations.
constexpr bool is_shard_layout_ordered() {
  for (std::size_t table = 0; table < kNumShardTables; ++table) {
    const ShardTableSpec& spec = kShardTables[table];
    if (static_cast<std::size_t>(spec.table) != table) return false;
    if (table > 0 && static_cast<std::size_t>(spec.parent) >= table) return false;
  }
  for (std::size_t column = 0; column < kNumShardColumns; ++column) {
    if (static_cast<std::size_t>(kShardColumns[column].column) != column) return false;
  }
  return true;
}
static_assert(is_shard_layout_ordered());

}  // namespace forkroad
