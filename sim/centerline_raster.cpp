#include "sim/centerline_raster.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

namespace forkroad {
namespace {

constexpr int kMaxSide = 4000;  // cells
// A square near to more pieces than this is cut without asking: they would not agree.
constexpr size_t kManyPieces = 32;
constexpr float kMargin = 2.0e-3f;  // [m] of distances, [1] of directions: rounding
constexpr float kFar = 3.0e38f;
constexpr int kOctants = 8;

struct Square {
  int column, row, size;  // [cells]
};

// Which octants of motion a piece surely or possibly follows, as bits, and whether it can oppose
// any: there are a few dozen kinds of pieces.
struct PieceKind {
  uint8_t surely, possibly;
  bool opposes;
  bool operator==(const PieceKind&) const = default;
};

// The two directions that bound an octant; see octant_share for their order.
std::array<std::array<float, 2>, 2> octant_bounds(int octant) {
  const float x = (octant & 4) != 0 ? -1.0f : 1.0f, y = (octant & 2) != 0 ? -1.0f : 1.0f;
  const bool steep = (octant & 1) != 0;
  return {{{steep ? 0.0f : x, steep ? y : 0.0f}, {x * 0.70710678f, y * 0.70710678f}}};
}

PieceKind kind_of(const CenterPiece& piece) {
  PieceKind kind = {0, 0, (piece.flags & kInJunction) == 0};
  for (int octant = 0; octant < kOctants; ++octant) {
    const auto [a, b] = octant_bounds(octant);
    const float first = a[0] * piece.ux + a[1] * piece.uy;
    const float second = b[0] * piece.ux + b[1] * piece.uy;
    if (std::min(first, second) > kMargin) kind.surely |= static_cast<uint8_t>(1 << octant);
    if (std::max(first, second) > -kMargin) kind.possibly |= static_cast<uint8_t>(1 << octant);
  }
  return kind;
}

// Bounds of a least distance over a square.
struct Nearest {
  float least = kFar, most = kFar;  // [m]
  void possibly(float distance) { least = std::min(least, distance); }
  void surely(float distance) { most = std::min(most, distance); }
  void count(const Nearest& other) {
    possibly(other.least);
    surely(other.most);
  }
};

float word_of(CellAnswer answer, float share) { return static_cast<float>(answer) * share; }

}  // namespace

// Subdivides squares until every question has one answer, or down to cells, which are then mixed.
class CenterlineRasterBuilder {
 public:
  explicit CenterlineRasterBuilder(CenterlineRaster& raster)
      : out_(raster), pieces_(raster.lines_.pieces) {}

  void build() {
    lay_out();
    for (const CenterPiece& piece : pieces_) {
      const PieceKind kind = kind_of(piece);
      const auto known = std::find(kinds_.begin(), kinds_.end(), kind);
      kind_at_.push_back(static_cast<size_t>(known - kinds_.begin()));
      if (known == kinds_.end()) kinds_.push_back(kind);
    }
    by_kind_.resize(kinds_.size());
    for (size_t k = 0; k < pieces_.size(); ++k) near_.push_back({static_cast<int32_t>(k), 0.0f});
    int root = kCoarseCells;
    while (root < std::max(out_.columns_, out_.rows_)) root *= 2;
    fill({0, 0, root}, {0, near_.size()});
    list_coarse({0, 0, root}, {0, near_.size()});
  }

