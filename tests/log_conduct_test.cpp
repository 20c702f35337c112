// The log excuses exactly itself on real logs.
#include "sim/log_conduct.hpp"

#include "sim/log_plan.hpp"
#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/contact_cases.hpp"
#include "tests/real_scenes.hpp"

using namespace forkroad;
using namespace forkroad::test;

TEST_CASE("On real logs the log as a plan has no fault", "[log_conduct][real]") {
  int scenes = 0, contacts = 0, off_road = 0;
  for (const Scene& scene : real_scenes()) {
    if (scene.ego < 0 || scenes >= 60) continue;
    ++scenes;
    const SceneBatch batch = batch_of(scene);
    const Snapshot snapshot = Snapshot::of_log(batch);
    const int steps = scene.num_steps - 1 - scene.current_step;
    const Facts facts = Simulator(batch).rollout(
        snapshot, log_plan(scene, snapshot, 0, scene.dt, steps), *make_agent_model("log"));
    INFO(scene.id);
    CHECK(facts.plans.fault_step[0] == -1);
    CHECK(facts.plans.off_road_fault_step[0] < 0);
    CHECK(bytes_of(facts.plans) == bytes_of(facts.log));
    contacts += facts.plans.contact_step[0] >= 0;
    off_road += facts.plans.off_road_step[0] >= 0;
  }
  WARN("real logs: " << scenes << " scenes, " << contacts << " with a contact of the log, "
                     << off_road << " with the log off the road");
}
