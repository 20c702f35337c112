// VehicleModel: the ego's body.
#pragma once

namespace forkroad {

struct VehicleModel {
  float length = 4.8f;               // [m]
  float width = 2.0f;                // [m]
  float wheel_base = 2.8f;           // [m]
  float rear_axle_to_center = 1.4f;  // [m] along the heading
};

inline constexpr float kMaxVehicleSize = 1000.0f;  // [m]

// The model of a logged box: wheel base and axle position are not in such logs, so the share of a
// common passenger car is assumed: wheel base 0.6 x length, rear axle 0.3 x length behind the
// centre (nuPlan's Pacifica: 3.089 / 5.176 = 0.597 and 1.461 / 5.176 = 0.282).
VehicleModel vehicle_from_box(float length, float width);

// Throws std::invalid_argument if a size is not positive and below kMaxVehicleSize.
void check_vehicle(const VehicleModel& vehicle);

}  // namespace forkroad
