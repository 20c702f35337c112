#include "sim/drivable_raster.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

#include "sim/lane_reach.hpp"

namespace forkroad {
namespace {

constexpr int kMaxSide = 4000;          // cells
constexpr double kMaxLanesOff = 0.1;    // share of lane places beside the road
constexpr int kRootCells = 32;          // side of the squares that subdivision starts from
constexpr float kSideMargin = 2.0e-3f;  // [m] rounding of a corner's side
constexpr float kDrivableByEdge = 0.0f, kDrivableByRing = -0.5f, kOffRoad = -1.0f, kUnsure = 1.0f;

// A square of cells.
struct Square {
  int column, row, size;  // [cells]
};

struct Box {
  float min_x, min_y, max_x, max_y;
};

float distance2_to(const RoadEdge& edge, float x, float y) {
  const float rx = x - edge.x, ry = y - edge.y;
  const float share = (rx * edge.dx + ry * edge.dy) * edge.inverse_length2;
  const float on = std::clamp(share, 0.0f, 1.0f);
  const float ex = rx - on * edge.dx, ey = ry - on * edge.dy;
  return ex * ex + ey * ey;
}

// The least and largest value of a function over a box.
struct Range {
  float least, most;
};

// Of gradient . (place - (x, y)), widened by the margin of its rounding.
Range range_over(const Box& box, float x, float y, float gradient_x, float gradient_y) {
  const float middle_x = 0.5f * (box.min_x + box.max_x), middle_y = 0.5f * (box.min_y + box.max_y);
  const float middle = (middle_x - x) * gradient_x + (middle_y - y) * gradient_y;
  const float steepness = std::abs(gradient_x) + std::abs(gradient_y);
  const float reach = (0.5f * (box.max_x - box.min_x) + kSideMargin) * steepness;
  return {middle - reach, middle + reach};
}

// Which answers an edge may give somewhere in a box, as bits.
constexpr int kMayBeLeft = 1, kMayBeRight = 2;

// The side of a line through (x, y) on which the box lies.
int sides_of_line(const Box& box, float x, float y, float dx, float dy) {
  const Range side = range_over(box, x, y, -dy, dx);
  return (side.most > 0.0f ? kMayBeLeft : 0) | (side.least < 0.0f ? kMayBeRight : 0);
}

// Where two pieces meet at (x, y): both must be left where the edge turns left, else one.
int sides_of_joint(const Box& box, float x, float y, float first_dx, float first_dy,
                   float second_dx, float second_dy) {
  const int first = sides_of_line(box, x, y, first_dx, first_dy);
  const int second = sides_of_line(box, x, y, second_dx, second_dy);
  const int decisive =
      turn_of(first_dx, first_dy, second_dx, second_dy) > 0.0f ? kMayBeRight : kMayBeLeft;
  return first == decisive || second == decisive ? decisive : first | second;
}

// The answers of one edge where it can be the nearest: beside it, and in the wedges before and
// behind it where its ends are nearest. 0: it is nowhere the nearest.
int sides_of(const RoadEdge& edge, const Box& box) {
  const float length2 = edge.dx * edge.dx + edge.dy * edge.dy;
  const Range own = range_over(box, edge.x, edge.y, edge.dx, edge.dy);
  int sides = 0;
  if (own.most >= 0.0f && own.least <= length2) {
    sides |= sides_of_line(box, edge.x, edge.y, edge.dx, edge.dy);
  }
  if (own.least <= 0.0f) {
    const float dx = edge.before_dx, dy = edge.before_dy;
    if (dx == 0.0f && dy == 0.0f) {
      sides |= sides_of_line(box, edge.x, edge.y, edge.dx, edge.dy);
    } else if (range_over(box, edge.x, edge.y, dx, dy).most >= 0.0f) {
      sides |= sides_of_joint(box, edge.x, edge.y, dx, dy, edge.dx, edge.dy);
    }
  }
  if (own.most >= length2) {
    const float dx = edge.after_dx, dy = edge.after_dy;
    const float end_x = edge.x + edge.dx, end_y = edge.y + edge.dy;
    if (dx == 0.0f && dy == 0.0f) {
      sides |= sides_of_line(box, edge.x, edge.y, edge.dx, edge.dy);
    } else if (range_over(box, end_x, end_y, dx, dy).least <= 0.0f) {
      sides |= sides_of_joint(box, end_x, end_y, edge.dx, edge.dy, dx, dy);
    }
  }
  return sides;
}

}  // namespace

// Subdivides squares until all nearest edges agree, or down to cells, which are then mixed.
class RasterBuilder {
 public:
  RasterBuilder(const DrivableArea& area, DrivableRaster& raster) : area_(area), out_(raster) {
    // a map without lanes reaches everywhere
    if (area.lane_places.empty()) return;
    reaching_ = area.lane_places;
    reaching_.insert(reaching_.end(), area.log_places.begin(), area.log_places.end());
  }

