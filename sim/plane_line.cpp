#include "sim/plane_line.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace forkroad {
namespace {

// Vertices that are looked at together: a zigzag costs its length times this, and not its square.
constexpr size_t kStretch = 256;

// The vertex between two others that lies furthest from their straight, if beyond the tolerance;
// else `first`.
size_t furthest_between(const PlaneLine& line, size_t first, size_t last, float tolerance) {
  float worst = tolerance;
  size_t at = first;
  const float dx = line[last][0] - line[first][0], dy = line[last][1] - line[first][1];
  const float length2 = dx * dx + dy * dy;
  for (size_t k = first + 1; k < last; ++k) {
    const float rx = line[k][0] - line[first][0], ry = line[k][1] - line[first][1];
    const float share =
        length2 > 0.0f ? std::clamp((rx * dx + ry * dy) / length2, 0.0f, 1.0f) : 0.0f;
    const float distance = std::hypot(rx - share * dx, ry - share * dy);
    if (distance <= worst) continue;
    worst = distance;
    at = k;
  }
  return at;
}

}  // namespace

PlaneLine simplify(const PlaneLine& line, float tolerance) {
  if (line.size() < 3) return line;
  std::vector<uint8_t> kept(line.size(), 0);
  std::vector<std::pair<size_t, size_t>> open;
  for (size_t first = 0; first + 1 < line.size(); first += kStretch) {
    const size_t last = std::min(first + kStretch, line.size() - 1);
    kept[first] = kept[last] = 1;
    open.push_back({first, last});
  }
  while (!open.empty()) {
    const auto [first, last] = open.back();
    open.pop_back();
    const size_t at = furthest_between(line, first, last, tolerance);
    if (at == first) continue;
    kept[at] = 1;
    open.push_back({first, at});
    open.push_back({at, last});
  }
  PlaneLine out;
  for (size_t k = 0; k < line.size(); ++k) {
    if (kept[k] != 0) out.push_back(line[k]);
  }
  return out;
}

}  // namespace forkroad
