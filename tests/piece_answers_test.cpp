// What rasters of lanes ask of parts: every lane type against the scalar one bit for bit, and the
// words against the exact answers at places inside the parts.
#include "sim/piece_answers.hpp"

#include <algorithm>
#include <cstring>

#include "tests/catch.hpp"
#include "tests/raster_parts.hpp"

namespace forkroad {
namespace {

using test::kReach;
using test::place_in;
using test::random_parts;
using test::some_of;

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

TEST_CASE("All lane types give parts the same words and distances", "[piece_answers]") {
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
          "[piece_answers]") {
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

TEST_CASE("Whatever comes within reach of a place is listed for its part", "[piece_answers]") {
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
