// Time to collision against a search over time in double precision, and over whole rollouts.
#include "kernels/time_to_collision.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "benchmarks/bench_scene.hpp"
#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/contact_cases.hpp"
#include "tests/contact_reference.hpp"
#include "tests/ego_reference.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

constexpr double kNever = 1.0e9;
constexpr double kBehind = 150.0 / 180.0 * kPi;

using Corners = std::array<std::array<double, 2>, 4>;

Corners corners_of(const ReferenceBox& box, double growth) {
  const double c = std::cos(box.heading), s = std::sin(box.heading);
  const double length = box.half_length + growth, width = box.half_width + growth;
  Corners corners;
  for (size_t k = 0; k < 4; ++k) {
    const double along = k < 2 ? length : -length, left = k % 2 == 0 ? width : -width;
    corners[k] = {box.x + along * c - left * s, box.y + along * s + left * c};
  }
  return corners;
}

// Two boxes, one of them moving relative to the other.
struct MovingPair {
  ReferenceBox a, b;
  double velocity_x = 0, velocity_y = 0;  // [m/s] of b relative to a
};

// Gap along the widest separating direction at a time; a convex function of time.
double gap_at(const MovingPair& pair, const Corners& a, const Corners& b, double time) {
  double gap = -kNever;
  for (const double heading : {pair.a.heading, pair.b.heading}) {
    const double c = std::cos(heading), s = std::sin(heading);
    for (const auto& [nx, ny] : {std::array{c, s}, std::array{-s, c}}) {
      double low_a = kNever, high_a = -kNever, low_b = kNever, high_b = -kNever;
      for (size_t k = 0; k < 4; ++k) {
        const double at_a = a[k][0] * nx + a[k][1] * ny;
        const double at_b =
            (b[k][0] + time * pair.velocity_x) * nx + (b[k][1] + time * pair.velocity_y) * ny;
        low_a = std::min(low_a, at_a);
        high_a = std::max(high_a, at_a);
        low_b = std::min(low_b, at_b);
        high_b = std::max(high_b, at_b);
      }
      gap = std::max({gap, low_b - high_a, low_a - high_b});
    }
  }
  return gap;
}

// First time in [0, horizon] at which the boxes, grown on every side, touch; kNever: none. Narrows
// down the time of the least gap, then bisects before it.
double search_time(const MovingPair& pair, double growth, double horizon) {
  const Corners a = corners_of(pair.a, growth), b = corners_of(pair.b, growth);
  const auto gap = [&](double time) { return gap_at(pair, a, b, time); };
  if (gap(0.0) <= 0.0) return 0.0;
  double low = 0.0, high = horizon;
  for (int k = 0; k < 80; ++k) {
    const double third = (high - low) / 3.0;
    if (gap(low + third) <= gap(high - third)) {
      high -= third;
    } else {
      low += third;
    }
  }
  double touching = 0.5 * (low + high), apart = 0.0;
  if (gap(horizon) < gap(touching)) touching = horizon;
  if (gap(touching) > 0.0) return kNever;
  for (int k = 0; k < 50; ++k) {
    const double middle = 0.5 * (touching + apart);
    (gap(middle) <= 0.0 ? touching : apart) = middle;
  }
  return touching;
}

Obb<float> to_obb(const ReferenceBox& box) {
  return {static_cast<float>(box.x),
          static_cast<float>(box.y),
          static_cast<float>(std::cos(box.heading)),
          static_cast<float>(std::sin(box.heading)),
          static_cast<float>(box.half_length),
          static_cast<float>(box.half_width)};
}

// What the product reads, back in double, so that only its arithmetic can differ.
ReferenceBox to_reference(const Obb<float>& box) {
  return {box.x, box.y, std::atan2(double{box.sin}, double{box.cos}), box.half_length,
          box.half_width};
}

struct Encounter {
  EgoStep<float> ego;
  AgentStep<float> agent;
};

ReferenceBox random_box(Random& random, double reach) {
  return {random.uniform(-reach, reach), random.uniform(-reach, reach), random.uniform(-kPi, kPi),
          random.uniform(0.0, 4.0), random.uniform(0.0, 1.5)};
}

