#include "benchmarks/bench_scenario.hpp"

#include <cmath>

namespace forkroad {
namespace {

constexpr int kNumSteps = 91;
constexpr int kNumFeatures = 300;
constexpr int kNumPoints = 60;
constexpr int kNumLights = 12;

test::FeatureSpec make_feature(int index) {
  test::FeatureSpec feature;
  feature.id = index;
  feature.tag = index % 3 < 2 ? test::kLaneTag : test::kRoadEdgeTag;
  feature.type = index % 3;
  for (int point = 0; point < kNumPoints; ++point) {
    feature.points.push_back(
        {1000.0 + 0.5 * point, -2000.0 + 4 * index + std::sin(0.1 * point), 30});
  }
  if (feature.tag == test::kLaneTag) {
    feature.speed_limit_mph = 25;
    feature.entry_lanes = {index - 3, index - 6};
    feature.exit_lanes = {index + 3, index + 6};
    feature.left_neighbors = {{index, 0, kNumPoints - 1, 0, kNumPoints - 1}};
    feature.right_boundaries = {{index, 0, kNumPoints - 1, 1}};
  }
  return feature;
}

}  // namespace

test::ScenarioSpec bench_scenario(int num_tracks) {
  test::ScenarioSpec scenario;
  scenario.packed = false;
  scenario.current_step = 10;
  scenario.timestamps = test::make_timestamps(kNumSteps);
  for (int track = 0; track < num_tracks; ++track) {
    const test::PointSpec start = {1000.0 + 7 * track, -2000.0 + 3 * track, 30};
    scenario.tracks.push_back(test::make_track(1000 + track, 1 + track % 3, start, kNumSteps));
  }
  for (int index = 0; index < kNumFeatures; ++index) {
    scenario.features.push_back(make_feature(index));
  }
  std::vector<test::SignalSpec> lights;
  for (int light = 0; light < kNumLights; ++light) {
    lights.push_back({light * 3, 4, {{1000, -2000, 30}}});
  }
  scenario.lights.assign(kNumSteps, lights);
  return scenario;
}

}  // namespace forkroad
