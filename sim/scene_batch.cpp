#include "sim/scene_batch.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace forkroad {

SceneBatch::SceneBatch(std::vector<Scene> scenes, Device device)
    : scenes_(std::move(scenes)), device_(device) {
  for (size_t index = 0; index < scenes_.size(); ++index) {
    const std::string fault = find_scene_fault(scenes_[index]);
    if (!fault.empty()) {
      throw std::invalid_argument(
          fmt::format("SceneBatch: scene {} ('{}'): {}", index, scenes_[index].id, fault));
    }
  }
}

}  // namespace forkroad
