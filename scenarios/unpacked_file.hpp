// Reads whole files of text formats, packed with gzip or not.
#pragma once

#include <cstddef>
#include <string>

#include "scenarios/parse_error.hpp"

namespace forkroad {

struct UnpackedFile {
  std::string bytes;
  bool was_packed = false;  // the file on disk is gzip
};

// All bytes of a file, unpacked if it is gzip (every member of it, checksums verified). More than
// `max_bytes` unpacked bytes are refused before they are stored: a small file can unpack to any
// size.
Parsed<UnpackedFile> read_unpacked(const std::string& file, std::size_t max_bytes);

// At most `count` first bytes of a file, unpacked if it is gzip.
Parsed<std::string> read_unpacked_head(const std::string& file, std::size_t count);

}  // namespace forkroad
