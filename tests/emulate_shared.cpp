#include "tests/emulate_shared.hpp"

#include <stdarg.h>
#include <stdio.h>

#include <cstring>

#include "tests/sanitizers.hpp"

#if FORKROAD_ASAN
#include <sanitizer/asan_interface.h>
#endif
#if FORKROAD_MSAN
#include <sanitizer/msan_interface.h>
#endif
#if FORKROAD_TSAN
#error "compile tests/emulate_shared.cpp with -fno-sanitize=thread (see tests/emulate.hpp)"
#endif

namespace forkroad {
namespace {

// Eight bytes that no fill and hardly a result equals.
constexpr uint64_t kRedZoneWord = 0x9e5bc3a1d2f47786u;

unsigned char red_zone_byte(size_t offset) {
  return static_cast<unsigned char>(kRedZoneWord >> (offset % 8 * 8));
}

size_t round_up(size_t bytes) {
  return (bytes + kSharedAlignment - 1) / kSharedAlignment * kSharedAlignment;
}

void fill_bytes(unsigned char* data, size_t bytes, SharedFill fill, ScheduleRandom& random) {
  if (fill != SharedFill::kRandom) {
    std::memset(data, fill == SharedFill::kOnes ? 0xff : 0, bytes);
    return;
  }
  for (size_t offset = 0; offset + 8 <= bytes; offset += 8) {
    const uint64_t word = random.next();
    std::memcpy(data + offset, &word, sizeof word);
  }
}

}  // namespace

void ErrorText::append(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int written = vsnprintf(text_ + length_, kCapacity - length_, format, arguments);
  va_end(arguments);
  if (written > 0) length_ += static_cast<size_t>(written);
  if (length_ >= kCapacity) length_ = kCapacity - 1;  // cut short
}

void ErrorText::clear() {
  length_ = 0;
  text_[0] = '\0';
}

// splitmix64
uint64_t ScheduleRandom::next() {
  state += 0x9e3779b97f4a7c15u;
  uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return mixed ^ (mixed >> 31);
}

void SharedArena::begin_block(int capacity_bytes, SharedFill fill, ScheduleRandom& random,
                              bool fresh) {
  capacity_ = static_cast<size_t>(capacity_bytes);
  const size_t needed =
      round_up(capacity_) + kRedZoneBytes + kMaxArrays * (kRedZoneBytes + kSharedAlignment);
  if (fresh || memory_.size() < needed) memory_ = GuardedMemory(needed);

#if FORKROAD_ASAN
  __asan_unpoison_memory_region(memory_.data(), memory_.size());
#endif
  fill_bytes(memory_.data(), needed, fill, random);
#if FORKROAD_ASAN
  // arrays become addressable one by one
  __asan_poison_memory_region(memory_.data(), memory_.size());
#endif

#if FORKROAD_MSAN
  __msan_poison(memory_.data(), memory_.size());
#endif

  num_arrays_ = 0;
  consumed_ = 0;
  used_ = kRedZoneBytes;
  write_red_zone(0, used_);
}

void* SharedArena::request(int ordinal, int count, size_t element_bytes, CallSite site,
                           ErrorText& error) {
  // a request that another thread already made
  if (ordinal < num_arrays_) {
    const Array& known = arrays_[ordinal];
    if (known.count != count || known.element_bytes != element_bytes) {
      error.append(
          "shared() call %d of the threads differs: %d elements of %zu bytes at %s:%d, "
          "but %d elements of %zu bytes at %s:%d",
          ordinal, known.count, known.element_bytes, known.site.file, known.site.line, count,
          element_bytes, site.file, site.line);
      return nullptr;
    }
    return memory_.data() + known.begin;
  }

  // a new array
  if (count < 0 || ordinal >= kMaxArrays) {
    error.append("shared() at %s:%d: call %d asks for %d elements; at most %d calls, none negative",
                 site.file, site.line, ordinal, count, kMaxArrays);
    return nullptr;
  }
  const size_t bytes = static_cast<size_t>(count) * element_bytes;
  consumed_ += round_up(bytes);
  if (consumed_ > capacity_) {
    error.append("shared() at %s:%d: the arrays so far take %zu bytes, the launch gave %zu",
                 site.file, site.line, consumed_, capacity_);
    return nullptr;
  }
  arrays_[num_arrays_++] = {used_, bytes, count, element_bytes, site};
  unsigned char* const data = memory_.data() + used_;
  const size_t end = used_ + bytes;
  used_ = round_up(end) + kRedZoneBytes;
  write_red_zone(end, used_);
#if FORKROAD_ASAN
  __asan_unpoison_memory_region(data, bytes);
#endif
  return data;
}

bool SharedArena::holds(const void* from, size_t bytes) const {
  if (!contains(from)) return false;
  const size_t begin =
      static_cast<size_t>(static_cast<const unsigned char*>(from) - memory_.data());
  for (int array = 0; array < num_arrays_; ++array) {
    const Array& a = arrays_[array];
    if (begin >= a.begin && begin + bytes <= a.begin + a.bytes) return true;
  }
  return false;
}

bool SharedArena::contains(const void* address) const {
  const uintptr_t at = reinterpret_cast<uintptr_t>(address);
  const uintptr_t begin = reinterpret_cast<uintptr_t>(memory_.data());
  return at >= begin && at < begin + memory_.size();
}

size_t SharedArena::red_zone_end(int array) const {
  return array + 1 < num_arrays_ ? arrays_[array + 1].begin : used_;
}

void SharedArena::check_red_zones(ErrorText& error) const {
#if !FORKROAD_ASAN
  const size_t before_first = num_arrays_ > 0 ? arrays_[0].begin : used_;
  if (const size_t at = changed_byte(0, before_first); at < before_first) {
    error.append("shared memory was written before the start of the first array");
    if (num_arrays_ > 0) error.append(", of %s:%d", arrays_[0].site.file, arrays_[0].site.line);
    error.append("\n");
  }
  for (int array = 0; array < num_arrays_; ++array) {
    const Array& a = arrays_[array];
    const size_t end = a.begin + a.bytes;
    const size_t zone_end = red_zone_end(array);
    const size_t at = changed_byte(end, zone_end);
    if (at == zone_end) continue;
    error.append(
        "shared array %d (%d elements of %zu bytes, %s:%d) was written past its end, at "
        "element %zu",
        array, a.count, a.element_bytes, a.site.file, a.site.line,
        (at - a.begin) / a.element_bytes);
    // the next array's negative indices fall into the same zone
    if (array + 1 < num_arrays_) {
      error.append(", which is %zu bytes before the start of array %d (%s:%d)", zone_end - at,
                   array + 1, arrays_[array + 1].site.file, arrays_[array + 1].site.line);
    }
    error.append("\n");
  }
#else
  static_cast<void>(error);  // the access itself was reported
#endif
}

// Byte loops only where a word does not fit, and no library call: ThreadSanitizer would take it for
// an access by the asking thread.
void SharedArena::write_red_zone(size_t begin, size_t end) {
#if !FORKROAD_ASAN
  unsigned char* const data = memory_.data();
  size_t at = begin;
  for (; at < end && at % 8 != 0; ++at) data[at] = red_zone_byte(at);
  for (; at + 8 <= end; at += 8) *reinterpret_cast<uint64_t*>(data + at) = kRedZoneWord;
#if FORKROAD_MSAN
  __msan_poison(data + begin, end - begin);  // for bodies it has no value
#endif
#else
  static_cast<void>(begin), static_cast<void>(end);
#endif
}

// Reads what MemorySanitizer holds for uninitialised.
#if FORKROAD_MSAN
__attribute__((no_sanitize("memory")))
#endif
size_t
SharedArena::changed_byte(size_t begin, size_t end) const {
  const unsigned char* const data = memory_.data();
  size_t at = begin;
  for (; at < end && at % 8 != 0; ++at) {
    if (data[at] != red_zone_byte(at)) return at;
  }
  for (; at < end; at += 8) {
    if (*reinterpret_cast<const uint64_t*>(data + at) == kRedZoneWord) continue;
    while (data[at] == red_zone_byte(at)) ++at;
    return at;
  }
  return end;
}

}  // namespace forkroad