  void build() {
    lay_out();
    reach_ = LaneReach(reaching_,
                       {out_.origin_x_, out_.origin_y_, out_.cell_, out_.columns_, out_.rows_});
    out_.edges_ = area_.edges;
    std::vector<int32_t> edges(area_.edges.size()), rings(area_.rings.size());
    for (size_t k = 0; k < edges.size(); ++k) edges[k] = static_cast<int32_t>(k);
    for (size_t k = 0; k < rings.size(); ++k) rings[k] = static_cast<int32_t>(k);
    for (int row = 0; row < out_.rows_; row += kRootCells) {
      for (int column = 0; column < out_.columns_; column += kRootCells) {
        fill({column, row, kRootCells}, edges, rings);
      }
    }
    for (float& word : out_.cells_) word = word == kDrivableByRing ? 0.0f : word;
  }

 private:
  // Place and size of the raster: all that the area holds, and room around it.
  void lay_out() {
    Box box = {3.0e38f, 3.0e38f, -3.0e38f, -3.0e38f};
    const auto grow = [&](float x, float y, float by) {
      box = {std::min(box.min_x, x - by), std::min(box.min_y, y - by), std::max(box.max_x, x + by),
             std::max(box.max_y, y + by)};
    };
    for (const auto& ring : area_.rings) {
      for (const auto& point : ring) grow(point[0], point[1], 2.0f);
    }
    for (const auto& place : reaching_) grow(place[0], place[1], kLaneReach + 2.0f);
    if (reaching_.empty()) {
      for (const RoadEdge& edge : area_.edges) grow(edge.x, edge.y, kLaneReach + 2.0f);
    }
    const float widest = std::max(box.max_x - box.min_x, box.max_y - box.min_y);
    while (widest / out_.cell_ > kMaxSide) out_.cell_ *= 2.0f;
    out_.origin_x_ = std::floor(box.min_x);
    out_.origin_y_ = std::floor(box.min_y);
    const auto cells = [&](float low, float high) {
      return static_cast<int>(std::ceil((high - low) / out_.cell_)) + 1;
    };
    out_.columns_ = cells(out_.origin_x_, box.max_x);
    out_.rows_ = cells(out_.origin_y_, box.max_y);
    out_.cells_.assign(static_cast<size_t>(out_.columns_) * static_cast<size_t>(out_.rows_),
                       kOffRoad);
  }

  Box box_of(const Square& square) const {
    const float x = out_.origin_x_ + static_cast<float>(square.column) * out_.cell_;
    const float y = out_.origin_y_ + static_cast<float>(square.row) * out_.cell_;
    const float size = static_cast<float>(square.size) * out_.cell_;
    return {x, y, x + size, y + size};
  }

  // The edges that can be nearest to some point of the box.
  void nearest_edges(const Box& box, std::span<const int32_t> from, std::vector<int32_t>& kept) {
    const float x = 0.5f * (box.min_x + box.max_x), y = 0.5f * (box.min_y + box.max_y);
    const float diagonal = (box.max_x - box.min_x) * 1.41422f;
    distances_.resize(from.size());
    float nearest2 = 3.0e38f;
    for (size_t k = 0; k < from.size(); ++k) {
      distances_[k] = distance2_to(area_.edges[static_cast<size_t>(from[k])], x, y);
      nearest2 = std::min(nearest2, distances_[k]);
    }
    const float most = std::sqrt(nearest2) + diagonal + kSideMargin;
    for (size_t k = 0; k < from.size(); ++k) {
      if (distances_[k] <= most * most) kept.push_back(from[k]);
    }
  }

  // What the edges may say in the box, as bits; leaves out those that are nowhere the nearest.
  int sides_of_all(const Box& box, std::vector<int32_t>& edges) const {
    int sides = 0;
    std::erase_if(edges, [&](int32_t edge) {
      const int own = sides_of(area_.edges[static_cast<size_t>(edge)], box);
      sides |= own;
      return own == 0;
    });
    return sides;
  }

