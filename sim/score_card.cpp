#include "sim/score_card.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace forkroad {
namespace {

// One plan's row of a table.
struct Row {
  float* terms;
  int32_t* lost_step;
  int32_t* lost_track;

  void set(size_t term, float value, int32_t step, int32_t track) const {
    terms[term] = value;
    const bool lost = value < 1.0f;
    lost_step[term] = lost ? step : -1;
    lost_track[term] = lost ? track : -1;
  }
};

// The total, lost where the first of its terms was; of terms lost at one step the first counts.
void set_total(const Row& row, size_t total, float value) {
  size_t first = total;
  for (size_t term = 0; term < total; ++term) {
    if (row.lost_step[term] < 0) continue;
    if (first == total || row.lost_step[term] < row.lost_step[first]) first = term;
  }
  row.terms[total] = value;
  row.lost_step[total] = first < total ? row.lost_step[first] : -1;
  row.lost_track[total] = first < total ? row.lost_track[first] : -1;
}

// One row of the card "drive": no_contact, on_road, no_red_light, progress, total.
void score_drive(const FactColumns& facts, size_t at, float log_progress, int num_steps,
                 const Row& row) {
  const auto never = [&](const std::vector<int32_t>& step) { return step[at] < 0 ? 1.0f : 0.0f; };
  row.set(0, never(facts.contact_step), facts.contact_step[at], facts.contact_track[at]);
  row.set(1, never(facts.off_road_step), facts.off_road_step[at], -1);
  row.set(2, never(facts.red_light_step), facts.red_light_step[at], -1);
  // what is missing at the end is missing at the last step
  row.set(3,
          log_progress <= kMinLogProgress
              ? 1.0f
              : std::clamp(facts.progress[at] / log_progress, 0.0f, 1.0f),
          num_steps, -1);
  set_total(row, 4, row.terms[0] * row.terms[1] * row.terms[2] * row.terms[3]);
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
  const size_t num_terms = terms_.size(), worlds = static_cast<size_t>(facts.num_worlds);
  const size_t group = static_cast<size_t>(facts.num_plans);
  table.values.resize(worlds * group * num_terms);
  table.lost_step.resize(worlds * group * num_terms);
  table.lost_track.resize(worlds * group * num_terms);
  table.log_values.resize(worlds * num_terms);
  table.log_lost_step.resize(worlds * num_terms);
  table.log_lost_track.resize(worlds * num_terms);
  for (size_t world = 0; world < worlds; ++world) {
    const float log_progress = facts.log.progress[world];
    const int num_steps = facts.num_steps[world];
    score_drive(facts.log, world, log_progress, num_steps,
                {table.log_values.data() + world * num_terms,
                 table.log_lost_step.data() + world * num_terms,
                 table.log_lost_track.data() + world * num_terms});
    for (size_t plan = 0; plan < group; ++plan) {
      const size_t at = world * group + plan;
      const Row row = {table.values.data() + at * num_terms,
                       table.lost_step.data() + at * num_terms,
                       table.lost_track.data() + at * num_terms};
      score_drive(facts.plans, at, log_progress, num_steps, row);
      if (facts.exists[at] == 0) {
        std::fill_n(row.terms, num_terms, std::numeric_limits<float>::quiet_NaN());
        std::fill_n(row.lost_step, num_terms, -1);
        std::fill_n(row.lost_track, num_terms, -1);
      }
    }
  }
  return table;
}

}  // namespace forkroad
