// The bytes of a regular file, mapped for reading: pages come in when they are touched.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "scenarios/parse_error.hpp"

namespace forkroad {

class MappedFile {
 public:
  // Maps a whole regular file. The file must keep its length while it is mapped: who writes files
  // that others map replaces them by renaming, as ShardWriter does.
  static Parsed<MappedFile> open(const std::string& file);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  // Begins at a page. Empty for an empty file.
  std::span<const uint8_t> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  std::span<const uint8_t> bytes_;
};

}  // namespace forkroad
