// Centre lines of lanes: driving against them, leaving the route, driving on lanes for bicycles and
// emergencies.
//
// A raster whose cells know the answers, by the octant of the motion where they depend on it, and
// the exact test for cells that do not. Answers depend on the place and the motion alone.
#pragma once

#include "kernels/lane.hpp"
#include "kernels/trig.hpp"

namespace forkroad {

enum CenterPieceFlag : int32_t {
  kForCars = 1,     // else a lane for bicycles, or for emergencies
  kInJunction = 2,  // lanes cross there: nothing is driven against
  kOnRoute = 4,     // of the route: its lanes, those beside them, and the logged path
  kForEmergencies = 8
};

// A straight piece of a centre line.
struct CenterPiece {
  float x, y;    // [m] start
  float ux, uy;  // unit direction
  float length;  // [m]
  int32_t lane;  // index into Scene::features, -1: the logged path
  int32_t flags;
};

inline constexpr float kHalfLane = 1.85f;          // [m] this near to a lane's centre: on it
inline constexpr float kOpposingReach = 2.5f;      // [m] a lane further away opposes nobody
inline constexpr float kRouteReach = 4.0f;         // [m] from its lines, as CRAFT has it
inline constexpr float kBikeHalfLane = 1.25f;      // [m]
inline constexpr float kEmergencyHalfLane = 1.5f;  // [m]
inline constexpr float kProjectionReach = 10.0f;   // [m] a lane further away is not projected on
inline constexpr float kAgainstLanes = 2.0f;       // [m] driven until opposite_lane_step
inline constexpr float kLeastMotion = 1.0e-3f;     // [m] per step that has a direction

// What a cell says of each of three questions.
enum class CellAnswer : uint8_t { kNever, kAlways, kMixed };

// A cell's word holds CellAnswers, two bits each: driving against lanes for motions of octant 0 to
// 7, then being off the route, on a lane for bicycles, on one for emergencies. Exact in a float.
inline constexpr float kRouteShare = 65536.0f;            // 4^8
inline constexpr float kBikeLaneShare = 262144.0f;        // 4^9
inline constexpr float kEmergencyLaneShare = 1048576.0f;  // 4^10

struct CellPieces {
  int32_t begin, end;  // into `nearby`
};

struct CenterlineView {
  float origin_x = 0, origin_y = 0;  // [m] corner of cell (0, 0)
  float inverse_cell = 1;            // [1/m]
  int32_t columns = 0, rows = 0;     // 0: neither lanes nor a route
  const float* words = nullptr;      // [rows, columns]
  const int32_t* mixed = nullptr;    // [rows, columns]: index into mixed_pieces, -1: none
  const CellPieces* mixed_pieces = nullptr;
  // coarser cells for projection, kCoarseCells of the fine ones to a side
  int32_t coarse_columns = 0, coarse_rows = 0;
  const CellPieces* coarse = nullptr;  // [coarse_rows, coarse_columns]
  const int32_t* nearby = nullptr;     // indices into pieces, rising in each cell
  const CenterPiece* pieces = nullptr;
  int32_t num_mixed = 0, num_nearby = 0, num_pieces = 0;
};

inline constexpr int kCoarseCells = 4;

// Squared distance [m^2] from a point to a piece.
FORKROAD_HD float distance2_to(const CenterPiece& piece, float x, float y) {
  const float dx = x - piece.x, dy = y - piece.y;
  const float along = dx * piece.ux + dy * piece.uy;
  const float on = along < 0.0f ? 0.0f : along > piece.length ? piece.length : along;
  const float rx = dx - on * piece.ux, ry = dy - on * piece.uy;
  return rx * rx + ry * ry;
}

// Answers as bits of a number.
inline constexpr int kDrivesAgainst = 1, kOffRoute = 2, kOnBikeLane = 4, kOnEmergencyLane = 8;

// The exact answers at (x, y) for a motion (mx, my), of which the pieces that matter are known:
//   against lanes: a lane of cars outside junctions that the motion opposes is nearer than every
//     one that it follows and nearer than 2.5 m, and none that it follows is within 1.85 m
//   off the route: more than 4 m from all of its lines
//   on a bicycle lane: within 1.25 m of one, and that is nearer than every lane of cars
//   on an emergency lane: the same within 1.5 m
FORKROAD_HD int answers_at(const CenterlineView& view, int begin, int end, float x, float y,
                           float mx, float my) {
  constexpr float far = 3.0e38f;
  float following = far, opposing = far, cars = far, bikes = far, shoulders = far, route = far;
  for (int k = begin; k < end; ++k) {
    const CenterPiece& piece = view.pieces[view.nearby[k]];
    const float distance2 = distance2_to(piece, x, y);
    const auto nearer = [&](float& least) { least = distance2 < least ? distance2 : least; };
    if ((piece.flags & kOnRoute) != 0) nearer(route);
    if (piece.lane < 0) continue;
    if ((piece.flags & kForCars) == 0) {
      nearer((piece.flags & kForEmergencies) != 0 ? shoulders : bikes);
      continue;
    }
    nearer(cars);
    if (mx * piece.ux + my * piece.uy >= 0.0f) {
      nearer(following);
    } else if ((piece.flags & kInJunction) == 0) {
      nearer(opposing);
    }
  }
  const bool against = opposing <= kOpposingReach * kOpposingReach && opposing < following &&
                       following > kHalfLane * kHalfLane;
  const bool off_route = route > kRouteReach * kRouteReach;
  const bool on_bike_lane = bikes <= kBikeHalfLane * kBikeHalfLane && bikes < cars;
  const bool on_emergency_lane =
      shoulders <= kEmergencyHalfLane * kEmergencyHalfLane && shoulders < cars;
  return (against ? kDrivesAgainst : 0) | (off_route ? kOffRoute : 0) |
         (on_bike_lane ? kOnBikeLane : 0) | (on_emergency_lane ? kOnEmergencyLane : 0);
}

// The same at a point of a cell that leaves a question open.
FORKROAD_HD int answers_in_cell(const CenterlineView& view, int cell, float x, float y, float mx,
                                float my) {
  const CellPieces& pieces = view.mixed_pieces[view.mixed[cell]];
  return answers_at(view, pieces.begin, pieces.end, x, y, mx, my);
}

// Index of the cell of each lane's point; points outside the raster belong to its rim.
template <class F>
FORKROAD_HD F center_cell(const CenterlineView& view, F x, F y) {
  const auto place = [&](F at, float origin, int count) {
    const F cell = (at - F(ScalarOf<F>(origin))) * F(ScalarOf<F>(view.inverse_cell));
    return max(min(cell, F(ScalarOf<F>(count - 1))), lit<F>(0.0));
  };
  const F column = to_lane<F>(to_int(place(x, view.origin_x, view.columns)));
  const F row = to_lane<F>(to_int(place(y, view.origin_y, view.rows)));
  return fma(row, F(ScalarOf<F>(view.columns)), column);
}

// answers_in_cell for lanes that keep several points in memory, where bit k of `asked` is set.
// Scalar work: it stays outside the units of one instruction set.
using ResolveAnswers = void (*)(const CenterlineView& view, uint32_t asked, const float* cells,
                                const float* x, const float* y, const float* mx, const float* my,
                                float* answers);

// Per lane, -1: never.
template <class F>
struct LaneFacts {
  F opposite_lane_distance;  // [m] driven against lanes
  F opposite_lane_step;      // by which that passed kAgainstLanes
  F off_route_step;
  F bike_lane_step;
  F emergency_lane_step;
};

template <class F>
FORKROAD_HD LaneFacts<F> no_lane_facts() {
  return {lit<F>(0.0), lit<F>(-1.0), lit<F>(-1.0), lit<F>(-1.0), lit<F>(-1.0)};
}

// One step's answers per lane: 1, 0, or 2 where a mixed cell was not asked.
template <class F>
struct LaneStep {
  F against, off_route, on_bike_lane, on_emergency_lane;
};

// 4^-octant of a motion: octants by the signs of both components and the larger of them.
template <class F>
FORKROAD_HD F octant_share(F mx, F my) {
  const F zero = lit<F>(0.0), one = lit<F>(1.0);
  return select(mx < zero, lit<F>(1.0 / 256.0), one) * select(my < zero, lit<F>(1.0 / 16.0), one) *
         select(abs(my) > abs(mx), lit<F>(1.0 / 4.0), one);
}

// Takes the digits from `weight` on off a word of whole numbers.
template <class F>
FORKROAD_HD F take_digits(F& word, double weight) {
  const F digits = to_lane<F>(to_int(word * lit<F>(1.0 / weight)));
  word = fma(-digits, lit<F>(weight), word);
  return digits;
}

// Answers where `asked`, else 0.
template <class F>
FORKROAD_HD F answers_in_cells(const CenterlineView& view, ResolveAnswers resolve, MaskOf<F> asked,
                               F cell, F x, F y, F mx, F my) {
  if constexpr (kWidthOf<F> == 1) {
    if (!asked) return F(0);
    return F(ScalarOf<F>(answers_in_cell(view, to_int(cell), static_cast<float>(x),
                                         static_cast<float>(y), static_cast<float>(mx),
                                         static_cast<float>(my))));
  } else {
    constexpr int kWidth = kWidthOf<F>;
    alignas(64) float cells[kWidth], at_x[kWidth], at_y[kWidth], by_x[kWidth], by_y[kWidth];
    alignas(64) float out[kWidth];
    store(cells, cell);
    store(at_x, x);
    store(at_y, y);
    store(by_x, mx);
    store(by_y, my);
    store(out, lit<F>(0.0));
    resolve(view, bits(asked), cells, at_x, at_y, by_x, by_y, out);
    return load<F>(out);
  }
}

// What the centre lines say of a step that moved by (mx, my) to (x, y). What `known` has settled
// already is not asked of mixed cells again.
template <class F>
FORKROAD_HD LaneStep<F> ask_centerlines(const CenterlineView& view, ResolveAnswers resolve, F x,
                                        F y, F mx, F my, const LaneFacts<F>& known) {
  const F zero = lit<F>(0.0), mixed = lit<F>(2.0);
  const F cell = center_cell(view, x, y);
  F word = gather(view.words, to_int(cell));
  LaneStep<F> step = {zero, zero, zero, zero};
  // most places have nothing to say but of the route
  if (any(word >= lit<F>(kBikeLaneShare))) {
    step.on_emergency_lane = take_digits(word, kEmergencyLaneShare);
    step.on_bike_lane = take_digits(word, kBikeLaneShare);
  }
  step.off_route = take_digits(word, kRouteShare);
  if (any(word > zero)) {
    F digit = to_lane<F>(to_int(word * octant_share(mx, my)));
    take_digits(digit, 4.0);
    step.against = digit;
  }
  const MaskOf<F> unsure = (step.against == mixed) |
                           ((step.off_route == mixed) & (known.off_route_step < zero)) |
                           ((step.on_bike_lane == mixed) & (known.bike_lane_step < zero)) |
                           ((step.on_emergency_lane == mixed) & (known.emergency_lane_step < zero));
  if (any(unsure)) {
    F rest = answers_in_cells(view, resolve, unsure, cell, x, y, mx, my);
    const F on_emergency_lane = take_digits(rest, kOnEmergencyLane);
    const F on_bike_lane = take_digits(rest, kOnBikeLane);
    const F off_route = take_digits(rest, kOffRoute);
    step.against = select(step.against == mixed, rest, step.against);
    step.off_route = select(step.off_route == mixed, off_route, step.off_route);
    step.on_bike_lane = select(step.on_bike_lane == mixed, on_bike_lane, step.on_bike_lane);
    step.on_emergency_lane =
        select(step.on_emergency_lane == mixed, on_emergency_lane, step.on_emergency_lane);
  }
  return step;
}

// Takes a step into account. What moves less than a millimetre has no direction.
template <class F>
FORKROAD_HD void judge_lanes(const LaneStep<F>& answers, F mx, F my, int step,
                             LaneFacts<F>& facts) {
  const F zero = lit<F>(0.0), this_step = F(ScalarOf<F>(step));
  const auto first = [&](F& known, MaskOf<F> happens) {
    known = select(happens & (known < zero), this_step, known);
  };
  if (step > 0 && any(answers.against > zero)) {
    const F travel = sqrt(fma(mx, mx, my * my));
    const MaskOf<F> against = (answers.against > zero) & (travel > lit<F>(kLeastMotion));
    facts.opposite_lane_distance =
        select(against, facts.opposite_lane_distance + travel, facts.opposite_lane_distance);
    first(facts.opposite_lane_step, facts.opposite_lane_distance > lit<F>(kAgainstLanes));
  }
  first(facts.off_route_step, answers.off_route > zero);
  first(facts.bike_lane_step, answers.on_bike_lane > zero);
  first(facts.emergency_lane_step, answers.on_emergency_lane > zero);
}

// Where a pose is on the lanes.
struct LaneProjection {
  int32_t piece;   // index into pieces, -1: no lane within 10 m
  float offset;    // [m] of the place, left of the centre line positive
  float cos, sin;  // of the heading relative to the lane
};

// Onto the nearest lane of cars that the heading follows within a right angle; onto the nearest one
// at all where it follows none. Of equally near ones the first piece counts.
FORKROAD_HD LaneProjection project_to_lane(const CenterlineView& view, float x, float y, float cos,
                                           float sin) {
  const auto place = [&](float at, float origin, int count) {
    const float cell = (at - origin) * view.inverse_cell * (1.0f / kCoarseCells);
    return to_int(cell < 0.0f                            ? 0.0f
                  : cell > static_cast<float>(count - 1) ? static_cast<float>(count - 1)
                                                         : cell);
  };
  const CellPieces& cell =
      view.coarse[place(y, view.origin_y, view.coarse_rows) * view.coarse_columns +
                  place(x, view.origin_x, view.coarse_columns)];
  struct Nearest {
    float distance2 = kProjectionReach * kProjectionReach;
    int32_t piece = -1;
  };
  Nearest followed, opposed;
  for (int k = cell.begin; k < cell.end; ++k) {
    const int32_t index = view.nearby[k];
    const CenterPiece& piece = view.pieces[index];
    if (piece.lane < 0 || (piece.flags & kForCars) == 0) continue;
    const float distance2 = distance2_to(piece, x, y);
    const bool follows = cos * piece.ux + sin * piece.uy >= 0.0f;
    if (follows && distance2 < followed.distance2) followed = {distance2, index};
    if (!follows && distance2 < opposed.distance2) opposed = {distance2, index};
  }
  const Nearest best = followed.piece >= 0 ? followed : opposed;
  if (best.piece < 0) return {-1, 0.0f, 1.0f, 0.0f};
  const CenterPiece& piece = view.pieces[best.piece];
  const float dx = x - piece.x, dy = y - piece.y;
  const float left = piece.ux * dy - piece.uy * dx;
  const float distance = sqrt(best.distance2);
  return {best.piece, left < 0.0f ? -distance : distance, cos * piece.ux + sin * piece.uy,
          sin * piece.ux - cos * piece.uy};
}

// project_to_lane for lanes that keep several poses in memory.
using ProjectToLane = void (*)(const CenterlineView& view, int count, const float* x,
                               const float* y, const float* cos, const float* sin, float* piece,
                               float* offset, float* relative_cos, float* relative_sin);

}  // namespace forkroad
