// The NAVSIM scorer as a CUDA body, emulated on the CPU, against the CPU lanes: the same bits.
#include "kernels/pdm_block.hpp"

#include <cstring>

#include "benchmarks/pdm_bench_scene.hpp"
#include "sim/pdm_passes.hpp"
#include "tests/catch.hpp"
#include "tests/emulate.hpp"
#include "tests/pdm_scenes.hpp"

namespace forkroad {
namespace {

constexpr Schedule kSchedules[] = {{ThreadOrder::kForward, 1, SharedFill::kOnes},
                                   {ThreadOrder::kReverse, 2, SharedFill::kZeros},
                                   {ThreadOrder::kRandom, 3, SharedFill::kRandom}};

// Runs the body over `warps_per_block` warps a block.
template <class S>
void run_blocks(const PdmParams<S>& params, int threads, const Schedule& schedule) {
  const PdmView<S>& view = params.view;
  const int warps = params.padded_plans / kWarpThreads;
  const size_t sets = static_cast<size_t>(warps);
  const auto size = [&](int count) { return sets * static_cast<size_t>(count); };
  std::vector<ActivePolygon> polygons(size(view.num_polygons));
  std::vector<int32_t> objects(size(view.num_objects)), segments(size(view.line.size));
  std::vector<int32_t> reds(size(view.num_red) + 1);
  std::vector<S> ignored(size(view.num_objects) * 2 * kWarpThreads, S(77));
  const PdmWarpLists<S> lists = {polygons.data(), objects.data(), segments.data(), reds.data(),
                                 ignored.data()};
  const int blocks = (params.padded_plans + threads - 1) / threads;
  emulate({.grid_x = blocks, .threads = threads}, schedule,
          [&](EmulatedBlock& block) { pdm_block(block, params, lists); });
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

bool same_bits(const PdmRaw& a, const PdmRaw& b, bool with_margin) {
  for (int column = 0; column < (with_margin ? 9 : 8); ++column) {
    if (!same_bits(a.columns[column], b.columns[column])) {
      UNSCOPED_INFO("column " << column << " differs");
      return false;
    }
  }
  return same_bits(a.comfort, b.comfort) && same_bits(a.areas, b.areas) &&
         same_bits(a.progress, b.progress) && same_bits(a.states, b.states);
}

template <class S>
void compare_with_lanes(PdmVersion version) {
  const PdmScene scene = pdm_test_scene({.red_lights = 5});
  constexpr int kPlans = 160;  // five warps: the last block of two is half empty
  const std::vector<double> blocks = pdm_test_blocks(scene, kPlans);
  const PdmPasses passes(scene, version, 3);
  PdmRaw expected(kPlans, true, true);
  passes.run<S>(blocks, kPlans, 0, 1, expected);
  PdmRaw scalar(kPlans, true, true);
  passes.run<S>(blocks, kPlans, 1, 1, scalar);
  REQUIRE(same_bits(expected, scalar, sizeof(S) == 4));
  const PdmPack<S> pack(scene, version);
  for (const Schedule& schedule : kSchedules) {
    PdmRaw emulated(kPlans, true, true);
    run_blocks(passes.params(pack, blocks, emulated), 64, schedule);
    REQUIRE(same_bits(expected, emulated, sizeof(S) == 4));
  }
}

TEST_CASE("The NAVSIM body on float threads equals the CPU lanes to the bit, margins included",
          "[pdm_block]") {
  compare_with_lanes<float>(PdmVersion::kV2);
  compare_with_lanes<float>(PdmVersion::kV1_1);
}

TEST_CASE("The NAVSIM body on double threads equals the CPU lanes to the bit", "[pdm_block]") {
  compare_with_lanes<double>(PdmVersion::kV2);
}

TEST_CASE("One warp per block and two warps per block give the same bits", "[pdm_block]") {
  const PdmScene scene = pdm_test_scene({.red_lights = 2});
  const std::vector<double> blocks = pdm_test_blocks(scene, 64);
  const PdmPasses passes(scene, PdmVersion::kV2, 3);
  const PdmPack<float> pack(scene, PdmVersion::kV2);
  PdmRaw one(64, false, false), two(64, false, false);
  run_blocks(passes.params(pack, blocks, one), 32, kSchedules[2]);
  run_blocks(passes.params(pack, blocks, two), 64, kSchedules[1]);
  REQUIRE(same_bits(one, two, true));
}

}  // namespace
}  // namespace forkroad
