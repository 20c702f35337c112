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
  padded_plans_ = (num_plans + kPlanPadding - 1) / kPlanPadding * kPlanPadding;
  values_.resize(static_cast<size_t>(num_worlds) * world_size());
  const int num_columns = columns();
  const size_t padded = static_cast<size_t>(padded_plans_);
  size_t from = 0;
  for (int world = 0; world < num_worlds; ++world) {
    float* base = values_.data() + static_cast<size_t>(world) * world_size();
    for (int plan = 0; plan < num_plans; ++plan) {
      float* to = base + plan;
      for (int step = 0; step < num_steps; ++step) {
        for (int column = 0; column < num_columns; ++column, ++from, to += padded) {
          const float value = values[from];
          const auto [name, limit] =
              num_columns == 3 ? kPoseColumns[column] : kControlColumns[column];
          if (!(std::abs(value) <= limit) && exists(world, plan)) {
            throw std::invalid_argument(fmt::format(
                "PlanSet: {} of world {}, plan {} (id {}), step {} is {}, expected a finite value "
                "within +-{:g}",
                name, world, plan, ids_[static_cast<size_t>(plan)], step, value, limit));
          }
          // plans that do not exist are simulated as if they stood still: no NaN enters a lane
          *to = exists(world, plan) ? value : 0.0f;
        }
      }
    }
    const size_t rows = static_cast<size_t>(num_steps) * static_cast<size_t>(num_columns);
    for (size_t row = 0; row < rows; ++row) {
      float* line = base + row * padded;
      std::fill(line + num_plans, line + padded, line[num_plans - 1]);
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
  const size_t row =
      static_cast<size_t>(step) * static_cast<size_t>(columns()) + static_cast<size_t>(column);
  return world_values(world)[row * static_cast<size_t>(padded_plans_) + static_cast<size_t>(plan)];
}

size_t PlanSet::world_size() const {
  return static_cast<size_t>(num_steps_) * static_cast<size_t>(columns()) *
         static_cast<size_t>(padded_plans_);
}

const float* PlanSet::world_values(int world) const {
  return values_.data() + (num_worlds_ == 1 ? 0 : static_cast<size_t>(world)) * world_size();
}

}  // namespace forkroad
