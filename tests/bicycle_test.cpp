#include "kernels/bicycle.hpp"

#include <algorithm>
#include <cmath>

#include "tests/catch.hpp"
#include "tests/ego_reference.hpp"
#include "tests/random.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

template <class F>
BicycleState<F> start_state(double heading, double speed) {
  return {F(0),
          F(0),
          static_cast<F>(std::cos(heading)),
          static_cast<F>(std::sin(heading)),
          static_cast<F>(heading),
          static_cast<F>(speed)};
}

struct Deviation {
  double position = 0, heading = 0, heading_angle = 0, norm = 0;
};

void take(double value, double& worst) { worst = std::max(worst, value); }

// Worst difference to library trigonometry in double over random roll-outs of 80 steps.
template <class F>
Deviation deviate(uint64_t seed, int rollouts, double max_curvature, double max_speed) {
  Random random(seed);
  Deviation worst;
  for (int rollout = 0; rollout < rollouts; ++rollout) {
    const double heading = static_cast<double>(random.uniform_float(-3.14, 3.14));
    const double speed = static_cast<double>(random.uniform_float(0.0, max_speed));
    BicycleState<F> state = start_state<F>(heading, speed);
    ReferenceBicycle expected = {0, 0, heading, speed};
    for (int step = 0; step < 80; ++step) {
      const float acceleration = random.uniform_float(-4.0, 3.0);
      const float curvature = random.uniform_float(-max_curvature, max_curvature);
      state = step_bicycle(state, static_cast<F>(acceleration), static_cast<F>(curvature),
                           static_cast<F>(0.1f), F(0));
      expected =
          step_reference_bicycle(expected, static_cast<double>(acceleration),
                                 static_cast<double>(curvature), static_cast<double>(0.1f), 0.0);
    }
    const double c = static_cast<double>(state.cos), s = static_cast<double>(state.sin);
    take(std::hypot(static_cast<double>(state.x) - expected.x,
                    static_cast<double>(state.y) - expected.y),
         worst.position);
    take(std::abs(std::remainder(std::atan2(s, c) - expected.heading, 2.0 * std::acos(-1.0))),
         worst.heading);
    take(std::abs(static_cast<double>(state.heading) - expected.heading), worst.heading_angle);
    take(std::abs(std::hypot(c, s) - 1.0), worst.norm);
  }
  return worst;
}

void report(const char* what, const Deviation& worst) {
  WARN(what << ": after 80 steps at most " << worst.position << " m, heading vector "
            << worst.heading << " rad, heading angle " << worst.heading_angle
            << " rad, norm off 1 by " << worst.norm);
}

// Where a roll-out of 4 s under smoothly changing controls ends, in steps of `dt`.
ReferenceBicycle end_of(double dt) {
  BicycleState<double> state = start_state<double>(0.3, 8.0);
  const int steps = static_cast<int>(std::lround(4.0 / dt));
  for (int step = 0; step < steps; ++step) {
    const double time = (step + 0.5) * dt;
    state = step_bicycle(state, 1.5 * std::sin(time), 0.1 * std::cos(0.7 * time), dt, 0.0);
  }
  return {state.x, state.y, state.heading, state.speed};
}

}  // namespace

