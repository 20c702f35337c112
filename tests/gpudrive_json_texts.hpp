// Made-up scenes in every generation of the GPUDrive JSON schema, as text to be changed by tests.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>
#include <string>

namespace forkroad::test {

// The text with its only `from` replaced.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos || text.find(from, at + 1) != std::string::npos) {
    throw std::invalid_argument("must be in the text exactly once: " + from);
  }
  return text.replace(at, from.size(), to);
}

// The oldest: no z, height, ids, metadata; headings in degrees, unwrapped.
inline const std::string kNocturneText = R"({"name":"tfrecord-1.json","objects":[
{"position":[{"x":9000.5,"y":-2700.25},{"x":9001.5,"y":-2700.25}],"width":2.0,"length":4.5,
"heading":[-270.0,810.0],"velocity":[{"x":10.0,"y":0.0},{"x":10,"y":0}],"valid":[true,true],
"goalPosition":{"x":9001.5,"y":-2700.25},"type":"vehicle"},
{"position":[{"x":-10000.0,"y":-10000.0},{"x":9004.5,"y":-2690.0}],"width":0.0,"length":0.0,
"heading":[-10000.0,1.0],"velocity":[{"x":-10000.0,"y":-10000.0},{"x":0,"y":1}],
"valid":[false,true],"goalPosition":{"x":9004.5,"y":-2690.0},"type":"pedestrian"}],
"roads":[{"geometry":[{"x":8990.5,"y":-2700.0},{"x":9010.5,"y":-2700.0}],"type":"lane"},
{"geometry":[{"x":9003.0,"y":-2695.0}],"type":"stop_sign"}],"tl_states":{}}
)";

// With z, height and lights, still in degrees; 0.0001 where a state is not valid.
inline const std::string kHeightText = R"({"name":"tfrecord-2.json","scenario_id":"2b",
"objects":[
{"position":[{"x":0.0001,"y":0.0001,"z":0.0001},{"x":100.5,"y":200.5,"z":3.5}],
"width":2.0,"length":4.5,"height":1.5,"heading":[0.0001,91.5],
"velocity":[{"x":0.0001,"y":0.0001},{"x":0.0,"y":5.0}],"valid":[false,true],
"goalPosition":{"x":100.5,"y":200.5,"z":3.5},"type":"cyclist"}],
"roads":[{"geometry":[{"x":100.0,"y":190.0,"z":3.0},{"x":100.0,"y":210.0,"z":3.0}],
"type":"lane","map_element_id":3,"id":236}],
"tl_states":{"236":{"state":["arrow_go"],"x":[100.25],"y":[205.5],"z":[3.25],"time_index":[1]}}}
)";

// The current one as GPUDrive's converter writes it.
inline const std::string kSecondText = R"({"name":"tfrecord-3.json","scenario_id":"3c",
"objects":[
{"position":[{"x":5.5,"y":6.5,"z":1.0},{"x":6.5,"y":6.5,"z":1.0}],"width":2.0,"length":4.5,
"height":1.5,"heading":[0.0,3.1415927410125732],"velocity":[{"x":10.0,"y":0.0},{"x":10.0,"y":0.0}],
"valid":[true,true],"goalPosition":{"x":6.5,"y":6.5,"z":1.0},"type":"vehicle","id":645,
"mark_as_expert":false,"vbd_trajectory":[[5.5,6.5,0,10,0],[6.5,6.5,0,10,0]]}],
"roads":[{"geometry":[{"x":0.0,"y":6.0,"z":1.0}],"type":"road_edge","map_element_id":15,"id":3}],
"tl_states":{},
"metadata":{"sdc_track_index":0,"objects_of_interest":[645],
"tracks_to_predict":[{"track_index":0,"difficulty":1}]}}
)";

