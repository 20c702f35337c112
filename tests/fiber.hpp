// Fibers for the block emulator: stacks that take turns on one operating-system thread.
#pragma once

#include <cstddef>

namespace forkroad {

// Whole pages with an inaccessible page on either side, so that running out of a stack or far past
// an array stops at the faulty instruction. Move-only owner; contents start as zeros.
class GuardedMemory {
 public:
  explicit GuardedMemory(size_t min_bytes);
  ~GuardedMemory();
  GuardedMemory(GuardedMemory&& other) noexcept;
  GuardedMemory& operator=(GuardedMemory&& other) noexcept;

  unsigned char* data() const { return data_; }
  size_t size() const { return size_; }  // [bytes] without the guard pages

 private:
  unsigned char* data_ = nullptr;
  size_t size_ = 0;
};

// True when linked with ThreadSanitizer. Fibers then need a fresh identity and fresh memory per
// block, or races between blocks stay silent.
bool thread_sanitizer_on();

// Orders memory for ThreadSanitizer alone: what happened before a release happens before a later
// acquire of the same address. Switching fibers orders nothing. No-ops elsewhere.
void race_release(void* address);
void race_acquire(void* address);

struct FiberContext;  // what a switch saves; differs per platform

// One stack of execution. start() and resume() are called by the scheduler and return when the
// fiber pauses or finishes; pause() is called inside it. A fiber that is never resumed again is
// abandoned: its stack is reused without running destructors.
class Fiber {
 public:
  Fiber();
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // `run` must not throw. `slot` spreads the stacks over cache sets: neighbours should differ.
  void start(int slot, void (*run)(void*), void* argument);
  void resume();
  void pause();

 private:
  FiberContext* context_;
};

}  // namespace forkroad
