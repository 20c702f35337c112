#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/commonroad_parts.hpp"

namespace forkroad::commonroad {
namespace {

constexpr int64_t kMaxSignals = int64_t{1} << 22;

// Elements of one name with their ids, sorted; throws if two have one id.
std::vector<std::pair<int64_t, Node>> index_by_id(Node root, const char* name) {
  std::vector<std::pair<int64_t, Node>> index;
  for (const Node node : root.children(name))
    index.emplace_back(integer_attribute(node, "id"), node);
  std::stable_sort(index.begin(), index.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t entry = 1; entry < index.size(); ++entry) {
    if (index[entry].first != index[entry - 1].first) continue;
    refuse(ParseCode::kDuplicateId, index[entry].second,
           fmt::format("two elements {} have this id, expected unique ids", name));
  }
  return index;
}

template <class Value>
const Value* find_id(const std::vector<std::pair<int64_t, Value>>& index, int64_t id) {
  const auto found =
      std::lower_bound(index.begin(), index.end(), id,
                       [](const auto& entry, int64_t wanted) { return entry.first < wanted; });
  return found != index.end() && found->first == id ? &found->second : nullptr;
}

// What a sign says that a scene keeps.
struct Sign {
  double max_speed = 0;  // [m/s], 0: none
  bool is_stop = false;
  std::optional<SourcePoint> place;
};

// The ids that CommonRoad takes from national catalogues: the German one is the default, the USA
// and Spain have their own.
Sign decode_sign(Node node) {
  Sign sign;
  for (const Node element : node.children("trafficSignElement")) {
    const std::string_view id = child_text(element, "trafficSignID");
    const bool is_limit = id == "274" || id == "274.1" || id == "R2-1" || id == "r301";
    sign.is_stop = sign.is_stop || id == "206" || id == "R1-1" || id == "r2";
    const Node value = element.child("additionalValue");
    if (!is_limit || !value) continue;
    const double limit = number_of(value);
    if (!(limit >= 0 && limit < static_cast<double>(kMaxSpeed))) {
      refuse(ParseCode::kValueOutOfRange, value,
             fmt::format("is {} m/s, expected 0 to below {}", limit, kMaxSpeed));
    }
    if (sign.max_speed == 0 || limit < sign.max_speed) sign.max_speed = limit;
  }
  if (const Node point = node.child("position").child("point")) sign.place = point_of(point);
  return sign;
}

// A traffic light's cycle in steps.
struct Light {
  std::vector<std::pair<int64_t, LightState>> cycle;  // end of each phase, its state
  int64_t length = 0;
  int64_t offset = 0;
  int rank = 0;  // of two lights of one lanelet the one of higher rank counts

