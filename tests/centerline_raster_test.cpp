// The raster of lanes and the route against their definition over all pieces.
#include "sim/centerline_raster.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "tests/catch.hpp"
#include "tests/generated_scenes.hpp"
#include "tests/random.hpp"
#include "tests/real_scenes.hpp"
#include "tests/scene_builder.hpp"

namespace forkroad {
namespace {

constexpr double kMargin = 1.0e-4;  // [m] nearer decisions are left to rounding
constexpr double kFar = 1.0e9;
// what lies further away than any reach has no say in whether somebody drives against lanes
constexpr double kDeciding = static_cast<double>(kOpposingReach) + 0.1;

// An answer and how far it is from turning out differently [m].
struct Answer {
  bool is = false;
  double margin = kFar;
};

// What holds if all of `slacks` are above 0: one that is clearly not decides as well.
Answer all_above_zero(std::initializer_list<double> slacks) {
  const double least = std::min(slacks);
  return {least > 0.0, std::abs(least)};
}

// The three answers from their description, in double, over all pieces.
struct Answers {
  Answer against, off_route, on_bike_lane, on_emergency_lane;
};

double distance_to(const CenterPiece& piece, double x, double y) {
  const double ux = piece.ux, uy = piece.uy;
  const double dx = x - piece.x, dy = y - piece.y;
  const double on = std::clamp(dx * ux + dy * uy, 0.0, static_cast<double>(piece.length));
  const double rx = dx - on * ux, ry = dy - on * uy;
  return std::sqrt(rx * rx + ry * ry);
}

// Whether a motion is so nearly square to a piece that rounding says if it follows it. Along the
// axes there is no rounding, and who crosses squarely follows.
bool is_nearly_square(const CenterPiece& piece, double mx, double my) {
  const bool on_axes = (mx == 0.0 || my == 0.0) && (piece.ux == 0.0f || piece.uy == 0.0f);
  const double along = mx * static_cast<double>(piece.ux) + my * static_cast<double>(piece.uy);
  return !on_axes && std::abs(along) < kMargin * std::hypot(mx, my);
}

Answers reference_answers(const std::vector<CenterPiece>& pieces, double x, double y, double mx,
                          double my) {
  double following = kFar, opposing = kFar, cars = kFar, route = kFar;
  double bikes = kFar, shoulders = kFar;
  bool is_square = mx == 0.0 && my == 0.0;
  for (const CenterPiece& piece : pieces) {
    const double distance = distance_to(piece, x, y);
    if ((piece.flags & kOnRoute) != 0) route = std::min(route, distance);
    if (piece.lane < 0) continue;
    if ((piece.flags & kForCars) == 0) {
      double& least = (piece.flags & kForEmergencies) != 0 ? shoulders : bikes;
      least = std::min(least, distance);
      continue;
    }
    cars = std::min(cars, distance);
    is_square = is_square || (distance < kDeciding && is_nearly_square(piece, mx, my));
    if (mx * static_cast<double>(piece.ux) + my * static_cast<double>(piece.uy) >= 0.0) {
      following = std::min(following, distance);
    } else if ((piece.flags & kInJunction) == 0) {
      opposing = std::min(opposing, distance);
    }
  }
  Answers out;
  out.against = all_above_zero({static_cast<double>(kOpposingReach) - opposing,
                                following - opposing, following - static_cast<double>(kHalfLane)});
  if (is_square) out.against.margin = 0.0;
  out.off_route = all_above_zero({route - static_cast<double>(kRouteReach)});
  out.on_bike_lane = all_above_zero({static_cast<double>(kBikeHalfLane) - bikes, cars - bikes});
  out.on_emergency_lane =
      all_above_zero({static_cast<double>(kEmergencyHalfLane) - shoulders, cars - shoulders});
  return out;
}

struct Step {
  float x, y, mx, my;
};

// Near lanes, at borders of cells, beyond the raster; motions in all directions, along the axes,
// along the diagonals, and none.
Step random_step(const std::vector<CenterPiece>& pieces, int k, test::Random& random) {
  const CenterPiece& piece =
      pieces[static_cast<size_t>(random.below(static_cast<int>(pieces.size())))];
  const double along = random.uniform(0.0, static_cast<double>(piece.length));
  double x = piece.x + along * static_cast<double>(piece.ux) + random.uniform(-6.0, 6.0);
  double y = piece.y + along * static_cast<double>(piece.uy) + random.uniform(-6.0, 6.0);
  if (k % 10 == 0) x = std::round(x);
  if (k % 15 == 0) y = std::round(y);
  if (k % 50 == 0) x += random.uniform(-500.0, 500.0);
  if (k % 1000 == 1) y += random.chance(0.5) ? 1.0e5 : -1.0e7;
  float mx = random.uniform_float(-1.5, 1.5), my = random.uniform_float(-1.5, 1.5);
  if (k % 7 == 0) mx = 0.0f;
  if (k % 11 == 0) my = 0.0f;
  if (k % 13 == 0) my = random.chance(0.5) ? mx : -mx;
  return {static_cast<float>(x), static_cast<float>(y), mx, my};
}

// How often a question was compared and how often it was answered with yes.
struct Tally {
  int compared = 0, yes = 0;

