#include "scenarios/regular_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace forkroad {

std::string describe_open_failure() {
  return fmt::format("cannot be opened for reading: {}",
                     std::error_code(errno, std::generic_category()).message());
}

Parsed<RegularFile> open_regular_file(const std::string& file) {
  const auto refuse = [&file](std::string why) {
    return ParseError{ParseCode::kCannotOpen, file, -1, -1, std::move(why)};
  };
  // asked before opening: to open a pipe would wait for its writer
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return refuse(describe_open_failure());
  if (S_ISDIR(status.st_mode)) return refuse("is a directory, expected a regular file");
  if (!S_ISREG(status.st_mode)) return refuse("is a pipe or device, expected a regular file");
  RegularFile opened{FileHandle(std::fopen(file.c_str(), "rb")),
                     static_cast<uint64_t>(status.st_size)};
  if (opened.stream == nullptr) return refuse(describe_open_failure());
  return opened;
}

}  // namespace forkroad
