// From what the passes write to what callers read.
#pragma once

#include <vector>

#include "sim/facts.hpp"
#include "sim/world_setup.hpp"

namespace forkroad {

// Turns `count` raw rows of one world, from row `from` on, into typed facts from row `to` on.
void type_facts(const FactTables& raw, size_t from, size_t count, const Scene& scene,
                const WorldSetup& setup, const ContactRule& rule, FactColumns& facts, size_t to);

// Rearranges the passes' plan-minor poses (x, y, heading) and the agent tables.
void collect_traces(const std::vector<WorldSetup>& worlds, const std::vector<float> (&trace)[3],
                    size_t num_plans, size_t padded, int max_steps, RolloutTraces& traces);

// Facts per step from the passes' tables.
void collect_steps(const std::vector<WorldSetup>& worlds, const StepTables& tables,
                   size_t num_plans, size_t padded, int max_steps, StepColumns& steps);

}  // namespace forkroad
