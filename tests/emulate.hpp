// Runs CUDA kernel bodies on the CPU, thread by thread, so that they are tested without a GPU.
//
//   emulate({.grid_x = 2, .threads = 256, .shared_bytes = contact_shared_bytes(num_agents)},
//           {.order = ThreadOrder::kRandom, .seed = 7, .fill = SharedFill::kOnes},
//           [&](EmulatedBlock& block) { contact_block(block, params); });
//
// Every thread is a fiber that runs until it must meet others. A warp goes as far as it can, to its
// end or to a sync(), before the next one starts; the order of blocks, of warps and of the lanes
// between two meetings is the schedule's. A missing sync() is therefore a wrong result in some
// schedule, and contents of shared memory that nobody wrote are the schedule's fill.
//
// emulate() throws std::runtime_error, on the caller's stack, when threads do not meet in one place
// (the text lists who waits at which line), when they ask shared() differently or for too much,
// when something wrote between two shared arrays, and when a copy is misused or never waited for.
// What a body throws is thrown on. After an error the remaining threads are abandoned where they
// stand, without destructors.
//
// Sanitizers: under AddressSanitizer an index past the end of a shared array stops at the access;
// under MemorySanitizer shared memory is uninitialised at first; under ThreadSanitizer only sync()
// and sync_warp() order memory, and threads of different blocks are unordered. For the last compile
// emulate.cpp, emulate_scheduler.cpp, emulate_shared.cpp and fiber.cpp with -fno-sanitize=thread,
// fill with zeros (a stale index would crash before the report), and prefer g++: clang's library
// forgets what threads did once a launch has more than about 250 of them, and misses their races.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/block.hpp"

namespace forkroad {

enum class ThreadOrder : uint8_t { kForward, kReverse, kRandom };

enum class SharedFill : uint8_t {
  kOnes,   // bytes 0xff: NaN as a float, -1 as an index
  kZeros,  // what lucky hardware shows
  kRandom
};

struct LaunchShape {
  int grid_x = 1;
  int grid_y = 1;
  int threads = kWarpThreads;  // per block, a multiple of 32, at most 1024
  int shared_bytes = 0;        // dynamic shared memory per block
};

struct Schedule {
  ThreadOrder order = ThreadOrder::kForward;
  uint64_t seed = 0;  // of the random order and of the random fill
  SharedFill fill = SharedFill::kOnes;
};

// The schedules every kernel is tested with: three orders times three fills.
inline constexpr int kNumSchedules = 9;
constexpr Schedule schedule_of(int index, uint64_t seed = 1) {
  return {static_cast<ThreadOrder>(index / 3), seed, static_cast<SharedFill>(index % 3)};
}

// Where in the source a thread stands.
struct CallSite {
  const char* file;
  int line;
};

// What threads meet for.
enum class Meeting : uint8_t { kSync, kSyncWarp, kBallot, kAny, kShuffle, kShuffleXor };

struct EmulatedThread;  // the scheduler's side of a thread
class Emulator;

// The block type of the emulator: the vocabulary of kernels/block.hpp. Each member that the
// scheduler must report records its call site through its last argument, which bodies leave alone.
class EmulatedBlock {
 public:
  int thread() const { return thread_; }
  int lane() const { return thread_ % kWarpThreads; }
  int warp() const { return thread_ / kWarpThreads; }
  int num_threads() const { return num_threads_; }
  int x() const { return x_; }
  int y() const { return y_; }

  void sync(CallSite site = {__builtin_FILE(), __builtin_LINE()}) {
    meet(Meeting::kSync, 0, 0, site);
  }
  void sync_warp(CallSite site = {__builtin_FILE(), __builtin_LINE()}) {
    meet(Meeting::kSyncWarp, 0, 0, site);
  }
  uint32_t ballot(bool vote, CallSite site = {__builtin_FILE(), __builtin_LINE()}) {
    return static_cast<uint32_t>(meet(Meeting::kBallot, vote ? 1 : 0, 0, site));
  }
  bool any(bool vote, CallSite site = {__builtin_FILE(), __builtin_LINE()}) {
    return meet(Meeting::kAny, vote ? 1 : 0, 0, site) != 0;
  }

  template <class T>
  T shuffle(T value, int lane, CallSite site = {__builtin_FILE(), __builtin_LINE()}) {
    return exchange(Meeting::kShuffle, value, lane, site);
  }
  template <class T>
  T shuffle_xor(T value, int mask, CallSite site = {__builtin_FILE(), __builtin_LINE()}) {
    return exchange(Meeting::kShuffleXor, value, mask, site);
  }

  template <class T>
  T* shared(int count, CallSite site = {__builtin_FILE(), __builtin_LINE()}) {
    static_assert(alignof(T) <= kSharedAlignment && std::is_trivially_copyable_v<T>);
    return static_cast<T*>(shared_array(count, sizeof(T), site));
  }

  template <class T>
  void copy_async(T* to, const T* from, CallSite site = {__builtin_FILE(), __builtin_LINE()}) {
    static_assert(kCopiesAsync<T>);
    // compiled with the body, so that sanitizers see the access
    start_copy(to, from, sizeof(T), site, [](void* into, const void* out_of) {
      *static_cast<T*>(into) = *static_cast<const T*>(out_of);
    });
  }
  void wait_copies();

 private:
  friend class Emulator;
  EmulatedBlock() = default;

  uint64_t meet(Meeting meeting, uint64_t value, int argument, CallSite site);
  void* shared_array(int count, size_t element_bytes, CallSite site);
  void start_copy(void* to, const void* from, size_t bytes, CallSite site,
                  void (*land)(void*, const void*));

  template <class T>
  T exchange(Meeting meeting, T value, int argument, CallSite site) {
    static_assert(kShuffles<T>);
    uint64_t bits = 0;
    __builtin_memcpy(&bits, &value, sizeof(T));
    bits = meet(meeting, bits, argument, site);
    __builtin_memcpy(&value, &bits, sizeof(T));
    return value;
  }

  int thread_ = 0;
  int num_threads_ = 0;
  int x_ = 0;
  int y_ = 0;
  EmulatedThread* self_ = nullptr;
};

// emulate() without the body's type. One launch at a time per operating-system thread.
void emulate_erased(const LaunchShape& shape, const Schedule& schedule,
                    void (*run)(const void* body, EmulatedBlock& block), const void* body);

// Runs `body(EmulatedBlock&)` once per thread of the grid.
template <class Body>
void emulate(const LaunchShape& shape, const Schedule& schedule, const Body& body) {
  emulate_erased(
      shape, schedule,
      [](const void* erased, EmulatedBlock& block) { (*static_cast<const Body*>(erased))(block); },
      &body);
}

}  // namespace forkroad
