#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/womd_example_parts.hpp"

namespace forkroad::womd {
namespace {

constexpr int64_t kNumLightStates = 9;

struct RoadgraphLists {
  PlacedList<int64_t> ids, types, valid;
  PlacedList<float> xyz;
};

// Which feature a sample's type code makes; false for a code that stands for none.
bool find_kind(int64_t code, FeatureKind& kind, MapType& type) {
  if (code < 0 || code > static_cast<int64_t>(MapType::kDriveway) || code == 4) return false;
  type = static_cast<MapType>(code);
  if (type <= MapType::kLaneBike) {
    kind = FeatureKind::kLane;
  } else if (type <= MapType::kLinePassingDoubleYellow) {
    kind = FeatureKind::kRoadLine;
  } else if (type <= MapType::kEdgeMedian) {
    kind = FeatureKind::kRoadEdge;
  } else {
    constexpr std::array<FeatureKind, 4> kRest = {FeatureKind::kStopSign, FeatureKind::kCrosswalk,
                                                  FeatureKind::kSpeedBump, FeatureKind::kDriveway};
    kind = kRest[static_cast<std::size_t>(code) - static_cast<std::size_t>(MapType::kStopSign)];
  }
  return true;
}

// One sample of the map: where it is in the lists, and which id it belongs to.
struct Sample {
  int64_t id = 0;
  std::size_t index = 0;
};

// The samples that count, those of one id together in the order stored.
std::vector<Sample> sort_samples(const RoadgraphLists& lists) {
  std::vector<Sample> samples;
  for (std::size_t index = 0; index < lists.ids.values.size(); ++index) {
    if (lists.valid.values[index] == 1) samples.push_back({lists.ids.values[index], index});
  }
  std::sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) {
    return a.id < b.id || (a.id == b.id && a.index < b.index);
  });
  return samples;
}

Point3 locate_sample(const RoadgraphLists& lists, std::size_t index, const Origin& origin) {
  const float* xyz = lists.xyz.values.data() + 3 * index;
  const SourcePoint source{static_cast<double>(xyz[0]), static_cast<double>(xyz[1]),
                           static_cast<double>(xyz[2])};
  Point3 local;
  if (!to_local(source, origin, local)) {
    refuse_example_point(source, origin, lists.xyz.at,
                         fmt::format("roadgraph_samples/xyz, sample {}", index));
  }
  return local;
}

// The feature that the samples [first, last) of one id make. Stop signs keep one point, rings lose
// a repeated end.
MapFeature make_feature(const RoadgraphLists& lists, const std::vector<Sample>& samples,
                        std::size_t first, std::size_t last, const Origin& origin) {
  MapFeature feature;
  feature.id = samples[first].id;
  find_kind(lists.types.values[samples[first].index], feature.kind, feature.type);
  for (std::size_t sample = first; sample < last; ++sample) {
    feature.points.push_back(locate_sample(lists, samples[sample].index, origin));
  }
  const bool is_ring = feature.type >= MapType::kCrosswalk;
  const Point3& front = feature.points.front();
  const Point3& back = feature.points.back();
  if (is_ring && feature.points.size() > 1 && front.x == back.x && front.y == back.y &&
      front.z == back.z) {
    feature.points.pop_back();
  }
  if (feature.kind == FeatureKind::kStopSign) feature.points.resize(1);
  return feature;
}

void report_map(const RoadgraphLists& lists, std::size_t num_valid, int64_t num_unknown,
                Scene& scene) {
  scene.assumptions.push_back(
      "a tf.Example has no lane links, neighbours, boundaries, speed limits and no lanes of stop "
      "signs: they are empty");
  if (num_valid > 0 && num_valid == lists.ids.values.size()) {
    scene.assumptions.push_back(fmt::format(
        "all {} map samples are in use: the source may have cut the map there", num_valid));
  }
  if (num_unknown > 0) {
    scene.assumptions.push_back(
        fmt::format("{} map features of a type unknown to this reader are left out", num_unknown));
  }
}

}  // namespace

