#include "sim/vocabulary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/reference_path.hpp"

namespace forkroad {
namespace {

constexpr double kTableSpacing = 0.25;                     // [m] between table points
constexpr double kRampShares[] = {0.125, 0.25, 0.5, 1.0};  // of the horizon: length of a speed ramp
constexpr double kBlendTimes[] = {1.5, 3.0, 5.0};          // [s] at the current speed
constexpr double kMinBlend = 8.0;                          // [m]
constexpr double kMaxHorizon = 3600.0;                     // [s]
constexpr double kMaxReach = 200'000.0;                    // [m]

// A path as a table over arc length.
struct PathTable {
  std::vector<double> x, y, heading;
};

// 0, 1, -1, 2, -2, ...
int alternate(int index) { return index % 2 == 1 ? (index + 1) / 2 : -index / 2; }

double smooth_step(double share) {
  const double t = std::clamp(share, 0.0, 1.0);
  return t * t * t * (10.0 + t * (-15.0 + 6.0 * t));
}

// Heading along the centre path: linear between vertices, the mean of the segments at a vertex,
// the agent's own at the start.
struct Centerline {
  std::vector<double> x, y, arc, heading;

  Centerline(const ReferencePath& path, double start_heading) {
    const size_t size = path.x.size();
    std::vector<double> direction;
    for (size_t k = 0; k + 1 < size; ++k) {
      const double angle = std::atan2(static_cast<double>(path.direction_y[k]),
                                      static_cast<double>(path.direction_x[k]));
      const double before = direction.empty() ? start_heading : direction.back();
      direction.push_back(before + std::remainder(angle - before, 2.0 * std::acos(-1.0)));
    }
    for (size_t k = 0; k < size; ++k) {
      x.push_back(static_cast<double>(path.x[k]));
      y.push_back(static_cast<double>(path.y[k]));
      arc.push_back(static_cast<double>(path.arc_length[k]));
      const double before = k == 0 ? start_heading : direction[k - 1];
      const double after = k + 1 < size ? direction[k] : direction.back();
      heading.push_back(k == 0 ? start_heading : 0.5 * (before + after));
    }
  }

