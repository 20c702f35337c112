#include "sim/pdm_comfort_pairs.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "kernels/pdm_comfort.hpp"
#include "sim/pdm_filters.hpp"

namespace forkroad {
namespace {

constexpr int kFeatures = 4;
constexpr double kBounds[kFeatures] = {0.7, 0.5, 0.1, 0.1};

// Features of samples [first, first + count) of one plan: [4, count].
void find_features(const double* states, int first, int count, double* features) {
  double magnitude[kPdmStates], heading[kPdmStates];
  for (int i = 0; i < count; ++i) {
    const double* row = states + (first + i) * kPdmColumns;
    magnitude[i] = sqrt(fma(row[5], row[5], row[6] * row[6]));
    heading[i] = row[2];
  }
  const PdmFilters& filters = pdm_filters();
  unwrap(heading, count);
  apply_filter(filters.smooth, magnitude, count, features);
  apply_filter(filters.jerk, features, count, features + count);
  apply_filter(filters.yaw_rate, heading, count, features + 2 * count);
  apply_filter(filters.yaw_acceleration_2, heading, count, features + 3 * count);
}

std::vector<double> find_all_features(std::span<const double> states, int first, int count) {
  constexpr size_t kRow = size_t{kPdmStates} * kPdmColumns;
  const size_t width = static_cast<size_t>(kFeatures * count);
  std::vector<double> features(states.size() / kRow * width);
  for (size_t plan = 0; plan < states.size() / kRow; ++plan) {
    find_features(states.data() + plan * kRow, first, count, features.data() + plan * width);
  }
  return features;
}

}  // namespace

PdmComfortPairs compare_comfort(std::span<const double> now, std::span<const double> before,
                                std::span<const int32_t> pairs, int gap_steps) {
  const int count = kPdmStates - gap_steps;
  if (gap_steps < 1 || count < kMaxWindow) {
    throw std::invalid_argument(
        fmt::format("pdm_extended_comfort: got a gap of {} steps, expected "
                    "1 .. {}",
                    gap_steps, kPdmStates - kMaxWindow));
  }
  const std::vector<double> features[2] = {find_all_features(now, 0, count),
                                           find_all_features(before, gap_steps, count)};
  const size_t width = static_cast<size_t>(kFeatures * count);
  PdmComfortPairs out;
  for (size_t pair = 0; pair + 1 < pairs.size(); pair += 2) {
    const double* rows[2];
    for (size_t side = 0; side < 2; ++side) {
      const int32_t plan = pairs[pair + side];
      const size_t plans = features[side].size() / width;
      if (plan < 0 || static_cast<size_t>(plan) >= plans) {
        throw std::invalid_argument(
            fmt::format("pdm_extended_comfort: pair {}: got {} plan {}, expected 0 .. {}", pair / 2,
                        side == 0 ? "current" : "previous", plan, static_cast<int64_t>(plans) - 1));
      }
      rows[side] = features[side].data() + static_cast<size_t>(plan) * width;
    }
    bool comfortable = true;
    for (int feature = 0; feature < kFeatures; ++feature) {
      double sum = 0.0;
      for (int i = 0; i < count; ++i) {
        const double difference = rows[0][feature * count + i] - rows[1][feature * count + i];
        sum += difference * difference;
      }
      out.rms.push_back(std::sqrt(sum / count));
      comfortable = comfortable && out.rms.back() <= kBounds[feature];
    }
    out.comfortable.push_back(comfortable ? 1 : 0);
  }
  return out;
}

}  // namespace forkroad
