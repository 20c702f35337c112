#include "sim/rollout_results.hpp"

#include <limits>
#include <type_traits>

namespace forkroad {

void type_facts(const FactTables& raw, size_t from, size_t count, const Scene& scene,
                const WorldSetup& setup, const ContactRule& rule, FactColumns& facts, size_t to) {
  const float instant_time =
      static_cast<float>(setup.window.dt / static_cast<double>(rule.substeps));
  const auto track_of = [&](float agent) {
    return agent < 0.0f ? -1 : setup.agents.track[static_cast<size_t>(agent)];
  };
  // the step at or after an instant
  const auto step_of = [&](float instant) {
    return instant < kNeverInstant ? (static_cast<int>(instant) + rule.substeps - 1) / rule.substeps
                                   : -1;
  };
  const Centerlines& lanes = setup.lanes.lines();
  const bool map_known = setup.drivable.num_cells() > 0;
  for (size_t plan = from; plan < from + count; ++plan) {
    const size_t at = to + plan - from;
    facts.contact_step[at] = step_of(raw.contact_instant[plan]);
    facts.contact_time[at] =
        facts.contact_step[at] < 0 ? -1.0f : raw.contact_instant[plan] * instant_time;
    facts.contact_track[at] = track_of(raw.contact_agent[plan]);
    facts.contact_class[at] = static_cast<uint8_t>(raw.contact_class[plan]);
    facts.contact_relative_speed[at] = raw.contact_relative_speed[plan];
    facts.fault_step[at] = step_of(raw.fault_instant[plan]);
    facts.fault_track[at] = track_of(raw.fault_agent[plan]);
    facts.fault_class[at] = static_cast<uint8_t>(raw.fault_class[plan]);
    facts.fault_relative_speed[at] = raw.fault_relative_speed[plan];
    facts.clearance[at] = raw.clearance[plan];
    facts.clearance_step[at] = static_cast<int32_t>(raw.clearance_step[plan]);
    facts.clearance_track[at] = track_of(raw.clearance_agent[plan]);
    facts.time_to_collision[at] = raw.time_to_collision[plan];
    facts.time_to_collision_step[at] = static_cast<int32_t>(raw.time_to_collision_step[plan]);
    facts.time_to_collision_track[at] = track_of(raw.time_to_collision_agent[plan]);
    facts.progress[at] = raw.progress[plan];
    facts.min_acceleration[at] = raw.min_acceleration[plan];
    facts.max_acceleration[at] = raw.max_acceleration[plan];
    facts.max_lateral_acceleration[at] = raw.max_lateral_acceleration[plan];
    facts.max_jerk[at] = raw.max_jerk[plan];
    facts.max_longitudinal_jerk[at] = raw.max_longitudinal_jerk[plan];
    facts.max_yaw_rate[at] = raw.max_yaw_rate[plan];
    facts.max_yaw_acceleration[at] = raw.max_yaw_acceleration[plan];
    facts.discomfort_step[at] = static_cast<int32_t>(raw.discomfort_step[plan]);
    const auto road_step = [&](float step) { return map_known ? static_cast<int32_t>(step) : -2; };
    facts.off_road_step[at] = road_step(raw.off_road_step[plan]);
    facts.off_road_fault_step[at] = road_step(raw.off_road_fault_step[plan]);
    const auto whole = [&](const float* table) { return static_cast<int32_t>(table[plan]); };
    facts.opposite_lane_distance[at] = raw.opposite_lane_distance[plan];
    facts.opposite_lane_step[at] = lanes.has_car_lanes ? whole(raw.opposite_lane_step) : -2;
    facts.off_route_step[at] = whole(raw.off_route_step);
    facts.bike_lane_step[at] = lanes.has_bike_lanes ? whole(raw.bike_lane_step) : -2;
    const int32_t piece = whole(raw.lane_piece);
    const int32_t lane = piece < 0 ? -1 : lanes.pieces[static_cast<size_t>(piece)].lane;
    facts.lane_feature[at] = lane;
    facts.lane_type[at] =
        lane < 0 ? int8_t{-1} : static_cast<int8_t>(scene.features[static_cast<size_t>(lane)].type);
    facts.lane_offset[at] = raw.lane_offset[plan];
    facts.lane_heading_error[at] = raw.lane_heading_error[plan];
    facts.red_light_step[at] = whole(raw.red_light_step);
    facts.stop_sign_step[at] = whole(raw.stop_sign_step);
    facts.crosswalk_step[at] = whole(raw.crosswalk_step);
    facts.stuck_step[at] = whole(raw.stuck_step);
    facts.stuck_time[at] = raw.stuck_steps[plan] * static_cast<float>(setup.window.dt);
  }
}

void collect_traces(const std::vector<WorldSetup>& worlds, const std::vector<float> (&trace)[3],
                    size_t num_plans, size_t padded, int max_steps, RolloutTraces& traces) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const size_t rows = static_cast<size_t>(max_steps) + 1;
  traces.num_steps = max_steps;
  std::vector<float>* ego[3] = {&traces.ego_x, &traces.ego_y, &traces.ego_heading};
  for (int field = 0; field < 3; ++field) {
    ego[field]->assign(worlds.size() * num_plans * rows, nan);
    for (size_t world = 0; world < worlds.size(); ++world) {
      const size_t steps = static_cast<size_t>(worlds[world].window.num_steps) + 1;
      for (size_t step = 0; step < steps; ++step) {
        const float* from = trace[field].data() + world * rows * padded;
        float* to = ego[field]->data() + world * num_plans * rows + step;
        for (size_t plan = 0; plan < num_plans; ++plan) {
          to[plan * rows] = from[in_plan_blocks(static_cast<int>(plan), static_cast<int64_t>(step),
                                                max_steps + 1)];
        }
      }
    }
  }
  traces.agent_track.resize(worlds.size());
  for (auto* table : {&traces.agent_x, &traces.agent_y, &traces.agent_heading}) {
    table->resize(worlds.size());
  }
  for (size_t world = 0; world < worlds.size(); ++world) {
    const AgentTable& agents = worlds[world].agents;
    traces.agent_track[world] = agents.track;
    agents.copy_poses(traces.agent_x[world], traces.agent_y[world], traces.agent_heading[world]);
  }
}

