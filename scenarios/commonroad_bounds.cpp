#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "scenarios/commonroad_parts.hpp"

namespace forkroad::commonroad {
namespace {

// How far beside a bound the ground is looked at [m].
constexpr double kBeside = 0.2;
// How often along it [m], and how often at most between two of its points.
constexpr double kLookEvery = 2;
constexpr double kMaxLooks = 64;
// Edges looked at in all before a bound counts as a road edge untested: bounds the time that a
// map of any size takes.
constexpr int64_t kMaxEdgeTests = 200'000'000;

using LineKey = std::vector<std::array<double, 3>>;

// The same for a line and its reverse.
LineKey key_of(const std::vector<SourcePoint>& points) {
  LineKey key;
  for (const SourcePoint& point : points) key.push_back({point.x, point.y, point.z});
  LineKey reversed(key.rbegin(), key.rend());
  return std::min(key, reversed);
}

bool is_known(std::string_view marking) { return !marking.empty() && marking != "unknown"; }

bool is_curb(std::string_view marking) { return marking == "curb" || marking == "lowered_curb"; }

// Colours are not stored: lines are taken as white.
MapType line_type(std::string_view marking) {
  if (marking == "solid" || marking == "broad_solid") return MapType::kLineSolidSingleWhite;
  if (marking == "dashed" || marking == "broad_dashed") return MapType::kLineBrokenSingleWhite;
  if (marking == "solid_solid") return MapType::kLineSolidDoubleWhite;
  return MapType::kLineUnknown;
}

// A bound, and every lanelet side that has it.
struct Line {
  const Bound* bound = nullptr;
  std::string_view marking;
  bool is_left = false;  // of the first lanelet that has it
  bool has_neighbor = false;
  std::vector<std::pair<std::size_t, bool>> sides;  // lanelet index, is left
};

// The outline of a lanelet and the box around it.
struct Outline {
  std::vector<SourcePoint> ring;
  double min_x = 0, max_x = 0, min_y = 0, max_y = 0;
};

Outline outline_of(const Lanelet& lanelet) {
  Outline outline;
  outline.ring = lanelet.ring();
  const auto [left, right] =
      std::minmax_element(outline.ring.begin(), outline.ring.end(),
                          [](const SourcePoint& a, const SourcePoint& b) { return a.x < b.x; });
  const auto [low, high] =
      std::minmax_element(outline.ring.begin(), outline.ring.end(),
                          [](const SourcePoint& a, const SourcePoint& b) { return a.y < b.y; });
  outline.min_x = left->x;
  outline.max_x = right->x;
  outline.min_y = low->y;
  outline.max_y = high->y;
  return outline;
}

// Tells where the ground beside a bound belongs to a lanelet.
class GroundTest {
 public:
  explicit GroundTest(const std::vector<Lanelet>& lanelets) {
    for (const Lanelet& lanelet : lanelets) outlines_.push_back(outline_of(lanelet));
  }

  // True if more than half of the ground just outside of a bound lies on lanelets other than
  // `self`, by length.
  bool is_covered(const std::vector<SourcePoint>& bound, bool is_left, std::size_t self) {
    double covered = 0, whole = 0;
    for (std::size_t end = 1; end < bound.size(); ++end) {
      const SourcePoint& a = bound[end - 1];
      const SourcePoint& b = bound[end];
      const double length = std::hypot(b.x - a.x, b.y - a.y);
      if (!(length > 0)) continue;
      const double offset = (is_left ? kBeside : -kBeside) / length;
      const double parts = std::min(std::ceil(length / kLookEvery), kMaxLooks);
      for (double part = 0.5; part < parts; part += 1) {
        const double share = part / parts;
        const bool is_inside = contains(a.x + share * (b.x - a.x) - offset * (b.y - a.y),
                                        a.y + share * (b.y - a.y) + offset * (b.x - a.x), self);
        covered += is_inside ? length / parts : 0;
      }
      whole += length;
    }
    return covered > whole / 2;
  }

