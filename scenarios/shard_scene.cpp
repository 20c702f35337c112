#include "scenarios/shard_scene.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "scenarios/shard_fields.hpp"

namespace forkroad {
namespace {

// The texts of one table; each is UTF-8 by itself.
class Texts {
 public:
  Texts(const ShardRows& rows, ShardTable table, ShardColumn column)
      : offsets_(rows.offsets(table)), letters_(rows.column<char>(column)) {
    if (!simdjson::validate_utf8(letters_.data(), letters_.size())) {
      throw ShardFailure{ParseCode::kBadEncoding, rows.place(column, 0),
                         fmt::format("{} is not UTF-8", spec_of(column).name)};
    }
    for (const int64_t offset : offsets_) {
      const auto at = static_cast<std::size_t>(offset - offsets_[0]);
      // a byte 10xxxxxx goes on with the letter before it
      if (at < letters_.size() && (static_cast<uint8_t>(letters_[at]) & 0xc0U) == 0x80U) {
        throw ShardFailure{ParseCode::kBadEncoding, rows.place(column, at),
                           fmt::format("{}_offsets cut a letter in two", spec_of(column).name)};
      }
    }
  }

  std::string_view operator[](std::size_t row) const {
    return {letters_.begin() + (offsets_[row] - offsets_[0]),
            letters_.begin() + (offsets_[row + 1] - offsets_[0])};
  }

 private:
  std::span<const int64_t> offsets_;
  std::span<const char> letters_;
};

std::string text_of_scene(const ShardRows& rows, ShardTable table, ShardColumn column) {
  return std::string(Texts(rows, table, column)[0]);
}

// The children of one parent row, as a pair of indices into the scene's rows of the child table.
struct Children {
  std::size_t begin = 0, end = 0;

