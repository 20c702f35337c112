// filter_pdm, total_pdm: PdmCard on the dicts of arrays that score_pdm returns.
#include <fmt/format.h>

#include <span>
#include <stdexcept>

#include "bindings/bindings.hpp"
#include "sim/pdm_card.hpp"

namespace forkroad::python {
namespace {

using Doubles = py::array_t<double, py::array::c_style | py::array::forcecast>;
using Flags = py::array_t<uint8_t, py::array::c_style | py::array::forcecast>;

struct Column {
  const char* name;
  std::vector<double> PdmScores::*values;
};

// What a card reads of a plan, by the names of score_pdm.
std::vector<Column> columns_of(PdmVersion version) {
  std::vector<Column> columns = {
      {"nc", &PdmScores::no_collision},   {"dac", &PdmScores::drivable_area},
      {"ep", &PdmScores::progress},       {"ttc", &PdmScores::ttc},
      {"mult_prod", &PdmScores::product}, {"score", &PdmScores::score}};
  if (version == PdmVersion::kV1_1) {
    columns.push_back({"comfort_score", &PdmScores::comfort});
    return columns;
  }
  columns.push_back({"ddc", &PdmScores::driving_direction});
  columns.push_back({"tlc", &PdmScores::traffic_light});
  columns.push_back({"lk", &PdmScores::lane_keeping});
  columns.push_back({"hc", &PdmScores::comfort});
  return columns;
}

PdmScores scores_from(const py::dict& terms, PdmVersion version) {
  PdmScores scores;
  scores.version = version;
  scores.num_plans = -1;
  for (const Column& column : columns_of(version)) {
    if (!terms.contains(column.name)) {
      throw std::invalid_argument(
          fmt::format("PdmCard: terms: got none named '{}', expected it", column.name));
    }
    const auto values = Doubles::ensure(terms[column.name]);
    if (!values) throw py::error_already_set();
    if (scores.num_plans < 0) scores.num_plans = static_cast<int>(values.size());
    if (values.ndim() != 1 || values.size() != scores.num_plans) {
      throw std::invalid_argument(
          fmt::format("PdmCard: terms: '{}': got {} values in {} dimensions, expected {} in one",
                      column.name, values.size(), values.ndim(), scores.num_plans));
    }
    (scores.*column.values).assign(values.data(), values.data() + values.size());
  }
  return scores;
}

py::dict filter_terms(const py::dict& terms, const py::dict& human, const std::string& name) {
  const PdmCard card = PdmCard::named(name);
  const PdmScores of_human = scores_from(human, card.version());
  const PdmExtras extras = {.human = &of_human, .extended_comfort = {}, .has_previous = {}};
  const PdmScores kept = card.filtered(scores_from(terms, card.version()), extras);
  py::dict out(terms.attr("copy")());
  for (const Column& column : columns_of(card.version())) {
    out[column.name] = copy_of(kept.*column.values, {kept.num_plans});
  }
  return out;
}

py::array total_terms(const py::dict& terms, const Flags& extended_comfort,
                      const Flags& has_previous) {
  const auto span_of = [](const Flags& flags) {
    return std::span<const uint8_t>(flags.data(), static_cast<size_t>(flags.size()));
  };
  const PdmScores scores = scores_from(terms, PdmVersion::kV2);
  const PdmExtras extras = {nullptr, span_of(extended_comfort), span_of(has_previous)};
  return copy_of(PdmCard::epdms().totals(scores, extras), {scores.num_plans});
}

}  // namespace

void bind_pdm_card(py::module_& module) {
  module.def("filter_pdm", &filter_terms, py::arg("terms"), py::arg("human"), py::arg("card"),
             "NAVSIM's human filter on the v2 terms that score_pdm returns: a copy in which terms "
             "that the logged human (one plan) fails are 1. `card` 'epdms_human' forms product and "
             "score again, 'epdms_human_legacy' keeps both, 'epdms' changes nothing. Raises "
             "ValueError on an unknown card and where a term is absent or of another length.");
  module.def("total_pdm", &total_terms, py::arg("terms"), py::arg("extended_comfort"),
             py::arg("has_previous"),
             "EPDMS float64 [N] of v2 terms with EC uint8 [N] (0 or 1), and their score without EC "
             "where has_previous uint8 [N] is 0. Raises ValueError as filter_pdm does.");
}

}  // namespace forkroad::python
