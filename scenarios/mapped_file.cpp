#include "scenarios/mapped_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace forkroad {

Parsed<MappedFile> MappedFile::open(const std::string& file) {
  const auto fail = [&file](const std::string& why) {
    return ParseError{ParseCode::kCannotOpen, file, -1, -1, why};
  };
  const auto fail_errno = [&fail] {
    return fail(fmt::format("cannot be opened for reading: {}",
                            std::error_code(errno, std::generic_category()).message()));
  };
  // O_NONBLOCK: to open a pipe would wait for its writer
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return fail_errno();
  struct stat status {};
  void* address = nullptr;
  const bool known = fstat(descriptor, &status) == 0;
  const bool regular = known && S_ISREG(status.st_mode);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (regular && size > 0) {
    address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  }
  const int map_errno = errno;
  close(descriptor);
  errno = map_errno;
  if (!known || address == MAP_FAILED) return fail_errno();
  if (!regular) return fail("is no regular file");
  return MappedFile({static_cast<const uint8_t*>(address), size});
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<uint8_t*>(bytes_.data()), bytes_.size());
}

}  // namespace forkroad