 private:
  void lay_out() {
    float min_x = kFar, min_y = kFar, max_x = -kFar, max_y = -kFar;
    for (const CenterPiece& piece : pieces_) {
      for (const float along : {0.0f, piece.length}) {
        const float x = piece.x + along * piece.ux, y = piece.y + along * piece.uy;
        min_x = std::min(min_x, x);
        min_y = std::min(min_y, y);
        max_x = std::max(max_x, x);
        max_y = std::max(max_y, y);
      }
    }
    // what lies outside is answered by the rim: nothing may be near it
    const float room = kProjectionReach + 2.0f;
    const float widest = std::max(max_x - min_x, max_y - min_y) + 2.0f * room;
    while (widest / out_.cell_ > kMaxSide) out_.cell_ *= 2.0f;
    out_.origin_x_ = std::floor(min_x - room);
    out_.origin_y_ = std::floor(min_y - room);
    const auto cells = [&](float low, float high) {
      return static_cast<int>(std::ceil((high + room - low) / out_.cell_)) + 1;
    };
    out_.columns_ = cells(out_.origin_x_, max_x);
    out_.rows_ = cells(out_.origin_y_, max_y);
    const size_t size = static_cast<size_t>(out_.columns_) * static_cast<size_t>(out_.rows_);
    out_.words_.assign(size, word_of(CellAnswer::kAlways, kRouteShare));
    out_.mixed_.assign(size, -1);
    out_.coarse_columns_ = (out_.columns_ + kCoarseCells - 1) / kCoarseCells;
    out_.coarse_rows_ = (out_.rows_ + kCoarseCells - 1) / kCoarseCells;
    out_.coarse_.assign(
        static_cast<size_t>(out_.coarse_columns_) * static_cast<size_t>(out_.coarse_rows_), {0, 0});
  }

  // Centre of a square [m] and the distance from it to its corners, widened by rounding.
  struct Disc {
    float x, y, radius;
  };
  Disc around(const Square& square) const {
    const float half = 0.5f * static_cast<float>(square.size) * out_.cell_;
    return {out_.origin_x_ + static_cast<float>(square.column) * out_.cell_ + half,
            out_.origin_y_ + static_cast<float>(square.row) * out_.cell_ + half,
            half * 1.41422f + kMargin};
  }

  // A piece and its squared distance [m^2] from the middle of the square that it is near to.
  struct NearPiece {
    int32_t index;
    float distance2;
  };
  // Of the stack of near pieces.
  struct Span {
    size_t begin, end;
    size_t size() const { return end - begin; }
  };

  // Stacks what of `from` comes within reach of the square. Whoever calls takes it off again.
  Span stack_within(const Square& square, const Span& from, float reach) {
    const Disc disc = around(square);
    const float most2 = (reach + disc.radius) * (reach + disc.radius);
    const Span near = {near_.size(), 0};
    for (size_t k = from.begin; k < from.end; ++k) {
      const int32_t index = near_[k].index;
      const float distance2 = distance2_to(piece_at(index), disc.x, disc.y);
      if (distance2 <= most2) near_.push_back({index, distance2});
    }
    return {near.begin, near_.size()};
  }

  // Which questions a square leaves open.
  struct Open {
    bool against = false, route = false, bike_lane = false, emergency_lane = false;
    bool any() const { return against || route || bike_lane || emergency_lane; }
  };

