// Forks the scenes of a log (without an argument: a generated scene) into 8,192 plans each, scores
// them and says which plan is best.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "scenarios/generated_scene.hpp"
#include "scenarios/load_scenes.hpp"
#include "sim/simulator.hpp"
#include "sim/vocabulary.hpp"

namespace {

void score_a_scene(const char* file) {
  using namespace forkroad;
  const auto batch =
      SceneBatch(file == nullptr ? std::vector{generated_scene()} : load_scenes(file));
  auto sim = Simulator(batch);
  const auto plans = vocabulary(batch, 8192);
  const auto agents = make_agent_model("log");
  const auto table = sim.score(plans, *agents, ScoreCard::drive());

  for (int world = 0; world < batch.size(); ++world) {
    const int best = table.best_plan(world);
    fmt::print("{}: best plan {} scores {:.3f}, the log {:.3f}\n", batch.scene(world).id, best,
               table.total(world, best), table.log_total(world));
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    score_a_scene(argc > 1 ? argv[1] : nullptr);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
  return 0;
}
