#include "sim/world_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "kernels/trig.hpp"
#include "sim/log_plan.hpp"
#include "worldmodel/log_replay.hpp"

namespace forkroad {
namespace {

// Times this close [s] count as equal: plan and rollout grids are decimal, not binary.
constexpr double kSameTime = 1.0e-6;

// Last log step at which the focal agent is observed.
int last_observed_step(const Scene& scene, int track) {
  int last = 0;
  for (int step = 0; step < scene.num_steps; ++step) {
    if (scene.tracks[static_cast<size_t>(track)].valid[static_cast<size_t>(step)] != 0) last = step;
  }
  return last;
}

// floor() of a number of steps, within what a rollout may have.
int whole_steps(double steps) {
  return static_cast<int>(std::clamp(std::floor(steps), 0.0, static_cast<double>(kMaxInstants)));
}

PlanSample sample_poses(double time, double first_time, double dt, int num_steps) {
  const double position = (time - first_time) / dt;
  const double nearest = std::nearbyint(position);
  if (nearest >= 0 && std::abs(position - nearest) * dt < kSameTime) {
    const int step = std::min(static_cast<int>(nearest), num_steps - 1);
    return {step, step, 0.0f};
  }
  if (position < 0.0) {
    // from the start pose at time 0 to the first pose
    return {-1, 0, static_cast<float>(time / first_time)};
  }
  const int lower = static_cast<int>(std::floor(position));
  // a rollout may end a rounding error after the last pose
  if (lower >= num_steps - 1) return {num_steps - 1, num_steps - 1, 0.0f};
  return {lower, lower + 1, static_cast<float>(position - lower)};
}

// The control that acts over the rollout step ending at `time`.
PlanSample sample_controls(double time, double step_dt, double plan_dt, int num_steps) {
  const double begin = std::max(time - step_dt, 0.0);
  const int step = std::min(whole_steps(begin / plan_dt + kSameTime / plan_dt), num_steps - 1);
  return {step, step, 0.0f};
}

bool same_window(const RolloutWindow& a, const RolloutWindow& b) {
  return a.focal_track == b.focal_track && a.start_step == b.start_step && a.dt == b.dt &&
         a.num_steps == b.num_steps;
}

bool same_vehicle(const VehicleModel& a, const VehicleModel& b) {
  return a.length == b.length && a.width == b.width &&
         a.rear_axle_to_center == b.rear_axle_to_center;
}

bool same_state(const EgoState& a, const EgoState& b) {
  return a.x == b.x && a.y == b.y && a.heading == b.heading && a.velocity_x == b.velocity_x &&
         a.velocity_y == b.velocity_y && a.observed == b.observed;
}

std::span<const EgoState> history_of(const Snapshot& snapshot, int world) {
  const size_t size = static_cast<size_t>(snapshot.history_size);
  return {snapshot.history.data() + static_cast<size_t>(world) * size, size};
}

bool same_key(const WorldSetup& setup, const Snapshot& snapshot, int world,
              const RolloutWindow& window, const RolloutSpec& spec, const AgentModel& model) {
  const size_t at = static_cast<size_t>(world);
  const std::span<const EgoState> history = history_of(snapshot, world);
  return setup.scene == snapshot.scene[at] && same_window(setup.window, window) &&
         std::equal(history.begin(), history.end(), setup.history.begin(), setup.history.end(),
                    same_state) &&
         same_vehicle(setup.vehicle, snapshot.vehicle[at]) &&
         setup.substeps == spec.contact.substeps &&
         setup.collision_horizon == spec.collision_horizon && setup.agent_model == model.name();
}

// The focal agent's boxes at the rollout's steps, as the log has them.
std::vector<Obb<float>> boxes_of_log(const PlanSet& log_plans, const VehicleModel& vehicle) {
  std::vector<Obb<float>> boxes;
  for (int step = 0; step < log_plans.num_steps(); ++step) {
    const SinCos<float> unit = sin_cos(log_plans.value(0, 0, step, 2));
    boxes.push_back({log_plans.value(0, 0, step, 0), log_plans.value(0, 0, step, 1), unit.cos,
                     unit.sin, 0.5f * vehicle.length, 0.5f * vehicle.width});
  }
  return boxes;
}

// Excuses what the log does; `setup` holds its plan, the map and the agents.
void excuse_log(const Scene& scene, const RolloutSpec& spec, WorldSetup& setup) {
  const std::vector<Obb<float>> log = boxes_of_log(setup.log_plans, setup.vehicle);
  setup.log_off = find_log_off_road(log, setup.drivable, setup.window.dt);
  if (setup.agent_model == "log") {
    excuse_log_contacts(log, setup.agents, spec.contact, setup.window.dt, setup.agents);
    return;
  }
  AgentTable logged;
  LogReplay().rollout(scene, setup.window, setup.agent_level, logged);
  excuse_log_contacts(log, logged, spec.contact, setup.window.dt, setup.agents);
}

}  // namespace

double resolve_dt(const Scene& scene, const RolloutSpec& spec) {
  return spec.dt > 0.0 ? spec.dt : scene.dt;
}

int resolve_num_steps(const Scene& scene, const Snapshot& snapshot, int world, const PlanSet& plans,
                      const RolloutSpec& spec) {
  const size_t at = static_cast<size_t>(world);
  const double dt = resolve_dt(scene, spec);
  const int plan_steps = whole_steps((plans.end_time() + kSameTime) / dt);
  if (spec.num_steps > plan_steps) {
    throw std::invalid_argument(
        fmt::format("rollout: got num_steps {} of {} s, but the plans end after {} s",
                    spec.num_steps, dt, plans.end_time()));
  }
  const int last = last_observed_step(scene, snapshot.focal_track[at]);
  const double log_time = std::max(last - snapshot.step[at], 0) * scene.dt;
  const int log_steps = whole_steps((log_time + kSameTime) / dt);
  const int num_steps = spec.num_steps > 0 ? spec.num_steps : std::min(plan_steps, log_steps);
  if (int64_t{num_steps} * spec.contact.substeps > kMaxInstants) {
    throw std::invalid_argument(
        fmt::format("rollout: got {} steps of {} contact sub-steps, expected at most {} sub-steps",
                    num_steps, spec.contact.substeps, kMaxInstants));
  }
  return num_steps;
}

void update_world(const SceneBatch& batch, const Snapshot& snapshot, int world,
                  const PlanSet& plans, const RolloutSpec& spec, int num_steps,
                  const AgentModel& model, WorldSetup& setup) {
  const size_t at = static_cast<size_t>(world);
  const Scene& scene = batch.scene(snapshot.scene[at]);
  const RolloutWindow window = {snapshot.focal_track[at], snapshot.step[at],
                                resolve_dt(scene, spec), num_steps};
  const EgoState& ego = snapshot.ego(world);
  const bool same = same_key(setup, snapshot, world, window, spec, model);
  const PlanLayout& layout = plans.layout();
  if (!same) {
    const bool same_map =
        setup.scene == snapshot.scene[at] && setup.window.focal_track == window.focal_track;
    // half-built until the end: whatever throws leaves a setup that fits no key
    setup.scene = -1;
    setup.window = window;
    setup.agents.set_look_ahead(spec.collision_horizon);
    if (!same_map) {
      setup.level = LevelGate::of_map(scene, window.focal_track);
      setup.agent_level = LevelGate::of_agents(scene, window.focal_track, setup.level);
    }
    model.rollout(scene, window, setup.agent_level, setup.agents);
    setup.path = make_reference_path(scene, snapshot, world);
    setup.path_start = project_to_path(setup.path.view(), ego.x, ego.y);
    // the map outlasts windows: a raster costs milliseconds
    if (!same_map) {
      setup.drivable = DrivableRaster(find_drivable_area(scene, window.focal_track, setup.level));
      setup.lanes = CenterlineRaster(find_centerlines(scene, window.focal_track, setup.level));
    }
    setup.rules =
        find_traffic_rules(scene, window, setup.level, setup.agents, history_of(snapshot, world),
                           0.5f * snapshot.vehicle[at].length);
    setup.log_plans = log_plan(scene, snapshot, world, window.dt, num_steps);
    setup.log_samples.resize(static_cast<size_t>(num_steps) + 1);
    for (int step = 0; step <= num_steps; ++step) {
      setup.log_samples[static_cast<size_t>(step)] = {step, step, 0.0f};
    }
    const std::span<const EgoState> history = history_of(snapshot, world);
    setup.history.assign(history.begin(), history.end());
    setup.vehicle = snapshot.vehicle[at];
    setup.substeps = spec.contact.substeps;
    setup.collision_horizon = spec.collision_horizon;
    setup.agent_model = model.name();
    excuse_log(scene, spec, setup);
    setup.ride_steps =
        std::clamp(static_cast<int>(std::lround(kRideSpan / window.dt)), 1, kMaxRideSteps);
    setup.past = past_poses(snapshot, world, window.dt, 3 * setup.ride_steps);
    setup.scene = snapshot.scene[at];
  }
  if (same && setup.plan_dt == layout.dt && setup.plan_first_time == layout.first_time &&
      setup.plan_kind == layout.kind) {
    return;
  }
  setup.plan_dt = layout.dt;
  setup.plan_first_time = layout.first_time;
  setup.plan_kind = layout.kind;
  setup.samples.resize(static_cast<size_t>(num_steps) + 1);
  for (int step = 0; step <= num_steps; ++step) {
    const double time = step * window.dt;
    PlanSample& sample = setup.samples[static_cast<size_t>(step)];
    if (layout.kind == PlanKind::kControls) {
      sample = sample_controls(time, window.dt, layout.dt, plans.num_steps());
    } else if (step == 0 && layout.first_time > kSameTime) {
      sample = {-1, -1, 0.0f};
    } else {
      sample = sample_poses(time, layout.first_time, layout.dt, plans.num_steps());
    }
  }
}

RolloutParams rollout_params(const RolloutSpec& spec, int max_steps) {
  RolloutParams params;
  params.max_steps = max_steps;
  params.contact = prepare_contact(spec.contact);
  params.collision_horizon = spec.collision_horizon;
  params.comfort = spec.comfort;
  params.resolve_mixed = resolve_mixed_cells;
  params.resolve_answers = resolve_answers;
  params.project_to_lane = project_to_lanes;
  return params;
}

WorldView view_world(const Snapshot& snapshot, int world, const PlanLayout& layout,
                     const float* world_values, const std::vector<PlanSample>& samples,
                     const WorldSetup& setup) {
  const size_t at = static_cast<size_t>(world);
  const EgoState& ego = snapshot.ego(world);
  const VehicleModel& vehicle = snapshot.vehicle[at];
  const SinCos<float> unit = sin_cos(ego.heading);
  const bool rear_axle =
      layout.kind == PlanKind::kControls || layout.reference == ReferencePoint::kRearAxle;
  WorldView view;
  view.center_offset = rear_axle ? vehicle.rear_axle_to_center : 0.0f;
  view.at_center = view.center_offset == 0.0f;
  view.x = rear_axle ? fma(-view.center_offset, unit.cos, ego.x) : ego.x;
  view.y = rear_axle ? fma(-view.center_offset, unit.sin, ego.y) : ego.y;
  view.cos = unit.cos;
  view.sin = unit.sin;
  view.heading = ego.heading;
  view.speed = snapshot.speed(world);
  view.velocity_x = ego.velocity_x;
  view.velocity_y = ego.velocity_y;
  view.half_length = 0.5f * vehicle.length;
  view.half_width = 0.5f * vehicle.width;
  view.radius = std::hypot(view.half_length, view.half_width) * 1.000001f;
  view.dt = static_cast<float>(setup.window.dt);
  view.rate = static_cast<float>(1.0 / setup.window.dt);
  view.num_steps = setup.window.num_steps;
  view.num_agents = setup.agents.num_agents();
  view.padded_agents = setup.agents.padded_agents();
  view.circles = setup.agents.circles();
  view.boxes = setup.agents.boxes();
  view.tile_boxes = setup.agents.tile_boxes();
  view.past = setup.past.data();
  view.ride_steps = setup.ride_steps;
  view.ride_rate = static_cast<float>(1.0 / (setup.ride_steps * setup.window.dt));
  view.road.log_off = setup.log_off.view();
  view.road.drivable = setup.drivable.view();
  view.lanes = setup.lanes.view();
  view.rules = setup.rules.view();
  view.path = setup.path.view();
  view.path_start = setup.path_start;
  view.plans = world_values;
  view.samples = samples.data();
  return view;
}

}  // namespace forkroad
