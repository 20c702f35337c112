// Which contact and which departure from the road is the plan's fault, and which is the other's or
// the log's.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <ostream>

#include "scenarios/load_scenes.hpp"
#include "sim/log_plan.hpp"
#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/scene_builder.hpp"
#include "tests/shared_logs.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

constexpr int kSteps = 41;

Facts drive(const Scene& scene, const std::vector<float>& plan, int substeps = 4) {
  const SceneBatch batch = batch_of(scene);
  RolloutSpec spec;
  spec.contact.substeps = substeps;
  const int num_steps = static_cast<int>(plan.size()) / 3;
  return Simulator(batch).rollout(Snapshot::of_log(batch),
                                  PlanSet(plan, 1, 1, num_steps, scene_poses()),
                                  *make_agent_model("log"), spec);
}

// The ego drives along +x from 0 and logs so; plans may do otherwise.
Facts meet(const std::vector<Mover>& others, double speed, int substeps = 4) {
  Scene scene = scene_of(kSteps, {{.speed = speed}});
  for (const Mover& other : others) add_track(scene, other);
  // the log itself is far off, so that it excuses nothing
  for (float& y : scene.tracks[0].y) y = 500.0f;
  return drive(scene, straight_poses(0, 0, 0, speed, kSteps), substeps);
}

uint8_t fault_class(const Facts& facts) { return facts.plans.fault_class[0]; }

}  // namespace

TEST_CASE("Running into a stopped or slower road user or its side is the plan's fault", "[fault]") {
  for (const int substeps : {1, 2, 4, 8}) {
    INFO("substeps " << substeps);
    Facts facts = meet({{.x = 20.0}}, 10.0, substeps);
    CHECK(facts.plans.fault_step[0] == 16);
    CHECK(facts.plans.fault_track[0] == 1);
    CHECK(fault_class(facts) == static_cast<uint8_t>(ContactClass::kStoppedAgent));
    CHECK(facts.plans.fault_relative_speed[0] == Approx(10.0).margin(1e-3));
    facts = meet({{.x = 20.0, .speed = 4.0}}, 10.0, substeps);
    CHECK(fault_class(facts) == static_cast<uint8_t>(ContactClass::kActiveFront));
    CHECK(facts.plans.fault_step[0] == 26);
    CHECK(facts.plans.fault_step[0] == facts.plans.contact_step[0]);
    // from the left against the ego's middle
    facts = meet({{.x = 15.0, .y = 9.1, .heading = -kPi / 2, .speed = 4.0}}, 10.0, substeps);
    CHECK(fault_class(facts) == static_cast<uint8_t>(ContactClass::kActiveLateral));
    CHECK(facts.plans.fault_track[0] == 1);
    facts = meet({{.x = 20.0, .speed = 4.0, .kind = AgentKind::kOther}}, 10.0, substeps);
    CHECK(fault_class(facts) == static_cast<uint8_t>(ContactClass::kStoppedAgent));
  }
}

TEST_CASE("Being struck from behind or while standing is nobody's plan", "[fault]") {
  for (const int substeps : {1, 2, 4, 8}) {
    INFO("substeps " << substeps);
    // it drives on through the whole ego, past its front
    Facts facts = meet({{.x = -12.0, .speed = 15.0}}, 5.0, substeps);
    CHECK(facts.plans.contact_step[0] > 0);
    CHECK(facts.plans.contact_class[0] == static_cast<uint8_t>(ContactClass::kActiveRear));
    CHECK(facts.plans.fault_step[0] == -1);
    CHECK(facts.plans.fault_track[0] == -1);
    CHECK(fault_class(facts) == 0);
    CHECK(facts.plans.fault_relative_speed[0] == 0.0f);
    facts = meet({{.x = 20.0, .heading = kPi, .speed = 8.0}}, 0.0, substeps);
    CHECK(facts.plans.contact_class[0] == static_cast<uint8_t>(ContactClass::kStoppedEgo));
    CHECK(facts.plans.fault_step[0] == -1);
  }
}

TEST_CASE("What begins at the start is no fault, what begins after it with another is", "[fault]") {
  Facts facts = meet({{.x = 3.0, .y = 0.5}}, 10.0);
  CHECK(facts.plans.contact_step[0] == 0);
  CHECK(facts.plans.fault_step[0] == -1);
  facts = meet({{.x = -12.0, .speed = 15.0}, {.x = 20.1}}, 5.0);
  CHECK(facts.plans.contact_track[0] == 1);
  CHECK(facts.plans.fault_track[0] == 2);
  CHECK(facts.plans.fault_step[0] == 32);
  CHECK(facts.plans.fault_step[0] > facts.plans.contact_step[0]);
  facts = meet({{.x = 3.0, .y = 0.5}, {.x = 20.0}}, 10.0);
  CHECK(facts.plans.contact_step[0] == 0);
  CHECK(facts.plans.fault_track[0] == 2);
}