  // Pose at an arc length; straight beyond the end.
  void at(double s, size_t& segment, double* pose) const {
    while (segment + 2 < arc.size() && s > arc[segment + 1]) ++segment;
    const size_t k = segment;
    const double fraction = (s - arc[k]) / (arc[k + 1] - arc[k]);
    pose[0] = x[k] + fraction * (x[k + 1] - x[k]);
    pose[1] = y[k] + fraction * (y[k + 1] - y[k]);
    pose[2] = heading[k] + std::min(fraction, 1.0) * (heading[k + 1] - heading[k]);
  }
};

// The centre line shifted sideways by `lateral` over `blend` metres, as a table over the shifted
// path's own arc length.
PathTable shift_path(const Centerline& center, double lateral, double blend, double length) {
  std::vector<double> x, y, arc;
  size_t segment = 0;
  const int steps = static_cast<int>(length / kTableSpacing) + 2;
  for (int k = 0; k <= steps; ++k) {
    double pose[3];
    const double s = k * kTableSpacing;
    center.at(s, segment, pose);
    const double shift = lateral * smooth_step(s / blend);
    x.push_back(pose[0] - shift * std::sin(pose[2]));
    y.push_back(pose[1] + shift * std::cos(pose[2]));
    arc.push_back(k == 0 ? 0.0
                         : arc.back() +
                               std::hypot(x.back() - x[x.size() - 2], y.back() - y[y.size() - 2]));
  }
  PathTable table;
  size_t k = 0;
  double heading = center.heading[0];
  for (double s = 0.0; s <= length; s += kTableSpacing) {
    while (k + 2 < arc.size() && s > arc[k + 1]) ++k;
    const double step = arc[k + 1] - arc[k];
    const double fraction = step > 0.0 ? (s - arc[k]) / step : 0.0;
    table.x.push_back(x[k] + fraction * (x[k + 1] - x[k]));
    table.y.push_back(y[k] + fraction * (y[k + 1] - y[k]));
    if (s > 0.0 && step > 0.0) {
      const double angle = std::atan2(y[k + 1] - y[k], x[k + 1] - x[k]);
      heading += std::remainder(angle - heading, 2.0 * std::acos(-1.0));
    }
    table.heading.push_back(heading);
  }
  return table;
}

// Distance [m] at each plan step: the speed goes linearly to `final_speed` within `ramp` [s] and
// stays there.
std::vector<double> make_profile(double speed, double final_speed, double ramp,
                                 const VocabularySpec& spec) {
  std::vector<double> distance;
  for (int step = 1; step <= spec.num_steps; ++step) {
    const double time = step * spec.dt;
    const double on_ramp = std::min(time, ramp);
    const double reached = speed + (final_speed - speed) * on_ramp / ramp;
    distance.push_back(0.5 * (speed + reached) * on_ramp + final_speed * (time - on_ramp));
  }
  return distance;
}

// Profile 0 keeps the speed. The others end their ramp at speeds spread evenly over what the limits
// on braking, acceleration and speed let it reach, so that no two are alike.
std::vector<std::vector<double>> make_profiles(double speed, int count,
                                               const VocabularySpec& spec) {
  constexpr int kNumRamps = static_cast<int>(std::size(kRampShares));
  const int levels = (count - 1 + kNumRamps - 1) / kNumRamps;
  std::vector<std::vector<double>> profiles = {make_profile(speed, speed, 1.0, spec)};
  for (int k = 1; k < count; ++k) {
    const double ramp = kRampShares[(k - 1) % kNumRamps] * spec.num_steps * spec.dt;
    const double slowest = std::max(speed - spec.max_braking * ramp, 0.0);
    const double fastest = std::max(std::min(speed + spec.max_acceleration * ramp, spec.max_speed),
                                    std::min(speed, spec.max_speed));
    // a standing agent has no slower speed: leave out the one that profile 0 has
    const int level = (k - 1) / kNumRamps + (slowest < speed ? 0 : 1);
    const int steps = std::max(slowest < speed ? levels - 1 : levels, 1);
    profiles.push_back(
        make_profile(speed, slowest + (fastest - slowest) * level / steps, ramp, spec));
  }
  return profiles;
}

void fill_world(const Scene& scene, const Snapshot& snapshot, int world, int num_plans,
                const VocabularySpec& spec, float* out) {
  constexpr int kNumBlends = static_cast<int>(std::size(kBlendTimes));
  const double speed = std::max(static_cast<double>(snapshot.speed(world)), 0.0);
  const int num_profiles = std::max(1, static_cast<int>(std::lround(std::sqrt(2.0 * num_plans))));
  const int num_paths = (num_plans + num_profiles - 1) / num_profiles;
  const auto profiles = make_profiles(speed, num_profiles, spec);
  double longest = 0.0;
  for (const auto& profile : profiles) longest = std::max(longest, profile.back());
  const Centerline center(make_reference_path(scene, snapshot, world),
                          static_cast<double>(snapshot.ego(world).heading));
  // path 0 is not shifted; then shift levels 1, -1, 2, ... each with every blend length
  const int levels = std::max((num_paths - 1 + kNumBlends - 1) / kNumBlends, 1);
  const double spacing = spec.max_lateral / ((levels + 1) / 2);
  int plan = 0;
  for (int path = 0; path < num_paths; ++path) {
    const int level = path == 0 ? 0 : alternate((path - 1) / kNumBlends + 1);
    const double blend = std::max(kMinBlend, speed * kBlendTimes[path % kNumBlends]);
    const PathTable table =
        shift_path(center, level * spacing, blend, longest + 2.0 * kTableSpacing);
    for (int profile = 0; profile < num_profiles && plan < num_plans; ++profile, ++plan) {
      for (const double s : profiles[static_cast<size_t>(profile)]) {
        const size_t k = std::min(static_cast<size_t>(s / kTableSpacing), table.x.size() - 2);
        const double fraction = s / kTableSpacing - static_cast<double>(k);
        const auto between = [&](const std::vector<double>& column) {
          return static_cast<float>(column[k] + fraction * (column[k + 1] - column[k]));
        };
        *out++ = between(table.x);
        *out++ = between(table.y);
        *out++ = between(table.heading);
      }
    }
  }
}

void check_spec(const Snapshot& snapshot, int num_plans, const VocabularySpec& spec) {
  const auto within = [](double value, double low, double high) {
    return value >= low && value <= high;  // NaN is not
  };
  if (num_plans < 1 || spec.num_steps < 1 || !within(spec.dt, 1.0e-6, kMaxHorizon) ||
      !within(spec.num_steps * spec.dt, 0.0, kMaxHorizon) ||
      !within(spec.max_lateral, 0.0, 100.0) || !within(spec.max_braking, 0.0, 1000.0) ||
      !within(spec.max_acceleration, 0.0, 1000.0) || !within(spec.max_speed, 0.1, 1000.0)) {
    throw std::invalid_argument(fmt::format(
        "vocabulary: got {} plans of {} steps of {} s, max_lateral {} m, max_braking {} m/s^2, "
        "max_acceleration {} m/s^2, max_speed {} m/s; expected at least one plan and step, a "
        "horizon of at most {} s, limits within 100 m, 1000 m/s^2, 0.1 .. 1000 m/s",
        num_plans, spec.num_steps, spec.dt, spec.max_lateral, spec.max_braking,
        spec.max_acceleration, spec.max_speed, kMaxHorizon));
  }
  for (int world = 0; world < snapshot.num_worlds(); ++world) {
    const double speed = static_cast<double>(snapshot.speed(world));
    const double farthest = std::max(speed, spec.max_speed) * spec.num_steps * spec.dt;
    if (farthest > kMaxReach) {
      throw std::invalid_argument(fmt::format(
          "vocabulary: world {}: plans of {} s at up to {} m/s would reach {:g} m, "
          "expected at most {:g} m",
          world, spec.num_steps * spec.dt, std::max(speed, spec.max_speed), farthest, kMaxReach));
    }
  }
}

}  // namespace

PlanSet vocabulary(const SceneBatch& batch, const Snapshot& snapshot, int num_plans,
                   const VocabularySpec& spec) {
  check_spec(snapshot, num_plans, spec);
  const size_t world_size =
      static_cast<size_t>(num_plans) * static_cast<size_t>(spec.num_steps) * 3;
  std::vector<float> values(static_cast<size_t>(snapshot.num_worlds()) * world_size);
  for (int world = 0; world < snapshot.num_worlds(); ++world) {
    fill_world(batch.scene(snapshot.scene[static_cast<size_t>(world)]), snapshot, world, num_plans,
               spec, values.data() + static_cast<size_t>(world) * world_size);
  }
  return PlanSet(
      values, snapshot.num_worlds(), num_plans, spec.num_steps,
      {PlanKind::kPoses, spec.dt, spec.dt, PlanFrame::kScene, ReferencePoint::kBoxCenter});
}

PlanSet vocabulary(const SceneBatch& batch, int num_plans) {
  const Snapshot snapshot = Snapshot::of_log(batch);
  VocabularySpec spec;
  double horizon = 1.0e9;
  for (int index = 0; index < batch.size(); ++index) {
    const Scene& scene = batch.scene(index);
    spec.dt = index == 0 ? scene.dt : std::min(spec.dt, scene.dt);
    horizon = std::min(horizon, (scene.num_steps - 1 - scene.current_step) * scene.dt);
  }
  spec.num_steps = std::max(1, static_cast<int>(std::lround(horizon / spec.dt)));
  return vocabulary(batch, snapshot, num_plans, spec);
}

}  // namespace forkroad
