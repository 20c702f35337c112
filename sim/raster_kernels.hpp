// What rasters ask of the parts of a square, compiled for each lane type, chosen at run time.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/centerlines.hpp"
#include "kernels/drivable.hpp"
#include "sim/square_parts.hpp"

namespace forkroad {

// Parts as bits: those that may hold a place left of its nearest edge, or one right of it.
struct SidesOfParts {
  uint32_t left, right;
};

// Some edges, and for each of them what a question finds out.
struct EdgeList {
  const RoadEdge* edges;
  const int32_t* near;  // [count] into edges
  int count;
  uint32_t* parts;   // [count] out: the parts that need it to tell their side, as bits
  float* distance2;  // [count, kNumParts] scratch
};

// A side of a ring.
struct RingLine {
  float ax, ay, bx, by;  // [m]
};

// The sides of one ring that a square or a ray to +x from it can meet.
struct RingList {
  const RingLine* lines;
  const int32_t* near;  // [count] into lines
  int count;
  uint32_t* parts;  // [count] out: the parts, as bits, for which the same is true
};

// Parts as bits: those that its border may cross, those that lie inside of it as a whole.
struct PartsOfRing {
  uint32_t crossed, held;
};

// Pieces of one kind answer alike, but for their distance. There are a few dozen kinds.
struct PieceKind {
  // octants of motion that a piece surely or possibly follows, as bits
  uint8_t surely, possibly;
  bool is_for_cars, is_for_bikes, is_for_emergencies, is_on_route;
  bool opposes;  // whoever drives the other way drives against it
  bool operator==(const PieceKind&) const = default;
};

// Some pieces of centre lines, and for each of them what a question finds out.
struct PieceList {
  const CenterPiece* pieces;
  const int32_t* kind_at;  // [piece] into kinds
  const PieceKind* kinds;
  const int32_t* near;  // [count] into pieces
  int count;
  uint32_t* parts;   // [count] out: the parts within kProjectionReach as bits 0 to 15, those within
                     // kRouteReach as bits 16 to 31
  float* distance2;  // [count, kNumParts] out [m^2] from the middles of the parts
  float* by_kind;    // [kinds, kNumParts] scratch
  int32_t* present;  // [kinds] scratch
};

struct RasterKernels {
  const char* name;  // e.g. "float x 16 (AVX-512)"
  int width;         // lanes
  // `may_tell_sides` false: only who can be nearest is found out, which bounds the cost of long
  // lists, and every part may be on both sides
  SidesOfParts (*ask_edges)(const EdgeList& list, const SquareParts& parts, bool may_tell_sides);
  PartsOfRing (*ask_ring)(const RingList& list, const SquareParts& parts);
  // `words` [kNumParts] out: of CellAnswers that every place and motion of a part agrees with;
  // null: only distances are measured
  void (*ask_pieces)(const PieceList& list, const SquareParts& parts, float* words);
};

// Every lane type that this build holds and this processor runs, the best last.
std::vector<RasterKernels> usable_raster_kernels();

// The best of them.
const RasterKernels& raster_kernels();

// One per instruction set, each compiled with its own flags.
const RasterKernels& scalar_raster_kernels();
const RasterKernels& avx2_raster_kernels();
const RasterKernels& avx512_raster_kernels();

}  // namespace forkroad
