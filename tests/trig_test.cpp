#include "kernels/trig.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/catch.hpp"
#include "tests/random.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

constexpr long double kTurn = 6.283185307179586476925286766559L;

// Dense, random and quarter-turn angles within +-limit [rad].
template <class F>
std::vector<F> angles(double limit) {
  std::vector<F> all;
  Random random(4);
  const int steps = 400'000;
  for (int k = 0; k <= steps; ++k) {
    all.push_back(static_cast<F>(limit * (2.0 * k / steps - 1.0)));
    all.push_back(static_cast<F>(random.uniform(-limit, limit)));
  }
  const int quarters = static_cast<int>(limit / 1.5708);
  for (int k = -2 * quarters; k <= 2 * quarters; ++k) {
    F angle = static_cast<F>(k * 0.25L * kTurn / 2);
    for (int step = 0; step < 3; ++step) {
      all.push_back(angle);
      angle = std::nextafter(angle, F(0));
    }
  }
  return all;
}

template <class F>
struct Errors {
  long double absolute = 0, ulps = 0, norm = 0;
  F worst = 0;
};

template <class F>
Errors<F> measure(const std::vector<F>& all) {
  Errors<F> errors;
  for (const F angle : all) {
    const SinCos<F> got = sin_cos(angle);
    const long double wide = static_cast<long double>(angle);
    const std::pair<F, long double> pairs[] = {{got.sin, std::sin(wide)},
                                               {got.cos, std::cos(wide)}};
    for (const auto& [value, exact] : pairs) {
      const long double error = std::abs(static_cast<long double>(value) - exact);
      if (error > errors.absolute) errors.worst = angle;
      errors.absolute = std::max(errors.absolute, error);
      const F magnitude = std::abs(static_cast<F>(exact));
      const F ulp = std::nextafter(magnitude, F(2)) - magnitude;
      errors.ulps = std::max(errors.ulps, error / static_cast<long double>(ulp));
    }
    const long double s = static_cast<long double>(got.sin);
    const long double c = static_cast<long double>(got.cos);
    errors.norm = std::max(errors.norm, std::abs(s * s + c * c - 1.0L));
  }
  return errors;
}

template <class F>
void report(const char* what, const Errors<F>& errors) {
  WARN(what << ": error " << static_cast<double>(errors.absolute) << " (at " << errors.worst
            << "), " << static_cast<double>(errors.ulps) << " ulp, |s^2 + c^2 - 1| "
            << static_cast<double>(errors.norm));
}

}  // namespace

TEST_CASE("sin_cos of floats is within 1.5e-7 up to 1000 radians", "[differential]") {
  const Errors<float> near = measure(angles<float>(7.0));
  const Errors<float> far = measure(angles<float>(1000.0));
  report("float, +-7 rad", near);
  report("float, +-1000 rad", far);
  CHECK(near.absolute < 1.0e-7L);
  CHECK(far.absolute < 1.5e-7L);
  CHECK(far.norm < 3.0e-7L);
}

TEST_CASE("sin_cos of doubles is within 4e-16 up to 1000 radians", "[differential]") {
  const Errors<double> near = measure(angles<double>(7.0));
  const Errors<double> far = measure(angles<double>(1000.0));
  report("double, +-7 rad", near);
  report("double, +-1000 rad", far);
  CHECK(near.absolute < 4.0e-16L);
  CHECK(far.absolute < 4.0e-16L);
  CHECK(far.norm < 6.0e-16L);
}

TEMPLATE_TEST_CASE("sin_cos keeps the symmetries of sine and cosine", "[property]", float, double) {
  for (const TestType angle : angles<TestType>(1000.0)) {
    const SinCos<TestType> plus = sin_cos(angle);
    const SinCos<TestType> minus = sin_cos(-angle);
    if (plus.sin != -minus.sin || plus.cos != minus.cos) {
      CAPTURE(angle);
      CHECK(plus.sin == -minus.sin);
      CHECK(plus.cos == minus.cos);
    }
  }
  CHECK(sin_cos(TestType(0)).sin == TestType(0));
  CHECK(sin_cos(TestType(0)).cos == TestType(1));
}

TEMPLATE_TEST_CASE("wrap_angle moves by whole turns into [-pi, pi]", "[property]", float, double) {
  const bool single = sizeof(TestType) == 4;
  long double worst = 0;
  TestType largest = 0;
  for (const TestType angle : angles<TestType>(2000.0)) {
    const TestType wrapped = wrap_angle(angle);
    largest = std::max(largest, std::abs(wrapped));
    const long double moved = static_cast<long double>(angle) - static_cast<long double>(wrapped);
    worst = std::max(worst, std::abs(std::remainder(moved, kTurn)));
  }
  WARN((single ? "float" : "double")
       << " wrap_angle: off a whole turn by at most " << static_cast<double>(worst)
       << " rad, largest result " << largest - 3.14159265358979323846 << " above pi");
  CHECK(worst < (single ? 3.0e-7L : 1.0e-15L));
  CHECK(largest < 3.14159265358979323846 + (single ? 2.0e-4 : 1.0e-12));
  for (const double small : {0.0, 1.0e-30, -3.0, 3.0, 0.1}) {
    CHECK(wrap_angle(static_cast<TestType>(small)) == static_cast<TestType>(small));
  }
}

TEMPLATE_TEST_CASE("angle_of is within 1e-6 of the arc tangent", "[differential]", float, double) {
  long double unit_error = 0, error = 0;
  const auto error_at = [](TestType cos, TestType sin) {
    const long double exact =
        std::atan2(static_cast<long double>(sin), static_cast<long double>(cos));
    return std::abs(static_cast<long double>(angle_of(cos, sin)) - exact);
  };
  for (const TestType angle : angles<TestType>(3.1415927)) {
    const SinCos<TestType> unit = sin_cos(angle);
    unit_error = std::max(unit_error, error_at(unit.cos, unit.sin));
    // the turn between two rounded unit vectors comes as one that is not quite of unit length
    const TestType length = TestType(1.0000002);
    error = std::max(error, error_at(unit.cos * length, unit.sin * length));
  }
  for (const TestType one : {TestType(-1), TestType(1)}) {
    unit_error = std::max(unit_error, error_at(TestType(0), one));
    for (const TestType sin : {TestType(0), TestType(1.0e-20), TestType(-1.0e-20)}) {
      unit_error = std::max(unit_error, error_at(one, sin));
    }
  }
  WARN((sizeof(TestType) == 4 ? "float" : "double")
       << " angle_of: error " << static_cast<double>(unit_error) << ", of vectors 2e-7 too long "
       << static_cast<double>(error));
  CHECK(unit_error < 1.0e-6L);
  CHECK(error < 1.0e-6L);
}
