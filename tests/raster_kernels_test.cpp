// What rasters ask of parts: every lane type against the scalar one bit for bit, and the answers
// against the exact ones at places inside the parts.
#include "sim/raster_kernels.hpp"

#include <cstring>
#include <numeric>

#include "sim/edge_sides.hpp"
#include "sim/piece_answers.hpp"
#include "tests/catch.hpp"
#include "tests/random.hpp"

namespace forkroad {
namespace {

constexpr float kReach = 30.0f;  // [m] lines lie this near to the origin

SquareParts random_parts(test::Random& random) {
  const float sizes[] = {0.25f, 1.0f, 4.0f, 16.0f};
  return {random.uniform_float(-20, 20), random.uniform_float(-20, 20), sizes[random.below(4)]};
}

std::array<float, 2> place_in(const SquareParts& parts, int part, test::Random& random) {
  const auto column = static_cast<float>(part % kPartsToSide);
  const auto row = static_cast<float>(part / kPartsToSide);
  return {parts.x + (column + random.uniform_float(0, 1)) * parts.size,
          parts.y + (row + random.uniform_float(0, 1)) * parts.size};
}

// Lines of several pieces: bends to both sides, pieces that go on straight, single ones.
std::vector<RoadEdge> random_edges(int num_lines, test::Random& random) {
  std::vector<RoadEdge> edges;
  for (int line = 0; line < num_lines; ++line) {
    float x = random.uniform_float(-kReach, kReach), y = random.uniform_float(-kReach, kReach);
    double heading = random.uniform(-3.2, 3.2);
    const int num_pieces = 1 + random.below(5);
    for (int k = 0; k < num_pieces; ++k) {
      const double length = random.uniform(0.5, 15.0);
      RoadEdge edge = {};
      edge.x = x;
      edge.y = y;
      edge.dx = static_cast<float>(length * std::cos(heading));
      edge.dy = static_cast<float>(length * std::sin(heading));
      edge.inverse_length2 = 1.0f / (edge.dx * edge.dx + edge.dy * edge.dy);
      if (k > 0) {
        edge.before_dx = edges.back().dx;
        edge.before_dy = edges.back().dy;
        edges.back().after_dx = edge.dx;
        edges.back().after_dy = edge.dy;
      }
      edges.push_back(edge);
      x += edge.dx;
      y += edge.dy;
      heading += random.chance(0.2) ? 0.0 : random.uniform(-2.0, 2.0);
    }
  }
  return edges;
}

std::vector<int32_t> some_of(size_t size, test::Random& random) {
  std::vector<int32_t> indices;
  for (size_t k = 0; k < size; ++k) {
    if (random.chance(0.9)) indices.push_back(static_cast<int32_t>(k));
  }
  return indices;
}

struct EdgeFindings {
  SidesOfParts sides;
  std::vector<uint32_t> parts;
  bool operator==(const EdgeFindings& other) const {
    return sides.left == other.sides.left && sides.right == other.sides.right &&
           parts == other.parts;
  }
};

EdgeFindings ask_edges(const RasterKernels& kernels, const std::vector<RoadEdge>& edges,
                       const std::vector<int32_t>& near, const SquareParts& parts,
                       bool may_tell_sides) {
  EdgeFindings found = {{}, std::vector<uint32_t>(near.size(), 0xdeadbeef)};
  std::vector<float> distance2(near.size() * kNumParts);
  found.sides = kernels.ask_edges({edges.data(), near.data(), static_cast<int>(near.size()),
                                   found.parts.data(), distance2.data()},
                                  parts, may_tell_sides);
  return found;
}

TEST_CASE("All lane types find the same sides and the same nearest edges", "[raster_kernels]") {
  const std::vector<RasterKernels> all = usable_raster_kernels();
  WARN("lane types compared: " << all.size());
  test::Random random(1);
  for (int turn = 0; turn < 2000; ++turn) {
    const auto edges = random_edges(random.below(20), random);
    const auto near = some_of(edges.size(), random);
    const SquareParts parts = random_parts(random);
    const bool may_tell_sides = random.chance(0.8);
    const EdgeFindings expected = ask_edges(all.front(), edges, near, parts, may_tell_sides);
    for (const RasterKernels& kernels : all) {
      INFO(kernels.name);
      REQUIRE(ask_edges(kernels, edges, near, parts, may_tell_sides) == expected);
    }
  }
}

// Whether rounding may decide the side: it changes within a tenth of a millimetre.
bool near_border(const std::vector<RoadEdge>& edges, const std::vector<int32_t>& near, float x,
                 float y) {
  const auto is_left = [&](float dx, float dy) {
    return left_of_nearest(edges.data(), near.data(), 0, static_cast<int>(near.size()), x + dx,
                           y + dy);
  };
  constexpr float step = 1.0e-4f;
  const bool here = is_left(0, 0);
  return here != is_left(step, 0) || here != is_left(-step, 0) || here != is_left(0, step) ||
         here != is_left(0, -step);
}

TEST_CASE("Every place of a part is on a side that the part may be on, by the edges it keeps",
          "[raster_kernels]") {
  test::Random random(2);
  int one_sided = 0, dropped = 0;
  for (int turn = 0; turn < 3000; ++turn) {
    const auto edges = random_edges(1 + random.below(12), random);
    // without gaps: where an edge ends its neighbour answers
    std::vector<int32_t> near(edges.size());
    std::iota(near.begin(), near.end(), 0);
    const SquareParts parts = random_parts(random);
    const EdgeFindings found = ask_edges(raster_kernels(), edges, near, parts, true);
    const int part = random.below(kNumParts);
    std::vector<int32_t> kept;
    for (size_t k = 0; k < near.size(); ++k) {
      if ((found.parts[k] >> part & 1) != 0) kept.push_back(near[k]);
    }
    dropped += kept.size() < near.size() ? 1 : 0;
    const bool may_be_left = (found.sides.left >> part & 1) != 0;
    const bool may_be_right = (found.sides.right >> part & 1) != 0;
    REQUIRE((may_be_left || may_be_right));
    one_sided += may_be_left != may_be_right ? 1 : 0;
    for (int k = 0; k < 20; ++k) {
      const auto [x, y] = place_in(parts, part, random);
      INFO("turn " << turn << ", part " << part << " at " << x << ", " << y);
      const auto is_left = [&](const std::vector<int32_t>& of) {
        return left_of_nearest(edges.data(), of.data(), 0, static_cast<int>(of.size()), x, y);
      };
      const bool expected = is_left(near);
      if (is_left(kept) != expected) REQUIRE(near_border(edges, near, x, y));
      if (!(expected ? may_be_left : may_be_right)) REQUIRE(near_border(edges, near, x, y));
    }
  }
  CHECK(one_sided > 1000);
  CHECK(dropped > 2500);
}

struct Lines {
  std::vector<CenterPiece> pieces;
  std::vector<int32_t> kind_at;
  std::vector<PieceKind> kinds;
};

// Pieces along eight directions, which surely follow the octants that they lie between.
Lines random_lines(int count, test::Random& random) {
  Lines lines;
  for (int k = 0; k < count; ++k) {
    const int octant = random.below(8);
    // by the order of octants: signs of both components and the larger of them
    const float large = 0.93969262f, small = 0.34202014f;
    const bool is_steep = (octant & 1) != 0;
    CenterPiece piece = {};
    piece.x = random.uniform_float(-kReach, kReach);
    piece.y = random.uniform_float(-kReach, kReach);
    piece.ux = ((octant & 4) != 0 ? -1.0f : 1.0f) * (is_steep ? small : large);
    piece.uy = ((octant & 2) != 0 ? -1.0f : 1.0f) * (is_steep ? large : small);
    piece.length = random.uniform_float(0.2, 12.0);
    piece.lane = random.chance(0.1) ? -1 : k;
    piece.flags = random.chance(0.3) ? kOnRoute : 0;
    if (random.chance(0.7)) piece.flags |= kForCars | (random.chance(0.3) ? kInJunction : 0);
    if (random.chance(0.3)) piece.flags |= kForEmergencies;
    lines.pieces.push_back(piece);
    PieceKind kind = {};
    kind.is_on_route = (piece.flags & kOnRoute) != 0;
    const bool is_lane = piece.lane >= 0, is_for_cars = (piece.flags & kForCars) != 0;
    kind.is_for_cars = is_lane && is_for_cars;
    kind.is_for_emergencies = is_lane && !is_for_cars && (piece.flags & kForEmergencies) != 0;
    kind.is_for_bikes = is_lane && !is_for_cars && !kind.is_for_emergencies;
    if (kind.is_for_cars) {
      kind.opposes = (piece.flags & kInJunction) == 0;
      // angles to the bounds of other octants are 25 and 65, 70 and 115, ... degrees
      for (int other = 0; other < kOctants; ++other) {
        int following = 0;
        for (const double share : {0.001, 0.5, 0.999}) {
          const double angle = share * 0.25 * 3.14159265358979;
          double mx = std::cos(angle), my = std::sin(angle);
          if ((other & 1) != 0) std::swap(mx, my);
          if ((other & 4) != 0) mx = -mx;
          if ((other & 2) != 0) my = -my;
          following += mx * static_cast<double>(piece.ux) + my * static_cast<double>(piece.uy) > 0;
        }
        if (following == 3) kind.surely |= static_cast<uint8_t>(1 << other);
        if (following > 0) kind.possibly |= static_cast<uint8_t>(1 << other);
      }
    }
    const auto known = std::find(lines.kinds.begin(), lines.kinds.end(), kind);
    lines.kind_at.push_back(static_cast<int32_t>(known - lines.kinds.begin()));
    if (known == lines.kinds.end()) lines.kinds.push_back(kind);
  }
  return lines;
}

struct PieceFindings {
  std::vector<uint32_t> parts;
  std::vector<float> distance2, words;
  bool operator==(const PieceFindings& other) const {
    const auto same = [](const std::vector<float>& a, const std::vector<float>& b) {
      return a.size() == b.size() &&
             (a.empty() || std::memcmp(a.data(), b.data(), 4 * a.size()) == 0);
    };
    return parts == other.parts && same(distance2, other.distance2) && same(words, other.words);
  }
};

PieceFindings ask_pieces(const RasterKernels& kernels, const Lines& lines,
                         const std::vector<int32_t>& near, const SquareParts& parts,
                         bool asks_words) {
  PieceFindings found = {std::vector<uint32_t>(near.size(), 0xdeadbeef),
                         std::vector<float>(near.size() * kNumParts),
                         std::vector<float>(kNumParts, -1.0f)};
  std::vector<float> by_kind(lines.kinds.size() * kNumParts);
  std::vector<int32_t> present(lines.kinds.size());
  kernels.ask_pieces({lines.pieces.data(), lines.kind_at.data(), lines.kinds.data(), near.data(),
                      static_cast<int>(near.size()), found.parts.data(), found.distance2.data(),
                      by_kind.data(), present.data()},
                     parts, asks_words ? found.words.data() : nullptr);
  return found;
}

TEST_CASE("All lane types give parts the same words and distances", "[raster_kernels]") {
  const std::vector<RasterKernels> all = usable_raster_kernels();
  test::Random random(3);
  for (int turn = 0; turn < 2000; ++turn) {
    const Lines lines = random_lines(random.below(60), random);
    const auto near = some_of(lines.pieces.size(), random);
    const SquareParts parts = random_parts(random);
    const bool asks_words = random.chance(0.8);
    const PieceFindings expected = ask_pieces(all.front(), lines, near, parts, asks_words);
    for (const RasterKernels& kernels : all) {
      INFO(kernels.name);
      REQUIRE(ask_pieces(kernels, lines, near, parts, asks_words) == expected);
    }
  }
}

TEST_CASE("What a part's word decides is so at every place and for every motion in it",
          "[raster_kernels]") {
  test::Random random(4);
  int decided[4][2] = {};
  for (int turn = 0; turn < 4000; ++turn) {
    const Lines lines = random_lines(1 + random.below(40), random);
    const auto near = some_of(lines.pieces.size(), random);
    const SquareParts parts = random_parts(random);
    const PieceFindings found = ask_pieces(raster_kernels(), lines, near, parts, true);
    CenterlineView view;
    view.pieces = lines.pieces.data();
    view.nearby = near.data();
    for (int k = 0; k < 40; ++k) {
      const int part = random.below(kNumParts);
      const auto [x, y] = place_in(parts, part, random);
      const float mx = random.uniform_float(-2, 2), my = random.uniform_float(-2, 2);
      INFO("turn " << turn << ", part " << part << " at " << x << ", " << y << " moving " << mx
                   << ", " << my);
      const int answers = answers_at(view, 0, static_cast<int>(near.size()), x, y, mx, my);
      const auto word = static_cast<uint32_t>(found.words[static_cast<size_t>(part)]);
      const auto compare = [&](float share, int answer, int question) {
        const auto digit = static_cast<CellAnswer>(word / static_cast<uint32_t>(share) % 4);
        if (digit == CellAnswer::kMixed) return;
        INFO("question " << question);
        const bool expected = (answers & answer) != 0;
        REQUIRE((digit == CellAnswer::kAlways) == expected);
        ++decided[question][expected ? 1 : 0];
      };
      compare(1.0f / octant_share(mx, my), kDrivesAgainst, 0);
      compare(kRouteShare, kOffRoute, 1);
      compare(kBikeLaneShare, kOnBikeLane, 2);
      compare(kEmergencyLaneShare, kOnEmergencyLane, 3);
    }
  }
  for (const auto& counts : decided) {
    for (const int count : counts) CHECK(count > 200);
  }
}

TEST_CASE("Whatever comes within reach of a place is listed for its part", "[raster_kernels]") {
  test::Random random(5);
  int in_reach = 0, out_of_reach = 0;
  for (int turn = 0; turn < 1000; ++turn) {
    const Lines lines = random_lines(30, random);
    const auto near = some_of(lines.pieces.size(), random);
    const SquareParts parts = random_parts(random);
    const PieceFindings found = ask_pieces(raster_kernels(), lines, near, parts, false);
    for (size_t k = 0; k < near.size(); ++k) {
      const int part = random.below(kNumParts);
      const auto [x, y] = place_in(parts, part, random);
      const CenterPiece& piece = lines.pieces[static_cast<size_t>(near[k])];
      const float distance = std::sqrt(distance2_to(piece, x, y));
      const uint32_t bits = found.parts[k];
      if (distance <= kProjectionReach) REQUIRE((bits >> part & 1) != 0);
      if (distance <= kRouteReach) REQUIRE((bits >> kNumParts >> part & 1) != 0);
      in_reach += distance <= kRouteReach ? 1 : 0;
      out_of_reach += (bits >> part & 1) == 0 ? 1 : 0;
    }
  }
  CHECK(in_reach > 500);
  CHECK(out_of_reach > 5000);
}

}  // namespace
}  // namespace forkroad
