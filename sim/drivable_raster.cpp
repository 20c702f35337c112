#include "sim/drivable_raster.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "sim/edge_sides.hpp"
#include "sim/lane_reach.hpp"

namespace forkroad {
namespace {

constexpr int kMaxSide = 4000;        // cells
constexpr double kMaxLanesOff = 0.1;  // share of lane places beside the road
// A square with more edges than this is cut without asking what they say: they would not agree.
constexpr size_t kManyEdges = 256;
constexpr float kDrivableByEdge = 0.0f, kDrivableByRing = -0.5f, kOffRoad = -1.0f, kUnsure = 1.0f;

// A square of cells.
struct Square {
  int column, row, size;  // [cells]
};

// A side of a ring.
struct RingLine {
  float ax, ay, bx, by;  // [m]
};

float distance2_to(const RoadEdge& edge, float x, float y) {
  const float rx = x - edge.x, ry = y - edge.y;
  const float share = (rx * edge.dx + ry * edge.dy) * edge.inverse_length2;
  const float on = min(max(share, 0.0f), 1.0f);  // without branches, which would go either way
  const float ex = rx - on * edge.dx, ey = ry - on * edge.dy;
  return ex * ex + ey * ey;
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
    for (size_t k = 0; k < area_.edges.size(); ++k) edges_.push_back(static_cast<int32_t>(k));
    for (const auto& ring : area_.rings) {
      const size_t begin = lines_.size();
      for (size_t k = 0; k < ring.size(); ++k) {
        const auto &a = ring[k], &b = ring[(k + 1) % ring.size()];
        lines_.push_back(static_cast<int32_t>(ring_lines_.size()));
        ring_lines_.push_back({a[0], a[1], b[0], b[1]});
      }
      rings_.push_back({begin, lines_.size()});
    }
    int root = 1;
    while (root < std::max(out_.columns_, out_.rows_)) root *= 2;
    fill({0, 0, root}, {0, edges_.size(), 0, rings_.size()});
    for (float& word : out_.cells_) word = word == kDrivableByRing ? 0.0f : word;
  }

 private:
  // What a box has to ask, as spans of the stacks below.
  struct Candidates {
    size_t edge_begin, edge_end, ring_begin, ring_end;
    bool has_edges() const { return edge_begin < edge_end; }
    bool has_rings() const { return ring_begin < ring_end; }
  };

  // The sides of one ring that a box or a ray to +x from it can meet.
  struct RingPart {
    size_t begin, end;  // of lines_
  };

  // Takes the stacks back to where they were.
  struct Scope {
    explicit Scope(RasterBuilder& of)
        : builder(of), edges(of.edges_.size()), rings(of.rings_.size()), lines(of.lines_.size()) {}
    ~Scope() {
      builder.edges_.resize(edges);
      builder.rings_.resize(rings);
      builder.lines_.resize(lines);
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    RasterBuilder& builder;
    size_t edges, rings, lines;
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
    const float x = out_.origin_x_ + static_cast<float>(square.column) * out_.cell_;
    const float y = out_.origin_y_ + static_cast<float>(square.row) * out_.cell_;
    const float size = static_cast<float>(square.size) * out_.cell_;
    return {x, y, x + size, y + size};
  }

  // Stacks the edges that can be nearest to some point of the box.
  void stack_nearest(const Box& box, const Candidates& from) {
    if (from.edge_end - from.edge_begin == 1) {
      edges_.push_back(edges_[from.edge_begin]);
      return;
    }
    const float x = 0.5f * (box.min_x + box.max_x), y = 0.5f * (box.min_y + box.max_y);
    const float diagonal = (box.max_x - box.min_x) * 1.41422f;
    distances_.resize(from.edge_end - from.edge_begin);
    float nearest2 = 3.0e38f;
    for (size_t k = 0; k < distances_.size(); ++k) {
      distances_[k] = distance2_to(edge_at(from.edge_begin + k), x, y);
      nearest2 = std::min(nearest2, distances_[k]);
    }
    const float most = std::sqrt(nearest2) + diagonal + kSideMargin;
    for (size_t k = 0; k < distances_.size(); ++k) {
      if (distances_[k] <= most * most) edges_.push_back(edges_[from.edge_begin + k]);
    }
  }

