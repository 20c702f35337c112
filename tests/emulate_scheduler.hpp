// The emulator's scheduler and its threads; internal to tests/emulate*.cpp.
#pragma once

#include <cstring>
#include <deque>
#include <exception>
#include <memory>
#include <vector>

#include "tests/emulate.hpp"
#include "tests/emulate_shared.hpp"
#include "tests/fiber.hpp"
#include "tests/sanitizers.hpp"

#if FORKROAD_TSAN
#error "compile tests/emulate*.cpp with -fno-sanitize=thread (see tests/emulate.hpp)"
#endif

namespace forkroad {

inline constexpr int kMaxBlockThreads = 1024;
inline constexpr int kMaxBlockWarps = kMaxBlockThreads / kWarpThreads;
inline constexpr size_t kMaxRetiredFibers = 4096;   // ThreadSanitizer takes 8,192 threads in all
inline constexpr int kMaxSharedBytes = 227 * 1024;  // the most a block may have on sm_90

const char* name_of(Meeting meeting);

struct PendingCopy {
  void* to;
  const void* from;
  void (*land)(void*, const void*);
};

// What ThreadSanitizer sees threads synchronise on: one address per warp and one for the block,
// each twice, because the first to leave a meeting may reach the next before the last has left.
struct OrderingPoints {
  uint64_t block[2];
  uint64_t warp[kMaxBlockWarps][2];
};

struct EmulatedThread {
  explicit EmulatedThread(const EmulatedBlock& view) : block(view) {}

  EmulatedBlock block;  // what the body sees
  Emulator* emulator = nullptr;
  std::unique_ptr<Fiber> fiber;
  bool returned = false;

  // the last meeting, and what was brought to it, then taken from it
  Meeting meeting = Meeting::kSync;
  CallSite site = {"", 0};
  int argument = 0;
  uint64_t value = 0;

  int num_meetings[2] = {0, 0};  // sync(), sync_warp()
  int num_arrays = 0;
  std::vector<PendingCopy> copies;

  bool waits_with(const EmulatedThread& other) const {
    if (returned || other.returned) return returned && other.returned;
    return meeting == other.meeting && site.line == other.site.line &&
           (site.file == other.site.file || std::strcmp(site.file, other.site.file) == 0);
  }
};

// Runs one launch at a time; keeps stacks and memory for the next.
class Emulator {
 public:
  Emulator() : ordering_memory_(sizeof(OrderingPoints)) {}

  void launch(const LaunchShape& shape, const Schedule& schedule,
              void (*run)(const void*, EmulatedBlock&), const void* body);

  // called by threads
  uint64_t meet(EmulatedThread& thread, Meeting meeting, uint64_t value, int argument,
                CallSite site);
  void* shared_array(EmulatedThread& thread, int count, size_t element_bytes, CallSite site);
  void start_copy(EmulatedThread& thread, const PendingCopy& copy, size_t bytes, CallSite site);
  void wait_copies(EmulatedThread& thread);

 private:
  static void check(const LaunchShape& shape);
  static void thread_main(void* thread);

  void run_blocks();
  void run_block(int x, int y);
  void prepare_threads(int x, int y);
  void run_warp(int warp);
  void run_lanes(int warp);
  void meet_warp(int warp);
  bool meet_block();
  void end_block();

  void put_in_order(int* order, int count);
  void list_threads(int first, int count);
  [[noreturn]] void abandon(EmulatedThread& thread);
  [[noreturn]] void raise();
  void* ordering_point(const EmulatedThread& thread, Meeting meeting) const;

  LaunchShape shape_;
  Schedule schedule_;
  void (*run_)(const void*, EmulatedBlock&) = nullptr;
  const void* body_ = nullptr;
  ScheduleRandom random_{0};
  bool running_ = false;
  int x_ = 0;
  int y_ = 0;

  std::deque<EmulatedThread> threads_;  // addresses stay as it grows
  // of earlier blocks: ThreadSanitizer gives the number of a destroyed fiber to a new one, and
  // takes both for one thread
  std::vector<std::unique_ptr<Fiber>> retired_;
  SharedArena shared_;
  GuardedMemory ordering_memory_;
  uint64_t launch_end_ = 0;  // address that orders the caller after every thread

  ErrorText error_;
  std::exception_ptr exception_;
};

}  // namespace forkroad
