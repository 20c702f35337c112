// What the rollout passes read and write: plain views, the same on CPU and GPU.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/agent_steps.hpp"
#include "kernels/centerlines.hpp"
#include "kernels/reference_path.hpp"
#include "kernels/ride.hpp"
#include "kernels/road.hpp"
#include "kernels/time_to_collision.hpp"
#include "kernels/traffic_rules.hpp"

namespace forkroad {

// Plans lie in blocks of this many, plan-minor within a block: [blocks, rows, kPlanBlock]. A block
// is a warp's worth on the GPU, and on the CPU a group of lanes streams through one block instead
// of striding over all plans. The last block is padded with copies of the last plan.
inline constexpr int kPlanBlock = 32;

// Where plan `plan` lies in row `row` of such a table with `rows` rows per block.
FORKROAD_HD int64_t in_plan_blocks(int plan, int64_t row, int64_t rows) {
  return (static_cast<int64_t>(plan / kPlanBlock) * rows + row) * kPlanBlock + plan % kPlanBlock;
}

enum class PlanKind : uint8_t {
  kPoses,    // x [m], y [m], heading [rad] of the reference point
  kControls  // acceleration [m/s^2], curvature [1/m] of the rear axle's path
};

FORKROAD_HD constexpr size_t plan_columns(PlanKind kind) {
  return kind == PlanKind::kPoses ? 3 : 2;
}

// How the pose at a rollout step is found between the plan's poses: the same for all plans.
struct PlanSample {
  int32_t lower;   // plan step at or before, -1: the start pose
  int32_t upper;   // plan step at or after
  float fraction;  // of the way from lower to upper; upper = lower: exactly there
};

// One world: where the ego starts and whom it may meet. Scene-local metres and radians.
struct WorldView {
  // the plan's reference point at the start
  float x = 0, y = 0;
  float cos = 1, sin = 0;
  float heading = 0;
  float speed = 0;                       // [m/s] along the heading
  float velocity_x = 0, velocity_y = 0;  // [m/s] of the box centre
  float center_offset = 0;               // [m] reference point to box centre, along the heading
  bool at_center = true;                 // offset 0: poses keep their bits
  float half_length = 0, half_width = 0, radius = 0;
  float dt = 0;           // [s]
  float rate = 0;         // [1/s] 1 / dt
  int32_t num_steps = 0;  // steps after the start, instants 0 .. num_steps
  int32_t num_agents = 0;
  int32_t padded_agents = 0;
  const AgentCircle* circles = nullptr;  // [num_steps + 1, num_agents]
  const AgentBox* boxes = nullptr;       // [num_steps + 1, num_agents]
  const float* tile_boxes = nullptr;     // [tiles, 4, padded_agents]: min x, min y, max x, max y
  const PastPose* past = nullptr;        // [3 * ride_steps], 1, 2, ... steps before the start
  int32_t ride_steps = 1;                // steps of a ride's span
  float ride_rate = 0;                   // [1/s] 1 / span
  RoadView road;
  CenterlineView lanes;
  RuleView rules;
  PathView path;
  float path_start = 0;                 // [m] arc length of the start centre's projection
  const float* plans = nullptr;         // plan blocks of [plan steps, columns] rows
  const PlanSample* samples = nullptr;  // [num_steps + 1]
};

// The passes' own outputs, before they are turned into facts: one name per table.
#define FORKROAD_FACT_TABLES(X) \
  X(contact_instant)            \
  X(contact_agent)              \
  X(contact_class)              \
  X(contact_relative_speed)     \
  X(fault_instant)              \
  X(fault_agent)                \
  X(fault_class)                \
  X(fault_relative_speed)       \
  X(clearance)                  \
  X(clearance_step)             \
  X(clearance_agent)            \
  X(time_to_collision)          \
  X(time_to_collision_step)     \
  X(time_to_collision_agent)    \
  X(progress)                   \
  X(min_acceleration)           \
  X(max_acceleration)           \
  X(max_lateral_acceleration)   \
  X(max_jerk)                   \
  X(max_longitudinal_jerk)      \
  X(max_yaw_rate)               \
  X(max_yaw_acceleration)       \
  X(discomfort_step)            \
  X(off_road_step)              \
  X(off_road_fault_step)        \
  X(opposite_lane_distance)     \
  X(opposite_lane_step)         \
  X(off_route_step)             \
  X(bike_lane_step)             \
  X(emergency_lane_step)        \
  X(lane_piece)                 \
  X(lane_offset)                \
  X(lane_heading_error)         \
  X(red_light_step)             \
  X(stop_sign_step)             \
  X(crosswalk_step)             \
  X(stuck_step)                 \
  X(stuck_steps)

// One table per name: [worlds, padded_plans], plan-minor.
struct FactTables {
#define FORKROAD_TABLE(name) float* name = nullptr;
  FORKROAD_FACT_TABLES(FORKROAD_TABLE)
#undef FORKROAD_TABLE
};

#define FORKROAD_TABLE(name) +1
inline constexpr int kNumFactTables = 0 FORKROAD_FACT_TABLES(FORKROAD_TABLE);
#undef FORKROAD_TABLE

// Consecutive tables of `size` floats each, from `base` on.
inline FactTables carve_fact_tables(float* base, size_t size) {
  FactTables tables;
#define FORKROAD_TABLE(name) \
  tables.name = base;        \
  base += size;
  FORKROAD_FACT_TABLES(FORKROAD_TABLE)
#undef FORKROAD_TABLE
  return tables;
}

// Facts per step: type, name, unit, how the passes' number becomes the fact, meaning. It generates
// the tables below, the arrays that callers read and their bindings.
#define FORKROAD_STEP_FIELDS(X)                                                                  \
  X(uint8_t, contact, "", as_number, "contact since the step before")                            \
  X(float, clearance, "m", as_number, "signed distance to the nearest agent, saturated")         \
  X(int32_t, clearance_track, "", as_track, "scene track that the clearance is to")              \
  X(float, time_to_collision, "s", as_number, "until contact at constant velocities, saturated") \
  X(int32_t, time_to_collision_track, "", as_track, "scene track that the time is to")           \
  X(float, progress, "m", as_number, "advance along the reference path")                         \
  X(float, speed, "m/s", as_number, "along the heading, mean since the step before")             \
  X(float, acceleration, "m/s^2", as_number, "along the heading, 0.5 s before the step")         \
  X(float, lateral_acceleration, "m/s^2", as_number, "to the left, 0.5 s before the step")       \
  X(float, jerk, "m/s^3", as_number, "magnitude")                                                \
  X(float, longitudinal_jerk, "m/s^3", as_number, "along the heading")                           \
  X(float, yaw_rate, "rad/s", as_number, "mean over the last 0.5 s")                             \
  X(float, yaw_acceleration, "rad/s^2", as_number, "over the last second")                       \
  X(uint8_t, off_road, "", as_number, "a corner is off the drivable area")                       \
  X(uint8_t, against_lanes, "", as_number, "drives against the lanes")                           \
  X(uint8_t, off_route, "", as_number, "more than 4 m from the route")                           \
  X(uint8_t, on_bike_lane, "", as_number, "the centre is on a lane for bicycles")                \
  X(uint8_t, on_emergency_lane, "", as_number, "the centre is on a lane for emergencies")        \
  X(int32_t, lane_feature, "", as_feature, "map feature of the lane that the pose is on")        \
  X(float, lane_offset, "m", as_number, "from that lane's centre, left positive")                \
  X(float, lane_heading_error, "rad", as_number, "heading relative to that lane")                \
  X(uint8_t, red_light, "", as_number, "the front crosses a stop line on red")                   \
  X(uint8_t, stop_sign, "", as_number, "the front passes a stop sign without having stood")      \
  X(uint8_t, crosswalk, "", as_number, "the front enters a crosswalk that somebody is on")       \
  X(uint8_t, stuck, "", as_number, "slow before a green light though the way is clear")

// Laid out as the ego tables. CPU lanes only; null unless facts per step are asked for.
struct StepTables {
#define FORKROAD_STEP_TABLE(type, name, unit, convert, meaning) float* name = nullptr;
  FORKROAD_STEP_FIELDS(FORKROAD_STEP_TABLE)
#undef FORKROAD_STEP_TABLE
};

#define FORKROAD_STEP_TABLE(type, name, unit, convert, meaning) +1
inline constexpr int kNumStepTables = 0 FORKROAD_STEP_FIELDS(FORKROAD_STEP_TABLE);
#undef FORKROAD_STEP_TABLE

// Consecutive tables of `size` floats each, from `base` on.
inline StepTables carve_step_tables(float* base, size_t size) {
  StepTables tables;
#define FORKROAD_STEP_TABLE(type, name, unit, convert, meaning) \
  tables.name = base;                                           \
  base += size;
  FORKROAD_STEP_FIELDS(FORKROAD_STEP_TABLE)
#undef FORKROAD_STEP_TABLE
  return tables;
}

// Box centre poses of the ego over time: per world, plan blocks of max_steps + 1 rows.
struct EgoTables {
  float* x = nullptr;
  float* y = nullptr;
  float* cos = nullptr;
  float* sin = nullptr;
  float* heading = nullptr;
};

struct RolloutParams {
  const WorldView* worlds = nullptr;
  int32_t num_worlds = 0;
  int32_t padded_plans = 0;  // multiple of kPlanBlock
  int32_t plan_steps = 0;    // steps that the plans hold
  int32_t max_steps = 0;     // largest WorldView::num_steps
  PlanKind plan_kind = PlanKind::kPoses;
  bool ego_frame = false;  // plan poses are relative to the start pose
  float min_speed = 0;     // [m/s]
  SweptContact contact;
  float collision_horizon = 0;  // [s]
  ComfortLimits comfort;
  // scalar work of CPU lanes, nullptr elsewhere
  ResolveMixed resolve_mixed = nullptr;
  ResolveAnswers resolve_answers = nullptr;
  ProjectToLane project_to_lane = nullptr;
  FactTables facts;
  StepTables steps;
  EgoTables ego;  // GPU: always set, the tracker's output; CPU: only when traces are asked for
};

// Where plan `plan` of a world at a step lies in the ego tables.
FORKROAD_HD int64_t in_ego_tables(const RolloutParams& params, int world, int step, int plan) {
  const int64_t rows = params.max_steps + 1;
  return static_cast<int64_t>(world) * params.padded_plans * rows +
         in_plan_blocks(plan, step, rows);
}

}  // namespace forkroad
