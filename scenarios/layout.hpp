// A layout: the exact plan of a generated piece of road, from which the map, the truth about it
// and the traffic on it are made. Layout coordinates are metres in double precision.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "scenarios/plane_curve.hpp"
#include "scenarios/scene.hpp"
#include "scenarios/scene_random.hpp"

namespace forkroad {

enum class LayoutKind : uint8_t {
  kMultiLane,
  kCurve,
  kSignalisedCrossing,
  kUnsignalisedT,
  kRoundabout,
  kMerge,
  kOverpass,
  kParkingLot
};

// Every layout, in the order of LayoutKind.
std::span<const LayoutKind> all_layouts();

// "multi_lane", "curve", "signalised_crossing", "unsignalised_t", "roundabout", "merge",
// "overpass", "parking_lot".
const char* layout_name(LayoutKind kind);

// The layout with this name, nothing if there is none.
std::optional<LayoutKind> find_layout(std::string_view name);

// Height of a road: a plane, and on an overpass a hump along a line.
struct Surface {
  double height = 0, slope_x = 0, slope_y = 0;  // [m], [m/m]: height at the layout's origin
  Curve hump_line;                              // without pieces: no hump
  double hump_center = 0;                       // [m] along the line
  double hump_top = 0, hump_ramp = 0;           // [m] half of the level part, length of each ramp
  double hump_height = 0;                       // [m]

  double at(Vec2 point) const;
};

enum class EdgeRole : uint8_t { kBoundary, kMedian, kMapEnd };

// A stretch of the boundary of a drivable area; the drivable side lies on its left, as in WOMD.
struct BoundaryPiece {
  CurvePiece piece;
  EdgeRole role = EdgeRole::kBoundary;
};

// One connected drivable area at its height.
struct Level {
  Surface surface;
  std::vector<std::vector<BoundaryPiece>> loops;  // outer counter-clockwise, holes clockwise
  std::vector<std::vector<CurvePiece>> areas;     // rings without holes that make up the area
};

struct LayoutLane {
  Curve curve;             // the centre line
  double width = 3.5;      // [m]
  double speed_limit = 0;  // [m/s]
  MapType type = MapType::kLaneSurfaceStreet;
  int level = 0;
  bool in_junction = false;   // may cross or join other lanes of a junction
  int priority = 0;           // where lanes conflict the higher one goes first
  bool must_stop = false;     // a stop sign stands at the start
  int signal_group = -1;      // of Layout::signals, which governs the entry; -1: no light
  int left = -1, right = -1;  // lanes beside it in the same direction, for lane changes
  std::vector<int> entries, exits;
};

struct LayoutLine {
  Curve curve;
  MapType type = MapType::kLineUnknown;
  int level = 0;
};

// Where pedestrians cross, from kerb to kerb.
struct Crosswalk {
  Vec2 from, to;
  double width = 3;  // [m]
  int level = 0;
  int signal_group = -1;  // people walk while this group has go; -1: when there is a gap
};

// A line beside the road on which pedestrians walk.
struct Sidewalk {
  Curve curve;
  int level = 0;
};

// Room for one parked car.
struct ParkingPlace {
  CurvePoint center;
  double length = 0, width = 0;  // [m]
  int level = 0;
};

struct StopSign {
  Vec2 position;
  std::vector<int> lanes;
  int level = 0;
};

struct Driveway {
  std::vector<Vec2> ring;
  int level = 0;
};

// Red, round or an arrow.
bool is_red(LightState state);

struct SignalPhase {
  double duration = 0;             // [s]
  std::vector<LightState> states;  // by group
};

struct SignalProgram {
  std::vector<SignalPhase> phases;
  double offset = 0;  // [s] into the program at time 0

  double cycle() const;
  LightState state(int group, double time) const;
  // Seconds for which the group keeps the state that it has at `time`.
  double remaining(int group, double time) const;
};

struct Layout {
  LayoutKind kind = LayoutKind::kMultiLane;
  std::vector<Level> levels;
  std::vector<LayoutLane> lanes;
  std::vector<LayoutLine> lines;
  std::vector<Crosswalk> crosswalks;
  std::vector<Sidewalk> sidewalks;
  std::vector<ParkingPlace> parking;
  std::vector<StopSign> stop_signs;
  std::vector<Driveway> driveways;
  SignalProgram signals;
  double parked_share = 0.5;  // of the parking places that are taken
  double traffic = 1;         // more or fewer vehicles than usual
};

// A layout with random geometry, the same for the same stream.
Layout make_layout(LayoutKind kind, SceneRandom& random);

}  // namespace forkroad
