// Instantiates the questions of rasters for one lane type. Included only by the translation units
// that are compiled for one instruction set each: nothing here may leave code behind under a name
// that another unit shares, so there are no standard containers.
#pragma once

#include "sim/edge_sides.hpp"
#include "sim/piece_answers.hpp"
#include "sim/raster_kernels.hpp"
#include "sim/ring_parts.hpp"

namespace forkroad {

template <class F>
struct RasterInstance {
  static_assert(kNumParts % kWidthOf<F> == 0);

  static SidesOfParts ask_edges(const EdgeList& list, const SquareParts& parts,
                                bool may_tell_sides) {
    SidesOfParts sides = {0, 0};
    for (int k = 0; k < list.count; ++k) list.parts[k] = 0;
    for (int first = 0; first < kNumParts; first += kWidthOf<F>) {
      const PartBoxes<F> boxes = {middles_of<F>(parts, first), 0.5f * parts.size};
      const SidesOfParts own = sides_of_parts<F>(list, boxes, first, may_tell_sides);
      sides.left |= own.left << first;
      sides.right |= own.right << first;
    }
    return sides;
  }

  static PartsOfRing ask_ring(const RingList& list, const SquareParts& parts) {
    PartsOfRing ring = {0, 0};
    for (int k = 0; k < list.count; ++k) list.parts[k] = 0;
    for (int first = 0; first < kNumParts; first += kWidthOf<F>) {
      const PartBoxes<F> boxes = {middles_of<F>(parts, first), 0.5f * parts.size};
      const PartsOfRing own = parts_of_ring<F>(list, boxes, first);
      ring.crossed |= own.crossed << first;
      ring.held |= own.held << first;
    }
    return ring;
  }

  static void ask_pieces(const PieceList& list, const SquareParts& parts, float* words) {
    measure_pieces<F>(list, parts);
    if (words == nullptr) return;
    const int num_present = gather_kinds<F>(list);
    for (int first = 0; first < kNumParts; first += kWidthOf<F>) {
      store(words + first, words_of_parts<F>(list, num_present, radius_of(parts), first));
    }
  }

  static constexpr RasterKernels kernels(const char* name) {
    return {name, kWidthOf<F>, ask_edges, ask_ring, ask_pieces};
  }
};

}  // namespace forkroad
