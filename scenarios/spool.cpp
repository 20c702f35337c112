#include "scenarios/spool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace forkroad {
namespace {

[[noreturn]] void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int open_nameless(const std::string& folder) {
  int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0) return descriptor;
  // file systems without O_TMPFILE: a name that lives for an instant
  std::string name = folder + "/.spool_XXXXXX";
  descriptor = mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) throw_errno("cannot make a temporary file in '" + folder + "'");
  unlink(name.c_str());
  return descriptor;
}

}  // namespace

void write_fully(int descriptor, const void* bytes, std::size_t size) {
  const auto* at = static_cast<const uint8_t*>(bytes);
  while (size > 0) {
    const ssize_t written = ::write(descriptor, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_errno("cannot write");
    at += written;
    size -= static_cast<std::size_t>(written);
  }
}

Spool::Spool(Spool&& other) noexcept
    : folder_(std::move(other.folder_)),
      buffer_(std::move(other.buffer_)),
      overflow_(std::exchange(other.overflow_, -1)),
      spilled_(std::exchange(other.spilled_, 0)) {}

Spool::~Spool() {
  if (overflow_ >= 0) close(overflow_);
}

void Spool::append(const void* bytes, std::size_t size) {
  if (size == 0) return;
  if (buffer_.size() + size > kMaxBuffer) {
    spill(buffer_.data(), buffer_.size());
    buffer_.clear();
  }
  if (size > kMaxBuffer) {
    spill(bytes, size);
    return;
  }
  const auto* first = static_cast<const uint8_t*>(bytes);
  buffer_.insert(buffer_.end(), first, first + size);
}

void Spool::spill(const void* bytes, std::size_t size) {
  if (overflow_ < 0) overflow_ = open_nameless(folder_);
  write_fully(overflow_, bytes, size);
  spilled_ += size;
}

void Spool::copy_to(int descriptor) const {
  std::vector<uint8_t> chunk(std::min<uint64_t>(spilled_, kMaxBuffer));
  for (uint64_t at = 0; at < spilled_;) {
    const std::size_t size = std::min<uint64_t>(chunk.size(), spilled_ - at);
    const ssize_t got = pread(overflow_, chunk.data(), size, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) errno = EIO;
    if (got <= 0) throw_errno("cannot read a temporary file in '" + folder_ + "'");
    write_fully(descriptor, chunk.data(), static_cast<std::size_t>(got));
    at += static_cast<uint64_t>(got);
  }
  write_fully(descriptor, buffer_.data(), buffer_.size());
}

}  // namespace forkroad
