#include "sim/lane_crossings.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace forkroad {
namespace {

constexpr float kLeastSine = 0.3f;    // of the angle between lanes that cross
constexpr float kFromLaneEnd = 0.5f;  // [m] nearer to a lane's end it is a fork or a join

// A stretch of a lane, by the way along it [m].
struct Stretch {
  float begin, end;
};

// Where each piece begins along its lane [m] and how long the lane is.
struct AlongLane {
  float begin, lane_length;
};

std::vector<AlongLane> measure(const std::vector<CenterPiece>& pieces) {
  std::vector<AlongLane> along(pieces.size());
  for (size_t first = 0; first < pieces.size();) {
    size_t end = first;
    float length = 0.0f;
    for (; end < pieces.size() && pieces[end].lane == pieces[first].lane; ++end) {
      along[end].begin = length;
      length += pieces[end].length;
    }
    for (; first < end; ++first) along[first].lane_length = length;
  }
  return along;
}

// The ways along both pieces to where they cross; false if they do not.
bool cross_at(const CenterPiece& a, const CenterPiece& b, float& on_a, float& on_b) {
  const float sine = a.ux * b.uy - a.uy * b.ux;
  if (!(std::abs(sine) > kLeastSine)) return false;
  const float dx = b.x - a.x, dy = b.y - a.y;
  on_a = (dx * b.uy - dy * b.ux) / sine;
  on_b = (dx * a.uy - dy * a.ux) / sine;
  return on_a >= 0.0f && on_a <= a.length && on_b >= 0.0f && on_b <= b.length;
}

bool near_lane_end(const AlongLane& lane, float on_piece) {
  const float at = lane.begin + on_piece;
  return at < kFromLaneEnd || at > lane.lane_length - kFromLaneEnd;
}

float least_x(const CenterPiece& piece) {
  return std::min(piece.x, piece.x + piece.length * piece.ux);
}

float largest_x(const CenterPiece& piece) {
  return std::max(piece.x, piece.x + piece.length * piece.ux);
}

// Calls `found(piece, way along it)` for both pieces of every crossing, but for lanes of cars that
// only a lane for bicycles crosses.
template <class Found>
void find_crossings(const std::vector<CenterPiece>& pieces, const std::vector<AlongLane>& along,
                    const Found& found) {
  std::vector<size_t> order(pieces.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto for_cars = [&](size_t k) { return (pieces[k].flags & kForCars) != 0; };
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return least_x(pieces[a]) < least_x(pieces[b]); });
  for (size_t first = 0; first < order.size(); ++first) {
    const size_t a = order[first];
    const float end = largest_x(pieces[a]);
    for (size_t second = first + 1; second < order.size(); ++second) {
      const size_t b = order[second];
      if (least_x(pieces[b]) > end) break;
      float on_a, on_b;
      if (pieces[a].lane == pieces[b].lane || !cross_at(pieces[a], pieces[b], on_a, on_b)) continue;
      if (near_lane_end(along[a], on_a) || near_lane_end(along[b], on_b)) continue;
      if (for_cars(b)) found(a, on_a);
      if (for_cars(a)) found(b, on_b);
    }
  }
}

// Ascending, disjoint.
std::vector<Stretch> merged(std::vector<Stretch> stretches) {
  std::sort(stretches.begin(), stretches.end(),
            [](const Stretch& a, const Stretch& b) { return a.begin < b.begin; });
  std::vector<Stretch> out;
  for (const Stretch& stretch : stretches) {
    if (out.empty() || stretch.begin > out.back().end) {
      out.push_back(stretch);
    } else {
      out.back().end = std::max(out.back().end, stretch.end);
    }
  }
  return out;
}

// The part of a piece between two ways along it, unless that is empty.
void add_part(const CenterPiece& piece, float begin, float end, int32_t more_flags,
              std::vector<CenterPiece>& out) {
  if (!(end - begin > 1.0e-4f)) return;
  CenterPiece part = piece;
  part.x += begin * piece.ux;
  part.y += begin * piece.uy;
  part.length = end - begin;
  part.flags |= more_flags;
  out.push_back(part);
}

}  // namespace

std::vector<CenterPiece> mark_crossings(const std::vector<CenterPiece>& pieces) {
  const std::vector<AlongLane> along = measure(pieces);
  int lanes = 0;
  for (const CenterPiece& piece : pieces) lanes = std::max(lanes, piece.lane + 1);
  std::vector<std::vector<Stretch>> junctions(static_cast<size_t>(lanes));
  find_crossings(pieces, along, [&](size_t piece, float on_piece) {
    const float at = along[piece].begin + on_piece;
    junctions[static_cast<size_t>(pieces[piece].lane)].push_back(
        {at - kCrossingReach, at + kCrossingReach});
  });
  for (auto& stretches : junctions) stretches = merged(std::move(stretches));
  std::vector<CenterPiece> out;
  for (size_t k = 0; k < pieces.size(); ++k) {
    const CenterPiece& piece = pieces[k];
    float done = 0.0f;
    for (const Stretch& stretch : junctions[static_cast<size_t>(piece.lane)]) {
      const float begin = std::clamp(stretch.begin - along[k].begin, done, piece.length);
      const float end = std::clamp(stretch.end - along[k].begin, begin, piece.length);
      if (!(end > begin)) continue;
      add_part(piece, done, begin, 0, out);
      add_part(piece, begin, end, kInJunction, out);
      done = end;
    }
    add_part(piece, done, piece.length, 0, out);
  }
  return out;
}

}  // namespace forkroad