// The current one with all extensions; the ego is the second of three objects.
inline const std::string kUnifiedText = R"({"name":"made-up.xml","scenario_id":"made-up","objects":[
{"position":[{"x":-10000.0,"y":-10000.0,"z":-10000.0},{"x":30010.0,"y":-20005.0,"z":10.0},
{"x":30010.5,"y":-20005.0,"z":10.0},{"x":30011.0,"y":-20005.0,"z":10.0}],
"width":0.7,"length":0.8,"height":1.75,"heading":[-10000.0,0.25,0.25,0.25],
"velocity":[{"x":-10000.0,"y":-10000.0},{"x":1.0,"y":0.0},{"x":1.0,"y":0.0},{"x":1.0,"y":0.0}],
"valid":[false,true,true,true],"goalPosition":{"x":30011.0,"y":-20005.0,"z":10.0},
"type":"pedestrian","id":"3b9f","raw_type":"STROLLER","dims_assumed":true,"mark_as_expert":true},
{"position":[{"x":30000.25,"y":-20000.5,"z":10.5},{"x":30002.75,"y":-20000.5,"z":10.5},
{"x":30005.25,"y":-20000.5,"z":10.5},{"x":30007.75,"y":-20000.5,"z":10.5}],
"width":2.0,"length":4.5,"height":1.5,"heading":[0.0,0.1,0.2,-3.1],
"velocity":[{"x":5.0,"y":0.5},{"x":5.0,"y":0.5},{"x":5.0,"y":0.5},{"x":5.0,"y":0.5}],
"valid":[true,true,true,true],"goalPosition":{"x":30007.75,"y":-20000.5,"z":10.5},
"type":"vehicle","id":"AV","raw_type":"EGO_VEHICLE","mark_as_expert":false},
{"position":[{"x":30020.0,"y":-20000.0,"z":10.5},{"x":30021.0,"y":-20000.0,"z":10.5},
{"x":30022.0,"y":-20000.0,"z":10.5},{"x":30023.0,"y":-20000.0,"z":10.5}],
"width":1.0,"length":2.0,"height":1.6,"heading":[0.0,0.0,0.0,0.0],
"velocity":[{"x":2.0,"y":0.0},{"x":2.0,"y":0.0},{"x":2.0,"y":0.0},{"x":2.0,"y":0.0}],
"valid":[true,true,false,true],"goalPosition":{"x":30023.0,"y":-20000.0,"z":10.5},
"type":"other","id":"17","raw_type":"BICYCLE","mark_as_expert":false}],
"roads":[
{"geometry":[{"x":30000.0,"y":-20000.0,"z":10.0},{"x":30010.0,"y":-20000.0,"z":10.0},
{"x":30020.0,"y":-20000.0,"z":10.0}],"type":"lane","map_element_id":1,"id":100,"entry_lanes":[],
"exit_lanes":[101,"far"],"left_neighbors":["101"],"right_neighbors":[999],"speed_limit_mph":25.0,
"interpolating":true,"lane_type":"BUS","is_intersection":true,
"left_bound":[{"x":30020.0,"y":-19998.0,"z":10.0},{"x":30000.0,"y":-19998.0,"z":10.0}],
"right_bound":[{"x":30000.0,"y":-20002.0,"z":10.0},{"x":30020.0,"y":-20002.0,"z":10.0}]},
{"geometry":[{"x":30020.0,"y":-20000.0,"z":10.0},{"x":30040.0,"y":-20000.0,"z":10.0}],
"type":"lane","map_element_id":2,"id":"101","entry_lanes":["100"],"exit_lanes":[],
"lanelet_types":["urban","highway"],
"polygon":[{"x":30020.0,"y":-20002.0,"z":0.0},{"x":30040.0,"y":-20002.0,"z":0.0},
{"x":30040.0,"y":-19998.0,"z":0.0},{"x":30020.0,"y":-20002.0,"z":0.0}]},
{"geometry":[{"x":30000.0,"y":-19998.0,"z":10.0},{"x":30020.0,"y":-19998.0,"z":10.0}],
"type":"road_line","map_element_id":12,"id":"100L"},
{"geometry":[{"x":30000.0,"y":-20010.0,"z":10.0},{"x":30020.0,"y":-20010.0,"z":10.0}],
"type":"road_edge","map_element_id":16,"id":200},
{"geometry":[{"x":30018.0,"y":-20001.0,"z":11.0}],"type":"stop_sign","map_element_id":17,
"id":300,"lanes":[100,"101"]},
{"geometry":[{"x":30012.0,"y":-20004.0,"z":10.0},{"x":30014.0,"y":-20004.0,"z":10.0},
{"x":30014.0,"y":-19996.0,"z":10.0},{"x":30012.0,"y":-20004.0,"z":10.0}],
"type":"crosswalk","map_element_id":18,"id":301},
{"geometry":[{"x":30012.0,"y":-20004.0,"z":10.0},{"x":30014.0,"y":-20004.0,"z":10.0},
{"x":30014.0,"y":-19996.0,"z":10.0}],"type":"speed_bump","map_element_id":19,"id":302},
{"geometry":[{"x":30012.0,"y":-20004.0,"z":10.0},{"x":30014.0,"y":-20004.0,"z":10.0},
{"x":30014.0,"y":-19996.0,"z":10.0}],"type":"driveway","map_element_id":20,"id":303}],
"tl_states":{"100":{"state":["stop","go"],"x":[30019.0,30019.0],"y":[-20000.0,-20000.0],
"z":[10.0,10.0],"time_index":[1,3],"lane_id":[100,100]},
"101":{"state":["caution"],"x":[0],"y":[0],"z":[0],"time_index":[3],"lane_id":["101"]}},
"metadata":{"sdc_track_index":1,"objects_of_interest":["AV",17],
"tracks_to_predict":[{"track_index":2,"difficulty":0}]},
"dataset":"made up","dt":0.5,"num_steps":4,"current_time_index":1,"dt_declared":0.1,
"planning_problems":[{"x":1.0,"y":2.0,"heading":0.5,"velocity":3.0}],"author":"nobody"}
)";

