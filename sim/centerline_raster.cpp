#include "sim/centerline_raster.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "sim/near_stack.hpp"
#include "sim/piece_answers.hpp"
#include "sim/raster_kernels.hpp"

namespace forkroad {
namespace {

constexpr int kMaxSide = 4000;          // cells
constexpr float kTurnMargin = 2.0e-3f;  // [1] rounding of directions
constexpr float kFar = 3.0e38f;

static_assert(kCoarseCells == kPartsToSide);  // their parts are cells

struct Square {
  int column, row, size;  // [cells]
};

// The two directions that bound an octant; see octant_share for their order.
std::array<std::array<float, 2>, 2> octant_bounds(int octant) {
  const float x = (octant & 4) != 0 ? -1.0f : 1.0f, y = (octant & 2) != 0 ? -1.0f : 1.0f;
  const bool steep = (octant & 1) != 0;
  return {{{steep ? 0.0f : x, steep ? y : 0.0f}, {x * 0.70710678f, y * 0.70710678f}}};
}

PieceKind kind_of(const CenterPiece& piece) {
  const auto has = [&](int32_t flag) { return (piece.flags & flag) != 0; };
  PieceKind kind = {};
  kind.is_on_route = has(kOnRoute);
  if (piece.lane < 0) return kind;
  kind.is_for_cars = has(kForCars);
  kind.is_for_emergencies = !has(kForCars) && has(kForEmergencies);
  kind.is_for_bikes = !has(kForCars) && !has(kForEmergencies);
  if (!kind.is_for_cars) return kind;
  kind.opposes = !has(kInJunction);
  for (int octant = 0; octant < kOctants; ++octant) {
    const auto [a, b] = octant_bounds(octant);
    const float first = a[0] * piece.ux + a[1] * piece.uy;
    const float second = b[0] * piece.ux + b[1] * piece.uy;
    if (std::min(first, second) > kTurnMargin) kind.surely |= static_cast<uint8_t>(1 << octant);
    if (std::max(first, second) > -kTurnMargin) kind.possibly |= static_cast<uint8_t>(1 << octant);
  }
  return kind;
}

// Questions that a cell leaves open, as bits.
constexpr int kAgainstOpen = 1, kRouteOpen = 2, kBikeLaneOpen = 4, kEmergencyLaneOpen = 8;
constexpr int kAllOpen = 15;

int open_questions(float word) {
  const auto bits = static_cast<uint32_t>(word);
  const auto if_mixed = [&](float share, int question) {
    const auto digit = static_cast<CellAnswer>(bits / static_cast<uint32_t>(share) % 4);
    return digit == CellAnswer::kMixed ? question : 0;
  };
  static_assert(static_cast<int>(CellAnswer::kMixed) == 2);  // the upper bit of a digit
  const bool against_open = (bits & 0xaaaa) != 0;
  return (against_open ? kAgainstOpen : 0) | if_mixed(kRouteShare, kRouteOpen) |
         if_mixed(kBikeLaneShare, kBikeLaneOpen) |
         if_mixed(kEmergencyLaneShare, kEmergencyLaneOpen);
}

// How near a piece has to be for an open question to turn on it [m], < 0: none does.
float reach_of(const PieceKind& kind, int open) {
  float reach = -1.0f;
  const auto count = [&](int question, bool concerns, float own) {
    if ((open & question) != 0 && concerns) reach = std::max(reach, own);
  };
  const bool is_lane = kind.is_for_cars || kind.is_for_bikes || kind.is_for_emergencies;
  count(kRouteOpen, kind.is_on_route, kRouteReach);
  count(kAgainstOpen, kind.is_for_cars, kOpposingReach);
  count(kBikeLaneOpen, is_lane, kBikeHalfLane);
  count(kEmergencyLaneOpen, is_lane, kEmergencyHalfLane);
  return reach;
}

}  // namespace

// Divides squares into 4 x 4 until every question has one answer, or down to cells, which are then
// mixed; those within reach of a projection in any case down to coarse cells.
class CenterlineRasterBuilder {
 public:
  explicit CenterlineRasterBuilder(CenterlineRaster& raster)
      : out_(raster), pieces_(raster.lines_.pieces) {}

  void build() {
    lay_out();
    for (const CenterPiece& piece : pieces_) {
      const PieceKind kind = kind_of(piece);
      const auto known = std::find(kinds_.begin(), kinds_.end(), kind);
      kind_at_.push_back(static_cast<int32_t>(known - kinds_.begin()));
      if (known == kinds_.end()) kinds_.push_back(kind);
    }
    by_kind_.resize(kinds_.size() * kNumParts);
    present_.resize(kinds_.size());
    const float radius = radius_of({0.0f, 0.0f, out_.cell_});
    for (int open = 0; open <= kAllOpen; ++open) {
      for (const PieceKind& kind : kinds_) {
        const float reach = reach_of(kind, open);
        most2_.push_back(reach < 0.0f ? -1.0f : (reach + radius) * (reach + radius));
      }
    }
    int root = kCoarseCells;
    while (root < std::max(out_.columns_, out_.rows_)) root *= kPartsToSide;
    divide({0, 0, root}, near_.push_all(pieces_.size()), false);
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
    out_.words_.assign(size, static_cast<float>(CellAnswer::kAlways) * kRouteShare);
    out_.mixed_.assign(size, -1);
    out_.coarse_columns_ = (out_.columns_ + kCoarseCells - 1) / kCoarseCells;
    out_.coarse_rows_ = (out_.rows_ + kCoarseCells - 1) / kCoarseCells;
    out_.coarse_.assign(
        static_cast<size_t>(out_.coarse_columns_) * static_cast<size_t>(out_.coarse_rows_), {0, 0});
  }

