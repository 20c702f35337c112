// Facts of one plan as the passes gather them, and the tables that they are written to.
#pragma once

#include "kernels/rollout_params.hpp"

namespace forkroad {

// What the passes gather of a lane's plan.
template <class F>
struct PlanFacts {
  ContactFacts<F> contact;
  CourseFacts<F> course;
  RideFacts<F> ride;
  RoadFacts<F> road;
  LaneFacts<F> lanes;
  RuleFacts<F> rules;
  F progress;
  // where the last pose is on the lanes, see LaneProjection
  F lane_piece, lane_offset, lane_heading_error;
};

template <class F>
FORKROAD_HD PlanFacts<F> no_facts(const WorldView& world, const RolloutParams& params) {
  const F zero = lit<F>(0.0);
  return {no_contact<F>(params.contact),
          no_course<F>(params.collision_horizon),
          no_ride<F>(),
          no_road_facts<F>(),
          no_lane_facts<F>(),
          no_rule_facts<F>(world.rules),
          zero,
          lit<F>(-1.0),
          zero,
          zero};
}

// What one step says of the ego's own motion; the other road users and the ride come separately.
template <class F>
FORKROAD_HD void judge_step(const WorldView& world, const RolloutParams& params,
                            const EgoStep<F>& ego, int step, PlanFacts<F>& facts) {
  judge_drivable(world.road, params.resolve_mixed, ego.now, step, facts.road);
  if (world.lanes.columns > 0) {
    const F mx = ego.now.x - ego.before.x, my = ego.now.y - ego.before.y;
    judge_lanes(ask_centerlines(world.lanes, params.resolve_answers, ego.now.x, ego.now.y, mx, my,
                                facts.lanes),
                mx, my, step, facts.lanes);
  }
  if (step == 0) return;
  const size_t row = static_cast<size_t>(step) * static_cast<size_t>(world.num_agents);
  judge_stop_lines(world.rules, ego, step, facts.rules);
  judge_crosswalks(world.rules, ego, step, facts.rules);
  judge_stuck(world.rules, ego, world.circles + row, world.boxes + row, world.num_agents, step,
              facts.rules);
}

// Where the pose of a box is on the lanes.
template <class F>
FORKROAD_HD void judge_place(const WorldView& world, const RolloutParams& params, F x, F y, F cos,
                             F sin, PlanFacts<F>& facts) {
  facts.progress = project_to_path(world.path, x, y) - F(ScalarOf<F>(world.path_start));
  if (world.lanes.columns == 0) return;
  F relative_cos, relative_sin;
  if constexpr (kWidthOf<F> == 1) {
    using S = ScalarOf<F>;
    const LaneProjection place =
        project_to_lane(world.lanes, static_cast<float>(x), static_cast<float>(y),
                        static_cast<float>(cos), static_cast<float>(sin));
    facts.lane_piece = F(S(place.piece));
    facts.lane_offset = F(S(place.offset));
    relative_cos = F(S(place.cos));
    relative_sin = F(S(place.sin));
  } else {
    constexpr int kWidth = kWidthOf<F>;
    alignas(64) float at_x[kWidth], at_y[kWidth], at_cos[kWidth], at_sin[kWidth];
    alignas(64) float piece[kWidth], offset[kWidth], out_cos[kWidth], out_sin[kWidth];
    store(at_x, x);
    store(at_y, y);
    store(at_cos, cos);
    store(at_sin, sin);
    params.project_to_lane(world.lanes, kWidth, at_x, at_y, at_cos, at_sin, piece, offset, out_cos,
                           out_sin);
    facts.lane_piece = load<F>(piece);
    facts.lane_offset = load<F>(offset);
    relative_cos = load<F>(out_cos);
    relative_sin = load<F>(out_sin);
  }
  facts.lane_heading_error = angle_of(relative_cos, relative_sin);
}

// Writes what the other road users had to do with, of the lanes whose first plan lies at `at` in
// the tables.
template <class F>
FORKROAD_HD void store_meetings(const FactTables& tables, int64_t at, const PlanFacts<F>& facts) {
  const F zero = lit<F>(0.0);  // -0 becomes +0
  store(tables.contact_instant + at, facts.contact.instant);
  store(tables.contact_agent + at, facts.contact.agent);
  store(tables.contact_class + at, facts.contact.contact_class);
  store(tables.contact_relative_speed + at, facts.contact.relative_speed);
  store(tables.fault_instant + at, facts.contact.fault_instant);
  store(tables.fault_agent + at, facts.contact.fault_agent);
  store(tables.fault_class + at, facts.contact.fault_class);
  store(tables.fault_relative_speed + at, facts.contact.fault_relative_speed);
  store(tables.clearance + at, facts.contact.clearance + zero);
  store(tables.clearance_step + at, facts.contact.clearance_step);
  store(tables.clearance_agent + at, facts.contact.clearance_agent);
  store(tables.time_to_collision + at, facts.course.time);
  store(tables.time_to_collision_step + at, facts.course.step);
  store(tables.time_to_collision_agent + at, facts.course.agent);
}

// Writes the facts of the ego's own motion.
template <class F>
FORKROAD_HD void store_motion(const FactTables& tables, int64_t at, const PlanFacts<F>& facts) {
  const F zero = lit<F>(0.0);
  store(tables.progress + at, facts.progress + zero);
  store(tables.min_acceleration + at, facts.ride.min_acceleration + zero);
  store(tables.max_acceleration + at, facts.ride.max_acceleration + zero);
  store(tables.max_lateral_acceleration + at, facts.ride.max_lateral_acceleration);
  store(tables.max_jerk + at, facts.ride.max_jerk);
  store(tables.max_longitudinal_jerk + at, facts.ride.max_longitudinal_jerk);
  store(tables.max_yaw_rate + at, facts.ride.max_yaw_rate);
  store(tables.max_yaw_acceleration + at, facts.ride.max_yaw_acceleration);
  store(tables.discomfort_step + at, facts.ride.discomfort_step);
  store(tables.off_road_step + at, facts.road.off_road_step);
  store(tables.off_road_fault_step + at, facts.road.off_road_fault_step);
  store(tables.opposite_lane_distance + at, facts.lanes.opposite_lane_distance);
  store(tables.opposite_lane_step + at, facts.lanes.opposite_lane_step);
  store(tables.off_route_step + at, facts.lanes.off_route_step);
  store(tables.bike_lane_step + at, facts.lanes.bike_lane_step);
  store(tables.emergency_lane_step + at, facts.lanes.emergency_lane_step);
  store(tables.lane_piece + at, facts.lane_piece);
  store(tables.lane_offset + at, facts.lane_offset + zero);
  store(tables.lane_heading_error + at, facts.lane_heading_error + zero);
  store(tables.red_light_step + at, facts.rules.red_light_step);
  store(tables.stop_sign_step + at, facts.rules.stop_sign_step);
  store(tables.crosswalk_step + at, facts.rules.crosswalk_step);
  store(tables.stuck_step + at, facts.rules.stuck_step);
  store(tables.stuck_steps + at, facts.rules.stuck_steps);
}

}  // namespace forkroad
