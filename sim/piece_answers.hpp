// PieceAnswers: what the centre lines near to the parts of a square answer, where all places and
// motions of a part agree. One lane is one part.
#pragma once

#include "sim/raster_kernels.hpp"

namespace forkroad {

inline constexpr int kOctants = 8;               // of motion, see octant_share
inline constexpr float kNowhere = 1.0e18f;       // [m]
inline constexpr float kRadiusMargin = 2.0e-3f;  // [m] rounding of distances

// From the middle of a part to its corners [m].
FORKROAD_HD float radius_of(const SquareParts& parts) {
  return 0.5f * parts.size * 1.41422f + kRadiusMargin;
}

template <class F>
void measure_pieces(const PieceList& list, const SquareParts& parts) {
  const float radius = radius_of(parts);
  const F coarse = F((kProjectionReach + radius) * (kProjectionReach + radius));
  const F fine = F((kRouteReach + radius) * (kRouteReach + radius));
  for (int k = 0; k < list.count; ++k) list.parts[k] = 0;
  for (int first = 0; first < kNumParts; first += kWidthOf<F>) {
    const PartMiddles<F> middle = middles_of<F>(parts, first);
    for (int k = 0; k < list.count; ++k) {
      const CenterPiece& piece = list.pieces[list.near[k]];
      const F dx = middle.x - F(piece.x), dy = middle.y - F(piece.y);
      const F along = dx * F(piece.ux) + dy * F(piece.uy);
      const F on = min(max(along, F(0.0f)), F(piece.length));
      const F rx = dx - on * F(piece.ux), ry = dy - on * F(piece.uy);
      const F distance2 = rx * rx + ry * ry;
      store(list.distance2 + k * kNumParts + first, distance2);
      list.parts[k] |= (bits(distance2 <= coarse) | bits(distance2 <= fine) << 16) << first;
    }
  }
}

// The distance of each part from the nearest piece of each kind, of those that come within
// kRouteReach of some part. Returns how many kinds are present.
template <class F>
int gather_kinds(const PieceList& list) {
  int num_present = 0;
  for (int k = 0; k < list.count; ++k) {
    if (list.parts[k] >> 16 == 0) continue;
    const int32_t kind = list.kind_at[list.near[k]];
    int at = 0;
    while (at < num_present && list.present[at] != kind) ++at;
    float* const nearest = list.by_kind + at * kNumParts;
    if (at == num_present) {
      list.present[num_present++] = kind;
      for (int first = 0; first < kNumParts; first += kWidthOf<F>)
        store(nearest + first, F(kNowhere * kNowhere));
    }
    for (int first = 0; first < kNumParts; first += kWidthOf<F>) {
      const F own = load<F>(list.distance2 + k * kNumParts + first);
      store(nearest + first, min(load<F>(nearest + first), own));
    }
  }
  for (int at = 0; at < num_present * kNumParts; at += kWidthOf<F>) {
    store(list.by_kind + at, sqrt(load<F>(list.by_kind + at)));
  }
  return num_present;
}

// Bounds of the distance between a place of a part and the nearest of some pieces.
template <class F>
struct Nearest {
  F possibly = F(kNowhere), surely = F(kNowhere);  // [m] from the middle of the part
  float radius;                                    // [m]

  void count(bool is_possibly, bool is_surely, F distance) {
    if (is_possibly) possibly = min(possibly, distance);
    if (is_surely) surely = min(surely, distance);
  }
  F least() const { return possibly - F(radius); }
  F most() const { return surely + F(radius); }
};

// The word of each part, one answer after the other.
template <class F>
struct PartWords {
  F words = F(0.0f);
  float share = 1.0f;

  void append(MaskOf<F> never, MaskOf<F> always) {
    const auto word = [this](CellAnswer answer) { return F(static_cast<float>(answer) * share); };
    words = words + select(never, word(CellAnswer::kNever),
                           select(always, word(CellAnswer::kAlways), word(CellAnswer::kMixed)));
    share *= 4.0f;
  }
};

// Whether motions of an octant drive against lanes.
template <class F>
void append_octant(const PieceList& list, int num_present, int octant, float radius, int first,
                   PartWords<F>& words) {
  Nearest<F> following = {.radius = radius}, opposing = {.radius = radius};
  for (int at = 0; at < num_present; ++at) {
    const PieceKind& kind = list.kinds[list.present[at]];
    if (!kind.is_for_cars) continue;
    const F distance = load<F>(list.by_kind + at * kNumParts + first);
    const bool surely = (kind.surely >> octant & 1) != 0;
    const bool possibly = (kind.possibly >> octant & 1) != 0;
    following.count(possibly, surely, distance);
    if (kind.opposes) opposing.count(!surely, !possibly, distance);
  }
  const F reach = F(kOpposingReach), half_lane = F(kHalfLane);
  words.append((opposing.least() > reach) | (following.most() <= half_lane) |
                   (following.most() <= opposing.least()),
               (opposing.most() <= reach) & (opposing.most() < following.least()) &
                   (following.least() > half_lane));
}

// The words of the parts from `first` on, as many as there are lanes.
template <class F>
F words_of_parts(const PieceList& list, int num_present, float radius, int first) {
  PartWords<F> words;
  for (int octant = 0; octant < kOctants; ++octant) {
    append_octant<F>(list, num_present, octant, radius, first, words);
  }
  const Nearest<F> none = {.radius = radius};
  Nearest<F> cars = none, bikes = none, shoulders = none, route = none;
  for (int at = 0; at < num_present; ++at) {
    const PieceKind& kind = list.kinds[list.present[at]];
    const F distance = load<F>(list.by_kind + at * kNumParts + first);
    cars.count(kind.is_for_cars, kind.is_for_cars, distance);
    bikes.count(kind.is_for_bikes, kind.is_for_bikes, distance);
    shoulders.count(kind.is_for_emergencies, kind.is_for_emergencies, distance);
    route.count(kind.is_on_route, kind.is_on_route, distance);
  }
  words.append(route.most() <= F(kRouteReach), route.least() > F(kRouteReach));
  const auto append_lane = [&](const Nearest<F>& lane, F half) {
    words.append((lane.least() > half) | (cars.most() <= lane.least()),
                 (lane.most() <= half) & (lane.most() < cars.least()));
  };
  append_lane(bikes, F(kBikeHalfLane));
  append_lane(shoulders, F(kEmergencyHalfLane));
  return words.words;
}

}  // namespace forkroad
