#include "sim/pdm_scorer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "sim/pdm_passes.hpp"

namespace forkroad {
namespace {

constexpr double kMinimumProgress = 5.0;  // [m] below it EP is 1
constexpr float kHalf = 0.5f;

// Throws for the first value, from plan `first` on, that is not finite.
void throw_not_finite(const PdmScene& scene, std::span<const double> values, size_t rows,
                      int columns, int first, int num_plans) {
  for (size_t k = static_cast<size_t>(first) * rows; k < rows * static_cast<size_t>(num_plans);
       ++k) {
    if (std::isfinite(values[k])) continue;
    const size_t width = static_cast<size_t>(columns);
    throw std::invalid_argument(
        fmt::format("score_pdm: scene '{}': plan {}, step {}, column {} is {}, expected a finite "
                    "number",
                    scene.name, k / rows, k % rows / width, k % width, values[k]));
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
  for (int first = 0; first < padded; first += kPlanBlock) {
    double* to = blocks.data() + static_cast<size_t>(first) * rows;
    std::array<const double*, kPlanBlock> from;
    for (int lane = 0; lane < kPlanBlock; ++lane) {
      const int source = std::min(first + lane, num_plans - 1);
      from[static_cast<size_t>(lane)] = values.data() + static_cast<size_t>(source) * rows;
    }
    std::array<double, kPlanBlock> broken{};  // NaN as soon as one value is not finite
    for (size_t row = 0; row < rows; ++row, to += kPlanBlock) {
      for (size_t lane = 0; lane < kPlanBlock; ++lane) {
        to[lane] = from[lane][row] - origin[row];
        broken[lane] += to[lane] - to[lane];
      }
    }
    if (std::any_of(broken.begin(), broken.end(), [](double sum) { return sum != 0.0; })) {
      throw_not_finite(scene, values, rows, columns, first, num_plans);
    }
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

void copy_kept(const PdmScene& scene, const PdmRaw& raw, const PdmOptions& options,
               PdmScores& scores) {
  const size_t num_plans = static_cast<size_t>(scores.num_plans);
  if (options.keep_areas) {
    scores.areas.resize(num_plans * kPdmStates * 3);
    for (size_t plan = 0; plan < num_plans; ++plan) {
      for (size_t t = 0; t < kPdmStates; ++t) {
        for (size_t k = 0; k < 3; ++k) {
          const float flag =
              raw.areas[(k * kPdmStates + t) * static_cast<size_t>(raw.padded) + plan];
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

PdmScores collect(const PdmScene& scene, const PdmRaw& raw, int num_plans,
                  const PdmOptions& options) {
  PdmScores scores;
  scores.version = options.version;
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
  const std::vector<double> blocks =
      to_blocks(scene, values, columns, num_plans, pad_pdm_plans(num_plans));
  const PdmPasses passes(scene, options.version, columns);
  PdmMachine machine = {options.lanes, options.num_threads, options.device};
  PdmRaw raw(num_plans, options.keep_areas, options.keep_states);
  if (options.precision == PdmPrecision::kDouble) {
    passes.run<double>(blocks, num_plans, machine, raw);
    return collect(scene, raw, num_plans, options);
  }
  passes.run<float>(blocks, num_plans, machine, raw);
  const std::vector<int> borderline = raw.borderline(num_plans);
  if (!borderline.empty()) {
    const int num_left = static_cast<int>(borderline.size());
    PdmRaw again(num_left, options.keep_areas, false);
    const std::vector<double> left = pick_blocks(blocks, columns, borderline, again.padded);
    machine.lanes = 0;
    passes.run<double>(left, num_left, machine, again);
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
