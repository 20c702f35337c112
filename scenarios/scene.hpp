// Scene: one logged situation, immutable once built: tracks, map, lights, ego index, route.
//
// Units are SI and radians, x forward/east, y left/north. Positions are fp32 in the scene-local
// frame: `origin` (double) was subtracted in double precision first, so source = origin + local.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "scenarios/step_arrays.hpp"

namespace forkroad {

enum class AgentKind : uint8_t { kUnset, kVehicle, kPedestrian, kCyclist, kOther };

const char* agent_kind_name(AgentKind kind);

// The logged history of one road user. All its per-step arrays have Scene::num_steps entries.
struct Track : StepArrays {
  int64_t id = 0;
  AgentKind kind = AgentKind::kUnset;
  std::string raw_type;  // the source's own word for the type
};

enum class FeatureKind : uint8_t {
  kLane,
  kRoadLine,
  kRoadEdge,
  kStopSign,
  kCrosswalk,
  kSpeedBump,
  kDriveway,
  kDrivableArea
};

const char* feature_kind_name(FeatureKind kind);

// Map element codes shared by the field's vectorised formats (0-20; -1 unknown).
enum class MapType : int8_t {
  kUnknown = -1,
  kLaneUndefined = 0,
  kLaneFreeway = 1,
  kLaneSurfaceStreet = 2,
  kLaneBike = 3,
  kLaneEmergency = 4,  // hard shoulder; the one code that WOMD does not have
  kLineUnknown = 5,
  kLineBrokenSingleWhite = 6,
  kLineSolidSingleWhite = 7,
  kLineSolidDoubleWhite = 8,
  kLineBrokenSingleYellow = 9,
  kLineBrokenDoubleYellow = 10,
  kLineSolidSingleYellow = 11,
  kLineSolidDoubleYellow = 12,
  kLinePassingDoubleYellow = 13,
  kEdgeUnknown = 14,
  kEdgeBoundary = 15,
  kEdgeMedian = 16,
  kStopSign = 17,
  kCrosswalk = 18,
  kSpeedBump = 19,
  kDriveway = 20
};

// Without initial values, so that vectors of points are copied as memory is: Point3{} is 0.
struct Point3 {
  float x, y, z;  // [m] scene-local
};
static_assert(std::is_trivial_v<Point3>);

// A stretch of a lane along which another lane runs beside it.
struct LaneNeighbor {
  int64_t feature_id = 0;
  int32_t self_start = 0, self_end = 0;          // point indices into this lane
  int32_t neighbor_start = 0, neighbor_end = 0;  // point indices into the neighbour
};

// A stretch of a lane bounded by a road line or road edge.
struct LaneBoundary {
  int64_t feature_id = 0;
  int32_t lane_start = 0, lane_end = 0;  // point indices into this lane
  MapType type = MapType::kUnknown;
};

struct MapFeature {
  int64_t id = 0;
  FeatureKind kind = FeatureKind::kLane;
  MapType type = MapType::kUnknown;
  std::string raw_type;        // the source's own word for the type, empty: it has none
  std::vector<Point3> points;  // polyline; ring without repeated end for areas; 1 point: stop sign
  // lanes only
  float speed_limit = 0;  // [m/s], 0: not known
  bool interpolating = false;
  std::vector<int64_t> entry_lanes, exit_lanes;
  std::vector<LaneNeighbor> left_neighbors, right_neighbors;
  std::vector<LaneBoundary> left_boundaries, right_boundaries;
  // stop signs only
  std::vector<int64_t> controlled_lanes;
};

enum class LightState : uint8_t {
  kUnknown,
  kArrowStop,
  kArrowCaution,
  kArrowGo,
  kStop,
  kCaution,
  kGo,
  kFlashingStop,
  kFlashingCaution
};

const char* light_state_name(LightState state);

// The light that governs one lane at one step.
struct LaneSignal {
  int64_t lane_id = 0;
  LightState state = LightState::kUnknown;
  Point3 stop_point{};
};

// Where a scene came from.
struct Provenance {
  std::string format;        // "womd_scenario", "generated", ...
  std::string file;          // as given by the caller; empty: not from a file
  int64_t record = 0;        // index in the file
  int64_t byte_offset = -1;  // of the record's payload in the file
};

struct Scene {
  std::string id;
  double dt = 0;                   // [s] between steps
  int num_steps = 0;               // T >= 1
  int current_step = 0;            // the step a forecast starts from
  int ego = -1;                    // index into tracks, -1: the log has no ego
  std::array<double, 3> origin{};  // [m] source coordinates of the local (0, 0, 0)
  std::vector<double> timestamps;  // [s], T entries
  std::vector<Track> tracks;
  std::vector<MapFeature> features;
  std::vector<std::vector<LaneSignal>> signals;  // [T]
  std::vector<int64_t> route;                    // lane ids in driving order; empty: not given
  std::vector<int64_t> objects_of_interest;      // track ids
  std::vector<int32_t> tracks_to_predict;        // indices into tracks
  Provenance provenance;
  std::vector<std::string> assumptions;  // what a reader had to assume, in words

  // Index of the track with this id, -1: none.
  int find_track(int64_t track_id) const;
};

// Largest distance from the origin that a position may have [m]; beyond it fp32 is too coarse.
inline constexpr double kMaxLocalCoordinate = 100'000.0;

// Velocity components and speed limits stay below this [m/s]: far above any road user, so that
// only broken numbers fall out.
inline constexpr float kMaxSpeed = 10'000.0f;

// Box sizes stay below this [m].
inline constexpr float kMaxBoxSize = 1'000.0f;

// Checks what every consumer relies on: array lengths, finite numbers within range where valid,
// unique ids, indices inside their arrays, dt > 0. Returns an empty text if the scene holds to
// all of it, else one sentence naming what, got and expected.
std::string find_scene_fault(const Scene& scene);

}  // namespace forkroad
