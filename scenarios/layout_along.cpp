// Layouts without junctions: multi_lane, curve, overpass.
#include <algorithm>

#include "scenarios/exact_trig.hpp"
#include "scenarios/layout_plans.hpp"
#include "scenarios/layout_road.hpp"

namespace forkroad {
namespace {

struct DrivewayPlace {
  double along;  // [m] on the edge
  double width, depth;
};

// A straight edge with openings for driveways, whose mouths are rounded.
void append_edge_with_driveways(Layout& layout, std::vector<BoundaryPiece>& loop, const Curve& edge,
                                const std::vector<DrivewayPlace>& driveways) {
  constexpr double kMouth = 1.5;   // [m] radius of the rounding
  constexpr double kInside = 1.0;  // [m] by which the driveway's ring overlaps the road
  double from = 0;
  for (const DrivewayPlace& driveway : driveways) {
    const double first = driveway.along - 0.5 * driveway.width;
    const double last = driveway.along + 0.5 * driveway.width;
    append_edge(loop, edge.part(from, first - kMouth), EdgeRole::kBoundary);
    const Vec2 ahead = edge.at(first).direction, out = -1.0 * left_of(ahead);
    const auto place = [&](double along, double outside) {
      return edge.at(along).position + outside * out;
    };
    loop.push_back({arc_about(place(first - kMouth, kMouth), place(first - kMouth, 0),
                              place(first, kMouth), true),
                    EdgeRole::kBoundary});
    append_line(loop, place(first, kMouth), place(first, driveway.depth), EdgeRole::kBoundary);
    append_line(loop, place(first, driveway.depth), place(last, driveway.depth), EdgeRole::kMapEnd);
    append_line(loop, place(last, driveway.depth), place(last, kMouth), EdgeRole::kBoundary);
    loop.push_back({arc_about(place(last + kMouth, kMouth), place(last, kMouth),
                              place(last + kMouth, 0), true),
                    EdgeRole::kBoundary});
    layout.driveways.push_back({{place(first, -kInside), place(first, driveway.depth),
                                 place(last, driveway.depth), place(last, -kInside)},
                                0});
    layout.parking.push_back({{place(driveway.along, 0.5 * driveway.depth + 0.7), out},
                              driveway.depth - 2.2,
                              driveway.width - 1.0,
                              0});
    from = last + kMouth;
  }
  append_edge(loop, edge.part(from, edge.length()), EdgeRole::kBoundary);
}

std::vector<DrivewayPlace> random_driveways(SceneRandom& random, double length) {
  std::vector<DrivewayPlace> driveways;
  const int count = random.integer(0, 3);
  for (int k = 0; k < count; ++k) {
    const double room = length / count;
    driveways.push_back({k * room + random.uniform(0.3, 0.7) * room, random.uniform(3.2, 5.0),
                         random.uniform(7.0, 9.0)});
  }
  return driveways;
}

// Two carriageways with a raised median between them.
void make_divided_road(Layout& layout, SceneRandom& random, const Curve& axis, RoadSection section,
                       int parts) {
  const double median = random.uniform(1.5, 6.0);
  const Surface surface = random_surface(random, 0.03);
  section.backward = 0;
  section.shoulder = random.uniform(0.5, 2.5);
  for (const bool forward : {true, false}) {
    const Curve inner = forward ? axis.offset(-0.5 * median) : axis.offset(0.5 * median).reversed();
    RoadSection side = section;
    side.forward = std::max(2, section.forward - (forward ? 0 : random.integer(0, 1)));
    const int level = add_level(
        layout, surface,
        strip_boundary(inner, side.half_width(true), 0.4, EdgeRole::kBoundary, EdgeRole::kMedian));
    add_road_in_parts(layout, level, inner, side, parts);
  }
}

void make_street(Layout& layout, SceneRandom& random, const Curve& axis, RoadSection section,
                 int parts) {
  const double width_forward = section.half_width(true);
  const double width_backward = section.half_width(false);
  const Curve right = axis.offset(-width_forward), left = axis.offset(width_backward).reversed();
  std::vector<DrivewayPlace> on_right, on_left;
  if (section.parking_width == 0) {
    on_right = random_driveways(random, axis.length());
    on_left = random_driveways(random, axis.length());
  }
  std::vector<BoundaryPiece> loop;
  append_edge_with_driveways(layout, loop, right, on_right);
  append_line(loop, right.at(right.length()).position, left.at(0).position, EdgeRole::kMapEnd);
  append_edge_with_driveways(layout, loop, left, on_left);
  append_line(loop, left.at(left.length()).position, right.at(0).position, EdgeRole::kMapEnd);
  add_level(layout, random_surface(random, 0.03), std::move(loop));
  add_road_in_parts(layout, 0, axis, section, parts);
  const double crossing = random.uniform(0.4, 0.65) * axis.length();
  if (section.parking_width > 0) {
    for (const bool forward : {true, false}) {
      add_parking_row(layout, 0, axis, section, forward, 8.0, crossing - 12.0);
      add_parking_row(layout, 0, axis, section, forward, crossing + 12.0, axis.length() - 8.0);
    }
  }
  for (const double side : {-width_forward - 2.8, width_backward + 2.8}) {
    if (section.parking_width > 0) layout.sidewalks.push_back({axis.offset(side), 0});
  }
  if (section.forward + section.backward > 4) return;
  const CurvePoint place = axis.at(crossing);
  layout.crosswalks.push_back({place.position - width_forward * left_of(place.direction),
                               place.position + width_backward * left_of(place.direction),
                               random.uniform(3.0, 4.5), 0, -1});
}

}  // namespace

Layout multi_lane_layout(SceneRandom& random) {
  Layout layout;
  const CurvePoint pose = random_pose(random);
  const double length = random.uniform(380, 520);
  const Curve axis({{pose.position - (0.5 * length) * pose.direction, pose.direction, length, 0}});
  RoadSection section;
  section.forward = random.chance(0.5) ? 2 : random.integer(3, 4);
  section.backward = std::max(1, section.forward - random.integer(0, 1));
  section.lane_width = random.uniform(3.2, 3.75);
  const int parts = random.integer(1, 3);
  if (section.forward > 2 || random.chance(0.3)) {
    section.speed_limit = random.uniform(60, 100) / 3.6;
    make_divided_road(layout, random, axis, section, parts);
  } else {
    section.speed_limit = random.chance(0.5) ? kKph50 : kKph60;
    if (random.chance(0.5)) section.bike_width = random.uniform(1.5, 2.0);
    if (random.chance(0.6)) section.parking_width = random.uniform(2.2, 2.6);
    make_street(layout, random, axis, section, parts);
  }
  link_lanes(layout);
  return layout;
}

Layout curve_layout(SceneRandom& random) {
  Layout layout;
  const CurvePoint pose = random_pose(random);
  const double radius = random.uniform(35, 220);
  const double most = random.sign() * std::min(2.0, 160.0 / radius);
  const double turn = most * random.uniform(0.5, 1.0);
  CurvePen pen(pose.position, pose.direction);
  pen.line(random.uniform(80, 130)).arc(radius, turn).line(random.uniform(30, 80));
  if (random.chance(0.5)) pen.arc(random.uniform(60, 200), -0.5 * turn).line(60);
  const Curve axis = pen.line(random.uniform(60, 120)).done();
  RoadSection section;
  section.forward = random.integer(1, 2);
  section.backward = random.integer(1, section.forward);
  section.lane_width = random.uniform(3.2, 3.9);
  section.shoulder = random.uniform(0.5, 1.5);
  section.speed_limit = std::clamp(std::sqrt(2.2 * radius), kKph30, 22.0);
  section.divider =
      random.chance(0.5) ? MapType::kLineSolidDoubleYellow : MapType::kLineBrokenSingleYellow;
  const int level =
      add_level(layout, random_surface(random, 0.05),
                strip_boundary(axis, section.half_width(true), section.half_width(false),
                               EdgeRole::kBoundary, EdgeRole::kBoundary));
  add_road_in_parts(layout, level, axis, section, random.integer(1, 4));
  link_lanes(layout);
  return layout;
}

Layout overpass_layout(SceneRandom& random) {
  Layout layout;
  const CurvePoint pose = random_pose(random);
  const Surface ground = random_surface(random, 0.02);
  for (const bool above : {false, true}) {
    const double angle = random.uniform(0.7, kPi - 0.7);
    const Vec2 along = above ? turned(pose.direction, angle) : pose.direction;
    const double half = random.uniform(190, 240);
    const Curve axis({{pose.position - half * along, along, 2 * half, 0}});
    RoadSection section;
    section.forward = random.integer(1, 3);
    section.backward = std::max(1, section.forward - random.integer(0, 1));
    section.lane_width = random.uniform(3.3, 3.75);
    section.shoulder = random.uniform(0.6, 1.5);
    section.speed_limit = random.uniform(50, 80) / 3.6;
    Surface surface = ground;
    if (above) {
      surface.hump_line = axis;
      surface.hump_center = half;
      surface.hump_top = random.uniform(18, 28);
      surface.hump_ramp = random.uniform(130, 155);
      surface.hump_height = random.uniform(6.2, 8.0);
    }
    const int level =
        add_level(layout, surface,
                  strip_boundary(axis, section.half_width(true), section.half_width(false),
                                 EdgeRole::kBoundary, EdgeRole::kBoundary));
    add_road_in_parts(layout, level, axis, section, random.integer(1, 2));
  }
  link_lanes(layout);
  return layout;
}

}  // namespace forkroad
