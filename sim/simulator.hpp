// Simulator: rolls plans out from snapshots and measures facts.
#pragma once

#include <memory>

#include "sim/facts.hpp"
#include "sim/lane_kernels.hpp"
#include "sim/plan_set.hpp"
#include "sim/score_card.hpp"
#include "sim/snapshot.hpp"
#include "worldmodel/agent_model.hpp"

namespace forkroad {

struct SimulatorOptions {
  int num_threads = 1;  // CPU workers; results do not depend on it
  int lanes = 0;        // lanes per register group: 1, 8, 16 (float), 1, 4, 8 (double); 0: widest
  // One lane type of usable_lane_kernels for its precision, in place of the choice by `lanes`.
  const LaneKernels* kernels = nullptr;
  PartnerSearch search = PartnerSearch::kCompacted;  // all give the same facts
};

class Simulator {
 public:
  // The batch must outlive the simulator.
  explicit Simulator(const SceneBatch& batch, const SimulatorOptions& options = {});
  ~Simulator();
  Simulator(Simulator&&) noexcept;
  Simulator& operator=(Simulator&&) noexcept;

  // Simulates every plan from its world of the snapshot, G plans per world, and measures them and
  // the log itself. Plans broadcast over the worlds if they have one world.
  // Throws std::invalid_argument where plans, snapshot and spec do not fit each other.
  Facts rollout(const Snapshot& snapshot, const PlanSet& plans, const AgentModel& agents,
                const RolloutSpec& spec = {});

  // The same into existing memory: called again with the same shapes it allocates nothing.
  void rollout(const Snapshot& snapshot, const PlanSet& plans, const AgentModel& agents,
               const RolloutSpec& spec, Facts& facts, RolloutTraces* traces = nullptr);

  // Shorthand: rollout from Snapshot::of_log under the card's spec, then the card.
  ScoreTable score(const PlanSet& plans, const AgentModel& agents, const ScoreCard& card);

  const SceneBatch& batch() const;

 private:
  struct Workspace;
  std::unique_ptr<Workspace> work_;
};

}  // namespace forkroad
