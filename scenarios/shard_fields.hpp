// Which lists of a Scene stand in which tensors: one text for reading and writing. Internal to
// shards.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "scenarios/scene.hpp"
#include "scenarios/shard_layout.hpp"

namespace forkroad {

struct TrackStates {
  StepArray<float> Track::*values;
  ShardColumn column;
};
// In the order of StateArrays.
inline constexpr std::array<TrackStates, 9> kTrackStates = {
    {{&Track::x, ShardColumn::kStateX},
     {&Track::y, ShardColumn::kStateY},
     {&Track::z, ShardColumn::kStateZ},
     {&Track::heading, ShardColumn::kStateHeading},
     {&Track::velocity_x, ShardColumn::kStateVelocityX},
     {&Track::velocity_y, ShardColumn::kStateVelocityY},
     {&Track::length, ShardColumn::kStateLength},
     {&Track::width, ShardColumn::kStateWidth},
     {&Track::height, ShardColumn::kStateHeight}}};

struct FeatureIds {
  std::vector<int64_t> MapFeature::*ids;
  ShardTable table;
  ShardColumn column;
};
inline constexpr std::array<FeatureIds, 3> kFeatureIds = {
    {{&MapFeature::entry_lanes, ShardTable::kEntryLane, ShardColumn::kEntryLaneId},
     {&MapFeature::exit_lanes, ShardTable::kExitLane, ShardColumn::kExitLaneId},
     {&MapFeature::controlled_lanes, ShardTable::kControlledLane, ShardColumn::kControlledLaneId}}};

struct FeatureNeighbors {
  std::vector<LaneNeighbor> MapFeature::*neighbors;
  ShardTable table;
  ShardColumn id, span;
};
inline constexpr std::array<FeatureNeighbors, 2> kFeatureNeighbors = {
    {{&MapFeature::left_neighbors, ShardTable::kLeftNeighbor, ShardColumn::kLeftNeighborId,
      ShardColumn::kLeftNeighborSpan},
     {&MapFeature::right_neighbors, ShardTable::kRightNeighbor, ShardColumn::kRightNeighborId,
      ShardColumn::kRightNeighborSpan}}};

struct FeatureBoundaries {
  std::vector<LaneBoundary> MapFeature::*boundaries;
  ShardTable table;
  ShardColumn id, span, type;
};
inline constexpr std::array<FeatureBoundaries, 2> kFeatureBoundaries = {
    {{&MapFeature::left_boundaries, ShardTable::kLeftBoundary, ShardColumn::kLeftBoundaryId,
      ShardColumn::kLeftBoundarySpan, ShardColumn::kLeftBoundaryType},
     {&MapFeature::right_boundaries, ShardTable::kRightBoundary, ShardColumn::kRightBoundaryId,
      ShardColumn::kRightBoundarySpan, ShardColumn::kRightBoundaryType}}};

}  // namespace forkroad
