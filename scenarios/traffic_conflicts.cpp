#include "scenarios/traffic_conflicts.hpp"

#include <algorithm>

namespace forkroad {
namespace {

constexpr double kSpacing = 0.5;       // [m] at which lanes are compared
constexpr double kCarReach = 2.9;      // [m] between centre lines where cars may touch
constexpr double kCyclistReach = 2.1;  // [m] the same for a car and a cyclist

double reach_of(const LayoutLane& lane, const LayoutLane& other) {
  const bool bikes = lane.type == MapType::kLaneBike || other.type == MapType::kLaneBike;
  return bikes ? kCyclistReach : kCarReach;
}

// The stretch of `lane` that lies within `reach` of `other`; false: there is none.
bool find_stretch(const LayoutLane& lane, const LayoutLane& other, double reach, double& from,
                  double& to) {
  bool found = false;
  const int count = static_cast<int>(std::ceil(lane.curve.length() / kSpacing));
  for (int k = 0; k <= count; ++k) {
    const double along = lane.curve.length() * k / count;
    if (other.curve.project(lane.curve.at(along).position).distance > reach) continue;
    if (!found) from = along;
    to = along;
    found = true;
  }
  return found;
}

bool same_place(Vec2 a, Vec2 b) { return length_of(a - b) < 1.0e-6; }

}  // namespace

std::vector<std::vector<LaneConflict>> find_conflicts(const Layout& layout) {
  std::vector<std::vector<LaneConflict>> conflicts(layout.lanes.size());
  for (size_t a = 0; a < layout.lanes.size(); ++a) {
    for (size_t b = a + 1; b < layout.lanes.size(); ++b) {
      const LayoutLane &first = layout.lanes[a], &second = layout.lanes[b];
      if (!first.in_junction || !second.in_junction || first.level != second.level) continue;
      const Vec2 first_start = first.curve.at(0).position,
                 first_end = first.curve.pieces().back().end();
      const Vec2 second_start = second.curve.at(0).position,
                 second_end = second.curve.pieces().back().end();
      // one behind the other or from the same place
      if (same_place(first_start, second_start) || same_place(first_end, second_start) ||
          same_place(second_end, first_start)) {
        continue;
      }
      const double reach = reach_of(first, second);
      LaneConflict seen;
      seen.other = static_cast<int>(b);
      seen.joins = same_place(first_end, second_end);
      if (!find_stretch(first, second, reach, seen.from, seen.to)) continue;
      if (!find_stretch(second, first, reach, seen.other_from, seen.other_to)) continue;
      conflicts[a].push_back(seen);
      conflicts[b].push_back(
          {static_cast<int>(a), seen.other_from, seen.other_to, seen.from, seen.to, seen.joins});
    }
  }
  return conflicts;
}

}  // namespace forkroad