  LightState at(int64_t step) const {
    if (length == 0) return LightState::kUnknown;
    const int64_t inside = ((step - offset) % length + length) % length;
    for (const auto& [end, state] : cycle) {
      if (inside < end) return state;
    }
    return LightState::kUnknown;
  }
};

// A light for a turn only is an arrow. Red and yellow together still forbid to go.
LightState state_of(std::string_view color, bool is_arrow, Notes& notes) {
  if (color == "red" || color == "redYellow") {
    return is_arrow ? LightState::kArrowStop : LightState::kStop;
  }
  if (color == "yellow") return is_arrow ? LightState::kArrowCaution : LightState::kCaution;
  if (color == "green") return is_arrow ? LightState::kArrowGo : LightState::kGo;
  if (color != "inactive") notes.count("light phases have a colour unknown to this reader");
  return LightState::kUnknown;
}

Light decode_light(Node node, Notes& notes) {
  constexpr int64_t kMaxDuration = 1'000'000'000;
  const std::string_view direction = child_text(node, "direction");
  const bool is_arrow = direction == "left" || direction == "right" || direction == "leftRight";
  Light light;
  light.rank = direction.empty() || direction == "all" ? 2 : is_arrow ? 0 : 1;
  if (child_text(node, "active") == "false") return light;
  const Node cycle = node.child("cycle");
  for (const Node element : cycle.children("cycleElement")) {
    const Node duration = require(element, "duration");
    const int64_t steps = integer_of(duration);
    if (steps < 0 || steps > kMaxDuration || light.length > kMaxDuration) {
      refuse(ParseCode::kValueOutOfRange, duration,
             fmt::format("is {} steps, expected 0 to {} for the whole cycle", steps, kMaxDuration));
    }
    light.length += steps;
    light.cycle.emplace_back(light.length,
                             state_of(text_of(require(element, "color")), is_arrow, notes));
  }
  if (const Node offset = cycle.child("timeOffset")) light.offset = integer_of(offset);
  if (light.length == 0) notes.count("lights have no cycle: their state is unknown");
  return light;
}

// The light that governs most of a lanelet's ways on, null: it refers to none that exists.
const Light* choose_light(const Lanelet& lanelet,
                          const std::vector<std::pair<int64_t, Light>>& lights, Notes& notes) {
  const Light* chosen = nullptr;
  for (const int64_t id : lanelet.lights) {
    const Light* light = find_id(lights, id);
    if (light == nullptr) {
      notes.count("references to lights that do not exist are left out");
      continue;
    }
    if (chosen != nullptr) {
      notes.count("lights share a lanelet with one for more directions and are left out");
    }
    if (chosen == nullptr || light->rank > chosen->rank) chosen = light;
  }
  return chosen;
}

}  // namespace

void build_signs(Node root, const std::vector<Lanelet>& lanelets, int64_t& next_id, Notes& notes,
                 Scene& scene) {
  std::vector<std::pair<int64_t, Sign>> signs;
  for (const auto& [id, node] : index_by_id(root, "trafficSign")) {
    signs.emplace_back(id, decode_sign(node));
  }
  std::vector<MapFeature> stops(signs.size());
  for (std::size_t index = 0; index < lanelets.size(); ++index) {
    const Lanelet& lanelet = lanelets[index];
    MapFeature& lane = scene.features[index];
    for (const int64_t id : lanelet.signs) {
      const Sign* sign = find_id(signs, id);
      if (sign == nullptr) {
        notes.count("references to signs that do not exist are left out");
        continue;
      }
      const auto limit =
          std::min(static_cast<float>(sign->max_speed), std::nextafter(kMaxSpeed, 0.0f));
      const bool is_lower = lane.speed_limit == 0 || limit < lane.speed_limit;
      if (lane.kind == FeatureKind::kLane && limit > 0 && is_lower) lane.speed_limit = limit;
      if (!sign->is_stop) continue;
      MapFeature& stop = stops[static_cast<std::size_t>(
          std::lower_bound(signs.begin(), signs.end(), id,
                           [](const auto& entry, int64_t wanted) { return entry.first < wanted; }) -
          signs.begin())];
      const SourcePoint place =
          lanelet.stop_point || !sign->place ? lanelet.stop_place() : *sign->place;
      if (stop.points.empty()) stop.points = {to_scene(place, scene, lanelet.node)};
      stop.controlled_lanes.push_back(lanelet.id);
    }
  }
  for (MapFeature& stop : stops) {
    if (stop.points.empty()) continue;
    stop.id = next_id++;
    stop.kind = FeatureKind::kStopSign;
    stop.type = MapType::kStopSign;
    scene.features.push_back(std::move(stop));
  }
}

void build_signals(Node root, const std::vector<Lanelet>& lanelets, Notes& notes, Scene& scene) {
  std::vector<std::pair<int64_t, Light>> lights;
  for (const auto& [id, node] : index_by_id(root, "trafficLight")) {
    lights.emplace_back(id, decode_light(node, notes));
  }
  scene.signals.resize(static_cast<std::size_t>(scene.num_steps));
  int64_t num_signals = 0;
  for (const Lanelet& lanelet : lanelets) {
    const Light* light = choose_light(lanelet, lights, notes);
    if (light == nullptr) continue;
    num_signals += scene.num_steps;
    if (num_signals > kMaxSignals) {
      refuse(ParseCode::kTooLarge, lanelet.node,
             fmt::format("more than {} light states in all", kMaxSignals));
    }
    LaneSignal signal;
    signal.lane_id = lanelet.id;
    signal.stop_point = to_scene(lanelet.stop_place(), scene, lanelet.node);
    for (int step = 0; step < scene.num_steps; ++step) {
      signal.state = light->at(step);
      scene.signals[static_cast<std::size_t>(step)].push_back(signal);
    }
  }
}

}  // namespace forkroad::commonroad
