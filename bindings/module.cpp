// The module forkroad._core.
#include "bindings/bindings.hpp"

PYBIND11_MODULE(_core, module) {
  module.doc() = "The compiled core of forkroad. Use it through the package `forkroad`.";
  module.attr("version") = FORKROAD_VERSION;
  forkroad::python::bind_scenes(module);
  forkroad::python::bind_shards(module);
  forkroad::python::bind_scene_builder(module);
  forkroad::python::bind_generator(module);
  forkroad::python::bind_snapshots(module);
  forkroad::python::bind_plans(module);
  forkroad::python::bind_facts(module);
  forkroad::python::bind_scores(module);
  forkroad::python::bind_sim(module);
  forkroad::python::bind_pdm(module);
  forkroad::python::bind_pdm_card(module);
}
