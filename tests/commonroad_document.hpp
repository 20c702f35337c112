// Builds small CommonRoad documents from scratch, for tests and the fuzzer's seeds. Nothing here is
// taken from a real file.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace forkroad::test {

using PlanePoints = std::vector<std::pair<double, double>>;

// An element around a text or other elements.
inline std::string element(const std::string& name, const std::string& content,
                           const std::string& attributes = "") {
  return "<" + name + (attributes.empty() ? "" : " " + attributes) + ">" + content + "</" + name +
         ">";
}

inline std::string exact(const std::string& name, double value) {
  return element(name, element("exact", std::to_string(value)));
}

inline std::string exact_step(int step) {
  return element("time", element("exact", std::to_string(step)));
}

inline std::string interval(const std::string& name, const std::string& start,
                            const std::string& end) {
  return element(name, element("intervalStart", start) + element("intervalEnd", end));
}

inline std::string point(double x, double y) {
  return element("point", element("x", std::to_string(x)) + element("y", std::to_string(y)));
}

inline std::string position(double x, double y) { return element("position", point(x, y)); }

inline std::string state_parts(int step, double x, double y, double heading, double speed) {
  return position(x, y) + exact("orientation", heading) + exact_step(step) +
         exact("velocity", speed);
}

inline std::string rectangle(double length, double width) {
  return element("shape", element("rectangle", element("length", std::to_string(length)) +
                                                   element("width", std::to_string(width))));
}

// A car or the like that drives from (x, y) at a constant velocity; `stride` is the time between
// two states [s].
struct Drive {
  int id = 10;
  std::string type = "car";
  std::string shape = rectangle(4.5, 2.0);
  double x = 0, y = 0, heading = 0, speed = 10;
  int first_step = 0, num_states = 5;
  double stride = 0.1;
};

inline std::string drive_states(const Drive& drive) {
  std::string trajectory;
  std::string initial;
  for (int index = 0; index < drive.num_states; ++index) {
    const double way = drive.speed * drive.stride * index;
    const std::string parts =
        state_parts(drive.first_step + index, drive.x + way * std::cos(drive.heading),
                    drive.y + way * std::sin(drive.heading), drive.heading, drive.speed);
    if (index == 0) {
      initial = element("initialState", parts);
    } else {
      trajectory += element("state", parts);
    }
  }
  return initial + element("trajectory", trajectory);
}

inline std::string dynamic_obstacle(const Drive& drive) {
  return element("dynamicObstacle", element("type", drive.type) + drive.shape + drive_states(drive),
                 "id=\"" + std::to_string(drive.id) + "\"");
}

// The same as 2018b writes it.
inline std::string old_obstacle(const Drive& drive) {
  return element(
      "obstacle",
      element("role", "dynamic") + element("type", drive.type) + drive.shape + drive_states(drive),
      "id=\"" + std::to_string(drive.id) + "\"");
}

struct LaneletSpec {
  int id = 1;
  PlanePoints left = {{0, 2}, {10, 2}, {20, 2}};
  PlanePoints right = {{0, -2}, {10, -2}, {20, -2}};
  std::string left_marking, right_marking;
  std::string parts;  // further child elements
};

inline std::string lanelet(const LaneletSpec& spec) {
  const auto bound = [](const char* name, const PlanePoints& points, const std::string& marking) {
    std::string content;
    for (const auto& [x, y] : points) content += point(x, y);
    if (!marking.empty()) content += element("lineMarking", marking);
    return element(name, content);
  };
  return element("lanelet",
                 bound("leftBound", spec.left, spec.left_marking) +
                     bound("rightBound", spec.right, spec.right_marking) + spec.parts,
                 "id=\"" + std::to_string(spec.id) + "\"");
}

inline std::string reference(const std::string& name, int id, const std::string& more = "") {
  return "<" + name + " ref=\"" + std::to_string(id) + "\"" + (more.empty() ? "" : " " + more) +
         "/>";
}

inline std::string neighbor(const std::string& name, int id, const std::string& direction) {
  return reference(name, id, "drivingDir=\"" + direction + "\"");
}

inline std::string document(const std::string& content, const std::string& version = "2020a",
                            const std::string& step = "0.1") {
  return "<?xml version='1.0' encoding='UTF-8'?>\n" +
         element("commonRoad", content,
                 "timeStepSize=\"" + step + "\" commonRoadVersion=\"" + version +
                     "\" benchmarkID=\"ZAM_Made-1_1_T-1\"");
}

// A light that is green for 2 steps, yellow for 1 and red for 3.
inline std::string traffic_light(int id, const std::string& parts = "", int offset = 0) {
  const auto phase = [](const char* color, int steps) {
    return element("cycleElement",
                   element("duration", std::to_string(steps)) + element("color", color));
  };
  return element("trafficLight",
                 element("cycle", phase("green", 2) + phase("yellow", 1) + phase("red", 3) +
                                      element("timeOffset", std::to_string(offset))) +
                     parts,
                 "id=\"" + std::to_string(id) + "\"");
}

inline std::string traffic_sign(int id, const std::string& code, const std::string& value = "") {
  return element(
      "trafficSign",
      element("trafficSignElement", element("trafficSignID", code) +
                                        (value.empty() ? "" : element("additionalValue", value))),
      "id=\"" + std::to_string(id) + "\"");
}

// Two lanelets side by side with a light and a sign, two moving obstacles, a parked one and a
// planning problem: a bit of everything.
inline std::string small_document() {
  LaneletSpec lower{1, {{0, 2}, {10, 2}, {20, 2}}, {{0, -2}, {10, -2}, {20, -2}}, "dashed", "solid",
                    ""};
  lower.parts = reference("successor", 3) + neighbor("adjacentLeft", 2, "same") +
                element("stopLine", point(19, 2) + point(19, -2)) +
                element("laneletType", "urban") + reference("trafficSignRef", 50) +
                reference("trafficLightRef", 60);
  LaneletSpec upper{2, {{0, 6}, {20, 6}}, {{0, 2}, {10, 2}, {20, 2}}, "", "dashed", ""};
  upper.parts = neighbor("adjacentRight", 1, "same");
  Drive car;
  Drive bicycle;
  bicycle.id = 11;
  bicycle.type = "bicycle";
  bicycle.y = 4;
  bicycle.speed = 4;
  bicycle.first_step = 1;
  bicycle.num_states = 3;
  bicycle.shape = element("shape", element("circle", element("radius", "0.5")));
  const std::string parked =
      element("staticObstacle",
              element("type", "parkedVehicle") + rectangle(4, 2) +
                  element("initialState", position(5, 8) + exact("orientation", 0) + exact_step(0)),
              "id=\"12\"");
  const std::string problem =
      element("planningProblem",
              element("initialState", state_parts(0, 0, 0, 0, 8)) +
                  element("goalState", interval("time", "3", "4") + position(18, 0)),
              "id=\"70\"");
  return document(lanelet(lower) + lanelet(upper) + traffic_sign(50, "274", "13.5") +
                  traffic_light(60) + dynamic_obstacle(car) + dynamic_obstacle(bicycle) + parked +
                  problem);
}

}  // namespace forkroad::test
