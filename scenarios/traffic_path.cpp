#include "scenarios/traffic_path.hpp"

#include <algorithm>

#include "scenarios/exact_trig.hpp"

namespace forkroad {
namespace {

constexpr double kSpacing = 0.5;       // [m] between samples
constexpr int kWindow = 5;             // samples on each side that smoothing averages over
constexpr double kEarlyBraking = 1.5;  // [m/s^2] on which speeds before bends are planned
constexpr size_t kSearchStride = 4;    // samples passed over in the first search
constexpr double kCreep = 1.5;         // [m/s] no place of a path is slower

double lateral_at(const DrivePlan& plan, double along) {
  double lateral = plan.lateral;
  for (const LaneShift& shift : plan.shifts) {
    lateral += shift.by * smooth_step((along - shift.from) / (shift.to - shift.from));
  }
  return lateral;
}

}  // namespace

DrivePath::DrivePath(const Layout& layout, const DrivePlan& plan) {
  std::vector<Vec2> raw;
  std::vector<size_t> starts;
  double before = 0;
  for (const int lane : plan.lanes) {
    const Curve& curve = layout.lanes[static_cast<size_t>(lane)].curve;
    const int count = std::max(1, static_cast<int>(std::ceil(curve.length() / kSpacing)));
    starts.push_back(raw.size());
    lane_lengths_.push_back(curve.length());
    const bool is_last = &lane == &plan.lanes.back();
    for (int k = 0; k < count + (is_last ? 1 : 0); ++k) {
      const double along = curve.length() * k / count;
      const CurvePoint point = curve.at(along);
      raw.push_back(point.position + lateral_at(plan, before + along) * left_of(point.direction));
    }
    before += curve.length();
  }
  starts.push_back(raw.size() - 1);
  smooth(raw);
  set_headings();
  for (const size_t start : starts) lane_starts_.push_back(samples_[start].along);
  set_speeds(layout, plan, starts);
}

void DrivePath::smooth(const std::vector<Vec2>& raw) {
  const int count = static_cast<int>(raw.size());
  for (int k = 0; k < count; ++k) {
    const int window = std::min({kWindow, k, count - 1 - k});
    Vec2 sum;
    for (int at = k - window; at <= k + window; ++at) {
      // the ends of the window count half: the mean over a stretch
      const double weight = window > 0 && (at == k - window || at == k + window) ? 0.5 : 1.0;
      sum = sum + weight * raw[static_cast<size_t>(at)];
    }
    const Vec2 mean = (1.0 / (window > 0 ? 2.0 * window : 1.0)) * sum;
    const double along =
        k == 0 ? 0.0 : samples_.back().along + length_of(mean - samples_.back().position);
    samples_.push_back({along, mean, 0, 0, 0});
  }
}

void DrivePath::set_headings() {
  const size_t last = samples_.size() - 1;
  for (size_t k = 0; k <= last; ++k) {
    const Vec2 chord =
        samples_[std::min(k + 1, last)].position - samples_[k == 0 ? 0 : k - 1].position;
    const double heading = exact_angle(chord.y, chord.x);
    samples_[k].heading = k == 0 ? heading
                                 : samples_[k - 1].heading +
                                       wrap_angle(heading - wrap_angle(samples_[k - 1].heading));
  }
  for (size_t k = 0; k <= last; ++k) {
    const Sample& before = samples_[k == 0 ? 0 : k - 1];
    const Sample& after = samples_[std::min(k + 1, last)];
    samples_[k].curvature = (after.heading - before.heading) / (after.along - before.along);
    max_curvature_ = std::max(max_curvature_, std::abs(samples_[k].curvature));
  }
}

void DrivePath::set_speeds(const Layout& layout, const DrivePlan& plan,
                           const std::vector<size_t>& starts) {
  for (size_t lane = 0; lane < plan.lanes.size(); ++lane) {
    const LayoutLane& here = layout.lanes[static_cast<size_t>(plan.lanes[lane])];
    const double limit = std::min(here.speed_limit * plan.speed_factor, plan.top_speed);
    for (size_t k = starts[lane]; k <= starts[lane + 1]; ++k) {
      const double bend = std::max(std::abs(samples_[k].curvature), 1.0e-6);
      const double speed = std::min(limit, std::sqrt(plan.lateral_acceleration / bend));
      samples_[k].speed = std::max(speed, kCreep);
    }
  }
  for (size_t k = samples_.size() - 1; k > 0; --k) {
    const double ahead = samples_[k].speed;
    const double step = samples_[k].along - samples_[k - 1].along;
    samples_[k - 1].speed =
        std::min(samples_[k - 1].speed, std::sqrt(ahead * ahead + 2 * kEarlyBraking * step));
  }
}

size_t DrivePath::find(double along) const {
  const auto after =
      std::upper_bound(samples_.begin(), samples_.end(), along,
                       [](double value, const Sample& sample) { return value < sample.along; });
  const auto at = after - samples_.begin() - 1;
  return static_cast<size_t>(
      std::clamp<std::ptrdiff_t>(at, 0, static_cast<std::ptrdiff_t>(samples_.size()) - 2));
}

DrivePose DrivePath::at(double along) const {
  const size_t k = find(along);
  const Sample &a = samples_[k], &b = samples_[k + 1];
  const double step = b.along - a.along, t = std::clamp((along - a.along) / step, 0.0, 1.0);
  // cubic with the samples' headings, so that velocity has no jumps
  const double t2 = t * t, t3 = t2 * t;
  const Vec2 position = (2 * t3 - 3 * t2 + 1) * a.position +
                        ((t3 - 2 * t2 + t) * step) * unit_at(a.heading) +
                        (3 * t2 - 2 * t3) * b.position + ((t3 - t2) * step) * unit_at(b.heading);
  return {position, a.heading + t * (b.heading - a.heading),
          a.curvature + t * (b.curvature - a.curvature)};
}

double DrivePath::speed_at(double along) const {
  const size_t k = find(along);
  const Sample &a = samples_[k], &b = samples_[k + 1];
  const double t = std::clamp((along - a.along) / (b.along - a.along), 0.0, 1.0);
  return a.speed + t * (b.speed - a.speed);
}

double DrivePath::on_lane(size_t k, double along_lane) const {
  const double scale = (lane_starts_[k + 1] - lane_starts_[k]) / lane_lengths_[k];
  return lane_starts_[k] + along_lane * scale;
}

PathFoot DrivePath::project(Vec2 point, double from, double to) const {
  const size_t first = find(from), last = find(to) + 1;
  size_t nearest = first;
  double least = 1.0e300;
  const auto look = [&](size_t k) {
    const Vec2 gap = point - samples_[k].position;
    if (dot(gap, gap) < least) {
      least = dot(gap, gap);
      nearest = k;
    }
  };
  for (size_t k = first; k <= last; k += kSearchStride) look(k);
  const size_t low = std::max(first + kSearchStride, nearest) - kSearchStride;
  const size_t high = std::min(nearest + kSearchStride, last);
  for (size_t k = low; k <= high; ++k) look(k);
  const Sample& sample = samples_[nearest];
  const size_t next = std::min(nearest + 1, samples_.size() - 1);
  const size_t previous = next == nearest ? nearest - 1 : nearest;
  const Vec2 direction = unit(samples_[next].position - samples_[previous].position);
  const Vec2 gap = point - sample.position;
  return {sample.along + dot(gap, direction), cross(direction, gap), sample.position, direction};
}

}  // namespace forkroad