  void compare(const Answer& expected, float got) {
    if (expected.margin <= kMargin) return;
    ++compared;
    yes += expected.is ? 1 : 0;
    if ((got == 1.0f) != expected.is || (got != 0.0f && got != 1.0f)) {
      INFO("got " << got << ", the margin is " << expected.margin);
      CHECK(got == (expected.is ? 1.0f : 0.0f));
    }
  }
};

struct Tallies {
  Tally against, off_route, on_bike_lane, on_emergency_lane;
};

// Every second lane for bicycles becomes one for emergencies, which no map at hand has.
Scene with_emergency_lanes(Scene scene) {
  int count = 0;
  for (MapFeature& feature : scene.features) {
    if (feature.kind != FeatureKind::kLane || feature.type != MapType::kLaneBike) continue;
    if (count++ % 2 == 0) feature.type = MapType::kLaneEmergency;
  }
  return scene;
}

void compare_with_reference(const Scene& logged, int num_steps, uint64_t seed, Tallies& tallies) {
  const Scene scene = with_emergency_lanes(logged);
  const CenterlineRaster raster(find_centerlines(scene, scene.ego));
  const CenterlineView view = raster.view();
  const std::vector<CenterPiece>& pieces = raster.lines().pieces;
  REQUIRE_FALSE(pieces.empty());
  test::Random random(seed);
  for (int k = 0; k < num_steps; ++k) {
    const auto [x, y, mx, my] = random_step(pieces, k, random);
    const Answers expected = reference_answers(pieces, x, y, mx, my);
    const LaneStep<float> got =
        ask_centerlines(view, nullptr, x, y, mx, my, no_lane_facts<float>());
    INFO(scene.id << " at " << x << ", " << y << " moving " << mx << ", " << my);
    tallies.against.compare(expected.against, got.against);
    tallies.off_route.compare(expected.off_route, got.off_route);
    tallies.on_bike_lane.compare(expected.on_bike_lane, got.on_bike_lane);
    tallies.on_emergency_lane.compare(expected.on_emergency_lane, got.on_emergency_lane);
    if (mx != 0.0f || my != 0.0f) continue;
    LaneFacts<float> facts = no_lane_facts<float>();
    judge_lanes(got, mx, my, 1, facts);
    CHECK(facts.opposite_lane_distance == 0.0f);  // who stands has no direction
  }
}

void expect_yes_and_no(const char* what, const Tally& tally) {
  WARN(what << ": " << tally.compared << " compared, " << tally.yes << " yes");
  CHECK(tally.yes > 50);
  CHECK(tally.compared - tally.yes > 50);
}

void expect_yes_and_no(const Tallies& tallies) {
  expect_yes_and_no("against lanes", tallies.against);
  expect_yes_and_no("off the route", tallies.off_route);
  expect_yes_and_no("on a bicycle lane", tallies.on_bike_lane);
  expect_yes_and_no("on an emergency lane", tallies.on_emergency_lane);
}

TEST_CASE("The lane raster answers as its definition does over all pieces", "[centerlines]") {
  Tallies tallies;
  for (const LayoutKind layout : all_layouts()) {
    compare_with_reference(generate_scene({}, layout, 20).scene, 20000, 11, tallies);
  }
  expect_yes_and_no(tallies);
}

TEST_CASE("The lane raster answers as its definition does on many maps", "[centerlines][slow]") {
  Tallies tallies;
  for (const GeneratedScene& generated : test::generated_scenes()) {
    compare_with_reference(generated.scene, 20000, 13, tallies);
  }
  expect_yes_and_no(tallies);
}

TEST_CASE("The lane raster answers as its definition does on real logs", "[centerlines][real]") {
  Tallies tallies;
  int scenes = 0;
  for (const Scene& scene : test::real_scenes()) {
    if (scene.ego < 0 || ++scenes > 3) continue;
    compare_with_reference(scene, 20000, 17, tallies);
  }
  if (scenes == 0) return;
  expect_yes_and_no("against lanes", tallies.against);
  expect_yes_and_no("off the route", tallies.off_route);
}

TEST_CASE("The lane raster answers as its definition does with cells of several metres",
          "[centerlines]") {
  // 9 km there and back, in bends
  Scene scene = test::empty_scene(11);
  test::add_track(scene, {.speed = 5.0});
  for (const float side : {0.0f, 3.6f}) {
    MapFeature lane;
    lane.id = side == 0.0f ? 1 : 2;
    for (int k = 0; k <= 180; ++k) {
      lane.points.push_back({50.0f * static_cast<float>(k), (k % 2 == 0 ? 0.0f : 9.0f) + side, 0});
    }
    if (side > 0.0f) std::reverse(lane.points.begin(), lane.points.end());
    scene.features.push_back(lane);
  }
  REQUIRE(CenterlineRaster(find_centerlines(scene, 0)).view().inverse_cell == 0.25f);
  Tallies tallies;
  compare_with_reference(scene, 20000, 19, tallies);
  expect_yes_and_no("against lanes", tallies.against);
  expect_yes_and_no("off the route", tallies.off_route);
}

// The lane of cars that a pose is projected on, by its distance [m], from all pieces.
struct Projection {
  double followed = kFar, opposed = kFar;
  bool is_square = false;