// Pairs of every kind: at random, parallel, touching, receding, at the same velocity, and aimed so
// that corners graze.
Encounter random_encounter(Random& random, int kind, double horizon) {
  const double reach = random.chance(0.5) ? 6.0 : 10.0 + 15.0 * horizon;
  ReferenceBox a = random_box(random, 5.0), b = random_box(random, reach);
  double ego_x = random.uniform(-20.0, 20.0), ego_y = random.uniform(-20.0, 20.0);
  double x = random.uniform(-20.0, 20.0), y = random.uniform(-20.0, 20.0);
  if (kind == 1) {  // parallel in a queue, side by side or oncoming
    b.heading = a.heading + (random.chance(0.3) ? kPi : 0.0);
    ego_x = random.uniform(1.0, 20.0) * std::cos(a.heading);
    ego_y = random.uniform(1.0, 20.0) * std::sin(a.heading);
    x = random.uniform(-1.0, 1.0) * ego_x;
    y = x * std::tan(a.heading);
  } else if (kind == 2) {  // its corner on the ego's front edge
    b.x = a.x + (a.half_length + b.half_length) * std::cos(a.heading);
    b.y = a.y + (a.half_length + b.half_length) * std::sin(a.heading);
    b.heading = a.heading;
  } else if (kind == 3) {  // away from each other
    const double away = std::hypot(b.x - a.x, b.y - a.y) + 0.1;
    x = ego_x + 10.0 * (b.x - a.x) / away;
    y = ego_y + 10.0 * (b.y - a.y) / away;
  } else if (kind == 4) {  // no relative speed
    x = ego_x;
    y = ego_y;
  } else if (kind >= 5) {  // corner towards corner, or just past it
    const Corners from = corners_of(b, 0.0), to = corners_of(a, 0.0);
    const size_t f = static_cast<size_t>(random.below(4)), t = static_cast<size_t>(random.below(4));
    const double time = random.uniform(0.1, 1.1) * horizon + 1.0e-3;
    const double miss = random.chance(0.5) ? random.uniform(-1e-3, 1e-3) : 0.0;
    x = ego_x + (to[t][0] - from[f][0] + miss) / time;
    y = ego_y + (to[t][1] - from[f][1] - miss) / time;
  }
  Encounter encounter = {};
  encounter.ego.now = encounter.ego.before = to_obb(a);
  encounter.ego.velocity_x = static_cast<float>(ego_x);
  encounter.ego.velocity_y = static_cast<float>(ego_y);
  encounter.agent.now = to_obb(b);
  encounter.agent.velocity_x = static_cast<float>(x);
  encounter.agent.velocity_y = static_cast<float>(y);
  return encounter;
}

MovingPair pair_of(const Encounter& encounter) {
  return {to_reference(encounter.ego.now), to_reference(encounter.agent.now),
          double{encounter.agent.velocity_x} - double{encounter.ego.velocity_x},
          double{encounter.agent.velocity_y} - double{encounter.ego.velocity_y}};
}

float product_time(const Encounter& encounter, float horizon) {
  CourseFacts<float> facts = no_course<float>(horizon);
  foresee_agent(encounter.ego, encounter.agent, 3.0f, 5, facts);
  CHECK(facts.step == (facts.time < horizon ? 5.0f : -1.0f));
  CHECK(facts.agent == (facts.time < horizon ? 3.0f : -1.0f));
  return facts.time;
}

// How far off the ego's heading a partner is [rad].
double bearing_of(const ReferenceBox& ego, const ReferenceBox& other) {
  return std::abs(
      std::remainder(std::atan2(other.y - ego.y, other.x - ego.x) - ego.heading, 2.0 * kPi));
}

}  // namespace

