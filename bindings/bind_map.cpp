// MapType, MapFeature, LaneSignal.
#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include "bindings/bindings.hpp"
#include "scenarios/scene.hpp"

namespace forkroad::python {
namespace {

py::array feature_points(py::object self) {
  static_assert(sizeof(Point3) == 3 * sizeof(float));
  const auto& points = self.cast<const MapFeature&>().points;
  const auto* data = points.empty() ? nullptr : &points.front().x;
  return read_only(py::array(py::dtype::of<float>(), Shape{extent(points.size()), 3}, data, self));
}

py::list tuples(const std::vector<LaneNeighbor>& neighbors) {
  py::list out;
  for (const LaneNeighbor& neighbor : neighbors) {
    out.append(py::make_tuple(neighbor.feature_id, neighbor.self_start, neighbor.self_end,
                              neighbor.neighbor_start, neighbor.neighbor_end));
  }
  return out;
}

py::list tuples(const std::vector<LaneBoundary>& boundaries) {
  py::list out;
  for (const LaneBoundary& boundary : boundaries) {
    out.append(
        py::make_tuple(boundary.feature_id, boundary.lane_start, boundary.lane_end, boundary.type));
  }
  return out;
}

}  // namespace

void bind_map(py::module_& module) {
  py::native_enum<MapType>(module, "MapType", "enum.IntEnum",
                           "Map element codes of the field's vectorised formats.")
      .value("UNKNOWN", MapType::kUnknown)
      .value("LANE_UNDEFINED", MapType::kLaneUndefined)
      .value("LANE_FREEWAY", MapType::kLaneFreeway)
      .value("LANE_SURFACE_STREET", MapType::kLaneSurfaceStreet)
      .value("LANE_BIKE", MapType::kLaneBike)
      .value("LANE_EMERGENCY", MapType::kLaneEmergency)
      .value("LINE_UNKNOWN", MapType::kLineUnknown)
      .value("LINE_BROKEN_SINGLE_WHITE", MapType::kLineBrokenSingleWhite)
      .value("LINE_SOLID_SINGLE_WHITE", MapType::kLineSolidSingleWhite)
      .value("LINE_SOLID_DOUBLE_WHITE", MapType::kLineSolidDoubleWhite)
      .value("LINE_BROKEN_SINGLE_YELLOW", MapType::kLineBrokenSingleYellow)
      .value("LINE_BROKEN_DOUBLE_YELLOW", MapType::kLineBrokenDoubleYellow)
      .value("LINE_SOLID_SINGLE_YELLOW", MapType::kLineSolidSingleYellow)
      .value("LINE_SOLID_DOUBLE_YELLOW", MapType::kLineSolidDoubleYellow)
      .value("LINE_PASSING_DOUBLE_YELLOW", MapType::kLinePassingDoubleYellow)
      .value("EDGE_UNKNOWN", MapType::kEdgeUnknown)
      .value("EDGE_BOUNDARY", MapType::kEdgeBoundary)
      .value("EDGE_MEDIAN", MapType::kEdgeMedian)
      .value("STOP_SIGN", MapType::kStopSign)
      .value("CROSSWALK", MapType::kCrosswalk)
      .value("SPEED_BUMP", MapType::kSpeedBump)
      .value("DRIVEWAY", MapType::kDriveway)
      .finalize();
  py::class_<MapFeature>(module, "MapFeature", "One element of the map.")
      .def_readonly("id", &MapFeature::id)
      .def_property_readonly(
          "kind", [](const MapFeature& feature) { return feature_kind_name(feature.kind); },
          "'lane', 'road_line', 'road_edge', 'stop_sign', 'crosswalk', 'speed_bump', 'driveway'\n"
          "or 'drivable_area'")
      .def_readonly("type", &MapFeature::type, "MapType")
      .def_readonly("raw_type", &MapFeature::raw_type,
                    "the source's own word for the type, '': it has none")
      .def_property_readonly("points", feature_points,
                             "float32 [P, 3] [m] scene-local: a polyline, a ring without its end\n"
                             "repeated for areas, one point for stop signs; a read-only view")
      .def_readonly("speed_limit", &MapFeature::speed_limit, "[m/s] of a lane, 0: not known")
      .def_readonly("interpolating", &MapFeature::interpolating,
                    "the lane only joins others across a junction")
      .def_readonly("entry_lanes", &MapFeature::entry_lanes, "ids of the lanes before this one")
      .def_readonly("exit_lanes", &MapFeature::exit_lanes, "ids of the lanes after this one")
      .def_property_readonly(
          "left_neighbors", [](const MapFeature& lane) { return tuples(lane.left_neighbors); },
          "list of (feature_id, self_start, self_end, neighbor_start, neighbor_end): the lanes\n"
          "beside this one and the point indices between which they are")
      .def_property_readonly(
          "right_neighbors", [](const MapFeature& lane) { return tuples(lane.right_neighbors); },
          "as left_neighbors")
      .def_property_readonly(
          "left_boundaries", [](const MapFeature& lane) { return tuples(lane.left_boundaries); },
          "list of (feature_id, lane_start, lane_end, MapType): the lines and edges that bound\n"
          "this lane and the point indices between which they do")
      .def_property_readonly(
          "right_boundaries", [](const MapFeature& lane) { return tuples(lane.right_boundaries); },
          "as left_boundaries")
      .def_readonly("controlled_lanes", &MapFeature::controlled_lanes, "of a stop sign")
      .def("__repr__", [](const MapFeature& feature) {
        return "<MapFeature " + std::to_string(feature.id) + " " + feature_kind_name(feature.kind) +
               ">";
      });
  py::class_<LaneSignal>(module, "LaneSignal", "The light that governs one lane at one step.")
      .def_readonly("lane_id", &LaneSignal::lane_id)
      .def_property_readonly(
          "state", [](const LaneSignal& signal) { return light_state_name(signal.state); },
          "'stop', 'caution', 'go', 'arrow_stop', ... or 'unknown'")
      .def_property_readonly(
          "stop_point",
          [](const LaneSignal& signal) {
            return py::make_tuple(signal.stop_point.x, signal.stop_point.y, signal.stop_point.z);
          },
          "(x, y, z) [m] scene-local");
}

}  // namespace forkroad::python
