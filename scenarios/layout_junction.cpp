#include "scenarios/layout_junction.hpp"

#include <algorithm>

#include "scenarios/exact_trig.hpp"

namespace forkroad {
namespace {

constexpr double kStraightAngle = 3.1;  // [rad] between arms: one edge runs through
constexpr double kCrosswalkWidth = 3.2, kCrosswalkGap = 0.8, kStopGap = 1.2;  // [m]

// The corner between an arm and the next one counter-clockwise.
struct Corner {
  bool rounded = false;
  double along_first = 0, along_next = 0;  // [m] where the arc touches the edges
  Vec2 center;
};

Corner find_corner(const Junction& junction, size_t arm) {
  const JunctionArm& first = junction.arms[arm];
  const JunctionArm& next = junction.arms[(arm + 1) % junction.arms.size()];
  Corner corner;
  const double sine = cross(first.out, next.out), cosine = dot(first.out, next.out);
  double angle = exact_angle(sine, cosine);
  if (angle < 0) angle += 2.0 * kPi;
  if (angle > kStraightAngle) return corner;
  corner.rounded = true;
  // where the left edge of one meets the right edge of the other
  const double left = first.section.half_width(false), right = next.section.half_width(true);
  const auto [half_sine, half_cosine] = exact_sine_cosine(0.5 * angle);
  const double tangent = junction.corner_radius * half_cosine / half_sine;
  corner.along_first = (right + left * cosine) / sine + tangent;
  corner.along_next = (left + right * cosine) / sine + tangent;
  corner.center = junction.center + corner.along_first * first.out +
                  (left + junction.corner_radius) * left_of(first.out);
  return corner;
}

std::vector<BoundaryPiece> junction_boundary(const Junction& junction,
                                             const std::vector<Corner>& corners) {
  std::vector<BoundaryPiece> loop;
  const size_t count = junction.arms.size();
  for (size_t arm = 0; arm < count; ++arm) {
    const JunctionArm& here = junction.arms[arm];
    const Corner& before = corners[(arm + count - 1) % count];
    const Corner& after = corners[arm];
    const int at = static_cast<int>(arm);
    const double right = -here.section.half_width(true), left = here.section.half_width(false);
    const Vec2 right_end = place_on_arm(junction, at, here.length, right);
    const Vec2 left_end = place_on_arm(junction, at, here.length, left);
    const bool ends = junction.endings.empty() || junction.endings[arm].empty();
    append_line(loop, place_on_arm(junction, at, before.along_next, right),
                ends ? right_end : junction.endings[arm].front().piece.start, EdgeRole::kBoundary);
    if (ends) {
      append_line(loop, right_end, left_end, EdgeRole::kMapEnd);
    } else {
      loop.insert(loop.end(), junction.endings[arm].begin(), junction.endings[arm].end());
    }
    const Vec2 back = ends ? left_end : junction.endings[arm].back().piece.end();
    const Vec2 touch = place_on_arm(junction, at, after.along_first, left);
    append_line(loop, back, touch, EdgeRole::kBoundary);
    if (!after.rounded) continue;
    const int next = (at + 1) % static_cast<int>(count);
    const double next_right = -junction.arms[(arm + 1) % count].section.half_width(true);
    loop.push_back({arc_about(after.center, touch,
                              place_on_arm(junction, next, after.along_next, next_right), true),
                    EdgeRole::kBoundary});
  }
  return loop;
}

void add_crosswalk(Layout& layout, const Junction& junction, int arm, int level) {
  const JunctionArm& here = junction.arms[static_cast<size_t>(arm)];
  const double along = here.mouth + kCrosswalkGap + 0.5 * kCrosswalkWidth;
  layout.crosswalks.push_back({place_on_arm(junction, arm, along, -here.section.half_width(true)),
                               place_on_arm(junction, arm, along, here.section.half_width(false)),
                               kCrosswalkWidth, level, -1});
}

}  // namespace

Vec2 place_on_arm(const Junction& junction, int arm, double along, double left) {
  const Vec2 out = junction.arms[static_cast<size_t>(arm)].out;
  return junction.center + along * out + left * left_of(out);
}

int add_junction(Layout& layout, Junction& junction, const Surface& surface) {
  std::vector<Corner> corners;
  const size_t count = junction.arms.size();
  for (size_t arm = 0; arm < count; ++arm) corners.push_back(find_corner(junction, arm));
  const int level = add_level(layout, surface, junction_boundary(junction, corners));
  for (size_t arm = 0; arm < count; ++arm) {
    JunctionArm& here = junction.arms[arm];
    here.mouth = std::max(corners[(arm + count - 1) % count].along_next, corners[arm].along_first);
    here.stop_line = here.mouth + kStopGap;
    if (here.crosswalk) {
      here.stop_line += kCrosswalkGap + kCrosswalkWidth;
      add_crosswalk(layout, junction, static_cast<int>(arm), level);
    }
    const Vec2 start = junction.center + here.stop_line * here.out;
    here.lanes = add_road(
        layout, level, Curve({{start, here.out, here.length - here.stop_line, 0}}), here.section);
  }
  return level;
}

int add_connector(Layout& layout, const Junction& junction, int from_arm, int from_lane, int to_arm,
                  int to_lane, Turn turn) {
  const JunctionArm& from = junction.arms[static_cast<size_t>(from_arm)];
  const JunctionArm& to = junction.arms[static_cast<size_t>(to_arm)];
  const LayoutLane& before = layout.lanes[static_cast<size_t>(from_lane)];
  const LayoutLane& after = layout.lanes[static_cast<size_t>(to_lane)];
  const CurvePoint start = before.curve.at(before.curve.length());
  const CurvePoint end = after.curve.at(0);
  double radius = 0;
  if (turn == Turn::kRight) {
    // around the rounded corner at the distance of the lane that runs farther from its edge
    const auto to_edge = [&](const JunctionArm& arm, Vec2 place, bool forward) {
      const double left = cross(arm.out, place - junction.center);
      return arm.section.half_width(forward) - std::abs(left);
    };
    radius = junction.corner_radius +
             std::max(to_edge(from, start.position, false), to_edge(to, end.position, true));
  }
  LayoutLane lane;
  lane.curve = corner_curve(start, end, radius);
  lane.width = std::min(before.width, after.width);
  lane.speed_limit = std::min(before.speed_limit, after.speed_limit);
  lane.type = before.type;
  lane.level = before.level;
  lane.in_junction = true;
  layout.lanes.push_back(lane);
  return static_cast<int>(layout.lanes.size()) - 1;
}

std::array<int, 2> add_t_connectors(Layout& layout, const Junction& junction) {
  const auto connect = [&](int from, int to, Turn turn, int priority) {
    const int lane = add_connector(layout, junction, from,
                                   junction.arms[static_cast<size_t>(from)].lanes.backward[0], to,
                                   junction.arms[static_cast<size_t>(to)].lanes.forward[0], turn);
    layout.lanes[static_cast<size_t>(lane)].priority = priority;
    return lane;
  };
  connect(0, 1, Turn::kStraight, 5);
  connect(1, 0, Turn::kStraight, 5);
  connect(1, 2, Turn::kRight, 5);
  connect(0, 2, Turn::kLeft, 4);
  const int right = connect(2, 0, Turn::kRight, 3);
  return {right, connect(2, 1, Turn::kLeft, 2)};
}

}  // namespace forkroad
