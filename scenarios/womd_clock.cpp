#include "scenarios/womd_clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/source_frame.hpp"

namespace forkroad::womd {
namespace {

// Largest relative change from the median step to the nominal one: recorders that mean 10 Hz are
// seen at 0.09964 s. Of whole milliseconds it must stay below 0.5 %, or 1/15 s became 0.067 s.
constexpr double kMaxRateDrift = 0.004;
constexpr double kMaxDrift = 0.003;
// Above this every step is near some whole number of hertz.
constexpr double kMaxNominalHertz = 60;
// Drift that is worth a word.
constexpr double kQuietDrift = 0.001;
// Steps that differ from dt by a larger share than this make a log uneven.
constexpr double kMaxUnevenness = 0.25;

double nominal_step(double step) {
  const double hertz = std::round(1.0 / step);
  const bool is_rate = hertz >= 1.0 && hertz <= kMaxNominalHertz;
  if (is_rate && std::abs(1.0 / hertz - step) <= kMaxRateDrift * step) return 1.0 / hertz;
  const double whole_millisecond = std::round(step * 1000.0) / 1000.0;
  return std::abs(whole_millisecond - step) <= kMaxDrift * step ? whole_millisecond : step;
}

}  // namespace

std::size_t find_bad_timestamp(const std::vector<double>& timestamps) {
  for (std::size_t step = 0; step < timestamps.size(); ++step) {
    const bool later = step == 0 || timestamps[step] > timestamps[step - 1];
    if (!(std::abs(timestamps[step]) <= kMaxTimestamp) || !later) return step;
  }
  return timestamps.size();
}

double estimate_dt(const std::vector<double>& timestamps, std::vector<std::string>& assumptions) {
  if (timestamps.size() < 2) {
    assumptions.push_back(fmt::format("the log has one step: dt is taken as {} s", kOneStepDt));
    return kOneStepDt;
  }
  std::vector<double> lengths;
  for (std::size_t step = 1; step < timestamps.size(); ++step) {
    lengths.push_back(timestamps[step] - timestamps[step - 1]);
  }
  const auto [shortest, longest] = std::minmax_element(lengths.begin(), lengths.end());
  const double range[2] = {*shortest, *longest};
  const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
  std::nth_element(lengths.begin(), middle, lengths.end());
  const double median = *middle;
  const double dt = nominal_step(median);
  if (range[0] < dt * (1 - kMaxUnevenness) || range[1] > dt * (1 + kMaxUnevenness)) {
    assumptions.push_back(
        fmt::format("the timestamps are {:.6g} to {:.6g} s apart: dt is taken as {:.6g} s",
                    range[0], range[1], dt));
  } else if (std::abs(dt - median) > kQuietDrift * median) {
    assumptions.push_back(fmt::format(
        "the timestamps are {:.6g} s apart (median): dt is taken as {:.6g} s", median, dt));
  }
  return dt;
}

double decode_dt(const std::vector<double>& timestamps, const char* at, const char* field,
                 std::vector<std::string>& assumptions) {
  const std::size_t bad_step = find_bad_timestamp(timestamps);
  if (bad_step < timestamps.size()) {
    throw DecodeFailure(ParseCode::kValueOutOfRange, at,
                        fmt::format("{}: entry {} is {} s, expected increasing numbers of at most "
                                    "{} s",
                                    field, bad_step, timestamps[bad_step], kMaxTimestamp));
  }
  const double dt = estimate_dt(timestamps, assumptions);
  if (dt < kMinDt || dt > kMaxDt) {
    throw DecodeFailure(
        ParseCode::kValueOutOfRange, at,
        fmt::format("{} are {} s apart (median), expected {} to {} s", field, dt, kMinDt, kMaxDt));
  }
  return dt;
}

}  // namespace forkroad::womd
