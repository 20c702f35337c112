// Facts: what a rollout measured, raw, beside the same facts about the log itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/rollout_params.hpp"
#include "sim/rollout_spec.hpp"

namespace forkroad {

// The one list of facts: type, name, unit, invalid value, meaning. It generates the arrays below,
// their bindings and the Parquet columns.
#define FORKROAD_FACT_FIELDS(X)                                                                    \
  X(int32_t, contact_step, "step", "-1", "rollout step at or before which contact first happens")  \
  X(float, contact_time, "s", "-1", "time of first contact after the start, to the sub-step")      \
  X(int32_t, contact_track, "", "-1", "scene track of the first partner, least index on a tie")    \
  X(uint8_t, contact_class, "", "0", "ContactClass of the first contact")                          \
  X(float, contact_relative_speed, "m/s", "0", "relative speed of the centres at first contact")   \
  X(int32_t, fault_step, "step", "-1",                                                             \
    "rollout step at or before which a contact begins that is the plan's fault")                   \
  X(int32_t, fault_track, "", "-1", "scene track of the partner of that contact")                  \
  X(uint8_t, fault_class, "", "0", "ContactClass of that contact")                                 \
  X(float, fault_relative_speed, "m/s", "0", "relative speed of the centres at that contact")      \
  X(float, clearance, "m", "limit", "least signed distance to anyone, saturated at the limit")     \
  X(int32_t, clearance_step, "step", "-1", "rollout step of the clearance")                        \
  X(int32_t, clearance_track, "", "-1", "scene track that the clearance is to")                    \
  X(float, time_to_collision, "s", "horizon",                                                      \
    "least time until contact with anyone not behind, if both kept their velocity")                \
  X(int32_t, time_to_collision_step, "step", "-1", "rollout step of the time to collision")        \
  X(int32_t, time_to_collision_track, "", "-1", "scene track that the time to collision is to")    \
  X(float, progress, "m", "", "advance of the box centre along the reference path")                \
  X(float, min_acceleration, "m/s^2", "", "least acceleration along the heading")                  \
  X(float, max_acceleration, "m/s^2", "", "largest acceleration along the heading")                \
  X(float, max_lateral_acceleration, "m/s^2", "", "largest acceleration to either side")           \
  X(float, max_jerk, "m/s^3", "", "largest magnitude of the jerk")                                 \
  X(float, max_longitudinal_jerk, "m/s^3", "", "largest magnitude of the jerk along the heading")  \
  X(float, max_yaw_rate, "rad/s", "", "largest magnitude of the yaw rate")                         \
  X(float, max_yaw_acceleration, "rad/s^2", "", "largest magnitude of the yaw acceleration")       \
  X(int32_t, discomfort_step, "step", "-1", "first step at which a limit of comfort is passed")    \
  X(int32_t, off_road_step, "step", "-1",                                                          \
    "first step with a corner off the drivable area; -2: the map does not say")                    \
  X(int32_t, off_road_fault_step, "step", "-1",                                                    \
    "the same where the log itself is not off the road about there and then")                      \
  X(float, opposite_lane_distance, "m", "0", "driven against the lanes, outside junctions")        \
  X(int32_t, opposite_lane_step, "step", "-1",                                                     \
    "first step by which 2 m were driven against the lanes; -2: the map has none")                 \
  X(int32_t, off_route_step, "step", "-1", "first step more than 4 m from all lanes of the route") \
  X(int32_t, bike_lane_step, "step", "-1",                                                         \
    "first step with the centre on a lane for bicycles; -2: the map has none")                     \
  X(int32_t, emergency_lane_step, "step", "-1",                                                    \
    "first step with the centre on an emergency lane (hard shoulder); -2: the map has none")       \
  X(int32_t, lane_feature, "", "-1", "map feature of the lane that the last pose is on")           \
  X(int8_t, lane_type, "", "-1", "MapType of that lane")                                           \
  X(float, lane_offset, "m", "0", "of the last pose from that lane's centre, left positive")       \
  X(float, lane_heading_error, "rad", "0", "heading of the last pose relative to that lane")       \
  X(int32_t, red_light_step, "step", "-1",                                                         \
    "first step by which the front has crossed a stop line on red")                                \
  X(int32_t, stop_sign_step, "step", "-1",                                                         \
    "first step by which the front has passed a stop sign without having stood before it")         \
  X(int32_t, crosswalk_step, "step", "-1",                                                         \
    "first step at which the front enters a crosswalk that somebody is on")                        \
  X(int32_t, stuck_step, "step", "-1",                                                             \
    "first step slower than 2 m/s before a green light though the way is clear")                   \
  X(float, stuck_time, "s", "0", "spent so")

// One array per fact, all of one length.
struct FactColumns {
#define FORKROAD_COLUMN(type, name, unit, invalid, meaning) std::vector<type> name;
  FORKROAD_FACT_FIELDS(FORKROAD_COLUMN)
#undef FORKROAD_COLUMN

  void resize(size_t size);
};

struct Facts {
  RolloutSpec spec;
  std::string agent_model;
  int num_worlds = 0;
  int num_plans = 0;
  std::vector<int64_t> plan_ids;  // [G]
  std::vector<uint8_t> exists;    // [B, G], 0: this plan is masked out and its facts mean nothing
  std::vector<int> num_steps;     // [B] steps simulated
  std::vector<double> dt;         // [B] [s]
  FactColumns plans;              // [B, G]
  FactColumns log;                // [B] the logged motion of the focal agent under the same spec
};

// One array per fact of a step, [B, G, H + 1] each; 0 past a world's last step.
struct StepColumns {
#define FORKROAD_COLUMN(type, name, unit, convert, meaning) std::vector<type> name;
  FORKROAD_STEP_FIELDS(FORKROAD_COLUMN)
#undef FORKROAD_COLUMN
};

// Poses over time, only when asked for: box centres, scene-local.
struct RolloutTraces {
  bool with_steps = false;                       // set before a rollout: fill `steps` too
  int num_steps = 0;                             // H: instants 0 .. H
  std::vector<float> ego_x, ego_y, ego_heading;  // [B, G, H + 1], NaN past a world's last step
  std::vector<std::vector<int>> agent_track;     // [B][N] scene track of each agent
  std::vector<std::vector<float>> agent_x, agent_y, agent_heading;  // [B][(H_b + 1) * N], NaN:
                                                                    // not observed
  StepColumns steps;                                                // empty unless asked for
};

}  // namespace forkroad
