// What the binding files share: one bind function per file and numpy arrays of two kinds. A view
// shows memory of a Python object and keeps that object alive; a copy owns its memory.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/facts.hpp"

namespace forkroad::python {

namespace py = pybind11;

void bind_scenes(py::module_& module);
void bind_shards(py::module_& module);
void bind_map(py::module_& module);
void bind_scene_builder(py::module_& module);
void bind_generator(py::module_& module);
void bind_snapshots(py::module_& module);
void bind_plans(py::module_& module);
void bind_pdm(py::module_& module);
void bind_pdm_card(py::module_& module);
void bind_facts(py::module_& module);
void bind_scores(py::module_& module);
void bind_sim(py::module_& module);

// Throws IndexError naming the worlds that there are.
void check_world(int world, size_t num_worlds);

// Facts as Python holds them: with the traces, if they were asked for.
struct TracedFacts : Facts {
  std::shared_ptr<RolloutTraces> traces;
};

using Shape = std::vector<py::ssize_t>;
using FloatArray = py::array_t<float, py::array::c_style | py::array::forcecast>;

inline py::ssize_t extent(size_t size) { return static_cast<py::ssize_t>(size); }

// A numpy view of `values`, which belong to the Python object `owner`.
template <class T>
py::array view_of(const std::vector<T>& values, Shape shape, py::handle owner) {
  return py::array(py::dtype::of<T>(), std::move(shape), values.data(), owner);
}

// The same of bytes that are 0 or 1, as bool.
inline py::array bool_view_of(std::span<const uint8_t> values, Shape shape, py::handle owner) {
  return py::array(py::dtype::of<bool>(), std::move(shape), values.data(), owner);
}

// Views of what is immutable say so.
inline py::array read_only(py::array array) {
  array.attr("flags").attr("writeable") = false;
  return array;
}

template <class T>
py::array copy_of(const std::vector<T>& values, Shape shape) {
  return py::array(py::dtype::of<T>(), std::move(shape), values.data());
}

}  // namespace forkroad::python
