// Writes the seeds of commonroad_fuzz into the folder given as argument: made up, nothing from a
// log.
#include "tests/commonroad_document.hpp"
#include "tests/fuzz/seeds.hpp"

namespace {

using namespace forkroad::test;

std::string old_document() {
  Drive drive;
  drive.stride = 0.2;
  drive.num_states = 25;
  LaneletSpec lane;
  lane.left = {{0, 2}, {20, 2}};
  lane.parts = element("speedLimit", "13.4");
  return document(lanelet(lane) + old_obstacle(drive), "2018b");
}

std::string odd_shapes() {
  Drive drive;
  drive.num_states = 2;
  drive.shape = element("shape", element("polygon", point(-1, 0) + point(3, 0) + point(0, 1)) +
                                     element("circle", element("radius", "1")));
  const std::string region =
      element("position",
              element("rectangle", element("length", "2") + element("width", "2") +
                                       element("orientation", "0.5") +
                                       element("center", element("x", "7") + element("y", "3"))));
  const std::string state = region + interval("orientation", "0.2", "0.4") +
                            interval("time", "2", "4") + interval("velocity", "3", "5");
  return document(dynamic_obstacle(drive) +
                  element("dynamicObstacle",
                          element("type", "bus") + rectangle(12, 3) +
                              element("initialState", state) + element("occupancySet", ""),
                          "id=\"1\""));
}

std::string map_only() {
  LaneletSpec crosswalk;
  crosswalk.parts = element("laneletType", "crosswalk");
  LaneletSpec stop{2, {{0, 6}, {20, 6}}, {{0, 2}, {20, 2}}, "curb", "no_marking", ""};
  stop.parts = neighbor("adjacentRight", 1, "opposite") +
               element("stopLine", point(19, 2) + point(19, 6) + reference("trafficSignRef", 5)) +
               reference("trafficLightRef", 6) + reference("trafficLightRef", 7);
  return document(lanelet(crosswalk) + lanelet(stop) + traffic_sign(5, "206") +
                  traffic_light(6, element("direction", "left")) + traffic_light(7));
}

std::vector<Seed> make_seeds() {
  std::vector<Seed> seeds;
  seeds.push_back({"small", small_document()});
  seeds.push_back({"old", old_document()});
  seeds.push_back({"odd_shapes", odd_shapes()});
  seeds.push_back({"map_only", map_only()});
  seeds.push_back({"entities", "<?xml version='1.0'?><!DOCTYPE b [<!ENTITY a \"1\">]>" +
                                   document(lanelet({})).substr(38)});
  return seeds;
}

}  // namespace

int main(int argc, char** argv) { return write_seeds(argc, argv, make_seeds()); }
