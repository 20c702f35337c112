// The path that progress is measured along and that vocabularies follow.
#pragma once

#include <vector>

#include "kernels/reference_path.hpp"
#include "sim/snapshot.hpp"

namespace forkroad {

// A polyline from the focal agent's position at the snapshot along its logged motion.
struct ReferencePath {
  std::vector<float> x, y;                      // [m] scene-local, [N >= 2]
  std::vector<float> arc_length;                // [m] [N]
  std::vector<float> segment_length;            // [m] [N - 1]
  std::vector<float> direction_x, direction_y;  // unit, [N - 1]

  PathView view() const;
  double length() const { return static_cast<double>(arc_length.back()); }
};

// Logged positions at least kPathSpacing apart, from the snapshot on. Where the log does not move
// that far, or first moves against its heading, the path is a straight ray along the heading.
inline constexpr double kPathSpacing = 1.0;  // [m]

ReferencePath make_reference_path(const Scene& scene, const Snapshot& snapshot, int world);

}  // namespace forkroad