  // What the stacked edges may say in the box, as bits; drops those that are nowhere the nearest.
  int ask_edges(const Box& box, size_t begin) {
    int sides = 0;
    size_t kept = begin;
    for (size_t k = begin; k < edges_.size(); ++k) {
      const int own = sides_of_edge(edge_at(k), box);
      sides |= own;
      edges_[kept] = edges_[k];
      kept += own != 0 ? 1 : 0;
    }
    edges_.resize(kept);
    return sides;
  }

  // Stacks the rings whose border may pass through the box; true if another one holds all of it.
  bool stack_rings(const Box& box, const Candidates& from) {
    bool held = false;
    for (size_t ring = from.ring_begin; ring < from.ring_end; ++ring) {
      const RingPart part = rings_[ring];
      const size_t begin = lines_.size();
      bool crosses = false, inside = false;
      for (size_t k = part.begin; k < part.end; ++k) {
        const int32_t index = lines_[k];
        const RingLine& line = ring_lines_[static_cast<size_t>(index)];
        if (std::min(line.ay, line.by) > box.max_y || std::max(line.ay, line.by) < box.min_y ||
            std::max(line.ax, line.bx) < box.min_x - kSideMargin) {
          continue;
        }
        lines_.push_back(index);
        crosses = crosses || (std::min(line.ax, line.bx) <= box.max_x &&
                              std::max(line.ax, line.bx) >= box.min_x &&
                              sides_of_line(box, line.ax, line.ay, line.bx - line.ax,
                                            line.by - line.ay) == (kMayBeLeft | kMayBeRight));
        const float y = box.min_y;
        if ((line.ay > y) != (line.by > y) &&
            box.min_x < line.ax + (y - line.ay) * ((line.bx - line.ax) / (line.by - line.ay))) {
          inside = !inside;
        }
      }
      if (crosses) {
        rings_.push_back({begin, lines_.size()});
      } else {
        lines_.resize(begin);
        held = held || inside;
      }
    }
    return held;
  }

  // What a box says, whole: by which kind it is drivable, off the road, or not one of them; `kept`
  // is what remains to be asked. `can_cut`: many edges need not be asked.
  float ask(const Box& box, const Candidates& from, bool can_cut, Candidates& kept) {
    kept = {edges_.size(), edges_.size(), rings_.size(), rings_.size()};
    if (stack_rings(box, from)) return kDrivableByRing;
    kept.ring_end = rings_.size();
    if (!from.has_edges()) return kept.has_rings() ? kUnsure : kOffRoad;
    stack_nearest(box, from);
    kept.edge_end = edges_.size();
    if (can_cut && kept.edge_end - kept.edge_begin > kManyEdges) return kUnsure;
    const int sides = ask_edges(box, kept.edge_begin);
    kept.edge_end = edges_.size();
    if (sides == kMayBeLeft) return kDrivableByEdge;
    if ((sides & kMayBeLeft) == 0) {
      kept.edge_end = kept.edge_begin;
      if (!kept.has_rings()) return kOffRoad;
    }
    return kUnsure;
  }

