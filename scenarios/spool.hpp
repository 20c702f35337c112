// Bytes that grow one append at a time in bounded memory: what exceeds the buffer goes to a file
// without a name, which is gone when its owner is, however that ends.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace forkroad {

class Spool {
 public:
  // A spool holds at most this in memory [bytes].
  static constexpr std::size_t kMaxBuffer = std::size_t{1} << 18;

  // Overflow lies in `folder`, which must exist and be writable.
  explicit Spool(std::string folder) : folder_(std::move(folder)) {}
  Spool(Spool&& other) noexcept;
  Spool& operator=(Spool&&) = delete;
  ~Spool();

  // Throws std::system_error if the overflow cannot be written.
  void append(const void* bytes, std::size_t size);

  uint64_t size() const { return spilled_ + buffer_.size(); }

  // Writes all bytes to an open file. Throws std::system_error.
  void copy_to(int descriptor) const;

 private:
  void spill(const void* bytes, std::size_t size);

  std::string folder_;
  std::vector<uint8_t> buffer_;
  int overflow_ = -1;  // file descriptor, -1: nothing was spilled yet
  uint64_t spilled_ = 0;
};

// Writes all of the bytes to an open file. Throws std::system_error.
void write_fully(int descriptor, const void* bytes, std::size_t size);

}  // namespace forkroad
