#include "sim/pdm_card.hpp"

#include <fmt/format.h>

#include <limits>
#include <stdexcept>
#include <utility>

namespace forkroad {
namespace {

const char* version_name(PdmVersion version) { return version == PdmVersion::kV2 ? "v2" : "v1.1"; }

// The terms that the human filter looks at.
std::vector<std::vector<double> PdmScores::*> filtered_terms() {
  return {&PdmScores::no_collision,  &PdmScores::drivable_area, &PdmScores::driving_direction,
          &PdmScores::traffic_light, &PdmScores::ttc,           &PdmScores::lane_keeping};
}

// The weighted mean of one plan times its product.
double total_of(const PdmScores& scores, size_t plan, bool v2, const uint8_t* extended_comfort) {
  double sum = 5.0 * scores.progress[plan] + 5.0 * scores.ttc[plan] + 2.0 * scores.comfort[plan];
  double weights = 12.0;
  if (v2) {
    sum += 2.0 * scores.lane_keeping[plan];
    weights += 2.0;
  }
  if (extended_comfort != nullptr) {
    sum += 2.0 * *extended_comfort;
    weights += 2.0;
  }
  return scores.product[plan] * sum / weights;
}

}  // namespace

PdmCard PdmCard::pdms() { return {"pdms", PdmVersion::kV1_1, HumanFilter::kOff}; }

PdmCard PdmCard::epdms(HumanFilter filter) {
  const char* const name = filter == HumanFilter::kOff       ? "epdms"
                           : filter == HumanFilter::kCurrent ? "epdms_human"
                                                             : "epdms_human_legacy";
  return {name, PdmVersion::kV2, filter};
}

PdmCard PdmCard::named(const std::string& name) {
  const PdmCard known[] = {pdms(), epdms(), epdms(HumanFilter::kCurrent),
                           epdms(HumanFilter::kLegacy)};
  std::string names;
  for (const PdmCard& card : known) {
    if (card.name() == name) return card;
    names += (names.empty() ? "" : ", ") + card.name();
  }
  throw std::invalid_argument(
      fmt::format("PdmCard: unknown card '{}', expected one of: {}", name, names));
}

void PdmCard::check(const PdmScores& scores, const PdmExtras& extras) const {
  const size_t size = static_cast<size_t>(scores.num_plans);
  if (scores.version != version_) {
    throw std::invalid_argument(fmt::format("PdmCard '{}': got scores of {}, needs {}", name_,
                                            version_name(scores.version), version_name(version_)));
  }
  const bool has_ec = !extras.extended_comfort.empty();
  if (has_ec && version_ != PdmVersion::kV2) {
    throw std::invalid_argument(
        fmt::format("PdmCard '{}': got extended comfort, which v1.1 does not know", name_));
  }
  for (const auto& [values, what] : {std::pair(extras.extended_comfort, "extended_comfort"),
                                     std::pair(extras.has_previous, "has_previous")}) {
    if (!values.empty() && values.size() != size) {
      throw std::invalid_argument(fmt::format("PdmCard '{}': {}: got {} values, expected {}", name_,
                                              what, values.size(), size));
    }
  }
  if (filter_ != HumanFilter::kOff && (extras.human == nullptr || extras.human->num_plans != 1)) {
    throw std::invalid_argument(
        fmt::format("PdmCard '{}': got {} human plans, needs the scores of one", name_,
                    extras.human == nullptr ? 0 : extras.human->num_plans));
  }
}

PdmScores PdmCard::filtered(const PdmScores& scores, const PdmExtras& extras) const {
  check(scores, extras);
  PdmScores out = scores;
  if (filter_ == HumanFilter::kOff) return out;
  for (const auto term : filtered_terms()) {
    if ((extras.human->*term)[0] == 0.0) (out.*term).assign((out.*term).size(), 1.0);
  }
  if (filter_ == HumanFilter::kLegacy) return out;
  for (size_t plan = 0; plan < static_cast<size_t>(out.num_plans); ++plan) {
    out.product[plan] = out.no_collision[plan] * out.drivable_area[plan] *
                        out.driving_direction[plan] * out.traffic_light[plan];
    out.score[plan] = total_of(out, plan, true, nullptr);
  }
  return out;
}

std::vector<double> PdmCard::totals(const PdmScores& filtered, const PdmExtras& extras) const {
  check(filtered, extras);
  std::vector<double> totals = filtered.score;
  if (extras.extended_comfort.empty()) return totals;
  for (size_t plan = 0; plan < totals.size(); ++plan) {
    if (!extras.has_previous.empty() && extras.has_previous[plan] == 0) continue;
    totals[plan] = total_of(filtered, plan, true, &extras.extended_comfort[plan]);
  }
  return totals;
}

ScoreTable PdmCard::score(const PdmScores& scores, const PdmExtras& extras) const {
  const PdmScores kept = filtered(scores, extras);
  const std::vector<double> total = totals(kept, extras);
  const bool v2 = version_ == PdmVersion::kV2, has_ec = !extras.extended_comfort.empty();
  const std::vector<double> ec(extras.extended_comfort.begin(), extras.extended_comfort.end());
  std::vector<std::pair<const char*, const std::vector<double>*>> columns = {
      {"nc", &kept.no_collision}, {"dac", &kept.drivable_area}, {"ddc", &kept.driving_direction}};
  if (v2) columns.emplace_back("tlc", &kept.traffic_light);
  columns.emplace_back("ep", &kept.progress);
  columns.emplace_back("ttc", &kept.ttc);
  if (v2) columns.emplace_back("lk", &kept.lane_keeping);
  columns.emplace_back(v2 ? "hc" : "comfort", &kept.comfort);
  if (has_ec) columns.emplace_back("ec", &ec);
  columns.emplace_back("total", &total);
  ScoreTable table;
  table.num_worlds = 1;
  table.num_plans = kept.num_plans;
  for (const auto& column : columns) table.terms.emplace_back(column.first);
  for (size_t plan = 0; plan < static_cast<size_t>(kept.num_plans); ++plan) {
    table.plan_ids.push_back(static_cast<int64_t>(plan));
    for (const auto& column : columns) {
      table.values.push_back(static_cast<float>((*column.second)[plan]));
    }
  }
  // NAVSIM scores the logged human only as a plan of its own
  table.log_values.assign(columns.size(), std::numeric_limits<float>::quiet_NaN());
  return table;
}

}  // namespace forkroad
