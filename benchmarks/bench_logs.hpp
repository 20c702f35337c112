// Real logs for benchmarks that measure them where they are.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/load_scenes.hpp"
#include "tests/shared_logs.hpp"

namespace forkroad {

inline constexpr size_t kMaxLogs = 60;  // files of a folder, evenly spaced

// The files of a folder below FORKROAD_SHARED, by name; none where it is absent.
inline std::vector<std::string> shared_files(const std::string& folder) {
  std::vector<std::string> files;
  const std::string path = test::find_shared(folder);
  if (path.empty()) return files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Scenes with an ego of at most kMaxLogs of the files.
inline std::vector<Scene> scenes_with_ego(const std::vector<std::string>& files) {
  std::vector<Scene> scenes;
  const size_t every = std::max<size_t>(1, (files.size() + kMaxLogs - 1) / kMaxLogs);
  for (size_t file = 0; file < files.size(); file += every) {
    for (Scene& scene : load_scenes(files[file])) {
      if (scene.ego >= 0) scenes.push_back(std::move(scene));
    }
  }
  return scenes;
}

}  // namespace forkroad
