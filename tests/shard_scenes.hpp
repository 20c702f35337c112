// Scenes for shard tests, and the shard of given scenes.
#pragma once

#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/scene.hpp"
#include "scenarios/shard_reader.hpp"
#include "scenarios/shard_writer.hpp"
#include "tests/random.hpp"
#include "tests/scene_compare.hpp"
#include "tests/temporary_file.hpp"

namespace forkroad::test {

inline bool same_with_source(const Scene& a, const Scene& b) {
  return same_scene(a, b) && a.provenance.format == b.provenance.format &&
         a.provenance.file == b.provenance.file && a.provenance.record == b.provenance.record &&
         a.provenance.byte_offset == b.provenance.byte_offset && a.assumptions == b.assumptions;
}

inline std::string random_text(Random& random) {
  static const std::vector<std::string> letters = {"a", "Z", " ", "\"", "\n", "é", "道", "🚗"};
  std::string text;
  for (int count = random.below(6); count > 0; --count) {
    text += letters[static_cast<size_t>(random.below(static_cast<int>(letters.size())))];
  }
  return text;
}

inline std::vector<int64_t> random_ids(Random& random) {
  std::vector<int64_t> ids(static_cast<size_t>(random.below(4)));
  for (int64_t& id : ids) id = static_cast<int64_t>(random.word());
  return ids;
}

inline Point3 random_point(Random& random) {
  return {random.uniform_float(-1e5, 1e5), random.uniform_float(-1e5, 1e5),
          random.uniform_float(-100, 100)};
}

inline MapFeature random_feature(Random& random, int64_t id) {
  MapFeature feature;
  feature.id = id;
  feature.kind = static_cast<FeatureKind>(random.below(8));
  feature.type = random.chance(0.1) ? MapType::kUnknown : static_cast<MapType>(random.below(4));
  feature.raw_type = random_text(random);
  feature.points.resize(static_cast<size_t>(1 + random.below(5)));
  for (Point3& point : feature.points) point = random_point(random);
  feature.speed_limit = random.uniform_float(0, 40);
  feature.interpolating = random.chance(0.5);
  feature.entry_lanes = random_ids(random);
  feature.exit_lanes = random_ids(random);
  feature.controlled_lanes = random_ids(random);
  const auto index = [&] { return random.below(static_cast<int>(feature.points.size())); };
  for (auto* neighbors : {&feature.left_neighbors, &feature.right_neighbors}) {
    for (const int64_t other : random_ids(random)) {
      neighbors->push_back({other, index(), index(), random.below(9), -random.below(9)});
    }
  }
  for (auto* boundaries : {&feature.left_boundaries, &feature.right_boundaries}) {
    for (const int64_t other : random_ids(random)) {
      boundaries->push_back({other, index(), index(), static_cast<MapType>(5 + random.below(16))});
    }
  }
  return feature;
}

inline Track random_track(Random& random, int64_t id, int num_steps) {
  Track track;
  track.id = id;
  track.kind = static_cast<AgentKind>(random.below(5));
  track.raw_type = random_text(random);
  track.resize(num_steps);
  for (size_t step = 0; step < track.valid.size(); ++step) {
    if (random.chance(0.3)) continue;
    track.valid[step] = 1;
    const Point3 at = random_point(random);
    track.x[step] = at.x;
    track.y[step] = at.y;
    track.z[step] = at.z;
    track.heading[step] = random.uniform_float(-3.14, 3.14);
    track.velocity_x[step] = random.chance(0.1) ? -0.0f : random.uniform_float(-50, 50);
    track.velocity_y[step] = random.uniform_float(-50, 50);
    track.length[step] = random.uniform_float(0, 20);
    track.width[step] = random.uniform_float(0, 4);
    track.height[step] = random.uniform_float(0, 4);
  }
  return track;
}

// Every field filled or empty by chance; holds to find_scene_fault().
inline Scene random_scene(uint64_t seed) {
  Random random(seed);
  Scene scene;
  scene.id = random_text(random);
  scene.dt = random.uniform(0.01, 1.0);
  scene.num_steps = 1 + random.below(6);
  scene.current_step = random.below(scene.num_steps);
  scene.origin = {random.uniform(-1e7, 1e7), random.uniform(-1e7, 1e7), random.uniform(-1e3, 1e3)};
  for (int step = 0; step < scene.num_steps; ++step) {
    scene.timestamps.push_back(step + random.uniform(0.0, 0.9));
  }
  const int num_tracks = random.below(5);
  for (int track = 0; track < num_tracks; ++track) {
    scene.tracks.push_back(random_track(random, -7 + 3 * track, scene.num_steps));
  }
  scene.ego = random.below(num_tracks + 1) - 1;
  if (num_tracks > 0) scene.tracks_to_predict.assign(2, random.below(num_tracks));
  const int num_features = random.below(6);
  for (int feature = 0; feature < num_features; ++feature) {
    scene.features.push_back(random_feature(random, feature * 1'000'000'007LL));
  }
  scene.signals.resize(static_cast<size_t>(scene.num_steps));
  for (std::vector<LaneSignal>& step : scene.signals) {
    for (const int64_t lane : random_ids(random)) {
      step.push_back({lane, static_cast<LightState>(random.below(9)), random_point(random)});
    }
  }
  scene.route = random_ids(random);
  scene.objects_of_interest = random_ids(random);
  scene.provenance = {random_text(random), random_text(random), random.below(100),
                      random.below(100) - 1};
  for (int count = random.below(3); count > 0; --count) {
    scene.assumptions.push_back(random_text(random));
  }
  return scene;
}

inline std::vector<Scene> random_scenes(uint64_t seed, int count) {
  std::vector<Scene> scenes;
  for (int scene = 0; scene < count; ++scene) {
    scenes.push_back(random_scene(seed * 1000 + static_cast<uint64_t>(scene)));
  }
  return scenes;
}

inline void write_shard(const std::string& file, const std::vector<Scene>& scenes) {
  ShardWriter writer(file);
  for (const Scene& scene : scenes) writer.add(scene);
  writer.finish();
}

inline std::string read_bytes(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline std::string shard_bytes(const std::vector<Scene>& scenes) {
  const TemporaryFile file("");
  write_shard(file.path(), scenes);
  return read_bytes(file.path());
}

// Bytes at an address that is a multiple of 8, as ShardReader::open_bytes wants them.
class AlignedBytes {
 public:
  explicit AlignedBytes(std::string_view bytes)
      : words_(bytes.size() / 8 + 1), size_(bytes.size()) {
    std::memcpy(words_.data(), bytes.data(), bytes.size());
  }
  std::span<const uint8_t> span() const {
    return {reinterpret_cast<const uint8_t*>(words_.data()), size_};
  }

 private:
  std::vector<uint64_t> words_;
  std::size_t size_;
};

}  // namespace forkroad::test
