#include "sim/reference_path.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/random.hpp"
#include "tests/scene_builder.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

// A path from its vertices, directions and arc lengths rounded once from double.
ReferencePath path_of(const std::vector<double>& x, const std::vector<double>& y) {
  ReferencePath path;
  double arc = 0.0;
  for (size_t k = 0; k < x.size(); ++k) {
    path.x.push_back(static_cast<float>(x[k]));
    path.y.push_back(static_cast<float>(y[k]));
    path.arc_length.push_back(static_cast<float>(arc));
    if (k + 1 == x.size()) break;
    const double length = std::hypot(x[k + 1] - x[k], y[k + 1] - y[k]);
    path.segment_length.push_back(static_cast<float>(length));
    path.direction_x.push_back(static_cast<float>((x[k + 1] - x[k]) / length));
    path.direction_y.push_back(static_cast<float>((y[k + 1] - y[k]) / length));
    arc += length;
  }
  return path;
}

struct Projection {
  double arc, distance;
};

// The nearest point of every segment, the first and last one extended; in double.
std::vector<Projection> project_all(const std::vector<double>& xs, const std::vector<double>& ys,
                                    double x, double y) {
  std::vector<Projection> all;
  double arc = 0.0;
  for (size_t k = 0; k + 1 < xs.size(); ++k) {
    const double dx = xs[k + 1] - xs[k], dy = ys[k + 1] - ys[k];
    const double length = std::hypot(dx, dy);
    double along = ((x - xs[k]) * dx + (y - ys[k]) * dy) / length;
    if (k > 0) along = std::max(along, 0.0);
    if (k + 2 < xs.size()) along = std::min(along, length);
    all.push_back({arc + along,
                   std::hypot(x - xs[k] - along * dx / length, y - ys[k] - along * dy / length)});
    arc += length;
  }
  return all;
}

double nearest_distance(const std::vector<Projection>& all) {
  double nearest = std::numeric_limits<double>::max();
  for (const Projection& candidate : all) nearest = std::min(nearest, candidate.distance);
  return nearest;
}

// How far an arc length is from that of the nearest point, or of one that is as near within 1e-4 m.
double arc_error(const std::vector<Projection>& all, double arc) {
  const double nearest = nearest_distance(all);
  double error = std::numeric_limits<double>::max();
  for (const Projection& candidate : all) {
    if (candidate.distance <= nearest + 1.0e-4) {
      error = std::min(error, std::abs(candidate.arc - arc));
    }
  }
  return error;
}

}  // namespace

TEMPLATE_TEST_CASE("project_to_path finds the nearest point of random paths", "[differential]",
                   float, double) {
  Random random(1);
  double worst = 0.0;
  for (int round = 0; round < 300; ++round) {
    std::vector<double> xs = {0.0}, ys = {0.0};
    double heading = random.uniform(-3.0, 3.0);
    const int size = 2 + random.below(60);
    for (int k = 1; k < size; ++k) {
      heading += random.uniform(-0.4, 0.4);
      const double length = random.uniform(1.0, 3.0);
      xs.push_back(static_cast<double>(static_cast<float>(xs.back() + length * std::cos(heading))));
      ys.push_back(static_cast<double>(static_cast<float>(ys.back() + length * std::sin(heading))));
    }
    const ReferencePath path = path_of(xs, ys);
    for (int point = 0; point < 100; ++point) {
      const size_t near = static_cast<size_t>(random.below(size));
      const float x = static_cast<float>(xs[near]) + random.uniform_float(-8.0, 8.0);
      const float y = static_cast<float>(ys[near]) + random.uniform_float(-8.0, 8.0);
      const TestType arc =
          project_to_path(path.view(), static_cast<TestType>(x), static_cast<TestType>(y));
      worst = std::max(
          worst, arc_error(project_all(xs, ys, static_cast<double>(x), static_cast<double>(y)),
                           static_cast<double>(arc)));
    }
  }
  WARN("arc length off by at most " << worst << " m");
  CHECK(worst < 1.0e-4);
}

TEST_CASE("The ends of a path extend outwards along their segments") {
  const ReferencePath path = path_of({0, 10, 10}, {0, 0, 10});
  CHECK(project_to_path(path.view(), -5.0f, 1.0f) == -5.0f);
  CHECK(project_to_path(path.view(), 11.0f, 17.0f) == 27.0f);
  CHECK(project_to_path(path.view(), 4.0f, -3.0f) == 4.0f);
  const ReferencePath line = path_of({0, 1}, {0, 0});
  CHECK(project_to_path(line.view(), -100.0f, 5.0f) == -100.0f);
  CHECK(project_to_path(line.view(), 100.0f, -5.0f) == 100.0f);
}

TEST_CASE("Of equally near points the first along the path counts") {
  // a hairpin: (5, 2) is 2 m from both legs
  const ReferencePath hairpin = path_of({0, 10, 10, 0}, {0, 0, 4, 4});
  CHECK(project_to_path(hairpin.view(), 5.0f, 2.0f) == 5.0f);
  CHECK(project_to_path(hairpin.view(), 5.0f, 2.0001f) == Approx(19.0f));
  CHECK(project_to_path(hairpin.view(), 5.0f, 1.9999f) == 5.0f);
}

