#include <fmt/format.h>

#include <algorithm>

#include "scenarios/gpudrive_json_parts.hpp"
#include "scenarios/plain_text.hpp"

namespace forkroad::gpudrive {
namespace {

std::optional<LightState> find_state(std::string_view word) {
  for (int code = 0; code <= static_cast<int>(LightState::kFlashingCaution); ++code) {
    const auto state = static_cast<LightState>(code);
    if (word == light_state_name(state)) return state;
  }
  return std::nullopt;
}

// What could not be read as it is.
struct Counts {
  int64_t unknown_states = 0, placed = 0, dropped = 0, without_z = 0;
};

// The members of one lane's light; their parent is the light.
struct LightMembers {
  std::optional<Node> state, x, y, z, time_index, lane_id;
};

LightMembers collect_light(const Node& light, LeftOut& left_out) {
  LightMembers found;
  const json::Field fields[] = {{"state", &found.state, true},
                                {"x", &found.x, true},
                                {"y", &found.y, true},
                                {"z", &found.z},
                                {"time_index", &found.time_index, true},
                                {"lane_id", &found.lane_id}};
  json::collect(light, fields, [&](const Node& member) { left_out.add("tl_states", member.key); });
  return found;
}

std::vector<double> get_numbers(const Node& node) {
  std::vector<double> numbers;
  json::for_elements(node,
                     [&](const Node& element) { numbers.push_back(json::get_number(element)); });
  return numbers;
}

// Decodes the light of one lane.
class LightDecoder {
 public:
  LightDecoder(const Node& light, const RoadDecoder& roads, Scene& scene, LeftOut& left_out)
      : light_(&light), roads_(&roads), scene_(&scene), members_(collect_light(light, left_out)) {}

  void decode(int64_t lane_id, Counts& counts) {
    const std::vector<double> x = get_numbers(*members_.x);
    const std::vector<double> y = get_numbers(*members_.y);
    const std::vector<double> z =
        members_.z ? get_numbers(*members_.z) : std::vector<double>(x.size(), 0.0);
    check_sizes();
    std::vector<std::string_view> states;
    json::for_elements(*members_.state,
                       [&](const Node& state) { states.push_back(json::get_text(state)); });
    json::for_elements(*members_.time_index, [&](const Node& time) {
      const std::size_t entry = time.ordinal;
      const std::size_t step = get_step(time);
      LaneSignal signal;
      signal.lane_id = lane_id;
      const std::optional<LightState> state = find_state(states[entry]);
      signal.state = state.value_or(LightState::kUnknown);
      counts.unknown_states += state ? 0 : 1;
      counts.without_z += members_.z ? 0 : 1;
      if (place({x[entry], y[entry], z[entry]}, entry, signal, counts)) {
        scene_->signals[step].push_back(signal);
      }
    });
  }

 private:
  void check_sizes() const {
    const std::size_t size = json::count_elements(*members_.time_index);
    for (const auto* array :
         {&members_.state, &members_.x, &members_.y, &members_.z, &members_.lane_id}) {
      const std::size_t found = *array ? json::count_elements(**array) : size;
      if (found != size) {
        json::refuse(
            **array, ParseCode::kInconsistent,
            fmt::format("has {} entries, expected as many as time_index: {}", found, size));
      }
    }
    if (!members_.lane_id) return;
    json::for_elements(*members_.lane_id, [&](const Node& lane) {
      if (roads_->find_id(get_id(lane)) == roads_->find_id(read_source_id(light_->key))) return;
      json::refuse(lane, ParseCode::kInconsistent, "is another lane than that of the light's name");
    });
  }

  std::size_t get_step(const Node& time) const {
    const int64_t step = json::get_integer(time);
    if (step < 0 || step >= scene_->num_steps) {
      json::refuse(time, ParseCode::kInconsistent,
                   fmt::format("is {}, expected 0 to {}", step, scene_->num_steps - 1));
    }
    return static_cast<std::size_t>(step);
  }

  // False if the light has neither a stop point nor a lane that would give it one.
  bool place(const SourcePoint& source, std::size_t entry, LaneSignal& signal, Counts& counts) {
    // writers without a stop point write zeros
    if (source.x == 0 && source.y == 0 && source.z == 0) {
      const MapFeature* lane = roads_->find_feature(signal.lane_id);
      ++(lane == nullptr ? counts.dropped : counts.placed);
      if (lane != nullptr) signal.stop_point = lane->points.front();
      return lane != nullptr;
    }
    if (!to_local(source, scene_->origin, signal.stop_point)) {
      json::refuse(*light_, ParseCode::kValueOutOfRange,
                   fmt::format("entry {} is at ({}, {}, {}) m, expected at most {} m from the "
                               "origin ({}, {}, {})",
                               entry, source.x, source.y, source.z, kMaxLocalCoordinate,
                               scene_->origin[0], scene_->origin[1], scene_->origin[2]));
    }
    return true;
  }

  const Node* light_;
  const RoadDecoder* roads_;
  Scene* scene_;
  LightMembers members_;
};

}  // namespace

void decode_signals(const Node& tl_states, RoadDecoder& roads, Scene& scene, LeftOut& left_out) {
  Counts counts;
  int64_t num_unnamed = 0;
  json::for_members(tl_states, [&](const Node& light) {
    if (!is_name(light.key)) {
      json::refuse(light, ParseCode::kWrongContent, "has a name that is no id of a lane");
    }
    const SourceId lane = read_source_id(light.key);
    num_unnamed += roads.find_id(lane) ? 0 : 1;
    LightDecoder(light, roads, scene, left_out).decode(roads.number_id(lane), counts);
  });
  assume(num_unnamed, "lights have the name of no lane of the file: numbered by the reader",
         scene.assumptions);
  assume(counts.unknown_states, "light states unknown to this reader are read as unknown",
         scene.assumptions);
  assume(counts.placed, "light states without a stop point are placed where their lane starts",
         scene.assumptions);
  assume(counts.dropped, "light states without a stop point and lane are left out",
         scene.assumptions);
  assume(counts.without_z, "light states have no z: taken as 0", scene.assumptions);
}

}  // namespace forkroad::gpudrive
