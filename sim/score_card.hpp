// ScoreCard: a named function from facts of the spec it declares to terms and one total.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/facts.hpp"

namespace forkroad {

struct ScoreTable {
  std::vector<std::string> terms;  // names, the last one is "total"
  int num_worlds = 0;
  int num_plans = 0;
  std::vector<int64_t> plan_ids;  // [G]
  std::vector<float> values;      // [B, G, terms]; NaN where the plan is masked out
  std::vector<float> log_values;  // [B, terms] of the log itself
  // Why a term is below its best: the rollout step at which it was lost (-1: nothing is lost) and
  // the scene track of the partner (-1: none). The total's are those of the term lost first.
  std::vector<int32_t> lost_step, lost_track;          // [B, G, terms]; -1 where masked out
  std::vector<int32_t> log_lost_step, log_lost_track;  // [B, terms]

  float value(int world, int plan, int term) const;
  float total(int world, int plan) const;
  float log_total(int world) const;
  // The plan of the highest total, the least index on a tie; -1 if none exists.
  int best_plan(int world) const;
};

class ScoreCard {
 public:
  // How well a plan drives. The first four terms are 1, or 0 if it ever happens:
  //   no_fault          = no contact that is the plan's fault (is_fault: by class, onset, and not
  //                       excused by the log's own contact with that agent)
  //   on_road           = no corner off the drivable area (1 where the map does not say, or where
  //                       the log itself is off it about there and then)
  //   no_red_light      = no stop line crossed on red
  //   stops_at_signs    = no stop sign passed without having stood
  //   direction         = 1 below 2 m driven against the lanes, 0.5 below 6 m, else 0 (nuPlan's
  //                       bounds, over the whole plan)
  //   progress          = clip(progress / log progress, 0, 1); 1 where the log advances at most 5 m
  //   time_to_collision = 1, or 0 if it ever is below 0.95 s (nuPlan's bound)
  //   comfort           = 1, or 0 if a limit of RolloutSpec::comfort is ever passed
  //   total = no_fault * on_road * no_red_light * stops_at_signs * direction
  //           * (5 progress + 5 time_to_collision + 2 comfort) / 12    (NAVSIM's weights)
  // Needs swept contact (at least 2 sub-steps) and a collision horizon of at least 0.95 s.
  static ScoreCard drive();

  // By name: "drive". Throws std::invalid_argument naming the known ones.
  static ScoreCard named(const std::string& name);

  const std::string& name() const { return name_; }
  const std::vector<std::string>& terms() const { return terms_; }
  // The spec that `rollout` should run under for this card.
  RolloutSpec spec() const { return {}; }

  // Throws std::invalid_argument if the facts were measured under a spec that the card cannot use,
  // naming what it needs.
  ScoreTable score(const Facts& facts) const;

 private:
  ScoreCard(std::string name, std::vector<std::string> terms)
      : name_(std::move(name)), terms_(std::move(terms)) {}

  std::string name_;
  std::vector<std::string> terms_;
};

// Below this advance of the log [m] no progress is asked for (NAVSIM's threshold for EP).
inline constexpr float kMinLogProgress = 5.0f;
// Driven against the lanes [m], this much is the wrong way.
inline constexpr float kWrongWay = 6.0f;
inline constexpr float kLeastTimeToCollision = 0.95f;  // [s]

}  // namespace forkroad