  double distance() const {
    const double reach = static_cast<double>(kProjectionReach);
    const double nearest = followed < reach ? followed : opposed;
    return nearest < reach ? nearest : kFar;
  }
};

Projection reference_projection(const std::vector<CenterPiece>& pieces, double x, double y,
                                double cos, double sin) {
  Projection out;
  for (const CenterPiece& piece : pieces) {
    if (piece.lane < 0 || (piece.flags & kForCars) == 0) continue;
    const double distance = distance_to(piece, x, y);
    const double along = cos * static_cast<double>(piece.ux) + sin * static_cast<double>(piece.uy);
    if (distance < static_cast<double>(kProjectionReach) + kMargin) {
      out.is_square = out.is_square || std::abs(along) < kMargin;
    }
    double& least = along >= 0.0 ? out.followed : out.opposed;
    least = std::min(least, distance);
  }
  return out;
}

// Returns how many poses were projected and how many were too far from all lanes.
std::array<int, 2> compare_projections(const Scene& scene, int num_poses, uint64_t seed) {
  const CenterlineRaster raster(find_centerlines(scene, scene.ego));
  const std::vector<CenterPiece>& pieces = raster.lines().pieces;
  const double reach = static_cast<double>(kProjectionReach);
  test::Random random(seed);
  int found = 0, too_far = 0;
  for (int k = 0; k < num_poses; ++k) {
    auto [x, y, mx, my] = random_step(pieces, k, random);
    if (k % 4 == 0) x += random.uniform_float(-12.0, 12.0);
    const double heading = random.uniform(-3.1415, 3.1415);
    const float cos = static_cast<float>(std::cos(heading));
    const float sin = static_cast<float>(std::sin(heading));
    const Projection expected = reference_projection(pieces, x, y, cos, sin);
    if (expected.is_square || std::abs(expected.followed - reach) < kMargin) continue;
    if (expected.followed > reach && std::abs(expected.opposed - reach) < kMargin) continue;
    INFO(scene.id << " at " << x << ", " << y << " heading " << heading);
    const LaneProjection got = project_to_lane(raster.view(), x, y, cos, sin);
    REQUIRE((got.piece >= 0) == (expected.distance() < reach));
    ++(got.piece >= 0 ? found : too_far);
    if (got.piece < 0) continue;
    // of lanes that are equally near to rounding either will do
    const CenterPiece& piece = pieces[static_cast<size_t>(got.piece)];
    REQUIRE(distance_to(piece, x, y) == Approx(expected.distance()).margin(kMargin));
    REQUIRE(std::abs(got.offset) == Approx(expected.distance()).margin(kMargin));
    const double left = static_cast<double>(piece.ux) * (static_cast<double>(y) - piece.y) -
                        static_cast<double>(piece.uy) * (static_cast<double>(x) - piece.x);
    if (std::abs(left) > kMargin) REQUIRE((got.offset > 0.0f) == (left > 0.0));
    const double relative = heading - std::atan2(piece.uy, piece.ux);
    REQUIRE(got.cos == Approx(std::cos(relative)).margin(1.0e-6));
    REQUIRE(got.sin == Approx(std::sin(relative)).margin(1.0e-6));
    REQUIRE((got.cos >= 0.0f) == (expected.followed < reach));
  }
  return {found, too_far};
}

TEST_CASE("A pose is projected on the nearest lane of cars that its heading follows",
          "[centerlines]") {
  for (const LayoutKind layout : all_layouts()) {
    const auto [found, too_far] =
        compare_projections(generate_scene({}, layout, 20).scene, 20000, 12);
    CHECK(found > 5000);
    CHECK(too_far > 100);
  }
}

}  // namespace
}  // namespace forkroad
