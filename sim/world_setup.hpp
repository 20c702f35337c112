// From snapshot, plans and spec to the plain views that the passes read.
#pragma once

#include <string>
#include <vector>

#include "kernels/rollout_params.hpp"
#include "sim/centerline_raster.hpp"
#include "sim/drivable_raster.hpp"
#include "sim/log_conduct.hpp"
#include "sim/past_poses.hpp"
#include "sim/plan_set.hpp"
#include "sim/reference_path.hpp"
#include "sim/rollout_spec.hpp"
#include "sim/traffic_rules.hpp"
#include "worldmodel/agent_model.hpp"

namespace forkroad {

// Everything one world needs for a rollout, kept between rollouts and rebuilt only when its key
// changes.
struct WorldSetup {
  // what the agent table and the path were built from
  int scene = -1;
  RolloutWindow window;
  std::vector<EgoState> history;
  VehicleModel vehicle;
  int substeps = 0;
  float collision_horizon = 0;  // [s]
  std::string agent_model;

  AgentTable agents;
  ReferencePath path;
  float path_start = 0;   // [m] of the box centre at the start
  LevelGate level;        // of the map
  LevelGate agent_level;  // of other road users
  DrivableRaster drivable;
  CenterlineRaster lanes;
  TrafficRules rules;
  LogOffRoadBoxes log_off;
  int ride_steps = 1;
  std::vector<PastPose> past;  // [3 * ride_steps]
  double plan_dt = 0, plan_first_time = 0;
  PlanKind plan_kind = PlanKind::kPoses;
  std::vector<PlanSample> samples;  // [num_steps + 1]

  // the logged motion of the focal agent on the rollout's own steps
  PlanSet log_plans;
  std::vector<PlanSample> log_samples;  // [num_steps + 1]
};

// Steps that world `world` can be simulated: spec.num_steps, or as far as plans and log reach.
// Throws std::invalid_argument if spec.num_steps asks for more than the plans hold.
int resolve_num_steps(const Scene& scene, const Snapshot& snapshot, int world, const PlanSet& plans,
                      const RolloutSpec& spec);

double resolve_dt(const Scene& scene, const RolloutSpec& spec);

// Builds what changed since the last call.
void update_world(const SceneBatch& batch, const Snapshot& snapshot, int world,
                  const PlanSet& plans, const RolloutSpec& spec, int num_steps,
                  const AgentModel& model, WorldSetup& setup);

// What the passes need of a spec, with the scalar work that lanes of a CPU hand out.
RolloutParams rollout_params(const RolloutSpec& spec, int max_steps);

// The view for `world_values` of a plan set of this layout; pointers stay valid until the setup or
// the plans change.
WorldView view_world(const Snapshot& snapshot, int world, const PlanLayout& layout,
                     const float* world_values, const std::vector<PlanSample>& samples,
                     const WorldSetup& setup);

}  // namespace forkroad