TEST_CASE("step_bicycle stays close to library trigonometry over 20,000 roll-outs",
          "[differential]") {
  const Deviation single = deviate<float>(1, 20'000, 0.1, 15.0);
  const Deviation exact = deviate<double>(1, 20'000, 0.1, 15.0);
  const Deviation fast = deviate<float>(2, 20'000, 0.2, 30.0);
  report("float, |curvature| <= 0.1 1/m, up to 15 m/s at the start", single);
  report("double, the same", exact);
  report("float, |curvature| <= 0.2 1/m, up to 30 m/s", fast);
  CHECK(single.position < 1.2e-4);
  CHECK(single.heading < 4.5e-6);
  CHECK(single.heading_angle < 1.0e-5);
  CHECK(single.norm < 1.0e-6);
  CHECK(exact.position < 1.0e-7);
  CHECK(exact.heading < 1.0e-9);
  CHECK(exact.norm < 1.0e-14);
  CHECK(fast.position < 6.0e-4);
  CHECK(fast.heading < 1.0e-5);
  CHECK(fast.norm < 1.0e-6);
}

TEMPLATE_TEST_CASE("A braking bicycle ends in standstill and stays there", "[property]", float,
                   double) {
  BicycleState<TestType> state = start_state<TestType>(0.5, 3.0);
  for (int step = 0; step < 20; ++step) {
    state = step_bicycle(state, TestType(-5), TestType(0.05), TestType(0.1), TestType(0));
  }
  const BicycleState<TestType> stopped = state;
  CHECK(stopped.speed == TestType(0));
  for (int step = 0; step < 1000; ++step) {
    state = step_bicycle(state, TestType(-5), TestType(0.05), TestType(0.1), TestType(0));
  }
  CHECK(state.x == stopped.x);
  CHECK(state.y == stopped.y);
  CHECK(state.heading == stopped.heading);
  CHECK(std::abs(state.cos - stopped.cos) < TestType(1e-6));
  CHECK(std::abs(state.sin - stopped.sin) < TestType(1e-6));
}

TEMPLATE_TEST_CASE("A bicycle without curvature moves straight", "[property]", float, double) {
  BicycleState<TestType> state = start_state<TestType>(0.0, 10.0);
  for (int step = 0; step < 80; ++step) {
    state = step_bicycle(state, TestType(0), TestType(0), TestType(0.125), TestType(0));
  }
  CHECK(state.x == TestType(100));
  CHECK(state.y == TestType(0));
  CHECK(state.cos == TestType(1));
  CHECK(state.heading == TestType(0));
}

TEST_CASE("A bicycle with a negative least speed can reverse, otherwise never") {
  BicycleState<double> state = start_state<double>(0.0, 1.0);
  BicycleState<double> forwards = state;
  for (int step = 0; step < 50; ++step) {
    state = step_bicycle(state, -1.0, 0.0, 0.1, -2.0);
    forwards = step_bicycle(forwards, -1.0, 0.0, 0.1, 0.0);
  }
  CHECK(state.speed == -2.0);
  CHECK(state.x < -2.0);
  CHECK(forwards.speed == 0.0);
  CHECK(forwards.x == Approx(0.5).margin(1e-9));
}

TEST_CASE("Halving the step divides the bicycle's error by four", "[property]") {
  const ReferenceBicycle exact = end_of(1.0 / 4096.0);
  double error_before = 0.0;
  for (const double dt : {0.2, 0.1, 0.05, 0.025}) {
    const ReferenceBicycle end = end_of(dt);
    const double error = std::hypot(end.x - exact.x, end.y - exact.y);
    if (error_before > 0.0) {
      WARN("dt " << dt << " s: error " << error << " m, " << error_before / error
                 << " times less than with twice the step");
      CHECK(error_before / error > 3.5);
      CHECK(error_before / error < 4.5);
    }
    error_before = error;
  }
}

TEMPLATE_TEST_CASE("Controls beyond any vehicle's leave a finite state and a unit heading",
                   "[property]", float, double) {
  Random random(9);
  double worst_norm = 0;
  bool finite = true;
  for (int rollout = 0; rollout < 2000; ++rollout) {
    BicycleState<TestType> state =
        start_state<TestType>(random.uniform(-3.0, 3.0), random.uniform(0.0, 100.0));
    for (int step = 0; step < 80; ++step) {
      const double scale = std::pow(10.0, random.uniform(0.0, 6.0));
      state = step_bicycle(state, static_cast<TestType>(random.uniform(-scale, scale)),
                           static_cast<TestType>(random.uniform(-scale, scale)), TestType(0.1),
                           TestType(0));
      finite = finite && std::isfinite(state.x) && std::isfinite(state.y) &&
               std::isfinite(state.cos) && std::isfinite(state.sin);
      if (!finite) break;
      take(std::abs(std::hypot(static_cast<double>(state.cos), static_cast<double>(state.sin)) -
                    1.0),
           worst_norm);
    }
  }
  CHECK(finite);
  CHECK(worst_norm < 1.0e-3);
}
