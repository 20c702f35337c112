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

// The body of a program that takes one argument, the folder. Returns its exit code.
inline int write_seeds(int argc, char** argv, const std::vector<Seed>& seeds) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  return write_seeds(argv[1], seeds) ? 0 : 1;
}

}  // namespace forkroad::test
