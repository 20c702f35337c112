// Runs the planted faults without Catch2 and says what found each: the schedules alone, or the
// sanitizer this program is built with. Exits with 1 if something that must be found is not, or if
// the kernel without a fault raises an alarm.
#include <stdio.h>
#include <string.h>

#include "tests/fault_runs.hpp"
#include "tests/sanitizers.hpp"

namespace forkroad {
namespace {

#if FORKROAD_ASAN
constexpr const char* kAlarm = "AddressSanitizer";
#elif FORKROAD_MSAN
constexpr const char* kAlarm = "MemorySanitizer";
#elif FORKROAD_TSAN
constexpr const char* kAlarm = "ThreadSanitizer: data race";
#else
constexpr const char* kAlarm = "no sanitizer";
#endif

// Faults that leave right results in every schedule, or may: only this sanitizer must find them.
bool sanitizer_must_find(Fault fault) {
  switch (fault) {
    case Fault::kReadPastEnd:
      return FORKROAD_ASAN || FORKROAD_MSAN;
    case Fault::kWritePastEnd:
      return FORKROAD_ASAN;
    case Fault::kVoteAsFence:
    case Fault::kNoSyncBeforeReuse:
    case Fault::kTwoBlocksOneOutput:
      return FORKROAD_TSAN;
    case Fault::kNoSyncAfterLoad:
    case Fault::kNoSyncAfterCompaction:
      return FORKROAD_TSAN || FORKROAD_MSAN;
    case Fault::kLastElementNotLoaded:
    case Fault::kWaitAfterSync:
      return FORKROAD_MSAN;
    default:
      return false;
  }
}

bool schedules_must_find(Fault fault) {
  return fault != Fault::kNone && fault != Fault::kReadPastEnd && fault != Fault::kVoteAsFence;
}

std::vector<FaultScene> scenes() {
#if FORKROAD_TSAN
  // fibers are new in every block: few of them
  return {random_scene(150, 37, 6, 3)};
#else
  std::vector<FaultScene> all = {random_scene(150, 37, 6, 3), random_scene(256, 64, 9, 4)};
  for (int hot = 0; hot < kFaultThreads; hot += 13) all.push_back(one_hot_scene(130, 37, 6, hot));
  return all;
#endif
}

// The filled-with-ones schedules would crash on a stale index before ThreadSanitizer reports it.
FaultRun run(Fault fault) {
#if FORKROAD_TSAN
  return run_fault(scenes(), fault, 1, 2);
#else
  return run_fault(scenes(), fault);
#endif
}

int run_all() {
  int num_failed = 0;
  printf("%-36s right wrong error crash alarm (%s)\n", "fault", kAlarm);
  for (int index = 0; index < static_cast<int>(Fault::kCount); ++index) {
    const Fault fault = static_cast<Fault>(index);
    const FaultRun result = run(fault);
    const bool alarm = strstr(result.output.c_str(), kAlarm) != nullptr;
    bool failed = sanitizer_must_find(fault) && !alarm;
    if (!FORKROAD_TSAN && schedules_must_find(fault) && !result.found()) failed = true;
    if (fault == Fault::kNone && (alarm || result.found() || result.exit_status != 0))
      failed = true;
    printf("%-36s %5d %5d %5d %5d %5s%s\n", name_of(fault), result.count(Outcome::kRight),
           result.count(Outcome::kWrong), result.count(Outcome::kError),
           result.count(Outcome::kCrashed), alarm ? "yes" : "-", failed ? "   FAILED" : "");
    if (failed) {
      printf("%s\n%s\n", result.error.c_str(), result.output.c_str());
      ++num_failed;
    }
  }
  return num_failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace forkroad

#if FORKROAD_TSAN
// it would wait a second at the end of every child for threads that we do not have
extern "C" const char* __tsan_default_options() { return "atexit_sleep_ms=0"; }
#endif

int main() { return forkroad::run_all(); }
