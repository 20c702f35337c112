#include "sim/centerlines.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <queue>
#include <set>
#include <unordered_map>
#include <utility>

#include "sim/lane_crossings.hpp"
#include "sim/plane_line.hpp"

namespace forkroad {
namespace {

constexpr float kPathSpacing = 2.0f;  // [m] of logged places that are matched to lanes
constexpr float kOnLane = 2.0f;       // [m] between a logged place and its lane
constexpr float kAlongLane = 0.7f;    // cosine between a logged heading and its lane

void add_pieces(const PlaneLine& line, int lane, int32_t flags, std::vector<CenterPiece>& pieces) {
  const PlaneLine kept = simplify(line, kCenterTolerance);
  for (size_t k = 0; k + 1 < kept.size(); ++k) {
    const float dx = kept[k + 1][0] - kept[k][0], dy = kept[k + 1][1] - kept[k][1];
    const float length = std::hypot(dx, dy);
    if (!(length > 1.0e-4f)) continue;
    pieces.push_back({kept[k][0], kept[k][1], dx / length, dy / length, length, lane, flags});
  }
}

PlaneLine line_of(const MapFeature& lane) {
  PlaneLine line;
  for (const Point3& point : lane.points) line.push_back({point.x, point.y});
  return line;
}

// Logged poses of a track, at least 2 m apart.
struct LoggedPlace {
  float x, y, cos, sin;
};

std::vector<LoggedPlace> logged_places(const Track& track) {
  std::vector<LoggedPlace> places;
  for (size_t step = 0; step < track.valid.size(); ++step) {
    if (track.valid[step] == 0) continue;
    const float x = track.x[step], y = track.y[step];
    if (!places.empty() && std::hypot(x - places.back().x, y - places.back().y) < kPathSpacing) {
      continue;
    }
    places.push_back({x, y, std::cos(track.heading[step]), std::sin(track.heading[step])});
  }
  return places;
}

// The route as feature indices of lanes.
class RouteFinder {
 public:
  RouteFinder(const Scene& scene, const std::vector<CenterPiece>& pieces)
      : scene_(scene), pieces_(pieces) {
    for (size_t k = 0; k < scene.features.size(); ++k) {
      if (scene.features[k].kind == FeatureKind::kLane) {
        lane_of_[scene.features[k].id] = static_cast<int>(k);
      }
    }
  }

  std::set<int> find(int track, const std::vector<LoggedPlace>& places) {
    const bool given = track == scene_.ego && !scene_.route.empty();
    if (given) {
      for (const int64_t id : scene_.route) add(id);
    } else {
      for (const LoggedPlace& place : places) follow(place);
      if (last_ >= 0) add_beyond(last_, kRouteBeyondLog);
    }
    for (const int lane : std::set<int>(route_)) add_beside(lane);
    return route_;
  }

 private:
  void add(int64_t id) {
    const auto lane = lane_of_.find(id);
    if (lane != lane_of_.end()) route_.insert(lane->second);
  }

  // The nearest lane that a logged place is on and drives along.
  void follow(const LoggedPlace& place) {
    float nearest = kOnLane * kOnLane;
    int best = -1;
    for (const CenterPiece& piece : pieces_) {
      if (piece.lane < 0 || (piece.flags & kForCars) == 0) continue;
      if (place.cos * piece.ux + place.sin * piece.uy < kAlongLane) continue;
      const float distance2 = distance2_to(piece, place.x, place.y);
      if (distance2 >= nearest) continue;
      nearest = distance2;
      best = piece.lane;
    }
    if (best < 0) return;
    route_.insert(best);
    last_ = best;
  }

  float length_of(int lane) const {
    float length = 0.0f;
    for (const CenterPiece& piece : pieces_) length += piece.lane == lane ? piece.length : 0.0f;
    return length;
  }

