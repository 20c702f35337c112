#include "sim/simulator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <stdexcept>

#include "sim/executor.hpp"
#ifdef FORKROAD_WITH_CUDA
#include "sim/cuda_rollout.hpp"
#endif
#include "sim/rollout_results.hpp"
#include "sim/world_setup.hpp"

namespace forkroad {
namespace {

// Plans per work item: enough to hide the hand-over, few enough to balance workers.
constexpr int kItemPlans = 256;

struct FreeAligned {
  void operator()(char* memory) const { std::free(memory); }
};

// Raw outputs of the passes, [worlds, padded plans] each.
struct RawFacts {
  std::vector<float> memory;

  FactTables tables(size_t size) {
    memory.resize(kNumFactTables * size);
    return carve_fact_tables(memory.data(), size);
  }
};

void check_spec(const RolloutSpec& spec) {
  if (!std::isfinite(spec.dt) || spec.dt < 0.0 || spec.num_steps < 0 ||
      !(std::abs(spec.min_speed) <= kMaxSpeed)) {
    throw std::invalid_argument(
        fmt::format("RolloutSpec: got dt {} s, num_steps {}, min_speed {} m/s; expected dt >= 0, "
                    "num_steps >= 0, min_speed within +-{}",
                    spec.dt, spec.num_steps, spec.min_speed, kMaxSpeed));
  }
  if (!std::isfinite(spec.contact.clearance_limit) || spec.contact.clearance_limit < 0.0f ||
      spec.contact.clearance_limit > kMaxClearanceLimit || spec.contact.substeps < 1 ||
      spec.contact.substeps > kMaxSubsteps) {
    throw std::invalid_argument(fmt::format(
        "RolloutSpec: got clearance_limit {} m, {} contact sub-steps; expected a limit "
        "in [0, {}] and 1 .. {} sub-steps",
        spec.contact.clearance_limit, spec.contact.substeps, kMaxClearanceLimit, kMaxSubsteps));
  }
  if (!(spec.collision_horizon >= 0.0f && spec.collision_horizon <= kMaxCollisionHorizon)) {
    throw std::invalid_argument(
        fmt::format("RolloutSpec: got collision_horizon {} s, expected one in [0, {}]",
                    spec.collision_horizon, kMaxCollisionHorizon));
  }
}

}  // namespace

struct Simulator::Workspace {
  const SceneBatch* batch = nullptr;
  SimulatorOptions options;
  LaneKernels kernels[2];                                   // by Precision
  std::vector<std::unique_ptr<char, FreeAligned>> scratch;  // one per worker
  size_t scratch_size = 0;
  std::vector<WorldSetup> worlds;
  std::vector<WorldView> views;
  RawFacts raw;
  std::vector<float> trace[3];  // x, y, heading: [B, H + 1, padded plans]
  std::vector<float> steps;     // facts per step, if asked for
#ifdef FORKROAD_WITH_CUDA
  std::unique_ptr<CudaRollout> cuda;  // null: the batch lives on the CPU
#endif

