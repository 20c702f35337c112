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

// Terms of the card "drive", in the order of its columns.
enum DriveTerm : size_t {
  kNoFault,
  kOnRoad,
  kNoRedLight,
  kStopsAtSigns,
  kDirection,
  kProgress,
  kTimeToCollision,
  kComfort,
  kTotal
};

float score_direction(float against) {
  if (against < kAgainstLanes) return 1.0f;
  return against < kWrongWay ? 0.5f : 0.0f;
}

float score_progress(float progress, float log_progress) {
  if (log_progress <= kMinLogProgress) return 1.0f;
  return std::clamp(progress / log_progress, 0.0f, 1.0f);
}

// One row of the card "drive".
void score_drive(const FactColumns& facts, size_t at, float log_progress, int num_steps,
                 const Row& row) {
  const auto never = [&](size_t term, int32_t step, int32_t track) {
    row.set(term, step < 0 ? 1.0f : 0.0f, step, track);
  };
  never(kNoFault, facts.fault_step[at], facts.fault_track[at]);
  never(kOnRoad, facts.off_road_fault_step[at], -1);
  never(kNoRedLight, facts.red_light_step[at], -1);
  never(kStopsAtSigns, facts.stop_sign_step[at], -1);
  row.set(kDirection, score_direction(facts.opposite_lane_distance[at]),
          facts.opposite_lane_step[at], -1);
  // what is missing at the end is missing at the last step
  row.set(kProgress, score_progress(facts.progress[at], log_progress), num_steps, -1);
  row.set(kTimeToCollision, facts.time_to_collision[at] < kLeastTimeToCollision ? 0.0f : 1.0f,
          facts.time_to_collision_step[at], facts.time_to_collision_track[at]);
  never(kComfort, facts.discomfort_step[at], -1);
  const float* const terms = row.terms;
  const float weighted =
      (5.0f * terms[kProgress] + 5.0f * terms[kTimeToCollision] + 2.0f * terms[kComfort]) / 12.0f;
  set_total(row, kTotal,
            terms[kNoFault] * terms[kOnRoad] * terms[kNoRedLight] * terms[kStopsAtSigns] *
                terms[kDirection] * weighted);
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
  return {"drive",
          {"no_fault", "on_road", "no_red_light", "stops_at_signs", "direction", "progress",
           "time_to_collision", "comfort", "total"}};
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
  if (facts.spec.collision_horizon < kLeastTimeToCollision) {
    throw std::invalid_argument(
        fmt::format("ScoreCard '{}': got facts that look {} s ahead for collisions, needs "
                    "RolloutSpec::collision_horizon >= {}",
                    name_, facts.spec.collision_horizon, kLeastTimeToCollision));
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
