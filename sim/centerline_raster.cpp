#include "sim/centerline_raster.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <span>

namespace forkroad {
namespace {

constexpr int kMaxSide = 4000;      // cells
constexpr int kRootCells = 32;      // side of the squares that subdivision starts from
constexpr float kMargin = 2.0e-3f;  // [m] of distances, [1] of directions: rounding
constexpr float kFar = 3.0e38f;
constexpr int kOctants = 8;

struct Square {
  int column, row, size;  // [cells]
};

// Which octants of motion a piece surely or possibly follows, as bits.
struct OctantMasks {
  uint8_t surely, possibly;
};

// The two directions that bound an octant; see octant_share for their order.
std::array<std::array<float, 2>, 2> octant_bounds(int octant) {
  const float x = (octant & 4) != 0 ? -1.0f : 1.0f, y = (octant & 2) != 0 ? -1.0f : 1.0f;
  const bool steep = (octant & 1) != 0;
  return {{{steep ? 0.0f : x, steep ? y : 0.0f}, {x * 0.70710678f, y * 0.70710678f}}};
}

OctantMasks masks_of(const CenterPiece& piece) {
  OctantMasks masks = {0, 0};
  for (int octant = 0; octant < kOctants; ++octant) {
    const auto [a, b] = octant_bounds(octant);
    const float first = a[0] * piece.ux + a[1] * piece.uy;
    const float second = b[0] * piece.ux + b[1] * piece.uy;
    if (std::min(first, second) > kMargin) masks.surely |= static_cast<uint8_t>(1 << octant);
    if (std::max(first, second) > -kMargin) masks.possibly |= static_cast<uint8_t>(1 << octant);
  }
  return masks;
}

// Bounds of a least distance over a square.
struct Nearest {
  float least = kFar, most = kFar;  // [m]
  void possibly(float distance) { least = std::min(least, distance); }
  void surely(float distance) { most = std::min(most, distance); }
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
    masks_.reserve(pieces_.size());
    for (const CenterPiece& piece : pieces_) masks_.push_back(masks_of(piece));
    std::vector<int32_t> all(pieces_.size());
    for (size_t k = 0; k < all.size(); ++k) all[k] = static_cast<int32_t>(k);
    for (int row = 0; row < out_.rows_; row += kRootCells) {
      for (int column = 0; column < out_.columns_; column += kRootCells) {
        const Square root = {column, row, kRootCells};
        fill(root, within(root, all, kRouteReach));
        list_coarse(root, within(root, all, kProjectionReach));
      }
    }
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

  std::vector<int32_t> within(const Square& square, std::span<const int32_t> from,
                              float reach) const {
    const Disc disc = around(square);
    const float most2 = (reach + disc.radius) * (reach + disc.radius);
    std::vector<int32_t> near;
    for (const int32_t index : from) {
      if (distance2_to(pieces_[static_cast<size_t>(index)], disc.x, disc.y) <= most2) {
        near.push_back(index);
      }
    }
    return near;
  }

  // Which questions a square leaves open.
  struct Open {
    bool against = false, route = false, bike_lane = false;
    bool any() const { return against || route || bike_lane; }
  };

  // The word of a square that every point and motion in it agrees with; mixed where they do not.
  float ask(const Square& square, std::span<const int32_t> near, Open& open) const {
    const Disc disc = around(square);
    Nearest following[kOctants], opposing[kOctants], cars, bikes, route;
    for (const int32_t index : near) {
      const CenterPiece& piece = pieces_[static_cast<size_t>(index)];
      const float distance = std::sqrt(distance2_to(piece, disc.x, disc.y));
      const float least = distance - disc.radius, most = distance + disc.radius;
      const auto count = [&](Nearest& nearest) {
        nearest.possibly(least);
        nearest.surely(most);
      };
      if ((piece.flags & kOnRoute) != 0) count(route);
      if (piece.lane < 0) continue;
      if ((piece.flags & kForCars) == 0) {
        count(bikes);
        continue;
      }
      count(cars);
      const OctantMasks masks = masks_[static_cast<size_t>(index)];
      for (int octant = 0; octant < kOctants; ++octant) {
        const int bit = 1 << octant;
        if ((masks.possibly & bit) != 0) following[octant].possibly(least);
        if ((masks.surely & bit) != 0) following[octant].surely(most);
        if ((piece.flags & kInJunction) != 0) continue;
        if ((masks.surely & bit) == 0) opposing[octant].possibly(least);
        if ((masks.possibly & bit) == 0) opposing[octant].surely(most);
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
    append(bikes.least > kBikeHalfLane || cars.most <= bikes.least,
           bikes.most <= kBikeHalfLane && bikes.most < cars.least, open.bike_lane);
    return word;
  }

  void fill(const Square& square, std::span<const int32_t> near) {
    if (square.column >= out_.columns_ || square.row >= out_.rows_ || near.empty()) return;
    Open open;
    const float word = ask(square, near, open);
    if (!open.any() || square.size == 1) {
      if (open.any()) list_mixed(square, near, open);
      return paint(square, word);
    }
    const int half = square.size / 2;
    for (const int row : {square.row, square.row + half}) {
      for (const int column : {square.column, square.column + half}) {
        const Square quarter = {column, row, half};
        fill(quarter, within(quarter, near, kRouteReach));
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

  CellPieces append_list(std::span<const int32_t> near) {
    const int32_t begin = static_cast<int32_t>(out_.nearby_.size());
    out_.nearby_.insert(out_.nearby_.end(), near.begin(), near.end());
    return {begin, static_cast<int32_t>(out_.nearby_.size())};
  }

  // Lists the pieces that the open questions can turn on.
  void list_mixed(const Square& square, std::span<const int32_t> near, const Open& open) {
    const Disc disc = around(square);
    const auto matters = [&](const CenterPiece& piece) {
      const float least = std::sqrt(distance2_to(piece, disc.x, disc.y)) - disc.radius;
      if (open.route && (piece.flags & kOnRoute) != 0) return true;
      if (piece.lane < 0) return false;
      if (open.bike_lane && least <= kBikeHalfLane) return true;
      return open.against && (piece.flags & kForCars) != 0 && least <= kOpposingReach;
    };
    CellPieces list = {static_cast<int32_t>(out_.nearby_.size()), 0};
    for (const int32_t index : near) {
      if (matters(pieces_[static_cast<size_t>(index)])) out_.nearby_.push_back(index);
    }
    list.end = static_cast<int32_t>(out_.nearby_.size());
    out_.mixed_[static_cast<size_t>(square.row) * columns() + static_cast<size_t>(square.column)] =
        static_cast<int32_t>(out_.mixed_pieces_.size());
    out_.mixed_pieces_.push_back(list);
  }

  void list_coarse(const Square& square, std::span<const int32_t> near) {
    if (square.column >= out_.columns_ || square.row >= out_.rows_ || near.empty()) return;
    if (square.size == kCoarseCells) {
      const int at =
          square.row / kCoarseCells * out_.coarse_columns_ + square.column / kCoarseCells;
      out_.coarse_[static_cast<size_t>(at)] = append_list(near);
      return;
    }
    const int half = square.size / 2;
    for (const int row : {square.row, square.row + half}) {
      for (const int column : {square.column, square.column + half}) {
        const Square quarter = {column, row, half};
        list_coarse(quarter, within(quarter, near, kProjectionReach));
      }
    }
  }

  size_t columns() const { return static_cast<size_t>(out_.columns_); }

  CenterlineRaster& out_;
  const std::vector<CenterPiece>& pieces_;
  std::vector<OctantMasks> masks_;
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
