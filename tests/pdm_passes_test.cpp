// NAVSIM scores on float lanes are those of double lanes, whatever a plan comes close to.
#include "sim/pdm_passes.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "benchmarks/pdm_bench_scene.hpp"
#include "sim/pdm_scorer.hpp"
#include "tests/catch.hpp"
#include "tests/pdm_scenes.hpp"

namespace forkroad {
namespace {

bool same_scores(const PdmScores& a, const PdmScores& b) {
  return a.no_collision == b.no_collision && a.drivable_area == b.drivable_area &&
         a.driving_direction == b.driving_direction && a.traffic_light == b.traffic_light &&
         a.progress == b.progress && a.ttc == b.ttc && a.lane_keeping == b.lane_keeping &&
         a.comfort == b.comfort && a.raw_progress == b.raw_progress && a.score == b.score &&
         a.at_fault_step == b.at_fault_step && a.ttc_step == b.ttc_step &&
         a.comfort_within == b.comfort_within && a.areas == b.areas;
}

PdmScores score_as(PdmPrecision precision, const PdmScene& scene, const std::vector<double>& plans,
                   PdmVersion version, int lanes = 0) {
  PdmOptions options;
  options.version = version;
  options.precision = precision;
  options.lanes = lanes;
  options.keep_areas = true;
  options.reference = {20.0, 1.0};
  return score_pdm(scene, plans, options);
}

// Standing plans around the ego, so finely spaced that corners, centres and boxes come within
// micrometres of borders, of the centre line and of objects.
std::vector<double> knife_edge_states(const PdmScene& scene, int num_plans, uint64_t seed) {
  std::mt19937_64 engine(seed);
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(engine() >> 11) * 0x1.0p-53;
  };
  std::vector<double> states;
  for (int plan = 0; plan < num_plans; ++plan) {
    // a front left corner on a vertex or an edge of some polygon, or a side on an object's side
    const auto& ring = scene.polygons[engine() % scene.polygons.size()].ring;
    const size_t k = engine() % ring.size();
    const double share = plan % 3 == 0 ? 0.0 : uniform(0.0, 1.0);
    const auto& from = ring[k];
    const auto& to = ring[(k + 1) % ring.size()];
    double x = from[0] + share * (to[0] - from[0]), y = from[1] + share * (to[1] - from[1]);
    const double heading = plan % 2 == 0 ? 0.0 : uniform(-3.0, 3.0);
    if (plan % 5 == 0) {
      const PdmTrack& track = scene.tracks[engine() % scene.tracks.size()];
      x = track.x[0] - 0.5 * track.length;
      y = track.y[0] + uniform(-0.5, 0.5);
    }
    const double off = uniform(-1.0, 1.0) * std::pow(10.0, uniform(-8.0, -4.0));
    const double along = kPdmRearToCenter + kPdmHalfLength, across = kPdmHalfWidth;
    x -= along * std::cos(heading) - across * std::sin(heading) - off;
    y -= along * std::sin(heading) + across * std::cos(heading) - off;
    for (int t = 0; t < kPdmStates; ++t) {
      const double speed = plan % 7 == 0 ? 0.05 + off : 1.0;
      states.insert(states.end(), {x, y, heading, speed, 0, 0, 0, 0, 0, 0, 0});
    }
  }
  return states;
}

TEST_CASE("Float lanes give the scores of double lanes to the bit for a whole vocabulary",
          "[pdm_passes]") {
  const PdmVersion version = GENERATE(PdmVersion::kV2, PdmVersion::kV1_1);
  const double shift = GENERATE(0.0, 664'123.25);
  const PdmScene scene =
      pdm_test_scene({.shift_x = shift, .shift_y = 6.0 * shift, .red_lights = 6});
  const std::vector<double> plans = pdm_lattice_plans(scene, 2048);
  const PdmScores exact = score_as(PdmPrecision::kDouble, scene, plans, version);
  for (const int lanes : {0, 1}) {
    const PdmScores fast = score_as(PdmPrecision::kFloat, scene, plans, version, lanes);
    REQUIRE(same_scores(exact, fast));
    REQUIRE(fast.num_borderline > 0);
    REQUIRE(fast.num_borderline < 2048 / 10);
  }
}

TEST_CASE("Float lanes leave every plan that they would judge otherwise to double lanes",
          "[pdm_passes]") {
  const PdmVersion version = GENERATE(PdmVersion::kV2, PdmVersion::kV1_1);
  const PdmScene scene = pdm_test_scene({.red_lights = 6});
  constexpr int kPlans = 4096;
  const std::vector<double> states = knife_edge_states(scene, kPlans, 9);
  std::vector<double> blocks(states.size());
  const int64_t rows = int64_t{kPdmStates} * kPdmColumns;
  for (int plan = 0; plan < kPlans; ++plan) {
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t column = row % kPdmColumns;
      blocks[static_cast<size_t>(in_plan_blocks(plan, row, rows))] =
          states[static_cast<size_t>(plan * rows + row)] -
          (column < 2 ? scene.ego[static_cast<size_t>(column)] : 0.0);
    }
  }
  const PdmPasses passes(scene, version, kPdmColumns);
  PdmRaw single(kPlans, true, false), exact(kPlans, true, false);
  passes.run<float>(blocks, kPlans, {}, single);
  passes.run<double>(blocks, kPlans, {}, exact);
  int judged_otherwise = 0, borderline = 0;
  float sharpest = 0.0f;  // largest margin of a plan that floats judge otherwise
  for (int plan = 0; plan < kPlans; ++plan) {
    const size_t at = static_cast<size_t>(plan);
    bool same = true;
    for (int column = 0; column < 8; ++column) {
      same = same && single.columns[column][at] == exact.columns[column][at];
    }
    for (size_t k = 0; k < 3 * kPdmStates; ++k) {
      same = same && single.areas[k * kPlans + at] == exact.areas[k * kPlans + at];
    }
    const bool left = single.columns[8][at] < static_cast<float>(kPdmMinMargin);
    borderline += left ? 1 : 0;
    judged_otherwise += same ? 0 : 1;
    if (!same) sharpest = std::max(sharpest, single.columns[8][at]);
    INFO("plan " << plan << ", margin " << single.columns[8][at]);
    REQUIRE((same || left));
  }
  // the plans are as sharp as they are meant to be, and floats err far less than the margin
  INFO(judged_otherwise << " plans judged otherwise, at margins up to " << sharpest);
  REQUIRE(sharpest < 5.0e-5f);
  REQUIRE(judged_otherwise > 20);
  REQUIRE(borderline < kPlans);
}

TEST_CASE("Plans that leave the reach of floats are judged on double lanes", "[pdm_passes]") {
  const PdmScene scene = pdm_test_scene();
  std::vector<double> states;
  for (int t = 0; t < kPdmStates; ++t) {
    states.insert(states.end(), {10.0 * t, -1.75, 0.0, 100.0, 0, 0, 0, 0, 0, 0, 0});
  }
  PdmOptions options;
  const PdmScores scores = score_pdm_states(scene, states, options);
  REQUIRE(scores.num_borderline == 1);
}

TEST_CASE("Unknown widths are named with those there are", "[pdm_passes]") {
  const PdmScene scene = pdm_test_scene();
  const std::vector<double> plans = pdm_lattice_plans(scene, 256);
  REQUIRE_THROWS_WITH(score_as(PdmPrecision::kFloat, scene, plans, PdmVersion::kV2, 5),
                      Catch::Contains("got 5 lanes of float") && Catch::Contains("16"));
}

}  // namespace
}  // namespace forkroad
