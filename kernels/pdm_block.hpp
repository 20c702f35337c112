// The NAVSIM scorer as a CUDA kernel body: a thread is a lane, a warp is 32 plans that share lists
// of what is near. Polygons are not clipped: their edges are read as they are.
#pragma once

#include "kernels/block.hpp"
#include "kernels/pdm_lanes.hpp"

namespace forkroad {

// Lists in global memory, one set per warp.
template <class S>
struct PdmWarpLists {
  ActivePolygon* polygons = nullptr;  // [warps, num_polygons]
  int32_t* objects = nullptr;         // [warps, num_objects]
  int32_t* segments = nullptr;        // [warps, line.size]
  int32_t* reds = nullptr;            // [warps, num_red]
  S* ignored = nullptr;               // [warps, 2, num_objects, 32]
};

template <class Block, class S>
FORKROAD_BODY Rectangle<S> over_warp(Block& block, const Rectangle<S>& box) {
  return {warp_min(block, box.min_x), warp_min(block, box.min_y), warp_max(block, box.max_x),
          warp_max(block, box.max_y)};
}

template <class S>
FORKROAD_HD bool meets(const Rectangle<S>& a, S min_x, S min_y, S max_x, S max_y) {
  return min_x <= a.max_x && min_y <= a.max_y && max_x >= a.min_x && max_y >= a.min_y;
}

template <class S>
FORKROAD_HD bool meets(const Rectangle<S>& a, const S* bounds) {
  return meets(a, bounds[0], bounds[1], bounds[2], bounds[3]);
}

// Fills a list with the indices below `count` that `keep` wants, in order; returns how many.
template <class Block, class Keep>
FORKROAD_BODY int32_t list_in_warp(Block& block, int count, int32_t* list, const Keep& keep) {
  int listed = 0;
  for (int base = 0; base < count; base += kWarpThreads) {
    const int index = base + block.lane();
    append_in_order(block, index < count && keep(index), index, list, listed);
  }
  return listed;
}

template <class Block, class S>
FORKROAD_BODY void list_polygons(Block& block, const PdmView<S>& view, const Rectangle<S>& body,
                                 PdmTile<S>& near) {
  near.num_polygons = 0;
  for (int base = 0; base < view.num_polygons; base += kWarpThreads) {
    const int p = base + block.lane();
    const bool keep = p < view.num_polygons && meets(body, view.polygon_bounds + int64_t{4} * p);
    const uint32_t kept = block.ballot(keep);
    if (keep) {
      near.polygons[near.num_polygons + popcount(kept & lanes_below(block.lane()))] = {
          view.edge_begin[p], view.edge_begin[p + 1], view.polygon_flags[p], false};
    }
    near.num_polygons += popcount(kept);
  }
}

// What find_near() is to CPU lanes.
template <class Block, class S>
FORKROAD_BODY void find_near_warp(Block& block, const PdmView<S>& view, int tile,
                                  const Rectangle<S>& body, const Rectangle<S>& reach,
                                  PdmTile<S>& near) {
  block.sync_warp();  // nobody reads the lists of the tile before
  list_polygons(block, view, body, near);
  const PdmLine<S>& line = view.line;
  near.num_segments = list_in_warp(block, line.size - 1, near.segments, [&](int s) {
    return meets(body, min(line.x[s], line.x[s + 1]), min(line.y[s], line.y[s + 1]),
                 max(line.x[s], line.x[s + 1]), max(line.y[s], line.y[s + 1]));
  });
  near.num_reds = list_in_warp(block, view.num_red, near.reds, [&](int red) {
    return meets(body, view.polygon_bounds + int64_t{4} * view.red_polygon[red]);
  });
  const S* bounds = view.object_bounds + int64_t{tile} * view.num_objects * 4;
  near.num_objects = list_in_warp(block, view.num_objects, near.objects, [&](int object) {
    return meets(reach, bounds + int64_t{4} * object);
  });
  block.sync_warp();
}

template <class S>
FORKROAD_HD void use_warp_lists(const PdmView<S>& view, const PdmWarpLists<S>& lists, int64_t warp,
                                int lane, PdmScratch<S, double>& scratch) {
  PdmTile<S>& near = scratch.near;
  near.polygons = lists.polygons + warp * view.num_polygons;
  near.clipped = nullptr;
  near.edges = view.edges;
  near.objects = lists.objects + warp * view.num_objects;
  near.segments = lists.segments + warp * view.line.size;
  near.reds = lists.reds + warp * view.num_red;
  near.background = {};
  S* ignored = lists.ignored + warp * 2 * view.num_objects * kWarpThreads + lane;
  scratch.ignored = {ignored, ignored + int64_t{view.num_objects} * kWarpThreads, kWarpThreads};
}

// Scores all padded plans; the grid has padded_plans / 32 warps or more.
template <class S, class Block>
FORKROAD_BODY void pdm_block(Block& block, const PdmParams<S>& params,
                             const PdmWarpLists<S>& lists) {
  const int64_t warp = int64_t{block.x()} * (block.num_threads() / kWarpThreads) + block.warp();
  if (warp * kWarpThreads >= params.padded_plans) return;
  const int plan = static_cast<int>(warp) * kWarpThreads + block.lane();
  PdmScratch<S, double> scratch;
  use_warp_lists(params.view, lists, warp, block.lane(), scratch);
  track_lanes(params, plan, scratch);
  forget_ignored(params.view.num_objects, scratch);
  PdmTerms<S> terms = no_terms<S>();
  FORKROAD_ROLLED
  for (int first = 0; first < kPdmStates; first += kPdmTileSteps) {
    const int end = pdm_tile_end(first);
    const PdmBounds<S> bounds = bound_pdm_tile(scratch.motion, first, end);
    find_near_warp(block, params.view, first / kPdmTileSteps, over_warp(block, bounds.body),
                   over_warp(block, bounds.reach), scratch.near);
    FORKROAD_ROLLED
    for (int t = first; t < end; ++t) judge_step(params, plan, t, scratch, terms);
  }
  store_terms(params.tables, plan, scratch, terms);
}

}  // namespace forkroad
