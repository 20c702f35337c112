#include "sim/pdm_scorer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "sim/executor.hpp"
#include "sim/pdm_filters.hpp"
#include "sim/pdm_kernels.hpp"
#include "sim/pdm_near.hpp"
#include "sim/pdm_pack.hpp"

namespace forkroad {
namespace {

constexpr int kItemPlans = 128;           // per work item
constexpr double kMinimumProgress = 5.0;  // [m] below it EP is 1
constexpr float kHalf = 0.5f;

struct FreeAligned {
  void operator()(void* memory) const { std::free(memory); }
};
using AlignedMemory = std::unique_ptr<void, FreeAligned>;

AlignedMemory allocate_aligned(size_t bytes) {
  AlignedMemory memory(std::aligned_alloc(64, (bytes + 63) / 64 * 64));
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// Row-major [N, rows] to plan blocks, the first two columns relative to the ego, padded with the
// last plan.
std::vector<double> to_blocks(const PdmScene& scene, std::span<const double> values, int columns,
                              int num_plans, int padded) {
  const int64_t rows = int64_t{kPdmStates} * columns;
  std::vector<double> blocks(static_cast<size_t>(rows * padded));
  for (int plan = 0; plan < padded; ++plan) {
    const int source = std::min(plan, num_plans - 1);
    for (int64_t row = 0; row < rows; ++row) {
      const double value = values[static_cast<size_t>(source * rows + row)];
      const int column = static_cast<int>(row % columns);
      if (!std::isfinite(value)) {
        throw std::invalid_argument(
            fmt::format("score_pdm: scene '{}': plan {}, step {}, column {} is {}, expected a "
                        "finite number",
                        scene.name, source, row / columns, column, value));
      }
      const double origin = column < 2 ? scene.ego[static_cast<size_t>(column)] : 0.0;
      blocks[static_cast<size_t>(in_plan_blocks(plan, row, rows))] = value - origin;
    }
  }
  return blocks;
}

// What the passes write.
struct RawTables {
  std::vector<float> columns[8];
  std::vector<float> comfort, areas;
  std::vector<double> progress, states;

  PdmTables tables(int padded, const PdmOptions& options) {
    const size_t plans = static_cast<size_t>(padded);
    for (auto& column : columns) column.resize(plans);
    comfort.resize(6 * plans);
    progress.resize(plans);
    if (options.keep_areas) areas.resize(3 * kPdmStates * plans);
    if (options.keep_states) states.resize(kPdmStates * kPdmColumns * plans);
    return {columns[0].data(),
            columns[1].data(),
            columns[2].data(),
            columns[3].data(),
            columns[4].data(),
            columns[5].data(),
            progress.data(),
            columns[6].data(),
            columns[7].data(),
            comfort.data(),
            options.keep_areas ? areas.data() : nullptr,
            options.keep_states ? states.data() : nullptr};
  }
};

template <class S>
void run_passes(const PdmPack<S>& pack, const PdmTrackerView& tracker, int num_plans, int padded,
                const PdmOptions& options, const PdmTables& tables) {
  const PdmKernels kernels = pdm_kernels(sizeof(S) == 8, options.lanes);
  PdmParams<S> params;
  params.view = pack.view();
  params.tracker = tracker;
  params.filters = &pdm_filters();
  params.padded_plans = padded;
  params.tables = tables;
  params.find_near = find_near<S>;
  std::vector<AlignedMemory> scratch;
  for (int worker = 0; worker < options.num_threads; ++worker) {
    scratch.push_back(allocate_aligned(kernels.scratch_bytes(pack.sizes())));
  }
  const int used = (num_plans + kernels.width - 1) / kernels.width * kernels.width;
  auto score_item = [&](int item, int worker) {
    const int first = item * kItemPlans;
    kernels.score(&params, first, std::min(kItemPlans, used - first),
                  scratch[static_cast<size_t>(worker)].get());
  };
  for_each_item((used + kItemPlans - 1) / kItemPlans, options.num_threads, score_item);
}

// EP and the total of one plan, from its terms.
void aggregate(const PdmOptions& options, size_t plan, PdmScores& scores) {
  const bool v2 = options.version == PdmVersion::kV2;
  double product = scores.no_collision[plan] * scores.drivable_area[plan];
  if (v2) product *= scores.driving_direction[plan] * scores.traffic_light[plan];
  const double raw = scores.raw_progress[plan];
  const double masked = raw * product;
  const PdmReferenceProposal reference = options.reference.value_or(PdmReferenceProposal{});
  const double normaliser = std::max(masked, reference.progress * reference.product);
  double progress = 1.0;
  if (normaliser > kMinimumProgress) {
    progress = v2 ? std::clamp(raw / normaliser, 0.0, 1.0) : masked / normaliser;
  } else if (!v2 && product == 0.0) {
    progress = 0.0;
  }
  scores.product[plan] = product;
  scores.progress[plan] = progress;
  const double shared = 5.0 * progress + 5.0 * scores.ttc[plan] + 2.0 * scores.comfort[plan];
  scores.score[plan] =
      v2 ? product * (shared + 2.0 * scores.lane_keeping[plan]) / 14.0 : product * shared / 12.0;
}

void copy_kept(const PdmScene& scene, const RawTables& raw, int padded, const PdmOptions& options,
               PdmScores& scores) {
  const size_t num_plans = static_cast<size_t>(scores.num_plans);
  if (options.keep_areas) {
    scores.areas.resize(num_plans * kPdmStates * 3);
    for (size_t plan = 0; plan < num_plans; ++plan) {
      for (size_t t = 0; t < kPdmStates; ++t) {
        for (size_t k = 0; k < 3; ++k) {
          const float flag = raw.areas[(k * kPdmStates + t) * static_cast<size_t>(padded) + plan];
          scores.areas[(plan * kPdmStates + t) * 3 + k] = flag > kHalf ? 1 : 0;
        }
      }
    }
  }
  if (!options.keep_states) return;
  constexpr int64_t kRows = int64_t{kPdmStates} * kPdmColumns;
  scores.states.resize(num_plans * static_cast<size_t>(kRows));
  for (size_t plan = 0; plan < num_plans; ++plan) {
    for (int64_t row = 0; row < kRows; ++row) {
      const int64_t column = row % kPdmColumns;
      const double origin = column < 2 ? scene.ego[static_cast<size_t>(column)] : 0.0;
      scores.states[plan * static_cast<size_t>(kRows) + static_cast<size_t>(row)] =
          raw.states[static_cast<size_t>(in_plan_blocks(static_cast<int>(plan), row, kRows))] +
          origin;
    }
  }
}

PdmScores collect(const PdmScene& scene, const RawTables& raw, int num_plans, int padded,
                  const PdmOptions& options) {
  PdmScores scores;
  scores.num_plans = num_plans;
  const size_t size = static_cast<size_t>(num_plans);
  std::vector<double>* const terms[6] = {
      &scores.no_collision,  &scores.drivable_area, &scores.driving_direction,
      &scores.traffic_light, &scores.ttc,           &scores.lane_keeping};
  for (int k = 0; k < 6; ++k) {
    terms[k]->assign(raw.columns[k].begin(), raw.columns[k].begin() + num_plans);
  }
  scores.raw_progress.assign(raw.progress.begin(), raw.progress.begin() + num_plans);
  for (auto* column : {&scores.comfort, &scores.progress, &scores.product, &scores.score}) {
    column->resize(size);
  }
  scores.at_fault_step.resize(size);
  scores.ttc_step.resize(size);
  scores.comfort_within.resize(6 * size);
  const bool without_history = options.version == PdmVersion::kV2 && scene.history.empty();
  for (size_t plan = 0; plan < size; ++plan) {
    scores.at_fault_step[plan] = static_cast<int32_t>(raw.columns[6][plan]);
    scores.ttc_step[plan] = static_cast<int32_t>(raw.columns[7][plan]);
    double comfort = 1.0;
    for (size_t k = 0; k < 6; ++k) {
      const bool within = raw.comfort[k * static_cast<size_t>(padded) + plan] > kHalf;
      scores.comfort_within[plan * 6 + k] = within ? 1 : 0;
      if (!within) comfort = 0.0;
    }
    scores.comfort[plan] = without_history ? 1.0 : comfort;
    aggregate(options, plan, scores);
  }
  copy_kept(scene, raw, padded, options, scores);
  return scores;
}

PdmScores score_blocks(const PdmScene& scene, std::span<const double> values, int columns,
                       const PdmOptions& options) {
  check_pdm_scene(scene, options.version);
  const size_t row = static_cast<size_t>(kPdmStates) * static_cast<size_t>(columns);
  if (values.empty() || values.size() % row != 0) {
    throw std::invalid_argument(
        fmt::format("score_pdm: scene '{}': got {} values, expected a multiple of {} x {}",
                    scene.name, values.size(), kPdmStates, columns));
  }
  if (options.num_threads < 1) {
    throw std::invalid_argument(
        fmt::format("score_pdm: got {} threads, expected >= 1", options.num_threads));
  }
  const int num_plans = static_cast<int>(values.size() / row);
  const int padded = (num_plans + kPlanBlock - 1) / kPlanBlock * kPlanBlock;
  const std::vector<double> blocks = to_blocks(scene, values, columns, num_plans, padded);
  PdmTrackerView tracker;
  std::copy(scene.ego.begin(), scene.ego.end(), tracker.start);
  tracker.start[0] = 0.0;
  tracker.start[1] = 0.0;
  tracker.speed_map = pdm_speed_map();
  (columns == 3 ? tracker.plans : tracker.states) = blocks.data();
  if (options.version == PdmVersion::kV2) pack_history(scene, tracker);
  const PdmPack<double> exact(scene, options.version);
  tracker.line = exact.view().line;
  RawTables raw;
  const PdmTables tables = raw.tables(padded, options);
  run_passes(exact, tracker, num_plans, padded, options, tables);
  return collect(scene, raw, num_plans, padded, options);
}

}  // namespace

PdmScores score_pdm(const PdmScene& scene, std::span<const double> plans,
                    const PdmOptions& options) {
  return score_blocks(scene, plans, 3, options);
}

PdmScores score_pdm_states(const PdmScene& scene, std::span<const double> states,
                           const PdmOptions& options) {
  return score_blocks(scene, states, kPdmColumns, options);
}

}  // namespace forkroad
