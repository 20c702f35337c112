// Shards: files of many scenes.
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "bindings/bindings.hpp"
#include "scenarios/shard_reader.hpp"
#include "scenarios/shard_writer.hpp"

namespace forkroad::python {
namespace {

// A system error as the OSError of its number.
void translate_system_error(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const std::system_error& error) {
    const py::tuple arguments = py::make_tuple(error.code().value(), error.what());
    PyErr_SetObject(PyExc_OSError, arguments.ptr());
  }
}

std::unique_ptr<ShardReader> open_reader(const std::filesystem::path& file, bool checksums) {
  const py::gil_scoped_release release;
  Parsed<ShardReader> reader = ShardReader::open(
      file.string(), checksums ? ShardChecks::kChecksums : ShardChecks::kNoChecksums);
  if (!reader) throw std::runtime_error(reader.error().text());
  return std::make_unique<ShardReader>(std::move(reader.value()));
}

Scene read_scene(const ShardReader& reader, int64_t index) {
  const py::gil_scoped_release release;
  Parsed<Scene> scene = reader.scene(index);
  if (!scene) throw std::runtime_error(scene.error().text());
  return std::move(scene.value());
}

void bind_reader(py::module_& module) {
  py::class_<ShardReader>(module, "ShardReader",
                          "A shard opened for random access: `reader[index]`, `len(reader)`.\n"
                          "The file is mapped; a scene touches its own rows only.")
      .def(py::init(&open_reader), py::arg("file"), py::kw_only(), py::arg("checksums") = true,
           "Raises RuntimeError with the located error if the file is not a sound shard.\n"
           "`checksums`: compare each scene's bytes with its checksum when it is read.")
      .def("scene", &read_scene, py::arg("index"),
           "The scene at an index. Raises RuntimeError with the located error if it is damaged,\n"
           "IndexError outside 0 to len - 1.")
      .def("__getitem__", &read_scene)
      .def("__len__", &ShardReader::num_scenes)
      .def_property_readonly("file", &ShardReader::file)
      .def_property_readonly("file_size", &ShardReader::file_size, "[bytes]")
      .def_property_readonly(
          "num_rows",
          [](const ShardReader& reader) {
            py::dict rows;
            for (const ShardTableSpec& table : kShardTables) {
              rows[table.name] = reader.num_rows(table.table);
            }
            return rows;
          },
          "Rows over all scenes by table: 'scene', 'step', 'track', 'state', 'feature', ...");
}

void bind_writer(py::module_& module) {
  py::class_<ShardWriter>(
      module, "ShardWriter",
      "Writes a shard scene by scene in bounded memory. The file appears under\n"
      "its name when it is whole. As a context manager it finishes at the end\n"
      "of the block and gives up if the block raises.")
      .def(py::init([](const std::filesystem::path& file) {
             return std::make_unique<ShardWriter>(file.string());
           }),
           py::arg("file"), "Raises OSError if nothing can be written beside `file`.")
      .def(
          "add",
          [](ShardWriter& writer, const Scene& scene) {
            const py::gil_scoped_release release;
            writer.add(scene);
          },
          py::arg("scene"),
          "Appends a scene. Raises ValueError for a scene that breaks its rules, OSError if the\n"
          "disk does not take it.")
      .def_property_readonly("num_scenes", &ShardWriter::num_scenes)
      .def(
          "finish",
          [](ShardWriter& writer) {
            const py::gil_scoped_release release;
            writer.finish();
          },
          "Writes the file. Raises OSError if it cannot be written, RuntimeError if there is no\n"
          "scene.")
      .def("give_up", &ShardWriter::give_up, "Removes what was written, unless it is finished.")
      .def("__enter__", [](py::object self) { return self; })
      .def("__exit__",
           [](ShardWriter& writer, const py::object& error, const py::object&, const py::object&) {
             if (!error.is_none()) return writer.give_up();
             const py::gil_scoped_release release;
             writer.finish();
           });
}

}  // namespace

void bind_shards(py::module_& module) {
  py::register_local_exception_translator(translate_system_error);
  bind_reader(module);
  bind_writer(module);
}

}  // namespace forkroad::python
