// Instantiates the NAVSIM passes for one pair of lane types. As lane_kernels_instance.hpp: only for
// the units of one instruction set, no standard containers.
#pragma once

#include "sim/pdm_kernels.hpp"

namespace forkroad {

template <class F, class D>
struct PdmInstance {
  using S = ScalarOf<F>;
  using Scratch = PdmScratch<F, D>;

  static size_t align(size_t bytes) { return (bytes + 63) / 64 * 64; }

  static size_t list_bytes(int count) {
    return align(static_cast<size_t>(count) * sizeof(S) * kWidthOf<F>);
  }

  static size_t scratch_bytes(const PdmSizes& sizes) {
    return align(sizeof(Scratch)) + 2 * list_bytes(sizes.num_objects) +
           align(static_cast<size_t>(sizes.num_polygons) * sizeof(ActivePolygon)) +
           align(2 * static_cast<size_t>(sizes.num_edges) * sizeof(PdmEdge<S>)) +
           align(static_cast<size_t>(sizes.num_objects) * sizeof(int32_t)) +
           align(static_cast<size_t>(sizes.line_size) * sizeof(int32_t)) +
           align(static_cast<size_t>(sizes.num_red) * sizeof(int32_t));
  }

  static void score(const void* untyped, int first, int count, void* memory) {
    const auto& params = *static_cast<const PdmParams<S>*>(untyped);
    const PdmView<S>& view = params.view;
    char* free = static_cast<char*>(memory);
    const auto take = [&](size_t bytes) {
      char* piece = free;
      free += align(bytes);
      return piece;
    };
    auto& scratch = *reinterpret_cast<Scratch*>(take(sizeof(Scratch)));
    scratch.ignored.by_collision = reinterpret_cast<S*>(take(list_bytes(view.num_objects)));
    scratch.ignored.stride = kWidthOf<F>;
    scratch.ignored.by_ttc = reinterpret_cast<S*>(take(list_bytes(view.num_objects)));
    scratch.near.polygons = reinterpret_cast<ActivePolygon*>(
        take(static_cast<size_t>(view.num_polygons) * sizeof(ActivePolygon)));
    const int num_edges = view.num_polygons > 0 ? view.edge_begin[view.num_polygons] : 0;
    scratch.near.clipped = reinterpret_cast<PdmEdge<S>*>(
        take(2 * static_cast<size_t>(num_edges) * sizeof(PdmEdge<S>)));
    scratch.near.objects =
        reinterpret_cast<int32_t*>(take(static_cast<size_t>(view.num_objects) * sizeof(int32_t)));
    scratch.near.segments =
        reinterpret_cast<int32_t*>(take(static_cast<size_t>(view.line.size) * sizeof(int32_t)));
    scratch.near.reds =
        reinterpret_cast<int32_t*>(take(static_cast<size_t>(view.num_red) * sizeof(int32_t)));
    for (int plan = first; plan < first + count; plan += kWidthOf<F>) {
      score_pdm_lanes(params, plan, scratch);
    }
  }

  static constexpr PdmKernels kernels(const char* name) {
    return {name, kWidthOf<F>, sizeof(S) == 8, scratch_bytes, score};
  }
};

inline constexpr PdmKernels kNoMorePdmKernels = {nullptr, 0, false, nullptr, nullptr};

}  // namespace forkroad