  void fill(const Square& square, const Candidates& from) {
    if (square.column >= out_.columns_ || square.row >= out_.rows_) return;
    const bool reached = reach_.any(square.column, square.row, square.size);
    if (!reached && !from.has_rings()) return;
    const Scope scope(*this);
    const Box box = box_of(square);
    Candidates known = from, kept;
    if (!reached) known.edge_end = known.edge_begin;
    const float word = ask(box, known, square.size > 1, kept);
    if (word == kOffRoad) return;
    if (word == kDrivableByRing ||
        (word == kDrivableByEdge && reach_.all(square.column, square.row, square.size))) {
      return paint(square, word);
    }
    if (square.size == 1) return make_mixed(square, box, kept);
    const int half = square.size / 2;
    for (const int row : {square.row, square.row + half}) {
      for (const int column : {square.column, square.column + half}) {
        fill({column, row, half}, kept);
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

  void fill_parts(const Box& cell_box, const Parts& parts, const Candidates& from,
                  MixedCell& cell) {
    const float size = out_.cell_ / kCellParts;
    const Box box = {cell_box.min_x + static_cast<float>(parts.column) * size,
                     cell_box.min_y + static_cast<float>(parts.row) * size,
                     cell_box.min_x + static_cast<float>(parts.column + parts.size) * size,
                     cell_box.min_y + static_cast<float>(parts.row + parts.size) * size};
    const Scope scope(*this);
    Candidates kept;
    const float word = ask(box, from, false, kept);
    if (word == kUnsure && parts.size > 1) {
      const int half = parts.size / 2;
      for (const int row : {parts.row, parts.row + half}) {
        for (const int column : {parts.column, parts.column + half}) {
          fill_parts(cell_box, {column, row, half}, kept, cell);
        }
      }
      return;
    }
    const int32_t answer = word == kOffRoad ? -1 : word == kUnsure ? add_list(box, kept) : 0;
    for (int row = parts.row; row < parts.row + parts.size; ++row) {
      for (int column = parts.column; column < parts.column + parts.size; ++column) {
        cell.parts[row * kCellParts + column] = answer;
      }
    }
  }

  void make_mixed(const Square& square, const Box& box, const Candidates& kept) {
    MixedCell& cell = out_.mixed_.emplace_back();
    const int half = kCellParts / 2;
    for (const int row : {0, half}) {
      for (const int column : {0, half}) fill_parts(box, {column, row, half}, kept, cell);
    }
    out_.cells_[static_cast<size_t>(square.row) * columns() + static_cast<size_t>(square.column)] =
        static_cast<float>(out_.mixed_.size());
  }

  // Returns the list's number, from 1 on.
  int32_t add_list(const Box& box, const Candidates& kept) {
    MixedList list;
    list.edge_begin = static_cast<int32_t>(out_.nearby_.size());
    for (size_t k = kept.edge_begin; k < kept.edge_end; ++k) out_.nearby_.push_back(edges_[k]);
    list.edge_end = static_cast<int32_t>(out_.nearby_.size());
    list.ring_begin = static_cast<int32_t>(out_.rings_.size()) - 1;
    for (size_t ring = kept.ring_begin; ring < kept.ring_end; ++ring) add_ring(rings_[ring], box);
    list.ring_end = static_cast<int32_t>(out_.rings_.size()) - 1;
    out_.lists_.push_back(list);
    return static_cast<int32_t>(out_.lists_.size());
  }

  // The sides of a ring that a ray to +x from inside the box can cross.
  void add_ring(const RingPart& part, const Box& box) {
    for (size_t k = part.begin; k < part.end; ++k) {
      const RingLine& line = ring_lines_[static_cast<size_t>(lines_[k])];
      if (line.ay == line.by || std::max(line.ax, line.bx) < box.min_x) continue;
      out_.ring_edges_.push_back(
          {line.ay, line.by, line.ax, (line.bx - line.ax) / (line.by - line.ay)});
    }
    out_.rings_.push_back(static_cast<int32_t>(out_.ring_edges_.size()));
  }

  const RoadEdge& edge_at(size_t k) const { return area_.edges[static_cast<size_t>(edges_[k])]; }
  size_t columns() const { return static_cast<size_t>(out_.columns_); }

  const DrivableArea& area_;
  DrivableRaster& out_;
  std::vector<std::array<float, 2>> reaching_;  // places whose surroundings may be drivable
  LaneReach reach_;
  std::vector<RingLine> ring_lines_;
  std::vector<float> distances_;
  // stacks: each square puts on top what its quarters have to ask
  std::vector<int32_t> edges_;  // into area_.edges
  std::vector<RingPart> rings_;
  std::vector<int32_t> lines_;  // into ring_lines_
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