TEST_CASE("A projection depends on the point and not on what was projected before",
          "[determinism]") {
  const ReferencePath path = path_of({0, 10, 10, 0, 0, 10}, {0, 0, 4, 4, 8, 8});
  Random random(2);
  std::vector<float> x, y, arc;
  for (int point = 0; point < 500; ++point) {
    x.push_back(random.uniform_float(-5.0, 15.0));
    y.push_back(random.uniform_float(-5.0, 15.0));
    arc.push_back(project_to_path(path.view(), x.back(), y.back()));
  }
  for (size_t point = x.size(); point-- > 0;) {
    CHECK(project_to_path(path.view(), x[point], y[point]) == arc[point]);
  }
}

TEST_CASE("The reference path follows the log from the snapshot on, a metre or more apart") {
  const SceneBatch batch = batch_of(scene_of(91, {{.speed = 7.3, .yaw_rate = 0.2}}));
  const Snapshot snapshot =
      Snapshot::of_log(batch, std::vector<int>{0}, std::vector<int>{10}, std::vector<int>{0});
  const ReferencePath path = make_reference_path(batch.scene(0), snapshot, 0);
  const Track& track = batch.scene(0).tracks[0];
  CHECK(path.x[0] == track.x[10]);
  CHECK(path.y[0] == track.y[10]);
  REQUIRE(path.x.size() > 20);
  REQUIRE(path.arc_length.size() == path.x.size());
  REQUIRE(path.direction_x.size() + 1 == path.x.size());
  for (size_t k = 0; k + 1 < path.x.size(); ++k) {
    const double dx = static_cast<double>(path.x[k + 1]) - static_cast<double>(path.x[k]);
    const double dy = static_cast<double>(path.y[k + 1]) - static_cast<double>(path.y[k]);
    const double length = std::hypot(dx, dy);
    CHECK(length >= kPathSpacing);
    CHECK(static_cast<double>(path.segment_length[k]) == Approx(length).margin(1e-6));
    CHECK(static_cast<double>(path.arc_length[k + 1] - path.arc_length[k]) ==
          Approx(length).margin(1e-4));
    CHECK(static_cast<double>(path.direction_x[k]) == Approx(dx / length).margin(1e-6));
    CHECK(static_cast<double>(path.direction_y[k]) == Approx(dy / length).margin(1e-6));
  }
}

TEST_CASE("The reference path of a standing, vanishing or reversing agent is a ray ahead") {
  const std::vector<Mover> movers = {{.heading = 0.5},
                                     {.heading = 0.5, .speed = 10.0, .last = 0},
                                     {.heading = 0.5, .speed = -5.0}};
  for (const Mover& mover : movers) {
    const SceneBatch batch = batch_of(scene_of(31, {mover}));
    const ReferencePath path = make_reference_path(batch.scene(0), Snapshot::of_log(batch), 0);
    REQUIRE(path.x.size() == 2);
    CHECK(path.direction_x[0] == Approx(std::cos(0.5)));
    CHECK(path.direction_y[0] == Approx(std::sin(0.5)));
    // points behind have negative progress
    CHECK(project_to_path(path.view(), static_cast<float>(-3.0 * std::cos(0.5)),
                          static_cast<float>(-3.0 * std::sin(0.5))) == Approx(-3.0f));
  }
}

TEST_CASE("Progress is the advance of the box centre along the reference path", "[differential]") {
  const SceneBatch batch = batch_of(scene_of(81, {{.speed = 8.0, .yaw_rate = 0.15}}));
  const Snapshot snapshot = Snapshot::of_log(batch);
  const ReferencePath path = make_reference_path(batch.scene(0), snapshot, 0);
  std::vector<double> xs(path.x.begin(), path.x.end()), ys(path.y.begin(), path.y.end());
  Random random(3);
  std::vector<float> values;
  std::vector<std::vector<Projection>> expected;
  for (int plan = 0; plan < 50; ++plan) {
    for (int step = 0; step < 2; ++step) {
      for (const double spread : {50.0, 50.0, 3.0}) {
        values.push_back(random.uniform_float(-spread, spread));
      }
    }
    expected.push_back(project_all(xs, ys, static_cast<double>(values[values.size() - 3]),
                                   static_cast<double>(values[values.size() - 2])));
  }
  const PlanSet plans(values, 1, 50, 2, scene_poses(0.1, 0.1));
  for (const Precision precision : {Precision::kFloat, Precision::kDouble}) {
    RolloutSpec spec;
    spec.precision = precision;
    const Facts facts = Simulator(batch).rollout(snapshot, plans, *make_agent_model("log"), spec);
    REQUIRE(facts.num_steps[0] == 2);
    for (size_t plan = 0; plan < 50; ++plan) {
      CHECK(arc_error(expected[plan], static_cast<double>(facts.plans.progress[plan])) < 2.0e-4);
    }
  }
}
