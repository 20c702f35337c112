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
constexpr float kNowhere = 1.0e18f;   // [m]

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

// The nearest of some places by cells within kBeside, of those at most `height` [m] above or below;
// kNowhere where there is none.
Point3 nearest_in(const std::unordered_map<int64_t, std::vector<Point3>>& places,
                  const Point3& place, float height) {
  Point3 nearest = {kNowhere, kNowhere, kNowhere};
  float least2 = kBeside * kBeside;
  any_around(places, place, kBeside, [&](const std::vector<Point3>& others) {
    for (const Point3& other : others) {
      const float dx = place.x - other.x, dy = place.y - other.y, distance2 = dx * dx + dy * dy;
      if (distance2 >= least2 || std::abs(place.z - other.z) > height) continue;
      least2 = distance2;
      nearest = other;
    }
    return false;
  });
  return nearest;
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

// The least box around some places in the plane.
struct Extent {
  float min_x = kNowhere, min_y = kNowhere, max_x = -kNowhere, max_y = -kNowhere;  // [m]

  explicit Extent(const std::vector<Point3>& places) {
    for (const Point3& place : places) {
      min_x = std::min(min_x, place.x);
      min_y = std::min(min_y, place.y);
      max_x = std::max(max_x, place.x);
      max_y = std::max(max_y, place.y);
    }
  }
  bool within(float reach, const Extent& other) const {
    return min_x - reach <= other.max_x && max_x + reach >= other.min_x &&
           min_y - reach <= other.max_y && max_y + reach >= other.min_y;
  }
};

// Goes from lane to lane, away from those beside the path; then from those on its level that do
// not pass above or below one of these.
class LaneFollower {
 public:
  LaneFollower(const std::vector<MapFeature>& features, LevelGate& gate)
      : features_(features), gate_(gate), state_(features.size(), State::kUnknown) {}

  void follow() {
    bool far_from_height = false;
    for (size_t k = 0; k < features_.size(); ++k) {
      const MapFeature& lane = features_[k];
      if (lane.kind != FeatureKind::kLane || lane.points.empty()) continue;
      index_of_.emplace(lane.id, k);
      lanes_.push_back(k);
      far_from_height = far_from_height || !surely_on(lane.points);
    }
    // a map at the height of the path: nothing to follow
    if (!far_from_height) return;
    const Extent path(gate_.path_);
    for (const size_t lane : lanes_) {
      if (beside_path(features_[lane].points, path)) let_in(lane);
    }
    follow_let_in();
    keep_out();
    for (const size_t lane : lanes_) {
      if (state_[lane] == State::kUnknown && on_path_level(lane)) let_in(lane);
    }
    follow_let_in();
    if (!gate_.kept_out_.empty()) remember_let_in();
  }

 private:
  enum class State : uint8_t { kUnknown, kLetIn, kKeptOut };

  // Within the path's heights whatever place of it is nearest.
  bool surely_on(const std::vector<Point3>& line) const {
    return std::all_of(line.begin(), line.end(), [&](const Point3& place) {
      return place.z <= gate_.low_ + kLevelHeight && place.z >= gate_.high_ - kLevelHeight;
    });
  }
  bool on_path_level(size_t lane) const {
    const std::vector<Point3>& line = features_[lane].points;
    return surely_on(line) || gate_.on_level(line);
  }

  // Whether some place of a lane is near enough to the path to have its height.
  bool beside_path(const std::vector<Point3>& line, const Extent& path) const {
    if (!path.within(kBeside, Extent(line))) return false;
    const std::vector<Point3> places = places_along(line);
    return std::any_of(places.begin(), places.end(), [&](const Point3& place) {
      const auto nearest = gate_.nearest_to(place);
      return nearest.distance2 <= kBeside * kBeside &&
             std::abs(place.z - nearest.height) <= kLevelHeight;
    });
  }

  // Visits the lanes that go on from one, end to end.
  template <class Visit>
  void each_beyond(size_t lane, Visit visit) const {
    const MapFeature& from = features_[lane];
    const auto go = [&](const std::vector<int64_t>& ids, bool onward) {
      for (const int64_t id : ids) {
        const auto found = index_of_.find(id);
        if (found == index_of_.end()) continue;
        const std::vector<Point3>& to = features_[found->second].points;
        if (onward ? same_end(from.points.back(), to.front())
                   : same_end(from.points.front(), to.back())) {
          visit(found->second);
        }
      }
    };
    go(from.exit_lanes, true);
    go(from.entry_lanes, false);
  }

  void follow_let_in() {
    for (; num_followed_ < queue_.size(); ++num_followed_) {
      each_beyond(queue_[num_followed_], [&](size_t lane) {
        if (state_[lane] == State::kUnknown && !crosses_another_level(lane)) let_in(lane);
      });
    }
  }

  // Remembers a lane's places; those away from the path's height widen the gate.
  void let_in(size_t lane) {
    state_[lane] = State::kLetIn;
    queue_.push_back(lane);
    for (const Point3& place : places_along(features_[lane].points)) {
      Heights& heights = heights_[cell_at(place.x, place.y, kAboveOrBelow)];
      heights.low = std::min(heights.low, place.z);
      heights.high = std::max(heights.high, place.z);
      if (!gate_.near_path_height(place)) keep(place, gate_.followed_);
    }
  }

  // Lanes above or below those beside the path and what these lead to, and what goes on from them.
  void keep_out() {
    std::vector<size_t> out;
    const auto add = [&](size_t lane) {
      if (state_[lane] != State::kUnknown) return;
      state_[lane] = State::kKeptOut;
      out.push_back(lane);
    };
    for (const size_t lane : lanes_) {
      if (state_[lane] == State::kUnknown && lies_above_or_below(lane)) add(lane);
    }
    for (size_t head = 0; head < out.size(); ++head) {
      for (const Point3& place : places_along(features_[out[head]].points)) {
        keep(place, gate_.kept_out_);
      }
      each_beyond(out[head], add);
    }
  }

  void remember_let_in() {
    for (const size_t lane : queue_) {
      for (const Point3& place : places_along(features_[lane].points)) keep(place, gate_.let_in_);
    }
  }

  static void keep(const Point3& place, LevelGate::Places& places) {
    std::vector<Point3>& kept = places[cell_at(place.x, place.y, kBeside)];
    const bool known = std::any_of(kept.begin(), kept.end(), [&](const Point3& other) {
      return std::hypot(place.x - other.x, place.y - other.y) < kSamePlace;
    });
    if (!known) kept.push_back(place);
  }

  // Whether a lane leaves the height of some lane that was let in and is near in the plane.
  bool crosses_another_level(size_t lane) const {
    const std::vector<Point3> places = places_along(features_[lane].points);
    return std::any_of(places.begin(), places.end(), [&](const Point3& place) {
      return any_around(heights_, place, kAboveOrBelow, [&](const Heights& heights) {
        return place.z - heights.low > kLevelHeight || heights.high - place.z > kLevelHeight;
      });
    });
  }

  // Whether lanes were let in near some place of a lane, all of them far above or below it.
  bool lies_above_or_below(size_t lane) const {
    const std::vector<Point3> places = places_along(features_[lane].points);
    return std::any_of(places.begin(), places.end(), [&](const Point3& place) {
      bool is_near = false;
      const auto has_height = [&](const Heights& heights) {
        is_near = true;
        return place.z <= heights.high + kLevelHeight && place.z >= heights.low - kLevelHeight;
      };
      return !any_around(heights_, place, kAboveOrBelow, has_height) && is_near;
    });
  }

  struct Heights {
    float low = kNowhere, high = -kNowhere;  // [m]
  };

  const std::vector<MapFeature>& features_;
  LevelGate& gate_;
  std::vector<State> state_;   // [feature]
  std::vector<size_t> lanes_;  // features
  std::unordered_map<int64_t, size_t> index_of_;
  std::vector<size_t> queue_;                     // lanes that were let in
  size_t num_followed_ = 0;                       // of the queue
  std::unordered_map<int64_t, Heights> heights_;  // by cells, of lanes that were let in
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

LevelGate LevelGate::of_agents(const Scene& scene, int track, const LevelGate& map) {
  return map.path_.empty() ? LevelGate(scene, track) : map;
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
  return std::abs(place.z - nearest_in(followed_, place, kNowhere).z) <= kLevelHeight;
}

bool LevelGate::beside_kept_out(const Point3& place) const {
  if (kept_out_.empty()) return false;
  const auto distance_to = [&](const Places& lanes) {
    const Point3 lane = nearest_in(lanes, place, kLevelHeight);
    return std::hypot(place.x - lane.x, place.y - lane.y);
  };
  const float distance = distance_to(kept_out_);
  return distance < kBeside && distance < distance_to(let_in_);
}

bool LevelGate::on_level(const Point3& place) const {
  return path_.empty() || (near_path_height(place) && !beside_kept_out(place)) ||
         beside_followed(place);
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
