// What the NAVSIM scoring passes read: one scene, packed, in the precision of the lanes.
//
// Positions are relative to the ego's rear axle at the start (subtracted in double), directions are
// the world's.
#pragma once

#include <cstdint>

namespace forkroad {

// Constants of the NAVSIM scorer (navsim/planning/simulation/planner/pdm_planner).
inline constexpr int kPdmSteps = 40;  // 0.1 s each, states 0 .. 40
inline constexpr int kPdmStates = kPdmSteps + 1;
inline constexpr int kPdmColumns = 11;             // x, y, heading, vx, vy, ax, ay, steering angle,
                                                   // steering rate, yaw rate, yaw acceleration
inline constexpr double kPdmDt = 0.1;              // [s]
inline constexpr double kPdmWheelBase = 3.089;     // [m] nuPlan's "Pacifica"
inline constexpr double kPdmRearToCenter = 1.461;  // [m]
inline constexpr double kPdmHalfLength = 2.588;    // [m]
inline constexpr double kPdmHalfWidth = 1.1485;    // [m]
inline constexpr double kPdmRadius = 2.8315;       // [m] circumradius of the box, rounded up
inline constexpr int kPdmTileSteps = 7;            // steps that share candidate lists
inline constexpr int kPdmTtcFrames = 9;            // furthest frame that TTC looks ahead
inline constexpr int kPdmMaxHistory = 24;          // rows before the roll-out that HC may see

enum PdmPolygonFlag : uint8_t {
  kPdmDrivable = 1,  // roadblock, intersection or car park
  kPdmLane = 2,      // lane or lane connector
  kPdmOnRoute = 4,   // lane or connector of the route
  kPdmIntersection = 8
};

// One edge of a ring from (x0, y0) to (x1, y1). Doubles find where a ray meets it; floats find the
// signed distance from its line, normal_x * x + normal_y * y - offset, negative left of it
// (normal_x >= 0): that is the decision and its margin in one.
template <class S>
struct PdmEdge;

template <>
struct PdmEdge<double> {
  double y0, y1;
  double x0;
  double slope;  // dx / dy, 0 if level
};

template <>
struct alignas(32) PdmEdge<float> {
  float y0, y1;
  float x0, x1;
  float normal_x, normal_y, offset;
};

// One object at one frame.
template <class S>
struct PdmObject {
  S x, y;                     // [m] box centre; kFarAway if absent
  S reach;                    // [m] its circumradius plus the ego's, plus slack
  S cos, sin;                 // heading
  S half_length, half_width;  // [m]
};

// The centre line: `size` >= 2 vertices, neighbours distinct, their arc lengths [m] and what each
// of the size - 1 segments spans.
template <class S>
struct PdmLine {
  const S* x = nullptr;
  const S* y = nullptr;
  const S* arc = nullptr;
  const S* dx = nullptr;  // [m]
  const S* dy = nullptr;
  const S* length = nullptr;   // [m]
  const S* length2 = nullptr;  // [m^2]
  int32_t size = 0;
};

template <class S>
struct PdmView {
  // drivable map: rings without repeated end; polygon p has edges edge_begin[p] .. edge_begin[p +
  // 1]
  const S* edge_x = nullptr;  // [edges] start of each edge
  const S* edge_y = nullptr;
  const PdmEdge<S>* edges = nullptr;       // [edges]
  const int32_t* edge_begin = nullptr;     // [polygons + 1]
  const uint8_t* polygon_flags = nullptr;  // [polygons] PdmPolygonFlag
  const S* polygon_bounds = nullptr;       // [polygons, 4]: min x, min y, max x, max y
  int32_t num_polygons = 0;
  // objects
  const PdmObject<S>* objects = nullptr;  // [frames, num_objects]
  const S* object_bounds = nullptr;   // [tiles, num_objects, 4] over a tile's steps and TTC frames
  const uint8_t* is_agent = nullptr;  // [num_objects] 0: static object
  const uint8_t* is_stopped = nullptr;  // [num_objects] static, or at most 0.05 m/s at first sight
  int32_t num_objects = 0;
  int32_t num_frames = 0;  // 41 (v2) or 51 (v1.1)
  // red lights
  const int32_t* red_polygon = nullptr;  // [num_red] polygon index
  const uint8_t* red_on = nullptr;       // [num_red, kPdmStates]
  int32_t num_red = 0;
  PdmLine<S> line;
  bool version_2 = true;
};

// What the tracker and the comfort terms read; always double.
struct PdmTrackerView {
  double start[kPdmColumns] = {};          // state 0, position (0, 0)
  const double* speed_map = nullptr;       // [40, 40] plan displacements -> speed profile
  const double* plans = nullptr;           // plan blocks of [41, 3] rows
  const double* states = nullptr;          // given states instead: plan blocks of [41, 11] rows
  double history_ax[kPdmMaxHistory] = {};  // rows in front of the roll-out
  double history_ay[kPdmMaxHistory] = {};
  double history_magnitude[kPdmMaxHistory] = {};
  double history_heading[kPdmMaxHistory] = {};
  int32_t num_history = 0;
  PdmLine<double> line;  // progress is measured in double in every mode
};

}  // namespace forkroad