void decode_example_map(const ExampleFeatures& features, const Origin& origin, Scene& scene) {
  RoadgraphLists lists;
  lists.ids = features.integers("roadgraph_samples/id");
  const std::size_t num_samples = lists.ids.values.size();
  constexpr const char* kMeaning = "map samples";
  lists.types = features.integers("roadgraph_samples/type", num_samples, kMeaning);
  lists.valid = features.integers("roadgraph_samples/valid", num_samples, kMeaning);
  lists.xyz =
      features.floats("roadgraph_samples/xyz", 3 * num_samples, "coordinates of the map samples");
  const std::vector<Sample> samples = sort_samples(lists);
  std::vector<std::pair<std::size_t, MapFeature>> found;
  int64_t num_unknown = 0;
  for (std::size_t first = 0; first < samples.size();) {
    const int64_t type = lists.types.values[samples[first].index];
    std::size_t last = first + 1;
    while (last < samples.size() && samples[last].id == samples[first].id) {
      if (lists.types.values[samples[last].index] != type) {
        throw DecodeFailure(
            ParseCode::kInconsistent, lists.types.at,
            fmt::format("roadgraph_samples/type: the samples of feature {} have the types {} and "
                        "{}, expected one type",
                        samples[first].id, type, lists.types.values[samples[last].index]));
      }
      ++last;
    }
    FeatureKind kind;
    MapType map_type;
    if (find_kind(type, kind, map_type)) {
      found.emplace_back(samples[first].index, make_feature(lists, samples, first, last, origin));
    } else {
      ++num_unknown;
    }
    first = last;
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [index, feature] : found) scene.features.push_back(std::move(feature));
  report_map(lists, samples.size(), num_unknown, scene);
}

void decode_example_signals(const ExampleFeatures& features, const ExamplePhases& phases,
                            const Origin& origin, Scene& scene) {
  scene.signals.resize(phases.total());
  int64_t num_unknown = 0;
  std::size_t first_step = 0;
  for (std::size_t phase = 0; phase < phases.num_steps.size(); ++phase) {
    const std::size_t num_steps = phases.num_steps[phase];
    const std::string prefix = fmt::format("traffic_light_state/{}/", ExamplePhases::kNames[phase]);
    if (num_steps == 0 || !features.has(prefix + "id")) {
      first_step += num_steps;
      continue;
    }
    const PlacedList<int64_t> ids = features.integers(prefix + "id");
    const std::size_t size = ids.values.size();
    if (size % num_steps != 0) {
      throw DecodeFailure(ParseCode::kInconsistent, ids.at,
                          fmt::format("{}id has {} entries, expected a multiple of its {} steps",
                                      prefix, size, num_steps));
    }
    constexpr const char* kMeaning = "lamps at every step";
    const PlacedList<int64_t> states = features.integers(prefix + "state", size, kMeaning);
    const PlacedList<int64_t> valid = features.integers(prefix + "valid", size, kMeaning);
    const PlacedList<float> x = features.floats(prefix + "x", size, kMeaning);
    const PlacedList<float> y = features.floats(prefix + "y", size, kMeaning);
    const PlacedList<float> z = features.floats(prefix + "z", size, kMeaning);
    for (std::size_t index = 0; index < size; ++index) {
      if (valid.values[index] != 1) continue;
      LaneSignal signal;
      signal.lane_id = ids.values[index];
      const int64_t state = states.values[index];
      const bool known = state >= 0 && state < kNumLightStates;
      num_unknown += known ? 0 : 1;
      if (known) signal.state = static_cast<LightState>(state);
      const SourcePoint source{static_cast<double>(x.values[index]),
                               static_cast<double>(y.values[index]),
                               static_cast<double>(z.values[index])};
      if (!to_local(source, origin, signal.stop_point)) {
        refuse_example_point(source, origin, x.at,
                             fmt::format("{}{{x,y,z}}, entry {}", prefix, index));
      }
      scene.signals[first_step + index / (size / num_steps)].push_back(signal);
    }
    first_step += num_steps;
  }
  if (num_unknown > 0) {
    scene.assumptions.push_back(fmt::format(
        "{} light states with a code unknown to this reader are read as unknown", num_unknown));
  }
}

}  // namespace forkroad::womd