TEST_CASE("A contact begun anew with whom struck it from behind is a fault", "[fault]") {
  // it drives through the whole ego, which then speeds up and runs into it from behind
  const int steps = 101;
  Scene scene = scene_of(steps, {{.speed = 2.0}, {.x = -6.0, .speed = 6.0}});
  for (float& y : scene.tracks[0].y) y = 500.0f;
  std::vector<float> plan;
  double x = 0.0;
  int passed = -1;
  for (int step = 0; step < steps; ++step) {
    for (const double value : {x, 0.0, 0.0}) plan.push_back(static_cast<float>(value));
    if (passed < 0 && -6.0 + 0.6 * step - x > 4.6) passed = step;
    x += passed < 0 ? 0.2 : 1.5;
  }
  REQUIRE(passed > 0);
  const Facts facts = drive(scene, plan);
  CHECK(facts.plans.contact_class[0] == static_cast<uint8_t>(ContactClass::kActiveRear));
  CHECK(facts.plans.contact_step[0] < passed);
  CHECK(facts.plans.fault_step[0] == passed + 1);
  CHECK(facts.plans.fault_track[0] == 1);
  CHECK(fault_class(facts) == static_cast<uint8_t>(ContactClass::kActiveFront));
  CHECK(facts.plans.fault_relative_speed[0] == Approx(9.0).margin(1e-3));
}

TEST_CASE("Who is first seen within the ego begins a contact then", "[fault]") {
  for (const int first : {1, 7}) {
    INFO("first seen at step " << first);
    // its middle is 3 m ahead of the ego's at that step
    const double ahead = 3.0 + 1.0 * first;
    const Facts facts = meet({{.x = ahead, .first = first}}, 10.0);
    CHECK(facts.plans.contact_step[0] == first);
    CHECK(facts.plans.fault_step[0] == first);
  }
}

namespace {

// A log that brushes a parked car on its left while it drives by: 0.05 m deep.
Scene brushing_log(double speed = 5.0) {
  return scene_of(kSteps, {{.speed = speed}, {.x = 10.0, .y = 1.85}});
}

}  // namespace

TEST_CASE("The log's own brush is excused, also a little deeper, but no ramming", "[fault]") {
  const Scene scene = brushing_log();
  Facts facts = drive(scene, straight_poses(0, 0, 0, 5.0, kSteps));
  CHECK(facts.plans.contact_step[0] > 0);
  CHECK(facts.plans.fault_step[0] == -1);
  CHECK(facts.log.contact_step[0] > 0);
  CHECK(facts.log.fault_step[0] == -1);
  // 0.05 m deeper all the way, then 0.15 m
  CHECK(drive(scene, straight_poses(0, 0.05, 0, 5.0, kSteps)).plans.fault_step[0] == -1);
  // which it becomes a step after its corner came in
  facts = drive(scene, straight_poses(0, 0.15, 0, 5.0, kSteps));
  CHECK(facts.plans.fault_step[0] == facts.plans.contact_step[0] + 1);
  // faster than the log
  CHECK(drive(scene, straight_poses(0, 0, 0, 5.4, kSteps)).plans.fault_step[0] == -1);
  CHECK(drive(scene, straight_poses(0, 0, 0, 5.7, kSteps)).plans.fault_step[0] > 0);
  // the log is in touch from 1.1 s to 2.9 s: a plan half a second behind is not excused at the end
  CHECK(drive(scene, straight_poses(-2.5, 0, 0, 5.0, kSteps)).plans.fault_step[0] > 29);
  CHECK(drive(scene, straight_poses(-1.0, 0, 0, 5.0, kSteps)).plans.fault_step[0] == -1);
  // nor one that touches half a second before
  CHECK(drive(scene, straight_poses(2.5, 0, 0, 5.0, kSteps)).plans.fault_step[0] > 0);
  CHECK(drive(scene, straight_poses(1.0, 0, 0, 5.0, kSteps)).plans.fault_step[0] == -1);
}

