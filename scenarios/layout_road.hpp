// What layouts are put together from: roads of parallel lanes and the boundaries around them.
#pragma once

#include "scenarios/layout.hpp"

namespace forkroad {

// The cross section of a road. Forward lanes lie right of the reference line, backward lanes left.
struct RoadSection {
  int forward = 1, backward = 1;  // lanes per direction
  double lane_width = 3.5;        // [m]
  double bike_width = 0;          // [m] of a bike lane beside each direction, 0: none
  double parking_width = 0;       // [m] of a strip for parked cars on each side, 0: none
  double shoulder = 0.4;          // [m] between the outermost lane and the edge
  double speed_limit = 13.9;      // [m/s]
  MapType lane_type = MapType::kLaneSurfaceStreet;
  MapType divider = MapType::kLineSolidDoubleYellow;  // on the reference line, if two-way
  MapType outer = MapType::kLineSolidSingleWhite;     // right of the outermost lane

  // From the reference line to the edge on one side [m].
  double half_width(bool forward_side) const;
};

// Indices into Layout::lanes, from the reference line outwards.
struct RoadLanes {
  std::vector<int> forward, backward;
  int forward_bike = -1, backward_bike = -1;
};

// Speeds that are signposted [m/s].
inline constexpr double kKph30 = 30 / 3.6, kKph50 = 50 / 3.6, kKph60 = 60 / 3.6;

// A random place and direction for a layout, so that no road runs along an axis.
CurvePoint random_pose(SceneRandom& random);

// A gentle slope.
Surface random_surface(SceneRandom& random, double max_slope);

// Adds the lanes and lines of a road; returns where its lanes are.
RoadLanes add_road(Layout& layout, int level, const Curve& reference, const RoadSection& section);

// The same, cut into `parts` of equal length that follow one another.
void add_road_in_parts(Layout& layout, int level, const Curve& reference,
                       const RoadSection& section, int parts);

// Appends a curve to a boundary.
void append_edge(std::vector<BoundaryPiece>& loop, const Curve& curve, EdgeRole role);
void append_line(std::vector<BoundaryPiece>& loop, Vec2 from, Vec2 to, EdgeRole role);

// The strip `right` to the right and `left` to the left of a reference line, closed at its ends.
std::vector<BoundaryPiece> strip_boundary(const Curve& reference, double right, double left,
                                          EdgeRole right_role, EdgeRole left_role);

// The pieces of a boundary without their roles.
std::vector<CurvePiece> boundary_pieces(const std::vector<BoundaryPiece>& loop);

// Adds a level bounded by one loop.
int add_level(Layout& layout, const Surface& surface, std::vector<BoundaryPiece> loop);

// Adds parking places along the parking strip of one side, between two arc lengths of the
// reference line.
void add_parking_row(Layout& layout, int level, const Curve& reference, const RoadSection& section,
                     bool forward_side, double from, double to);

// Links lanes whose ends and starts are the same place.
void link_lanes(Layout& layout);

}  // namespace forkroad
