#include "tests/emulate.hpp"

#include "tests/emulate_scheduler.hpp"

// What a thread does when it calls the vocabulary: everything here runs on its fiber.
namespace forkroad {

const char* name_of(Meeting meeting) {
  constexpr const char* kNames[] = {"sync", "sync_warp", "ballot", "any", "shuffle", "shuffle_xor"};
  return kNames[static_cast<int>(meeting)];
}

void Emulator::thread_main(void* argument) {
  EmulatedThread& thread = *static_cast<EmulatedThread*>(argument);
  Emulator& emulator = *thread.emulator;
  try {
    emulator.run_(emulator.body_, thread.block);
  } catch (...) {
    emulator.exception_ = std::current_exception();
  }
  thread.returned = true;
  race_release(&emulator.launch_end_);
}

// Leaves a thread whose misuse stands in error_; the scheduler raises it.
void Emulator::abandon(EmulatedThread& thread) {
  race_release(&launch_end_);
  thread.fiber->pause();
  __builtin_trap();
}

void* Emulator::ordering_point(const EmulatedThread& thread, Meeting meeting) const {
  OrderingPoints* const points = reinterpret_cast<OrderingPoints*>(ordering_memory_.data());
  if (meeting == Meeting::kSync) return &points->block[thread.num_meetings[0] % 2];
  if (meeting == Meeting::kSyncWarp) {
    return &points->warp[thread.block.warp()][thread.num_meetings[1] % 2];
  }
  return nullptr;  // votes and shuffles order no memory
}

uint64_t Emulator::meet(EmulatedThread& thread, Meeting meeting, uint64_t value, int argument,
                        CallSite site) {
  if (argument < 0 || argument >= kWarpThreads) {
    error_.append("%s at %s:%d: thread %d asks for lane or mask %d, expected 0 to 31",
                  name_of(meeting), site.file, site.line, thread.block.thread(), argument);
    abandon(thread);
  }
  thread.meeting = meeting;
  thread.site = site;
  thread.argument = argument;
  thread.value = value;

  void* const point = ordering_point(thread, meeting);
  race_release(&launch_end_);  // only the caller of emulate() acquires this
  if (point != nullptr) race_release(point);
  thread.fiber->pause();
  if (point != nullptr) {
    race_acquire(point);
    ++thread.num_meetings[meeting == Meeting::kSync ? 0 : 1];
  }
  return thread.value;
}

void* Emulator::shared_array(EmulatedThread& thread, int count, size_t element_bytes,
                             CallSite site) {
  void* const array = shared_.request(thread.num_arrays++, count, element_bytes, site, error_);
  if (array == nullptr) abandon(thread);
  return array;
}

void Emulator::start_copy(EmulatedThread& thread, const PendingCopy& copy, size_t bytes,
                          CallSite site) {
  const uintptr_t addresses =
      reinterpret_cast<uintptr_t>(copy.to) | reinterpret_cast<uintptr_t>(copy.from);
  if (addresses % bytes != 0 || !shared_.holds(copy.to, bytes) || shared_.contains(copy.from)) {
    error_.append(
        "copy_async at %s:%d: thread %d copies %zu bytes; expected a place inside one "
        "shared array, a source outside shared memory, and both aligned to the size",
        site.file, site.line, thread.block.thread(), bytes);
    abandon(thread);
  }
  thread.copies.push_back(copy);
  // hardware may land it any time until the wait; the two extremes are the schedules'
  if (schedule_.order == ThreadOrder::kForward) copy.land(copy.to, copy.from);
}

void Emulator::wait_copies(EmulatedThread& thread) {
  if (schedule_.order != ThreadOrder::kForward) {
    for (const PendingCopy& copy : thread.copies) copy.land(copy.to, copy.from);
  }
  thread.copies.clear();
}

uint64_t EmulatedBlock::meet(Meeting meeting, uint64_t value, int argument, CallSite site) {
  return self_->emulator->meet(*self_, meeting, value, argument, site);
}

void* EmulatedBlock::shared_array(int count, size_t element_bytes, CallSite site) {
  return self_->emulator->shared_array(*self_, count, element_bytes, site);
}

void EmulatedBlock::start_copy(void* to, const void* from, size_t bytes, CallSite site,
                               void (*land)(void*, const void*)) {
  self_->emulator->start_copy(*self_, {to, from, land}, bytes, site);
}

void EmulatedBlock::wait_copies() { self_->emulator->wait_copies(*self_); }

void emulate_erased(const LaunchShape& shape, const Schedule& schedule,
                    void (*run)(const void*, EmulatedBlock&), const void* body) {
  // one per operating-system thread, as the stacks it keeps
  static thread_local Emulator emulator;
  emulator.launch(shape, schedule, run, body);
}

}  // namespace forkroad
