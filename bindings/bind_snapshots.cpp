// SceneBatch, VehicleModel, Snapshot.
#include <fmt/format.h>
#include <pybind11/stl.h>

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "bindings/bindings.hpp"
#include "sim/snapshot.hpp"

namespace forkroad::python {
namespace {

using IntArray = py::array_t<int32_t, py::array::c_style>;

std::span<const int> as_span(const IntArray& values, const char* name) {
  if (values.ndim() != 1) {
    throw std::invalid_argument(
        fmt::format("Snapshot: {}: got {} dimensions, expected [B]", name, values.ndim()));
  }
  return {values.data(), static_cast<size_t>(values.size())};
}

// The focal tracks given, or -1 for the ego of every world.
std::vector<int> focal_tracks_or_ego(const std::optional<IntArray>& given, size_t num_worlds) {
  if (!given) return std::vector<int>(num_worlds, -1);
  const std::span<const int> tracks = as_span(*given, "focal_track");
  return {tracks.begin(), tracks.end()};
}

Snapshot snapshot_of_log(const SceneBatch& batch, const std::optional<IntArray>& scene,
                         const std::optional<IntArray>& step,
                         const std::optional<IntArray>& focal_track) {
  if (!scene && !step && !focal_track) return Snapshot::of_log(batch);
  if (!scene || !step) {
    throw std::invalid_argument(
        "Snapshot.of_log: got one of scene and step, expected both or neither");
  }
  const std::span<const int> scenes = as_span(*scene, "scene");
  return Snapshot::of_log(batch, scenes, as_span(*step, "step"),
                          focal_tracks_or_ego(focal_track, scenes.size()));
}

std::vector<VehicleModel> vehicles_of(const FloatArray& values, size_t num_worlds) {
  if (values.ndim() != 2 || values.shape(1) != 4 ||
      static_cast<size_t>(values.shape(0)) != num_worlds) {
    throw std::invalid_argument(
        fmt::format("Snapshot.from_arrays: vehicle: expected shape [{}, 4]: length, width, "
                    "wheel_base, rear_axle_to_center",
                    num_worlds));
  }
  std::vector<VehicleModel> vehicles;
  for (py::ssize_t world = 0; world < values.shape(0); ++world) {
    vehicles.push_back(
        {values.at(world, 0), values.at(world, 1), values.at(world, 2), values.at(world, 3)});
  }
  return vehicles;
}

using BoolArray = py::array_t<bool, py::array::c_style>;

std::vector<EgoState> history_of(const FloatArray& values, const std::optional<BoolArray>& observed,
                                 size_t num_worlds) {
  if (values.ndim() != 3 || values.shape(2) != 5 || values.shape(1) < 1 ||
      static_cast<size_t>(values.shape(0)) != num_worlds) {
    throw std::invalid_argument(
        fmt::format("Snapshot.from_arrays: history: expected shape [{}, H >= 1, 5]: x, y, heading, "
                    "velocity_x, velocity_y",
                    num_worlds));
  }
  if (observed && (observed->ndim() != 2 || observed->shape(0) != values.shape(0) ||
                   observed->shape(1) != values.shape(1))) {
    throw std::invalid_argument(
        fmt::format("Snapshot.from_arrays: observed: expected shape [{}, "
                    "{}] as history",
                    num_worlds, values.shape(1)));
  }
  std::vector<EgoState> history;
  for (py::ssize_t world = 0; world < values.shape(0); ++world) {
    for (py::ssize_t step = 0; step < values.shape(1); ++step) {
      const float* state = values.data(world, step, 0);
      history.push_back({state[0], state[1], state[2], state[3], state[4],
                         !observed || observed->at(world, step)});
    }
  }
  return history;
}

Snapshot snapshot_from_arrays(const SceneBatch& batch, const IntArray& scene, const IntArray& step,
                              const FloatArray& vehicle, const FloatArray& history,
                              double history_dt, const std::optional<IntArray>& focal_track,
                              const std::optional<BoolArray>& observed) {
  const std::span<const int> scenes = as_span(scene, "scene");
  return Snapshot::from_arrays(batch, scenes, as_span(step, "step"),
                               focal_tracks_or_ego(focal_track, scenes.size()),
                               vehicles_of(vehicle, scenes.size()),
                               history_of(history, observed, scenes.size()), history_dt);
}

py::dict snapshot_to_arrays(const Snapshot& snapshot) {
  const py::ssize_t worlds = snapshot.num_worlds();
  py::array_t<float> vehicle(Shape{worlds, 4});
  py::array_t<float> history(Shape{worlds, snapshot.history_size, 5});
  py::array_t<bool> observed(Shape{worlds, snapshot.history_size});
  float* to = vehicle.mutable_data();
  for (const VehicleModel& model : snapshot.vehicle) {
    *to++ = model.length;
    *to++ = model.width;
    *to++ = model.wheel_base;
    *to++ = model.rear_axle_to_center;
  }
  to = history.mutable_data();
  bool* seen = observed.mutable_data();
  for (const EgoState& state : snapshot.history) {
    *to++ = state.x;
    *to++ = state.y;
    *to++ = state.heading;
    *to++ = state.velocity_x;
    *to++ = state.velocity_y;
    *seen++ = state.observed;
  }
  py::dict arrays;
  arrays["scene"] = copy_of(snapshot.scene, {worlds});
  arrays["step"] = copy_of(snapshot.step, {worlds});
  arrays["focal_track"] = copy_of(snapshot.focal_track, {worlds});
  arrays["vehicle"] = vehicle;
  arrays["history"] = history;
  arrays["observed"] = observed;
  arrays["history_dt"] = py::array_t<double>(Shape{}, &snapshot.history_dt);
  return arrays;
}

void bind_batch(py::module_& module) {
  py::class_<SceneBatch, std::shared_ptr<SceneBatch>>(
      module, "SceneBatch", "The scenes that worlds are copies of; holds its own copies of them.")
      .def(py::init([](std::vector<Scene> scenes, const std::string& device) {
             const py::gil_scoped_release release;
             return std::make_shared<SceneBatch>(std::move(scenes), parse_device(device));
           }),
           py::arg("scenes"), py::kw_only(), py::arg("device") = "cpu",
           "Takes a list of Scene. `device` is where rollouts run: 'cpu', 'cuda', 'cuda:1', or\n"
           "'best', the first GPU if the build has CUDA and one answers, else the CPU. Raises\n"
           "ValueError if a scene is inconsistent, RuntimeError if there is no such GPU.")
      .def_property_readonly(
          "device", [](const SceneBatch& batch) { return device_name(batch.device()); },
          "'cpu' or 'cuda:INDEX'")
      .def("__len__", &SceneBatch::size)
      .def(
          "__getitem__",
          [](const SceneBatch& batch, int index) -> const Scene& {
            if (index < 0) index += batch.size();
            if (index < 0 || index >= batch.size()) throw py::index_error();
            return batch.scene(index);
          },
          py::arg("index"), py::return_value_policy::reference_internal,
          "The scene at an index; it keeps the batch alive.")
      .def("__repr__", [](const SceneBatch& batch) {
        return fmt::format("<SceneBatch of {} scenes>", batch.size());
      });
}

void bind_vehicle(py::module_& module) {
  const VehicleModel usual;
  py::class_<VehicleModel>(module, "VehicleModel", "The ego's body, all in metres.")
      .def(py::init([](float length, float width, float wheel_base, float rear_axle_to_center) {
             const VehicleModel vehicle = {length, width, wheel_base, rear_axle_to_center};
             check_vehicle(vehicle);
             return vehicle;
           }),
           py::kw_only(), py::arg("length") = usual.length, py::arg("width") = usual.width,
           py::arg("wheel_base") = usual.wheel_base,
           py::arg("rear_axle_to_center") = usual.rear_axle_to_center,
           "Raises ValueError if a size is not finite and positive.")
      .def_static("from_box", vehicle_from_box, py::arg("length"), py::arg("width"),
                  "The model of a logged box: wheel base 0.6 x length, rear axle 0.3 x length\n"
                  "behind the centre, the shares of a common passenger car.")
      .def_readonly("length", &VehicleModel::length)
      .def_readonly("width", &VehicleModel::width)
      .def_readonly("wheel_base", &VehicleModel::wheel_base)
      .def_readonly("rear_axle_to_center", &VehicleModel::rear_axle_to_center)
      .def("__repr__", [](const VehicleModel& vehicle) {
        return fmt::format("<VehicleModel {:g} x {:g} m>", vehicle.length, vehicle.width);
      });
}

constexpr const char* kFromArraysDoc =
    "Worlds whose focal agent is in the given states instead of the logged ones, such as those\n"
    "that another simulator reached. B worlds:\n"
    "  scene        int32 [B], index into the batch\n"
    "  step         int32 [B], log step\n"
    "  vehicle      float32 [B, 4]: length, width, wheel_base, rear_axle_to_center [m]\n"
    "  history      float32 [B, H, 5]: x, y [m] of the box centre, heading [rad], velocity_x,\n"
    "               velocity_y [m/s], scene-local; oldest first, the last one is the present\n"
    "  history_dt   [s] between states\n"
    "  focal_track  int32 [B], index into tracks, -1 or None: the scene's ego\n"
    "  observed     bool [B, H], None: all\n"
    "Raises ValueError where shapes disagree or a value is out of range.";

void bind_snapshot(py::module_& module) {
  py::class_<Snapshot>(module, "Snapshot",
                       "The complete state of B worlds, from which plans fork. Immutable.")
      .def_static(
          "of_log", snapshot_of_log, py::arg("batch"), py::kw_only(), py::arg("scene") = py::none(),
          py::arg("step") = py::none(), py::arg("focal_track") = py::none(),
          "One world per scene at its current step with the ego as focal agent, or worlds\n"
          "as listed: `scene`, `step` and optionally `focal_track` (index into tracks, -1:\n"
          "the ego), int32 [B] each. Raises ValueError if there is no ego or it is not\n"
          "observed there.")
      .def_static("from_arrays", snapshot_from_arrays, py::arg("batch"), py::kw_only(),
                  py::arg("scene"), py::arg("step"), py::arg("vehicle"), py::arg("history"),
                  py::arg("history_dt"), py::arg("focal_track") = py::none(),
                  py::arg("observed") = py::none(), kFromArraysDoc)
      .def("to_arrays", snapshot_to_arrays,
           "The whole snapshot as a dict of numpy arrays (copies), ready to be stored;\n"
           "`Snapshot.from_arrays(batch, **arrays)` restores it to the bit.")
      .def("fork", &Snapshot::fork, py::arg("copies"),
           "Every world `copies` times, copies of a world beside each other.")
      .def(
          "select",
          [](const Snapshot& snapshot, const std::vector<int>& worlds) {
            return snapshot.select(worlds);
          },
          py::arg("worlds"), "The listed worlds, in the order given; repeats are fine.")
      .def_property_readonly("num_worlds", &Snapshot::num_worlds)
      .def(
          "speed",
          [](const Snapshot& snapshot, int world) {
            if (world < 0 || world >= snapshot.num_worlds()) throw py::index_error();
            return snapshot.speed(world);
          },
          py::arg("world"), "[m/s] along the heading, negative when rolling back")
      .def("__len__", &Snapshot::num_worlds)
      .def("__repr__", [](const Snapshot& snapshot) {
        return fmt::format("<Snapshot of {} worlds>", snapshot.num_worlds());
      });
}

}  // namespace

void bind_snapshots(py::module_& module) {
  bind_batch(module);
  bind_vehicle(module);
  bind_snapshot(module);
}

}  // namespace forkroad::python
