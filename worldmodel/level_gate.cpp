#include "worldmodel/level_gate.hpp"

#include <algorithm>
#include <cmath>

namespace forkroad {
namespace {

constexpr float kLevelHeight = 3.0f;    // [m] less than the clearance below a bridge
constexpr float kSteepestRoad = 0.08f;  // rise per metre
constexpr float kPlaceSpacing = 1.0f;   // [m] of the places that are kept
constexpr float kUnknownHeight = 1.0e-3f;
constexpr float kBeside = 15.0f;       // [m] of a lane that was followed
constexpr float kAboveOrBelow = 5.0f;  // [m] cells; what lies in the same or the next is above
constexpr float kSameEnd = 2.0f;      // [m] between the ends of lanes that go on, and their heights
constexpr float kLineSpacing = 2.0f;  // [m] of places along a line
constexpr float kSamePlace = 1.0f;    // [m] nearer places of lanes are not kept

int64_t cell_at(float x, float y, float size) {
  const auto part = [&](float at) { return static_cast<int64_t>(std::floor(at / size)); };
  return part(x) * (int64_t{1} << 32) + part(y);
}

// Calls visit(cell) for the cell of a place and the eight around it, until it returns true.
template <class Cells, class Visit>
bool any_around(const Cells& cells, const Point3& place, float size, Visit visit) {
  for (const float dx : {-size, 0.0f, size}) {
    for (const float dy : {-size, 0.0f, size}) {
      const auto cell = cells.find(cell_at(place.x + dx, place.y + dy, size));
      if (cell != cells.end() && visit(cell->second)) return true;
    }
  }
  return false;
}

// Whether all points of a map have one height: then it knows none.
bool is_flat(const std::vector<MapFeature>& features) {
  const Point3* first = nullptr;
  for (const MapFeature& feature : features) {
    for (const Point3& point : feature.points) {
      if (first == nullptr) first = &point;
      if (point.z != first->z) return false;
    }
  }
  return true;
}

bool same_end(const Point3& a, const Point3& b) {
  return std::hypot(a.x - b.x, a.y - b.y) <= kSameEnd && std::abs(a.z - b.z) <= kSameEnd;
}

}  // namespace

std::vector<Point3> places_along(const std::vector<Point3>& line) {
  std::vector<Point3> places;
  for (size_t k = 0; k < line.size(); ++k) {
    const Point3& from = line[k];
    places.push_back(from);
    if (k + 1 == line.size()) break;
    const Point3& to = line[k + 1];
    const float length = std::hypot(to.x - from.x, to.y - from.y);
    const int pieces = static_cast<int>(std::min(std::ceil(length / kLineSpacing), 1.0e5f));
    for (int piece = 1; piece < pieces; ++piece) {
      const float share = static_cast<float>(piece) / static_cast<float>(pieces);
      places.push_back({from.x + share * (to.x - from.x), from.y + share * (to.y - from.y),
                        from.z + share * (to.z - from.z)});
    }
  }
  return places;
}

// Goes from lane to lane, away from those on the path's level.
class LaneFollower {
 public:
  LaneFollower(const std::vector<MapFeature>& features, LevelGate& gate)
      : features_(features), gate_(gate), on_(features.size(), false) {}

  void follow() {
    for (size_t k = 0; k < features_.size(); ++k) {
      const MapFeature& lane = features_[k];
      if (lane.kind != FeatureKind::kLane || lane.points.empty()) continue;
      index_of_.emplace(lane.id, k);
      on_[k] = on_path_level(lane.points);
      if (on_[k]) queue_.push_back(k);
      all_on_ = all_on_ && on_[k];
      far_from_height_ = far_from_height_ || !surely_on(lane.points);
    }
    // a map at the height of the path: nothing to follow
    if (!far_from_height_) return;
    for (const size_t lane : queue_) let_in(lane);
    if (all_on_) return;
    for (size_t head = 0; head < queue_.size(); ++head) {
      const MapFeature& from = features_[queue_[head]];
      for (const int64_t id : from.exit_lanes) {
        go_on(id, [&](const MapFeature& to) {
          return same_end(from.points.back(), to.points.front());
        });
      }
      for (const int64_t id : from.entry_lanes) {
        go_on(id, [&](const MapFeature& to) {
          return same_end(from.points.front(), to.points.back());
        });
      }
    }
  }

 private:
  // Within the path's heights whatever place of it is nearest.
  bool surely_on(const std::vector<Point3>& line) const {
    return std::all_of(line.begin(), line.end(), [&](const Point3& place) {
      return place.z <= gate_.low_ + kLevelHeight && place.z >= gate_.high_ - kLevelHeight;
    });
  }
  bool on_path_level(const std::vector<Point3>& line) const {
    return surely_on(line) || gate_.on_level(line);
  }

  template <class Joins>
  void go_on(int64_t id, Joins joins) {
    const auto found = index_of_.find(id);
    if (found == index_of_.end() || on_[found->second]) return;
    const MapFeature& lane = features_[found->second];
    if (!joins(lane) || crosses_another_level(lane.points)) return;
    on_[found->second] = true;
    queue_.push_back(found->second);
    let_in(found->second);
  }

