#include "tests/fault_runs.hpp"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

namespace forkroad {
namespace {

// What the child tells the parent, in memory that both see.
struct Report {
  Outcome outcome[kNumSchedules];
  char error[8192];
};

struct SceneRandom {
  uint64_t state;

  float whole(int bound) {  // 0 ... bound - 1
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<float>((state >> 33) % static_cast<uint64_t>(bound));
  }
};

using RunBlock = void (*)(EmulatedBlock&, const FaultParams&);

template <size_t... index>
constexpr std::array<RunBlock, sizeof...(index)> all_blocks(std::index_sequence<index...>) {
  return {&fault_block<static_cast<Fault>(index), EmulatedBlock>...};
}

void run_schedules(const std::vector<FaultScene>& scenes, Fault fault, int first, int last,
                   Report& report) {
  for (int index = first; index < last; ++index) {
    Outcome outcome = Outcome::kRight;
    report.outcome[index] = Outcome::kCrashed;
    for (const FaultScene& scene : scenes) {
      try {
        const std::vector<uint32_t> got = emulated_result(scene, fault, schedule_of(index));
        if (got != plain_result(scene)) outcome = Outcome::kWrong;
      } catch (const std::runtime_error& error) {
        outcome = Outcome::kError;
        strncpy(report.error, error.what(), sizeof report.error - 1);
        break;
      }
    }
    report.outcome[index] = outcome;
  }
}

// Runs the schedules in a child; appends what it wrote to `output`; returns its exit status, or 128
// plus the signal that ended it.
int run_in_child(const std::vector<FaultScene>& scenes, Fault fault, int first, int last,
                 Report& report, std::string& output) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe failed");
  fflush(nullptr);  // or the child writes it too
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    run_schedules(scenes, fault, first, last, report);
    _exit(0);
  }
  close(ends[1]);
  char buffer[4096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;) {
    output.append(buffer, static_cast<size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

const char* name_of(Fault fault) {
  constexpr const char* kNames[] = {"none",
                                    "no sync after tile load",
                                    "no sync before tile reuse",
                                    "no sync after compaction",
                                    "wrong-lane shuffle",
                                    "ballot in a divergent if",
                                    "early return of padding threads",
                                    "sync in a divergent if",
                                    "shared index past the end, read",
                                    "shared index past the end, written",
                                    "last tile element not loaded",
                                    "two blocks write one output",
                                    "wait_copies forgotten",
                                    "wait_copies after the sync",
                                    "vote used as memory fence",
                                    "shared asked differently",
                                    "shared asked for too much"};
  static_assert(sizeof kNames / sizeof *kNames == static_cast<size_t>(Fault::kCount));
  return kNames[static_cast<int>(fault)];
}

FaultScene random_scene(int num_plans, int num_agents, int num_steps, uint64_t seed) {
  SceneRandom random{seed};
  FaultScene scene{{}, {}, num_agents, num_steps};
  for (int plan = 0; plan < num_plans; ++plan) {
    const float x = 400.0f + random.whole(80);
    const float y = 400.0f + random.whole(80);
    scene.plans.push_back({x, y, random.whole(21) - 10.0f, random.whole(21) - 10.0f});
  }
  for (int slot = 0; slot < num_steps * num_agents; ++slot) {
    const float x = 200.0f + random.whole(480);
    const float y = 200.0f + random.whole(480);
    scene.agents.push_back({x, y, 20.0f + random.whole(20), 1.0f + random.whole(1000)});
  }
  return scene;
}

FaultScene one_hot_scene(int num_plans, int num_agents, int num_steps, int hot) {
  FaultScene scene{{}, {}, num_agents, num_steps};
  const size_t num_slots = static_cast<size_t>(num_steps) * static_cast<size_t>(num_agents);
  scene.plans.assign(static_cast<size_t>(num_plans), {100.0f, 100.0f, 0.0f, 0.0f});
  scene.agents.assign(num_slots, {800.0f, 100.0f, 5.0f, 1.0f});
  scene.plans[static_cast<size_t>(hot)] = {100.0f, 700.0f, 0.0f, 10.0f};
  const int step = std::min(num_steps, kFaultTileSteps) - 1;
  const int slot = step * num_agents + num_agents - 1;
  const float y = 700.0f + 10.0f * static_cast<float>(step + 1);
  scene.agents[static_cast<size_t>(slot)] = {100.0f, y, 5.0f, 77.0f};
  return scene;
}

std::vector<uint32_t> plain_result(const FaultScene& scene) {
  const int num_plans = static_cast<int>(scene.plans.size());
  std::vector<uint32_t> result;
  for (int plan = 0; plan < num_plans; ++plan) {
    const FaultPlan& mine = scene.plans[static_cast<size_t>(plan)];
    const FaultPlan& partner = scene.plans[static_cast<size_t>(std::min(plan ^ 1, num_plans - 1))];
    uint32_t digest = static_cast<uint32_t>(static_cast<int>(partner.x));
    for (int slot = 0; slot < scene.num_steps * scene.num_agents; ++slot) {
      const FaultAgent& agent = scene.agents[static_cast<size_t>(slot)];
      if (fault_contact(mine, slot / scene.num_agents, agent)) digest = fault_digest(digest, agent);
    }
    result.push_back(digest);
  }
  return result;
}

std::vector<uint32_t> emulated_result(const FaultScene& scene, Fault fault, Schedule schedule) {
  static constexpr std::array<RunBlock, static_cast<size_t>(Fault::kCount)> kBlocks =
      all_blocks(std::make_index_sequence<static_cast<size_t>(Fault::kCount)>());
  const int num_plans = static_cast<int>(scene.plans.size());
  std::vector<uint32_t> result(scene.plans.size(), 0xdeadbeefu);
  const FaultParams params = {scene.agents.data(), scene.plans.data(), result.data(),
                              num_plans,           scene.num_agents,   scene.num_steps};
  const RunBlock run = kBlocks[static_cast<size_t>(fault)];
  emulate({.grid_x = (num_plans + kFaultThreads - 1) / kFaultThreads,
           .threads = kFaultThreads,
           .shared_bytes = fault_shared_bytes(scene.num_agents)},
          schedule, [&](EmulatedBlock& block) { run(block, params); });
  return result;
}

int FaultRun::count(Outcome wanted) const {
  return static_cast<int>(std::count(outcome, outcome + kNumSchedules, wanted));
}

FaultRun run_fault(const std::vector<FaultScene>& scenes, Fault fault, int first, int last) {
  void* const shared =
      mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw std::bad_alloc();
  Report& report = *static_cast<Report*>(shared);
  std::fill_n(report.outcome, kNumSchedules, Outcome::kRight);

  FaultRun run;
  while (first < last) {
    const int status = run_in_child(scenes, fault, first, last, report, run.output);
    run.exit_status = std::max(run.exit_status, status);
    // behind the crash, if there was one
    while (first < last && report.outcome[first] != Outcome::kCrashed) ++first;
    ++first;
  }
  std::copy_n(report.outcome, kNumSchedules, run.outcome);
  run.error = report.error;
  munmap(shared, sizeof(Report));
  return run;
}

}  // namespace forkroad
