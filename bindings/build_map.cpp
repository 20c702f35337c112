// build_scene's map features and signals.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "bindings/scene_parts.hpp"

namespace forkroad::python {
namespace {

// What a kind may be: the range of its map element codes and the one that says nothing more.
struct KindRule {
  FeatureKind kind;
  MapType first, last, plain;
  bool is_ring;
};
constexpr std::array<KindRule, 8> kKindRules = {
    {{FeatureKind::kLane, MapType::kLaneUndefined, MapType::kLaneEmergency, MapType::kLaneUndefined,
      false},
     {FeatureKind::kRoadLine, MapType::kLineUnknown, MapType::kLinePassingDoubleYellow,
      MapType::kLineUnknown, false},
     {FeatureKind::kRoadEdge, MapType::kEdgeUnknown, MapType::kEdgeMedian, MapType::kEdgeUnknown,
      false},
     {FeatureKind::kStopSign, MapType::kStopSign, MapType::kStopSign, MapType::kStopSign, false},
     {FeatureKind::kCrosswalk, MapType::kCrosswalk, MapType::kCrosswalk, MapType::kCrosswalk, true},
     {FeatureKind::kSpeedBump, MapType::kSpeedBump, MapType::kSpeedBump, MapType::kSpeedBump, true},
     {FeatureKind::kDriveway, MapType::kDriveway, MapType::kDriveway, MapType::kDriveway, true},
     {FeatureKind::kDrivableArea, MapType::kUnknown, MapType::kUnknown, MapType::kUnknown, true}}};

constexpr int kNumLightStates = 9;

// One light of a lane while its stop points are still in source coordinates.
struct Light {
  int64_t lane_id = 0;
  std::optional<Located> stop_at;
  DoubleArray stop_points;
};

const KindRule& parse_kind(const Located& kind) {
  const std::string name = kind.text(false);
  for (const KindRule& rule : kKindRules) {
    if (name == feature_kind_name(rule.kind)) return rule;
  }
  kind.refuse(
      "'lane', 'road_line', 'road_edge', 'stop_sign', 'crosswalk', 'speed_bump', 'driveway' or "
      "'drivable_area'");
}

MapType parse_type(const Located& type, const KindRule& rule) {
  const int64_t code = type.integer();
  const auto first = static_cast<int64_t>(rule.first), last = static_cast<int64_t>(rule.last);
  if (code < first || code > last) {
    type.refuse(fmt::format("a MapType of {} to {} because it is a {}", first, last,
                            feature_kind_name(rule.kind)));
  }
  return static_cast<MapType>(code);
}

bool same(const Point3& a, const Point3& b) { return a.x == b.x && a.y == b.y && a.z == b.z; }

void set_points(const Located& points, bool is_ring, const Scene& scene, MapFeature& feature) {
  const DoubleArray source = points.array({{-1, 2}, {-1, 3}});
  for (py::ssize_t row = 0; row < source.shape(0); ++row) {
    feature.points.push_back(local_point(source, row, scene, points));
  }
  const bool closed =
      is_ring && feature.points.size() > 1 && same(feature.points.front(), feature.points.back());
  if (closed) feature.points.pop_back();
}

// The integers of an entry that is an id or a tuple of `count` integers.
std::vector<int64_t> id_or_tuple(const Located& entry, size_t count) {
  if (PyIndex_Check(entry.value.ptr()) != 0 && !py::isinstance<py::array>(entry.value)) {
    return {entry.integer()};
  }
  const std::vector<int64_t> numbers = entry.integers();
  if (numbers.size() != count) {
    entry.refuse(fmt::format("an id or {} integers", count));
  }
  return numbers;
}

int32_t narrow(int64_t value, const Located& entry) {
  if (value < 0 || value > INT32_MAX) entry.refuse("point indices of at least 0");
  return static_cast<int32_t>(value);
}

// Neighbours and boundaries wait until every feature is known: whole ones need its points or type.
struct LaneLinks {
  size_t feature;
  std::optional<Located> left_neighbors, right_neighbors, left_boundaries, right_boundaries;
};

using FeatureIndex = std::unordered_map<int64_t, size_t>;

void add_neighbors(const std::optional<Located>& entries, const FeatureIndex& index,
                   const Scene& scene, const MapFeature& lane, std::vector<LaneNeighbor>& out) {
  if (!entries) return;
  for (const Located& entry : entries->items()) {
    const std::vector<int64_t> numbers = id_or_tuple(entry, 5);
    LaneNeighbor neighbor;
    neighbor.feature_id = numbers[0];
    const auto found = index.find(numbers[0]);
    if (numbers.size() == 5) {
      neighbor.self_start = narrow(numbers[1], entry);
      neighbor.self_end = narrow(numbers[2], entry);
      neighbor.neighbor_start = narrow(numbers[3], entry);
      neighbor.neighbor_end = narrow(numbers[4], entry);
    } else {
      neighbor.self_end = static_cast<int32_t>(lane.points.size()) - 1;
      if (found != index.end()) {
        const auto num_points = scene.features[found->second].points.size();
        neighbor.neighbor_end = static_cast<int32_t>(num_points) - 1;
      }
    }
    out.push_back(neighbor);
  }
}

void add_boundaries(const std::optional<Located>& entries, const FeatureIndex& index,
                    const Scene& scene, const MapFeature& lane, std::vector<LaneBoundary>& out) {
  if (!entries) return;
  for (const Located& entry : entries->items()) {
    const std::vector<int64_t> numbers = id_or_tuple(entry, 4);
    LaneBoundary boundary;
    boundary.feature_id = numbers[0];
    if (numbers.size() == 4) {
      boundary.lane_start = narrow(numbers[1], entry);
      boundary.lane_end = narrow(numbers[2], entry);
      const bool is_type = numbers[3] >= -1 && numbers[3] <= 20;
      if (!is_type) entry.refuse("a MapType in the last place");
      boundary.type = static_cast<MapType>(numbers[3]);
    } else {
      boundary.lane_end = static_cast<int32_t>(lane.points.size()) - 1;
      const auto found = index.find(numbers[0]);
      if (found != index.end()) boundary.type = scene.features[found->second].type;
    }
    out.push_back(boundary);
  }
}

void set_lane(Fields& fields, MapFeature& lane, LaneLinks& links) {
  if (const auto limit = fields.find("speed_limit")) {
    const double value = limit->number();
    if (!(value >= 0 && value < static_cast<double>(kMaxSpeed))) {
      throw SceneFault(
          ParseCode::kValueOutOfRange,
          fmt::format("{} is {} m/s, expected 0 to below {}", limit->where, value, kMaxSpeed));
    }
    lane.speed_limit = std::min(static_cast<float>(value), std::nextafter(kMaxSpeed, 0.0f));
  }
  if (const auto given = fields.find("interpolating")) lane.interpolating = given->boolean();
  if (const auto given = fields.find("entry_lanes")) lane.entry_lanes = given->integers();
  if (const auto given = fields.find("exit_lanes")) lane.exit_lanes = given->integers();
  links.left_neighbors = fields.find("left_neighbors");
  links.right_neighbors = fields.find("right_neighbors");
  links.left_boundaries = fields.find("left_boundaries");
  links.right_boundaries = fields.find("right_boundaries");
}

std::optional<LaneLinks> add_feature(const Located& dict, Scene& scene) {
  Fields fields(dict);
  MapFeature feature;
  feature.id = fields.get("id").integer();
  const KindRule& rule = parse_kind(fields.get("kind"));
  feature.kind = rule.kind;
  const auto type = fields.find("type");
  feature.type = type ? parse_type(*type, rule) : rule.plain;
  if (const auto raw_type = fields.find("raw_type")) feature.raw_type = raw_type->text(true);
  set_points(fields.get("points"), rule.is_ring, scene, feature);
  std::optional<LaneLinks> links;
  if (feature.kind == FeatureKind::kLane) {
    links.emplace();
    links->feature = scene.features.size();
    set_lane(fields, feature, *links);
  } else if (feature.kind == FeatureKind::kStopSign) {
    const auto given = fields.find("controlled_lanes");
    if (given) feature.controlled_lanes = given->integers();
  }
  fields.finish();
  scene.features.push_back(std::move(feature));
  return links;
}

// The state, nothing for None.
std::optional<LightState> parse_state(const Located& state) {
  if (state.is_none()) return std::nullopt;
  if (py::isinstance<py::str>(state.value)) {
    const std::string name = state.text(false);
    for (int code = 0; code < kNumLightStates; ++code) {
      const auto known = static_cast<LightState>(code);
      if (name == light_state_name(known)) return known;
    }
  }
  state.refuse("None or the name of a light state, e.g. 'arrow_stop', 'go' or 'unknown'");
}

Light parse_light(Fields& fields, const Scene& scene) {
  Light light;
  light.lane_id = fields.get("lane_id").integer();
  light.stop_at = fields.find("stop_point");
  if (light.stop_at) {
    const py::ssize_t steps = scene.num_steps;
    light.stop_points = light.stop_at->array({{2}, {3}, {steps, 2}, {steps, 3}});
    if (light.stop_points.ndim() == 1) {
      light.stop_points = light.stop_points.reshape({py::ssize_t{1}, py::ssize_t{-1}});
    }
  }
  return light;
}

void add_light(const Located& dict, const FeatureIndex& index, int64_t& num_placed, Scene& scene) {
  Fields fields(dict);
  const Light light = parse_light(fields, scene);
  const Located states_at = fields.get("states");
  fields.finish();
  const std::vector<Located> states = states_at.items();
  if (states.size() != static_cast<size_t>(scene.num_steps)) {
    throw SceneFault(ParseCode::kInconsistent,
                     fmt::format("{} has {} entries, expected one for each of the {} steps",
                                 states_at.where, states.size(), scene.num_steps));
  }
  for (size_t step = 0; step < states.size(); ++step) {
    const std::optional<LightState> state = parse_state(states[step]);
    if (!state) continue;
    LaneSignal signal{light.lane_id, *state, {}};
    if (light.stop_at) {
      const bool moves = light.stop_points.shape(0) > 1;
      const auto row = moves ? static_cast<py::ssize_t>(step) : 0;
      signal.stop_point = local_point(light.stop_points, row, scene, *light.stop_at);
    } else {
      const auto lane = index.find(light.lane_id);
      if (lane == index.end() || scene.features[lane->second].points.empty()) {
        throw SceneFault(ParseCode::kMissingField,
                         fmt::format("{}.stop_point is absent and there is no lane {} that would "
                                     "place it",
                                     dict.where, light.lane_id));
      }
      signal.stop_point = scene.features[lane->second].points.front();
      ++num_placed;
    }
    scene.signals[step].push_back(signal);
  }
}

FeatureIndex index_features(const Scene& scene) {
  FeatureIndex index;
  for (size_t feature = 0; feature < scene.features.size(); ++feature) {
    if (!index.emplace(scene.features[feature].id, feature).second) {
      throw SceneFault(ParseCode::kDuplicateId,
                       fmt::format("features[{}].id is {} as of another feature, expected unique "
                                   "ids",
                                   feature, scene.features[feature].id));
    }
  }
  return index;
}

}  // namespace

void add_features(const std::vector<Located>& features, Scene& scene) {
  std::vector<LaneLinks> waiting;
  for (const Located& dict : features) {
    if (auto links = add_feature(dict, scene)) waiting.push_back(std::move(*links));
  }
  const FeatureIndex index = index_features(scene);
  for (const LaneLinks& links : waiting) {
    MapFeature& lane = scene.features[links.feature];
    add_neighbors(links.left_neighbors, index, scene, lane, lane.left_neighbors);
    add_neighbors(links.right_neighbors, index, scene, lane, lane.right_neighbors);
    add_boundaries(links.left_boundaries, index, scene, lane, lane.left_boundaries);
    add_boundaries(links.right_boundaries, index, scene, lane, lane.right_boundaries);
  }
}

void add_signals(const std::vector<Located>& lights, Scene& scene) {
  scene.signals.resize(static_cast<size_t>(scene.num_steps));
  const FeatureIndex index = index_features(scene);
  int64_t num_placed = 0;
  for (const Located& light : lights) add_light(light, index, num_placed, scene);
  if (num_placed > 0) {
    scene.assumptions.push_back(fmt::format(
        "{} light states without a stop point are placed where their lane starts", num_placed));
  }
}

}  // namespace forkroad::python
