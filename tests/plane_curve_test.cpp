#include "scenarios/plane_curve.hpp"

#include "scenarios/exact_trig.hpp"
#include "tests/catch.hpp"
#include "tests/generated_scenes.hpp"
#include "tests/random.hpp"

using namespace forkroad;
using test::Random;

namespace {

Curve random_curve(Random& random) {
  CurvePen pen({random.uniform(-50, 50), random.uniform(-50, 50)}, unit_at(random.uniform(-3, 3)));
  pen.line(random.uniform(1, 40)).arc(random.uniform(8, 80), random.uniform(-2, 2));
  return pen.line(random.uniform(1, 40)).arc(random.uniform(8, 80), random.uniform(-2, 2)).done();
}

}  // namespace

TEST_CASE("Sine, cosine and arc tangent from IEEE operations are those of the library",
          "[generator][property]") {
  Random random(1);
  for (int k = 0; k < 20000; ++k) {
    const double angle = k < 100 ? (k - 50) * M_PI / 4 : random.uniform(-100, 100);
    const auto [sine, cosine] = exact_sine_cosine(angle);
    REQUIRE(std::abs(sine - std::sin(angle)) < 1e-14);
    REQUIRE(std::abs(cosine - std::cos(angle)) < 1e-14);
    const double x = random.uniform(-3, 3), y = k % 10 == 0 ? 0.0 : random.uniform(-3, 3);
    REQUIRE(exact_angle(y, x) == Approx(std::atan2(y, x)).margin(2e-15));
  }
  CHECK(exact_angle(0, 0) == 0);
  CHECK(wrap_angle(M_PI) == -M_PI);
  CHECK(wrap_angle(-3.5 * M_PI) == Approx(0.5 * M_PI));
}

TEST_CASE("Points of a curve lie as far apart as their arc lengths say", "[generator][property]") {
  Random random(2);
  for (int k = 0; k < 200; ++k) {
    const Curve curve = random_curve(random);
    double walked = 0;
    const int steps = 4000;
    for (int step = 0; step < steps; ++step) {
      const double from = curve.length() * step / steps, to = curve.length() * (step + 1) / steps;
      const Vec2 chord = curve.at(to).position - curve.at(from).position;
      REQUIRE(dot(unit(chord), curve.at(from).direction) > 0.999);
      walked += length_of(chord);
    }
    REQUIRE(walked == Approx(curve.length()).epsilon(1e-5));
  }
}

TEST_CASE("Offset, reversed and partial curves are where they should be", "[generator][property]") {
  Random random(3);
  for (int k = 0; k < 200; ++k) {
    const Curve curve = random_curve(random);
    const double left = random.uniform(-6, 6), share = random.uniform(0, 1);
    const CurvePoint place = curve.at(share * curve.length());
    const Vec2 beside = place.position + left * left_of(place.direction);
    CHECK(curve.offset(left).project(beside).distance < 1e-9);
    const CurvePoint back = curve.reversed().at((1 - share) * curve.length());
    CHECK(length_of(back.position - place.position) < 1e-9);
    CHECK(dot(back.direction, place.direction) == Approx(-1));
    const double from = 0.3 * curve.length(), to = 0.8 * curve.length();
    const Curve part = curve.part(from, to);
    CHECK(part.length() == Approx(to - from));
    CHECK(length_of(part.at(0.5 * part.length()).position - curve.at(0.5 * (from + to)).position) <
          1e-9);
  }
}

TEST_CASE("Projection finds the nearest point of a curve", "[generator][property]") {
  Random random(4);
  for (int k = 0; k < 2000; ++k) {
    const Curve curve = random_curve(random);
    const Vec2 point = curve.at(random.uniform(0, curve.length())).position +
                       Vec2{random.uniform(-30, 30), random.uniform(-30, 30)};
    const CurveFoot foot = curve.project(point);
    double nearest = 1e300;
    for (int step = 0; step <= 2000; ++step) {
      const Vec2 place = curve.at(curve.length() * step / 2000).position;
      nearest = std::min(nearest, length_of(point - place));
    }
    REQUIRE(foot.distance <= nearest + 1e-9);
    REQUIRE(foot.distance >= nearest - 0.1);
    const CurvePoint place = curve.at(foot.along);
    REQUIRE(length_of(point - place.position) == Approx(foot.distance).margin(1e-9));
    const double side = cross(place.direction, point - place.position);
    if (foot.beside) REQUIRE(foot.lateral == Approx(side).margin(1e-9));
  }
}