  // The rings whose border may pass through the box; true if another one holds all of it.
  bool split_rings(const Box& box, std::span<const int32_t> from, std::vector<int32_t>& crossing) {
    bool held = false;
    for (const int32_t index : from) {
      const auto& ring = area_.rings[static_cast<size_t>(index)];
      bool crosses = false, inside = false;
      for (size_t k = 0; k < ring.size() && !crosses; ++k) {
        const auto& a = ring[k];
        const auto& b = ring[(k + 1) % ring.size()];
        crosses =
            std::min(a[0], b[0]) <= box.max_x && std::max(a[0], b[0]) >= box.min_x &&
            std::min(a[1], b[1]) <= box.max_y && std::max(a[1], b[1]) >= box.min_y &&
            sides_of_line(box, a[0], a[1], b[0] - a[0], b[1] - a[1]) == (kMayBeLeft | kMayBeRight);
        const float y = box.min_y;
        if ((a[1] > y) != (b[1] > y) &&
            box.min_x < a[0] + (y - a[1]) * ((b[0] - a[0]) / (b[1] - a[1]))) {
          inside = !inside;
        }
      }
      if (crosses) {
        crossing.push_back(index);
      } else {
        held = held || inside;
      }
    }
    return held;
  }

  // What a box says, whole: by which kind it is drivable, off the road, or not one of them, with
  // what remains to be asked.
  float ask(const Box& box, std::span<const int32_t> edges, std::span<const int32_t> rings,
            std::vector<int32_t>& near, std::vector<int32_t>& crossing) {
    if (split_rings(box, rings, crossing)) return kDrivableByRing;
    if (edges.empty()) return crossing.empty() ? kOffRoad : kUnsure;
    nearest_edges(box, edges, near);
    const int sides = sides_of_all(box, near);
    if (sides == kMayBeLeft) return kDrivableByEdge;
    if ((sides & kMayBeLeft) == 0) {
      near.clear();
      if (crossing.empty()) return kOffRoad;
    }
    return kUnsure;
  }

  void fill(const Square& square, std::span<const int32_t> edges, std::span<const int32_t> rings) {
    if (square.column >= out_.columns_ || square.row >= out_.rows_) return;
    const bool reached = reach_.any(square.column, square.row, square.size);
    if (!reached && rings.empty()) return;
    std::vector<int32_t> near, crossing;
    const Box box = box_of(square);
    const float word =
        ask(box, reached ? edges : std::span<const int32_t>(), rings, near, crossing);
    if (word == kOffRoad) return;
    if (word == kDrivableByRing ||
        (word == kDrivableByEdge && reach_.all(square.column, square.row, square.size))) {
      return paint(square, word);
    }
    if (square.size == 1) return make_mixed(square, box, near, crossing);
    const int half = square.size / 2;
    for (const int row : {square.row, square.row + half}) {
      for (const int column : {square.column, square.column + half}) {
        fill({column, row, half}, near, crossing);
      }
    }
  }

  void paint(const Square& square, float word) {
    const int end_row = std::min(square.row + square.size, out_.rows_);
    const int end_column = std::min(square.column + square.size, out_.columns_);
    for (int row = square.row; row < end_row; ++row) {
      float* const line = out_.cells_.data() + static_cast<size_t>(row) * columns();
      std::fill(line + square.column, line + end_column, word);
    }
  }

  // A box of the parts of a mixed cell.
  struct Parts {
    int column, row, size;
  };

  void fill_parts(const Box& cell_box, const Parts& parts, std::span<const int32_t> edges,
                  std::span<const int32_t> rings, MixedCell& cell) {
    const float size = out_.cell_ / kCellParts;
    const Box box = {cell_box.min_x + static_cast<float>(parts.column) * size,
                     cell_box.min_y + static_cast<float>(parts.row) * size,
                     cell_box.min_x + static_cast<float>(parts.column + parts.size) * size,
                     cell_box.min_y + static_cast<float>(parts.row + parts.size) * size};
    std::vector<int32_t> near, crossing;
    const float word = ask(box, edges, rings, near, crossing);
    if (word == kUnsure && parts.size > 1) {
      const int half = parts.size / 2;
      for (const int row : {parts.row, parts.row + half}) {
        for (const int column : {parts.column, parts.column + half}) {
          fill_parts(cell_box, {column, row, half}, near, crossing, cell);
        }
      }
      return;
    }
    const int32_t answer = word == kOffRoad  ? -1
                           : word == kUnsure ? add_list(box, near, crossing)
                                             : 0;
    for (int row = parts.row; row < parts.row + parts.size; ++row) {
      for (int column = parts.column; column < parts.column + parts.size; ++column) {
        cell.parts[row * kCellParts + column] = answer;
      }
    }
  }