  // The word of a square that every point and motion in it agrees with; mixed where they do not.
  float ask(const Square& square, const Span& near, Open& open) {
    const float radius = around(square).radius;
    Nearest following[kOctants], opposing[kOctants], cars, bikes, shoulders, route;
    present_.clear();
    for (size_t k = near.begin; k < near.end; ++k) {
      const CenterPiece& piece = piece_at(near_[k].index);
      const float distance = std::sqrt(near_[k].distance2);
      const Nearest here = {distance - radius, distance + radius};
      if ((piece.flags & kOnRoute) != 0) route.count(here);
      if (piece.lane < 0) continue;
      if ((piece.flags & kForCars) == 0) {
        ((piece.flags & kForEmergencies) != 0 ? shoulders : bikes).count(here);
        continue;
      }
      cars.count(here);
      const size_t kind = kind_at_[static_cast<size_t>(near_[k].index)];
      if (by_kind_[kind].least == kFar) present_.push_back(kind);
      by_kind_[kind].count(here);
    }
    for (const size_t kind : present_) {
      const Nearest nearest = std::exchange(by_kind_[kind], Nearest());
      for (int octant = 0; octant < kOctants; ++octant) {
        const bool possibly = (kinds_[kind].possibly >> octant & 1) != 0;
        const bool surely = (kinds_[kind].surely >> octant & 1) != 0;
        if (possibly) following[octant].possibly(nearest.least);
        if (surely) following[octant].surely(nearest.most);
        if (!kinds_[kind].opposes) continue;
        if (!surely) opposing[octant].possibly(nearest.least);
        if (!possibly) opposing[octant].surely(nearest.most);
      }
    }
    float word = 0.0f, share = 1.0f;
    const auto append = [&](bool never, bool always, bool& is_open) {
      const CellAnswer answer = never    ? CellAnswer::kNever
                                : always ? CellAnswer::kAlways
                                         : CellAnswer::kMixed;
      is_open = is_open || answer == CellAnswer::kMixed;
      word += word_of(answer, share);
      share *= 4.0f;
    };
    for (int octant = 0; octant < kOctants; ++octant) {
      const Nearest& with = following[octant];
      const Nearest& against = opposing[octant];
      append(against.least > kOpposingReach || with.most <= kHalfLane || with.most <= against.least,
             against.most <= kOpposingReach && against.most < with.least && with.least > kHalfLane,
             open.against);
    }
    append(route.most <= kRouteReach, route.least > kRouteReach, open.route);
    const auto append_lane = [&](const Nearest& lane, float half, bool& is_open) {
      append(lane.least > half || cars.most <= lane.least,
             lane.most <= half && lane.most < cars.least, is_open);
    };
    append_lane(bikes, kBikeHalfLane, open.bike_lane);
    append_lane(shoulders, kEmergencyHalfLane, open.emergency_lane);
    return word;
  }

  // `from`: what is near to the square, or to one that holds it.
  void fill(const Square& square, const Span& from) {
    if (square.column >= out_.columns_ || square.row >= out_.rows_) return;
    const Span near = stack_within(square, from, kRouteReach);
    fill_near(square, near);
    near_.resize(near.begin);
  }

  void fill_near(const Square& square, const Span& near) {
    if (near.size() == 0) return;
    if (square.size == 1 || near.size() <= kManyPieces) {
      Open open;
      const float word = ask(square, near, open);
      if (open.any() && square.size == 1) list_mixed(square, near, open);
      if (!open.any() || square.size == 1) return paint(square, word);
    }
    const int half = square.size / 2;
    for (const int row : {square.row, square.row + half}) {
      for (const int column : {square.column, square.column + half}) {
        fill({column, row, half}, near);
      }
    }
  }

  void paint(const Square& square, float word) {
    const int end_row = std::min(square.row + square.size, out_.rows_);
    const int end_column = std::min(square.column + square.size, out_.columns_);
    for (int row = square.row; row < end_row; ++row) {
      float* const line = out_.words_.data() + static_cast<size_t>(row) * columns();
      std::fill(line + square.column, line + end_column, word);
    }
  }

  // Lists the pieces that the open questions can turn on.
  void list_mixed(const Square& square, const Span& near, const Open& open) {
    const float radius = around(square).radius;
    const auto matters = [&](const NearPiece& at) {
      const CenterPiece& piece = piece_at(at.index);
      const float least = std::sqrt(at.distance2) - radius;
      if (open.route && (piece.flags & kOnRoute) != 0) return true;
      if (piece.lane < 0) return false;
      if (open.bike_lane && least <= kBikeHalfLane) return true;
      if (open.emergency_lane && least <= kEmergencyHalfLane) return true;
      return open.against && (piece.flags & kForCars) != 0 && least <= kOpposingReach;
    };
    CellPieces list = {static_cast<int32_t>(out_.nearby_.size()), 0};
    for (size_t k = near.begin; k < near.end; ++k) {
      if (matters(near_[k])) out_.nearby_.push_back(near_[k].index);
    }
    list.end = static_cast<int32_t>(out_.nearby_.size());
    out_.mixed_[static_cast<size_t>(square.row) * columns() + static_cast<size_t>(square.column)] =
        static_cast<int32_t>(out_.mixed_pieces_.size());
    out_.mixed_pieces_.push_back(list);
  }