TEST_CASE("Chords of sampled curves stay within the sagitta", "[generator][property]") {
  Random random(5);
  for (int k = 0; k < 200; ++k) {
    const Curve curve = random_curve(random);
    const std::vector<double> places = curve.sample(1.0, 4e-4);
    CHECK(places.front() == 0);
    CHECK(places.back() == curve.length());
    for (size_t at = 1; at < places.size(); ++at) {
      REQUIRE(places[at] - places[at - 1] < 1.0 + 1e-9);
      const Vec2 a = curve.at(places[at - 1]).position, b = curve.at(places[at]).position;
      const Vec2 middle = curve.at(0.5 * (places[at] + places[at - 1])).position;
      REQUIRE(length_of(middle - 0.5 * (a + b)) < 4.1e-4);
    }
  }
}

TEST_CASE("Corner and shift curves lead from one place to the other", "[generator][property]") {
  Random random(6);
  for (int k = 0; k < 500; ++k) {
    const CurvePoint from{{0, 0}, {1, 0}};
    const Vec2 meet{random.uniform(5, 30), 0};
    const Vec2 out = unit_at((random.chance(0.5) ? 1 : -1) * random.uniform(0.2, 2.6));
    const CurvePoint to{meet + random.uniform(5, 30) * out, out};
    const double radius = random.chance(0.5) ? 0.0 : random.uniform(1, 10);
    const CurvePoint other{{random.uniform(20, 60), random.uniform(-6, 6)}, {1, 0}};
    for (const auto& [curve, end] : {std::pair{corner_curve(from, to, radius), to},
                                     std::pair{shift_curve(from, other), other}}) {
      CHECK(length_of(curve.at(0).position - from.position) < 1e-9);
      CHECK(length_of(curve.at(curve.length()).position - end.position) < 1e-8);
      CHECK(dot(curve.at(curve.length()).direction, end.direction) > 1 - 1e-9);
    }
  }
}

TEST_CASE("Winding numbers of chains with arcs are those of fine polygons",
          "[generator][property]") {
  Random random(7);
  // a rounded shape with bulges out and in, and the same backwards
  const std::vector<CurvePiece> shape = {
      line_between({-10, -10}, {10, -10}), arc_about({10, 0}, {10, -10}, {10, 10}, false),
      arc_about({5, 10}, {10, 10}, {0, 10}, true), line_between({0, 10}, {-10, 4}),
      arc_about({-10, -3}, {-10, 4}, {-10, -10}, true)};
  const Curve curve(shape);
  std::vector<Point3> polygon;
  for (const double along : curve.sample(0.05, 1e-6)) {
    const Vec2 place = curve.at(along).position;
    polygon.push_back({static_cast<float>(place.x), static_cast<float>(place.y), 0});
  }
  const auto count = [](const std::vector<CurvePiece>& loop, Vec2 point) {
    int turns = 0;
    for (size_t at = 0; at < loop.size(); ++at) {
      turns += winding_of_piece(loop[at], loop[(at + 1) % loop.size()].start, point);
    }
    return turns;
  };
  int inside = 0;
  for (int k = 0; k < 3000; ++k) {
    const Vec2 point{random.uniform(-16, 24), random.uniform(-14, 18)};
    if (curve.project(point).distance < 1e-3) continue;
    const bool expected = test::in_ring(polygon, point);
    REQUIRE(count(shape, point) == (expected ? 1 : 0));
    REQUIRE(count(curve.reversed().pieces(), point) == (expected ? -1 : 0));
    inside += expected;
  }
  CHECK(inside > 500);
}
