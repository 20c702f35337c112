// Internal to the WOMD decoder: the step length that a row of timestamps stands for.
#pragma once

#include <string>
#include <vector>

#include "scenarios/womd_wire.hpp"

namespace forkroad::womd {

// Step length of a one-step log [s]: it has none of its own, and this is the dataset's.
inline constexpr double kOneStepDt = 0.1;

// Timestamps beyond this [s] are in another unit: seconds since 1970 reach it in 5138.
inline constexpr double kMaxTimestamp = 1e11;

// Index of the first timestamp that is not a number within kMaxTimestamp or not later than the
// one before it; the number of timestamps if there is none.
std::size_t find_bad_timestamp(const std::vector<double>& timestamps);

// Median step of increasing timestamps [s], taken to the nominal whole hertz (up to 60) or whole
// millisecond if that changes it by at most 0.4 or 0.3 %: recorders drift (a nominal 0.1 s is
// stored as 0.10025 s or 0.09964 s), but 1/15 s must not become 0.067 s. Says in `assumptions` what
// it changed and whether the steps are uneven.
double estimate_dt(const std::vector<double>& timestamps, std::vector<std::string>& assumptions);

// The same, for timestamps that lie at `at` in a payload; throws the failure that names the first
// bad one, or a dt outside of kMinDt to kMaxDt. `field` names them.
double decode_dt(const std::vector<double>& timestamps, const char* at, const char* field,
                 std::vector<std::string>& assumptions);

}  // namespace forkroad::womd
