// LevelGate: what is on the road of a logged drive and what on a bridge above or a road below it.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "scenarios/scene.hpp"

namespace forkroad {

// Places along a polyline, at most 2 m apart, with its vertices.
std::vector<Point3> places_along(const std::vector<Point3>& line);

// Height of the ground along a logged drive, to tell an overpass from the road below it.
class LevelGate {
 public:
  LevelGate() = default;
  // The path of `track` from its first to its last observed step. Nothing is gated where its height
  // is not known: -1, or a track that is never observed, or whose box or ground is always at the
  // source's height 0.
  LevelGate(const Scene& scene, int track);

  // The gate of a scene's map: of all of it where it has one height throughout, and with its lanes
  // followed.
  static LevelGate of_map(const Scene& scene, int track);

  // The gate of other road users, who have heights where a map has none; `map` is that of the map.
  static LevelGate of_agents(const Scene& scene, int track, const LevelGate& map);

  // Lets in roads that climb or fall more than that but are driven to: lanes that go on, end to
  // end, from lanes on the level, until one comes to lie above or below another. Keeps out those
  // that pass above or below them, and what goes on from there.
  void follow_lanes(const std::vector<MapFeature>& features);

  // Whether a place [m] is on the track's level: within 3 m of the height at the nearest logged
  // place, plus 8 % of the way there, and not beside a lane that was kept out; or beside a lane
  // that was followed.
  bool on_level(const Point3& place) const;
  // The same of a whole outline: of the places along it, the nearest to the path decides.
  bool on_level(const std::vector<Point3>& outline) const;

 private:
  friend class LaneFollower;
  struct Nearest {
    float distance2;  // [m^2]
    float height;     // [m] of the path there
  };
  // Places of lanes by cells of the plane.
  using Places = std::unordered_map<int64_t, std::vector<Point3>>;

  Nearest nearest_to(const Point3& place) const;
  bool near_path_height(const Point3& place) const;
  bool beside_followed(const Point3& place) const;
  bool beside_kept_out(const Point3& place) const;

  std::vector<Point3> path_;
  float low_ = 0, high_ = 0;  // [m] heights of the path
  Places followed_;           // away from the path's height
  Places kept_out_, let_in_;  // of lanes above or below, and of all others where there are such
};

}  // namespace forkroad
