// build_scene: a Scene from plain Python values.
#include <pybind11/stl/filesystem.h>

#include <filesystem>
#include <utility>

#include "bindings/bindings.hpp"
#include "bindings/python_fields.hpp"
#include "bindings/scene_parts.hpp"

namespace forkroad::python {
namespace {

constexpr char kBuildSceneDoc[] =
    R"(A Scene from plain Python values: the way in for logs of any format.

Positions are float64 in source coordinates; the builder subtracts `origin` in double and keeps
float32. What is given without z lies at the height of the origin. Arrays may be nested lists. T
is the number of steps.

Arguments, all by name:
  id           text; becomes the scene's id
  tracks       list of dicts:
                 id          int, unique
                 kind        'vehicle', 'pedestrian', 'cyclist', 'other' or 'unset'
                 raw_type    optional text, the source's own word for the kind
                 positions   [T, 2] or [T, 3] [m], box centres
                 headings    [T] [rad] counter-clockwise from +x, any number of turns up to 1000 rad
                 velocities  [T, 2] [m/s], in the same axes as positions
                 sizes       [T, 3] or [3], length, width, height [m]
                 valid       optional [T] of 0 and 1; where it is 0 all other numbers are ignored
  timestamps   [T] [s], increasing; optional if dt is given (then 0, dt, 2 dt, ...)
  dt           [s] between steps; optional: the median of the timestamps, taken to a nominal rate
               if that is within 0.3 %. Given both, they must agree within 5 %.
  ego          index into tracks, None: the log has no ego
  current_step the step a forecast starts from
  origin       [3] [m], source coordinates of the local (0, 0, 0); default: the ego's place at
               current_step rounded down to whole metres (else at its first valid step; without an
               ego the mean of the tracks' first valid places)
  features     list of dicts:
                 id, kind    int, unique; 'lane', 'road_line', 'road_edge', 'stop_sign',
                             'crosswalk', 'speed_bump', 'driveway' or 'drivable_area'
                 points      [P, 2] or [P, 3] [m]; a ring's repeated end is dropped
                 type        optional MapType that fits the kind
                 raw_type    optional text, the source's own word for the type
               and for lanes, all optional:
                 speed_limit [m/s], interpolating, entry_lanes, exit_lanes (ids),
                 left_neighbors, right_neighbors: lane ids (side by side from end to end) or
                             (id, self_start, self_end, neighbor_start, neighbor_end), point indices
                 left_boundaries, right_boundaries: feature ids (from end to end) or
                             (id, lane_start, lane_end, MapType)
               and for stop signs, optional: controlled_lanes (ids)
  signals      list of dicts, one for each light of a lane:
                 lane_id     int
                 states      list of T: 'stop', 'caution', 'go', 'arrow_stop', ..., 'unknown', or
                             None where the light has no entry
                 stop_point  optional [2], [3], [T, 2] or [T, 3] [m]; default: where the lane starts
  route        lane ids in driving order
  objects_of_interest, tracks_to_predict   track ids; indices into tracks
  format, file, record, byte_offset        provenance
  assumptions  list of texts: what had to be assumed; the builder adds its own

Raises SceneFault, a ValueError that names what was got, what was expected and where, with the
ParseError code in `code`. A returned scene holds to every rule of Scene.)";

std::vector<Located> list_of(const Located& value) {
  return value.is_none() ? std::vector<Located>() : value.items();
}

std::vector<int64_t> ids_of(const py::object& value, const char* name) {
  return value.is_none() ? std::vector<int64_t>() : Located{value, name}.integers();
}

void set_assumptions(const Located& given, Scene& scene) {
  for (const Located& text : list_of(given)) {
    if (!py::isinstance<py::str>(text.value)) text.refuse("a text");
    scene.assumptions.push_back(text.value.cast<std::string>());
  }
}

Scene build_scene(const py::object& id, const py::object& tracks, const py::object& timestamps,
                  const py::object& dt, const py::object& ego, const py::object& current_step,
                  const py::object& origin, const py::object& features, const py::object& signals,
                  const py::object& route, const py::object& objects_of_interest,
                  const py::object& tracks_to_predict, const py::object& format,
                  const std::filesystem::path& file, const py::object& record,
                  const py::object& byte_offset, const py::object& assumptions) {
  Scene scene;
  scene.id = Located{id, "id"}.text(false);
  scene.provenance = {Located{format, "format"}.text(false), file.string(),
                      Located{record, "record"}.integer(),
                      Located{byte_offset, "byte_offset"}.integer()};
  set_assumptions({assumptions, "assumptions"}, scene);
  const std::vector<Located> track_dicts = Located{tracks, "tracks"}.items();
  set_clock({timestamps, "timestamps"}, {dt, "dt"}, track_dicts, scene);
  scene.ego = ego.is_none() ? -1 : Located{ego, "ego"}.small_integer();
  scene.current_step = Located{current_step, "current_step"}.small_integer();
  add_tracks(track_dicts, {origin, "origin"}, scene);
  add_features(list_of({features, "features"}), scene);
  add_signals(list_of({signals, "signals"}), scene);
  scene.route = ids_of(route, "route");
  scene.objects_of_interest = ids_of(objects_of_interest, "objects_of_interest");
  for (const Located& track : list_of({tracks_to_predict, "tracks_to_predict"})) {
    scene.tracks_to_predict.push_back(track.small_integer());
  }
  if (const std::string fault = find_scene_fault(scene); !fault.empty()) {
    throw SceneFault(ParseCode::kInconsistent, fault);
  }
  return scene;
}

}  // namespace

void bind_scene_builder(py::module_& module) {
  PYBIND11_CONSTINIT static py::gil_safe_call_once_and_store<py::object> fault_type;
  fault_type.call_once_and_store_result([&]() -> py::object {
    return py::exception<SceneFault>(module, "SceneFault", PyExc_ValueError);
  });
  fault_type.get_stored().attr("__doc__") =
      "What build_scene raises: a ValueError whose `code` is one of ParseError's.";
  py::register_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(pointer);
    } catch (const SceneFault& fault) {
      const py::object& type = fault_type.get_stored();
      const py::object error = type(fault.what());
      error.attr("code") = parse_code_name(fault.code());
      PyErr_SetObject(type.ptr(), error.ptr());
    }
  });
  module.def("build_scene", build_scene, py::kw_only(), py::arg("id"), py::arg("tracks"),
             py::arg("timestamps") = py::none(), py::arg("dt") = py::none(),
             py::arg("ego") = py::none(), py::arg("current_step") = 0,
             py::arg("origin") = py::none(), py::arg("features") = py::none(),
             py::arg("signals") = py::none(), py::arg("route") = py::none(),
             py::arg("objects_of_interest") = py::none(), py::arg("tracks_to_predict") = py::none(),
             py::arg("format") = "python", py::arg("file") = "", py::arg("record") = 0,
             py::arg("byte_offset") = -1, py::arg("assumptions") = py::none(), kBuildSceneDoc);
}

}  // namespace forkroad::python
