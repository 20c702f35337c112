// What drivable rasters ask of parts: every lane type against the scalar one bit for bit, and the
// answers against the exact ones at places inside the parts.
#include "sim/raster_kernels.hpp"

#include <numeric>

#include "tests/catch.hpp"
#include "tests/raster_parts.hpp"

namespace forkroad {
namespace {

using test::kReach;
using test::place_in;
using test::random_parts;
using test::some_of;

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

// A ring around its middle, with dents; some have corners on whole metres, where parts end.
std::vector<RingLine> random_ring(test::Random& random) {
  const bool is_whole = random.chance(0.3);
  const double x = random.uniform(-kReach, kReach), y = random.uniform(-kReach, kReach);
  const int num_corners = 3 + random.below(12);
  std::vector<std::array<float, 2>> corners;
  for (int k = 0; k < num_corners; ++k) {
    const double angle = 6.283185307179586 * k / num_corners, radius = random.uniform(1.0, 25.0);
    std::array<float, 2> corner = {static_cast<float>(x + radius * std::cos(angle)),
                                   static_cast<float>(y + radius * std::sin(angle))};
    if (is_whole) corner = {std::round(corner[0]), std::round(corner[1])};
    corners.push_back(corner);
  }
  std::vector<RingLine> lines;
  for (size_t k = 0; k < corners.size(); ++k) {
    const auto &a = corners[k], &b = corners[(k + 1) % corners.size()];
    lines.push_back({a[0], a[1], b[0], b[1]});
  }
  return lines;
}

// By the even-odd rule of DrivableView's rings.
bool is_inside(const std::vector<RingLine>& lines, const std::vector<int32_t>& near, float x,
               float y) {
  bool inside = false;
  for (const int32_t k : near) {
    const RingLine& line = lines[static_cast<size_t>(k)];
    if ((line.ay > y) == (line.by > y)) continue;
    const float slope = (line.bx - line.ax) / (line.by - line.ay);
    if (x < line.ax + (y - line.ay) * slope) inside = !inside;
  }
  return inside;
}

struct RingFindings {
  PartsOfRing ring;
  std::vector<uint32_t> parts;
  bool operator==(const RingFindings& other) const {
    return ring.crossed == other.ring.crossed && ring.held == other.ring.held &&
           parts == other.parts;
  }
};

RingFindings ask_ring(const RasterKernels& kernels, const std::vector<RingLine>& lines,
                      const SquareParts& parts) {
  std::vector<int32_t> near(lines.size());
  std::iota(near.begin(), near.end(), 0);
  RingFindings found = {{}, std::vector<uint32_t>(lines.size(), 0xdeadbeef)};
  found.ring = kernels.ask_ring(
      {lines.data(), near.data(), static_cast<int>(near.size()), found.parts.data()}, parts);
  return found;
}

TEST_CASE("All lane types find the same of rings", "[raster_kernels]") {
  test::Random random(6);
  for (int turn = 0; turn < 3000; ++turn) {
    const auto lines = random_ring(random);
    const SquareParts parts = random_parts(random);
    const RingFindings expected = ask_ring(usable_raster_kernels().front(), lines, parts);
    for (const RasterKernels& kernels : usable_raster_kernels()) {
      INFO(kernels.name);
      REQUIRE(ask_ring(kernels, lines, parts) == expected);
    }
  }
}

TEST_CASE("A part that a ring holds or that it does not cross is so at every place",
          "[raster_kernels]") {
  test::Random random(7);
  int held = 0, crossed = 0, outside = 0;
  for (int turn = 0; turn < 6000; ++turn) {
    const auto lines = random_ring(random);
    SquareParts parts = random_parts(random);
    if (random.chance(0.5)) parts = {std::round(parts.x), std::round(parts.y), parts.size};
    const RingFindings found = ask_ring(raster_kernels(), lines, parts);
    const int part = random.below(kNumParts);
    std::vector<int32_t> all(lines.size()), kept;
    std::iota(all.begin(), all.end(), 0);
    for (const int32_t k : all) {
      if ((found.parts[static_cast<size_t>(k)] >> part & 1) != 0) kept.push_back(k);
    }
    const bool is_held = (found.ring.held >> part & 1) != 0;
    const bool is_crossed = (found.ring.crossed >> part & 1) != 0;
    REQUIRE_FALSE((is_held && is_crossed));
    ++(is_held ? held : is_crossed ? crossed : outside);
    for (int k = 0; k < 20; ++k) {
      const auto [x, y] = place_in(parts, part, random);
      INFO("turn " << turn << ", part " << part << " at " << x << ", " << y);
      const bool expected = is_inside(lines, all, x, y);
      REQUIRE(is_inside(lines, kept, x, y) == expected);
      if (!is_crossed) REQUIRE(is_held == expected);
    }
  }
  CHECK(held > 300);
  CHECK(crossed > 300);
  CHECK(outside > 300);
}

}  // namespace
}  // namespace forkroad
