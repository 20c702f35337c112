// Writes small tf.Examples of the WOMD form from scratch, for tests and the fuzzer's seeds. Nothing
// here is taken from a real log.
#pragma once

#include <cstdint>
#include <map>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <variant>
#include <vector>

namespace forkroad::test {

// A feature's list: bytes, floats or integers.
using FeatureList = std::variant<std::string, std::vector<float>, std::vector<int64_t>>;

// Features by name; in this order they are written.
using ExampleSpec = std::map<std::string, FeatureList>;

inline void write_list(protozero::pbf_writer& value, const FeatureList& list, bool packed) {
  // the field numbers of Feature's oneof
  protozero::pbf_writer inner(value, static_cast<uint32_t>(list.index() + 1));
  if (const auto* text = std::get_if<std::string>(&list)) {
    inner.add_bytes(1, *text);
  } else if (const auto* floats = std::get_if<std::vector<float>>(&list)) {
    if (packed) {
      inner.add_packed_float(1, floats->begin(), floats->end());
    } else {
      for (const float number : *floats) inner.add_float(1, number);
    }
  } else {
    const auto& integers = std::get<std::vector<int64_t>>(list);
    if (packed) {
      inner.add_packed_int64(1, integers.begin(), integers.end());
    } else {
      for (const int64_t number : integers) inner.add_int64(1, number);
    }
  }
}

// The serialised tf.Example.
inline std::string write_example(const ExampleSpec& example, bool packed = true) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  protozero::pbf_writer features(writer, 1);
  for (const auto& [name, list] : example) {
    protozero::pbf_writer entry(features, 1);
    entry.add_string(1, name);
    protozero::pbf_writer value(entry, 2);
    write_list(value, list, packed);
  }
  return bytes;
}

inline std::vector<float>& floats_of(ExampleSpec& example, const std::string& name) {
  return std::get<std::vector<float>>(example.at(name));
}

inline std::vector<int64_t>& integers_of(ExampleSpec& example, const std::string& name) {
  return std::get<std::vector<int64_t>>(example.at(name));
}

// What the agents of small_example() are at a step (0 to 5), by agent.
inline float example_x(std::size_t agent, int step) {
  return 1000.25f + 10.0f * static_cast<float>(agent) + static_cast<float>(step);
}

// Three agents over 2 past, 1 current and 3 future steps, the last one padding; the second is the
// ego. Two lanes, a line, a stop sign and a crosswalk; two lamps at each step.
inline ExampleSpec small_example() {
  constexpr std::size_t kAgents = 3;
  ExampleSpec example;
  example["scenario/id"] = std::string("made-up");
  example["state/id"] = std::vector<float>{11, 12, -1};
  example["state/type"] = std::vector<float>{1, 2, -1};
  example["state/is_sdc"] = std::vector<int64_t>{0, 1, 0};
  example["state/tracks_to_predict"] = std::vector<int64_t>{1, 0, 0};
  example["state/objects_of_interest"] = std::vector<int64_t>{0, 1, 0};
  int first = 0;
  for (const auto& [phase, steps] :
       std::vector<std::pair<std::string, int>>{{"past", 2}, {"current", 1}, {"future", 3}}) {
    const auto state = [&](const char* name) { return "state/" + phase + "/" + name; };
    const auto light = [&](const char* name) {
      return "traffic_light_state/" + phase + "/" + name;
    };
    std::vector<float> x, ones, lamp_x;
    std::vector<int64_t> valid, micros, lamp_ids, lamp_states, lamp_valid;
    for (std::size_t agent = 0; agent < kAgents; ++agent) {
      for (int step = first; step < first + steps; ++step) {
        const bool is_padding = agent + 1 == kAgents;
        x.push_back(is_padding ? -1.0f : example_x(agent, step));
        ones.push_back(is_padding ? -1.0f : 1.0f);
        valid.push_back(is_padding ? 0 : 1);
        micros.push_back(is_padding ? -1 : 100'000 * step);
      }
    }
    for (int step = first; step < first + steps; ++step) {
      lamp_ids.insert(lamp_ids.end(), {100, -1});
      lamp_states.insert(lamp_states.end(), {step < 3 ? 4 : 6, -1});
      lamp_valid.insert(lamp_valid.end(), {1, 0});
      lamp_x.insert(lamp_x.end(), {1020.0f, -1.0f});
    }
    example[state("x")] = x;
    for (const char* name :
         {"y", "z", "bbox_yaw", "length", "width", "height", "velocity_x", "velocity_y"}) {
      example[state(name)] = ones;
    }
    example[state("valid")] = valid;
    example[state("timestamp_micros")] = micros;
    example[light("id")] = lamp_ids;
    example[light("state")] = lamp_states;
    example[light("valid")] = lamp_valid;
    for (const char* name : {"x", "y", "z"}) example[light(name)] = lamp_x;
    first += steps;
  }
  // two samples of lane 100, two of line 7, the rest of lane 100's, then areas and padding
  example["roadgraph_samples/id"] =
      std::vector<int64_t>{100, 100, 7, 7, 101, 300, 301, 301, 301, 301, -1};
  example["roadgraph_samples/type"] = std::vector<int64_t>{2, 2, 11, 11, 1, 17, 18, 18, 18, 18, -1};
  example["roadgraph_samples/valid"] = std::vector<int64_t>{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0};
  example["roadgraph_samples/xyz"] =
      std::vector<float>{990,  0, 5, 1000, 0, 5, 990,  2, 5, 1000, 2, 5, 990, 4,  5, 1020, 1, 6,
                         1020, 0, 5, 1024, 0, 5, 1024, 4, 5, 1020, 0, 5, -1,  -1, -1};
  return example;
}

}  // namespace forkroad::test
