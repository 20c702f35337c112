// NAVSIM scores of the GPU against those of the CPU: the same bits.
#include "benchmarks/pdm_bench_scene.hpp"
#include "sim/pdm_scorer.hpp"
#include "tests/catch.hpp"

namespace forkroad {

TEST_CASE("NAVSIM scores of the GPU are those of the CPU lanes to the bit", "[gpu][determinism]") {
  const PdmVersion version = GENERATE(PdmVersion::kV2, PdmVersion::kV1_1);
  const PdmPrecision precision = GENERATE(PdmPrecision::kFloat, PdmPrecision::kDouble);
  const int num_plans = GENERATE(256, 8192);
  const PdmScene scene = pdm_bench_scene();
  const std::vector<double> plans = pdm_lattice_plans(scene, num_plans);
  PdmOptions options;
  options.version = version;
  options.precision = precision;
  options.keep_areas = true;
  options.keep_states = true;
  const PdmScores cpu = score_pdm(scene, plans, options);
  options.device = Device::cuda();
  const PdmScores gpu = score_pdm(scene, plans, options);
  CHECK(cpu.score == gpu.score);
  CHECK(cpu.states == gpu.states);
  CHECK(cpu.raw_progress == gpu.raw_progress);
  CHECK(cpu.comfort_within == gpu.comfort_within);
  CHECK(cpu.areas == gpu.areas);
  CHECK(cpu.at_fault_step == gpu.at_fault_step);
  CHECK(cpu.ttc_step == gpu.ttc_step);
  CHECK(cpu.num_borderline == gpu.num_borderline);
}

}  // namespace forkroad
