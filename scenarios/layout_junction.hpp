// Straight arms that meet: the boundary with rounded corners, arms, lanes across the middle.
#pragma once

#include <array>

#include "scenarios/layout_road.hpp"

namespace forkroad {

// One arm of a junction, seen outwards from the middle: forward lanes lead away on the right.
struct JunctionArm {
  Vec2 out;             // unit, away from the middle
  RoadSection section;  // forward: lanes that lead away
  double length = 120;  // [m] from the middle to the end of the map
  bool crosswalk = false;
  // set by add_junction()
  double mouth = 0;      // [m] from the middle to where the straight edges begin
  double stop_line = 0;  // [m] from the middle to where lanes begin and end
  RoadLanes lanes;
};

// Where traffic turns to.
enum class Turn : uint8_t { kStraight, kLeft, kRight };

struct Junction {
  Vec2 center;
  double corner_radius = 8;       // [m]
  std::vector<JunctionArm> arms;  // counter-clockwise
  // what takes the place of the map's end behind each arm; empty: the end of the map
  std::vector<std::vector<BoundaryPiece>> endings;
};

// The place at a distance from the middle along an arm and to its left [m].
Vec2 place_on_arm(const Junction& junction, int arm, double along, double left);

// Sets mouths and stop lines and adds one level with the boundary, the lanes and lines of the
// arms, crosswalks where arms ask for one. Returns the level.
int add_junction(Layout& layout, Junction& junction, const Surface& surface);

// Adds the lane across the middle from a lane that leads in to one that leads out and returns
// its index.
int add_connector(Layout& layout, const Junction& junction, int from_arm, int from_lane, int to_arm,
                  int to_lane, Turn turn);

// Adds the lanes across a T of single lanes: arm 0 lies opposite arm 1, arm 2 is the side street
// on the right of who comes from arm 1. Who comes from the side street yields. Returns its two
// lanes, to arms 0 and 1.
std::array<int, 2> add_t_connectors(Layout& layout, const Junction& junction);

}  // namespace forkroad
