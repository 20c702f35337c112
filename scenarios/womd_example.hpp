// Waymo Open Motion Dataset, tf.Example: the same logs as flat arrays, at most 128 agents and
// 20,000 map samples. Decoded from the wire format, no generated code.
#pragma once

#include <span>
#include <string>

#include "scenarios/parse_error.hpp"
#include "scenarios/scene.hpp"

namespace forkroad {

// The name of the first feature if the bytes begin like a tf.Example, else empty.
std::string find_example_feature(std::span<const uint8_t> payload);

// Decodes one serialised tf.Example with the dataset's features: state/{past,current,future}/*
// [agents, steps], roadgraph_samples/* [samples], traffic_light_state/{past,current,future}/*
// [steps, lamps], scenario/id. `where` says where the payload lies, for provenance and errors. The
// future may be absent, as in the test split.
//
// Agents that are valid at no step are padding and left out. The origin is the ego's place at the
// current step, floored. Map samples of one id become one polyline in the order stored; the form
// has no lane links, neighbours, boundaries or speed limits, and Scene::assumptions says so. What
// it returns holds to find_scene_fault().
Parsed<Scene> decode_womd_example(std::span<const uint8_t> payload, const Provenance& where);

}  // namespace forkroad
