#include "tests/pdm_scenes.hpp"

#include "kernels/rollout_params.hpp"
#include "sim/pdm_passes.hpp"

namespace forkroad {

PdmScene pdm_test_scene(const PdmTestSpec& spec) {
  PdmScene scene = pdm_bench_scene();
  for (size_t polygon = 0; polygon < scene.polygons.size(); ++polygon) {
    if (static_cast<int>(scene.red_lights.size()) == spec.red_lights) break;
    if (scene.polygons[polygon].layer != PdmLayer::kLaneConnector) continue;
    PdmRedLight light;
    light.polygon = static_cast<int>(polygon);
    for (int t = 0; t < kPdmStates; ++t) light.is_red.push_back(t < 30 ? 1 : 0);
    scene.red_lights.push_back(light);
  }
  const auto move = [&](auto& point) {
    point[0] += spec.shift_x;
    point[1] += spec.shift_y;
  };
  move(scene.ego);
  for (auto& state : scene.history) move(state);
  for (auto& point : scene.centerline) move(point);
  for (PdmPolygon& polygon : scene.polygons) {
    for (auto& vertex : polygon.ring) move(vertex);
  }
  for (PdmTrack& track : scene.tracks) {
    for (double& x : track.x) x += spec.shift_x;
    for (double& y : track.y) y += spec.shift_y;
  }
  return scene;
}

std::vector<double> pdm_plan_blocks(const PdmScene& scene, const std::vector<double>& plans) {
  constexpr int64_t kRows = int64_t{kPdmStates} * 3;
  const int num_plans = static_cast<int>(static_cast<int64_t>(plans.size()) / kRows);
  std::vector<double> blocks(static_cast<size_t>(kRows * pad_pdm_plans(num_plans)));
  for (int plan = 0; plan < pad_pdm_plans(num_plans); ++plan) {
    const int source = plan < num_plans ? plan : num_plans - 1;
    for (int64_t row = 0; row < kRows; ++row) {
      const double origin = row % 3 < 2 ? scene.ego[static_cast<size_t>(row % 3)] : 0.0;
      blocks[static_cast<size_t>(in_plan_blocks(plan, row, kRows))] =
          plans[static_cast<size_t>(source * kRows + row)] - origin;
    }
  }
  return blocks;
}

std::vector<double> pdm_test_blocks(const PdmScene& scene, int num_plans) {
  return pdm_plan_blocks(scene, pdm_lattice_plans(scene, num_plans));
}

}  // namespace forkroad
