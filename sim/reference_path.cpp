#include "sim/reference_path.hpp"

#include <cmath>
#include <cstddef>

namespace forkroad {
namespace {

void append_vertex(ReferencePath& path, double x, double y) {
  if (!path.x.empty()) {
    const double dx = x - static_cast<double>(path.x.back());
    const double dy = y - static_cast<double>(path.y.back());
    const double length = std::hypot(dx, dy);
    path.segment_length.push_back(static_cast<float>(length));
    path.direction_x.push_back(static_cast<float>(dx / length));
    path.direction_y.push_back(static_cast<float>(dy / length));
    path.arc_length.push_back(
        static_cast<float>(static_cast<double>(path.arc_length.back()) + length));
  } else {
    path.arc_length.push_back(0.0f);
  }
  path.x.push_back(static_cast<float>(x));
  path.y.push_back(static_cast<float>(y));
}

}  // namespace

PathView ReferencePath::view() const {
  return {x.data(),
          y.data(),
          arc_length.data(),
          segment_length.data(),
          direction_x.data(),
          direction_y.data(),
          static_cast<int32_t>(x.size())};
}

ReferencePath make_reference_path(const Scene& scene, const Snapshot& snapshot, int world) {
  const size_t at = static_cast<size_t>(world);
  const Track& track = scene.tracks[static_cast<size_t>(snapshot.focal_track[at])];
  const EgoState& ego = snapshot.ego(world);
  const double cos_heading = std::cos(static_cast<double>(ego.heading));
  const double sin_heading = std::sin(static_cast<double>(ego.heading));
  ReferencePath path;
  append_vertex(path, static_cast<double>(ego.x), static_cast<double>(ego.y));
  for (int step = snapshot.step[at] + 1; step < scene.num_steps; ++step) {
    const size_t row = static_cast<size_t>(step);
    if (track.valid[row] == 0) continue;
    const double dx = static_cast<double>(track.x[row]) - static_cast<double>(path.x.back());
    const double dy = static_cast<double>(track.y[row]) - static_cast<double>(path.y.back());
    if (std::hypot(dx, dy) < kPathSpacing) continue;
    if (path.x.size() == 1 && dx * cos_heading + dy * sin_heading <= 0.0) break;
    append_vertex(path, static_cast<double>(track.x[row]), static_cast<double>(track.y[row]));
  }
  if (path.x.size() == 1) {
    append_vertex(path, static_cast<double>(ego.x) + kPathSpacing * cos_heading,
                  static_cast<double>(ego.y) + kPathSpacing * sin_heading);
  }
  return path;
}

}  // namespace forkroad