  Children(std::span<const int64_t> offsets, std::size_t row)
      : begin(static_cast<std::size_t>(offsets[row] - offsets[0])),
        end(static_cast<std::size_t>(offsets[row + 1] - offsets[0])) {}
  std::size_t size() const { return end - begin; }
};

template <class T>
void assign(std::vector<T>& values, std::span<const T> all) {
  values.assign(all.begin(), all.end());
}

template <class T>
void assign(std::vector<T>& values, std::span<const T> all, const Children& children) {
  assign(values, all.subspan(children.begin, children.size()));
}

// False if the numbers of some state are not sound.
bool build_tracks(const ShardRows& rows, Scene& scene) {
  const auto ids = rows.column<int64_t>(ShardColumn::kTrackId);
  const auto kinds = rows.column<uint8_t>(ShardColumn::kTrackKind);
  const Texts raw_types(rows, ShardTable::kTrackRawType, ShardColumn::kTrackRawType);
  const auto steps = static_cast<std::size_t>(scene.num_steps);
  StateArrays states;
  for (std::size_t list = 0; list < states.size(); ++list) {
    states[list] = rows.column<float>(kTrackStates[list].column);
  }
  const auto valid = rows.column<uint8_t>(ShardColumn::kStateValid);
  // column by column, which is faster than track by track
  const bool sound = are_sound(states, valid);
  scene.tracks.resize(ids.size());
  for (std::size_t row = 0; row < ids.size(); ++row) {
    Track& track = scene.tracks[row];
    track.id = ids[row];
    track.kind = static_cast<AgentKind>(kinds[row]);
    track.raw_type = raw_types[row];
    track.resize_for_overwrite(scene.num_steps);
    for (std::size_t list = 0; list < states.size(); ++list) {
      std::copy_n(&states[list][row * steps], steps, (track.*kTrackStates[list].values).data());
    }
    std::copy_n(&valid[row * steps], steps, track.valid.data());
  }
  return sound;
}

// The lists that hang on features, feature by feature.
void build_feature_lists(const ShardRows& rows, std::vector<MapFeature>& features) {
  const auto fill = [&features](auto member, auto offsets, auto make) {
    for (std::size_t feature = 0; feature < features.size(); ++feature) {
      const Children children(offsets, feature);
      if (children.size() == 0) continue;
      auto& list = features[feature].*member;
      list.reserve(children.size());
      for (std::size_t row = children.begin; row < children.end; ++row) list.push_back(make(row));
    }
  };
  for (const FeatureIds& list : kFeatureIds) {
    const auto ids = rows.column<int64_t>(list.column);
    fill(list.ids, rows.offsets(list.table), [&](std::size_t row) { return ids[row]; });
  }
  for (const FeatureNeighbors& list : kFeatureNeighbors) {
    const auto ids = rows.column<int64_t>(list.id);
    const auto spans = rows.column<int32_t>(list.span);
    fill(list.neighbors, rows.offsets(list.table), [&](std::size_t row) {
      const auto span = spans.subspan(4 * row, 4);
      return LaneNeighbor{ids[row], span[0], span[1], span[2], span[3]};
    });
  }
  for (const FeatureBoundaries& list : kFeatureBoundaries) {
    const auto ids = rows.column<int64_t>(list.id);
    const auto spans = rows.column<int32_t>(list.span);
    const auto types = rows.column<int8_t>(list.type);
    fill(list.boundaries, rows.offsets(list.table), [&](std::size_t row) {
      return LaneBoundary{ids[row], spans[2 * row], spans[2 * row + 1],
                          static_cast<MapType>(types[row])};
    });
  }
}

// False if some point is not sound.
bool build_features(const ShardRows& rows, Scene& scene) {
  const auto ids = rows.column<int64_t>(ShardColumn::kFeatureId);
  const auto kinds = rows.column<uint8_t>(ShardColumn::kFeatureKind);
  const auto types = rows.column<int8_t>(ShardColumn::kFeatureType);
  const auto speed_limits = rows.column<float>(ShardColumn::kFeatureSpeedLimit);
  const auto interpolating = rows.column<uint8_t>(ShardColumn::kFeatureInterpolating);
  const Texts raw_types(rows, ShardTable::kFeatureRawType, ShardColumn::kFeatureRawType);
  const auto point_offsets = rows.offsets(ShardTable::kPoint);
  const auto points = rows.column<Point3>(ShardColumn::kPointXyz);
  const bool sound = are_sound(points);
  scene.features.resize(ids.size());
  for (std::size_t row = 0; row < ids.size(); ++row) {
    MapFeature& feature = scene.features[row];
    feature.id = ids[row];
    feature.kind = static_cast<FeatureKind>(kinds[row]);
    feature.type = static_cast<MapType>(types[row]);
    feature.raw_type = raw_types[row];
    feature.speed_limit = speed_limits[row];
    feature.interpolating = interpolating[row] != 0;
    assign(feature.points, points, Children(point_offsets, row));
  }
  build_feature_lists(rows, scene.features);
  return sound;
}

void build_signals(const ShardRows& rows, Scene& scene) {
  const auto offsets = rows.offsets(ShardTable::kSignal);
  const auto lanes = rows.column<int64_t>(ShardColumn::kSignalLaneId);
  const auto states = rows.column<uint8_t>(ShardColumn::kSignalState);
  const auto stop_points = rows.column<Point3>(ShardColumn::kSignalStopPoint);
  scene.signals.resize(static_cast<std::size_t>(scene.num_steps));
  for (std::size_t step = 0; step < scene.signals.size(); ++step) {
    const Children children(offsets, step);
    scene.signals[step].reserve(children.size());
    for (std::size_t row = children.begin; row < children.end; ++row) {
      scene.signals[step].push_back(
          {lanes[row], static_cast<LightState>(states[row]), stop_points[row]});
    }
  }
}

}  // namespace

ShardScene build_shard_scene(const ShardRows& rows) {
  ShardScene built;
  Scene& scene = built.scene;
  scene.id = text_of_scene(rows, ShardTable::kSceneId, ShardColumn::kSceneId);
  scene.dt = rows.column<double>(ShardColumn::kSceneDt)[0];
  const std::size_t steps = rows.count(ShardTable::kStep);
  if (steps == 0 || steps > std::numeric_limits<int>::max()) {
    throw ShardFailure{ParseCode::kValueOutOfRange, rows.place(ShardColumn::kSceneDt, 0),
                       fmt::format("the scene has {} steps, expected at least 1 and what fits 31 "
                                   "bits",
                                   steps)};
  }
  scene.num_steps = static_cast<int>(steps);
  scene.current_step = rows.column<int32_t>(ShardColumn::kSceneCurrentStep)[0];
  scene.ego = rows.column<int32_t>(ShardColumn::kSceneEgo)[0];
  const auto origin = rows.column<double>(ShardColumn::kSceneOrigin);
  scene.origin = {origin[0], origin[1], origin[2]};
  assign(scene.timestamps, rows.column<double>(ShardColumn::kStepTimestamp));
  const bool sound_tracks = build_tracks(rows, scene);
  const bool sound_features = build_features(rows, scene);
  built.numbers = sound_tracks && sound_features ? SceneNumbers::kSound : SceneNumbers::kUnchecked;
  build_signals(rows, scene);
  assign(scene.route, rows.column<int64_t>(ShardColumn::kRouteLaneId));
  assign(scene.objects_of_interest, rows.column<int64_t>(ShardColumn::kObjectOfInterestId));
  assign(scene.tracks_to_predict, rows.column<int32_t>(ShardColumn::kTrackToPredict));
  scene.provenance = {text_of_scene(rows, ShardTable::kSourceFormat, ShardColumn::kSourceFormat),
                      text_of_scene(rows, ShardTable::kSourceFile, ShardColumn::kSourceFile),
                      rows.column<int64_t>(ShardColumn::kSceneSourceRecord)[0],
                      rows.column<int64_t>(ShardColumn::kSceneSourceByteOffset)[0]};
  const Texts assumptions(rows, ShardTable::kAssumptionText, ShardColumn::kAssumptionText);
  for (std::size_t row = 0; row < rows.count(ShardTable::kAssumption); ++row) {
    scene.assumptions.emplace_back(assumptions[row]);
  }
  return built;
}

}  // namespace forkroad
