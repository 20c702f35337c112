// The emulator's dynamic shared memory: arrays with a red zone on either side, and its error texts.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tests/emulate.hpp"
#include "tests/fiber.hpp"

namespace forkroad {

// Error text in a fixed buffer. Not a std::string: strings are partly built inside the standard
// library, which MemorySanitizer does not see.
class ErrorText {
 public:
  __attribute__((format(printf, 2, 3))) void append(const char* format, ...);
  const char* text() const { return text_; }
  bool empty() const { return length_ == 0; }
  void clear();

 private:
  static constexpr size_t kCapacity = 8192;
  char text_[kCapacity] = {};
  size_t length_ = 0;
};

// Counter-based pseudo-random numbers: the same schedule gives the same run everywhere.
struct ScheduleRandom {
  uint64_t state;

  uint64_t next();
  int below(int bound) {
    return static_cast<int>((next() >> 32) * static_cast<uint64_t>(bound) >> 32);
  }
};

// One block's shared memory. Arrays are handed out in order of first request; every thread must
// make the same requests. Methods that can fail append to `error` and leave the rest to the caller.
class SharedArena {
 public:
  // Begins a block: new contents, no arrays. `fresh` takes new addresses.
  void begin_block(int capacity_bytes, SharedFill fill, ScheduleRandom& random, bool fresh);
  // The `ordinal`-th request of a thread. Returns null on error.
  void* request(int ordinal, int count, size_t element_bytes, CallSite site, ErrorText& error);
  // True if [from, from + bytes) lies inside one array.
  bool holds(const void* from, size_t bytes) const;
  // True if the address belongs to this memory, red zones included.
  bool contains(const void* address) const;
  // Reports the arrays that something wrote before the start or past the end of.
  void check_red_zones(ErrorText& error) const;

  int num_arrays() const { return num_arrays_; }
  CallSite site_of(int array) const { return arrays_[array].site; }

 private:
  struct Array {
    size_t begin;  // [bytes] from the start of the memory
    size_t bytes;
    int count;
    size_t element_bytes;
    CallSite site;
  };
  static constexpr int kMaxArrays = 32;
  static constexpr size_t kRedZoneBytes = 256;

  void write_red_zone(size_t begin, size_t end);
  // First changed byte of a red zone, or `end`.
  size_t changed_byte(size_t begin, size_t end) const;
  size_t red_zone_end(int array) const;

  GuardedMemory memory_{0};
  size_t used_ = 0;      // [bytes] end of the last red zone
  size_t capacity_ = 0;  // [bytes] what the launch gave
  size_t consumed_ = 0;  // [bytes] what the arrays take of it, as shared_piece_bytes counts
  int num_arrays_ = 0;
  Array arrays_[kMaxArrays];
};

}  // namespace forkroad
