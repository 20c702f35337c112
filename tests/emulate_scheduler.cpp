#include "tests/emulate_scheduler.hpp"

#include <stdexcept>
#include <utility>

namespace forkroad {
namespace {

// Constructed here rather than in the standard library, which MemorySanitizer does not see: it
// would hold what() of a caught error for uninitialised.
class EmulationError : public std::runtime_error {
 public:
  explicit EmulationError(const ErrorText& error) : std::runtime_error(error.text()) {}
};

}  // namespace

void Emulator::check(const LaunchShape& shape) {
  ErrorText error;
  if (shape.grid_x < 1 || shape.grid_y < 1) {
    error.append("emulate: the grid is %d x %d, expected at least one block", shape.grid_x,
                 shape.grid_y);
  } else if (shape.threads < 1 || shape.threads > kMaxBlockThreads ||
             shape.threads % kWarpThreads != 0) {
    error.append("emulate: %d threads per block, expected a multiple of %d up to %d", shape.threads,
                 kWarpThreads, kMaxBlockThreads);
  } else if (shape.shared_bytes < 0 || shape.shared_bytes > kMaxSharedBytes) {
    error.append("emulate: %d bytes of shared memory, expected 0 to %d", shape.shared_bytes,
                 kMaxSharedBytes);
  }
  if (!error.empty()) throw EmulationError(error);
}

void Emulator::launch(const LaunchShape& shape, const Schedule& schedule,
                      void (*run)(const void*, EmulatedBlock&), const void* body) {
  check(shape);
  if (running_) {
    ErrorText error;
    error.append("emulate: called from inside a body");
    throw EmulationError(error);
  }
  shape_ = shape;
  schedule_ = schedule;
  run_ = run;
  body_ = body;
  random_.state = schedule.seed;
  error_.clear();
  exception_ = nullptr;

  struct Running {
    Emulator& emulator;
    explicit Running(Emulator& e) : emulator(e) { emulator.running_ = true; }
    ~Running() {
      emulator.running_ = false;
      emulator.retired_.clear();
      race_acquire(&emulator.launch_end_);
    }
  } running(*this);
  run_blocks();
}

// Fills `order` with 0 ... count - 1 as the schedule wants them.
void Emulator::put_in_order(int* order, int count) {
  const bool reverse = schedule_.order == ThreadOrder::kReverse;
  for (int k = 0; k < count; ++k) order[k] = reverse ? count - 1 - k : k;
  if (schedule_.order != ThreadOrder::kRandom) return;
  for (int k = count - 1; k > 0; --k) {
    const int other = random_.below(k + 1);
    const int kept = order[k];
    order[k] = order[other];
    order[other] = kept;
  }
}

void Emulator::run_blocks() {
  const int num_blocks = shape_.grid_x * shape_.grid_y;
  const auto owner = std::make_unique<int[]>(static_cast<size_t>(num_blocks));
  int* const order = owner.get();
  put_in_order(order, num_blocks);
  for (int k = 0; k < num_blocks; ++k) {
    run_block(order[k] % shape_.grid_x, order[k] / shape_.grid_x);
  }
}

void Emulator::run_block(int x, int y) {
  prepare_threads(x, y);
  int order[kMaxBlockWarps];
  do {
    const int num_warps = shape_.threads / kWarpThreads;
    put_in_order(order, num_warps);
    for (int k = 0; k < num_warps; ++k) run_warp(order[k]);
  } while (meet_block());
  end_block();
}

void Emulator::prepare_threads(int x, int y) {
  x_ = x;
  y_ = y;
  const bool fresh = thread_sanitizer_on();
  shared_.begin_block(shape_.shared_bytes, schedule_.fill, random_, fresh);
  if (fresh) ordering_memory_ = GuardedMemory(sizeof(OrderingPoints));

  while (threads_.size() < static_cast<size_t>(shape_.threads)) {
    threads_.emplace_back(EmulatedBlock());
  }
  for (int index = 0; index < shape_.threads; ++index) {
    EmulatedThread& thread = threads_[static_cast<size_t>(index)];
    thread.block.thread_ = index;
    thread.block.num_threads_ = shape_.threads;
    thread.block.x_ = x;
    thread.block.y_ = y;
    thread.block.self_ = &thread;
    thread.emulator = this;
    if (fresh && thread.fiber != nullptr) retired_.push_back(std::move(thread.fiber));
    if (retired_.size() >= kMaxRetiredFibers) retired_.clear();
    if (thread.fiber == nullptr) thread.fiber = std::make_unique<Fiber>();
    thread.returned = false;
    thread.meeting = Meeting::kSync;
    thread.site = {nullptr, 0};  // not started
    thread.num_meetings[0] = thread.num_meetings[1] = 0;
    thread.num_arrays = 0;
    thread.copies.clear();
  }
}

// Takes every lane of the warp to its next meeting or to its end.
void Emulator::run_lanes(int warp) {
  int order[kWarpThreads];
  put_in_order(order, kWarpThreads);
  for (const int lane : order) {
    const int index = warp * kWarpThreads + lane;
    EmulatedThread& thread = threads_[static_cast<size_t>(index)];
    if (thread.site.file == nullptr) {
      thread.site = {"", 0};
      thread.fiber->start(index, &thread_main, &thread);
    } else {
      thread.fiber->resume();
    }
    if (exception_ != nullptr) std::rethrow_exception(std::exchange(exception_, nullptr));
    if (!error_.empty()) raise();
  }
}

// Takes the warp to its next sync() or to its end.
void Emulator::run_warp(int warp) {
  const size_t first = static_cast<size_t>(warp) * kWarpThreads;
  if (threads_[first].returned) return;
  while (true) {
    run_lanes(warp);
    const EmulatedThread& leader = threads_[first];
    for (size_t lane = 1; lane < kWarpThreads; ++lane) {
      if (threads_[first + lane].waits_with(leader)) continue;
      error_.append("the threads of warp %d do not meet in one place:", warp);
      list_threads(warp * kWarpThreads, kWarpThreads);
      raise();
    }
    if (leader.returned || leader.meeting == Meeting::kSync) return;
    meet_warp(warp);
  }
}

// Hands out the results of a vote or a shuffle.
void Emulator::meet_warp(int warp) {
  const size_t first = static_cast<size_t>(warp) * kWarpThreads;
  uint64_t brought[kWarpThreads];
  uint32_t votes = 0;
  const Meeting meeting = threads_[first].meeting;
  for (size_t lane = 0; lane < kWarpThreads; ++lane) {
    brought[lane] = threads_[first + lane].value;
    if (meeting == Meeting::kBallot || meeting == Meeting::kAny) {
      votes |= static_cast<uint32_t>(brought[lane]) << lane;
    }
  }
  for (size_t lane = 0; lane < kWarpThreads; ++lane) {
    EmulatedThread& thread = threads_[first + lane];
    const size_t argument = static_cast<size_t>(thread.argument);
    switch (meeting) {
      case Meeting::kSync:
      case Meeting::kSyncWarp:
        break;
      case Meeting::kBallot:
        thread.value = votes;
        break;
      case Meeting::kAny:
        thread.value = votes != 0;
        break;
      case Meeting::kShuffle:
        thread.value = brought[argument];
        break;
      case Meeting::kShuffleXor:
        thread.value = brought[lane ^ argument];
        break;
    }
  }
}

// True if every thread waits at one sync(), false if every thread has returned; else an error.
bool Emulator::meet_block() {
  const EmulatedThread& leader = threads_.front();
  for (int warp = 1; warp < shape_.threads / kWarpThreads; ++warp) {
    if (threads_[static_cast<size_t>(warp) * kWarpThreads].waits_with(leader)) continue;
    error_.append("the warps of the block do not meet in one place:");
    list_threads(0, shape_.threads);
    raise();
  }
  shared_.check_red_zones(error_);
  if (!error_.empty()) {
    if (leader.returned) {
      error_.append("found at the end of the block");
    } else {
      error_.append("found at sync %s:%d", leader.site.file, leader.site.line);
    }
    raise();
  }
  return !leader.returned;
}

void Emulator::end_block() {
  for (int index = 0; index < shape_.threads; ++index) {
    const EmulatedThread& thread = threads_[static_cast<size_t>(index)];
    if (thread.num_arrays != shared_.num_arrays()) {
      const CallSite site = shared_.site_of(thread.num_arrays);
      error_.append("thread %d never made the shared() call of %s:%d that others made", index,
                    site.file, site.line);
    } else if (!thread.copies.empty()) {
      error_.append("thread %d returned with %zu copies that it never waited for", index,
                    thread.copies.size());
    }
    if (!error_.empty()) raise();
  }
}

// Appends groups of threads that stand in one place, each with its ranges of indices.
void Emulator::list_threads(int first, int count) {
  bool listed[kMaxBlockThreads] = {};
  for (int leader = 0; leader < count; ++leader) {
    if (listed[leader]) continue;
    const EmulatedThread& example = threads_[static_cast<size_t>(first + leader)];
    if (example.returned) {
      error_.append("\n  returned: threads");
    } else {
      error_.append("\n  %s at %s:%d: threads", name_of(example.meeting), example.site.file,
                    example.site.line);
    }
    const auto belongs = [&](int index) {
      return index < count && threads_[static_cast<size_t>(first + index)].waits_with(example);
    };
    for (int index = leader; index < count; ++index) {
      if (!belongs(index)) continue;
      const int begin = index;
      while (belongs(index + 1)) ++index;
      for (int member = begin; member <= index; ++member) listed[member] = true;
      error_.append(" %d", first + begin);
      if (index > begin) error_.append("-%d", first + index);
    }
  }
}

void Emulator::raise() {
  race_acquire(&launch_end_);  // the text may come from a thread
  ErrorText text;
  text.append("emulate: block (%d, %d): %s", x_, y_, error_.text());
  throw EmulationError(text);
}

}  // namespace forkroad
