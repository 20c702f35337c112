// build_scene's clock and tracks.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "bindings/scene_parts.hpp"
#include "scenarios/source_frame.hpp"
#include "scenarios/womd_clock.hpp"

namespace forkroad::python {
namespace {

// More steps than any log has; keeps dt alone from asking for any amount of memory.
constexpr size_t kMaxSteps = 10'000'000;

// Largest relative difference of a given dt and the timestamps' median step.
constexpr double kMaxClockDifference = 0.05;

// One track while its arrays are still in source coordinates.
struct SourceTrack {
  Located where;
  Located positions_at, headings_at, velocities_at, sizes_at;
  DoubleArray positions, headings, velocities, sizes;
};

[[noreturn]] void refuse_number(const Located& from, py::ssize_t step, double value,
                                std::string_view expected) {
  throw SceneFault(ParseCode::kValueOutOfRange,
                   fmt::format("{}[{}] is {}, expected {}", from.where, step, value, expected));
}

AgentKind parse_kind(const Located& kind) {
  const std::string name = kind.text(false);
  for (const AgentKind known : {AgentKind::kUnset, AgentKind::kVehicle, AgentKind::kPedestrian,
                                AgentKind::kCyclist, AgentKind::kOther}) {
    if (name == agent_kind_name(known)) return known;
  }
  kind.refuse("'vehicle', 'pedestrian', 'cyclist', 'other' or 'unset'");
}

std::vector<uint8_t> parse_valid(const std::optional<Located>& given, py::ssize_t num_steps) {
  if (!given) return std::vector<uint8_t>(static_cast<size_t>(num_steps), 1);
  const DoubleArray values = given->array({{num_steps}});
  std::vector<uint8_t> valid;
  for (py::ssize_t step = 0; step < num_steps; ++step) {
    const double value = values.at(step);
    if (value != 0 && value != 1) refuse_number(*given, step, value, "0 or 1");
    valid.push_back(value != 0);
  }
  return valid;
}

SourceTrack parse_track(const Located& dict, py::ssize_t steps, Track& track) {
  Fields fields(dict);
  track.id = fields.get("id").integer();
  track.kind = parse_kind(fields.get("kind"));
  if (const auto raw_type = fields.find("raw_type")) track.raw_type = raw_type->text(true);
  track.resize(static_cast<int>(steps));
  std::ranges::copy(parse_valid(fields.find("valid"), steps), track.valid.begin());
  SourceTrack source{dict,
                     fields.get("positions"),
                     fields.get("headings"),
                     fields.get("velocities"),
                     fields.get("sizes"),
                     {},
                     {},
                     {},
                     {}};
  fields.finish();
  source.positions = source.positions_at.array({{steps, 2}, {steps, 3}});
  source.headings = source.headings_at.array({{steps}});
  source.velocities = source.velocities_at.array({{steps, 2}});
  source.sizes = source.sizes_at.array({{steps, 3}, {3}});
  return source;
}

// A speed or size as fp32; `limit` itself is out of range and rounding must not reach it.
float stored_number(double value, double smallest, float limit, const Located& from,
                    py::ssize_t step, std::string_view expected) {
  if (!(value >= smallest && value < static_cast<double>(limit))) {
    refuse_number(from, step, value, expected);
  }
  return std::min(static_cast<float>(value), std::nextafter(limit, 0.0f));
}

void store_step(const SourceTrack& source, py::ssize_t row, const Scene& scene, Track& track) {
  const auto step = static_cast<size_t>(row);
  const Point3 place = local_point(source.positions, row, scene, source.positions_at);
  track.x[step] = place.x;
  track.y[step] = place.y;
  track.z[step] = place.z;
  const double heading = source.headings.at(row);
  if (!(std::abs(heading) <= kMaxSourceHeading)) {
    refuse_number(source.headings_at, row, heading, "an angle of at most 1000 rad");
  }
  track.heading[step] = wrap_heading(heading);
  const auto speed = [&](py::ssize_t axis) {
    constexpr double kSlowest = -static_cast<double>(kMaxSpeed);
    const double value = source.velocities.at(row, axis);
    if (value == kSlowest) refuse_number(source.velocities_at, row, value, "below 10000 m/s");
    return stored_number(value, kSlowest, kMaxSpeed, source.velocities_at, row,
                         "a speed below 10000 m/s");
  };
  track.velocity_x[step] = speed(0);
  track.velocity_y[step] = speed(1);
  const auto size = [&](py::ssize_t side) {
    const double value =
        source.sizes.ndim() == 1 ? source.sizes.at(side) : source.sizes.at(row, side);
    return stored_number(value, 0, kMaxBoxSize, source.sizes_at, row,
                         "a size of 0 m to below 1000 m");
  };
  track.length[step] = size(0);
  track.width[step] = size(1);
  track.height[step] = size(2);
}

// The first valid step of a track, or `preferred` if that is valid; -1: none is.
int find_valid_step(const Track& track, int preferred) {
  if (preferred >= 0 && track.valid[static_cast<size_t>(preferred)] == 1) return preferred;
  const auto found = std::find(track.valid.begin(), track.valid.end(), uint8_t{1});
  return found == track.valid.end() ? -1 : static_cast<int>(found - track.valid.begin());
}

std::array<double, 3> place_at(const SourceTrack& source, int step) {
  std::array<double, 3> place{};
  for (py::ssize_t axis = 0; axis < source.positions.shape(1); ++axis) {
    const double value = source.positions.at(step, axis);
    if (!(std::abs(value) <= kMaxSourceCoordinate)) {
      refuse_number(source.positions_at, step, value, "coordinates of at most 1e8 m");
    }
    place[static_cast<size_t>(axis)] = value;
  }
  return place;
}

std::array<double, 3> ego_place(const std::vector<SourceTrack>& sources, Scene& scene) {
  const auto ego = static_cast<size_t>(scene.ego);
  const int step = find_valid_step(scene.tracks[ego], scene.current_step);
  if (step < 0) {
    throw SceneFault(ParseCode::kMissingField,
                     fmt::format("{} (the ego) has no valid step, expected at least one",
                                 sources[ego].where.where));
  }
  if (step != scene.current_step) {
    scene.assumptions.push_back(
        fmt::format("the ego is not valid at step {}: the origin is its place at step {}",
                    scene.current_step, step));
  }
  return place_at(sources[ego], step);
}

std::array<double, 3> mean_place(const std::vector<SourceTrack>& sources, const Scene& scene) {
  std::array<double, 3> sum{};
  double count = 0;
  for (size_t track = 0; track < sources.size(); ++track) {
    const int step = find_valid_step(scene.tracks[track], -1);
    if (step < 0) continue;
    const std::array<double, 3> place = place_at(sources[track], step);
    for (size_t axis = 0; axis < 3; ++axis) sum[axis] += place[axis];
    ++count;
  }
  for (double& value : sum) value /= std::max(count, 1.0);
  return sum;
}

// Floored: source coordinates then lose no bits that fp32 could have kept.
std::array<double, 3> choose_origin(const Located& given, const std::vector<SourceTrack>& sources,
                                    Scene& scene) {
  std::array<double, 3> origin{};
  if (!given.is_none()) {
    const DoubleArray values = given.array({{3}});
    std::copy_n(values.data(), 3, origin.begin());
    return origin;
  }
  origin = scene.ego >= 0 ? ego_place(sources, scene) : mean_place(sources, scene);
  for (double& value : origin) value = std::floor(value);
  return origin;
}

// T of a scene that gives dt alone: that of its first track.
size_t count_steps(const std::vector<Located>& tracks) {
  if (tracks.empty()) {
    throw SceneFault(ParseCode::kMissingField,
                     "timestamps is absent and tracks is empty, expected one that tells the number "
                     "of steps");
  }
  const Located headings = Fields(tracks.front()).get("headings");
  const auto steps = static_cast<size_t>(headings.array({{-1}}).size());
  if (steps == 0 || steps > kMaxSteps) headings.refuse("1 to 10000000 steps");
  return steps;
}

void check_dt(double dt) {
  if (dt >= kMinDt && dt <= kMaxDt) return;
  throw SceneFault(ParseCode::kValueOutOfRange,
                   fmt::format("dt is {} s, expected {} to {} s", dt, kMinDt, kMaxDt));
}

void check_agreement(double dt, const std::vector<double>& timestamps, const std::string& where) {
  std::vector<std::string> ignored;
  if (timestamps.size() < 2) return;
  const double measured = womd::estimate_dt(timestamps, ignored);
  if (std::abs(measured - dt) <= kMaxClockDifference * measured) return;
  throw SceneFault(
      ParseCode::kInconsistent,
      fmt::format("{} is {} s but the timestamps are {:.6g} s apart (median), expected "
                  "the same",
                  where, dt, measured));
}

}  // namespace

Point3 local_point(const DoubleArray& points, py::ssize_t row, const Scene& scene,
                   const Located& from) {
  std::array<float, 3> local{};
  for (py::ssize_t axis = 0; axis < 3; ++axis) {
    const auto column = static_cast<size_t>(axis);
    const double value = axis < points.shape(1) ? points.at(row, axis) : scene.origin[column];
    const double offset = value - scene.origin[column];
    if (!(std::abs(offset) <= kMaxLocalCoordinate)) {
      throw SceneFault(ParseCode::kValueOutOfRange,
                       fmt::format("{}[{}]: {} is {} m, expected a finite number at most {} m from "
                                   "the origin {}",
                                   from.where, row, "xyz"[axis], value, kMaxLocalCoordinate,
                                   scene.origin[column]));
    }
    local[column] = static_cast<float>(offset);
  }
  return {local[0], local[1], local[2]};
}

void set_clock(const Located& timestamps, const Located& dt, const std::vector<Located>& tracks,
               Scene& scene) {
  if (!dt.is_none()) {
    scene.dt = dt.number();
    check_dt(scene.dt);
  }
  if (timestamps.is_none()) {
    if (dt.is_none()) {
      throw SceneFault(ParseCode::kMissingField, "timestamps and dt are absent, expected one");
    }
    const size_t steps = count_steps(tracks);
    for (size_t step = 0; step < steps; ++step) {
      scene.timestamps.push_back(static_cast<double>(step) * scene.dt);
    }
  } else {
    const DoubleArray times = timestamps.array({{-1}});
    scene.timestamps.assign(times.data(), times.data() + times.size());
  }
  const size_t bad = womd::find_bad_timestamp(scene.timestamps);
  if (bad < scene.timestamps.size()) {
    refuse_number(timestamps, static_cast<py::ssize_t>(bad), scene.timestamps[bad],
                  "increasing numbers of at most 1e11 s");
  }
  if (scene.timestamps.empty()) timestamps.refuse("at least one step");
  scene.num_steps = static_cast<int>(scene.timestamps.size());
  if (dt.is_none()) {
    scene.dt = womd::estimate_dt(scene.timestamps, scene.assumptions);
  } else {
    check_agreement(scene.dt, scene.timestamps, dt.where);
  }
  check_dt(scene.dt);
}

void add_tracks(const std::vector<Located>& tracks, const Located& origin, Scene& scene) {
  const auto expect = [](int got, size_t size, int smallest, const char* name) {
    if (got >= smallest && got < static_cast<int64_t>(size)) return;
    throw SceneFault(ParseCode::kInconsistent,
                     fmt::format("{} is {}, expected {} to {}", name, got, smallest,
                                 static_cast<int64_t>(size) - 1));
  };
  expect(scene.ego, tracks.size(), -1, "ego");
  expect(scene.current_step, scene.timestamps.size(), 0, "current_step");
  std::vector<SourceTrack> sources;
  for (const Located& dict : tracks) {
    sources.push_back(parse_track(dict, scene.num_steps, scene.tracks.emplace_back()));
  }
  scene.origin = choose_origin(origin, sources, scene);
  for (size_t track = 0; track < sources.size(); ++track) {
    Track& to = scene.tracks[track];
    for (py::ssize_t step = 0; step < scene.num_steps; ++step) {
      if (to.valid[static_cast<size_t>(step)] == 1) store_step(sources[track], step, scene, to);
    }
  }
}

}  // namespace forkroad::python
