#include "sim/past_poses.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/trig.hpp"

namespace forkroad {

std::vector<PastPose> past_poses(const Snapshot& snapshot, int world, double dt, int count) {
  const int size = snapshot.history_size;
  const EgoState* const history = snapshot.history.data() + static_cast<size_t>(world) * size;
  // the stretch of observed states that ends in the present
  int first = size - 1;
  while (first > 0 && history[first - 1].observed && snapshot.history_dt > 0.0) --first;
  std::vector<PastPose> poses(static_cast<size_t>(count));
  for (int back = 1; back <= count; ++back) {
    // in history steps from its beginning; without a history everything is before its beginning
    const double place = snapshot.history_dt > 0.0 ? size - 1 - back * dt / snapshot.history_dt
                                                   : static_cast<double>(first);
    float x, y, heading;
    if (snapshot.history_dt > 0.0 && place > first) {
      const int lower = std::clamp(static_cast<int>(place), first, size - 2);
      const EgoState& from = history[lower];
      const EgoState& to = history[lower + 1];
      const float share = static_cast<float>(place - lower);
      x = fma(share, to.x - from.x, from.x);
      y = fma(share, to.y - from.y, from.y);
      heading = fma(share, wrap_angle(to.heading - from.heading), from.heading);
    } else {
      const EgoState& from = history[first];
      const double observed = (size - 1 - first) * snapshot.history_dt;
      const float before = static_cast<float>(back * dt - observed);
      x = fma(-before, from.velocity_x, from.x);
      y = fma(-before, from.velocity_y, from.y);
      heading = from.heading;
    }
    const SinCos<float> unit = sin_cos(heading);
    poses[static_cast<size_t>(back - 1)] = {x, y, unit.cos, unit.sin};
  }
  return poses;
}

}  // namespace forkroad
