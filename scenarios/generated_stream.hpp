// Generated scenes opened like a file: the words generated:LAYOUT:SEED[:COUNT].
#pragma once

#include <string_view>

#include "scenarios/load_scenes.hpp"

namespace forkroad {

// True for every text that starts with "generated:".
bool is_generated_name(std::string_view name);

// The scenes 0 .. COUNT - 1 (default 1) of a layout and a seed, with the default spec; where the
// layout is "all" the layouts take turns. An error if the name does not say that.
Parsed<std::unique_ptr<SceneStream>> generated_stream(const std::string& name);

}  // namespace forkroad
