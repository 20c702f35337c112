// Waymo Open Motion Dataset, Scenario protobuf: decoded from the wire format, no generated code.
#pragma once

#include <span>

#include "scenarios/parse_error.hpp"
#include "scenarios/scene.hpp"

namespace forkroad {

// Decodes one serialised waymo.open_dataset.Scenario. `where` says where the payload lies, for
// provenance and errors (byte_offset -1: errors count from the payload). Any number of tracks,
// steps and features, any dt.
//
// The origin is the ego's place at the current step, floored. dt is the median step, taken to the
// nominal rate. Enum values unknown to this reader, map features without points and lane spans
// beyond their lanes do not stop it: Scene::assumptions says what was left out. What it returns
// holds to find_scene_fault().
Parsed<Scene> decode_womd_scenario(std::span<const uint8_t> payload, const Provenance& where);

}  // namespace forkroad
