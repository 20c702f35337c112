// CommonRoad XML scenarios, formats 2018b and 2020a.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "scenarios/decompress.hpp"
#include "scenarios/load_scenes.hpp"

namespace forkroad {

// True if the text begins like a CommonRoad document: XML whose root is commonRoad.
bool is_commonroad_start(std::string_view head);

// Decodes one document, UTF-8. `where` names the file; errors carry offsets in `bytes`.
//
// Tracks are obstacles with their ids; the planning problem is not a track, so the scene has no
// ego and its origin is the mean of the obstacles' first places, floored. Lanes and crosswalks
// are lanelets with their ids; bounds become road lines and road edges with fresh ids, stop signs
// too. An outer bound is a road edge where no lanelet lies beside it, else a road line; a curb is
// a road edge. dt is the declared step unless the data contradict it. Scene::assumptions says
// what was read as what. What it returns holds to find_scene_fault().
Parsed<Scene> decode_commonroad(const PaddedBytes& bytes, const Provenance& where);

// A stream of the one scene that a file holds; `file` is for provenance and errors.
std::unique_ptr<SceneStream> commonroad_stream(WholeFile content, const std::string& file);

}  // namespace forkroad
