// Writes the seeds of a fuzz target as files of a folder.
#pragma once

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace forkroad::test {

struct Seed {
  const char* name;
  std::string bytes;
};

// False, with a line on stderr, if a file cannot be written.
inline bool write_seeds(const std::filesystem::path& folder, const std::vector<Seed>& seeds) {
  std::filesystem::create_directories(folder);
  for (const Seed& seed : seeds) {
    std::ofstream file(folder / seed.name, std::ios::binary);
    file << seed.bytes;
    if (!file) {
      std::fprintf(stderr, "cannot write %s\n", (folder / seed.name).c_str());
      return false;
    }
  }
  return true;
}

}  // namespace forkroad::test