namespace {

// How the passes' numbers of one world become facts.
struct StepConversion {
  const WorldSetup& world;

  float as_number(float raw) const { return raw; }
  int32_t as_track(float raw) const {
    return raw < 0.0f ? -1 : world.agents.track[static_cast<size_t>(raw)];
  }
  int32_t as_feature(float raw) const {
    return raw < 0.0f ? -1 : world.lanes.lines().pieces[static_cast<size_t>(raw)].lane;
  }
};

}  // namespace

void collect_steps(const std::vector<WorldSetup>& worlds, const StepTables& tables,
                   size_t num_plans, size_t padded, int max_steps, StepColumns& steps) {
  const size_t rows = static_cast<size_t>(max_steps) + 1;
  // one column: reorders a table of all worlds
  const auto collect = [&](auto& column, const float* table, auto convert) {
    using Value = typename std::remove_reference_t<decltype(column)>::value_type;
    column.assign(worlds.size() * num_plans * rows, Value{});
    for (size_t world = 0; world < worlds.size(); ++world) {
      const StepConversion conversion = {worlds[world]};
      const float* const from = table + world * rows * padded;
      for (size_t plan = 0; plan < num_plans; ++plan) {
        Value* const to = column.data() + (world * num_plans + plan) * rows;
        for (int step = 0; step <= worlds[world].window.num_steps; ++step) {
          const int64_t at = in_plan_blocks(static_cast<int>(plan), step, max_steps + 1);
          to[step] = static_cast<Value>((conversion.*convert)(from[at]));
        }
      }
    }
  };
#define FORKROAD_COLLECT(type, name, unit, convert, meaning) \
  collect(steps.name, tables.name, &StepConversion::convert);
  FORKROAD_STEP_FIELDS(FORKROAD_COLLECT)
#undef FORKROAD_COLLECT
}

}  // namespace forkroad
