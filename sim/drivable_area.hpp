// DrivableArea: what of a scene's map says where one may drive, on the level of one road user.
#pragma once

#include <array>
#include <vector>

#include "kernels/drivable.hpp"
#include "scenarios/scene.hpp"

namespace forkroad {

// Height of the ground along a logged drive, to tell an overpass from the road below it.
class LevelGate {
 public:
  // The path of `track` from its first to its last observed step. Nothing is gated where heights
  // are not known: a track that is never observed or always at height 0, a map of one height.
  LevelGate(const Scene& scene, int track);

  // Whether a place [m] is on the track's level: within 3 m of the height at the nearest logged
  // place, plus 8 % of the way there.
  bool on_level(const Point3& place) const;
  // The same of a whole outline: its place nearest to the path decides.
  bool on_level(const std::vector<Point3>& outline) const;

 private:
  struct Nearest {
    float distance2;  // [m^2]
    float height;     // [m] of the path there
  };
  Nearest nearest_to(const Point3& place) const;

  std::vector<Point3> path_;
};

struct DrivableArea {
  std::vector<RoadEdge> edges;
  std::vector<std::vector<std::array<float, 2>>> rings;  // driveways and drivable areas
  std::vector<std::array<float, 2>> lane_places;         // at most 2 m apart

  bool empty() const { return edges.empty() && rings.empty(); }
};

// Nothing further than this from every lane [m] is drivable, unless a polygon says so: beyond the
// open end of an edge its side means nothing.
inline constexpr float kLaneReach = 10.0f;

// Road edges, drivable polygons and lanes of the scene on the level of `track`. A map with drivable
// areas is taken to state them all: its road edges are left out, they would only repeat them.
DrivableArea find_drivable_area(const Scene& scene, int track);

// The answer of the whole area, without a raster: not on the drivable side of the nearest edge and
// in no ring. The reach of lanes is not asked.
bool is_off_road(const DrivableArea& area, float x, float y);

}  // namespace forkroad
