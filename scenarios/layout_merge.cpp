// Layout: merge.
#include <algorithm>

#include "scenarios/exact_trig.hpp"
#include "scenarios/layout_plans.hpp"
#include "scenarios/layout_road.hpp"

namespace forkroad {
namespace {

constexpr double kNoseWidth = 0.6;  // [m] of the blunt end between ramp and carriageway

struct MergePlan {
  CurvePoint start;   // of the left edge line of the carriageway
  RoadSection main;   // one-way
  double length = 0;  // [m] of the carriageway
  double nose = 0;    // [m] along it where the ramp runs beside it
  double taper = 0;   // [m] where the acceleration lane starts to end
  double joined = 0;  // [m] where it has ended
  double right = 0;   // [m] the right edge of the carriageway is this far from the left line
  Curve ramp;         // its centre line up to the nose

  CurvePoint place(double along, double to_right) const {
    return {start.position + along * start.direction - to_right * left_of(start.direction),
            start.direction};
  }
  // How far a point lies right of the left line [m].
  double to_right(Vec2 point) const { return -cross(start.direction, point - start.position); }
};

MergePlan random_plan(SceneRandom& random) {
  MergePlan plan;
  const CurvePoint pose = random_pose(random);
  plan.main.forward = random.integer(2, 3);
  plan.main.backward = 0;
  plan.main.lane_width = random.uniform(3.5, 3.75);
  plan.main.shoulder = random.uniform(0.8, 2.0);
  plan.main.speed_limit = random.uniform(80, 110) / 3.6;
  plan.main.lane_type = MapType::kLaneFreeway;
  plan.length = random.uniform(580, 640);
  plan.nose = random.uniform(230, 260);
  plan.taper = plan.nose + random.uniform(110, 160);
  plan.joined = plan.taper + random.uniform(50, 65);
  plan.start = {pose.position - plan.nose * pose.direction, pose.direction};
  plan.right = plan.main.half_width(true);
  const double width = plan.main.lane_width;
  const CurvePoint nose = plan.place(plan.nose, (plan.main.forward + 0.5) * width);
  const double radius = random.uniform(130, 240), angle = random.uniform(0.25, 0.5);
  plan.ramp = CurvePen(nose.position, -1.0 * nose.direction)
                  .arc(radius, angle)
                  .line(random.uniform(80, 120))
                  .done()
                  .reversed();
  return plan;
}

// Where, going back along the ramp's left edge, the nose begins [m along the edge].
double find_nose(const MergePlan& plan, const Curve& edge) {
  double inside = edge.length(), outside = 0.0;
  for (int step = 0; step < 60; ++step) {
    const double middle = 0.5 * (inside + outside);
    const bool apart = plan.to_right(edge.at(middle).position) > plan.right + kNoseWidth;
    (apart ? outside : inside) = middle;
  }
  return outside;
}

std::vector<BoundaryPiece> merge_boundary(const MergePlan& plan) {
  const double half = 0.5 * plan.main.lane_width + plan.main.shoulder;
  const Curve ramp_left = plan.ramp.offset(half);
  const double nose = find_nose(plan, ramp_left);
  const Vec2 ramp_side = ramp_left.at(nose).position;
  const double along = dot(ramp_side - plan.start.position, plan.start.direction);
  const Vec2 main_side = plan.place(along, plan.right).position;
  const Curve back = ramp_left.part(0, nose).reversed();
  const Curve ramp_right = plan.ramp.offset(-half);
  const double outside = plan.right + plan.main.lane_width;
  std::vector<BoundaryPiece> loop;
  append_line(loop, plan.place(0, plan.right).position, main_side, EdgeRole::kBoundary);
  append_line(loop, main_side, ramp_side, EdgeRole::kBoundary);
  append_edge(loop, back, EdgeRole::kBoundary);
  append_line(loop, back.at(back.length()).position, ramp_right.at(0).position, EdgeRole::kMapEnd);
  append_edge(loop, ramp_right, EdgeRole::kBoundary);
  const CurvePoint taper = plan.place(plan.taper, outside);
  append_line(loop, ramp_right.at(ramp_right.length()).position, taper.position,
              EdgeRole::kBoundary);
  append_edge(loop, shift_curve(taper, plan.place(plan.joined, plan.right)), EdgeRole::kBoundary);
  append_line(loop, plan.place(plan.joined, plan.right).position,
              plan.place(plan.length, plan.right).position, EdgeRole::kBoundary);
  const double left = -plan.main.half_width(false);
  append_line(loop, plan.place(plan.length, plan.right).position,
              plan.place(plan.length, left).position, EdgeRole::kMapEnd);
  append_line(loop, plan.place(plan.length, left).position, plan.place(0, left).position,
              EdgeRole::kMedian);
  append_line(loop, plan.place(0, left).position, plan.place(0, plan.right).position,
              EdgeRole::kMapEnd);
  return loop;
}

}  // namespace

Layout merge_layout(SceneRandom& random) {
  Layout layout;
  const MergePlan plan = random_plan(random);
  add_level(layout, random_surface(random, 0.02), merge_boundary(plan));
  const double cuts[] = {0, plan.nose, plan.taper, plan.joined, plan.length};
  for (int part = 0; part < 4; ++part) {
    RoadSection section = plan.main;
    const bool beside_ramp = part == 1 || part == 2;
    if (beside_ramp) section.outer = MapType::kLineBrokenSingleWhite;
    const Vec2 from = plan.place(cuts[part], 0).position,
               to = plan.place(cuts[part + 1], 0).position;
    const RoadLanes lanes = add_road(layout, 0, Curve({line_between(from, to)}), section);
    if (part != 2) continue;
    LayoutLane& joining = layout.lanes[static_cast<size_t>(lanes.forward.back())];
    joining.in_junction = true;
    joining.priority = 2;
  }
  RoadSection ramp = plan.main;
  ramp.forward = 1;
  const double width = plan.main.lane_width;
  const double bend = plan.ramp.pieces().back().curvature;
  ramp.speed_limit = std::clamp(std::sqrt(2.2 / std::abs(bend)), kKph50, 22.0);
  add_road(layout, 0, plan.ramp.offset(0.5 * width), ramp);
  LayoutLane lane;
  lane.width = width;
  lane.type = MapType::kLaneFreeway;
  lane.speed_limit = plan.main.speed_limit;
  const CurvePoint taper = plan.place(plan.taper, (plan.main.forward + 0.5) * width);
  lane.curve = Curve({line_between(plan.ramp.at(plan.ramp.length()).position, taper.position)});
  layout.lanes.push_back(lane);
  layout.lines.push_back({lane.curve.offset(-0.5 * width), MapType::kLineSolidSingleWhite, 0});
  lane.curve = shift_curve(taper, plan.place(plan.joined, (plan.main.forward - 0.5) * width));
  lane.in_junction = true;
  lane.priority = 1;
  layout.lanes.push_back(lane);
  link_lanes(layout);
  return layout;
}

}  // namespace forkroad