  void make_mixed(const Square& square, const Box& box, std::span<const int32_t> near,
                  std::span<const int32_t> crossing) {
    MixedCell& cell = out_.mixed_.emplace_back();
    const int half = kCellParts / 2;
    for (const int row : {0, half}) {
      for (const int column : {0, half}) fill_parts(box, {column, row, half}, near, crossing, cell);
    }
    out_.cells_[static_cast<size_t>(square.row) * columns() + static_cast<size_t>(square.column)] =
        static_cast<float>(out_.mixed_.size());
  }

  // Returns the list's number, from 1 on.
  int32_t add_list(const Box& box, std::span<const int32_t> near,
                   std::span<const int32_t> crossing) {
    MixedList list;
    list.edge_begin = static_cast<int32_t>(out_.nearby_.size());
    out_.nearby_.insert(out_.nearby_.end(), near.begin(), near.end());
    list.edge_end = static_cast<int32_t>(out_.nearby_.size());
    list.ring_begin = static_cast<int32_t>(out_.rings_.size()) - 1;
    for (const int32_t index : crossing) add_ring_edges(index, box);
    list.ring_end = static_cast<int32_t>(out_.rings_.size()) - 1;
    out_.lists_.push_back(list);
    return static_cast<int32_t>(out_.lists_.size());
  }

  // The edges of a ring that a ray to +x from inside the box can cross.
  void add_ring_edges(int32_t index, const Box& box) {
    const auto& ring = area_.rings[static_cast<size_t>(index)];
    for (size_t k = 0; k < ring.size(); ++k) {
      const auto& a = ring[k];
      const auto& b = ring[(k + 1) % ring.size()];
      if (a[1] == b[1] || std::max(a[0], b[0]) < box.min_x || std::min(a[1], b[1]) > box.max_y ||
          std::max(a[1], b[1]) < box.min_y) {
        continue;
      }
      out_.ring_edges_.push_back({a[1], b[1], a[0], (b[0] - a[0]) / (b[1] - a[1])});
    }
    out_.rings_.push_back(static_cast<int32_t>(out_.ring_edges_.size()));
  }

  size_t columns() const { return static_cast<size_t>(out_.columns_); }

  const DrivableArea& area_;
  DrivableRaster& out_;
  std::vector<std::array<float, 2>> reaching_;  // places whose surroundings may be drivable
  std::vector<float> distances_;
  LaneReach reach_;
};

void resolve_mixed_cells(const DrivableView& view, uint32_t asked, const float* x, const float* y,
                         float* off) {
  for (; asked != 0; asked &= asked - 1) {
    const int k = std::countr_zero(asked);
    off[k] = place_is_off_road(view, x[k], y[k]) ? 1.0f : 0.0f;
  }
}

DrivableRaster::DrivableRaster(const DrivableArea& area) {
  if (area.empty()) return;
  RasterBuilder(area, *this).build();
  if (!lanes_agree(area)) *this = DrivableRaster();
}

bool DrivableRaster::lanes_agree(const DrivableArea& area) const {
  const DrivableView cells = view();
  size_t off = 0;
  for (const auto& [x, y] : area.lane_places) {
    off += place_is_off_road(cells, x, y) ? 1 : 0;
  }
  return static_cast<double>(off) <= kMaxLanesOff * static_cast<double>(area.lane_places.size());
}

DrivableView DrivableRaster::view() const {
  DrivableView view;
  view.origin_x = origin_x_;
  view.origin_y = origin_y_;
  view.inverse_cell = 1.0f / cell_;
  view.columns = columns_;
  view.rows = rows_;
  view.cells = cells_.data();
  view.mixed = mixed_.data();
  view.lists = lists_.data();
  view.nearby = nearby_.data();
  view.edges = edges_.data();
  view.rings = rings_.data();
  view.ring_edges = ring_edges_.data();
  view.num_mixed = static_cast<int32_t>(mixed_.size());
  view.num_lists = static_cast<int32_t>(lists_.size());
  view.num_nearby = static_cast<int32_t>(nearby_.size());
  view.num_edges = static_cast<int32_t>(edges_.size());
  view.num_rings = static_cast<int32_t>(rings_.empty() ? 0 : rings_.size() - 1);
  view.num_ring_edges = static_cast<int32_t>(ring_edges_.size());
  return view;
}

}  // namespace forkroad
