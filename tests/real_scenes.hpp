// The scenes of the real logs at hand; says plainly what is missing.
#pragma once

#include <utility>
#include <vector>

#include "scenarios/load_scenes.hpp"
#include "tests/catch.hpp"
#include "tests/shared_logs.hpp"

namespace forkroad::test {

inline std::vector<Scene> real_scenes() {
  std::vector<Scene> all;
  for (const char* name : {"data/womd_tfrecord/motion_data_one_scenario.tfrecord",
                           "data/womd_tfrecord/womd_scenario_input.tfrecord"}) {
    const std::string path = find_shared(name);
    if (path.empty()) {
      WARN("skipped: no real log at FORKROAD_SHARED/" << name);
      continue;
    }
    for (Scene& scene : load_scenes(path)) all.push_back(std::move(scene));
  }
  return all;
}

}  // namespace forkroad::test
