// PlanSet, vocabularies, plans made from the log.
#include <fmt/format.h>
#include <pybind11/stl.h>

#include <optional>
#include <stdexcept>
#include <utility>

#include "bindings/bindings.hpp"
#include "sim/log_plan.hpp"
#include "sim/plan_set.hpp"
#include "sim/vocabulary.hpp"

namespace forkroad::python {
namespace {

const char* frame_name(const PlanLayout& layout) {
  return layout.frame == PlanFrame::kEgo ? "ego" : "scene";
}

const char* reference_name(const PlanLayout& layout) {
  return layout.reference == ReferencePoint::kRearAxle ? "rear_axle" : "box_center";
}

// 0 or 1 for the first or second word.
int pick(const char* argument, const std::string& got, const char* first, const char* second) {
  if (got == first) return 0;
  if (got == second) return 1;
  throw std::invalid_argument(
      fmt::format("PlanSet: {}: got '{}', expected '{}' or '{}'", argument, got, first, second));
}

template <class T>
const T& require(const std::optional<T>& value, const char* argument, const char* expected) {
  if (value) return *value;
  throw py::type_error(
      fmt::format("PlanSet: {} is missing, expected {}: plans do not say it themselves and it is "
                  "not guessed",
                  argument, expected));
}

PlanLayout make_layout(const std::string& kind, const std::optional<double>& dt,
                       const std::optional<double>& first_time,
                       const std::optional<std::string>& frame,
                       const std::optional<std::string>& reference) {
  PlanLayout layout;
  layout.kind =
      pick("kind", kind, "poses", "controls") == 0 ? PlanKind::kPoses : PlanKind::kControls;
  layout.dt = require(dt, "dt", "the seconds between plan steps");
  layout.first_time =
      require(first_time, "first_time", "the seconds from the start to the first plan step");
  if (layout.kind == PlanKind::kControls) {
    // controls move the rear axle from where it is: only that may be said of them
    if (frame.value_or("ego") != "ego" || reference.value_or("rear_axle") != "rear_axle") {
      throw std::invalid_argument(
          fmt::format("PlanSet: got controls with frame '{}' and reference '{}', expected none: "
                      "controls move the rear axle from where it is",
                      frame.value_or("ego"), reference.value_or("rear_axle")));
    }
    return layout;
  }
  layout.frame = pick("frame", require(frame, "frame", "'ego' or 'scene'"), "ego", "scene") == 0
                     ? PlanFrame::kEgo
                     : PlanFrame::kScene;
  layout.reference =
      pick("reference", require(reference, "reference", "'rear_axle' or 'box_center'"), "rear_axle",
           "box_center") == 0
          ? ReferencePoint::kRearAxle
          : ReferencePoint::kBoxCenter;
  return layout;
}

std::string shape_text(const py::array& values) {
  std::string text;
  for (py::ssize_t axis = 0; axis < values.ndim(); ++axis) {
    text += fmt::format("{}{}", axis == 0 ? "" : ", ", values.shape(axis));
  }
  return "[" + text + "]";
}

PlanSet make_plan_set(const FloatArray& values, const std::optional<double>& dt,
                      const std::optional<double>& first_time,
                      const std::optional<std::string>& frame,
                      const std::optional<std::string>& reference, const std::string& kind,
                      std::optional<std::vector<int64_t>> ids,
                      const std::optional<py::array_t<bool, py::array::c_style>>& mask) {
  const PlanLayout layout = make_layout(kind, dt, first_time, frame, reference);
  const int columns = layout.kind == PlanKind::kPoses ? 3 : 2;
  const py::ssize_t axes = values.ndim();
  if ((axes != 3 && axes != 4) || values.shape(axes - 1) != columns) {
    throw std::invalid_argument(
        fmt::format("PlanSet: got values of shape {}, expected [K, T, {}] or [B, K, T, {}] for {}",
                    shape_text(values), columns, columns, kind));
  }
  const int num_worlds = axes == 4 ? static_cast<int>(values.shape(0)) : 1;
  const int num_plans = static_cast<int>(values.shape(axes - 3));
  const int num_steps = static_cast<int>(values.shape(axes - 2));
  std::vector<uint8_t> exists;
  if (mask) {
    const bool whole = mask->ndim() == 2 && mask->shape(0) == num_worlds;
    const bool row = mask->ndim() == 1 && num_worlds == 1;
    if ((!whole && !row) || mask->shape(mask->ndim() - 1) != num_plans) {
      throw std::invalid_argument(fmt::format("PlanSet: got a mask of shape {}, expected [{}, {}]",
                                              shape_text(*mask), num_worlds, num_plans));
    }
    exists.assign(mask->data(), mask->data() + mask->size());
  }
  return PlanSet({values.data(), static_cast<size_t>(values.size())}, num_worlds, num_plans,
                 num_steps, layout, std::move(ids).value_or(std::vector<int64_t>{}),
                 std::move(exists));
}

py::array_t<float> values_of(const PlanSet& plans) {
  py::array_t<float> out(
      Shape{plans.num_worlds(), plans.num_plans(), plans.num_steps(), plans.columns()});
  float* to = out.mutable_data();
  for (int world = 0; world < plans.num_worlds(); ++world) {
    for (int plan = 0; plan < plans.num_plans(); ++plan) {
      for (int step = 0; step < plans.num_steps(); ++step) {
        for (int column = 0; column < plans.columns(); ++column) {
          *to++ = plans.value(world, plan, step, column);
        }
      }
    }
  }
  return out;
}

py::array_t<bool> mask_of(const PlanSet& plans) {
  py::array_t<bool> out(Shape{plans.num_worlds(), plans.num_plans()});
  bool* to = out.mutable_data();
  for (int world = 0; world < plans.num_worlds(); ++world) {
    for (int plan = 0; plan < plans.num_plans(); ++plan) *to++ = plans.exists(world, plan);
  }
  return out;
}

constexpr const char* kPlanSetDoc =
    "Candidate futures of a focal agent.\n\n"
    "values      float32 [K, T, 3] or [B, K, T, 3] poses: x [m], y [m], heading [rad]; for\n"
    "            kind='controls' 2 columns: acceleration [m/s^2], curvature [1/m]. Without a\n"
    "            world axis, or with B = 1, the plans hold for every world of a snapshot.\n"
    "dt          [s] between plan steps\n"
    "first_time  [s] from the start to the first pose; 0 for controls\n"
    "frame       'ego': relative to the start pose; 'scene': the scene-local frame\n"
    "reference   'rear_axle' or 'box_center': the point that the poses are of\n"
    "kind        'poses' or 'controls'; controls need neither frame nor reference\n"
    "ids         int64 [K], names of the plans; None: 0 .. K - 1\n"
    "mask        bool [B, K] or [K], the plans that exist; None: all\n\n"
    "The values are copied. Raises TypeError naming what is missing, ValueError naming world,\n"
    "plan, step and column of a value that is not finite.";

void bind_plan_set(py::module_& module) {
  py::class_<PlanSet>(module, "PlanSet", kPlanSetDoc)
      .def(py::init(&make_plan_set), py::arg("values"), py::kw_only(), py::arg("dt") = py::none(),
           py::arg("first_time") = py::none(), py::arg("frame") = py::none(),
           py::arg("reference") = py::none(), py::arg("kind") = "poses",
           py::arg("ids") = py::none(), py::arg("mask") = py::none(), kPlanSetDoc)
      .def("values", values_of,
           "float32 [B, K, T, columns], a copy; plans that do not exist hold 0.")
      .def(
          "poses",
          [](const PlanSet& plans) {
            if (plans.layout().kind != PlanKind::kPoses) {
              throw std::invalid_argument("PlanSet.poses: got controls; values() returns them");
            }
            return values_of(plans);
          },
          "float32 [B, K, T, 3]: x [m], y [m], heading [rad], a copy; plans that do not exist\n"
          "hold 0. Raises ValueError for controls.")
      .def_property_readonly("mask", mask_of, "bool [B, K], the plans that exist; a copy")
      .def_property_readonly(
          "ids", [](const PlanSet& plans) { return copy_of(plans.ids(), {plans.num_plans()}); },
          "int64 [K], a copy")
      .def_property_readonly("num_worlds", &PlanSet::num_worlds, "B, 1: for every world")
      .def_property_readonly("num_plans", &PlanSet::num_plans, "K")
      .def_property_readonly("num_steps", &PlanSet::num_steps, "T")
      .def_property_readonly(
          "dt", [](const PlanSet& plans) { return plans.layout().dt; }, "[s]")
      .def_property_readonly(
          "first_time", [](const PlanSet& plans) { return plans.layout().first_time; }, "[s]")
      .def_property_readonly("frame",
                             [](const PlanSet& plans) { return frame_name(plans.layout()); })
      .def_property_readonly("reference",
                             [](const PlanSet& plans) { return reference_name(plans.layout()); })
      .def_property_readonly(
          "kind", [](const PlanSet& plans) { return plan_kind_name(plans.layout().kind); })
      .def_property_readonly("end_time", &PlanSet::end_time,
                             "[s] of the last pose, or when the last control ends")
      .def("__len__", &PlanSet::num_plans)
      .def("__repr__", [](const PlanSet& plans) {
        return fmt::format("<PlanSet [{}, {}, {}, {}] of {}, dt {:g} s>", plans.num_worlds(),
                           plans.num_plans(), plans.num_steps(), plans.columns(),
                           plan_kind_name(plans.layout().kind), plans.layout().dt);
      });
}

void bind_vocabulary(py::module_& module) {
  const VocabularySpec usual;
  module.def(
      "vocabulary",
      [](const SceneBatch& batch, int num_plans) {
        const py::gil_scoped_release release;
        return vocabulary(batch, num_plans);
      },
      py::arg("batch"), py::arg("num_plans"),
      "A lattice of paths x speed profiles around what the ego did, `num_plans` plans per scene\n"
      "from its current step, as far as the shortest log reaches: box centre poses in the scene\n"
      "frame. Plan 0 follows the logged path at constant speed. Raises ValueError if a scene has\n"
      "no ego at its current step.");
  module.def(
      "vocabulary",
      [](const SceneBatch& batch, const Snapshot& snapshot, int num_plans, double dt, int num_steps,
         double max_lateral, double max_braking, double max_acceleration, double max_speed) {
        const py::gil_scoped_release release;
        return vocabulary(batch, snapshot, num_plans,
                          {dt, num_steps, max_lateral, max_braking, max_acceleration, max_speed});
      },
      py::arg("batch"), py::arg("snapshot"), py::arg("num_plans"), py::kw_only(),
      py::arg("dt") = usual.dt, py::arg("num_steps") = usual.num_steps,
      py::arg("max_lateral") = usual.max_lateral, py::arg("max_braking") = usual.max_braking,
      py::arg("max_acceleration") = usual.max_acceleration, py::arg("max_speed") = usual.max_speed,
      "The same from a snapshot: `num_steps` poses per plan `dt` [s] apart, the first one dt "
      "after\n"
      "the snapshot. `max_lateral` [m], `max_braking` and `max_acceleration` [m/s^2], `max_speed`\n"
      "[m/s]. Raises ValueError on values out of range.");
}

void bind_log_plans(py::module_& module) {
  const PerturbationSpec usual;
  module.def(
      "log_plan",
      [](const SceneBatch& batch, const Snapshot& snapshot, int world, double dt, int num_steps) {
        if (world < 0 || world >= snapshot.num_worlds()) {
          throw std::invalid_argument(fmt::format("log_plan: got world {}, the snapshot has {}",
                                                  world, snapshot.num_worlds()));
        }
        if (!(dt > 0.0) || num_steps < 0) {
          throw std::invalid_argument(
              fmt::format("log_plan: got dt {} s, {} steps, expected > 0 and >= 0", dt, num_steps));
        }
        const int scene = snapshot.scene[static_cast<size_t>(world)];
        return log_plan(batch.scene(scene), snapshot, world, dt, num_steps);
      },
      py::arg("batch"), py::arg("snapshot"), py::arg("world") = 0, py::kw_only(), py::arg("dt"),
      py::arg("num_steps"),
      "The logged motion of a world's focal agent as one plan: box centre poses in the scene "
      "frame\n"
      "at 0, dt, ... num_steps * dt [s]; where the log does not observe it the pose before is\n"
      "held. On the log's own steps the poses are the stored bits.");
  module.def(
      "log_perturbations",
      [](const SceneBatch& batch, const Snapshot& snapshot, int num_plans, double dt, int num_steps,
         float max_lateral, float max_stretch, uint64_t seed) {
        const py::gil_scoped_release release;
        return log_perturbations(batch, snapshot, num_plans,
                                 {dt, num_steps, max_lateral, max_stretch, seed});
      },
      py::arg("batch"), py::arg("snapshot"), py::arg("num_plans"), py::kw_only(),
      py::arg("dt") = usual.dt, py::arg("num_steps") = usual.num_steps,
      py::arg("max_lateral") = usual.max_lateral, py::arg("max_stretch") = usual.max_stretch,
      py::arg("seed") = usual.seed,
      "Plan 0 is the log; the others drift to a side by up to `max_lateral` [m] at the horizon's\n"
      "end and advance by up to the share `max_stretch` more or less than the log did. Random\n"
      "numbers depend on (seed, scene id, plan) alone. Raises ValueError on values out of range.");
}

}  // namespace

void bind_plans(py::module_& module) {
  bind_plan_set(module);
  bind_vocabulary(module);
  bind_log_plans(module);
}

}  // namespace forkroad::python
