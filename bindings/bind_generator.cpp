// The procedural generator of scenes and the truth about them.
#include <pybind11/stl.h>

#include <stdexcept>

#include "bindings/bindings.hpp"
#include "scenarios/generate_scene.hpp"

namespace forkroad::python {
namespace {

LayoutKind layout_named(const std::string& name) {
  if (const std::optional<LayoutKind> layout = find_layout(name)) return *layout;
  std::string known;
  for (const LayoutKind layout : all_layouts()) {
    known += (known.empty() ? "" : ", ") + std::string(layout_name(layout));
  }
  throw std::invalid_argument("unknown layout '" + name + "', expected one of: " + known);
}

GeneratedScene generate(const std::string& layout, uint64_t seed, uint64_t index, int num_steps,
                        double dt, int current_step) {
  const LayoutKind kind = layout_named(layout);
  const py::gil_scoped_release release;
  return generate_scene({dt, num_steps, current_step}, kind, seed, index);
}

py::dict fault_counts(const GeneratedScene& generated) {
  py::dict counts;
  for (size_t fault = 1; fault < generated.counts.faults.size(); ++fault) {
    counts[traffic_fault_name(static_cast<TrafficFault>(fault))] = generated.counts.faults[fault];
  }
  return counts;
}

// A query of one point; Python takes vectors of points apart itself.
template <class Query>
auto over_points(Query query) {
  return [query](const LayoutTruth& truth, double x, double y, double z) {
    return (truth.*query)(x, y, z);
  };
}

void bind_truth(py::module_& module) {
  py::class_<LayoutTruth>(
      module, "LayoutTruth",
      "What is true of a generated map by construction, from exact lines and arcs and not from\n"
      "the map's polylines. Points are scene-local [m].")
      .def("is_drivable", over_points(&LayoutTruth::is_drivable), py::arg("x"), py::arg("y"),
           py::arg("z"), "Whether a wheel may stand there: a road, parking place or driveway.")
      .def("distance_to_edge", over_points(&LayoutTruth::distance_to_edge), py::arg("x"),
           py::arg("y"), py::arg("z"),
           "[m] to the nearest road edge at that height, positive on drivable ground, negative\n"
           "beside it, -inf where there is no road at that height. Open ends of the map are no "
           "edge.")
      .def("lanes_at", over_points(&LayoutTruth::lanes_at), py::arg("x"), py::arg("y"),
           py::arg("z"), "Ids of the lanes that the point lies in, ascending.")
      .def("surface_at", over_points(&LayoutTruth::surface_at), py::arg("x"), py::arg("y"),
           py::arg("z"), "Height [m] of the road surface nearest to z.");
}

}  // namespace

void bind_generator(py::module_& module) {
  bind_truth(module);
  py::class_<GeneratedScene>(module, "GeneratedScene", "A scene with the truth about its map.")
      .def_readonly("scene", &GeneratedScene::scene)
      .def_readonly("truth", &GeneratedScene::truth)
      .def_property_readonly(
          "draws", [](const GeneratedScene& generated) { return generated.counts.draws; },
          "how often traffic was drawn until a run was without fault")
      .def_property_readonly("faults", fault_counts, "runs thrown away, by reason");
  py::list layouts;
  for (const LayoutKind layout : all_layouts()) layouts.append(layout_name(layout));
  module.attr("layouts") = py::tuple(layouts);
  module.def("generate_scene_and_truth", generate, py::kw_only(), py::arg("layout"),
             py::arg("seed") = 0, py::arg("index") = 0, py::arg("num_steps") = 91,
             py::arg("dt") = 0.1, py::arg("current_step") = 10,
             "The scene of generate_scene() with the exact truth about its map.");
  module.def(
      "generate_scene",
      [](const std::string& layout, uint64_t seed, uint64_t index, int num_steps, double dt,
         int current_step) {
        return generate(layout, seed, index, num_steps, dt, current_step).scene;
      },
      py::kw_only(), py::arg("layout"), py::arg("seed") = 0, py::arg("index") = 0,
      py::arg("num_steps") = 91, py::arg("dt") = 0.1, py::arg("current_step") = 10,
      "A scene of one of `layouts` with reactive traffic, the same bits for the same arguments on\n"
      "every machine. Track 0 is the ego. Nobody touches anybody, vehicles stay on drivable\n"
      "ground, nobody enters on red. `dt` in seconds, 0.01 to 1. Raises ValueError on an unknown\n"
      "layout and on arguments out of range.");
}

}  // namespace forkroad::python