TEST_CASE("Time to collision agrees with a search over time on 200,000 pairs of boxes",
          "[differential][time_to_collision]") {
  int meets = 0, close = 0, explained = 0, behind = 0, zero = 0;
  double worst = 0.0;
  Random random(11);
  for (int k = 0; k < 200'000; ++k) {
    const float horizon = std::array{0.5f, 1.0f, 3.0f, 10.0f}[static_cast<size_t>(k % 4)];
    const Encounter encounter = random_encounter(random, k / 4 % 7, double{horizon});
    const MovingPair pair = pair_of(encounter);
    const double bearing = bearing_of(pair.a, pair.b);
    const double distance = std::hypot(pair.b.x - pair.a.x, pair.b.y - pair.a.y);
    if (std::abs(bearing - kBehind) * distance < 1.0e-3) continue;
    const double got = double{product_time(encounter, horizon)};
    if (bearing > kBehind) {
      ++behind;
      if (got != double{horizon}) FAIL("pair " << k << ": whoever is behind counts");
      continue;
    }
    // single precision shifts faces by a few parts in 10^7 of the way
    const double way = distance + std::hypot(pair.velocity_x, pair.velocity_y) * double{horizon};
    const double slack = 1.0e-5 + 2.0e-6 * way;
    const double exact = std::min(search_time(pair, 0.0, double{horizon}), double{horizon});
    if (std::abs(got - exact) <= 1.0e-4) {
      ++close;
    } else {
      const double early = std::min(search_time(pair, slack, double{horizon}), double{horizon});
      const double late = std::min(search_time(pair, -slack, double{horizon}), double{horizon});
      ++explained;
      if (!(got >= early - 1.0e-5 && got <= late + 1.0e-5)) {
        FAIL("pair " << k << " kind " << k / 4 % 7 << " horizon " << horizon << ": got " << got
                     << ", expected " << exact << " between " << early << " and " << late);
      }
      worst = std::max(worst, late - early);
    }
    meets += exact < double{horizon};
    zero += exact == 0.0;
  }
  WARN("time to collision: " << close << " pairs within 1e-4 s, " << explained
                             << " where rounding decides; " << meets << " meet, " << zero
                             << " touch already, " << behind << " are behind");
  CHECK(meets > 40'000);
  CHECK(zero > 5'000);
  CHECK(behind > 10'000);
  // grazing corners and touching faces, which three of seven kinds aim at
  CHECK(explained < 0.05 * close);
}

TEST_CASE("Whoever is met is let through by the cull up to the time at which it is met",
          "[property][time_to_collision]") {
  Random random(13);
  int met = 0, lost = 0, let_through = 0, apart = 0;
  for (int k = 0; k < 400'000; ++k) {
    const float horizon = std::array{0.5f, 1.0f, 10.0f, kMaxCollisionHorizon}[k % 4];
    Encounter encounter = random_encounter(random, k / 4 % 7, double{horizon});
    if (random.chance(0.2)) {  // kilometres from the origin
      for (Obb<float>* box : {&encounter.ego.now, &encounter.agent.now}) box->x += 8192.0f;
    }
    const Obb<float>& a = encounter.ego.now;
    const Obb<float>& b = encounter.agent.now;
    const float time = product_time(encounter, horizon);
    const float radius =
        std::hypot(a.half_length, a.half_width) + std::hypot(b.half_length, b.half_width);
    const bool passes =
        may_collide(b.x - a.x, b.y - a.y, encounter.agent.velocity_x - encounter.ego.velocity_x,
                    encounter.agent.velocity_y - encounter.ego.velocity_y, radius, time);
    if (time < horizon) {
      ++met;
      lost += !passes;
    } else {
      ++apart;
      let_through += passes;
    }
  }
  CHECK(lost == 0);
  CHECK(met > 100'000);
  INFO(met << " met, " << let_through << " of " << apart << " others let through");
  CHECK(let_through < 0.5 * apart);  // it does cull
}

TEST_CASE("The search over time finds what polygon clipping finds", "[time_to_collision]") {
  Random random(12);
  int meets = 0;
  for (int k = 0; k < 3000; ++k) {
    const MovingPair pair = pair_of(random_encounter(random, k % 7, 1.0));
    const double time = search_time(pair, 0.0, 1.0);
    const auto distance = [&](double at) {
      ReferenceBox b = pair.b;
      b.x += at * pair.velocity_x;
      b.y += at * pair.velocity_y;
      return signed_distance(pair.a, b);
    };
    const double end = std::min(time, 1.0);
    for (int sample = 0; time > 0.0 && sample < 12; ++sample) {
      if (distance(sample / 12.0 * end) < -1.0e-9)
        FAIL("pair " << k << " overlaps before " << time);
    }
    if (time > 1.0) continue;
    ++meets;
    if (distance(time) > 1.0e-6) FAIL("pair " << k << " does not touch at " << time);
  }
  CHECK(meets > 500);
}

namespace {

// Bounds on the least time over all steps and agents, from the log and the plan's exact poses.
struct LeastTime {
  double early, late;
};

LeastTime reference_least(const ReferenceRollout& rollout, double horizon, double slack) {
  LeastTime least = {horizon, horizon};
  for (size_t step = 0; step < rollout.ego.size(); ++step) {
    const ReferenceBox& ego = rollout.ego[step];
    const ReferenceBox& before = rollout.ego[step > 0 ? step - 1 : 0];
    const double ego_x = step > 0 ? (ego.x - before.x) / rollout.dt : rollout.velocity_x;
    const double ego_y = step > 0 ? (ego.y - before.y) / rollout.dt : rollout.velocity_y;
    const double speed = std::hypot(ego_x, ego_y);
    if (speed < 0.004) continue;
    for (const ReferenceAgent& agent : rollout.agents[step]) {
      if (!agent.observed) continue;
      const MovingPair pair = {ego, agent.box, agent.velocity_x - ego_x, agent.velocity_y - ego_y};
      const double distance = std::hypot(agent.box.x - ego.x, agent.box.y - ego.y);
      const double reach = std::hypot(ego.half_length, ego.half_width) +
                           std::hypot(agent.box.half_length, agent.box.half_width) + 0.1;
      if (distance > reach + std::hypot(pair.velocity_x, pair.velocity_y) * horizon) continue;
      const double off = (bearing_of(ego, agent.box) - kBehind) * distance;
      if (off > 1.0e-2) continue;
      least.early = std::min(least.early, search_time(pair, slack, horizon));
      if (off > -1.0e-2 || speed < 0.006) continue;
      least.late = std::min(least.late, search_time(pair, -slack, horizon));
    }
  }
  return least;
}

constexpr PartnerSearch kSearches[] = {PartnerSearch::kBruteForce, PartnerSearch::kCull,
                                       PartnerSearch::kCompacted};

// Every lane type and search gives the same bits, and those lie within the reference's bounds.
int check_rollouts(const SceneBatch& batch, const PlanSet& plans, float horizon, int compared) {
  const Snapshot snapshot = Snapshot::of_log(batch);
  RolloutSpec spec;
  spec.collision_horizon = horizon;
  std::string expected[2];
  Facts facts;
  for (const LaneKernels& lanes : usable_lane_kernels()) {
    spec.precision = lanes.precision;
    for (const PartnerSearch search : kSearches) {
      const Facts got = Simulator(batch, {1, 0, &lanes, search})
                            .rollout(snapshot, plans, *make_agent_model("log"), spec);
      std::string& same = expected[static_cast<size_t>(lanes.precision)];
      if (same.empty()) same = bytes_of(got.plans);
      INFO("lanes " << lanes.name << ", search " << static_cast<int>(search));
      REQUIRE(bytes_of(got.plans) == same);
      if (lanes.precision == Precision::kDouble) facts = got;
    }
  }
  int meets = 0;
  ReferenceRollout rollout;
  rollout.dt = facts.dt[0];
  rollout.velocity_x = static_cast<double>(snapshot.ego(0).velocity_x);
  rollout.velocity_y = static_cast<double>(snapshot.ego(0).velocity_y);
  rollout.agents = agents_in_log(batch.scene(0), snapshot.focal_track[0], snapshot.step[0],
                                 rollout.dt, facts.num_steps[0]);
  for (int plan = 0; plan < plans.num_plans(); ++plan) {
    const size_t at = static_cast<size_t>(plan);
    REQUIRE(std::isfinite(facts.plans.time_to_collision[at]));
    meets += facts.plans.time_to_collision_step[at] >= 0;
    if (plan >= compared) continue;
    rollout.ego = reference_poses(plans, plan, snapshot, 0, rollout.dt, facts.num_steps[0]);
    const LeastTime least = reference_least(rollout, double{horizon}, 1.0e-4);
    INFO("plan " << plan << " horizon " << horizon);
    CHECK(double{facts.plans.time_to_collision[at]} >= least.early - 1.0e-4);
    CHECK(double{facts.plans.time_to_collision[at]} <= least.late + 1.0e-4);
  }
  return meets;
}

}  // namespace

TEST_CASE("The least time to collision of a rollout is that of its steps, however it is searched",
          "[differential][time_to_collision][determinism]") {
  for (const float horizon : {0.0f, 0.5f, 1.0f, 3.0f, 10.0f}) {
    Random random(static_cast<uint64_t>(10.0f * horizon) + 1);
    int meets = 0;
    for (int scene = 0; scene < 4; ++scene) {
      const SceneBatch batch = batch_of(adversarial_scene(random, 12, 31));
      const PlanSet plans =
          adversarial_poses(random, Snapshot::of_log(batch), 24, 31, scene_poses());
      meets += check_rollouts(batch, plans, horizon, 8);
    }
    for (const int num_agents : {64, 300}) {
      const SceneBatch batch = batch_of(bench_scene(num_agents, 30, 7));
      const PlanSet plans =
          adversarial_poses(random, Snapshot::of_log(batch), 32, 31, scene_poses());
      meets += check_rollouts(batch, plans, horizon, 3);
    }
    INFO("horizon " << horizon);
    CHECK((horizon == 0.0f ? meets == 0 : meets > 40));
  }
}
