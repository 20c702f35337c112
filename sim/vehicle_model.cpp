#include "sim/vehicle_model.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace forkroad {

VehicleModel vehicle_from_box(float length, float width) {
  return {length, width, 0.6f * length, 0.3f * length};
}

void check_vehicle(const VehicleModel& vehicle) {
  const auto is_size = [](float value) { return value > 0.0f && value < kMaxVehicleSize; };
  if (is_size(vehicle.length) && is_size(vehicle.width) && is_size(vehicle.wheel_base) &&
      std::abs(vehicle.rear_axle_to_center) < kMaxVehicleSize) {
    return;
  }
  throw std::invalid_argument(fmt::format(
      "VehicleModel: got length {} m, width {} m, wheel_base {} m, rear_axle_to_center {} m; "
      "expected values below {} m, the first three positive",
      vehicle.length, vehicle.width, vehicle.wheel_base, vehicle.rear_axle_to_center,
      kMaxVehicleSize));
}

}  // namespace forkroad
