// Scene, Track, Provenance, ParseError, the readers, the generated scene.
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

#include "bindings/bindings.hpp"
#include "scenarios/generated_scene.hpp"
#include "scenarios/load_scenes.hpp"
#include "scenarios/tfrecord.hpp"

namespace forkroad::python {
namespace {

using Column = StepArray<float> Track::*;

// The given columns of one track side by side: [T, columns] into `out`.
void interleave(const Track& track, std::initializer_list<Column> columns, float* out) {
  const size_t width = columns.size();
  size_t at = 0;
  for (const Column column : columns) {
    const StepArray<float>& values = track.*column;
    for (size_t step = 0; step < values.size(); ++step) out[step * width + at] = values[step];
    ++at;
  }
}

// [N, T, columns] of all tracks, [N, T] for one column.
py::array stack_tracks(const Scene& scene, std::initializer_list<Column> columns) {
  const size_t steps = static_cast<size_t>(scene.num_steps);
  Shape shape = {extent(scene.tracks.size()), extent(steps)};
  if (columns.size() > 1) shape.push_back(extent(columns.size()));
  py::array_t<float> out(shape);
  float* to = out.mutable_data();
  for (const Track& track : scene.tracks) {
    interleave(track, columns, to);
    to += steps * columns.size();
  }
  return out;
}

py::array stack_track(const Track& track, std::initializer_list<Column> columns) {
  Shape shape = {extent(track.x.size())};
  if (columns.size() > 1) shape.push_back(extent(columns.size()));
  py::array_t<float> out(shape);
  interleave(track, columns, out.mutable_data());
  return out;
}

py::array stack_valid(const Scene& scene) {
  py::array_t<bool> out(Shape{extent(scene.tracks.size()), scene.num_steps});
  bool* to = out.mutable_data();
  for (const Track& track : scene.tracks) {
    for (const uint8_t valid : track.valid) *to++ = valid != 0;
  }
  return out;
}

py::array track_ids(const Scene& scene) {
  py::array_t<int64_t> out(extent(scene.tracks.size()));
  int64_t* to = out.mutable_data();
  for (const Track& track : scene.tracks) *to++ = track.id;
  return out;
}

// Elements as references into their scene, which they keep alive.
template <class T>
py::list references(const std::vector<T>& values, py::handle owner) {
  py::list out;
  for (const T& value : values) {
    out.append(py::cast(value, py::return_value_policy::reference_internal, owner));
  }
  return out;
}

// The code of a name, e.g. "bad_checksum".
ParseCode parse_code(const std::string& name) {
  for (int code = 0; code <= static_cast<int>(ParseCode::kUnsupportedFormat); ++code) {
    if (name == parse_code_name(static_cast<ParseCode>(code))) return static_cast<ParseCode>(code);
  }
  throw std::invalid_argument("ParseError: code: got '" + name + "', expected a ParseCode's name");
}

// An iterator over scenes and errors that itself never raises.
struct SceneIterator {
  std::optional<ParseError> open_error;
  std::unique_ptr<SceneStream> stream;
  std::mutex mutex;  // threads that share an iterator take turns

  explicit SceneIterator(const std::filesystem::path& file) {
    Parsed<std::unique_ptr<SceneStream>> opened = open_scenes(file.string());
    if (opened.ok()) {
      stream = std::move(opened.value());
    } else {
      open_error = opened.error();
    }
  }

