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
  F progress;
};

template <class F>
FORKROAD_HD PlanFacts<F> no_facts(const RolloutParams& params) {
  return {no_contact<F>(params.contact), no_course<F>(params.collision_horizon), no_ride<F>(),
          no_road_facts<F>(), lit<F>(0.0)};
}

// What one step says of the ego's own motion; the other road users and the ride come separately.
template <class F>
FORKROAD_HD void judge_step(const WorldView& world, const RolloutParams& params,
                            const EgoStep<F>& ego, int step, PlanFacts<F>& facts) {
  judge_drivable(world.road, params.resolve_mixed, ego.now, step, facts.road);
  if (step > 0) judge_red_lights(world.road, ego.before, ego.now, step, facts.road);
}

// Once every step is in; (x, y): the box centre at the last one.
template <class F>
FORKROAD_HD void finish_facts(const WorldView& world, const RolloutParams& params, F x, F y,
                              PlanFacts<F>& facts) {
  facts.progress = project_to_path(world.path, x, y) - F(ScalarOf<F>(world.path_start));
  finish_contact(params.contact, facts.contact);
}

// Writes the facts of the lanes whose first plan lies at `at` in the tables.
template <class F>
FORKROAD_HD void store_facts(const FactTables& tables, int64_t at, const PlanFacts<F>& facts) {
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
  store(tables.red_light_step + at, facts.road.red_light_step);
}

}  // namespace forkroad
