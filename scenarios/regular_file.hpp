// Opens files for reading, and nothing but files.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "scenarios/parse_error.hpp"

namespace forkroad {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FileHandle = std::unique_ptr<std::FILE, CloseFile>;

struct RegularFile {
  FileHandle stream;
  uint64_t size = 0;  // [bytes]
};

// What errno says, as a reason why a file cannot be opened.
std::string describe_open_failure();

// Opens a regular file; directories, pipes and devices are refused (kCannotOpen): to open a pipe
// would wait for its writer.
Parsed<RegularFile> open_regular_file(const std::string& file);

}  // namespace forkroad