  py::object next() {
    std::optional<Parsed<Scene>> item;
    {
      const py::gil_scoped_release release;
      const std::scoped_lock lock(mutex);
      if (open_error) {
        item = *std::exchange(open_error, std::nullopt);
      } else if (stream != nullptr) {
        item = stream->next();
      }
    }
    if (!item) throw py::stop_iteration();
    if (item->ok()) return py::cast(std::move(item->value()));
    return py::cast(item->error());
  }
};

void bind_track(py::module_& module) {
  py::class_<Track>(module, "Track",
                    "The logged history of one road user, T steps. Arrays are copies; where\n"
                    "`valid` is False they hold 0 and mean nothing.")
      .def_readonly("id", &Track::id, "int64, unique within the scene")
      .def_property_readonly(
          "kind", [](const Track& track) { return agent_kind_name(track.kind); },
          "'vehicle', 'pedestrian', 'cyclist', 'other' or 'unset'")
      .def_readonly("raw_type", &Track::raw_type, "the source's own word for the type")
      .def_property_readonly(
          "positions",
          [](const Track& track) {
            return stack_track(track, {&Track::x, &Track::y, &Track::z});
          },
          "float32 [T, 3], box centre [m], scene-local")
      .def_property_readonly(
          "headings", [](const Track& track) { return stack_track(track, {&Track::heading}); },
          "float32 [T], [rad] counter-clockwise from +x")
      .def_property_readonly(
          "velocities",
          [](const Track& track) {
            return stack_track(track, {&Track::velocity_x, &Track::velocity_y});
          },
          "float32 [T, 2], [m/s] scene frame")
      .def_property_readonly(
          "sizes",
          [](const Track& track) {
            return stack_track(track, {&Track::length, &Track::width, &Track::height});
          },
          "float32 [T, 3], length, width, height [m]")
      .def_property_readonly(
          "valid",
          [](py::object self) {
            const auto& valid = self.cast<const Track&>().valid;
            return read_only(bool_view_of(valid, {extent(valid.size())}, self));
          },
          "bool [T], observed at this step; a read-only view")
      .def("__repr__", [](const Track& track) {
        return "<Track " + std::to_string(track.id) + " " + agent_kind_name(track.kind) + ">";
      });
}

void bind_provenance(py::module_& module) {
  py::class_<Provenance>(module, "Provenance", "Where a scene came from.")
      .def_readonly("format", &Provenance::format, "e.g. 'womd_scenario', 'generated'")
      .def_readonly("file", &Provenance::file, "as given by the caller; empty: not from a file")
      .def_readonly("record", &Provenance::record, "index in the file")
      .def_readonly("byte_offset", &Provenance::byte_offset, "of the record in the file, -1: none");
  py::class_<ParseError>(module, "ParseError",
                         "What a reader says when bytes are not a scene. A value, not an\n"
                         "exception: `open_scenes` yields it in the scene's place.")
      .def(py::init([](const std::string& code, std::string file, std::string message,
                       int64_t record, int64_t byte_offset) {
             return ParseError{parse_code(code), std::move(file), record, byte_offset,
                               std::move(message)};
           }),
           py::kw_only(), py::arg("code"), py::arg("file"), py::arg("message"),
           py::arg("record") = -1, py::arg("byte_offset") = -1)
      .def_property_readonly(
          "code", [](const ParseError& error) { return parse_code_name(error.code); },
          "stable name, e.g. 'bad_checksum'")
      .def_readonly("file", &ParseError::file)
      .def_readonly("record", &ParseError::record, "index in the file, -1: not inside a record")
      .def_readonly("byte_offset", &ParseError::byte_offset, "in the file, -1: unknown")
      .def_readonly("message", &ParseError::message, "what was got, what was expected")
      .def("text", &ParseError::text, "One line: file, record, byte, code and message.")
      .def("__str__", &ParseError::text)
      .def("__repr__", [](const ParseError& error) { return "<ParseError " + error.text() + ">"; });
}

void bind_scene_arrays(py::class_<Scene>& scene_class) {
  scene_class.def_property_readonly("track_ids", track_ids, "int64 [N]")
      .def_property_readonly(
          "kinds",
          [](const Scene& scene) {
            std::vector<std::string> kinds;
            for (const Track& track : scene.tracks) kinds.push_back(agent_kind_name(track.kind));
            return kinds;
          },
          "N names, see Track.kind")
      .def_property_readonly(
          "positions",
          [](const Scene& scene) {
            return stack_tracks(scene, {&Track::x, &Track::y, &Track::z});
          },
          "float32 [N, T, 3], box centres [m], 0 where not valid")
      .def_property_readonly(
          "headings", [](const Scene& scene) { return stack_tracks(scene, {&Track::heading}); },
          "float32 [N, T] [rad], 0 where not valid")
      .def_property_readonly(
          "velocities",
          [](const Scene& scene) {
            return stack_tracks(scene, {&Track::velocity_x, &Track::velocity_y});
          },
          "float32 [N, T, 2] [m/s], 0 where not valid")
      .def_property_readonly(
          "sizes",
          [](const Scene& scene) {
            return stack_tracks(scene, {&Track::length, &Track::width, &Track::height});
          },
          "float32 [N, T, 3], length, width, height [m], 0 where not valid")
      .def_property_readonly("valid", stack_valid, "bool [N, T], observed");
}

void bind_scene(py::module_& module) {
  py::class_<Scene> scene_class(
      module, "Scene",
      "One logged situation, immutable: N tracks over T steps, map, lights, ego. SI units and\n"
      "radians, x forward/east, y left/north. Positions are float32 in the scene-local frame:\n"
      "source coordinates = origin + local. Arrays over all tracks are copies, made at each\n"
      "access: keep them.");
  bind_scene_arrays(scene_class);
  scene_class.def_readonly("id", &Scene::id)
      .def_readonly("dt", &Scene::dt, "[s] between steps")
      .def_readonly("num_steps", &Scene::num_steps, "T")
      .def_readonly("current_step", &Scene::current_step, "the step a forecast starts from")
      .def_readonly("ego", &Scene::ego, "index into tracks, -1: the log has no ego")
      .def_property_readonly(
          "origin", [](const Scene& scene) { return py::array_t<double>(3, scene.origin.data()); },
          "float64 [3] [m], source coordinates of the local (0, 0, 0)")
      .def_property_readonly(
          "timestamps",
          [](const Scene& scene) {
            return copy_of(scene.timestamps, {extent(scene.timestamps.size())});
          },
          "float64 [T] [s]")
      .def_property_readonly(
          "tracks", [](py::object self) { return references(self.cast<Scene&>().tracks, self); },
          "list of Track, which keep the scene alive")
      .def_property_readonly(
          "features",
          [](py::object self) { return references(self.cast<Scene&>().features, self); },
          "list of MapFeature, which keep the scene alive")
      .def_property_readonly(
          "signals",
          [](py::object self) {
            py::list steps;
            for (const auto& step : self.cast<Scene&>().signals) {
              steps.append(references(step, self));
            }
            return steps;
          },
          "T lists of LaneSignal")
      .def_readonly("route", &Scene::route, "lane ids in driving order; empty: not given")
      .def_readonly("objects_of_interest", &Scene::objects_of_interest, "track ids")
      .def_readonly("tracks_to_predict", &Scene::tracks_to_predict, "indices into tracks")
      .def_readonly("provenance", &Scene::provenance)
      .def_readonly("assumptions", &Scene::assumptions, "what a reader had to assume, in words")
      .def("find_track", &Scene::find_track, py::arg("track_id"),
           "Index of the track with this id, -1: none.")
      .def("__repr__", [](const Scene& scene) {
        return "<Scene '" + scene.id + "': " + std::to_string(scene.tracks.size()) + " tracks, " +
               std::to_string(scene.num_steps) + " steps>";
      });
}

void bind_readers(py::module_& module) {
  py::class_<SceneIterator>(module, "SceneIterator", "Yields Scene or ParseError objects.")
      .def("__iter__", [](py::object self) { return self; })
      .def("__next__", &SceneIterator::next);
  module.def(
      "open_scenes",
      [](const std::filesystem::path& file) {
        const py::gil_scoped_release release;
        return std::make_unique<SceneIterator>(file);
      },
      py::arg("file"),
      "Iterates over a file of the formats that C++ reads; forkroad.open_scenes reads all of "
      "them.");
  module.def(
      "is_tfrecord_start",
      [](const std::string_view start) {
        return is_tfrecord_header({reinterpret_cast<const uint8_t*>(start.data()), start.size()});
      },
      py::arg("start"), "Whether bytes are the start of a TFRecord file, by its checksum.");
  module.def(
      "generated_scene",
      [](double dt, int num_steps, int current_step) {
        return generated_scene({dt, num_steps, current_step});
      },
      py::kw_only(), py::arg("dt") = GeneratedSceneSpec{}.dt,
      py::arg("num_steps") = GeneratedSceneSpec{}.num_steps,
      py::arg("current_step") = GeneratedSceneSpec{}.current_step,
      "A small built-in scene, the same for the same arguments to the bit: a two-lane road, a\n"
      "leader that brakes, oncoming traffic, a parked car, a crossing pedestrian. Track 0 is the\n"
      "ego. `dt` in seconds. Raises ValueError on arguments out of range.");
}

}  // namespace

void bind_scenes(py::module_& module) {
  bind_track(module);
  bind_map(module);
  bind_provenance(module);
  bind_scene(module);
  bind_readers(module);
}

}  // namespace forkroad::python
