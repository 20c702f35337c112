#include "kernels/obb.hpp"

#include <algorithm>
#include <cmath>

#include "tests/catch.hpp"
#include "tests/polygon_reference.hpp"
#include "tests/random.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

constexpr double kDecisionMargin = 1.0e-5;     // [m] where float and double may decide differently
constexpr double kDistanceTolerance = 1.0e-4;  // [m]

template <class F>
Obb<F> obb_of(const ReferenceBox& box) {
  return {static_cast<F>(box.x),
          static_cast<F>(box.y),
          static_cast<F>(std::cos(box.heading)),
          static_cast<F>(std::sin(box.heading)),
          static_cast<F>(box.half_length),
          static_cast<F>(box.half_width)};
}

// The box whose numbers the float lane really gets.
ReferenceBox rounded(const Obb<float>& box) {
  return {static_cast<double>(box.x), static_cast<double>(box.y),
          std::atan2(static_cast<double>(box.sin), static_cast<double>(box.cos)),
          static_cast<double>(box.half_length), static_cast<double>(box.half_width)};
}

ReferenceBox random_box(Random& random, double spread) {
  const double kPi = std::acos(-1.0);
  double heading = random.uniform(-kPi, kPi);
  if (random.chance(0.2)) heading = 0.25 * kPi * random.below(8);
  const bool small = random.chance(0.2);
  return {random.uniform(-spread, spread), random.uniform(-spread, spread), heading,
          random.chance(0.03) ? 0.0 : random.uniform(0.1, small ? 0.5 : 6.0),
          random.chance(0.03) ? 0.0 : random.uniform(0.1, small ? 0.5 : 1.5)};
}

template <class F>
Obb<F> part_way(const Obb<F>& from, const Obb<F>& to, F fraction) {
  return interpolate_obb(from, motion_between(from, to), to, fraction);
}

struct Tally {
  long pairs = 0, on_edge = 0, overlaps = 0, wrong = 0, wrong_bound = 0;
  double distance_error = 0, depth_error = 0;
};

template <class F>
void compare_pair(const ReferenceBox& first, const ReferenceBox& second, Tally& tally) {
  const Obb<float> rounded_first = obb_of<float>(first), rounded_second = obb_of<float>(second);
  const ReferenceBox a = rounded(rounded_first), b = rounded(rounded_second);
  const Obb<F> obb_a = obb_of<F>(a), obb_b = obb_of<F>(b);
  const F gap = obb_gap(obb_a, obb_b);
  const double distance = static_cast<double>(obb_signed_distance(obb_a, obb_b, gap));
  const double expected = signed_distance(a, b);
  ++tally.pairs;
  tally.overlaps += expected <= 0.0;
  if (std::abs(expected) > kDecisionMargin) {
    tally.wrong += (gap <= F(0)) != boxes_overlap(a, b);
  } else {
    ++tally.on_edge;
  }
  // the gap never exceeds the distance
  tally.wrong_bound += static_cast<double>(gap) > expected + kDecisionMargin;
  double& worst = expected > 0.0 ? tally.distance_error : tally.depth_error;
  worst = std::max(worst, std::abs(distance - expected));
}

template <class F>
Tally compare_random(uint64_t seed, long pairs) {
  Random random(seed);
  Tally tally;
  for (long pair = 0; pair < pairs; ++pair) {
    const double spread = pair % 3 == 0 ? 2.0 : pair % 3 == 1 ? 6.0 : 12.0;
    const ReferenceBox a = random_box(random, spread);
    compare_pair<F>(a, random_box(random, spread), tally);
  }
  return tally;
}

void report(const char* what, const Tally& tally) {
  WARN(what << ": " << tally.pairs << " pairs, " << tally.overlaps << " overlap, " << tally.on_edge
            << " within 1e-5 m of touching, worst distance error " << tally.distance_error
            << " m, worst depth error " << tally.depth_error << " m");
  CHECK(tally.wrong == 0);
  CHECK(tally.wrong_bound == 0);
  CHECK(tally.distance_error < kDistanceTolerance);
  CHECK(tally.depth_error < kDistanceTolerance);
  CHECK(tally.on_edge < tally.pairs / 1000 + 1);
}

