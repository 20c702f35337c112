// RolloutSpec, Facts, traces.
#include <fmt/format.h>
#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include <stdexcept>

#include "bindings/bindings.hpp"
#include "sim/facts.hpp"

namespace forkroad::python {

void check_world(int world, size_t num_worlds) {
  if (world >= 0 && static_cast<size_t>(world) < num_worlds) return;
  throw py::index_error(
      fmt::format("got world {}, expected 0 .. {}", world, static_cast<int64_t>(num_worlds) - 1));
}

namespace {

const char* precision_name(Precision precision) {
  return precision == Precision::kFloat ? "float" : "double";
}

Precision parse_precision(const std::string& name) {
  if (name == "float") return Precision::kFloat;
  if (name == "double") return Precision::kDouble;
  throw std::invalid_argument(
      fmt::format("RolloutSpec: precision: got '{}', expected 'float' or 'double'", name));
}

// One entry of FORKROAD_FACT_FIELDS.
struct FactField {
  const char* name;
  const char* dtype;
  const char* unit;
  const char* invalid;
  const char* meaning;
};

template <class T>
constexpr const char* kDtype = "float32";
template <>
constexpr const char* kDtype<int32_t> = "int32";
template <>
constexpr const char* kDtype<uint8_t> = "uint8";
template <>
constexpr const char* kDtype<int8_t> = "int8";

std::vector<FactField> fact_fields() {
  std::vector<FactField> fields;
#define FORKROAD_FIELD(type, name, unit, invalid, meaning) \
  fields.push_back({#name, kDtype<type>, unit, invalid, meaning});
  FORKROAD_FACT_FIELDS(FORKROAD_FIELD)
#undef FORKROAD_FIELD
  return fields;
}

Shape plan_shape(const Facts& facts) { return {facts.num_worlds, facts.num_plans}; }

void bind_spec(py::module_& module) {
  const ContactRule rule;
  py::class_<ContactRule>(module, "ContactRule", "How contact is decided.")
      .def(py::init([](float clearance_limit, int substeps) {
             return ContactRule{clearance_limit, substeps};
           }),
           py::kw_only(), py::arg("clearance_limit") = rule.clearance_limit,
           py::arg("substeps") = rule.substeps,
           "`clearance_limit` [m]: clearance saturates here. `substeps`: evenly spaced instants\n"
           "per step at which contact is tested; 1 tests steps only.")
      .def_readwrite("clearance_limit", &ContactRule::clearance_limit, "[m]")
      .def_readwrite("substeps", &ContactRule::substeps);
  py::class_<ComfortLimits> limits(
      module, "ComfortLimits",
      "Beyond these a ride is uncomfortable; accelerations in m/s^2, jerk in m/s^3, yaw in rad.\n"
      "The defaults are nuPlan's.");
  limits.def(py::init<>());
#define FORKROAD_LIMIT(name) limits.def_readwrite(#name, &ComfortLimits::name);
  FORKROAD_LIMIT(min_acceleration)
  FORKROAD_LIMIT(max_acceleration)
  FORKROAD_LIMIT(max_lateral_acceleration)
  FORKROAD_LIMIT(max_jerk)
  FORKROAD_LIMIT(max_longitudinal_jerk)
  FORKROAD_LIMIT(max_yaw_rate)
  FORKROAD_LIMIT(max_yaw_acceleration)
#undef FORKROAD_LIMIT
  py::class_<RolloutSpec>(module, "RolloutSpec",
                          "How plans become motion and what counts as contact.")
      .def(
          py::init([](double dt, int num_steps, float min_speed, const ContactRule& contact,
                      const std::string& precision, float collision_horizon,
                      const ComfortLimits& comfort) {
            return RolloutSpec{dt,
                               num_steps,
                               min_speed,
                               contact,
                               parse_precision(precision),
                               collision_horizon,
                               comfort};
          }),
          py::kw_only(), py::arg("dt") = 0.0, py::arg("num_steps") = 0, py::arg("min_speed") = 0.0f,
          py::arg_v("contact", rule, "ContactRule()"), py::arg("precision") = "float",
          py::arg("collision_horizon") = RolloutSpec().collision_horizon,
          py::arg_v("comfort", ComfortLimits(), "ComfortLimits()"),
          "`dt` [s] of a rollout step, 0: each scene's own. `num_steps` to simulate, 0: as far as\n"
          "both plans and log reach. `min_speed` [m/s] of controls, negative lets them reverse.\n"
          "`precision`: 'float', or 'double' for checking against references.\n"
          "`collision_horizon` [s]: time to collision saturates here. `comfort`: what\n"
          "discomfort_step is judged by.")
      .def_readwrite("dt", &RolloutSpec::dt, "[s]")
      .def_readwrite("num_steps", &RolloutSpec::num_steps)
      .def_readwrite("min_speed", &RolloutSpec::min_speed, "[m/s]")
      .def_readwrite("contact", &RolloutSpec::contact)
      .def_readwrite("collision_horizon", &RolloutSpec::collision_horizon, "[s]")
      .def_readwrite("comfort", &RolloutSpec::comfort)
      .def_property(
          "precision", [](const RolloutSpec& spec) { return precision_name(spec.precision); },
          [](RolloutSpec& spec, const std::string& name) {
            spec.precision = parse_precision(name);
          });
}

void bind_contact_class(py::module_& module) {
  py::native_enum<ContactClass>(module, "ContactClass", "enum.IntEnum",
                                "Who touched whom, in the order in which the classes are decided.")
      .value("NONE", ContactClass::kNone)
      .value("STOPPED_EGO", ContactClass::kStoppedEgo)
      .value("STOPPED_AGENT", ContactClass::kStoppedAgent)
      .value("ACTIVE_REAR", ContactClass::kActiveRear)
      .value("ACTIVE_FRONT", ContactClass::kActiveFront)
      .value("ACTIVE_LATERAL", ContactClass::kActiveLateral)
      .finalize();
}

using TracesClass = py::class_<RolloutTraces, std::shared_ptr<RolloutTraces>>;

// Every fact per step, as `step_<fact>`.
void bind_steps(TracesClass& traces) {
  traces.def_readonly("with_steps", &RolloutTraces::with_steps, "whether facts per step are there");
  const auto bind = [&](const char* name, auto member, const std::string& doc) {
    traces.def_property_readonly(
        name,
        [member](py::object self) {
          const auto& owner = self.cast<const RolloutTraces&>();
          if (!owner.with_steps) {
            throw std::invalid_argument(
                "RolloutTraces: got no facts per step, expected a rollout with step_facts=True");
          }
          const auto& values = owner.steps.*member;
          const size_t worlds = owner.agent_track.size();
          const size_t rows = static_cast<size_t>(owner.num_steps) + 1;
          const size_t plans = worlds == 0 ? 0 : values.size() / worlds / rows;
          return view_of(values, {extent(worlds), extent(plans), extent(rows)}, self);
        },
        doc.c_str());
  };
#define FORKROAD_STEP(type, name, unit, convert, meaning) \
  bind("step_" #name, &StepColumns::name, "[B, G, H + 1] [" unit "] " meaning);
  FORKROAD_STEP_FIELDS(FORKROAD_STEP)
#undef FORKROAD_STEP
}

void bind_traces(py::module_& module) {
  using Values = std::vector<float> RolloutTraces::*;
  using Worlds = std::vector<std::vector<float>> RolloutTraces::*;
  TracesClass traces(
      module, "RolloutTraces",
      "Poses over time: box centres, scene-local, [m] and [rad]. Arrays are views that keep the\n"
      "traces alive. H is the largest number of steps, H_b that of one world.");
  traces.def_readonly("num_steps", &RolloutTraces::num_steps, "H: instants 0 .. H");
  const auto bind_ego = [&](const char* name, Values member) {
    traces.def_property_readonly(
        name,
        [member](py::object self) {
          const auto& owner = self.cast<const RolloutTraces&>();
          const size_t worlds = owner.agent_track.size();
          const size_t rows = static_cast<size_t>(owner.num_steps) + 1;
          const size_t plans = worlds == 0 ? 0 : (owner.*member).size() / worlds / rows;
          return view_of(owner.*member, {extent(worlds), extent(plans), extent(rows)}, self);
        },
        "float32 [B, G, H + 1], NaN past a world's last step");
  };
  bind_ego("ego_x", &RolloutTraces::ego_x);
  bind_ego("ego_y", &RolloutTraces::ego_y);
  bind_ego("ego_heading", &RolloutTraces::ego_heading);
  const auto bind_agent = [&](const char* name, Worlds member) {
    traces.def(
        name,
        [member](py::object self, int world) {
          const auto& owner = self.cast<const RolloutTraces&>();
          check_world(world, owner.agent_track.size());
          const auto& values = (owner.*member)[static_cast<size_t>(world)];
          const size_t agents = owner.agent_track[static_cast<size_t>(world)].size();
          const size_t rows = agents == 0 ? 0 : values.size() / agents;
          return view_of(values, {extent(rows), extent(agents)}, self);
        },
        py::arg("world"), "float32 [H_b + 1, N], NaN where not observed");
  };
  bind_agent("agent_x", &RolloutTraces::agent_x);
  bind_agent("agent_y", &RolloutTraces::agent_y);
  bind_agent("agent_heading", &RolloutTraces::agent_heading);
  traces.def(
      "agent_track",
      [](py::object self, int world) {
        const auto& owner = self.cast<const RolloutTraces&>();
        check_world(world, owner.agent_track.size());
        const auto& tracks = owner.agent_track[static_cast<size_t>(world)];
        return view_of(tracks, {extent(tracks.size())}, self);
      },
      py::arg("world"), "int32 [N], index of each agent into the scene's tracks");
  bind_steps(traces);
}

void bind_fact_field(py::module_& module) {
  py::class_<FactField>(module, "FactField", "One fact: its name, unit and meaning.")
      .def_readonly("name", &FactField::name)
      .def_readonly("dtype", &FactField::dtype)
      .def_readonly("unit", &FactField::unit, "'' if it has none")
      .def_readonly("invalid", &FactField::invalid, "the value that means none, in words")
      .def_readonly("meaning", &FactField::meaning)
      .def("__repr__", [](const FactField& field) {
        return fmt::format("<FactField {} [{}]: {}>", field.name, field.unit, field.meaning);
      });
}

using FactsClass = py::class_<TracedFacts, std::shared_ptr<TracedFacts>>;

// An array that `make(facts, owner)` views.
template <class Make>
void bind_facts_array(FactsClass& facts, const char* name, Make make, const char* doc) {
  facts.def_property_readonly(
      name, [make](py::object self) { return make(self.cast<const TracedFacts&>(), self); }, doc);
}

// Every fact of the one list, of the plans and of the log.
void bind_fact_arrays(FactsClass& facts) {
#define FORKROAD_FACT(type, name, unit, invalid, meaning)         \
  bind_facts_array(                                               \
      facts, #name,                                               \
      [](const TracedFacts& self, py::object owner) {             \
        return view_of(self.plans.name, plan_shape(self), owner); \
      },                                                          \
      "[B, G] [" unit "] " meaning "; none: " invalid);           \
  bind_facts_array(                                               \
      facts, "log_" #name,                                        \
      [](const TracedFacts& self, py::object owner) {             \
        return view_of(self.log.name, {self.num_worlds}, owner);  \
      },                                                          \
      "[B] [" unit "] of the log: " meaning "; none: " invalid);
  FORKROAD_FACT_FIELDS(FORKROAD_FACT)
#undef FORKROAD_FACT
}

void bind_facts_class(py::module_& module) {
  FactsClass facts(
      module, "Facts",
      "What a rollout measured, raw: every fact [B, G] per world and plan, and `log_<fact>` [B] "
      "of\n"
      "the logged motion under the same spec. `Facts.fields()` lists them. Arrays are views that\n"
      "keep the facts alive.");
  facts.def_static("fields", fact_fields, "List of FactField.")
      .def_readonly("num_worlds", &TracedFacts::num_worlds, "B")
      .def_readonly("num_plans", &TracedFacts::num_plans, "G")
      .def_property_readonly(
          "spec", [](const TracedFacts& self) { return self.spec; },
          "RolloutSpec that the facts were measured under, a copy")
      .def_readonly("agent_model", &TracedFacts::agent_model)
      .def_readonly("traces", &TracedFacts::traces, "RolloutTraces, None unless asked for");
  bind_fact_arrays(facts);
  const auto bind_array = [&](const char* name, auto make, const char* doc) {
    bind_facts_array(facts, name, make, doc);
  };
  bind_array(
      "plan_ids",
      [](const TracedFacts& self, py::object owner) {
        return view_of(self.plan_ids, {self.num_plans}, owner);
      },
      "int64 [G]");
  bind_array(
      "exists",
      [](const TracedFacts& self, py::object owner) {
        return bool_view_of(self.exists, plan_shape(self), owner);
      },
      "bool [B, G], False: masked out, the facts mean nothing");
  bind_array(
      "num_steps",
      [](const TracedFacts& self, py::object owner) {
        return view_of(self.num_steps, {self.num_worlds}, owner);
      },
      "int32 [B], steps simulated");
  bind_array(
      "dt",
      [](const TracedFacts& self, py::object owner) {
        return view_of(self.dt, {self.num_worlds}, owner);
      },
      "float64 [B] [s]");
  facts.def("__repr__", [](const TracedFacts& self) {
    return fmt::format("<Facts of {} worlds x {} plans, agents '{}'>", self.num_worlds,
                       self.num_plans, self.agent_model);
  });
}

}  // namespace

void bind_facts(py::module_& module) {
  bind_spec(module);
  bind_contact_class(module);
  bind_traces(module);
  bind_fact_field(module);
  bind_facts_class(module);
}

}  // namespace forkroad::python
