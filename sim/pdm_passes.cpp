#include "sim/pdm_passes.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "sim/executor.hpp"
#include "sim/pdm_filters.hpp"
#include "sim/pdm_near.hpp"

#ifdef FORKROAD_WITH_CUDA
#include "sim/cuda_pdm.hpp"
#endif

namespace forkroad {
namespace {

constexpr int kItemPlans = 128;  // per work item

struct FreeAligned {
  void operator()(void* memory) const { std::free(memory); }
};
using AlignedMemory = std::unique_ptr<void, FreeAligned>;

AlignedMemory allocate_aligned(size_t bytes) {
  AlignedMemory memory(std::aligned_alloc(64, (bytes + 63) / 64 * 64));
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

int pad_pdm_plans(int num_plans) { return (num_plans + kPlanBlock - 1) / kPlanBlock * kPlanBlock; }

PdmRaw::PdmRaw(int num_plans, bool keep_areas, bool keep_states)
    : padded(pad_pdm_plans(num_plans)) {
  const size_t plans = static_cast<size_t>(padded);
  for (auto& column : columns) column.resize(plans);
  comfort.resize(6 * plans);
  progress.resize(plans);
  if (keep_areas) areas.resize(3 * kPdmStates * plans);
  if (keep_states) states.resize(kPdmStates * kPdmColumns * plans);
}

PdmTables PdmRaw::tables() {
  const auto optional = [](auto& table) { return table.empty() ? nullptr : table.data(); };
  return {.no_collision = columns[0].data(),
          .drivable_area = columns[1].data(),
          .driving_direction = columns[2].data(),
          .traffic_light = columns[3].data(),
          .ttc = columns[4].data(),
          .lane_keeping = columns[5].data(),
          .progress = progress.data(),
          .at_fault_step = columns[6].data(),
          .ttc_step = columns[7].data(),
          .margin = columns[8].data(),
          .comfort = comfort.data(),
          .areas = optional(areas),
          .states = optional(states)};
}

std::vector<int> PdmRaw::borderline(int num_plans) const {
  std::vector<int> plans;
  for (int plan = 0; plan < num_plans; ++plan) {
    const float margin = columns[8][static_cast<size_t>(plan)];
    if (!(margin >= static_cast<float>(kPdmMinMargin))) plans.push_back(plan);
  }
  return plans;
}

void PdmRaw::take_decisions(const PdmRaw& other, int from, int plan) {
  for (int column = 0; column < 8; ++column) {
    columns[column][static_cast<size_t>(plan)] = other.columns[column][static_cast<size_t>(from)];
  }
  for (size_t k = 0; k < areas.size() / static_cast<size_t>(padded); ++k) {
    areas[k * static_cast<size_t>(padded) + static_cast<size_t>(plan)] =
        other.areas[k * static_cast<size_t>(other.padded) + static_cast<size_t>(from)];
  }
}

PdmPasses::PdmPasses(const PdmScene& scene, PdmVersion version, int columns)
    : scene_(scene), version_(version), columns_(columns), exact_(scene, version) {
  std::copy(scene.ego.begin(), scene.ego.end(), tracker_.start);
  tracker_.start[0] = 0.0;
  tracker_.start[1] = 0.0;
  tracker_.speed_map = pdm_speed_map();
  if (version == PdmVersion::kV2) pack_history(scene, tracker_);
  tracker_.line = exact_.view().line;
}

template <class S>
PdmParams<S> PdmPasses::params(const PdmPack<S>& pack, const std::vector<double>& blocks,
                               PdmRaw& raw) const {
  PdmParams<S> params;
  params.view = pack.view();
  params.tracker = tracker_;
  (columns_ == 3 ? params.tracker.plans : params.tracker.states) = blocks.data();
  params.filters = &pdm_filters();
  params.padded_plans = raw.padded;
  params.tables = raw.tables();
  params.find_near = find_near<S>;
  return params;
}

template <class S>
void PdmPasses::run(const std::vector<double>& blocks, int num_plans, const PdmMachine& machine,
                    PdmRaw& raw) const {
  const PdmPack<S> pack(scene_, version_);
  const PdmParams<S> params = this->params(pack, blocks, raw);
#ifdef FORKROAD_WITH_CUDA
  if (machine.device.is_cuda()) {
    run_pdm_on_cuda(machine.device.index, params, pack.sizes(), blocks.size());
    return;
  }
#endif
  const PdmKernels kernels = pdm_kernels(sizeof(S) == 8, machine.lanes);
  std::vector<AlignedMemory> scratch;
  for (int worker = 0; worker < machine.num_threads; ++worker) {
    scratch.push_back(allocate_aligned(kernels.scratch_bytes(pack.sizes())));
  }
  const int used = (num_plans + kernels.width - 1) / kernels.width * kernels.width;
  auto score_item = [&](int item, int worker) {
    const int first = item * kItemPlans;
    kernels.score(&params, first, std::min(kItemPlans, used - first),
                  scratch[static_cast<size_t>(worker)].get());
  };
  for_each_item((used + kItemPlans - 1) / kItemPlans, machine.num_threads, score_item);
}

template PdmParams<float> PdmPasses::params(const PdmPack<float>&, const std::vector<double>&,
                                            PdmRaw&) const;
template PdmParams<double> PdmPasses::params(const PdmPack<double>&, const std::vector<double>&,
                                             PdmRaw&) const;
template void PdmPasses::run<float>(const std::vector<double>&, int, const PdmMachine&,
                                    PdmRaw&) const;
template void PdmPasses::run<double>(const std::vector<double>&, int, const PdmMachine&,
                                     PdmRaw&) const;

}  // namespace forkroad
