#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "scenarios/commonroad_parts.hpp"

namespace forkroad::commonroad {
namespace {

// Far above any recording; a single wrong number must not ask for gigabytes.
constexpr int64_t kMaxSteps = 100'000;
constexpr int64_t kMaxStates = int64_t{1} << 22;

AgentKind kind_of(std::string_view type) {
  const auto is_any = [&](std::initializer_list<std::string_view> types) {
    return std::find(types.begin(), types.end(), type) != types.end();
  };
  if (type == "pedestrian") return AgentKind::kPedestrian;
  if (is_any({"bicycle", "motorcycle"})) return AgentKind::kCyclist;
  const bool is_vehicle = is_any(
      {"car", "truck", "bus", "taxi", "train", "vehicle", "priorityVehicle", "parkedVehicle"});
  return is_vehicle ? AgentKind::kVehicle : AgentKind::kOther;
}

// A position: a point, or the middle of the region that it is known to lie in. Nothing if it is a
// reference to lanelets.
std::optional<SourcePoint> decode_position(Node position, Notes& notes) {
  if (const Node point = position.child("point")) return point_of(point);
  const Node region = position.first_child();
  if (region && std::strcmp(region.name(), "lanelet") != 0) {
    const Box box = decode_box(position, notes);
    notes.count("positions are regions: their middle is taken");
    return SourcePoint{box.center_x, box.center_y, 0};
  }
  notes.count("states are placed by a lanelet or not at all and left out");
  return std::nullopt;
}

void decode_state(Node node, Notes& notes, Obstacle& obstacle) {
  State state;
  state.node = node;
  const std::optional<SourcePoint> place = decode_position(require(node, "position"), notes);
  if (!place) return;
  state.x = place->x;
  state.y = place->y;
  state.z = place->z;
  state.heading = quantity_of(require(node, "orientation"), notes);
  if (std::abs(state.heading) > kMaxSourceHeading) {
    refuse(ParseCode::kValueOutOfRange, node,
           fmt::format("orientation is {} rad, expected at most {}", state.heading,
                       kMaxSourceHeading));
  }
  if (const Node velocity = node.child("velocity")) {
    state.speed = quantity_of(velocity, notes);
  } else if (!obstacle.is_static) {
    notes.count("states have no velocity: 0 is taken");
  }
  if (!(std::abs(state.speed) < static_cast<double>(kMaxSpeed))) {
    refuse(ParseCode::kValueOutOfRange, node,
           fmt::format("velocity is {} m/s, expected below {}", state.speed, kMaxSpeed));
  }
  if (const Node time = node.child("time"); time || !obstacle.is_static) {
    state.step = step_of(require(node, "time"), notes);
  }
  if (state.step < 0 || state.step >= kMaxSteps) {
    refuse(ParseCode::kValueOutOfRange, node,
           fmt::format("time is step {}, expected 0 to below {}", state.step, kMaxSteps));
  }
  obstacle.states.push_back(state);
}

Obstacle decode_obstacle(Node node, bool is_static, Notes& notes) {
  Obstacle obstacle;
  obstacle.node = node;
  obstacle.id = integer_attribute(node, "id");
  if (const Node type = node.child("type")) obstacle.raw_type = word_of(type);
  obstacle.kind = kind_of(obstacle.raw_type);
  obstacle.is_static = is_static;
  obstacle.box = decode_box(require(node, "shape"), notes);
  decode_state(require(node, "initialState"), notes, obstacle);
  if (is_static) return obstacle;
  for (const Node state : node.child("trajectory").children("state")) {
    decode_state(state, notes, obstacle);
  }
  if (node.child("occupancySet")) {
    notes.count("obstacles have a set of occupancies: only their states are kept");
  }
  return obstacle;
}

// The box centre of a state.
SourcePoint box_center(const Obstacle& obstacle, const State& state) {
  const double cosine = std::cos(state.heading);
  const double sine = std::sin(state.heading);
  const Box& box = obstacle.box;
  return {state.x + cosine * box.center_x - sine * box.center_y,
          state.y + sine * box.center_x + cosine * box.center_y, state.z};
}

void check_unique_ids(const std::vector<Obstacle>& obstacles) {
  std::vector<const Obstacle*> sorted;
  for (const Obstacle& obstacle : obstacles) sorted.push_back(&obstacle);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Obstacle* a, const Obstacle* b) { return a->id < b->id; });
  const auto twice =
      std::adjacent_find(sorted.begin(), sorted.end(),
                         [](const Obstacle* a, const Obstacle* b) { return a->id == b->id; });
  if (twice == sorted.end()) return;
  refuse(ParseCode::kDuplicateId, (*(twice + 1))->node,
         "two obstacles have this id, expected unique ids");
}