  // Lanes that have the most left are looked at first: no later way to them leads further.
  void add_beyond(int lane, float reach) {
    std::priority_queue<std::pair<float, int>> open;
    std::set<int> done;
    open.push({reach, lane});
    while (!open.empty()) {
      const auto [left, at] = open.top();
      open.pop();
      if (!done.insert(at).second) continue;
      for (const int64_t id : scene_.features[static_cast<size_t>(at)].exit_lanes) {
        const auto next = lane_of_.find(id);
        if (next == lane_of_.end()) continue;
        route_.insert(next->second);
        const float rest = left - length_of(next->second);
        if (rest > 0.0f) open.push({rest, next->second});
      }
    }
  }

  // Both sides, on and on.
  void add_beside(int lane) {
    const MapFeature& feature = scene_.features[static_cast<size_t>(lane)];
    for (const auto* neighbors : {&feature.left_neighbors, &feature.right_neighbors}) {
      for (const LaneNeighbor& neighbor : *neighbors) {
        const auto beside = lane_of_.find(neighbor.feature_id);
        if (beside == lane_of_.end() || !same_direction(lane, beside->second)) continue;
        if (route_.insert(beside->second).second) add_beside(beside->second);
      }
    }
  }

  bool same_direction(int a, int b) const {
    const auto direction = [&](int lane) {
      const auto& points = scene_.features[static_cast<size_t>(lane)].points;
      return std::array<float, 2>{points.back().x - points.front().x,
                                  points.back().y - points.front().y};
    };
    const auto first = direction(a), second = direction(b);
    return first[0] * second[0] + first[1] * second[1] > 0.0f;
  }

  const Scene& scene_;
  const std::vector<CenterPiece>& pieces_;
  std::unordered_map<int64_t, int> lane_of_;
  std::set<int> route_;
  int last_ = -1;
};

}  // namespace

Centerlines find_centerlines(const Scene& scene, int track) {
  return find_centerlines(scene, track, LevelGate::of_map(scene, track));
}

Centerlines find_centerlines(const Scene& scene, int track, const LevelGate& gate) {
  Centerlines out;
  for (size_t k = 0; k < scene.features.size(); ++k) {
    const MapFeature& feature = scene.features[k];
    if (feature.kind != FeatureKind::kLane || feature.points.size() < 2) continue;
    if (!gate.on_level(feature.points)) continue;
    const bool for_bikes = feature.type == MapType::kLaneBike;
    const bool for_emergencies = feature.type == MapType::kLaneEmergency;
    const int32_t use = for_bikes ? 0 : for_emergencies ? kForEmergencies : kForCars;
    (for_bikes         ? out.has_bike_lanes
     : for_emergencies ? out.has_emergency_lanes
                       : out.has_car_lanes) = true;
    add_pieces(line_of(feature), static_cast<int>(k),
               use | (feature.interpolating ? kInJunction : 0), out.pieces);
  }
  // many sources do not say which lanes lie in a junction, and WOMD says it of few
  out.pieces = mark_crossings(out.pieces);
  // who crosses a lane for bicycles or emergencies does not drive on it
  std::erase_if(out.pieces, [](const CenterPiece& piece) {
    return (piece.flags & kForCars) == 0 && (piece.flags & kInJunction) != 0;
  });
  if (track < 0) return out;
  const std::vector<LoggedPlace> places = logged_places(scene.tracks[static_cast<size_t>(track)]);
  const std::set<int> route = RouteFinder(scene, out.pieces).find(track, places);
  for (CenterPiece& piece : out.pieces) {
    if (route.contains(piece.lane)) piece.flags |= kOnRoute;
  }
  PlaneLine path;
  for (const LoggedPlace& place : places) path.push_back({place.x, place.y});
  // who stands has a place, not a path: a metre of it
  if (path.size() == 1) path.push_back({path[0][0] + places[0].cos, path[0][1] + places[0].sin});
  add_pieces(path, -1, kOnRoute, out.pieces);
  return out;
}

}  // namespace forkroad