// A large scene of the second generation: `num_objects` over 91 steps, `num_roads` of `num_points`.
inline std::string write_large_json(int num_objects, int num_roads, int num_points) {
  constexpr int kNumSteps = 91;
  const auto join = [](int count, const auto& entry) {
    std::string text;
    for (int index = 0; index < count; ++index) text += (index == 0 ? "" : ", ") + entry(index);
    return "[" + text + "]";
  };
  const auto point = [](double x, double y) {
    return fmt::format(R"({{"x": {}, "y": {}, "z": {}}})", x, y, 30.125 + std::sin(x));
  };
  const auto object = [&](int track) {
    const auto position = [&](int step) {
      return point(1000.1 + 7 * track + std::sin(0.01 * step), -2000.3 + 0.7 * step);
    };
    const auto velocity = [](int step) {
      return fmt::format(R"({{"x": {}, "y": {}}})", std::cos(0.1 * step), 7.0 + std::sin(step));
    };
    const auto heading = [](int step) { return fmt::format("{}", 1.5 + 0.001 * step); };
    const auto valid = [](int) { return std::string("true"); };
    return fmt::format(
        R"({{"position": {}, "width": 2.0625, "length": 4.71875, "height": 1.53125, )"
        R"("heading": {}, "velocity": {}, "valid": {}, "goalPosition": {}, )"
        R"("type": "vehicle", "id": {}, "mark_as_expert": false}})",
        join(kNumSteps, position), join(kNumSteps, heading), join(kNumSteps, velocity),
        join(kNumSteps, valid), position(90), track);
  };
  const auto road = [&](int index) {
    const auto place = [&](int step) {
      return point(1000.7 + 0.5 * step, -2000.2 + 4 * index + std::sin(0.1 * step));
    };
    return fmt::format(R"({{"geometry": {}, "type": "{}", "map_element_id": {}, "id": {}}})",
                       join(num_points, place), index % 3 < 2 ? "lane" : "road_edge",
                       index % 3 < 2 ? 2 : 15, index);
  };
  return fmt::format(R"({{"name": "large.json", "scenario_id": "large", "objects": {}, )"
                     R"("roads": {}, "tl_states": {{}}, "metadata": {{"sdc_track_index": 0, )"
                     R"("objects_of_interest": [], "tracks_to_predict": []}}}})",
                     join(num_objects, object), join(num_roads, road));
}

}  // namespace forkroad::test
