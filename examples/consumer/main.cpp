// Scores 256 plans on each scene of a log (without an argument: of a generated scene), prints every
// plan's total with all its digits, then the best plan.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "scenarios/generated_scene.hpp"
#include "scenarios/load_scenes.hpp"
#include "sim/simulator.hpp"
#include "sim/vocabulary.hpp"

int main(int argc, char** argv) try {
  const forkroad::SceneBatch batch(argc > 1 ? forkroad::load_scenes(argv[1])
                                            : std::vector{forkroad::generated_scene()});
  const auto plans = forkroad::vocabulary(batch, 256);
  const auto agents = forkroad::make_agent_model("log");
  auto simulator = forkroad::Simulator(batch);
  const auto table = simulator.score(plans, *agents, forkroad::ScoreCard::drive());

  for (int world = 0; world < batch.size(); ++world) {
    for (int plan = 0; plan < table.num_plans; ++plan) {
      fmt::print("{} {} {}\n", batch.scene(world).id, plan, table.total(world, plan));
    }
    fmt::print("{} best {}\n", batch.scene(world).id, table.best_plan(world));
  }
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "error: {}\n", error.what());
  return 1;
}
