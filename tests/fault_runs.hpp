// Scenes, the plain loop and forked runs for tests/fault_kernel.hpp. Free of Catch2, which is built
// on an uninstrumented standard library and so raises false alarms under MemorySanitizer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/emulate.hpp"
#include "tests/fault_kernel.hpp"

namespace forkroad {

struct FaultScene {
  std::vector<FaultPlan> plans;    // [num_plans]
  std::vector<FaultAgent> agents;  // [num_steps, num_agents]
  int num_agents;
  int num_steps;
};

// Plans of one neighbourhood among agents of a larger one.
FaultScene random_scene(int num_plans, int num_agents, int num_steps, uint64_t seed);
// Only the plan `hot` ever meets anyone: the last agent, at the last step of the first tile.
FaultScene one_hot_scene(int num_plans, int num_agents, int num_steps, int hot);

// What fault_block<Fault::kNone> must give.
std::vector<uint32_t> plain_result(const FaultScene& scene);
std::vector<uint32_t> emulated_result(const FaultScene& scene, Fault fault, Schedule schedule);

enum class Outcome : uint8_t { kCrashed, kRight, kWrong, kError };

struct FaultRun {
  Outcome outcome[kNumSchedules] = {};
  std::string error;    // of the last schedule that ended in an error
  std::string output;   // what the child processes wrote, sanitizer reports above all
  int exit_status = 0;  // largest of the child processes; they exit with 0 on their own

  int count(Outcome wanted) const;
  bool found() const { return count(Outcome::kRight) < kNumSchedules; }
};

// Runs schedules [first, last) of all scenes in a child process, because a fault may crash it, and
// starts over behind a crash. A schedule is right if all scenes are. The others count as right.
FaultRun run_fault(const std::vector<FaultScene>& scenes, Fault fault, int first = 0,
                   int last = kNumSchedules);

const char* name_of(Fault fault);

}  // namespace forkroad
