// PlanSet: candidate futures of a focal agent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/rollout_params.hpp"

namespace forkroad {

enum class PlanFrame : uint8_t { kEgo, kScene };
enum class ReferencePoint : uint8_t { kRearAxle, kBoxCenter };

// What the numbers of a plan mean. Nothing here is ever guessed.
struct PlanLayout {
  PlanKind kind = PlanKind::kPoses;
  double dt = 0;  // [s] between plan steps
  double first_time =
      0;  // [s] after the snapshot: of the first pose, or when the first control acts
  PlanFrame frame = PlanFrame::kEgo;                     // of poses; controls have none
  ReferencePoint reference = ReferencePoint::kRearAxle;  // of poses; controls move the rear axle
};

class PlanSet {
 public:
  PlanSet() = default;

  // `values` is row-major [num_worlds, num_plans, num_steps, columns] with 3 columns for poses
  // (x [m], y [m], heading [rad]) and 2 for controls (acceleration [m/s^2], curvature [1/m]).
  // num_worlds = 1 broadcasts over the worlds of a snapshot. `ids` names the plans (empty: 0 ..
  // num_plans - 1). `mask` [num_worlds, num_plans] marks the plans that exist where groups are
  // ragged (empty: all). Throws std::invalid_argument naming plan, step and column of a value that
  // is not finite or beyond its limit below, and of any count that is not positive.
  PlanSet(std::span<const float> values, int num_worlds, int num_plans, int num_steps,
          const PlanLayout& layout, std::vector<int64_t> ids = {}, std::vector<uint8_t> mask = {});

  int num_worlds() const { return num_worlds_; }
  int num_plans() const { return num_plans_; }
  int num_steps() const { return num_steps_; }
  int columns() const { return static_cast<int>(plan_columns(layout_.kind)); }
  int padded_plans() const { return padded_plans_; }
  const PlanLayout& layout() const { return layout_; }
  const std::vector<int64_t>& ids() const { return ids_; }

  // Time of the last pose, or when the last control ends [s].
  double end_time() const;

  bool exists(int world, int plan) const;
  float value(int world, int plan, int step, int column) const;

  // Values of one world as the passes read them: plan blocks of [num_steps, columns] rows.
  const float* world_values(int world) const;
  size_t world_size() const;

 private:
  int64_t rows() const { return int64_t{num_steps_} * columns(); }
  void fill_plan(int world, int plan, const float* from, float* base);

  int num_worlds_ = 0, num_plans_ = 0, num_steps_ = 0, padded_plans_ = 0;
  PlanLayout layout_;
  std::vector<int64_t> ids_;
  std::vector<uint8_t> mask_;
  std::vector<float> values_;
};

// Largest magnitudes of a plan's values; own trigonometry holds its precision up to 1000 rad.
inline constexpr float kMaxPlanCoordinate = 1.0e6f;    // [m]
inline constexpr float kMaxPlanHeading = 1000.0f;      // [rad]
inline constexpr float kMaxPlanAcceleration = 1.0e3f;  // [m/s^2]
inline constexpr float kMaxPlanCurvature = 1.0e2f;     // [1/m]

// "poses" or "controls".
const char* plan_kind_name(PlanKind kind);

}  // namespace forkroad
