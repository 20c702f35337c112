// SceneBatch: the scenes that worlds are copies of.
#pragma once

#include <memory>
#include <vector>

#include "scenarios/scene.hpp"
#include "sim/device.hpp"

namespace forkroad {

class SceneBatch {
 public:
  // Takes the scenes over. Throws std::invalid_argument if a scene fails find_scene_fault.
  explicit SceneBatch(std::vector<Scene> scenes, Device device = Device::cpu());

  int size() const { return static_cast<int>(scenes_.size()); }
  const Scene& scene(int index) const { return scenes_[static_cast<size_t>(index)]; }
  Device device() const { return device_; }

 private:
  std::vector<Scene> scenes_;
  Device device_;
};

}  // namespace forkroad
