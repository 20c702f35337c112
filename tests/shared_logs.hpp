// Where the real logs lie that no repository may hold: tests that need them say so and pass when
// they are absent.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#ifndef FORKROAD_SOURCE_DIR
#define FORKROAD_SOURCE_DIR "."
#endif

namespace forkroad::test {

// The path of a file below FORKROAD_SHARED (default: ../shared beside the sources), empty if it
// is not there.
inline std::string find_shared(const std::string& relative) {
  const char* chosen = std::getenv("FORKROAD_SHARED");
  const std::filesystem::path folder =
      chosen != nullptr ? std::filesystem::path(chosen)
                        : std::filesystem::path(FORKROAD_SOURCE_DIR) / ".." / "shared";
  std::error_code ignored;
  const std::filesystem::path path = folder / relative;
  return std::filesystem::exists(path, ignored) ? path.string() : std::string();
}

}  // namespace forkroad::test