TEST_CASE("A log that drives off from a touch at its start is excused too", "[fault]") {
  // 0.05 m into the parked car behind, left behind at once
  const Scene scene = scene_of(kSteps, {{.speed = 10.0}, {.x = -4.45}});
  const Facts facts = drive(scene, straight_poses(0, 0, 0, 10.0, kSteps));
  CHECK(facts.log.contact_step[0] == 0);
  CHECK(facts.log.fault_step[0] == -1);
  CHECK(facts.plans.fault_step[0] == -1);
}

namespace {

// The log's agents in the opposite order, under a name of their own.
class ReversedLog final : public AgentModel {
 public:
  std::string_view name() const override { return "reversed"; }
  void rollout(const Scene& scene, const RolloutWindow& window, const LevelGate&,
               AgentTable& agents) const override {
    const int last = static_cast<int>(scene.tracks.size()) - 1;
    agents.reset(last, window.num_steps);
    for (int agent = 0; agent < last; ++agent) {
      const Track& track = scene.tracks[static_cast<size_t>(last - agent)];
      agents.track[static_cast<size_t>(agent)] = last - agent;
      for (int step = 0; step <= window.num_steps; ++step) {
        const size_t at = static_cast<size_t>(step);
        agents.set(
            agent, step,
            {track.valid[at] != 0, track.x[at], track.y[at], track.heading[at],
             track.velocity_x[at], track.velocity_y[at], track.length[at], track.width[at], false});
      }
    }
    agents.finish();
  }
};

}  // namespace

TEST_CASE("What the log excuses is matched by track whatever the order of agents", "[fault]") {
  Scene scene = brushing_log();
  add_track(scene, {.x = 30.0, .y = 1.5});
  add_track(scene, {.x = -30.0, .y = 8.0});
  const SceneBatch batch = batch_of(scene);
  const PlanSet plans(straight_poses(0, 0.05, 0, 5.0, kSteps), 1, 1, kSteps, scene_poses());
  const Facts facts = Simulator(batch).rollout(Snapshot::of_log(batch), plans, ReversedLog());
  CHECK(facts.plans.contact_track[0] == 1);
  CHECK(facts.plans.fault_step[0] == -1);
}

namespace {

constexpr double kLogY = 0.2;  // [m]

// A drivable strip along +x whose left border is at y = 1.1 instead of 5 for x in [20.1, 30.1]. A
// corner of the log is 0.05 m off the road there: the front one from step 18 on, the rear one up to
// step 32.
Scene notched_road() {
  Scene scene = scene_of(kSteps, {{.y = kLogY, .speed = 10.0}});
  MapFeature road;
  road.id = 1;
  road.kind = FeatureKind::kDrivableArea;
  road.points = {{-50, -5, 0},     {100, -5, 0},     {100, 5, 0},   {30.1f, 5, 0},
                 {30.1f, 1.1f, 0}, {20.1f, 1.1f, 0}, {20.1f, 5, 0}, {-50, 5, 0}};
  scene.features.push_back(road);
  return scene;
}

// The first steps off the road and to blame for it of a plan at the log's speed that starts (x, y)
// off the log's start.
struct Departure {
  int32_t off, fault;

