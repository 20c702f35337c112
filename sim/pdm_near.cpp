#include "sim/pdm_near.hpp"

#include <algorithm>

namespace forkroad {
namespace {

template <class S>
bool overlap(const Rectangle<S>& a, S min_x, S min_y, S max_x, S max_y) {
  return min_x <= a.max_x && min_y <= a.max_y && max_x >= a.min_x && max_y >= a.min_y;
}

// Clips one ring. Edges left of the bounds cross no ray of a point inside; a run of edges right of
// them counts as the one edge between its ends.
template <class S>
class RingClip {
 public:
  RingClip(const Rectangle<S>& bounds, PdmTile<S>& near) : bounds_(bounds), near_(near) {}

  void add(const PdmEdge<S>& edge, S x0, S y0, S x1, S y1) {
    if (std::min(x0, x1) > bounds_.max_x) {
      if (!in_run_) run_start_ = y0;
      in_run_ = true;
      run_end_ = y1;
      return;
    }
    finish_run();
    if (std::max(x0, x1) < bounds_.min_x || beside(y0, y1)) return;
    if (sizeof(S) == 8 && y0 == y1) return;  // crosses nothing; float lanes want its margin
    near_.clipped[near_.num_edges++] = edge;
  }

  void finish_run() {
    if (!in_run_) return;
    in_run_ = false;
    if (beside(run_start_, run_end_)) return;
    const bool spans = (run_start_ > bounds_.max_y && run_end_ < bounds_.min_y) ||
                       (run_start_ < bounds_.min_y && run_end_ > bounds_.max_y);
    if (spans) {
      inside_ = !inside_;
    } else {
      near_.clipped[near_.num_edges++] = far_right(run_start_, run_end_);
    }
  }

  bool inside() const { return inside_; }

 private:
  static PdmEdge<S> far_right(S y0, S y1) {
    if constexpr (sizeof(S) == 8) {
      return {y0, y1, 3.0e38, 0.0};
    } else {
      return {y0, y1, 3.0e38f, 3.0e38f, 0.0f, 0.0f, 3.0e38f};
    }
  }

  bool beside(S y0, S y1) const {
    return (y0 > bounds_.max_y && y1 > bounds_.max_y) || (y0 < bounds_.min_y && y1 < bounds_.min_y);
  }

  const Rectangle<S>& bounds_;
  PdmTile<S>& near_;
  bool inside_ = false, in_run_ = false;
  S run_start_ = 0, run_end_ = 0;
};

template <class S>
void clip_polygons(const PdmView<S>& view, const Rectangle<S>& body, PdmTile<S>& near) {
  near.num_polygons = 0;
  near.num_edges = 0;
  near.edges = near.clipped;
  near.background = {};
  for (int p = 0; p < view.num_polygons; ++p) {
    const S* bounds = view.polygon_bounds + 4 * p;
    if (!overlap(body, bounds[0], bounds[1], bounds[2], bounds[3])) continue;
    const int begin = view.edge_begin[p], end = view.edge_begin[p + 1];
    const int first_edge = near.num_edges;
    RingClip<S> clip(body, near);
    for (int e = begin; e < end; ++e) {
      const int next = e + 1 < end ? e + 1 : begin;
      clip.add(view.edges[e], view.edge_x[e], view.edge_y[e], view.edge_x[next], view.edge_y[next]);
    }
    clip.finish_run();
    const uint8_t flags = view.polygon_flags[p];
    if (near.num_edges > first_edge) {
      near.polygons[near.num_polygons++] = {first_edge, near.num_edges, flags, clip.inside()};
    } else if (clip.inside()) {
      near.background.lanes += (flags & kPdmLane) != 0 ? 1 : 0;
      near.background.flags = static_cast<uint8_t>(near.background.flags | flags);
    }
  }
}

}  // namespace

template <class S>
void find_near(const PdmView<S>& view, int tile, const Rectangle<S>& body,
               const Rectangle<S>& reach, PdmTile<S>& near) {
  clip_polygons(view, body, near);
  near.num_segments = 0;
  for (int s = 0; s + 1 < view.line.size; ++s) {
    // the ego's radius, which `body` holds, is more than the 0.5 m that lane keeping asks about
    const S x0 = view.line.x[s], y0 = view.line.y[s];
    const S x1 = view.line.x[s + 1], y1 = view.line.y[s + 1];
    if (overlap(body, std::min(x0, x1), std::min(y0, y1), std::max(x0, x1), std::max(y0, y1))) {
      near.segments[near.num_segments++] = s;
    }
  }
  near.num_reds = 0;
  for (int red = 0; red < view.num_red; ++red) {
    const S* bounds = view.polygon_bounds + 4 * view.red_polygon[red];
    if (overlap(body, bounds[0], bounds[1], bounds[2], bounds[3])) near.reds[near.num_reds++] = red;
  }
  near.num_objects = 0;
  const S* bounds = view.object_bounds + int64_t{tile} * view.num_objects * 4;
  for (int object = 0; object < view.num_objects; ++object, bounds += 4) {
    if (overlap(reach, bounds[0], bounds[1], bounds[2], bounds[3])) {
      near.objects[near.num_objects++] = object;
    }
  }
}

template void find_near(const PdmView<double>&, int, const Rectangle<double>&,
                        const Rectangle<double>&, PdmTile<double>&);
template void find_near(const PdmView<float>&, int, const Rectangle<float>&,
                        const Rectangle<float>&, PdmTile<float>&);

}  // namespace forkroad
