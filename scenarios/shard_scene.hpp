// Rows of a shard -> Scene. Internal to the shard reader.
#pragma once

#include "scenarios/scene.hpp"
#include "scenarios/scene_numbers.hpp"
#include "scenarios/shard_rows.hpp"

namespace forkroad {

struct ShardScene {
  Scene scene;
  SceneNumbers numbers = SceneNumbers::kUnchecked;  // checked in the columns
};

// Throws ShardFailure where texts are not UTF-8 or the scene has no steps; what find_scene_fault()
// checks, codes of enumerations among it, is left to it.
ShardScene build_shard_scene(const ShardRows& rows);

}  // namespace forkroad
