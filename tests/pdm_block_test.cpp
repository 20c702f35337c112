// The NAVSIM scorer as a CUDA body, emulated on the CPU, against the CPU lanes: the same bits.
#include "kernels/pdm_block.hpp"

#include <cstring>

#include "benchmarks/pdm_bench_scene.hpp"
#include "sim/pdm_passes.hpp"
#include "sim/pdm_upload.hpp"
#include "tests/catch.hpp"
#include "tests/emulate.hpp"
#include "tests/pdm_scenes.hpp"

namespace forkroad {
namespace {

constexpr Schedule kSchedules[] = {{ThreadOrder::kForward, 1, SharedFill::kOnes},
                                   {ThreadOrder::kReverse, 2, SharedFill::kZeros},
                                   {ThreadOrder::kRandom, 3, SharedFill::kRandom}};

struct alignas(64) Aligned {
  char bytes[64];
};

// Runs the body as the launcher does, over copies of all that it reads and writes.
template <class S>
void run_blocks(const PdmPasses& passes, const std::vector<double>& blocks, int threads,
                const Schedule& schedule, PdmRaw& raw) {
  const PdmPack<S> pack(passes.scene(), passes.version());
  const PdmParams<S> host = passes.params(pack, blocks, raw);
  const PdmUpload<S> upload(host, pack.sizes(), blocks.size());
  // aligned as the memory of a GPU is
  std::vector<Aligned> inputs(upload.bytes().size() / 64 + 1);
  std::vector<Aligned> outputs(upload.output_bytes() / 64 + 1);
  std::memcpy(inputs.data(), upload.bytes().data(), upload.bytes().size());
  std::memset(outputs.data(), 0x55, outputs.size() * 64);
  std::byte* const written = reinterpret_cast<std::byte*>(outputs.data());
  PdmParams<S> params = upload.params(reinterpret_cast<std::byte*>(inputs.data()), written);
  const PdmWarpLists<S> lists = upload.lists(written);
  const int num_blocks = (params.padded_plans + threads - 1) / threads;
  emulate({.grid_x = num_blocks, .threads = threads}, schedule,
          [&](EmulatedBlock& block) { pdm_block(block, params, lists); });
  PdmTables tables = host.tables;
  visit_pdm_tables(params.tables, tables, static_cast<size_t>(params.padded_plans),
                   [](auto* from, auto* to, size_t count) {
                     if (to != nullptr) std::memcpy(to, from, count * sizeof(*to));
                   });
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  // no table at all has no memory to compare
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
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
  passes.run<S>(blocks, kPlans, {}, expected);
  PdmRaw scalar(kPlans, true, true);
  passes.run<S>(blocks, kPlans, {.lanes = 1}, scalar);
  REQUIRE(same_bits(expected, scalar, sizeof(S) == 4));
  for (const Schedule& schedule : kSchedules) {
    PdmRaw emulated(kPlans, true, true);
    run_blocks<S>(passes, blocks, 64, schedule, emulated);
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
  PdmRaw one(64, false, false), two(64, false, false);
  run_blocks<float>(passes, blocks, 32, kSchedules[2], one);
  run_blocks<float>(passes, blocks, 64, kSchedules[1], two);
  REQUIRE(same_bits(one, two, true));
}

}  // namespace
}  // namespace forkroad
