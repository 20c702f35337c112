// Agent models, Simulator, lane kernels, devices.
#include <fmt/format.h>
#include <pybind11/stl.h>

#include <mutex>
#include <utility>

#include "bindings/bindings.hpp"
#include "sim/device.hpp"
#include "sim/simulator.hpp"

namespace forkroad::python {
namespace {

// A simulator that keeps its batch alive; threads that share it take turns.
struct OwningSimulator {
  std::shared_ptr<SceneBatch> batch;
  Simulator simulator;
  std::mutex mutex;

  OwningSimulator(std::shared_ptr<SceneBatch> scenes, const SimulatorOptions& options)
      : batch(std::move(scenes)), simulator(*batch, options) {}
};

std::shared_ptr<TracedFacts> rollout(OwningSimulator& self, const Snapshot& snapshot,
                                     const PlanSet& plans, const AgentModel& agents,
                                     const RolloutSpec& spec, bool traces, bool step_facts) {
  const RolloutSpec own = spec;  // Python may change the one it holds
  const py::gil_scoped_release release;
  const std::scoped_lock lock(self.mutex);
  auto facts = std::make_shared<TracedFacts>();
  if (traces || step_facts) facts->traces = std::make_shared<RolloutTraces>();
  if (step_facts) facts->traces->with_steps = true;
  self.simulator.rollout(snapshot, plans, agents, own, *facts, facts->traces.get());
  return facts;
}

std::shared_ptr<ScoreTable> score(OwningSimulator& self, const PlanSet& plans,
                                  const AgentModel& agents, const ScoreCard& card) {
  const py::gil_scoped_release release;
  const std::scoped_lock lock(self.mutex);
  return std::make_shared<ScoreTable>(self.simulator.score(plans, agents, card));
}

void bind_agents(py::module_& module) {
  py::class_<AgentModel>(module, "AgentModel", "What moves the other road users.")
      .def_property_readonly("name",
                             [](const AgentModel& model) { return std::string(model.name()); })
      .def("__repr__",
           [](const AgentModel& model) { return fmt::format("<AgentModel '{}'>", model.name()); });
  module.def(
      "make_agent_model", [](const std::string& name) { return make_agent_model(name); },
      py::arg("name"), "Makes an agent model by name. Raises ValueError naming the known ones.");
}

void bind_simulator(py::module_& module) {
  py::class_<OwningSimulator>(
      module, "Simulator",
      "Rolls plans out from snapshots and measures facts. Keeps its batch alive. Calls release\n"
      "the GIL; threads that share a simulator take turns, so give each thread its own.")
      .def(py::init([](std::shared_ptr<SceneBatch> batch, int num_threads, int lanes) {
             SimulatorOptions options;
             options.num_threads = num_threads;
             options.lanes = lanes;
             return std::make_unique<OwningSimulator>(std::move(batch), options);
           }),
           py::arg("batch"), py::kw_only(), py::arg("num_threads") = 1, py::arg("lanes") = 0,
           "`num_threads` CPU workers. `lanes` per register group: 1, 8 or 16 in float, 1, 4 or 8\n"
           "in double, 0: the widest. Results depend on neither, to the bit. Raises ValueError on\n"
           "other values.")
      .def("rollout", rollout, py::arg("snapshot"), py::arg("plans"), py::arg("agents"),
           py::arg_v("spec", RolloutSpec{}, "RolloutSpec()"), py::kw_only(),
           py::arg("traces") = false, py::arg("step_facts") = false,
           "Simulates every plan from its world of the snapshot and measures it and the log:\n"
           "Facts. `traces=True` keeps the poses of ego and agents in `facts.traces`, and\n"
           "`step_facts=True` the facts of every step beside them. Raises\n"
           "ValueError where plans, snapshot and spec do not fit each other.")
      .def("score", score, py::arg("plans"), py::arg("agents"), py::arg("card"),
           "Rollout from Snapshot.of_log under the card's spec, then the card: ScoreTable.")
      .def_readonly("batch", &OwningSimulator::batch);
}

void bind_machine(py::module_& module) {
  module.def(
      "usable_lane_kernels",
      [] {
        std::vector<std::string> names;
        for (const LaneKernels& kernels : usable_lane_kernels()) names.emplace_back(kernels.name);
        return names;
      },
      "Names of the lane types that this build holds and this processor runs.");
  module.def("num_cuda_devices", num_cuda_devices,
             "Number of GPUs this build can use; 0 in a build without CUDA.");
}

}  // namespace

void bind_sim(py::module_& module) {
  bind_agents(module);
  bind_simulator(module);
  bind_machine(module);
}

}  // namespace forkroad::python
