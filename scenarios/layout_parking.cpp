// Layout: parking_lot.
#include <algorithm>

#include "scenarios/exact_trig.hpp"
#include "scenarios/layout_junction.hpp"
#include "scenarios/layout_plans.hpp"

namespace forkroad {
namespace {

constexpr double kStallLength = 5.4;  // [m]
constexpr double kAisleHalf = 3.2;    // [m] from an aisle's centre line to the stalls
constexpr double kTurnRadius = 6.0;   // [m] of the aisles' corners
constexpr double kLotSpeed = 4.2;     // [m/s]
constexpr double kLaneWidth = 4.0;    // [m] of the lot's lanes

// The lot beyond the way in. Places are (right, up): right of the way in's middle line, and from
// the middle of the junction on along it.
struct LotPlan {
  double stem = 0;             // [m] where the way in meets the lot
  double corner = 3.5;         // [m] radius of the rounding there
  double half_stem = 0;        // [m] half the width of the way in
  double aisle = 0;            // [m] from the middle line to the side aisles
  double bottom = 0, top = 0;  // [m] the aisles that run across
  double stall_width = 2.6;

  double half_width() const { return aisle + kAisleHalf + kStallLength + 0.3; }
  double end() const { return top + kAisleHalf + 0.6; }
};

Vec2 lot_place(const Junction& junction, double right, double up) {
  return place_on_arm(junction, 2, up, -right);
}

// What takes the place of the end of the way in: around the lot.
std::vector<BoundaryPiece> lot_boundary(const Junction& junction, const LotPlan& plan) {
  const auto at = [&](double right, double up) { return lot_place(junction, right, up); };
  const double half = plan.half_stem, r = plan.corner, side = plan.half_width();
  std::vector<BoundaryPiece> pieces;
  pieces.push_back({arc_about(at(half + r, plan.stem - r), at(half, plan.stem - r),
                              at(half + r, plan.stem), true),
                    EdgeRole::kBoundary});
  const Vec2 corners[] = {at(half + r, plan.stem), at(side, plan.stem),  at(side, plan.end()),
                          at(-side, plan.end()),   at(-side, plan.stem), at(-half - r, plan.stem)};
  for (int k = 0; k < 5; ++k) append_line(pieces, corners[k], corners[k + 1], EdgeRole::kBoundary);
  pieces.push_back({arc_about(at(-half - r, plan.stem - r), at(-half - r, plan.stem),
                              at(-half, plan.stem - r), true),
                    EdgeRole::kBoundary});
  return pieces;
}

int add_lot_lane(Layout& layout, const Curve& curve, bool in_junction, int priority) {
  LayoutLane lane;
  lane.curve = curve;
  lane.width = kLaneWidth;
  lane.speed_limit = kLotSpeed;
  lane.type = MapType::kLaneUndefined;
  lane.in_junction = in_junction;
  lane.priority = priority;
  layout.lanes.push_back(lane);
  return static_cast<int>(layout.lanes.size()) - 1;
}

// The one-way loop through the lot, counter-clockwise, and how it meets the way in.
void add_lot_lanes(Layout& layout, const Junction& junction, const LotPlan& plan) {
  const auto at = [&](double right, double up) { return lot_place(junction, right, up); };
  const Vec2 up = junction.arms[2].out, right = -1.0 * left_of(up);
  const RoadLanes& stem = junction.arms[2].lanes;
  const LayoutLane in = layout.lanes[static_cast<size_t>(stem.forward[0])];
  const LayoutLane out = layout.lanes[static_cast<size_t>(stem.backward[0])];
  const CurvePoint in_end = in.curve.at(in.curve.length()), out_start = out.curve.at(0);
  const double lane_right = 0.5 * junction.arms[2].section.lane_width;
  const double to_edge = plan.half_stem - lane_right;
  const double radius = plan.corner + std::max(plan.bottom - plan.stem, to_edge);
  const double leave = -lane_right - radius, join = lane_right + radius;
  const double side = plan.aisle;
  CurvePen pen(at(join, plan.bottom), right);
  pen.line(side - kTurnRadius - join).arc(kTurnRadius, 0.5 * kPi);
  pen.line(plan.top - plan.bottom - 2 * kTurnRadius).arc(kTurnRadius, 0.5 * kPi);
  pen.line(2 * side - 2 * kTurnRadius).arc(kTurnRadius, 0.5 * kPi);
  pen.line(plan.top - plan.bottom - 2 * kTurnRadius).arc(kTurnRadius, 0.5 * kPi);
  pen.line(leave + side - kTurnRadius);
  const Curve loop = pen.done();
  const double half = 0.5 * loop.length();
  add_lot_lane(layout, loop.part(0, half), false, 0);
  add_lot_lane(layout, loop.part(half, loop.length()), false, 0);
  const CurvePoint leaving = loop.at(loop.length()), joining = loop.at(0);
  add_lot_lane(layout, Curve({line_between(leaving.position, joining.position)}), true, 2);
  add_lot_lane(layout, corner_curve(in_end, joining, radius), true, 1);
  add_lot_lane(layout, corner_curve(leaving, out_start, radius), true, 2);
}

void add_stalls(Layout& layout, const Junction& junction, const LotPlan& plan) {
  const Vec2 right = -1.0 * left_of(junction.arms[2].out);
  const double from = plan.bottom + kTurnRadius + 2.5, to = plan.top - kTurnRadius - 2.5;
  for (const double aisle : {-plan.aisle, plan.aisle}) {
    for (const double side : {-1.0, 1.0}) {
      for (double up = from; up + plan.stall_width <= to; up += plan.stall_width) {
        const Vec2 center = lot_place(junction, aisle + side * (kAisleHalf + 0.5 * kStallLength),
                                      up + 0.5 * plan.stall_width);
        layout.parking.push_back(
            {{center, side * right}, kStallLength - 0.4, plan.stall_width - 0.5, 0});
        const Vec2 back = center - (0.5 * plan.stall_width) * junction.arms[2].out;
        layout.lines.push_back({Curve({line_between(back - (0.5 * kStallLength) * right,
                                                    back + (0.5 * kStallLength) * right)}),
                                MapType::kLineSolidSingleWhite, 0});
      }
    }
  }
}

Junction make_junction(SceneRandom& random, const CurvePoint& pose, LotPlan& plan) {
  Junction junction;
  junction.center = pose.position;
  junction.corner_radius = random.uniform(6, 8);
  RoadSection street;
  street.lane_width = random.uniform(3.3, 3.7);
  street.speed_limit = random.chance(0.5) ? kKph30 : kKph50;
  RoadSection stem;
  stem.lane_width = random.uniform(3.3, 3.6);
  stem.speed_limit = kLotSpeed + 1.0;
  stem.lane_type = MapType::kLaneUndefined;
  for (const double turn : {0.0, kPi, 1.5 * kPi}) {
    JunctionArm arm;
    arm.out = turned(pose.direction, turn);
    arm.section = turn > 4 ? stem : street;
    arm.length = random.uniform(120, 150);
    junction.arms.push_back(arm);
  }
  plan.half_stem = stem.half_width(true);
  plan.stem = street.half_width(true) + junction.corner_radius + random.uniform(14, 22);
  plan.bottom = plan.stem + 3.4;
  plan.aisle = random.uniform(16.5, 19.0);
  plan.stall_width = random.uniform(2.6, 2.9);
  plan.top = plan.bottom + 2 * kTurnRadius + 5.5 + random.integer(5, 12) * plan.stall_width;
  // lanes of the way in end where the turn into the lot begins
  junction.arms[2].length = plan.stem - plan.corner;
  junction.endings.resize(3);
  junction.endings[2] = lot_boundary(junction, plan);
  return junction;
}

}  // namespace

Layout parking_lot_layout(SceneRandom& random) {
  Layout layout;
  LotPlan plan;
  Junction junction = make_junction(random, random_pose(random), plan);
  add_junction(layout, junction, random_surface(random, 0.02));
  add_t_connectors(layout, junction);
  add_lot_lanes(layout, junction, plan);
  add_stalls(layout, junction, plan);
  layout.parked_share = random.uniform(0.45, 0.85);
  for (const double side : {-0.5, 0.5}) {
    // people on foot between the rows
    const double right = side * 0.8;
    layout.sidewalks.push_back({Curve({line_between(lot_place(junction, right, plan.bottom + 7),
                                                    lot_place(junction, right, plan.top - 7))}),
                                0});
  }
  link_lanes(layout);
  return layout;
}

}  // namespace forkroad
