#include "sim/rollout_results.hpp"

#include <limits>
#include <type_traits>

namespace forkroad {

void type_facts(const FactTables& raw, size_t from, size_t count, const Scene& scene,
                const WorldSetup& setup, const ContactRule& rule, FactColumns& facts, size_t to) {
  const float step_time = static_cast<float>(setup.window.dt);
  const float instant_time =
      static_cast<float>(setup.window.dt / static_cast<double>(rule.substeps));
  const Centerlines& lanes = setup.lanes.lines();
  // column by column, so that the compiler can vectorise
  const auto fill = [&](auto& column, const float* table, auto convert) {
    using Value = typename std::remove_reference_t<decltype(column)>::value_type;
    Value* const out = column.data() + to;
    for (size_t k = 0; k < count; ++k) out[k] = static_cast<Value>(convert(table[from + k]));
  };
  const auto same = [](float value) { return value; };
  const auto whole = [](float value) { return static_cast<int32_t>(value); };
  const auto track = [&](float agent) {
    return agent < 0.0f ? -1 : setup.agents.track[static_cast<size_t>(agent)];
  };
  // the step at or after an instant
  const auto step_of = [&](float instant) {
    return instant < kNeverInstant ? (static_cast<int>(instant) + rule.substeps - 1) / rule.substeps
                                   : -1;
  };
  const auto time_of = [&](float instant) {
    return instant < kNeverInstant ? instant * instant_time : -1.0f;
  };
  // what the map does not say is -2
  const auto known_if = [](bool known) {
    return [known](float value) { return known ? static_cast<int32_t>(value) : -2; };
  };
  const auto feature = [&](float piece) {
    return piece < 0.0f ? -1 : lanes.pieces[static_cast<size_t>(piece)].lane;
  };
  const auto type = [&](float piece) {
    const int32_t lane = feature(piece);
    return lane < 0 ? int8_t{-1}
                    : static_cast<int8_t>(scene.features[static_cast<size_t>(lane)].type);
  };

  fill(facts.contact_step, raw.contact_instant, step_of);
  fill(facts.contact_time, raw.contact_instant, time_of);
  fill(facts.contact_track, raw.contact_agent, track);
  fill(facts.contact_class, raw.contact_class, whole);
  fill(facts.contact_relative_speed, raw.contact_relative_speed, same);
  fill(facts.fault_step, raw.fault_instant, step_of);
  fill(facts.fault_track, raw.fault_agent, track);
  fill(facts.fault_class, raw.fault_class, whole);
  fill(facts.fault_relative_speed, raw.fault_relative_speed, same);
  fill(facts.clearance, raw.clearance, same);
  fill(facts.clearance_step, raw.clearance_step, whole);
  fill(facts.clearance_track, raw.clearance_agent, track);
  fill(facts.time_to_collision, raw.time_to_collision, same);
  fill(facts.time_to_collision_step, raw.time_to_collision_step, whole);
  fill(facts.time_to_collision_track, raw.time_to_collision_agent, track);
  fill(facts.progress, raw.progress, same);
  fill(facts.min_acceleration, raw.min_acceleration, same);
  fill(facts.max_acceleration, raw.max_acceleration, same);
  fill(facts.max_lateral_acceleration, raw.max_lateral_acceleration, same);
  fill(facts.max_jerk, raw.max_jerk, same);
  fill(facts.max_longitudinal_jerk, raw.max_longitudinal_jerk, same);
  fill(facts.max_yaw_rate, raw.max_yaw_rate, same);
  fill(facts.max_yaw_acceleration, raw.max_yaw_acceleration, same);
  fill(facts.discomfort_step, raw.discomfort_step, whole);
  const bool road_known = setup.drivable.num_cells() > 0;
  fill(facts.off_road_step, raw.off_road_step, known_if(road_known));
  fill(facts.off_road_fault_step, raw.off_road_fault_step, known_if(road_known));
  fill(facts.opposite_lane_distance, raw.opposite_lane_distance, same);
  fill(facts.opposite_lane_step, raw.opposite_lane_step, known_if(lanes.has_car_lanes));
  fill(facts.off_route_step, raw.off_route_step, whole);
  fill(facts.bike_lane_step, raw.bike_lane_step, known_if(lanes.has_bike_lanes));
  fill(facts.emergency_lane_step, raw.emergency_lane_step, known_if(lanes.has_emergency_lanes));
  fill(facts.lane_feature, raw.lane_piece, feature);
  fill(facts.lane_type, raw.lane_piece, type);
  fill(facts.lane_offset, raw.lane_offset, same);
  fill(facts.lane_heading_error, raw.lane_heading_error, same);
  fill(facts.red_light_step, raw.red_light_step, whole);
  fill(facts.stop_sign_step, raw.stop_sign_step, whole);
  fill(facts.crosswalk_step, raw.crosswalk_step, whole);
  fill(facts.stuck_step, raw.stuck_step, whole);
  fill(facts.stuck_time, raw.stuck_steps, [&](float steps) { return steps * step_time; });
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
