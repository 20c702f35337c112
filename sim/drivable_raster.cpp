#include "sim/drivable_raster.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "sim/lane_reach.hpp"
#include "sim/near_stack.hpp"
#include "sim/raster_kernels.hpp"

namespace forkroad {
namespace {

constexpr int kMaxSide = 4000;        // cells
constexpr double kMaxLanesOff = 0.1;  // share of lane places beside the road
constexpr double kClearlyOff = 0.14;  // the same of 512 samples: three deviations more
// A square with more edges than this is cut without asking what they say: they would not agree.
constexpr size_t kManyEdges = 1024;
constexpr float kDrivable = 0.0f, kOffRoad = -1.0f;  // words of cells

static_assert(kCellParts == kPartsToSide);  // the parts of a mixed cell are one division more

// A square of the raster, in parts of cells.
struct Square {
  int column, row, size;
  bool is_part() const { return size < kCellParts; }
  int cell_column() const { return column / kCellParts; }
  int cell_row() const { return row / kCellParts; }
  int cells() const { return size / kCellParts; }
};

// A square on the ground.
struct Box {
  float min_x, min_y, max_x, max_y;  // [m]
};

// Share of the lane places that are off the road, of `count` samples spread evenly.
double share_off(const DrivableArea& area, size_t count) {
  size_t off = 0;
  for (size_t k = 0; k < count && !area.lane_places.empty(); ++k) {
    const auto& [x, y] = area.lane_places[k * area.lane_places.size() / count];
    off += is_off_road(area, x, y) ? 1 : 0;
  }
  return static_cast<double>(off) / static_cast<double>(count);
}

// A raster of edges that do not run with the road on their left takes longest, to be thrown away.
bool lanes_are_clearly_off(const DrivableArea& area) {
  return share_off(area, 32) > 0.05 && share_off(area, 512) > kClearlyOff;
}

}  // namespace

// Divides squares into 4 x 4 until all nearest edges agree; cells where they never do are mixed,
// and divided once more.
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
    for (const auto& ring : area_.rings) {
      for (size_t k = 0; k < ring.size(); ++k) {
        const auto &a = ring[k], &b = ring[(k + 1) % ring.size()];
        ring_lines_.push_back({a[0], a[1], b[0], b[1]});
      }
      rings_.push_back(lines_.push_all(ring.size(), ring_lines_.size() - ring.size()));
    }
    int root = 1;
    while (root < std::max(out_.columns_, out_.rows_)) root *= kPartsToSide;
    divide({0, 0, root * kCellParts}, near_.push_all(area_.edges.size()), {0, rings_.size()});
  }

 private:
  // A range of one of the stacks.
  struct Range {
    size_t begin, end;
    bool empty() const { return begin == end; }
  };

  // A ring that a square asked.
  struct AskedRing {
    uint32_t crossed;                              // parts
    std::array<NearStack::Span, kNumParts> lines;  // of lines_, for each of these parts
  };

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
    const float unit = out_.cell_ / kCellParts;
    const float x = out_.origin_x_ + static_cast<float>(square.column) * unit;
    const float y = out_.origin_y_ + static_cast<float>(square.row) * unit;
    const float size = static_cast<float>(square.size) * unit;
    return {x, y, x + size, y + size};
  }

  // Asks the parts of a square about the edges and rings that it may have to do with.
  void divide(const Square& square, const NearStack::Span& near, const Range& rings) {
    const int size = square.size / kPartsToSide;
    const Box box = box_of(square);
    const SquareParts parts = {box.min_x, box.min_y, (box.max_x - box.min_x) / kPartsToSide};
    const size_t num_near = near_.size(), num_lines = lines_.size(), num_asked = asked_.size();
    const uint32_t held = ask_rings(parts, rings);
    const Range asked = {num_asked, asked_.size()};
    const SidesOfParts sides = kernels_.ask_edges({.edges = area_.edges.data(),
                                                   .near = near_.indices(near),
                                                   .count = static_cast<int>(near.size()),
                                                   .parts = near_.parts(near),
                                                   .distance2 = near_.distances(near)},
                                                  parts, near.size() <= kManyEdges);
    const auto near_parts = near_.push_parts(near);
    for (int part = 0; part < kNumParts; ++part) {
      const Square own = {square.column + part % kPartsToSide * size,
                          square.row + part / kPartsToSide * size, size};
      if (own.cell_column() >= out_.columns_ || own.cell_row() >= out_.rows_) continue;
      const bool is_reached = !near.empty() && some_reached(own);
      const bool may_be_left = is_reached && (sides.left >> part & 1) != 0;
      const bool may_be_right = !is_reached || (sides.right >> part & 1) != 0;
      if ((held >> part & 1) != 0 || (may_be_left && !may_be_right && all_reached(own))) {
        paint_drivable(own);
        continue;
      }
      const Range own_rings = push_rings(asked, part);
      if (may_be_left) {
        go_on(own, near_parts[static_cast<size_t>(part)], own_rings);
      } else if (!own_rings.empty()) {
        go_on(own, {0, 0}, own_rings);
      }
      rings_.resize(own_rings.begin);
    }
    near_.pop_to(num_near);
    lines_.pop_to(num_lines);
    asked_.resize(num_asked);
  }

  // Stacks the rings whose border may cross some part; the parts that other rings hold, as bits.
  uint32_t ask_rings(const SquareParts& parts, const Range& rings) {
    uint32_t held = 0;
    for (size_t ring = rings.begin; ring < rings.end; ++ring) {
      const NearStack::Span lines = rings_[ring];
      const PartsOfRing own = kernels_.ask_ring({.lines = ring_lines_.data(),
                                                 .near = lines_.indices(lines),
                                                 .count = static_cast<int>(lines.size()),
                                                 .parts = lines_.parts(lines)},
                                                parts);
      held |= own.held;
      if (own.crossed != 0) asked_.push_back({own.crossed, lines_.push_parts(lines)});
    }
    return held;
  }

  // The rings that a part has to ask.
  Range push_rings(const Range& asked, int part) {
    const size_t begin = rings_.size();
    for (size_t ring = asked.begin; ring < asked.end; ++ring) {
      if ((asked_[ring].crossed >> part & 1) == 0) continue;
      rings_.push_back(asked_[ring].lines[static_cast<size_t>(part)]);
    }
    return {begin, rings_.size()};
  }

  bool some_reached(const Square& square) const {
    return square.is_part() || reach_.any(square.cell_column(), square.cell_row(), square.cells());
  }

  bool all_reached(const Square& square) const {
    return square.is_part() || reach_.all(square.cell_column(), square.cell_row(), square.cells());
  }

  // What does not agree all over a square.
  void go_on(const Square& square, const NearStack::Span& near, const Range& rings) {
    if (square.is_part()) {
      part_at(square) = add_list(box_of(square), near, rings);
      return;
    }
    if (square.size == kCellParts) {
      out_.mixed_.emplace_back();
      std::fill_n(out_.mixed_.back().parts, kNumParts, -1);
      word_at(square.cell_column(), square.cell_row()) = static_cast<float>(out_.mixed_.size());
    }
    divide(square, near, rings);
  }

  // Of the mixed cell that is being divided.
  int32_t& part_at(const Square& square) {
    return out_.mixed_.back()
        .parts[square.row % kCellParts * kCellParts + square.column % kCellParts];
  }

  // Squares are off the road until they are painted.
  void paint_drivable(const Square& square) {
    if (square.is_part()) {
      part_at(square) = 0;
      return;
    }
    const int end_row = std::min(square.cell_row() + square.cells(), out_.rows_);
    const int end_column = std::min(square.cell_column() + square.cells(), out_.columns_);
    for (int row = square.cell_row(); row < end_row; ++row) {
      std::fill(&word_at(square.cell_column(), row), &word_at(0, row) + end_column, kDrivable);
    }
  }

  float& word_at(int column, int row) {
    return out_.cells_[static_cast<size_t>(row) * static_cast<size_t>(out_.columns_) +
                       static_cast<size_t>(column)];
  }

  // Returns the list's number, from 1 on.
  int32_t add_list(const Box& box, const NearStack::Span& near, const Range& rings) {
    MixedList list;
    const int32_t* const indices = near_.indices(near);
    list.edge_begin = static_cast<int32_t>(out_.nearby_.size());
    out_.nearby_.insert(out_.nearby_.end(), indices, indices + near.size());
    list.edge_end = static_cast<int32_t>(out_.nearby_.size());
    list.ring_begin = static_cast<int32_t>(out_.rings_.size()) - 1;
    for (size_t ring = rings.begin; ring < rings.end; ++ring) add_ring(rings_[ring], box);
    list.ring_end = static_cast<int32_t>(out_.rings_.size()) - 1;
    out_.lists_.push_back(list);
    return static_cast<int32_t>(out_.lists_.size());
  }

  // The sides of a ring that a ray to +x from inside the box can cross.
  void add_ring(const NearStack::Span& lines, const Box& box) {
    const int32_t* const indices = lines_.indices(lines);
    for (size_t k = 0; k < lines.size(); ++k) {
      const RingLine& line = ring_lines_[static_cast<size_t>(indices[k])];
      if (line.ay == line.by || std::max(line.ax, line.bx) < box.min_x) continue;
      out_.ring_edges_.push_back(
          {line.ay, line.by, line.ax, (line.bx - line.ax) / (line.by - line.ay)});
    }
    out_.rings_.push_back(static_cast<int32_t>(out_.ring_edges_.size()));
  }

  const DrivableArea& area_;
  DrivableRaster& out_;
  const RasterKernels& kernels_ = raster_kernels();
  std::vector<std::array<float, 2>> reaching_;  // places whose surroundings may be drivable
  LaneReach reach_;
  std::vector<RingLine> ring_lines_;
  // stacks: each square puts on top what its parts have to ask
  NearStack near_;   // into area_.edges
  NearStack lines_;  // into ring_lines_
  std::vector<NearStack::Span> rings_;
  std::vector<AskedRing> asked_;
};

void resolve_mixed_cells(const DrivableView& view, uint32_t asked, const float* x, const float* y,
                         float* off) {
  for (; asked != 0; asked &= asked - 1) {
    const int k = std::countr_zero(asked);
    off[k] = place_is_off_road(view, x[k], y[k]) ? 1.0f : 0.0f;
  }
}

DrivableRaster::DrivableRaster(const DrivableArea& area) {
  if (area.empty() || lanes_are_clearly_off(area)) return;
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