  bool operator==(const Departure&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Departure& departure) {
  return out << "off " << departure.off << ", fault " << departure.fault;
}

Departure depart(const Scene& scene, double x, double y, Precision precision) {
  const SceneBatch batch = batch_of(scene);
  RolloutSpec spec;
  spec.precision = precision;
  const Facts facts = Simulator(batch).rollout(
      Snapshot::of_log(batch),
      PlanSet(straight_poses(x, kLogY + y, 0, 10.0, kSteps), 1, 1, kSteps, scene_poses()),
      *make_agent_model("log"), spec);
  // whatever the plan does, the log has an excuse
  CHECK(facts.log.off_road_step[0] == 18);
  CHECK(facts.log.off_road_fault_step[0] == -1);
  return {facts.plans.off_road_step[0], facts.plans.off_road_fault_step[0]};
}

}  // namespace

TEST_CASE("Where the log itself is off the road a plan may be so too, and 0.10 m further",
          "[fault]") {
  const Scene scene = notched_road();
  for (const Precision precision : {Precision::kFloat, Precision::kDouble}) {
    INFO("precision " << static_cast<int>(precision));
    const auto at = [&](double x, double y) { return depart(scene, x, y, precision); };
    CHECK(at(0, -0.1) == Departure{-1, -1});
    CHECK(at(0, 0) == Departure{18, -1});
    CHECK(at(0, 0.05) == Departure{18, -1});
    CHECK(at(0, 0.09) == Departure{18, -1});
    CHECK(at(0, 0.11) == Departure{18, 18});
    CHECK(at(0, 0.3) == Departure{18, 18});
    // on the other side, where the log is on the road
    CHECK(at(0, -4.5) == Departure{0, 0});
  }
}

TEST_CASE("The log excuses who is off the road within 0.3 s of it, not before or after",
          "[fault]") {
  const Scene scene = notched_road();
  for (const Precision precision : {Precision::kFloat, Precision::kDouble}) {
    INFO("precision " << static_cast<int>(precision));
    // a metre is a tenth of a second
    const auto at = [&](double x) { return depart(scene, x, 0, precision); };
    CHECK(at(3) == Departure{15, -1});
    CHECK(at(4) == Departure{14, 14});
    CHECK(at(-3) == Departure{21, -1});
    // its front is where the log's middle was; its rear comes in where the log's no longer is
    CHECK(at(-4) == Departure{22, 27});
    CHECK(at(10) == Departure{8, 8});
    CHECK(at(-10) == Departure{28, 28});
  }
}

namespace {

// Every `stride`th file below a folder of real logs, in the order of names.
std::vector<std::string> real_files(const std::string& folder, size_t stride) {
  const std::string path = find_shared("data/" + folder);
  if (path.empty()) {
    WARN("skipped: no real logs at FORKROAD_SHARED/data/" << folder);
    return {};
  }
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> kept;
  for (size_t k = 0; k < files.size(); k += stride) kept.push_back(files[k]);
  return kept;
}

struct Counts {
  int drives = 0, contacts = 0, off_road = 0;
};

// Each of the first vehicles that are observed at the current step drives its own log.
void drive_logs(const SceneBatch& batch, const RolloutSpec& spec, Counts& counts) {
  const Scene& scene = batch.scene(0);
  const int steps = scene.num_steps - 1 - scene.current_step;
  int vehicles = 0;
  for (int track = 0; track < static_cast<int>(scene.tracks.size()) && vehicles < 6; ++track) {
    const Track& focal = scene.tracks[static_cast<size_t>(track)];
    if (focal.kind != AgentKind::kVehicle ||
        focal.valid[static_cast<size_t>(scene.current_step)] == 0) {
      continue;
    }
    ++vehicles;
    const Snapshot snapshot =
        Snapshot::of_log(batch, std::array{0}, std::array{scene.current_step}, std::array{track});
    const double dt = spec.dt > 0.0 ? spec.dt : scene.dt;
    const int count = static_cast<int>(std::lround(steps * scene.dt / dt));
    const Facts facts = Simulator(batch).rollout(snapshot, log_plan(scene, snapshot, 0, dt, count),
                                                 *make_agent_model("log"), spec);
    INFO("track " << track << ", step of " << dt << " s");
    CHECK(facts.plans.fault_step[0] == -1);
    CHECK(facts.plans.off_road_fault_step[0] < 0);
    CHECK(facts.log.fault_step[0] == -1);
    CHECK(facts.log.off_road_fault_step[0] < 0);
    ++counts.drives;
    counts.contacts += facts.plans.contact_step[0] >= 0;
    counts.off_road += facts.plans.off_road_step[0] >= 0;
  }
}

// Every `stride`th real file, in both precisions and at half the log's step too where `all` is set.
void check_real_logs(size_t stride, bool all) {
  Counts total;
  for (const char* folder : {"womd_tfrecord", "gpudrive_json", "commonroad_xml"}) {
    Counts counts;
    for (const std::string& file : real_files(folder, stride)) {
      INFO(file);
      for (Scene& scene : load_scenes(file)) {
        RolloutSpec spec;
        const SceneBatch batch = batch_of(std::move(scene));
        drive_logs(batch, spec, counts);
        if (!all) continue;
        spec.precision = Precision::kDouble;
        drive_logs(batch, spec, counts);
        spec.dt = 0.05;
        drive_logs(batch, spec, counts);
      }
    }
    WARN(folder << ": " << counts.drives << " drives, " << counts.contacts << " with a contact, "
                << counts.off_road << " off the road");
    total.drives += counts.drives;
    total.contacts += counts.contacts;
    total.off_road += counts.off_road;
  }
  if (total.drives == 0) return;
  // else there was nothing to excuse
  CHECK(total.contacts > 0);
  CHECK(total.off_road > 0);
}

}  // namespace

TEST_CASE("Whoever drives as its real log did is to blame for nothing", "[fault][real]") {
  check_real_logs(15, false);
}

TEST_CASE("Whoever drives as any real log did is to blame for nothing", "[fault][real][slow]") {
  check_real_logs(1, true);
}