  bool is_exhausted() const { return num_tests_ > kMaxEdgeTests; }

 private:
  bool contains(double x, double y, std::size_t self) {
    for (std::size_t index = 0; index < outlines_.size() && !is_exhausted(); ++index) {
      const Outline& outline = outlines_[index];
      ++num_tests_;
      if (index == self || x < outline.min_x || x > outline.max_x || y < outline.min_y ||
          y > outline.max_y) {
        continue;
      }
      if (encloses(outline.ring, x, y)) return true;
    }
    return false;
  }

  bool encloses(const std::vector<SourcePoint>& ring, double x, double y) {
    num_tests_ += static_cast<int64_t>(ring.size());
    bool inside = false;
    for (std::size_t end = 0; end < ring.size(); ++end) {
      const SourcePoint& a = ring[end];
      const SourcePoint& b = ring[end == 0 ? ring.size() - 1 : end - 1];
      const bool crosses = (a.y > y) != (b.y > y);
      if (crosses && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x) inside = !inside;
    }
    return inside;
  }

  std::vector<Outline> outlines_;
  int64_t num_tests_ = 0;
};

std::vector<Line> collect_lines(const std::vector<Lanelet>& lanelets) {
  std::vector<Line> lines;
  std::map<LineKey, std::size_t> known;
  for (std::size_t index = 0; index < lanelets.size(); ++index) {
    const Lanelet& lanelet = lanelets[index];
    if (lanelet.is_crosswalk()) continue;
    for (const bool is_left : {true, false}) {
      const Bound& bound = is_left ? lanelet.left : lanelet.right;
      const auto [place, is_new] = known.try_emplace(key_of(bound.points), lines.size());
      if (is_new) lines.push_back({&bound, bound.marking, is_left, false, {}});
      Line& line = lines[place->second];
      if (!is_known(line.marking)) line.marking = bound.marking;
      const Adjacency& adjacency = is_left ? lanelet.adjacent_left : lanelet.adjacent_right;
      line.has_neighbor = line.has_neighbor || adjacency.exists;
      line.sides.emplace_back(index, is_left);
    }
  }
  return lines;
}

void set_kind(const Line& line, GroundTest& ground, MapFeature& feature) {
  const bool is_outer = !line.has_neighbor && line.sides.size() == 1;
  const bool is_edge =
      is_curb(line.marking) ||
      (is_outer && !ground.is_covered(line.bound->points, line.is_left, line.sides.front().first));
  feature.kind = is_edge ? FeatureKind::kRoadEdge : FeatureKind::kRoadLine;
  feature.type = is_edge ? MapType::kEdgeBoundary : line_type(line.marking);
}

}  // namespace

void build_bounds(const std::vector<Lanelet>& lanelets, int64_t& next_id, Notes& notes,
                  Scene& scene) {
  GroundTest ground(lanelets);
  for (const Line& line : collect_lines(lanelets)) {
    MapFeature feature;
    feature.id = next_id++;
    feature.raw_type = line.marking;
    set_kind(line, ground, feature);
    for (const SourcePoint& point : line.bound->points) {
      feature.points.push_back(to_scene(point, scene, line.bound->node));
    }
    // bounds run along their lanelet, road edges with the road on their left
    if (feature.kind == FeatureKind::kRoadEdge && line.is_left) {
      std::reverse(feature.points.begin(), feature.points.end());
    }
    for (const auto& [index, is_left] : line.sides) {
      MapFeature& lane = scene.features[index];
      auto& boundaries = is_left ? lane.left_boundaries : lane.right_boundaries;
      boundaries.push_back(
          {feature.id, 0, static_cast<int32_t>(lane.points.size() - 1), feature.type});
    }
    scene.features.push_back(std::move(feature));
  }
  if (ground.is_exhausted()) {
    notes.count("map is too large to look beside every bound: outer bounds are road edges");
  }
}

}  // namespace forkroad::commonroad
