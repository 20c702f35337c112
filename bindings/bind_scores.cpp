// ScoreCard, ScoreTable.
#include <fmt/format.h>
#include <pybind11/stl.h>

#include "bindings/bindings.hpp"
#include "sim/score_card.hpp"

namespace forkroad::python {
namespace {

Shape table_shape(const ScoreTable& table) {
  return {table.num_worlds, table.num_plans, extent(table.terms.size())};
}

void bind_score_table(py::module_& module) {
  py::class_<ScoreTable, std::shared_ptr<ScoreTable>>(
      module, "ScoreTable",
      "Terms and totals of a score card. Arrays are views that keep the\n"
      "table alive; NaN where a plan is masked out.")
      .def_readonly("terms", &ScoreTable::terms, "names, the last one is 'total'")
      .def_readonly("num_worlds", &ScoreTable::num_worlds, "B")
      .def_readonly("num_plans", &ScoreTable::num_plans, "G")
      .def_property_readonly(
          "plan_ids",
          [](py::object self) {
            const auto& table = self.cast<const ScoreTable&>();
            return view_of(table.plan_ids, {table.num_plans}, self);
          },
          "int64 [G]")
      .def_property_readonly(
          "values",
          [](py::object self) {
            const auto& table = self.cast<const ScoreTable&>();
            return view_of(table.values, table_shape(table), self);
          },
          "float32 [B, G, terms]")
      .def_property_readonly(
          "totals",
          [](py::object self) {
            const auto& table = self.cast<const ScoreTable&>();
            const py::ssize_t stride = extent(table.terms.size() * sizeof(float));
            return py::array(py::dtype::of<float>(), Shape{table.num_worlds, table.num_plans},
                             Shape{table.num_plans * stride, stride},
                             table.values.data() + table.terms.size() - 1, self);
          },
          "float32 [B, G], the last term")
      .def_property_readonly(
          "log_values",
          [](py::object self) {
            const auto& table = self.cast<const ScoreTable&>();
            return view_of(table.log_values, {table.num_worlds, extent(table.terms.size())}, self);
          },
          "float32 [B, terms] of the log itself")
      .def_property_readonly(
          "lost_step",
          [](py::object self) {
            const auto& table = self.cast<const ScoreTable&>();
            return view_of(table.lost_step, table_shape(table), self);
          },
          "int32 [B, G, terms], the rollout step at which the term was lost, -1: nothing is lost")
      .def_property_readonly(
          "lost_track",
          [](py::object self) {
            const auto& table = self.cast<const ScoreTable&>();
            return view_of(table.lost_track, table_shape(table), self);
          },
          "int32 [B, G, terms], scene track of the partner, -1: none")
      .def_property_readonly(
          "log_lost_step",
          [](py::object self) {
            const auto& table = self.cast<const ScoreTable&>();
            return view_of(table.log_lost_step, {table.num_worlds, extent(table.terms.size())},
                           self);
          },
          "int32 [B, terms] of the log itself")
      .def_property_readonly(
          "log_lost_track",
          [](py::object self) {
            const auto& table = self.cast<const ScoreTable&>();
            return view_of(table.log_lost_track, {table.num_worlds, extent(table.terms.size())},
                           self);
          },
          "int32 [B, terms] of the log itself")
      .def(
          "best_plan",
          [](const ScoreTable& table, int world) {
            check_world(world, static_cast<size_t>(table.num_worlds));
            return table.best_plan(world);
          },
          py::arg("world") = 0,
          "Index of the plan of the highest total, the least on a tie; -1 if none exists.")
      .def("__repr__", [](const ScoreTable& table) {
        return fmt::format("<ScoreTable of {} worlds x {} plans: {}>", table.num_worlds,
                           table.num_plans, fmt::join(table.terms, ", "));
      });
}

void bind_card(py::module_& module) {
  py::class_<ScoreCard>(module, "ScoreCard", "A named function from facts to terms and a total.")
      .def_static(
          "drive", &ScoreCard::drive,
          "no_fault, on_road, no_red_light and stops_at_signs are 1, or 0 if the plan is ever at\n"
          "fault in a contact, off the drivable area, over a red line or past a stop sign without\n"
          "having stood; direction is 1 below 2 m against the lanes, 0.5 below 6 m, else 0;\n"
          "progress = clip(progress / log progress, 0, 1), 1 where the log advances at most 5 m;\n"
          "time_to_collision is 0 if it is ever below 0.95 s, comfort if a limit is passed.\n"
          "total = no_fault * on_road * no_red_light * stops_at_signs * direction *\n"
          "(5 progress + 5 time_to_collision + 2 comfort) / 12. What the log itself does wrong is\n"
          "excused up to its depth and speed. Needs swept contact and a collision horizon of at\n"
          "least 0.95 s.")
      .def_static("named", &ScoreCard::named, py::arg("name"),
                  "Raises ValueError naming the known cards.")
      .def_property_readonly("name", &ScoreCard::name)
      .def_property_readonly("terms", &ScoreCard::terms)
      .def("spec", &ScoreCard::spec, "The RolloutSpec that facts for this card come from.")
      .def(
          "score",
          [](const ScoreCard& card, const TracedFacts& facts) {
            const py::gil_scoped_release release;
            return std::make_shared<ScoreTable>(card.score(facts));
          },
          py::arg("facts"),
          "ScoreTable of Facts. Raises ValueError if the card cannot use the facts' spec.");
}

}  // namespace

void bind_scores(py::module_& module) {
  bind_score_table(module);
  bind_card(module);
}

}  // namespace forkroad::python