  // Remembers a lane's places; those away from the path's height widen the gate.
  void let_in(size_t lane) {
    for (const Point3& place : places_along(features_[lane].points)) {
      Heights& heights = heights_[cell_at(place.x, place.y, kAboveOrBelow)];
      heights.low = std::min(heights.low, place.z);
      heights.high = std::max(heights.high, place.z);
      if (gate_.near_path_height(place)) continue;
      std::vector<Point3>& kept = gate_.followed_[cell_at(place.x, place.y, kBeside)];
      const bool known = std::any_of(kept.begin(), kept.end(), [&](const Point3& other) {
        return std::hypot(place.x - other.x, place.y - other.y) < kSamePlace;
      });
      if (!known) kept.push_back(place);
    }
  }

  bool crosses_another_level(const std::vector<Point3>& line) const {
    const std::vector<Point3> places = places_along(line);
    return std::any_of(places.begin(), places.end(), [&](const Point3& place) {
      return any_around(heights_, place, kAboveOrBelow, [&](const Heights& heights) {
        return place.z - heights.low > kLevelHeight || heights.high - place.z > kLevelHeight;
      });
    });
  }

  struct Heights {
    float low = 3.0e38f, high = -3.0e38f;  // [m]
  };

  const std::vector<MapFeature>& features_;
  LevelGate& gate_;
  std::vector<bool> on_;  // [feature] lane that is on the level or was followed
  bool all_on_ = true, far_from_height_ = false;
  std::unordered_map<int64_t, size_t> index_of_;
  std::vector<size_t> queue_;
  std::unordered_map<int64_t, Heights> heights_;  // by cells, of lanes that are on
};

LevelGate::LevelGate(const Scene& scene, int track) {
  if (track < 0) return;
  const Track& logged = scene.tracks[static_cast<size_t>(track)];
  // sources without heights have the box or the ground at 0, minus the origin's height here
  const float zero = static_cast<float>(-scene.origin[2]);
  bool has_height = false;
  for (size_t step = 0; step < logged.valid.size(); ++step) {
    if (logged.valid[step] == 0) continue;
    // the ground: map heights are the road's, a box's is its centre
    const Point3 place = {logged.x[step], logged.y[step],
                          logged.z[step] - 0.5f * logged.height[step]};
    if (path_.empty() ||
        std::hypot(place.x - path_.back().x, place.y - path_.back().y) > kPlaceSpacing)
      path_.push_back(place);
    has_height =
        has_height || (logged.z[step] != zero && std::abs(place.z - zero) > kUnknownHeight);
  }
  if (!has_height) path_.clear();
  if (path_.empty()) return;
  low_ = high_ = path_.front().z;
  for (const Point3& place : path_) {
    low_ = std::min(low_, place.z);
    high_ = std::max(high_, place.z);
  }
}

LevelGate LevelGate::of_map(const Scene& scene, int track) {
  LevelGate gate(scene, is_flat(scene.features) ? -1 : track);
  gate.follow_lanes(scene.features);
  return gate;
}

void LevelGate::follow_lanes(const std::vector<MapFeature>& features) {
  if (!path_.empty()) LaneFollower(features, *this).follow();
}

LevelGate::Nearest LevelGate::nearest_to(const Point3& place) const {
  Nearest nearest = {3.0e38f, place.z};
  for (const Point3& logged : path_) {
    const float dx = place.x - logged.x, dy = place.y - logged.y;
    const float distance2 = dx * dx + dy * dy;
    if (distance2 < nearest.distance2) nearest = {distance2, logged.z};
  }
  return nearest;
}

bool LevelGate::near_path_height(const Point3& place) const {
  const Nearest nearest = nearest_to(place);
  return std::abs(place.z - nearest.height) <=
         kLevelHeight + kSteepestRoad * std::sqrt(nearest.distance2);
}

bool LevelGate::beside_followed(const Point3& place) const {
  float least2 = kBeside * kBeside, height = 3.0e38f;
  any_around(followed_, place, kBeside, [&](const std::vector<Point3>& lanes) {
    for (const Point3& lane : lanes) {
      const float dx = place.x - lane.x, dy = place.y - lane.y, distance2 = dx * dx + dy * dy;
      if (distance2 >= least2) continue;
      least2 = distance2;
      height = lane.z;
    }
    return false;
  });
  return std::abs(place.z - height) <= kLevelHeight;
}

bool LevelGate::on_level(const Point3& place) const {
  return path_.empty() || near_path_height(place) || beside_followed(place);
}

bool LevelGate::on_level(const std::vector<Point3>& outline) const {
  if (path_.empty() || outline.empty()) return true;
  Point3 closest = outline.front();
  float least = 3.1e38f;
  for (const Point3& place : places_along(outline)) {
    const float distance2 = nearest_to(place).distance2;
    if (distance2 < least) closest = place;
    least = std::min(least, distance2);
  }
  return on_level(closest);
}

}  // namespace forkroad