  // Asks the parts of a square, which `near` can be near to. `is_answered`: all questions but
  // that of projection have their answers.
  void divide(const Square& square, const NearStack::Span& near, bool is_answered) {
    const int size = square.size / kPartsToSide;
    const SquareParts parts = {out_.origin_x_ + static_cast<float>(square.column) * out_.cell_,
                               out_.origin_y_ + static_cast<float>(square.row) * out_.cell_,
                               static_cast<float>(size) * out_.cell_};
    float words[kNumParts];
    const PieceList list = {.pieces = pieces_.data(),
                            .kind_at = kind_at_.data(),
                            .kinds = kinds_.data(),
                            .near = near_.indices(near),
                            .count = static_cast<int>(near.size()),
                            .parts = near_.parts(near),
                            .distance2 = near_.distances(near),
                            .by_kind = by_kind_.data(),
                            .present = present_.data()};
    kernels_.ask_pieces(list, parts, is_answered ? nullptr : words);
    const size_t stacked = near_.size();
    const auto within =
        size > 1 ? near_.push_parts(near) : std::array<NearStack::Span, kNumParts>();
    for (int part = 0; part < kNumParts; ++part) {
      const Square own = {square.column + part % kPartsToSide * size,
                          square.row + part / kPartsToSide * size, size};
      if (own.column >= out_.columns_ || own.row >= out_.rows_) continue;
      const int open = is_answered ? 0 : open_questions(words[part]);
      const bool asks = open != 0;
      if (!is_answered && (!asks || size == 1)) paint(own, words[part]);
      if (size > 1) {
        go_on(own, near, within[static_cast<size_t>(part)], part, asks);
      } else if (asks) {
        list_mixed(own, near, part, open);
      }
    }
    near_.pop_to(stacked);
  }

  // One part of a square, and what of `near` is within reach of a projection from it.
  void go_on(const Square& own, const NearStack::Span& near, const NearStack::Span& within,
             int part, bool asks) {
    if (within.empty()) return;
    if (own.size > kCoarseCells) return divide(own, within, !asks);
    list_coarse(own, within);
    if (!asks) return;
    const size_t stacked = near_.size();
    divide(own, near_.push_bit(near, kNumParts + part), false);
    near_.pop_to(stacked);
  }

  void paint(const Square& square, float word) {
    const int end_row = std::min(square.row + square.size, out_.rows_);
    const int end_column = std::min(square.column + square.size, out_.columns_);
    for (int row = square.row; row < end_row; ++row) {
      float* const line = out_.words_.data() + static_cast<size_t>(row) * columns();
      std::fill(line + square.column, line + end_column, word);
    }
  }

  // Lists the pieces that the open questions of a cell can turn on; distances are at hand.
  void list_mixed(const Square& cell, const NearStack::Span& near, int part, int open) {
    const int32_t* const indices = near_.indices(near);
    const float* const distance2 = near_.distances(near) + part;
    const float* const most2 = most2_.data() + static_cast<size_t>(open) * kinds_.size();
    CellPieces list = {static_cast<int32_t>(out_.nearby_.size()), 0};
    for (size_t k = 0; k < near.size(); ++k) {
      const int32_t kind = kind_at_[static_cast<size_t>(indices[k])];
      if (distance2[k * kNumParts] <= most2[kind]) out_.nearby_.push_back(indices[k]);
    }
    list.end = static_cast<int32_t>(out_.nearby_.size());
    out_.mixed_[static_cast<size_t>(cell.row) * columns() + static_cast<size_t>(cell.column)] =
        static_cast<int32_t>(out_.mixed_pieces_.size());
    out_.mixed_pieces_.push_back(list);
  }

  void list_coarse(const Square& cell, const NearStack::Span& within) {
    const int at = cell.row / kCoarseCells * out_.coarse_columns_ + cell.column / kCoarseCells;
    const int32_t* const indices = near_.indices(within);
    CellPieces& list = out_.coarse_[static_cast<size_t>(at)];
    list.begin = static_cast<int32_t>(out_.nearby_.size());
    out_.nearby_.insert(out_.nearby_.end(), indices, indices + within.size());
    list.end = static_cast<int32_t>(out_.nearby_.size());
  }

  size_t columns() const { return static_cast<size_t>(out_.columns_); }

  CenterlineRaster& out_;
  const std::vector<CenterPiece>& pieces_;
  const RasterKernels& kernels_ = raster_kernels();
  std::vector<PieceKind> kinds_;
  std::vector<int32_t> kind_at_;  // [piece] into kinds_
  std::vector<float> most2_;      // [questions open, kind] squared reach_of from a cell's middle
  NearStack near_;
  // scratch of questions
  std::vector<float> by_kind_;
  std::vector<int32_t> present_;
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
