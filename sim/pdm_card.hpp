// PdmCard: the score cards `pdms` (v1.1) and `epdms` (v2), from NAVSIM scores to named terms and
// one total.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/pdm_scorer.hpp"
#include "sim/score_card.hpp"

namespace forkroad {

// What happens to terms that the logged human fails (v2). Source: navsim/evaluate/pdm_score.py;
// both forms raise the term of every plan to 1.
enum class HumanFilter : uint8_t {
  kOff,
  kCurrent,  // product and total follow the raised terms
  kLegacy    // terms are raised, product and total stay as they were
};

// What `epdms` may take besides the scores.
struct PdmExtras {
  const PdmScores* human = nullptr;  // the logged human's, one plan; needed by the human filter
  // EC of each plan against its plan of the frame before, [N] 0 or 1; empty: EC is left out.
  std::span<const uint8_t> extended_comfort;
  std::span<const uint8_t>
      has_previous;  // [N] 0: no frame before, EC left out; empty: all have one
};

// EP, TTC, HC, LK and EC weigh 5, 5, 2, 2 and 2; NC, DAC, DDC and TLC multiply:
//   pdms  = NC DAC (5 EP + 5 TTC + 2 C) / 12
//   epdms = NC DAC DDC TLC (5 EP + 5 TTC + 2 LK + 2 HC + 2 EC) / 16, without EC / 14
// EP is that of PdmOptions::reference. Reactive traffic will arrive as other tracks, PDM-Closed as
// the reference proposal, two-stage aggregation as a function of two tables.
class PdmCard {
 public:
  static PdmCard pdms();
  static PdmCard epdms(HumanFilter filter = HumanFilter::kOff);
  // By name: "pdms", "epdms", "epdms_human" (current filter), "epdms_human_legacy". Throws
  // std::invalid_argument naming the known ones.
  static PdmCard named(const std::string& name);

  const std::string& name() const { return name_; }
  PdmVersion version() const { return version_; }
  HumanFilter human_filter() const { return filter_; }

  // The scores with the human filter applied: raised terms, product and score (without EC).
  PdmScores filtered(const PdmScores& scores, const PdmExtras& extras = {}) const;
  // Totals [N] of scores that `filtered` returned.
  std::vector<double> totals(const PdmScores& filtered, const PdmExtras& extras = {}) const;
  // One world's table: nc, dac, ddc, [tlc,] ep, ttc, [lk, hc, ec | comfort,] total. Throws
  // std::invalid_argument if the scores are those of the other version, if extras have another
  // length, or if the filter lacks the human.
  ScoreTable score(const PdmScores& scores, const PdmExtras& extras = {}) const;

 private:
  PdmCard(std::string name, PdmVersion version, HumanFilter filter)
      : name_(std::move(name)), version_(version), filter_(filter) {}

  void check(const PdmScores& scores, const PdmExtras& extras) const;

  std::string name_;
  PdmVersion version_;
  HumanFilter filter_;
};

}  // namespace forkroad
