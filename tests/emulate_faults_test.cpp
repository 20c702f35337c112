// Planted faults that the emulator must find: the must-fail tests of the emulator itself.
//
// Without a sanitizer these cannot be found, and these tests say so:
//   kReadPastEnd   reads past a shared array whose value is ignored: nothing differs.
//   AddressSanitizer
//                  stops at the access, MemorySanitizer at the first use of the value.
//   kVoteAsFence   a vote makes the warp meet, and memory is coherent on a CPU, so that results are
//                  right in every order. ThreadSanitizer knows that a vote orders nothing.
// kTwoBlocksOneOutput and kWaitAfterSync are found in some schedules only, so that kernels are to
// run in all of them. Under ThreadSanitizer use tests/emulate_sanitizer_main.cpp, which also covers
// MemorySanitizer, where Catch2 raises false alarms.
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/fault_runs.hpp"
#include "tests/sanitizers.hpp"

namespace forkroad {
namespace {

using Catch::Contains;

const std::vector<FaultScene>& random_scenes() {
  static const std::vector<FaultScene> scenes = {random_scene(150, 37, 6, 3),
                                                 random_scene(256, 64, 9, 4)};
  return scenes;
}

// Lanes of either half of a warp, of each warp and of both blocks.
const std::vector<FaultScene>& one_hot_scenes() {
  static const std::vector<FaultScene> scenes = [] {
    std::vector<FaultScene> all;
    for (int hot = 0; hot < 130; hot += 13) all.push_back(one_hot_scene(130, 37, 6, hot));
    return all;
  }();
  return scenes;
}

}  // namespace

TEST_CASE("the kernel without a fault equals the plain loop in every schedule", "[cpu]") {
  std::vector<FaultScene> scenes = random_scenes();
  for (const int num_plans : {1, 31, 32, 33, 95, 96, 97, 289}) {
    for (const int num_agents : {1, 31, 32, 33}) {
      scenes.push_back(random_scene(num_plans, num_agents, 5, 11));
    }
  }
  for (int hot = 0; hot < kFaultThreads; ++hot) scenes.push_back(one_hot_scene(96, 33, 4, hot));
  const FaultRun run = run_fault(scenes, Fault::kNone);
  INFO(run.error << run.output);
  CHECK(run.count(Outcome::kRight) == kNumSchedules);
  CHECK(run.exit_status == 0);
  CHECK(run.output.empty());
}

TEST_CASE("random scenes meet agents, so that a wrong kernel shows", "[cpu]") {
  const std::vector<uint32_t> result = plain_result(random_scenes().front());
  int num_contacts = 0;
  for (const uint32_t digest : result) num_contacts += digest > 1000u;
  CHECK(num_contacts > static_cast<int>(result.size()) / 2);
}

TEST_CASE("faults of order give wrong results in some schedule", "[cpu]") {
  const Fault fault =
      GENERATE(Fault::kNoSyncAfterLoad, Fault::kNoSyncBeforeReuse, Fault::kNoSyncAfterCompaction,
               Fault::kTwoBlocksOneOutput, Fault::kWaitAfterSync);
  const FaultRun run = run_fault(random_scenes(), fault);
  INFO(name_of(fault) << ": " << run.error << run.output);
  CHECK(run.found());
}

TEST_CASE("a reduction that drops lanes is found by one-hot scenes in every schedule", "[cpu]") {
  const FaultRun run = run_fault(one_hot_scenes(), Fault::kWrongLaneShuffle);
  CHECK(run.count(Outcome::kWrong) == kNumSchedules);
}

TEST_CASE("an element that is not loaded is found by one-hot scenes in every schedule", "[cpu]") {
  const FaultRun run = run_fault(one_hot_scenes(), Fault::kLastElementNotLoaded);
  CHECK(run.count(Outcome::kRight) == 0);
}

TEST_CASE("divergent meetings are errors that list threads and lines", "[cpu]") {
  const FaultRun ballot = run_fault(random_scenes(), Fault::kBallotInDivergentIf);
  CHECK(ballot.count(Outcome::kError) == kNumSchedules);
  CHECK_THAT(ballot.error, Contains("the threads of warp 0 do not meet in one place") &&
                               Contains("ballot at") && Contains("kernels/block.hpp:") &&
                               Contains("threads 0-4") && Contains("sync at") &&
                               Contains("tests/fault_kernel.hpp:") && Contains("threads 5-31"));

  const FaultRun early = run_fault(random_scenes(), Fault::kEarlyReturn);
  CHECK(early.count(Outcome::kError) == kNumSchedules);
  CHECK_THAT(early.error, Contains("returned: threads") && Contains("sync_warp at"));

  // on the way to the error a thread may follow a stale index out of the arena
  const FaultRun sync = run_fault(random_scenes(), Fault::kSyncInDivergentIf);
  CHECK(sync.count(Outcome::kError) > 0);
  CHECK(sync.count(Outcome::kError) + sync.count(Outcome::kCrashed) == kNumSchedules);
  CHECK_THAT(sync.error, Contains("do not meet in one place") && Contains("sync at") &&
                             Contains("tests/fault_kernel.hpp:"));
}

TEST_CASE("misuse of shared memory and copies is an error in every schedule", "[cpu]") {
  const FaultRun differs = run_fault(random_scenes(), Fault::kSharedDiffers);
  CHECK(differs.count(Outcome::kError) == kNumSchedules);
  CHECK_THAT(differs.error, Contains("shared() call 2 of the threads differs") &&
                                Contains("tests/fault_kernel.hpp:"));

  const FaultRun overflow = run_fault(random_scenes(), Fault::kSharedOverflow);
  CHECK(overflow.count(Outcome::kError) == kNumSchedules);
  CHECK_THAT(overflow.error, Contains("the launch gave"));

  const FaultRun waitless = run_fault(random_scenes(), Fault::kNoWaitCopies);
  CHECK(waitless.count(Outcome::kError) + waitless.count(Outcome::kCrashed) == kNumSchedules);
  CHECK_THAT(waitless.error, Contains("copies that it never waited for"));
}

TEST_CASE("a write past the end of a shared array is found in every schedule", "[cpu]") {
  const FaultRun run = run_fault(random_scenes(), Fault::kWritePastEnd);
  if (FORKROAD_ASAN) {
    CHECK(run.count(Outcome::kCrashed) == kNumSchedules);
    CHECK_THAT(run.output,
               Contains("AddressSanitizer: use-after-poison") && Contains("fault_kernel.hpp"));
  } else {
    CHECK(run.count(Outcome::kError) == kNumSchedules);
    CHECK_THAT(run.error, Contains("shared array 3") && Contains("written past its end") &&
                              Contains("at element 96") && Contains("tests/fault_kernel.hpp:"));
  }
}

TEST_CASE("an ignored read past the end is found by AddressSanitizer alone", "[cpu]") {
  const FaultRun run = run_fault(random_scenes(), Fault::kReadPastEnd);
  if (FORKROAD_ASAN) {
    CHECK(run.count(Outcome::kCrashed) == kNumSchedules);
    CHECK_THAT(run.output, Contains("AddressSanitizer: use-after-poison"));
  } else {
    CHECK_FALSE(run.found());
  }
}

TEST_CASE("a vote used as a memory fence is not found by schedules", "[cpu]") {
  std::vector<FaultScene> scenes = random_scenes();
  scenes.insert(scenes.end(), one_hot_scenes().begin(), one_hot_scenes().end());
  CHECK_FALSE(run_fault(scenes, Fault::kVoteAsFence).found());
}

}  // namespace forkroad
