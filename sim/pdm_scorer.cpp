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

// Throws for the first value of a plan that is not finite.
void throw_not_finite(const PdmScene& scene, std::span<const double> row, int plan, int columns) {
  for (size_t k = 0; k < row.size(); ++k) {
    if (std::isfinite(row[k])) continue;
    const int at = static_cast<int>(k);
    throw std::invalid_argument(
        fmt::format("score_pdm: scene '{}': plan {}, step {}, column {} is {}, expected a finite "
                    "number",
                    scene.name, plan, at / columns, at % columns, row[k]));
  }
}

// Row-major [N, rows] to plan blocks, the first two columns relative to the ego, padded with the
// last plan.
std::vector<double> to_blocks(const PdmScene& scene, std::span<const double> values, int columns,
                              int num_plans, int padded) {
  const size_t rows = static_cast<size_t>(kPdmStates * columns);
  std::vector<double> origin(rows, 0.0);
  for (size_t row = 0; row < rows; row += static_cast<size_t>(columns)) {
    origin[row] = scene.ego[0];
    origin[row + 1] = scene.ego[1];
  }
  std::vector<double> blocks(rows * static_cast<size_t>(padded));
  for (int plan = 0; plan < padded; ++plan) {
    const int source = std::min(plan, num_plans - 1);
    const auto from = values.subspan(static_cast<size_t>(source) * rows, rows);
    double* to = blocks.data() + in_plan_blocks(plan, 0, static_cast<int64_t>(rows));
    double finite = 0.0;  // NaN as soon as one value is not
    for (size_t row = 0; row < rows; ++row) {
      finite += from[row] - from[row];
      to[row * kPlanBlock] = from[row] - origin[row];
    }
    if (finite != 0.0) throw_not_finite(scene, from, source, columns);
  }
  return blocks;
}

// The plan blocks of some plans, padded with the last one.
std::vector<double> pick_blocks(const std::vector<double>& blocks, int columns,
                                const std::vector<int>& plans, int padded) {
  const int64_t rows = int64_t{kPdmStates} * columns;
  std::vector<double> picked(static_cast<size_t>(rows * padded));
  for (int plan = 0; plan < padded; ++plan) {
    const int source = plans[std::min(static_cast<size_t>(plan), plans.size() - 1)];
    for (int64_t row = 0; row < rows; ++row) {
      picked[static_cast<size_t>(in_plan_blocks(plan, row, rows))] =
          blocks[static_cast<size_t>(in_plan_blocks(source, row, rows))];
    }
  }
  return picked;
}

// What the passes write.
struct RawTables {
  int padded;
  std::vector<float> columns[9];
  std::vector<float> comfort, areas;
  std::vector<double> progress, states;

  RawTables(int padded_plans, const PdmOptions& options) : padded(padded_plans) {
    const size_t plans = static_cast<size_t>(padded);
    for (auto& column : columns) column.resize(plans);
    comfort.resize(6 * plans);
    progress.resize(plans);
    if (options.keep_areas) areas.resize(3 * kPdmStates * plans);
    if (options.keep_states) states.resize(kPdmStates * kPdmColumns * plans);
  }

