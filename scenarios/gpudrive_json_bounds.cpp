#include <algorithm>
#include <map>
#include <tuple>

#include "scenarios/gpudrive_json_parts.hpp"

namespace forkroad::gpudrive {
namespace {

bool is_before(const Point3& a, const Point3& b) {
  return std::tie(a.x, a.y, a.z) < std::tie(b.x, b.y, b.z);
}

struct LineOrder {
  bool operator()(const std::vector<Point3>& a, const std::vector<Point3>& b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), is_before);
  }
};

// Lines that differ in direction only are the same line.
std::vector<Point3> undirected(std::vector<Point3> line) {
  if (!line.empty() && is_before(line.back(), line.front())) std::reverse(line.begin(), line.end());
  return line;
}

}  // namespace

// Road lines and edges by their points.
struct RoadDecoder::Lines {
  std::map<std::vector<Point3>, std::size_t, LineOrder> features;
};

void RoadDecoder::add_bound(const Node& bound, std::size_t lane, const char* side, Lines& lines) {
  MapFeature line;
  decode_points(bound, line.points);
  if (line.points.empty()) return;
  const auto [found, added] =
      lines.features.emplace(undirected(line.points), scene_->features.size());
  if (added) {
    line.id = ids_.take_fresh();
    line.kind = FeatureKind::kRoadLine;
    line.type = MapType::kLineUnknown;
    line.raw_type = side;
    scene_->features.push_back(std::move(line));
    ++num_new_bounds_;
  } else {
    ++num_known_bounds_;
  }
  const MapFeature& feature = scene_->features[found->second];
  MapFeature& owner = scene_->features[lane];
  auto& boundaries =
      std::string_view(side) == "left_bound" ? owner.left_boundaries : owner.right_boundaries;
  boundaries.push_back(
      {feature.id, 0, static_cast<int32_t>(owner.points.size()) - 1, feature.type});
}

void RoadDecoder::add_bounds(const Node& roads) {
  Lines lines;
  for (std::size_t index = 0; index < scene_->features.size(); ++index) {
    const MapFeature& feature = scene_->features[index];
    if (feature.kind != FeatureKind::kRoadLine && feature.kind != FeatureKind::kRoadEdge) continue;
    lines.features.emplace(undirected(feature.points), index);
  }
  json::for_elements(roads, [&](const Node& road) {
    const std::optional<std::size_t> lane = of_roads_[road.ordinal];
    if (!lane || scene_->features[*lane].kind != FeatureKind::kLane) return;
    const RoadMembers members = collect_road(road);
    if (members.left_bound) add_bound(*members.left_bound, *lane, "left_bound", lines);
    if (members.right_bound) add_bound(*members.right_bound, *lane, "right_bound", lines);
    if (members.polygon) add_area(*members.polygon);
  });
}

void RoadDecoder::add_area(const Node& polygon) {
  MapFeature area;
  decode_points(polygon, area.points);
  drop_repeated_end(area.points);
  if (area.points.empty()) return;
  area.id = ids_.take_fresh();
  area.kind = FeatureKind::kDrivableArea;
  area.raw_type = "polygon";
  scene_->features.push_back(std::move(area));
  ++num_areas_;
}

}  // namespace forkroad::gpudrive
