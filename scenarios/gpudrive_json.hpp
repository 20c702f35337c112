// GPUDrive JSON: one scene per file, all generations of the schema and its unified extensions.
#pragma once

#include <memory>
#include <string>

#include "scenarios/decompress.hpp"
#include "scenarios/load_scenes.hpp"

namespace forkroad {

// Decodes one scene. Read are the schemas that GPUDrive's converters wrote over time: v0 as
// Nocturne's (no z, height, ids, metadata), v1 with z and height, with or without tl_states, v2
// with ids, map_element_id and metadata; and v2 with dt, num_steps, current_time_index, lane links,
// neighbours, speed limits and bounds. Members may come in any order; those that a scene has no
// place for are named in Scene::assumptions.
//
// Steps count by `valid` alone: what other states hold is ignored. Headings are radians, or degrees
// where the largest valid one is beyond pi (v0, v1). dt is 0.1 s where the file does not give it.
// The origin is the ego's place at the current step, floored; without an ego it is the mean of the
// first valid positions. What it returns holds to find_scene_fault(). An error's byte_offset counts
// in `text`.
Parsed<Scene> decode_gpudrive_json(const PaddedBytes& text, const Provenance& where);

// The one scene of a file that was read before.
std::unique_ptr<SceneStream> gpudrive_json_stream(WholeFile content, const std::string& file);

}  // namespace forkroad
