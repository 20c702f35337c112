// DrivableArea: what of a scene's map says where one may drive, on the level of one road user.
#pragma once

#include <array>
#include <vector>

#include "kernels/drivable.hpp"
#include "scenarios/scene.hpp"
#include "worldmodel/level_gate.hpp"

namespace forkroad {

struct DrivableArea {
  std::vector<RoadEdge> edges;
  std::vector<std::vector<std::array<float, 2>>> rings;  // driveways, drivable areas, lanelets
  std::vector<std::array<float, 2>> lane_places;         // at most 2 m apart
  std::vector<std::array<float, 2>> log_places;          // of the vehicle whose level it is

  bool empty() const { return edges.empty() && rings.empty(); }
};

// Nothing further than this [m] from every lane and from where the logged vehicle drove is
// drivable, unless a polygon says so: beyond the open end of an edge its side means nothing. Maps
// that are cut lack lanes whose edges they have; there the log tells that the edges bound a road.
inline constexpr float kLaneReach = 10.0f;

// Road edges, drivable polygons and lanes of the scene on the level of `track`; all of them, where
// the map has one height throughout. A map with drivable areas is taken to state them all: its road
// edges are left out, they would only repeat them.
DrivableArea find_drivable_area(const Scene& scene, int track);
// With LevelGate::of_map(scene, track) at hand.
DrivableArea find_drivable_area(const Scene& scene, int track, const LevelGate& gate);

// The answer of the whole area, without a raster: not on the drivable side of the nearest edge and
// in no ring. The reach of lanes is not asked.
bool is_off_road(const DrivableArea& area, float x, float y);

}  // namespace forkroad