int64_t count_steps(const std::vector<Obstacle>& obstacles) {
  int64_t last = 0;
  for (const Obstacle& obstacle : obstacles) {
    if (obstacle.is_static) continue;
    for (const State& state : obstacle.states) last = std::max(last, state.step);
  }
  const int64_t num_steps = last + 1;
  const auto num_obstacles = static_cast<int64_t>(obstacles.size());
  if (num_steps * num_obstacles > kMaxStates) {
    refuse(ParseCode::kTooLarge, obstacles.front().node,
           fmt::format("{} obstacles over {} steps, expected at most {} states in all",
                       num_obstacles, num_steps, kMaxStates));
  }
  return num_steps;
}

void store_state(const Obstacle& obstacle, const State& state, std::size_t step, const Scene& scene,
                 Track& track) {
  const Point3 place = to_scene(box_center(obstacle, state), scene, state.node);
  track.x[step] = place.x;
  track.y[step] = place.y;
  track.z[step] = place.z;
  track.heading[step] = wrap_heading(state.heading + obstacle.box.turn);
  track.velocity_x[step] = static_cast<float>(state.speed * std::cos(state.heading));
  track.velocity_y[step] = static_cast<float>(state.speed * std::sin(state.heading));
  track.length[step] = static_cast<float>(obstacle.box.length);
  track.width[step] = static_cast<float>(obstacle.box.width);
  track.valid[step] = 1;
}

Track build_track(const Obstacle& obstacle, const Scene& scene, Notes& notes) {
  Track track;
  track.id = obstacle.id;
  track.kind = obstacle.kind;
  track.raw_type = obstacle.raw_type;
  track.resize(scene.num_steps);
  if (obstacle.is_static) {
    State state = obstacle.states.front();
    state.speed = 0;
    for (std::size_t step = 0; step < track.valid.size(); ++step) {
      store_state(obstacle, state, step, scene, track);
    }
    return track;
  }
  for (const State& state : obstacle.states) {
    const auto step = static_cast<std::size_t>(state.step);
    if (track.valid[step] != 0) {
      notes.count("states repeat a time step of their obstacle: the last one counts");
    }
    store_state(obstacle, state, step, scene, track);
  }
  return track;
}

}  // namespace

std::vector<Obstacle> decode_obstacles(Node root, Notes& notes) {
  std::vector<Obstacle> obstacles;
  for (const Node node : root.children()) {
    const std::string_view name = node.name();
    const bool is_2018 = name == "obstacle";
    if (name == "phantomObstacle" || name == "environmentObstacle") {
      notes.count("phantom or environment obstacles are left out");
    }
    if (!is_2018 && name != "dynamicObstacle" && name != "staticObstacle") continue;
    const std::string_view role = is_2018 ? text_of(require(node, "role")) : std::string_view();
    if (is_2018 && role != "static" && role != "dynamic") {
      notes.count("obstacles have a role unknown to this reader and are left out");
      continue;
    }
    Obstacle obstacle = decode_obstacle(node, role == "static" || name == "staticObstacle", notes);
    if (obstacle.states.empty()) {
      notes.count("obstacles without a place are left out");
    } else {
      obstacles.push_back(std::move(obstacle));
    }
  }
  check_unique_ids(obstacles);
  return obstacles;
}

void build_tracks(const std::vector<Obstacle>& obstacles,
                  const std::vector<SourcePoint>& first_points, Notes& notes, Scene& scene) {
  OriginMean mean;
  for (const Obstacle& obstacle : obstacles) {
    mean.add(box_center(obstacle, obstacle.states.front()));
  }
  if (mean.empty()) {
    for (const SourcePoint& point : first_points) mean.add(point);
  }
  scene.origin = mean.origin();
  scene.num_steps = obstacles.empty() ? 1 : static_cast<int>(count_steps(obstacles));
  fill_timestamps(scene);
  for (const Obstacle& obstacle : obstacles) {
    scene.tracks.push_back(build_track(obstacle, scene, notes));
  }
}

}  // namespace forkroad::commonroad