  void list_coarse(const Square& square, const Span& from) {
    if (square.column >= out_.columns_ || square.row >= out_.rows_) return;
    const Span near = stack_within(square, from, kProjectionReach);
    if (near.size() > 0 && square.size == kCoarseCells) {
      const int at =
          square.row / kCoarseCells * out_.coarse_columns_ + square.column / kCoarseCells;
      CellPieces& list = out_.coarse_[static_cast<size_t>(at)];
      list.begin = static_cast<int32_t>(out_.nearby_.size());
      for (size_t k = near.begin; k < near.end; ++k) out_.nearby_.push_back(near_[k].index);
      list.end = static_cast<int32_t>(out_.nearby_.size());
    } else if (near.size() > 0) {
      const int half = square.size / 2;
      for (const int row : {square.row, square.row + half}) {
        for (const int column : {square.column, square.column + half}) {
          list_coarse({column, row, half}, near);
        }
      }
    }
    near_.resize(near.begin);
  }

  const CenterPiece& piece_at(int32_t index) const { return pieces_[static_cast<size_t>(index)]; }
  size_t columns() const { return static_cast<size_t>(out_.columns_); }

  CenterlineRaster& out_;
  const std::vector<CenterPiece>& pieces_;
  std::vector<PieceKind> kinds_;
  std::vector<size_t> kind_at_;   // [piece] into kinds_
  std::vector<NearPiece> near_;   // a stack: each square puts on top what is near to it
  std::vector<Nearest> by_kind_;  // of the square that is asked; far where not present_
  std::vector<size_t> present_;
};

CenterlineRaster::CenterlineRaster(Centerlines lines) : lines_(std::move(lines)) {
  if (!lines_.pieces.empty()) CenterlineRasterBuilder(*this).build();
}

CenterlineView CenterlineRaster::view() const {
  CenterlineView view;
  view.origin_x = origin_x_;
  view.origin_y = origin_y_;
  view.inverse_cell = 1.0f / cell_;
  view.columns = columns_;
  view.rows = rows_;
  view.words = words_.data();
  view.mixed = mixed_.data();
  view.mixed_pieces = mixed_pieces_.data();
  view.coarse_columns = coarse_columns_;
  view.coarse_rows = coarse_rows_;
  view.coarse = coarse_.data();
  view.nearby = nearby_.data();
  view.pieces = lines_.pieces.data();
  view.num_mixed = static_cast<int32_t>(mixed_pieces_.size());
  view.num_nearby = static_cast<int32_t>(nearby_.size());
  view.num_pieces = static_cast<int32_t>(lines_.pieces.size());
  return view;
}

void resolve_answers(const CenterlineView& view, uint32_t asked, const float* cells, const float* x,
                     const float* y, const float* mx, const float* my, float* answers) {
  for (; asked != 0; asked &= asked - 1) {
    const int k = std::countr_zero(asked);
    answers[k] = static_cast<float>(
        answers_in_cell(view, static_cast<int>(cells[k]), x[k], y[k], mx[k], my[k]));
  }
}

void project_to_lanes(const CenterlineView& view, int count, const float* x, const float* y,
                      const float* cos, const float* sin, float* piece, float* offset,
                      float* relative_cos, float* relative_sin) {
  for (int k = 0; k < count; ++k) {
    const LaneProjection projection = project_to_lane(view, x[k], y[k], cos[k], sin[k]);
    piece[k] = static_cast<float>(projection.piece);
    offset[k] = projection.offset;
    relative_cos[k] = projection.cos;
    relative_sin[k] = projection.sin;
  }
}

}  // namespace forkroad