  const Scene& scene_of(const Snapshot& snapshot, size_t world) const {
    return batch->scene(snapshot.scene[world]);
  }
  void reserve_scratch(int num_agents);
  FactTables run(RolloutParams params, Precision precision, const PlanSet& plans);
  void run_on_lanes(const RolloutParams& params, Precision precision, int num_plans);
  void measure_log(const Snapshot& snapshot, const RolloutSpec& spec, int max_steps, Facts& facts);
  void measure_plans(const Snapshot& snapshot, const PlanSet& plans, const RolloutSpec& spec,
                     int max_steps, Facts& facts, RolloutTraces* traces);
};

void Simulator::Workspace::reserve_scratch(int num_agents) {
  size_t bytes = 0;
  for (const LaneKernels& lanes : kernels) bytes = std::max(bytes, lanes.scratch_bytes(num_agents));
  bytes = (bytes + 63) / 64 * 64;
  if (bytes <= scratch_size) return;
  for (auto& memory : scratch) {
    memory.reset(static_cast<char*>(std::aligned_alloc(64, bytes)));
    if (memory == nullptr) throw std::bad_alloc();
  }
  scratch_size = bytes;
}

// Runs the passes over all plans of every world in `views`.
FactTables Simulator::Workspace::run(RolloutParams params, Precision precision,
                                     const PlanSet& plans) {
  params.worlds = views.data();
  params.num_worlds = static_cast<int>(views.size());
  params.facts = raw.tables(views.size() * static_cast<size_t>(params.padded_plans));
#ifdef FORKROAD_WITH_CUDA
  // double is the exact mode and facts per step are for looking closely: both run on CPU lanes
  // wherever the batch lives
  if (cuda != nullptr && precision == Precision::kFloat && params.steps.contact == nullptr) {
    cuda->run(params, views, {params.facts, params.ego});
    return params.facts;
  }
#endif
  run_on_lanes(params, precision, plans.num_plans());
  return params.facts;
}

void Simulator::Workspace::run_on_lanes(const RolloutParams& params, Precision precision,
                                        int num_plans) {
  const LaneKernels& lanes = kernels[static_cast<size_t>(precision)];
  int most_agents = 0;
  for (const WorldView& view : views) most_agents = std::max(most_agents, view.num_agents);
  reserve_scratch(most_agents);
  // whole registers up to the last plan; the padding behind them is never read
  const int used = (num_plans + lanes.width - 1) / lanes.width * lanes.width;
  const int items_per_world = (used + kItemPlans - 1) / kItemPlans;
  auto roll_out_item = [&](int item, int worker) {
    const int first = item % items_per_world * kItemPlans;
    lanes.rollout(params, item / items_per_world, first, std::min(kItemPlans, used - first),
                  options.search, scratch[static_cast<size_t>(worker)].get());
  };
  for_each_item(params.num_worlds * items_per_world, options.num_threads, roll_out_item);
}

void Simulator::Workspace::measure_log(const Snapshot& snapshot, const RolloutSpec& spec,
                                       int max_steps, Facts& facts) {
  RolloutParams params = rollout_params(spec, max_steps);
  params.padded_plans = kPlanBlock;
  params.plan_steps = max_steps + 1;
  views.resize(worlds.size());
  for (size_t world = 0; world < worlds.size(); ++world) {
    const PlanSet& plan = worlds[world].log_plans;
    views[world] = view_world(snapshot, static_cast<int>(world), plan.layout(),
                              plan.world_values(0), worlds[world].log_samples, worlds[world]);
  }
  // one plan per world: not worth a GPU's transfers, and the bits are the same
  params.worlds = views.data();
  params.num_worlds = static_cast<int>(views.size());
  params.facts = raw.tables(views.size() * kPlanBlock);
  run_on_lanes(params, spec.precision, 1);
  const FactTables& tables = params.facts;
  facts.log.resize(worlds.size());
  for (size_t world = 0; world < worlds.size(); ++world) {
    type_facts(tables, world * kPlanBlock, 1, scene_of(snapshot, world), worlds[world],
               spec.contact, facts.log, world);
  }
}

void Simulator::Workspace::measure_plans(const Snapshot& snapshot, const PlanSet& plans,
                                         const RolloutSpec& spec, int max_steps, Facts& facts,
                                         RolloutTraces* traces) {
  RolloutParams params = rollout_params(spec, max_steps);
  params.padded_plans = plans.padded_plans();
  params.plan_steps = plans.num_steps();
  params.plan_kind = plans.layout().kind;
  params.ego_frame = plans.layout().frame == PlanFrame::kEgo;
  params.min_speed = spec.min_speed;
  views.resize(worlds.size());
  for (size_t world = 0; world < worlds.size(); ++world) {
    views[world] = view_world(snapshot, static_cast<int>(world), plans.layout(),
                              plans.world_values(static_cast<int>(world)), worlds[world].samples,
                              worlds[world]);
  }
  const size_t padded = static_cast<size_t>(plans.padded_plans());
  if (traces != nullptr) {
    const size_t size = worlds.size() * (static_cast<size_t>(max_steps) + 1) * padded;
    for (auto& table : trace) table.resize(size);
    if (traces->with_steps) {
      steps.resize(kNumStepTables * size);
      params.steps = carve_step_tables(steps.data(), size);
    }
    params.ego = {trace[0].data(), trace[1].data(), nullptr, nullptr, trace[2].data()};
  }
  const FactTables tables = run(params, spec.precision, plans);
  const size_t group = static_cast<size_t>(plans.num_plans());
  facts.plans.resize(worlds.size() * group);
  facts.exists.resize(worlds.size() * group);
  for (size_t world = 0; world < worlds.size(); ++world) {
    type_facts(tables, world * padded, group, scene_of(snapshot, world), worlds[world],
               spec.contact, facts.plans, world * group);
    for (size_t plan = 0; plan < group; ++plan) {
      facts.exists[world * group + plan] =
          plans.exists(static_cast<int>(world), static_cast<int>(plan)) ? 1 : 0;
    }
  }
  if (traces == nullptr) return;
  collect_traces(worlds, trace, group, padded, max_steps, *traces);
  if (!traces->with_steps) return;
  collect_steps(worlds, params.steps, group, padded, max_steps, traces->steps);
}

Simulator::Simulator(const SceneBatch& batch, const SimulatorOptions& options)
    : work_(std::make_unique<Workspace>()) {
  if (options.num_threads < 1) {
    throw std::invalid_argument(
        fmt::format("Simulator: got {} threads, expected >= 1", options.num_threads));
  }
  work_->batch = &batch;
  work_->options = options;
  for (const Precision precision : {Precision::kFloat, Precision::kDouble}) {
    // a width that only the other precision has means the widest
    const bool has_width =
        precision == Precision::kFloat ? options.lanes != 4 : options.lanes != 16;
    work_->kernels[static_cast<size_t>(precision)] =
        lane_kernels(precision, has_width ? options.lanes : 0);
  }
  if (options.kernels != nullptr) {
    work_->kernels[static_cast<size_t>(options.kernels->precision)] = *options.kernels;
  }
#ifdef FORKROAD_WITH_CUDA
  if (batch.device().is_cuda()) {
    work_->cuda = std::make_unique<CudaRollout>(batch.device().index);
  }
#endif
  work_->scratch.resize(static_cast<size_t>(options.num_threads));
  work_->reserve_scratch(64);
}

Simulator::~Simulator() = default;
Simulator::Simulator(Simulator&&) noexcept = default;
Simulator& Simulator::operator=(Simulator&&) noexcept = default;

const SceneBatch& Simulator::batch() const { return *work_->batch; }

void Simulator::rollout(const Snapshot& snapshot, const PlanSet& plans, const AgentModel& agents,
                        const RolloutSpec& spec, Facts& facts, RolloutTraces* traces) {
  check_spec(spec);
  const int num_worlds = snapshot.num_worlds();
  if (num_worlds < 1) {
    throw std::invalid_argument("rollout: got a snapshot of no world, expected at least one");
  }
  if (plans.num_worlds() != 1 && plans.num_worlds() != num_worlds) {
    throw std::invalid_argument(
        fmt::format("rollout: got plans for {} worlds, expected 1 or the snapshot's {}",
                    plans.num_worlds(), num_worlds));
  }
  snapshot.check(batch());
  Workspace& work = *work_;
  work.worlds.resize(static_cast<size_t>(num_worlds));
  facts.num_steps.resize(static_cast<size_t>(num_worlds));
  facts.dt.resize(static_cast<size_t>(num_worlds));
  int max_steps = 0;
  for (int world = 0; world < num_worlds; ++world) {
    const size_t at = static_cast<size_t>(world);
    const Scene& scene = batch().scene(snapshot.scene[at]);
    const int num_steps = resolve_num_steps(scene, snapshot, world, plans, spec);
    update_world(batch(), snapshot, world, plans, spec, num_steps, agents, work.worlds[at]);
    facts.num_steps[at] = num_steps;
    facts.dt[at] = work.worlds[at].window.dt;
    max_steps = std::max(max_steps, num_steps);
  }
  facts.spec = spec;
  facts.agent_model = agents.name();
  facts.num_worlds = num_worlds;
  facts.num_plans = plans.num_plans();
  facts.plan_ids = plans.ids();
  work.measure_log(snapshot, spec, max_steps, facts);
  work.measure_plans(snapshot, plans, spec, max_steps, facts, traces);
}

Facts Simulator::rollout(const Snapshot& snapshot, const PlanSet& plans, const AgentModel& agents,
                         const RolloutSpec& spec) {
  Facts facts;
  rollout(snapshot, plans, agents, spec, facts);
  return facts;
}

ScoreTable Simulator::score(const PlanSet& plans, const AgentModel& agents, const ScoreCard& card) {
  return card.score(rollout(Snapshot::of_log(batch()), plans, agents, card.spec()));
}

}  // namespace forkroad
