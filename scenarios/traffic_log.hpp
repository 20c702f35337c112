// Traffic on a layout, simulated, logged and checked.
#pragma once

#include <string>
#include <vector>

#include "scenarios/traffic.hpp"

namespace forkroad {

struct TrafficSpec {
  double dt = 0.1;  // [s] between logged steps
  int num_steps = 91;
  size_t max_vehicles = 64;  // at one time
};

struct LoggedState {
  bool present = false;
  Vec2 center;         // [m] of the box
  double heading = 0;  // [rad], not wrapped
  Vec2 velocity;       // [m/s] of the centre
  double front = 0;    // [m] of the front bumper along a vehicle's path
};

struct LoggedUser {
  int64_t id = 0;
  AgentKind kind = AgentKind::kVehicle;
  std::string raw_type;
  double length = 0, width = 0, height = 0;  // [m]
  int level = 0;
  bool parked = false;
  int vehicle = -1;                 // index into TrafficLog::vehicles, -1: parked or on foot
  std::vector<LoggedState> states;  // by step
};

// Why a run was thrown away.
enum class TrafficFault : uint8_t {
  kNone,
  kContact,       // two boxes touch or nearly touch
  kOffRoad,       // a corner leaves the drivable area
  kAcceleration,  // beyond what the log may hold
  kRedLight,      // someone entered on red
  kNoEgo          // nobody is there all the time and moves
};

// "contact", "off_road", "acceleration", "red_light", "no_ego"; "none".
const char* traffic_fault_name(TrafficFault fault);

struct TrafficLog {
  std::vector<LoggedUser> users;
  std::vector<Vehicle> vehicles;  // as they were at the end
  TrafficFault fault = TrafficFault::kNone;
};

// Populates the layout, lets traffic settle for a few seconds, then logs it. A run with a fault
// is returned as soon as the fault is seen.
TrafficLog run_traffic(const Layout& layout,
                       const std::vector<std::vector<LaneConflict>>& conflicts,
                       const TrafficSpec& spec, SceneRandom& random);

// The vehicle that is there at every step and has the most to do: index into
// TrafficLog::users, -1: there is none.
int choose_ego(const Layout& layout, const TrafficLog& log, int current_step, SceneRandom& random);

// The user whose box comes nearest to another's over the log, -1: there is none.
int nearest_user(const TrafficLog& log, int user, double& distance);

Footprint footprint_of(const LoggedUser& user, size_t step);

}  // namespace forkroad
