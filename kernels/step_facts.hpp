// Facts per step, only when asked for: what each step says by itself.
#pragma once

#include "kernels/plan_facts.hpp"

namespace forkroad {

// What one step of a plan says, whatever the other steps say; only the place where the ego last
// stood is carried on, for stop signs. Brute force over the agents: nothing here is hot.
template <class F>
FORKROAD_HD void store_step(const WorldView& world, const RolloutParams& params,
                            const EgoStep<F>& ego, const RideStep<F>& ride, int step, int64_t at,
                            RuleFacts<F>& rules) {
  using S = ScalarOf<F>;
  const F zero = lit<F>(0.0), one = lit<F>(1.0);
  PlanFacts<F> facts = no_facts<F>(world, params);
  facts.rules.stopped_x = rules.stopped_x;
  facts.rules.stopped_y = rules.stopped_y;
  judge_step(world, params, ego, step, facts);
  judge_place(world, params, ego.now.x, ego.now.y, ego.now.cos, ego.now.sin, facts);
  rules = facts.rules;
  const size_t row = static_cast<size_t>(step) * static_cast<size_t>(world.num_agents);
  for (int agent = 0; agent < world.num_agents; ++agent) {
    const AgentCircle& circle = world.circles[row + static_cast<size_t>(agent)];
    const AgentStep<F> other =
        broadcast_agent<F>(circle, world.boxes[row + static_cast<size_t>(agent)]);
    meet_agent(ego, other, F(S(agent)), step, params.contact, facts.contact);
    foresee_agent(ego, other, F(S(agent)), step, facts.course);
  }
  finish_contact(params.contact, facts.contact);
  const StepTables& out = params.steps;
  const auto flag = [&](MaskOf<F> happens) { return select(happens, one, zero); };
  store(out.contact + at, flag(facts.contact.instant < lit<F>(kNeverInstant)));
  store(out.clearance + at, facts.contact.clearance + zero);
  store(out.clearance_track + at, facts.contact.clearance_agent);
  store(out.time_to_collision + at, facts.course.time);
  store(out.time_to_collision_track + at, facts.course.agent);
  store(out.progress + at, facts.progress + zero);
  const F along = fma(ego.velocity_x, ego.now.cos, ego.velocity_y * ego.now.sin);
  store(out.speed + at, along + zero);
  store(out.acceleration + at, ride.acceleration + zero);
  store(out.lateral_acceleration + at, ride.lateral_acceleration + zero);
  store(out.jerk + at, ride.jerk);
  store(out.longitudinal_jerk + at, ride.longitudinal_jerk + zero);
  store(out.yaw_rate + at, ride.yaw_rate + zero);
  store(out.yaw_acceleration + at, ride.yaw_acceleration + zero);
  store(out.off_road + at, flag(facts.road.off_road_step >= zero));
  store(out.against_lanes + at, flag(facts.lanes.opposite_lane_distance > zero));
  store(out.off_route + at, flag(facts.lanes.off_route_step >= zero));
  store(out.on_bike_lane + at, flag(facts.lanes.bike_lane_step >= zero));
  store(out.on_emergency_lane + at, flag(facts.lanes.emergency_lane_step >= zero));
  store(out.lane_feature + at, facts.lane_piece);
  store(out.lane_offset + at, facts.lane_offset + zero);
  store(out.lane_heading_error + at, facts.lane_heading_error + zero);
  store(out.red_light + at, flag(facts.rules.red_light_step >= zero));
  store(out.stop_sign + at, flag(facts.rules.stop_sign_step >= zero));
  store(out.crosswalk + at, flag(facts.rules.crosswalk_step >= zero));
  store(out.stuck + at, flag(facts.rules.stuck_step >= zero));
}

}  // namespace forkroad
