// Where the real logs lie that no repository may hold: tests that need them say so and pass when
// they are absent.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "scenarios/decompress.hpp"

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

// The decompressed content of a file below FORKROAD_SHARED/data, empty if it is not there.
inline std::string read_content(const std::string& relative) {
  const std::string path = find_shared("data/" + relative);
  if (path.empty()) return {};
  const Parsed<WholeFile> file = read_whole_file(path);
  if (!file.ok()) throw std::runtime_error(file.error().text());
  const auto bytes = file.value().content.bytes();
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace forkroad::test
