// NAVSIM scoring: PdmScene, score_pdm, simulate_pdm, pdm_extended_comfort.
#include <fmt/format.h>
#include <pybind11/stl.h>

#include <optional>
#include <stdexcept>

#include "bindings/bindings.hpp"
#include "sim/pdm_comfort_pairs.hpp"
#include "sim/pdm_scorer.hpp"

namespace forkroad::python {
namespace {

template <class T>
using Array = py::array_t<T, py::array::c_style | py::array::forcecast>;

// Checks an array's shape; -1 stands for any extent.
template <class T>
void check_shape(const Array<T>& array, const char* name, const Shape& expected) {
  bool fits = array.ndim() == extent(expected.size());
  std::string got, wanted;
  for (py::ssize_t axis = 0; axis < array.ndim(); ++axis) {
    got += fmt::format("{}{}", axis == 0 ? "" : ", ", array.shape(axis));
  }
  for (size_t axis = 0; axis < expected.size(); ++axis) {
    const py::ssize_t want = expected[axis];
    wanted += fmt::format("{}{}", axis == 0 ? "" : ", ", want < 0 ? "?" : std::to_string(want));
    fits = fits && (want < 0 || array.shape(extent(axis)) == want);
  }
  if (!fits) {
    throw std::invalid_argument(
        fmt::format("{}: got shape [{}], expected [{}]", name, got, wanted));
  }
}

PdmState state_from(const double* row) {
  PdmState state;
  std::copy(row, row + kPdmColumns, state.begin());
  return state;
}

void set_polygons(PdmScene& scene, const Array<double>& xy, const Array<int32_t>& offset,
                  const Array<uint8_t>& type, const Array<uint8_t>& on_route) {
  check_shape(xy, "polygon_xy", {-1, 2});
  const py::ssize_t count = type.size();
  check_shape(offset, "polygon_offset", {count + 1});
  check_shape(on_route, "polygon_on_route", {count});
  for (py::ssize_t p = 0; p < count; ++p) {
    const int32_t begin = offset.at(p), end = offset.at(p + 1);
    if (begin < 0 || end < begin || end > xy.shape(0) || type.at(p) > 4) {
      throw std::invalid_argument(
          fmt::format("polygon {}: got vertices {} .. {} of {} and type {}, expected rising "
                      "offsets and a type of 0 .. 4",
                      p, begin, end, xy.shape(0), type.at(p)));
    }
    PdmPolygon polygon;
    polygon.layer = static_cast<PdmLayer>(type.at(p));
    polygon.on_route = on_route.at(p) != 0;
    for (int32_t v = begin; v < end; ++v) polygon.ring.push_back({xy.at(v, 0), xy.at(v, 1)});
    scene.polygons.push_back(std::move(polygon));
  }
}

void set_tracks(PdmScene& scene, const Array<double>& state, const Array<uint8_t>& valid,
                const Array<double>& size, const Array<uint8_t>& type,
                const std::optional<Array<uint8_t>>& removed) {
  check_shape(state, "track_state", {type.size(), -1, 5});
  const py::ssize_t frames = state.shape(1);
  check_shape(valid, "track_valid", {type.size(), frames});
  check_shape(size, "track_size", {type.size(), 2});
  if (removed) check_shape(*removed, "track_removed", {type.size()});
  for (py::ssize_t index = 0; index < type.size(); ++index) {
    PdmTrack track;
    track.length = size.at(index, 0);
    track.width = size.at(index, 1);
    track.is_agent = type.at(index) < 3;
    track.removed = removed && removed->at(index) != 0;
    std::vector<double>* const columns[5] = {&track.x, &track.y, &track.heading, &track.vx,
                                             &track.vy};
    for (py::ssize_t frame = 0; frame < frames; ++frame) {
      for (int column = 0; column < 5; ++column) {
        columns[column]->push_back(state.at(index, frame, column));
      }
      track.valid.push_back(valid.at(index, frame) != 0 ? 1 : 0);
    }
    scene.tracks.push_back(std::move(track));
  }
}

PdmScene make_scene(std::string name, const Array<double>& ego_state, int64_t ego_time_us,
                    const std::optional<Array<double>>& history_state,
                    const std::optional<Array<int64_t>>& history_time_us,
                    const Array<double>& centerline, const Array<double>& polygon_xy,
                    const Array<int32_t>& polygon_offset, const Array<uint8_t>& polygon_type,
                    const Array<uint8_t>& polygon_on_route, const Array<double>& track_state,
                    const Array<uint8_t>& track_valid, const Array<double>& track_size,
                    const Array<uint8_t>& track_type,
                    const std::optional<Array<uint8_t>>& track_removed,
                    const std::optional<Array<int32_t>>& red_polygon,
                    const std::optional<Array<uint8_t>>& red_on) {
  PdmScene scene;
  scene.name = std::move(name);
  check_shape(ego_state, "ego_state", {kPdmColumns});
  scene.ego = state_from(ego_state.data());
  scene.time_us = ego_time_us;
  if (history_state.has_value() != history_time_us.has_value()) {
    throw std::invalid_argument("PdmScene: history_state and history_time_us go together");
  }
  if (history_state) {
    check_shape(*history_state, "history_state", {-1, kPdmColumns});
    check_shape(*history_time_us, "history_time_us", {history_state->shape(0)});
    for (py::ssize_t k = 0; k < history_state->shape(0); ++k) {
      scene.history.push_back(state_from(history_state->data(k, 0)));
      scene.history_time_us.push_back(history_time_us->at(k));
    }
  }
  check_shape(centerline, "centerline", {-1, 2});
  for (py::ssize_t k = 0; k < centerline.shape(0); ++k) {
    scene.centerline.push_back({centerline.at(k, 0), centerline.at(k, 1)});
  }
  set_polygons(scene, polygon_xy, polygon_offset, polygon_type, polygon_on_route);
  set_tracks(scene, track_state, track_valid, track_size, track_type, track_removed);
  if (red_polygon) {
    if (!red_on) throw std::invalid_argument("PdmScene: red_polygon needs red_on");
    check_shape(*red_on, "red_on", {red_polygon->size(), -1});
    for (py::ssize_t r = 0; r < red_polygon->size(); ++r) {
      PdmRedLight light;
      light.polygon = red_polygon->at(r);
      light.is_red.assign(red_on->data(r, 0), red_on->data(r, 0) + red_on->shape(1));
      scene.red_lights.push_back(std::move(light));
    }
  }
  return scene;
}

PdmOptions make_options(const std::string& version, const std::string& precision, int num_threads,
                        int lanes) {
  PdmOptions options;
  if (version != "v1.1" && version != "v2") {
    throw std::invalid_argument(fmt::format("version: got '{}', expected 'v1.1' or 'v2'", version));
  }
  if (precision != "float" && precision != "double") {
    throw std::invalid_argument(
        fmt::format("precision: got '{}', expected 'float' or 'double'", precision));
  }
  options.precision = precision == "float" ? PdmPrecision::kFloat : PdmPrecision::kDouble;
  options.version = version == "v2" ? PdmVersion::kV2 : PdmVersion::kV1_1;
  options.num_threads = num_threads;
  options.lanes = lanes;
  return options;
}

py::dict to_dict(const PdmScores& scores, PdmVersion version) {
  const py::ssize_t plans = scores.num_plans;
  py::dict out;
  out["nc"] = copy_of(scores.no_collision, {plans});
  out["dac"] = copy_of(scores.drivable_area, {plans});
  out["ddc"] = copy_of(scores.driving_direction, {plans});
  out["ttc"] = copy_of(scores.ttc, {plans});
  out["ep"] = copy_of(scores.progress, {plans});
  if (version == PdmVersion::kV2) {
    out["tlc"] = copy_of(scores.traffic_light, {plans});
    out["lk"] = copy_of(scores.lane_keeping, {plans});
    out["hc"] = copy_of(scores.comfort, {plans});
  } else {
    out["comfort_score"] = copy_of(scores.comfort, {plans});
  }
  out["progress_raw"] = copy_of(scores.raw_progress, {plans});
  out["mult_prod"] = copy_of(scores.product, {plans});
  out["score"] = copy_of(scores.score, {plans});
  out["at_fault_idx"] = copy_of(scores.at_fault_step, {plans});
  out["ttc_idx"] = copy_of(scores.ttc_step, {plans});
  out["comfort_ok"] = copy_of(scores.comfort_within, {plans, 6});
  if (!scores.areas.empty()) out["area"] = copy_of(scores.areas, {plans, kPdmStates, 3});
  if (!scores.states.empty()) out["sim"] = copy_of(scores.states, {plans, kPdmStates, kPdmColumns});
  return out;
}

PdmScores run(const PdmScene& scene, const std::optional<Array<double>>& plans,
              const std::optional<Array<double>>& sim, const PdmOptions& options) {
  if (!plans && !sim) {
    throw std::invalid_argument("score_pdm: got neither plans nor sim, expected one of them");
  }
  const Array<double>& values = sim ? *sim : *plans;
  check_shape(values, sim ? "sim" : "plans", {-1, kPdmStates, sim ? kPdmColumns : 3});
  const std::span<const double> span(values.data(), static_cast<size_t>(values.size()));
  py::gil_scoped_release release;
  return sim ? score_pdm_states(scene, span, options) : score_pdm(scene, span, options);
}

py::dict score(const PdmScene& scene, const std::optional<Array<double>>& plans,
               const std::string& version, const std::optional<double>& reference_progress,
               const std::optional<double>& reference_product, const std::string& precision,
               int num_threads, int lanes, const std::string& device,
               const std::optional<Array<double>>& sim) {
  PdmOptions options = make_options(version, precision, num_threads, lanes);
  options.device = parse_device(device);
  options.keep_areas = true;
  options.keep_states = true;
  if (reference_progress) {
    options.reference = {*reference_progress, reference_product.value_or(1.0)};
  }
  return to_dict(run(scene, plans, sim, options), options.version);
}

py::tuple extended_comfort(const Array<double>& sim, const Array<double>& prev_sim,
                           const Array<int32_t>& pairs, int gap_steps) {
  check_shape(sim, "sim", {-1, kPdmStates, kPdmColumns});
  check_shape(prev_sim, "prev_sim", {-1, kPdmStates, kPdmColumns});
  check_shape(pairs, "pairs", {-1, 2});
  PdmComfortPairs result;
  {
    const std::span<const double> now(sim.data(), static_cast<size_t>(sim.size()));
    const std::span<const double> before(prev_sim.data(), static_cast<size_t>(prev_sim.size()));
    const std::span<const int32_t> which(pairs.data(), static_cast<size_t>(pairs.size()));
    py::gil_scoped_release release;
    result = compare_comfort(now, before, which, gap_steps);
  }
  const py::ssize_t count = pairs.shape(0);
  return py::make_tuple(copy_of(result.comfortable, {count}), copy_of(result.rms, {count, 4}));
}

}  // namespace

void bind_pdm(py::module_& module) {
  py::class_<PdmScene>(module, "PdmScene",
                       "What the NAVSIM scorer needs of a scene; see the constructor's arrays in "
                       "docs/data.md. Raises ValueError on a wrong shape; numbers are checked when "
                       "scoring.")
      .def(py::init(&make_scene), py::arg("name"), py::arg("ego_state"), py::arg("ego_time_us"),
           py::arg("history_state").none(true), py::arg("history_time_us").none(true),
           py::arg("centerline"), py::arg("polygon_xy"), py::arg("polygon_offset"),
           py::arg("polygon_type"), py::arg("polygon_on_route"), py::arg("track_state"),
           py::arg("track_valid"), py::arg("track_size"), py::arg("track_type"),
           py::arg("track_removed") = py::none(), py::arg("red_polygon") = py::none(),
           py::arg("red_on") = py::none())
      .def_readonly("name", &PdmScene::name);
  module.def("score_pdm", &score, py::arg("scene"), py::arg("plans") = py::none(), py::kw_only(),
             py::arg("version") = "v2", py::arg("reference_progress") = py::none(),
             py::arg("reference_product") = py::none(), py::arg("precision") = "float",
             py::arg("num_threads") = 1, py::arg("lanes") = 0, py::arg("device") = "cpu",
             py::arg("sim") = py::none(),
             "NAVSIM terms of plans float64 [N, 41, 3] (world rear-axle poses at 0 .. 4 s) or of "
             "given states `sim` [N, 41, 11], which count if both are given: a dict of arrays [N]. "
             "`reference_progress` [m] and "
             "`reference_product` are those of the proposal that EP is measured against. "
             "`precision` 'float' leaves plans that come within 1e-4 m of a decision to double "
             "lanes and gives the bits of 'double'. Raises ValueError on bad input.");
  module.def(
      "simulate_pdm",
      [](const PdmScene& scene, const Array<double>& plans, int num_threads, int lanes) {
        PdmOptions options = make_options("v2", "double", num_threads, lanes);
        options.keep_states = true;
        const PdmScores scores = run(scene, plans, std::nullopt, options);
        return copy_of(scores.states, {scores.num_plans, kPdmStates, kPdmColumns});
      },
      py::arg("scene"), py::arg("plans"), py::kw_only(), py::arg("num_threads") = 1,
      py::arg("lanes") = 0, "NAVSIM's tracker alone: states float64 [N, 41, 11].");
  module.def("pdm_extended_comfort", &extended_comfort, py::arg("sim"), py::arg("prev_sim"),
             py::arg("pairs"), py::arg("gap_steps"),
             "EC of pairs int32 [K, 2] (plan now, plan before), frames gap_steps x 0.1 s apart: "
             "(uint8 [K], rms float64 [K, 4] of acceleration, jerk, yaw rate, yaw acceleration).");
}

}  // namespace forkroad::python
