// Ride facts: accelerations, jerk and yaw motion against what is known of the motion.
#include "kernels/ride.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "sim/past_poses.hpp"
#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/random.hpp"
#include "tests/scene_builder.hpp"

namespace forkroad {
namespace {

constexpr int kSteps = 61;

struct Motion {
  double x, y, heading;
};

// Facts of a plan whose pose at time t [s] is move(t), for an ego that comes along x at `speed`.
FactColumns ride(double speed, const std::function<Motion(double)>& move,
                 const RolloutSpec& spec = {}) {
  Scene scene = test::empty_scene(kSteps + 20);
  scene.current_step = 20;
  test::add_track(scene, {.x = -2.0 * speed, .speed = speed});
  std::vector<float> values;
  for (int step = 0; step < kSteps; ++step) {
    const Motion pose = move(0.1 * step);
    for (const double value : {pose.x, pose.y, pose.heading}) {
      values.push_back(static_cast<float>(value));
    }
  }
  const SceneBatch batch({scene});
  return Simulator(batch)
      .rollout(Snapshot::of_log(batch), PlanSet(values, 1, 1, kSteps, test::scene_poses()),
               *make_agent_model("log"), spec)
      .plans;
}

TEST_CASE("A steady ride has no acceleration, and a standing one none at all", "[ride]") {
  for (const double speed : {0.0, 10.0}) {
    const FactColumns facts = ride(speed, [&](double t) { return Motion{speed * t, 0, 0}; });
    CHECK(facts.max_acceleration[0] == Approx(0.0).margin(1.0e-3));
    CHECK(facts.min_acceleration[0] == Approx(0.0).margin(1.0e-3));
    CHECK(facts.max_jerk[0] == Approx(0.0).margin(1.0e-2));
    CHECK(facts.max_yaw_rate[0] == 0.0f);
    CHECK(facts.discomfort_step[0] == -1);
  }
}

TEST_CASE("Braking shows as much as it brakes and its onset as jerk", "[ride]") {
  const FactColumns facts = ride(20.0, [](double t) {
    return Motion{20.0 * t - 1.5 * t * t, 0, 0};
  });
  CHECK(facts.min_acceleration[0] == Approx(-3.0).margin(2.0e-3));
  CHECK(facts.max_acceleration[0] <= 0.0f);
  // from 0 to -3 m/s^2 over two spans of 0.5 s, at least partly within one
  CHECK(facts.max_longitudinal_jerk[0] > 3.0f);
  CHECK(facts.max_longitudinal_jerk[0] <= 6.0f);
}

TEST_CASE("A circle is driven at its yaw rate and lateral acceleration", "[ride]") {
  const double speed = 8.0, radius = 20.0, rate = speed / radius;
  const FactColumns facts = ride(speed, [&](double t) {
    return Motion{radius * std::sin(rate * t), radius * (1.0 - std::cos(rate * t)), rate * t};
  });
  CHECK(facts.max_yaw_rate[0] == Approx(rate).epsilon(1.0e-4));
  // a chord's mean velocity is a little slower than the arc's: sinc of a quarter span twice
  CHECK(facts.max_lateral_acceleration[0] == Approx(speed * rate).epsilon(5.0e-3));
  CHECK(facts.max_yaw_acceleration[0] == Approx(rate / 0.5).epsilon(1.0e-3));
}

TEST_CASE("Ride facts are differences over half a second in double precision too", "[ride]") {
  test::Random random(5);
  for (int round = 0; round < 50; ++round) {
    const double speed = random.uniform(3.0, 20.0), push = random.uniform(-0.4, 2.0);
    const double sway = random.uniform(0.0, 1.5), pace = random.uniform(0.2, 1.5);
    const auto move = [&](double t) {
      const double along = speed + push * t;
      return Motion{speed * t + 0.5 * push * t * t, sway * (1.0 - std::cos(pace * t)),
                    std::atan2(sway * pace * std::sin(pace * t), along)};
    };
    const auto pose = [&](int step) {
      return step >= 0 ? move(0.1 * step) : Motion{0.1 * step * speed, 0, 0};
    };
    double least = 1.0e9, most = -1.0e9, lateral = 0.0, jerk = 0.0, yaw = 0.0;
    double along_jerk = 0.0, yaw_acceleration = 0.0;
    for (int step = 1; step < kSteps; ++step) {
      const Motion at[4] = {pose(step), pose(step - 5), pose(step - 10), pose(step - 15)};
      const auto second = [&](int k, double Motion::*axis) {
        return (at[k].*axis - 2.0 * at[k + 1].*axis + at[k + 2].*axis) / 0.25;
      };
      const double ax = second(0, &Motion::x), ay = second(0, &Motion::y);
      const double heading = at[1].heading;
      const double along = ax * std::cos(heading) + ay * std::sin(heading);
      least = std::min(least, along);
      most = std::max(most, along);
      lateral = std::max(lateral, std::abs(ay * std::cos(heading) - ax * std::sin(heading)));
      jerk =
          std::max(jerk, std::hypot(ax - second(1, &Motion::x), ay - second(1, &Motion::y)) / 0.5);
      yaw = std::max(yaw, std::abs(at[0].heading - at[1].heading) / 0.5);
      const double old_heading = at[2].heading;
      const double old_along = second(1, &Motion::x) * std::cos(old_heading) +
                               second(1, &Motion::y) * std::sin(old_heading);
      along_jerk = std::max(along_jerk, std::abs(along - old_along) / 0.5);
      yaw_acceleration = std::max(
          yaw_acceleration, std::abs(at[0].heading - 2.0 * at[1].heading + at[2].heading) / 0.25);
    }
    RolloutSpec spec;
    for (const Precision precision : {Precision::kFloat, Precision::kDouble}) {
      spec.precision = precision;
      const FactColumns facts = ride(speed, move, spec);
      // positions of 100 m are 8e-6 m apart in float; four of them over 0.25 s^2
      CHECK(facts.min_acceleration[0] == Approx(least).margin(1.0e-3));
      CHECK(facts.max_acceleration[0] == Approx(most).margin(1.0e-3));
      CHECK(facts.max_lateral_acceleration[0] == Approx(lateral).margin(1.0e-3));
      CHECK(facts.max_jerk[0] == Approx(jerk).margin(5.0e-3));
      CHECK(facts.max_longitudinal_jerk[0] == Approx(along_jerk).margin(5.0e-3));
      CHECK(facts.max_yaw_rate[0] == Approx(yaw).margin(1.0e-4));
      CHECK(facts.max_yaw_acceleration[0] == Approx(yaw_acceleration).margin(1.0e-4));
    }
  }
}

TEST_CASE("A steady jerk is measured as such", "[ride]") {
  const double jerk = 1.2;
  const FactColumns facts = ride(10.0, [&](double t) {
    return Motion{10.0 * t + jerk * t * t * t / 6.0, 0, 0};
  });
  // third differences of a cubic are exact; the acceleration is that of half a second before
  CHECK(facts.max_jerk[0] == Approx(jerk).margin(2.0e-2));
  CHECK(facts.max_longitudinal_jerk[0] == Approx(jerk).margin(2.0e-2));
  CHECK(facts.max_acceleration[0] == Approx(jerk * 5.5).margin(2.0e-3));
}

TEST_CASE("An acceleration that sets in at once is a jerk of it over half a second", "[ride]") {
  const double onset = 2.0, acceleration = 2.0;
  const FactColumns facts = ride(10.0, [&](double t) {
    const double since = std::max(t - onset, 0.0);
    return Motion{10.0 * t + 0.5 * acceleration * since * since, 0, 0};
  });
  CHECK(facts.max_acceleration[0] == Approx(acceleration).margin(2.0e-3));
  CHECK(facts.min_acceleration[0] == Approx(0.0).margin(2.0e-3));
  // 0.7 s after the onset 2 (0.7^2 - 2 0.2^2) of it is seen and 0.5 s before that 2 0.2^2
  CHECK(facts.max_jerk[0] == Approx(0.74 * acceleration / 0.5).margin(1.0e-2));
  CHECK(facts.max_longitudinal_jerk[0] == facts.max_jerk[0]);
}

TEST_CASE("Who spins on the spot turns, across half a turn too, and does not accelerate",
          "[ride]") {
  const double rate = 4.0;  // [rad/s]: 2 rad in a span
  const FactColumns facts = ride(0.0, [&](double t) {
    return Motion{0, 0, static_cast<double>(test::wrapped(rate * t))};
  });
  CHECK(facts.max_yaw_rate[0] == Approx(rate).epsilon(1.0e-5));
  CHECK(facts.max_yaw_acceleration[0] == Approx(rate / 0.5).epsilon(1.0e-5));
  CHECK(facts.max_acceleration[0] == 0.0f);
  CHECK(facts.min_acceleration[0] == 0.0f);
  CHECK(facts.max_lateral_acceleration[0] == 0.0f);
  CHECK(facts.max_jerk[0] == 0.0f);
}

// A ride in which every quantity has its say, each of them at some time.
Motion wild(double t) {
  return {10.0 * t + 0.4 * std::sin(2.0 * t), std::sin(1.5 * t), 0.4 * std::sin(2.0 * t)};
}

constexpr ComfortLimits kNoLimits = {-1.0e3f, 1.0e3f, 1.0e3f, 1.0e3f, 1.0e3f, 1.0e3f, 1.0e3f};

TEST_CASE("Each limit of comfort alone makes a ride uncomfortable, just where it is passed",
          "[ride]") {
  RolloutSpec spec;
  spec.comfort = kNoLimits;
  const FactColumns facts = ride(10.0, wild, spec);
  CHECK(facts.discomfort_step[0] == -1);
  const std::pair<float ComfortLimits::*, float> extremes[] = {
      {&ComfortLimits::min_acceleration, facts.min_acceleration[0]},
      {&ComfortLimits::max_acceleration, facts.max_acceleration[0]},
      {&ComfortLimits::max_lateral_acceleration, facts.max_lateral_acceleration[0]},
      {&ComfortLimits::max_jerk, facts.max_jerk[0]},
      {&ComfortLimits::max_longitudinal_jerk, facts.max_longitudinal_jerk[0]},
      {&ComfortLimits::max_yaw_rate, facts.max_yaw_rate[0]},
      {&ComfortLimits::max_yaw_acceleration, facts.max_yaw_acceleration[0]}};
  for (const auto& [limit, extreme] : extremes) {
    INFO("an extreme of " << extreme);
    CHECK(std::abs(extreme) > 0.1f);
    const auto first_step = [&](float bound) {
      spec.comfort = kNoLimits;
      spec.comfort.*limit = bound;
      return ride(10.0, wild, spec).discomfort_step[0];
    };
    CHECK(first_step(extreme) == -1);  // reached, not passed
    CHECK(first_step(0.999f * extreme) > 0);
    CHECK(first_step(1.001f * extreme) == -1);
    CHECK(first_step(0.1f * extreme) <= first_step(0.999f * extreme));
  }
}

TEST_CASE("Discomfort begins at the first step that passes a limit", "[ride]") {
  RolloutSpec spec;
  spec.comfort = kNoLimits;
  spec.comfort.max_acceleration = 1.0f;
  // 2 m/s^2 from 2 s on: after k steps the difference over 0.5 s has seen 0.01 k^2 m or, past half
  // a second, 0.01 (k^2 - 2 (k - 5)^2) m of it, over 0.25 s^2
  const FactColumns facts = ride(
      10.0,
      [](double t) {
        const double since = std::max(t - 2.0, 0.0);
        return Motion{10.0 * t + since * since, 0, 0};
      },
      spec);
  CHECK(facts.discomfort_step[0] == 26);
}

TEST_CASE("What came before the start counts for its continuation", "[ride]") {
  // the ego comes at 10 m/s; a plan that stands from the start on would have to stop at once
  const FactColumns facts = ride(10.0, [](double) { return Motion{0, 0, 0}; });
  CHECK(facts.min_acceleration[0] == Approx(-20.0).margin(0.1));
  CHECK(facts.discomfort_step[0] > 0);
}

// A world whose present is the last of `states`, `history_dt` [s] apart.
Snapshot snapshot_of(std::vector<EgoState> states, double history_dt) {
  Snapshot snapshot;
  snapshot.history_size = static_cast<int>(states.size());
  snapshot.history = std::move(states);
  snapshot.history_dt = history_dt;
  return snapshot;
}

TEST_CASE("Poses before the start lie between observed states, and before those on their motion",
          "[ride]") {
  // three states of 0.2 s, across the turn of headings; the one before was not observed
  const Snapshot snapshot =
      snapshot_of({{.x = 99, .observed = false},
                   {.x = -4, .y = 1, .heading = 3.0f, .velocity_x = 8, .velocity_y = -2},
                   {.x = -2, .y = 0, .heading = -3.0f},
                   {.x = 0, .y = 0, .heading = -2.8f}},
                  0.2);
  const std::vector<PastPose> past = past_poses(snapshot, 0, 0.1, 6);
  REQUIRE(past.size() == 6);
  const double across = 3.0 + 0.5 * (2.0 * test::kPi - 6.0);
  const Motion expected[] = {{-1, 0, -2.9}, {-2, 0, -3.0},    {-3, 0.5, across},
                             {-4, 1, 3.0},  {-4.8, 1.2, 3.0}, {-5.6, 1.4, 3.0}};
  for (size_t k = 0; k < past.size(); ++k) {
    INFO(k + 1 << " steps back");
    CHECK(past[k].x == Approx(expected[k].x).margin(1.0e-5));
    CHECK(past[k].y == Approx(expected[k].y).margin(1.0e-5));
    CHECK(past[k].cos == Approx(std::cos(expected[k].heading)).margin(1.0e-5));
    CHECK(past[k].sin == Approx(std::sin(expected[k].heading)).margin(1.0e-5));
  }
}

TEST_CASE("Without a history the present went on as it is", "[ride]") {
  const Snapshot snapshot =
      snapshot_of({{.x = 1, .y = 2, .heading = 0.5f, .velocity_x = 3, .velocity_y = 4}}, 0.0);
  const std::vector<PastPose> past = past_poses(snapshot, 0, 0.1, 2);
  CHECK(past[1].x == Approx(0.4));
  CHECK(past[1].y == Approx(1.2));
  CHECK(past[1].cos == Approx(std::cos(0.5)));
}

}  // namespace
}  // namespace forkroad