// The same box after a rigid motion.
ReferenceBox moved(const ReferenceBox& box, double angle, double x, double y) {
  return {std::cos(angle) * box.x - std::sin(angle) * box.y + x,
          std::sin(angle) * box.x + std::cos(angle) * box.y + y, box.heading + angle,
          box.half_length, box.half_width};
}

template <class F>
F signed_distance_of(const Obb<F>& a, const Obb<F>& b) {
  return obb_signed_distance(a, b, obb_gap(a, b));
}

}  // namespace

TEST_CASE("obb_gap and obb_signed_distance equal polygon clipping on random pairs",
          "[differential]") {
  report("float", compare_random<float>(1, 100'000));
  report("double", compare_random<double>(2, 20'000));
}

TEST_CASE("obb_gap equals polygon clipping on ten million random pairs",
          "[differential][slow][.]") {
  report("float", compare_random<float>(3, 10'000'000));
}

TEST_CASE("The signed distance is symmetric and does not change under rigid motion", "[property]") {
  Random random(5);
  double asymmetry = 0, change = 0;
  for (int pair = 0; pair < 50'000; ++pair) {
    const ReferenceBox a = random_box(random, 6.0), b = random_box(random, 6.0);
    const double distance = signed_distance_of(obb_of<double>(a), obb_of<double>(b));
    asymmetry = std::max(
        asymmetry, std::abs(distance - signed_distance_of(obb_of<double>(b), obb_of<double>(a))));
    const double angle = random.uniform(-3.0, 3.0);
    const double x = random.uniform(-100.0, 100.0), y = random.uniform(-100.0, 100.0);
    change = std::max(
        change, std::abs(distance - signed_distance_of(obb_of<double>(moved(a, angle, x, y)),
                                                       obb_of<double>(moved(b, angle, x, y)))));
  }
  WARN("double lanes: asymmetry " << asymmetry << " m, change under rigid motion " << change
                                  << " m");
  CHECK(asymmetry < 1.0e-12);
  // an edge on the point of overlapping may turn; elsewhere only rounding
  CHECK(change < 1.0e-9);
}

TEMPLATE_TEST_CASE("Touching, identical, contained and flat boxes have the distances they should",
                   "", float, double) {
  using F = TestType;
  const Obb<F> box = {F(10), F(20), F(1), F(0), F(2), F(1)};
  const auto at = [](F x, F y, F half_length, F half_width) {
    return Obb<F>{x, y, F(1), F(0), half_length, half_width};
  };
  CHECK(obb_gap(box, at(F(14), F(20), F(2), F(1))) == F(0));  // touching counts as overlap
  CHECK(obb_gap(box, at(F(10), F(22), F(2), F(1))) == F(0));
  CHECK(signed_distance_of(box, at(F(14), F(22), F(2), F(1))) == F(0));  // corner to corner
  CHECK(obb_gap(box, box) == F(-2));  // identical: out by one's own width
  CHECK(obb_gap(box, at(F(10), F(20), F(0.5), F(0.25))) == F(-1.25));  // contained
  CHECK(obb_gap(box, at(F(10), F(20), F(0), F(0))) == F(-1));          // a point inside
  CHECK(signed_distance_of(box, at(F(15), F(20), F(0), F(0))) == F(3));
  CHECK(signed_distance_of(box, at(F(15), F(25), F(0), F(0))) == F(5));  // 3 ahead, 4 aside
  CHECK(obb_gap(at(F(1), F(1), F(0), F(0)), at(F(1), F(1), F(0), F(0))) == F(0));
  CHECK(signed_distance_of(at(F(0), F(0), F(0), F(0)), at(F(3), F(4), F(0), F(0))) == F(5));
  CHECK(signed_distance_of(box, at(F(17), F(25), F(2), F(1))) == Approx(std::hypot(3.0, 3.0)));
}

TEMPLATE_TEST_CASE("hypot_bound is at least the length and at most 8.3 % above it", "[property]",
                   float, double) {
  Random random(6);
  double least = 1.0e9, most = 0;
  for (int k = 0; k < 400'000; ++k) {
    const double scale = std::pow(10.0, random.uniform(-6.0, 6.0));
    const TestType x = static_cast<TestType>(scale * random.uniform(-1.0, 1.0));
    const TestType y = k % 4 == 0 ? x : static_cast<TestType>(scale * random.uniform(-1.0, 1.0));
    const double length = std::hypot(static_cast<double>(x), static_cast<double>(y));
    const double bound = static_cast<double>(hypot_bound(x, y));
    least = std::min(least, bound / length);
    most = std::max(most, bound / length);
  }
  CHECK(least >= 1.0 - (sizeof(TestType) == 4 ? 6.0e-8 : 2.0e-16));
  CHECK(most <= 1.083);
}

TEST_CASE("travel_bound bounds the way of every corner at every instant of a step", "[property]") {
  Random random(7);
  double tightest = 1.0e9;
  for (int k = 0; k < 50'000; ++k) {
    ReferenceBox from = random_box(random, 5.0);
    ReferenceBox to = from;
    to.x += random.uniform(-3.0, 3.0) * (k % 2);
    to.y += random.uniform(-3.0, 3.0) * (k % 2);
    to.heading += random.uniform(-3.14159, 3.14159);
    const Obb<double> start = obb_of<double>(from), end = obb_of<double>(to);
    const double radius = std::hypot(from.half_length, from.half_width);
    const double bound = travel_bound(end.x - start.x, end.y - start.y, end.cos - start.cos,
                                      end.sin - start.sin, radius);
    // the way of a corner as the sum over fine pieces: at least any two instants are apart
    double ways[4] = {0, 0, 0, 0};
    Obb<double> last = start;
    for (int piece = 1; piece <= 16; ++piece) {
      const Obb<double> next =
          interpolate_obb(start, motion_between(start, end), end, piece / 16.0);
      for (int corner = 0; corner < 4; ++corner) {
        const double along = corner % 2 == 0 ? from.half_length : -from.half_length;
        const double across = corner / 2 == 0 ? from.half_width : -from.half_width;
        ways[corner] += std::hypot(
            next.x - last.x + along * (next.cos - last.cos) - across * (next.sin - last.sin),
            next.y - last.y + along * (next.sin - last.sin) + across * (next.cos - last.cos));
      }
      last = next;
    }
    const double way = *std::max_element(ways, ways + 4);
    if (way > bound) CHECK(way <= bound);
    if (way > 0.1) tightest = std::min(tightest, bound / way);
  }
  WARN("travel_bound is at least " << tightest << " times the way of any corner");
}

TEMPLATE_TEST_CASE("interpolate_obb ends in its ends and keeps unit headings", "[property]", float,
                   double) {
  using F = TestType;
  Random random(8);
  for (int k = 0; k < 20'000; ++k) {
    const ReferenceBox first = random_box(random, 5.0);
    ReferenceBox second = random_box(random, 5.0);
    if (k % 10 == 0) second.heading = first.heading + std::acos(-1.0);  // a half turn
    const Obb<F> from = obb_of<F>(first), to = obb_of<F>(second);
    const F fraction = static_cast<F>(random.uniform(0.0, 1.0));
    const Obb<F> box =
        interpolate_obb(from, motion_between(from, to), to, k % 20 == 0 ? F(0.5) : fraction);
    const double norm = std::hypot(static_cast<double>(box.cos), static_cast<double>(box.sin));
    if (std::abs(norm - 1.0) > 1.0e-6) CHECK(norm == Approx(1.0).margin(1.0e-6));
    const Obb<F> end = interpolate_obb(from, motion_between(from, to), to, F(1));
    CHECK(std::abs(end.x - to.x) <= F(2.0e-6));
    CHECK(std::abs(end.cos - to.cos) <= F(1.0e-6));
    if (k % 10 != 0) {
      const Obb<F> start = interpolate_obb(from, motion_between(from, to), to, F(0));
      CHECK(start.x == from.x);
      CHECK(std::abs(start.sin - from.sin) <= F(1.0e-6));
    }
  }
}
