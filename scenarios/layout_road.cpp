#include "scenarios/layout_road.hpp"

#include <algorithm>

#include "scenarios/exact_trig.hpp"

namespace forkroad {
namespace {

constexpr double kStallLength = 6.2;     // [m] of a place along a kerb
constexpr double kJointDistance = 1e-6;  // [m] ends and starts of linked lanes are closer

// One direction of a road, seen along its own travel.
struct Direction {
  const Curve& axis;  // the reference line in the direction of travel; lanes lie right of it
  int count;
  std::vector<int>& lanes;
  int& bike;
};

void add_direction(Layout& layout, int level, const RoadSection& section, Direction direction) {
  for (int k = 0; k < direction.count; ++k) {
    LayoutLane lane;
    lane.curve = direction.axis.offset(-(k + 0.5) * section.lane_width);
    lane.width = section.lane_width;
    lane.speed_limit = section.speed_limit;
    lane.type = section.lane_type;
    lane.level = level;
    const int index = static_cast<int>(layout.lanes.size());
    if (k > 0) {
      lane.left = index - 1;
      layout.lanes.back().right = index;
      layout.lines.push_back(
          {direction.axis.offset(-k * section.lane_width), MapType::kLineBrokenSingleWhite, level});
    }
    direction.lanes.push_back(index);
    layout.lanes.push_back(lane);
  }
  if (direction.count == 0) return;
  const double side = direction.count * section.lane_width;
  layout.lines.push_back({direction.axis.offset(-side), section.outer, level});
  if (section.bike_width == 0) return;
  LayoutLane bike;
  bike.curve = direction.axis.offset(-(side + 0.5 * section.bike_width));
  bike.width = section.bike_width;
  bike.speed_limit = 7.0;
  bike.type = MapType::kLaneBike;
  bike.level = level;
  direction.bike = static_cast<int>(layout.lanes.size());
  layout.lanes.push_back(bike);
}

}  // namespace

double RoadSection::half_width(bool forward_side) const {
  const int lanes = forward_side ? forward : backward;
  if (lanes == 0) return shoulder;
  return lanes * lane_width + bike_width + parking_width + shoulder;
}

CurvePoint random_pose(SceneRandom& random) {
  const double angle = random.uniform(-kPi, kPi);
  const double x = random.uniform(-20, 20), y = random.uniform(-20, 20);
  return {{x, y}, unit_at(angle)};
}

Surface random_surface(SceneRandom& random, double max_slope) {
  Surface surface;
  const Vec2 uphill = unit_at(random.uniform(-kPi, kPi));
  const double slope = random.uniform(0, max_slope);
  surface.height = random.uniform(-1, 1);
  surface.slope_x = slope * uphill.x;
  surface.slope_y = slope * uphill.y;
  return surface;
}

RoadLanes add_road(Layout& layout, int level, const Curve& reference, const RoadSection& section) {
  RoadLanes lanes;
  add_direction(layout, level, section,
                {reference, section.forward, lanes.forward, lanes.forward_bike});
  add_direction(layout, level, section,
                {reference.reversed(), section.backward, lanes.backward, lanes.backward_bike});
  if (section.forward > 0 && section.backward > 0) {
    layout.lines.push_back({reference, section.divider, level});
  } else {
    layout.lines.push_back({reference, MapType::kLineSolidSingleYellow, level});
  }
  return lanes;
}

void add_road_in_parts(Layout& layout, int level, const Curve& reference,
                       const RoadSection& section, int parts) {
  for (int part = 0; part < parts; ++part) {
    const double step = reference.length() / parts;
    add_road(layout, level, reference.part(part * step, (part + 1) * step), section);
  }
}

void append_edge(std::vector<BoundaryPiece>& loop, const Curve& curve, EdgeRole role) {
  for (const CurvePiece& piece : curve.pieces()) loop.push_back({piece, role});
}

void append_line(std::vector<BoundaryPiece>& loop, Vec2 from, Vec2 to, EdgeRole role) {
  loop.push_back({line_between(from, to), role});
}

std::vector<BoundaryPiece> strip_boundary(const Curve& reference, double right, double left,
                                          EdgeRole right_role, EdgeRole left_role) {
  const Curve there = reference.offset(-right);
  const Curve back = reference.offset(left).reversed();
  std::vector<BoundaryPiece> loop;
  append_edge(loop, there, right_role);
  append_line(loop, there.at(there.length()).position, back.at(0).position, EdgeRole::kMapEnd);
  append_edge(loop, back, left_role);
  append_line(loop, back.at(back.length()).position, there.at(0).position, EdgeRole::kMapEnd);
  return loop;
}

std::vector<CurvePiece> boundary_pieces(const std::vector<BoundaryPiece>& loop) {
  std::vector<CurvePiece> pieces;
  for (const BoundaryPiece& piece : loop) pieces.push_back(piece.piece);
  return pieces;
}

int add_level(Layout& layout, const Surface& surface, std::vector<BoundaryPiece> loop) {
  Level level;
  level.surface = surface;
  level.areas = {boundary_pieces(loop)};
  level.loops = {std::move(loop)};
  layout.levels.push_back(std::move(level));
  return static_cast<int>(layout.levels.size()) - 1;
}

void add_parking_row(Layout& layout, int level, const Curve& reference, const RoadSection& section,
                     bool forward_side, double from, double to) {
  const double outer = section.half_width(forward_side) - section.shoulder;
  const double middle = outer - 0.5 * section.parking_width;
  for (double along = from + 0.5 * kStallLength; along + 0.5 * kStallLength <= to;
       along += kStallLength) {
    CurvePoint place = reference.at(along);
    const double side = forward_side ? -middle : middle;
    place.position = place.position + side * left_of(place.direction);
    if (!forward_side) place.direction = -1.0 * place.direction;
    layout.parking.push_back({place, kStallLength - 0.8, section.parking_width - 0.2, level});
  }
}

void link_lanes(Layout& layout) {
  for (size_t from = 0; from < layout.lanes.size(); ++from) {
    LayoutLane& before = layout.lanes[from];
    const CurvePoint end = before.curve.at(before.curve.length());
    for (size_t to = 0; to < layout.lanes.size(); ++to) {
      LayoutLane& after = layout.lanes[to];
      if (from == to || before.level != after.level) continue;
      if ((before.type == MapType::kLaneBike) != (after.type == MapType::kLaneBike)) continue;
      const CurvePoint start = after.curve.at(0);
      if (length_of(start.position - end.position) > kJointDistance) continue;
      if (dot(start.direction, end.direction) < 0.999) continue;
      before.exits.push_back(static_cast<int>(to));
      after.entries.push_back(static_cast<int>(from));
    }
  }
}

}  // namespace forkroad
