// Road users who react to each other on a layout: who they are, what they know of their way, and
// the world that moves them. One step is synchronous: everyone decides on the same state.
#pragma once

#include <string>
#include <vector>

#include "scenarios/layout.hpp"
#include "scenarios/scene_random.hpp"
#include "scenarios/traffic_conflicts.hpp"
#include "scenarios/traffic_path.hpp"

namespace forkroad {

// A box on the ground.
struct Footprint {
  Vec2 center, direction;                  // direction: unit
  double half_length = 0, half_width = 0;  // [m]
  int level = 0;

  Vec2 corner(int index) const;  // 0 .. 3
  double radius() const { return std::sqrt(half_length * half_length + half_width * half_width); }
};

// Distance of two boxes along the best separating axis [m]: at most their distance, negative if
// they overlap.
double separation(const Footprint& a, const Footprint& b);

// Parameters of the intelligent driver model (Treiber, Hennecke, Helbing 2000), softened where a
// leader comes in close (Kesting, Treiber, Helbing 2010).
struct Driver {
  double headway = 1.4;       // [s]
  double min_gap = 2.0;       // [m]
  double acceleration = 1.6;  // [m/s^2]
  double comfort = 2.2;       // [m/s^2] braking
};

// Where a path enters a junction lane.
struct Gate {
  size_t lane_at = 0;    // which lane of the plan
  double along = 0;      // [m] along the path
  bool stopped = false;  // has stood at the stop sign
};

// Where a path crosses a crosswalk.
struct PathCrossing {
  int crosswalk = 0;
  double from = 0, to = 0;            // [m] along the path
  double walk_from = 0, walk_to = 0;  // [m] along the crosswalk: the lane's width
};

// Someone who drives: a vehicle or a cyclist.
struct Vehicle {
  int64_t id = 0;
  AgentKind kind = AgentKind::kVehicle;
  std::string raw_type;
  double length = 4.7, width = 1.9, height = 1.6;  // [m]
  double rear_to_center = 1.4;                     // [m]
  Driver driver;
  DrivePlan plan;
  DrivePath path;
  std::vector<Gate> gates;
  std::vector<PathCrossing> crossings;
  std::vector<int> route;  // lanes in driving order, lane changes included
  int level = 0;
  bool active = true;
  bool stays = false;       // stops at the end of its way instead of leaving
  double along = 0;         // [m] of the rear axle
  double speed = 0;         // [m/s]
  double acceleration = 0;  // [m/s^2]
  double next_look = 0;     // [s] when to think of a lane change again
  Footprint box;

  double front() const { return along + rear_to_center + 0.5 * length; }
  double rear() const { return along + rear_to_center - 0.5 * length; }
  void update_box();
};

// Someone on foot, who walks along a line.
struct Walker {
  int64_t id = 0;
  double size = 0.6, height = 1.7;  // [m]
  Curve line;
  int crosswalk = -1;  // -1: on a sidewalk
  int level = 0;
  double side = 0;    // [m] from the line, so that nobody walks into anyone
  double pace = 1.3;  // [m/s] when walking
  double along = 0;
  double speed = 0;
  double start_time = 0;  // [s] not before
  bool started = false, done = false;
  Footprint box;

  void update_box();
};

struct ParkedCar {
  int64_t id = 0;
  double length = 4.5, width = 1.8, height = 1.5;
  Footprint box;
};

struct TrafficWorld {
  const Layout* layout = nullptr;
  const std::vector<std::vector<LaneConflict>>* conflicts = nullptr;
  SceneRandom* random = nullptr;
  double time = 0;  // [s], 0: the first logged step
  std::vector<Vehicle> vehicles;
  std::vector<Walker> walkers;
  std::vector<ParkedCar> parked;
  std::vector<double> next_arrival;  // [s] by lane, where vehicles come in from outside
  double density = 1;
  size_t max_vehicles = 64;  // at one time
  int64_t next_id = 1;

  // Advances everyone by one step [s].
  void step(double dt);
};

// Gives a vehicle its path, gates and crossings from its plan.
void set_path(const Layout& layout, const std::vector<std::vector<LaneConflict>>& conflicts,
              Vehicle& vehicle);

// Acceleration that leaders, gates and people on foot leave to one vehicle [m/s^2].
double choose_acceleration(const TrafficWorld& world, size_t self);

// Acceleration of the driver model behind something at `gap` [m] that moves on at `lead_speed`
// and speeds up by `lead_acceleration`.
double follow(const Vehicle& vehicle, double gap, double lead_speed,
              double lead_acceleration = 0.0);

// The tightest limit by lights, stop signs, conflicts and people on crosswalks [m/s^2].
double yield_acceleration(const TrafficWorld& world, size_t self);

// Lets vehicles change lanes where it helps them and hurts nobody.
void change_lanes(TrafficWorld& world);

// Moves people on foot.
void move_walkers(TrafficWorld& world, double dt);

// Fills a world with road users, and lets more come in from outside during a run.
void populate(TrafficWorld& world);
void let_arrive(TrafficWorld& world);

}  // namespace forkroad
