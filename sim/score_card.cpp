#include "sim/score_card.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace forkroad {
namespace {

// One row of the card "drive": no_contact, on_road, no_red_light, progress, total.
void score_drive(const FactColumns& facts, size_t row, float log_progress, float* terms) {
  const auto never = [&](const std::vector<int32_t>& step) { return step[row] < 0 ? 1.0f : 0.0f; };
  terms[0] = never(facts.contact_step);
  terms[1] = never(facts.off_road_step);
  terms[2] = never(facts.red_light_step);
  terms[3] = log_progress <= kMinLogProgress
                 ? 1.0f
                 : std::clamp(facts.progress[row] / log_progress, 0.0f, 1.0f);
  terms[4] = terms[0] * terms[1] * terms[2] * terms[3];
}

}  // namespace

float ScoreTable::value(int world, int plan, int term) const {
  const size_t row =
      static_cast<size_t>(world) * static_cast<size_t>(num_plans) + static_cast<size_t>(plan);
  return values[row * terms.size() + static_cast<size_t>(term)];
}

float ScoreTable::total(int world, int plan) const {
  return value(world, plan, static_cast<int>(terms.size()) - 1);
}

float ScoreTable::log_total(int world) const {
  return log_values[(static_cast<size_t>(world) + 1) * terms.size() - 1];
}

int ScoreTable::best_plan(int world) const {
  int best = -1;
  for (int plan = 0; plan < num_plans; ++plan) {
    // NaN compares false: masked plans are never best
    if (best < 0 ? total(world, plan) == total(world, plan)
                 : total(world, plan) > total(world, best)) {
      best = plan;
    }
  }
  return best;
}

ScoreCard ScoreCard::drive() {
  return {"drive", {"no_contact", "on_road", "no_red_light", "progress", "total"}};
}

ScoreCard ScoreCard::named(const std::string& name) {
  if (name == "drive") return drive();
  if (name.starts_with("pdms") || name.starts_with("epdms")) {
    throw std::invalid_argument(
        fmt::format("ScoreCard: '{}' scores NAVSIM scenes, which hold what it needs: see PdmCard, "
                    "forkroad.navsim and `forkroad parity navsim`; expected one of: drive",
                    name));
  }
  throw std::invalid_argument(
      fmt::format("ScoreCard: unknown card '{}', expected one of: drive", name));
}

ScoreTable ScoreCard::score(const Facts& facts) const {
  if (facts.spec.contact.substeps < 2) {
    throw std::invalid_argument(
        fmt::format("ScoreCard '{}': got facts with {} contact sub-step per step, needs swept "
                    "contact: RolloutSpec::contact.substeps >= 2",
                    name_, facts.spec.contact.substeps));
  }
  ScoreTable table;
  table.terms = terms_;
  table.num_worlds = facts.num_worlds;
  table.num_plans = facts.num_plans;
  table.plan_ids = facts.plan_ids;
  const size_t rows = static_cast<size_t>(facts.num_worlds) * static_cast<size_t>(facts.num_plans);
  table.values.resize(rows * terms_.size());
  table.log_values.resize(static_cast<size_t>(facts.num_worlds) * terms_.size());
  for (size_t world = 0; world < static_cast<size_t>(facts.num_worlds); ++world) {
    const float log_progress = facts.log.progress[world];
    score_drive(facts.log, world, log_progress, table.log_values.data() + world * terms_.size());
    for (size_t plan = 0; plan < static_cast<size_t>(facts.num_plans); ++plan) {
      const size_t row = world * static_cast<size_t>(facts.num_plans) + plan;
      float* terms = table.values.data() + row * terms_.size();
      score_drive(facts.plans, row, log_progress, terms);
      if (facts.exists[row] == 0) {
        std::fill(terms, terms + terms_.size(), std::numeric_limits<float>::quiet_NaN());
      }
    }
  }
  return table;
}

}  // namespace forkroad