  PdmTables tables() {
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

  // The first num_plans that float lanes may not decide.
  std::vector<int> borderline(int num_plans) const {
    std::vector<int> plans;
    for (int plan = 0; plan < num_plans; ++plan) {
      const float margin = columns[8][static_cast<size_t>(plan)];
      if (!(margin >= static_cast<float>(kPdmMinMargin))) plans.push_back(plan);
    }
    return plans;
  }

  // Takes over what the scorer decided of plan `from` of another run; tracker, progress and comfort
  // are the same in both.
  void take_decisions(const RawTables& other, int from, int plan) {
    for (int column = 0; column < 8; ++column) {
      columns[column][static_cast<size_t>(plan)] = other.columns[column][static_cast<size_t>(from)];
    }
    for (size_t k = 0; k < areas.size() / static_cast<size_t>(padded); ++k) {
      areas[k * static_cast<size_t>(padded) + static_cast<size_t>(plan)] =
          other.areas[k * static_cast<size_t>(other.padded) + static_cast<size_t>(from)];
    }
  }
};

int pad_plans(int num_plans) { return (num_plans + kPlanBlock - 1) / kPlanBlock * kPlanBlock; }

template <class S>
void run_passes(const PdmPack<S>& pack, const PdmTrackerView& tracker, int num_plans,
                const PdmOptions& options, RawTables& raw) {
  // plans that float lanes leave over go to the widest double lanes
  const bool left_over = sizeof(S) == 8 && options.precision == PdmPrecision::kFloat;
  const PdmKernels kernels = pdm_kernels(sizeof(S) == 8, left_over ? 0 : options.lanes);
  PdmParams<S> params;
  params.view = pack.view();
  params.tracker = tracker;
  params.filters = &pdm_filters();
  params.padded_plans = raw.padded;
  params.tables = raw.tables();
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

void copy_kept(const PdmScene& scene, const RawTables& raw, const PdmOptions& options,
               PdmScores& scores) {
  const size_t num_plans = static_cast<size_t>(scores.num_plans);
  if (options.keep_areas) {
    scores.areas.resize(num_plans * kPdmStates * 3);
    for (size_t plan = 0; plan < num_plans; ++plan) {
      for (size_t t = 0; t < kPdmStates; ++t) {
        for (size_t k = 0; k < 3; ++k) {
          const float flag = raw.areas[(k * kPdmStates + t) * static_cast<size_t>(raw.padded) + plan];
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

PdmScores collect(const PdmScene& scene, const RawTables& raw, int num_plans,
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
      const bool within = raw.comfort[k * static_cast<size_t>(raw.padded) + plan] > kHalf;
      scores.comfort_within[plan * 6 + k] = within ? 1 : 0;
      if (!within) comfort = 0.0;
    }
    scores.comfort[plan] = without_history ? 1.0 : comfort;
    aggregate(options, plan, scores);
  }
  copy_kept(scene, raw, options, scores);
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
  const int padded = pad_plans(num_plans);
  const std::vector<double> blocks = to_blocks(scene, values, columns, num_plans, padded);
  PdmTrackerView tracker;
  std::copy(scene.ego.begin(), scene.ego.end(), tracker.start);
  tracker.start[0] = 0.0;
  tracker.start[1] = 0.0;
  tracker.speed_map = pdm_speed_map();
  const auto read_from = [&](const std::vector<double>& from) {
    (columns == 3 ? tracker.plans : tracker.states) = from.data();
  };
  read_from(blocks);
  if (options.version == PdmVersion::kV2) pack_history(scene, tracker);
  const PdmPack<double> exact(scene, options.version);
  tracker.line = exact.view().line;
  RawTables raw(padded, options);
  if (options.precision == PdmPrecision::kDouble) {
    run_passes(exact, tracker, num_plans, options, raw);
    return collect(scene, raw, num_plans, options);
  }
  run_passes(PdmPack<float>(scene, options.version), tracker, num_plans, options, raw);
  const std::vector<int> borderline = raw.borderline(num_plans);
  if (!borderline.empty()) {
    const int num_left = static_cast<int>(borderline.size());
    RawTables again(pad_plans(num_left), options);
    const std::vector<double> left = pick_blocks(blocks, columns, borderline, again.padded);
    read_from(left);
    run_passes(exact, tracker, num_left, options, again);
    for (int k = 0; k < num_left; ++k) {
      raw.take_decisions(again, k, borderline[static_cast<size_t>(k)]);
    }
  }
  PdmScores scores = collect(scene, raw, num_plans, options);
  scores.num_borderline = static_cast<int>(borderline.size());
  return scores;
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
