#include "sim/plan_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace forkroad {
namespace {

struct Column {
  const char* name;
  float limit;
};

constexpr Column kPoseColumns[] = {
    {"x", kMaxPlanCoordinate}, {"y", kMaxPlanCoordinate}, {"heading", kMaxPlanHeading}};
constexpr Column kControlColumns[] = {{"acceleration", kMaxPlanAcceleration},
                                      {"curvature", kMaxPlanCurvature}};

void check_counts(int num_worlds, int num_plans, int num_steps, int columns, size_t num_values,
                  const PlanLayout& layout) {
  if (num_worlds < 1 || num_plans < 1 || num_steps < 1) {
    throw std::invalid_argument(
        fmt::format("PlanSet: got shape [{}, {}, {}, {}], expected at least one world, one plan "
                    "and one step",
                    num_worlds, num_plans, num_steps, columns));
  }
  const size_t expected = static_cast<size_t>(num_worlds) * static_cast<size_t>(num_plans) *
                          static_cast<size_t>(num_steps) * static_cast<size_t>(columns);
  if (num_values != expected) {
    throw std::invalid_argument(
        fmt::format("PlanSet: got {} values, expected {} for shape [{}, {}, {}, {}]", num_values,
                    expected, num_worlds, num_plans, num_steps, columns));
  }
  if (!std::isfinite(layout.dt) || layout.dt <= 0.0 || !std::isfinite(layout.first_time) ||
      layout.first_time < 0.0) {
    throw std::invalid_argument(
        fmt::format("PlanSet: got dt {} s and first_time {} s, expected dt > 0 and first_time >= 0",
                    layout.dt, layout.first_time));
  }
  if (layout.kind == PlanKind::kControls && layout.first_time != 0.0) {
    throw std::invalid_argument(
        fmt::format("PlanSet: got controls with first_time {} s, expected 0: a control acts from "
                    "its own time on",
                    layout.first_time));
  }
}

}  // namespace

const char* plan_kind_name(PlanKind kind) {
  return kind == PlanKind::kPoses ? "poses" : "controls";
}

PlanSet::PlanSet(std::span<const float> values, int num_worlds, int num_plans, int num_steps,
                 const PlanLayout& layout, std::vector<int64_t> ids, std::vector<uint8_t> mask)
    : num_worlds_(num_worlds),
      num_plans_(num_plans),
      num_steps_(num_steps),
      layout_(layout),
      ids_(std::move(ids)),
      mask_(std::move(mask)) {
  check_counts(num_worlds, num_plans, num_steps, columns(), values.size(), layout);
  const size_t groups = static_cast<size_t>(num_worlds) * static_cast<size_t>(num_plans);
  if (ids_.empty()) {
    ids_.resize(static_cast<size_t>(num_plans));
    std::iota(ids_.begin(), ids_.end(), int64_t{0});
  }
  if (ids_.size() != static_cast<size_t>(num_plans)) {
    throw std::invalid_argument(fmt::format(
        "PlanSet: got {} ids, expected one for each of {} plans", ids_.size(), num_plans));
  }
  if (!mask_.empty() && mask_.size() != groups) {
    throw std::invalid_argument(fmt::format("PlanSet: got a mask of {}, expected [{}, {}] = {}",
                                            mask_.size(), num_worlds, num_plans, groups));
  }
  padded_plans_ = (num_plans + kPlanBlock - 1) / kPlanBlock * kPlanBlock;
  values_.resize(static_cast<size_t>(num_worlds) * world_size());
  const float* from = values.data();
  for (int world = 0; world < num_worlds; ++world) {
    float* base = values_.data() + static_cast<size_t>(world) * world_size();
    for (int plan = 0; plan < num_plans; ++plan, from += rows()) {
      fill_plan(world, plan, from, base);
    }
    for (int plan = num_plans; plan < padded_plans_; ++plan) {
      for (int64_t row = 0; row < rows(); ++row) {
        base[in_plan_blocks(plan, row, rows())] = base[in_plan_blocks(num_plans - 1, row, rows())];
      }
    }
  }
}

void PlanSet::fill_plan(int world, int plan, const float* from, float* base) {
  float* to = base + in_plan_blocks(plan, 0, rows());
  if (!exists(world, plan)) {
    // simulated as if it stood still: no NaN enters a lane
    for (int64_t row = 0; row < rows(); ++row) to[row * kPlanBlock] = 0.0f;
    return;
  }
  const Column* named = layout_.kind == PlanKind::kPoses ? kPoseColumns : kControlColumns;
  const int num_columns = columns();
  for (int step = 0; step < num_steps_; ++step) {
    for (int column = 0; column < num_columns; ++column, ++from, to += kPlanBlock) {
      // NaN fails the comparison
      if (!(std::abs(*from) <= named[column].limit)) {
        throw std::invalid_argument(fmt::format(
            "PlanSet: {} of world {}, plan {} (id {}), step {} is {}, expected a finite value "
            "within +-{:g}",
            named[column].name, world, plan, ids_[static_cast<size_t>(plan)], step, *from,
            named[column].limit));
      }
      *to = *from;
    }
  }
}

double PlanSet::end_time() const {
  const int intervals = layout_.kind == PlanKind::kPoses ? num_steps_ - 1 : num_steps_;
  return layout_.first_time + intervals * layout_.dt;
}

bool PlanSet::exists(int world, int plan) const {
  if (mask_.empty()) return true;
  const size_t row = num_worlds_ == 1 ? 0 : static_cast<size_t>(world);
  return mask_[row * static_cast<size_t>(num_plans_) + static_cast<size_t>(plan)] != 0;
}

float PlanSet::value(int world, int plan, int step, int column) const {
  return world_values(world)[in_plan_blocks(plan, int64_t{step} * columns() + column, rows())];
}

size_t PlanSet::world_size() const {
  return static_cast<size_t>(rows()) * static_cast<size_t>(padded_plans_);
}

const float* PlanSet::world_values(int world) const {
  return values_.data() + (num_worlds_ == 1 ? 0 : static_cast<size_t>(world)) * world_size();
}

}  // namespace forkroad
