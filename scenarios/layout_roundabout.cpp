// Layout: roundabout.
#include <algorithm>

#include "scenarios/exact_trig.hpp"
#include "scenarios/layout_plans.hpp"
#include "scenarios/layout_road.hpp"

namespace forkroad {
namespace {

constexpr double kYieldGap = 3.4;  // [m] between the centre lines where the entry lane yields

struct Ring {
  Vec2 center;
  double radius = 0;  // [m] of the lane
  double width = 0;   // [m] of the lane, and of the arms' lanes
  double corner = 0;  // [m] radius of the corners between the ring and the arms
  double shoulder = 0.4;
  double outer() const { return radius + 0.5 * width + shoulder; }
  double inner() const { return radius - 0.5 * width - shoulder; }
};

struct RingArm {
  Vec2 out;
  double length = 100;
};

Vec2 place(const Ring& ring, const RingArm& arm, double along, double left) {
  return ring.center + along * arm.out + left * left_of(arm.out);
}

// Along an arm, where an arc outside the ring touches a line beside the arm.
double touch_along(const Ring& ring) {
  const double sum = ring.outer() + ring.corner;
  const double aside = ring.width + ring.shoulder + ring.corner;
  return std::sqrt(sum * sum - aside * aside);
}

// The middle of the corner on one side of an arm (+1: left).
Vec2 corner_center(const Ring& ring, const RingArm& arm, double side) {
  return place(ring, arm, touch_along(ring), side * (ring.width + ring.shoulder + ring.corner));
}

// The part of the boundary around one arm: corner, out, end, back, corner.
std::vector<BoundaryPiece> arm_boundary(const Ring& ring, const RingArm& arm) {
  const double half = ring.width + ring.shoulder, along = touch_along(ring);
  std::vector<BoundaryPiece> pieces;
  const Vec2 right = corner_center(ring, arm, -1), left = corner_center(ring, arm, 1);
  const auto on_ring = [&](Vec2 corner) {
    return ring.center + ring.outer() * unit(corner - ring.center);
  };
  pieces.push_back({arc_about(right, on_ring(right), place(ring, arm, along, -half), true),
                    EdgeRole::kBoundary});
  append_line(pieces, place(ring, arm, along, -half), place(ring, arm, arm.length, -half),
              EdgeRole::kBoundary);
  append_line(pieces, place(ring, arm, arm.length, -half), place(ring, arm, arm.length, half),
              EdgeRole::kMapEnd);
  append_line(pieces, place(ring, arm, arm.length, half), place(ring, arm, along, half),
              EdgeRole::kBoundary);
  pieces.push_back(
      {arc_about(left, place(ring, arm, along, half), on_ring(left), true), EdgeRole::kBoundary});
  return pieces;
}

// Halfway between an arm and the next: where the areas are cut.
Vec2 cut_direction(const RingArm& arm, const RingArm& next) {
  double angle = exact_angle(cross(arm.out, next.out), dot(arm.out, next.out));
  if (angle < 0) angle += 2 * kPi;
  return turned(arm.out, 0.5 * angle);
}

Level ring_level(const Ring& ring, const std::vector<RingArm>& arms, const Surface& surface) {
  Level level;
  level.surface = surface;
  std::vector<BoundaryPiece> outer, island;
  const size_t count = arms.size();
  for (size_t arm = 0; arm < count; ++arm) {
    const Vec2 before = cut_direction(arms[(arm + count - 1) % count], arms[arm]);
    const Vec2 after = cut_direction(arms[arm], arms[(arm + 1) % count]);
    const auto around = [&](double radius, Vec2 from, Vec2 to, bool clockwise) {
      return arc_about(ring.center, ring.center + radius * from, ring.center + radius * to,
                       clockwise);
    };
    const std::vector<BoundaryPiece> pieces = arm_boundary(ring, arms[arm]);
    const Vec2 first = unit(pieces.front().piece.start - ring.center);
    const Vec2 last = unit(pieces.back().piece.end() - ring.center);
    const size_t start = outer.size();
    outer.push_back({around(ring.outer(), before, first, false), EdgeRole::kBoundary});
    outer.insert(outer.end(), pieces.begin(), pieces.end());
    outer.push_back({around(ring.outer(), last, after, false), EdgeRole::kBoundary});
    const CurvePiece inner = around(ring.inner(), after, before, true);
    island.insert(island.begin(), {inner, EdgeRole::kBoundary});
    const std::vector<BoundaryPiece> mine(outer.begin() + static_cast<std::ptrdiff_t>(start),
                                          outer.end());
    std::vector<CurvePiece> area = boundary_pieces(mine);
    area.push_back(line_between(ring.center + ring.outer() * after, inner.start));
    area.push_back(inner);
    area.push_back(
        line_between(ring.center + ring.inner() * before, ring.center + ring.outer() * before));
    level.areas.push_back(std::move(area));
  }
  level.loops = {std::move(outer), std::move(island)};
  return level;
}

// The lanes at one arm: in, yield to the ring, out.
void add_arm_lanes(Layout& layout, const Ring& ring, const RingArm& arm, double speed_limit) {
  RoadSection section;
  section.lane_width = ring.width;
  section.shoulder = ring.shoulder;
  section.speed_limit = speed_limit;
  section.divider = MapType::kLineSolidSingleYellow;
  const double along = touch_along(ring);
  add_road(layout, 0,
           Curve({line_between(place(ring, arm, along, 0), place(ring, arm, arm.length, 0))}),
           section);
  LayoutLane lane;
  lane.width = ring.width;
  lane.speed_limit = std::min(speed_limit, 8.5);
  lane.in_junction = true;
  const auto on_ring = [&](Vec2 corner) {
    return ring.center + ring.radius * unit(corner - ring.center);
  };
  const Vec2 left = corner_center(ring, arm, 1), right = corner_center(ring, arm, -1);
  const Curve entry(
      {arc_about(left, place(ring, arm, along, 0.5 * ring.width), on_ring(left), true)});
  // the last metres, where the entry comes close to the ring, are a lane of their own
  double yield = entry.length();
  while (yield > 0 && length_of(entry.at(yield).position - ring.center) < ring.radius + kYieldGap) {
    yield -= 0.25;
  }
  lane.curve = entry.part(0, yield);
  lane.in_junction = false;
  layout.lanes.push_back(lane);
  lane.curve = entry.part(yield, entry.length());
  lane.in_junction = true;
  lane.priority = 1;
  layout.lanes.push_back(lane);
  lane.curve =
      Curve({arc_about(right, on_ring(right), place(ring, arm, along, -0.5 * ring.width), true)});
  lane.priority = 2;
  layout.lanes.push_back(lane);
}

void add_ring_lanes(Layout& layout, const Ring& ring, const std::vector<RingArm>& arms) {
  LayoutLane lane;
  lane.width = ring.width;
  lane.speed_limit = 8.5;
  lane.in_junction = true;
  lane.priority = 2;
  std::vector<Vec2> places;  // out of the ring, into the ring, for each arm
  for (const RingArm& arm : arms) {
    for (const double side : {-1.0, 1.0}) {
      const Vec2 corner = corner_center(ring, arm, side);
      places.push_back(ring.center + ring.radius * unit(corner - ring.center));
    }
  }
  for (size_t at = 0; at < places.size(); ++at) {
    lane.curve =
        Curve({arc_about(ring.center, places[at], places[(at + 1) % places.size()], false)});
    layout.lanes.push_back(lane);
  }
}

}  // namespace

Layout roundabout_layout(SceneRandom& random) {
  Layout layout;
  layout.traffic = 1.7;
  const CurvePoint pose = random_pose(random);
  Ring ring;
  ring.center = pose.position;
  ring.radius = random.uniform(15, 22);
  ring.width = random.uniform(3.9, 4.6);
  ring.corner = random.uniform(10, 14);
  const int count = random.integer(3, 4);
  std::vector<RingArm> arms;
  const double speed_limit = random.chance(0.5) ? kKph50 : kKph30;
  for (int arm = 0; arm < count; ++arm) {
    const double jitter = count == 4 ? 0.06 : 0.2;
    const double angle = 2 * kPi * arm / count + random.uniform(-jitter, jitter);
    arms.push_back({turned(pose.direction, angle), random.uniform(100, 130)});
  }
  layout.levels.push_back(ring_level(ring, arms, random_surface(random, 0.02)));
  for (const RingArm& arm : arms) {
    add_arm_lanes(layout, ring, arm, speed_limit);
    if (!random.chance(0.5)) continue;
    const double along = touch_along(ring) + 3.0, half = ring.width + ring.shoulder;
    layout.crosswalks.push_back(
        {place(ring, arm, along, -half), place(ring, arm, along, half), 3.0, 0, -1});
  }
  add_ring_lanes(layout, ring, arms);
  link_lanes(layout);
  return layout;
}

}  // namespace forkroad
