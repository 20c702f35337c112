// PdmScene: what the NAVSIM scorer needs to know of a scene. Public input type of the score cards
// `pdms` and `epdms`.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/pdm_view.hpp"

namespace forkroad {

enum class PdmVersion : uint8_t { kV1_1, kV2 };

enum class PdmLayer : uint8_t { kRoadblock, kLane, kLaneConnector, kIntersection, kCarpark };

struct PdmPolygon {
  PdmLayer layer = PdmLayer::kLane;
  bool on_route = false;                    // its id is among the route's lane ids
  std::vector<std::array<double, 2>> ring;  // [m] either orientation; a repeated end is dropped
};

// One state: x, y, heading, vx, vy, ax, ay, steering angle, steering rate, yaw rate, yaw
// acceleration of the rear axle; vx .. ay in the body frame.
using PdmState = std::array<double, kPdmColumns>;

struct PdmTrack {
  double length = 0, width = 0;  // [m] of the first appearance
  bool is_agent = true;          // vehicle, pedestrian or bicycle; false: static object
  bool removed = false;          // v2: overlaps the ego at the start and is dropped
  // per frame at 10 Hz
  std::vector<double> x, y, heading, vx, vy;  // box centre, world frame
  std::vector<uint8_t> valid;
};

struct PdmRedLight {
  int polygon = 0;              // index of a lane connector
  std::vector<uint8_t> is_red;  // [41]
};

struct PdmScene {
  std::string name;
  PdmState ego{};  // now
  int64_t time_us = 0;
  std::vector<PdmState> history;  // 4 past states, the last one is now; empty: none
  std::vector<int64_t> history_time_us;
  std::vector<std::array<double, 2>> centerline;
  std::vector<PdmPolygon> polygons;
  std::vector<PdmTrack> tracks;
  std::vector<PdmRedLight> red_lights;
};

// Throws std::invalid_argument naming scene, what, got and expected: fewer than 2 distinct centre
// line points, rings of fewer than 3 vertices, numbers that are not finite, histories whose time
// does not rise, too few frames for the version, indices out of range.
void check_pdm_scene(const PdmScene& scene, PdmVersion version);

}  // namespace forkroad
