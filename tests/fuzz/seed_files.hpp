// Writes the seeds of a fuzz target into a folder: made up, nothing from a log.
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

// The exit status of a program whose one argument is the folder.
inline int write_seeds(int argc, char** argv, const std::vector<Seed>& seeds) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  for (const Seed& seed : seeds) {
    std::ofstream file(folder / seed.name, std::ios::binary);
    file << seed.bytes;
    if (!file) {
      std::fprintf(stderr, "cannot write %s\n", (folder / seed.name).c_str());
      return 1;
    }
  }
  return 0;
}

}  // namespace forkroad::test
