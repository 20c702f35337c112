// Ride facts: accelerations, jerk and yaw motion against what is known of the motion.
#include "kernels/ride.hpp"

#include <cmath>
#include <functional>

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
    }
    const FactColumns facts = ride(speed, move);
    // positions of 100 m are 8e-6 m apart in float; four of them over 0.25 s^2
    CHECK(facts.min_acceleration[0] == Approx(least).margin(1.0e-3));
    CHECK(facts.max_acceleration[0] == Approx(most).margin(1.0e-3));
    CHECK(facts.max_lateral_acceleration[0] == Approx(lateral).margin(1.0e-3));
    CHECK(facts.max_jerk[0] == Approx(jerk).margin(5.0e-3));
    CHECK(facts.max_yaw_rate[0] == Approx(yaw).margin(1.0e-4));
  }
}

TEST_CASE("Each limit of comfort alone makes a ride uncomfortable", "[ride]") {
  const auto wild = [](double t) {
    return Motion{10.0 * t + 0.4 * std::sin(2.0 * t), std::sin(1.5 * t), 0.4 * std::sin(2.0 * t)};
  };
  RolloutSpec lenient;
  lenient.comfort = {-1.0e3f, 1.0e3f, 1.0e3f, 1.0e3f, 1.0e3f, 1.0e3f, 1.0e3f};
  CHECK(ride(10.0, wild, lenient).discomfort_step[0] == -1);
  for (float ComfortLimits::*const limit :
       {&ComfortLimits::max_acceleration, &ComfortLimits::max_lateral_acceleration,
        &ComfortLimits::max_jerk, &ComfortLimits::max_longitudinal_jerk,
        &ComfortLimits::max_yaw_rate, &ComfortLimits::max_yaw_acceleration}) {
    RolloutSpec strict = lenient;
    strict.comfort.*limit = 0.1f;
    CHECK(ride(10.0, wild, strict).discomfort_step[0] > 0);
  }
  lenient.comfort.min_acceleration = -0.1f;
  CHECK(ride(10.0, wild, lenient).discomfort_step[0] > 0);
}

TEST_CASE("What came before the start counts for its continuation", "[ride]") {
  // the ego comes at 10 m/s; a plan that stands from the start on would have to stop at once
  const FactColumns facts = ride(10.0, [](double) { return Motion{0, 0, 0}; });
  CHECK(facts.min_acceleration[0] == Approx(-20.0).margin(0.1));
  CHECK(facts.discomfort_step[0] > 0);
}

TEST_CASE("The angle of a unit vector is the arc tangent", "[ride]") {
  double worst = 0.0;
  for (int k = -31415; k <= 31415; ++k) {
    const double angle = 1.0e-4 * k;
    const double got = angle_of(std::cos(angle), std::sin(angle));
    worst = std::max(worst, std::abs(got - angle));
    const float single =
        angle_of(static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle)));
    CHECK(std::abs(static_cast<double>(single) - angle) < 1.5e-6);
  }
  CHECK(worst < 6.0e-7);
}

}  // namespace
}  // namespace forkroad
