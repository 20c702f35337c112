// The rollout's promises on real logs, where they are there.
#include <cmath>
#include <cstring>

#include "sim/log_plan.hpp"
#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/contact_cases.hpp"
#include "tests/contact_reference.hpp"
#include "tests/ego_reference.hpp"
#include "tests/real_scenes.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

// With an ego: the rollout forks from it.
std::vector<Scene> real_scenes_with_ego() {
  std::vector<Scene> scenes = real_scenes();
  std::erase_if(scenes, [](const Scene& scene) { return scene.ego < 0; });
  return scenes;
}

bool same_bits(float a, float b) { return std::memcmp(&a, &b, sizeof a) == 0; }

}  // namespace

TEST_CASE("On real logs every lane type and search gives the same facts", "[determinism]") {
  std::vector<Scene> scenes = real_scenes_with_ego();
  if (scenes.empty()) return;
  const SceneBatch batch(std::move(scenes));
  const Snapshot snapshot = Snapshot::of_log(batch);
  const PlanSet plans = log_perturbations(batch, snapshot, 100, {});
  const auto model = make_agent_model("log");
  std::string expected[2];
  for (const LaneKernels& lanes : usable_lane_kernels()) {
    for (const PartnerSearch search :
         {PartnerSearch::kBruteForce, PartnerSearch::kCull, PartnerSearch::kCompacted}) {
      RolloutSpec spec;
      spec.precision = lanes.precision;
      const Facts facts =
          Simulator(batch, {1, 0, &lanes, search}).rollout(snapshot, plans, *model, spec);
      const std::string bytes = bytes_of(facts.plans) + bytes_of(facts.log);
      std::string& same = expected[static_cast<size_t>(lanes.precision)];
      if (same.empty()) same = bytes;
      INFO(lanes.name << ", search " << static_cast<int>(search));
      CHECK(bytes == same);
    }
  }
}

TEST_CASE("On real logs the contact facts agree with the reference", "[differential]") {
  int compared = 0, excluded = 0, contacts = 0;
  for (const Scene& scene : real_scenes_with_ego()) {
    const SceneBatch batch = batch_of(scene);
    const Snapshot snapshot = Snapshot::of_log(batch);
    PerturbationSpec drift;
    drift.max_lateral = 6.0f;
    drift.max_stretch = 0.6f;
    const PlanSet plans = log_perturbations(batch, snapshot, 60, drift);
    const Facts facts = Simulator(batch).rollout(snapshot, plans, *make_agent_model("log"));
    ReferenceRollout rollout;
    rollout.dt = scene.dt;
    rollout.velocity_x = static_cast<double>(snapshot.ego(0).velocity_x);
    rollout.velocity_y = static_cast<double>(snapshot.ego(0).velocity_y);
    rollout.agents = agents_in_log(scene, snapshot.focal_track[0], snapshot.step[0], scene.dt,
                                   facts.num_steps[0]);
    for (int plan = 0; plan < 60; ++plan) {
      rollout.ego = reference_poses(plans, plan, snapshot, 0, scene.dt, facts.num_steps[0]);
      const ReferenceFacts expected = measure_contact(rollout);
      if (expected.contact_margin < 1.0e-4) {
        ++excluded;
        continue;
      }
      const size_t at = static_cast<size_t>(plan);
      INFO(scene.id << " plan " << plan << " margin " << expected.contact_margin);
      ++compared;
      contacts += expected.instant >= 0;
      CHECK(facts.plans.contact_step[at] ==
            (expected.instant < 0 ? -1 : (expected.instant + 3) / 4));
      CHECK(static_cast<double>(facts.plans.clearance[at]) ==
            Approx(expected.clearance).margin(1.0e-3));
      if (expected.instant >= 0 && expected.class_margin > 0.02) {
        CHECK(facts.plans.contact_class[at] == static_cast<uint8_t>(expected.contact_class));
      }
    }
  }
  WARN("real logs: " << compared << " plans compared (" << contacts << " contacts), " << excluded
                     << " excluded");
  CHECK(excluded <= compared / 50);
}

TEST_CASE("On real logs replay equals the stored log, and the log plan its facts",
          "[determinism]") {
  for (const Scene& scene : real_scenes_with_ego()) {
    const SceneBatch batch = batch_of(scene);
    const Snapshot snapshot = Snapshot::of_log(batch);
    const int steps = scene.num_steps - 1 - scene.current_step;
    Facts facts;
    RolloutTraces traces;
    Simulator(batch).rollout(snapshot, log_plan(scene, snapshot, 0, scene.dt, steps),
                             *make_agent_model("log"), {}, facts, &traces);
    INFO(scene.id);
    CHECK(bytes_of(facts.plans) == bytes_of(facts.log));
    const size_t agents = traces.agent_track[0].size();
    CHECK(agents + 1 == scene.tracks.size());
    int different = 0;
    for (size_t step = 0; step <= static_cast<size_t>(facts.num_steps[0]); ++step) {
      const size_t row = step + static_cast<size_t>(scene.current_step);
      const Track& ego = scene.tracks[static_cast<size_t>(scene.ego)];
      if (ego.valid[row] != 0) different += !same_bits(traces.ego_x[step], ego.x[row]);
      for (size_t agent = 0; agent < agents; ++agent) {
        const Track& track = scene.tracks[static_cast<size_t>(traces.agent_track[0][agent])];
        const size_t at = step * agents + agent;
        if (track.valid[row] == 0) {
          different += !std::isnan(traces.agent_x[0][at]);
          continue;
        }
        different += !same_bits(traces.agent_x[0][at], track.x[row]);
        different += !same_bits(traces.agent_y[0][at], track.y[row]);
        different += !same_bits(traces.agent_heading[0][at], track.heading[row]);
      }
    }
    CHECK(different == 0);
  }
}

TEST_CASE("On real logs driving into a parked car is a contact with it") {
  int rammed = 0;
  for (const Scene& scene : real_scenes_with_ego()) {
    const SceneBatch batch = batch_of(scene);
    const Snapshot snapshot = Snapshot::of_log(batch);
    const size_t now = static_cast<size_t>(scene.current_step);
    for (size_t index = 0; index < scene.tracks.size(); ++index) {
      const Track& track = scene.tracks[index];
      const bool parked = static_cast<int>(index) != scene.ego && track.valid[now] != 0 &&
                          track.kind == AgentKind::kVehicle && now + 1 < track.valid.size() &&
                          track.valid[now + 1] != 0 &&
                          std::hypot(track.velocity_x[now + 1], track.velocity_y[now + 1]) < 0.01f;
      if (!parked) continue;
      // from 12 m behind it, along its own heading, at 10 m/s onto its place at the second step
      const double heading = static_cast<double>(track.heading[now + 1]);
      const std::vector<float> onto = {
          track.x[now + 1] - static_cast<float>(12.0 * std::cos(heading)),
          track.y[now + 1] - static_cast<float>(12.0 * std::sin(heading)),
          track.heading[now + 1],
          track.x[now + 1],
          track.y[now + 1],
          track.heading[now + 1]};
      const Facts facts = Simulator(batch).rollout(snapshot, PlanSet(onto, 1, 1, 2, scene_poses()),
                                                   *make_agent_model("log"));
      INFO(scene.id << " track " << track.id);
      CHECK(facts.plans.contact_step[0] >= 0);
      CHECK(facts.plans.contact_step[0] <= 1);
      CHECK(facts.plans.clearance[0] < 0.0f);
      ++rammed;
    }
  }
  if (rammed > 0) WARN("rammed " << rammed << " parked cars of real logs");
}
