#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/commonroad_parts.hpp"

namespace forkroad::commonroad {
namespace {

Bound decode_bound(Node node) {
  Bound bound;
  bound.node = node;
  for (const Node point : node.children("point")) bound.points.push_back(point_of(point));
  if (const Node marking = node.child("lineMarking")) bound.marking = word_of(marking);
  return bound;
}

Adjacency decode_adjacency(Node node, Notes& notes) {
  if (!node) return {};
  const std::string_view direction = node.attribute("drivingDir").value();
  if (direction != "same" && direction != "opposite") {
    notes.count("neighbours have no known drivingDir: they are taken as opposite");
  }
  return {true, direction == "same", integer_attribute(node, "ref")};
}

void append_references(Node parent, const char* name, std::vector<int64_t>& ids) {
  for (const Node node : parent.children(name)) ids.push_back(integer_attribute(node, "ref"));
}

void keep_unique(std::vector<int64_t>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

Lanelet decode_lanelet(Node node, Notes& notes) {
  Lanelet lanelet;
  lanelet.node = node;
  lanelet.id = integer_attribute(node, "id");
  lanelet.left = decode_bound(require(node, "leftBound"));
  lanelet.right = decode_bound(require(node, "rightBound"));
  lanelet.adjacent_left = decode_adjacency(node.child("adjacentLeft"), notes);
  lanelet.adjacent_right = decode_adjacency(node.child("adjacentRight"), notes);
  append_references(node, "predecessor", lanelet.predecessors);
  append_references(node, "successor", lanelet.successors);
  append_references(node, "trafficSignRef", lanelet.signs);
  append_references(node, "trafficLightRef", lanelet.lights);
  for (const Node type : node.children("laneletType")) lanelet.types.push_back(word_of(type));
  if (const Node limit = node.child("speedLimit")) lanelet.speed_limit = number_of(limit);
  if (const Node line = node.child("stopLine")) {
    append_references(line, "trafficSignRef", lanelet.signs);
    append_references(line, "trafficLightRef", lanelet.lights);
    const Node first = line.child("point");
    const Node second = first.next_sibling("point");
    if (second) {
      const SourcePoint a = point_of(first);
      const SourcePoint b = point_of(second);
      lanelet.stop_point = {(a.x + b.x) / 2, (a.y + b.y) / 2, (a.z + b.z) / 2};
    }
  }
  keep_unique(lanelet.signs);
  keep_unique(lanelet.lights);
  return lanelet;
}

// Where on a line each point is, as a share of the line's length; evenly spaced on a line without
// length.
std::vector<double> fractions_of(const std::vector<SourcePoint>& points) {
  std::vector<double> fractions = {0};
  for (std::size_t point = 1; point < points.size(); ++point) {
    const SourcePoint& from = points[point - 1];
    const SourcePoint& to = points[point];
    fractions.push_back(fractions.back() + std::hypot(to.x - from.x, to.y - from.y, to.z - from.z));
  }
  const double length = fractions.back();
  for (std::size_t point = 0; point < points.size(); ++point) {
    fractions[point] = length > 0
                           ? fractions[point] / length
                           : static_cast<double>(point) / static_cast<double>(points.size() - 1);
  }
  return fractions;
}

// The points of a line at increasing fractions of its way.
std::vector<SourcePoint> sample_line(const std::vector<SourcePoint>& points,
                                     const std::vector<double>& own,
                                     const std::vector<double>& wanted) {
  std::vector<SourcePoint> samples;
  std::size_t end = 1;
  for (const double fraction : wanted) {
    while (end + 1 < points.size() && own[end] < fraction) ++end;
    const double span = own[end] - own[end - 1];
    const double share = span > 0 ? std::clamp((fraction - own[end - 1]) / span, 0.0, 1.0) : 1.0;
    const SourcePoint& a = points[end - 1];
    const SourcePoint& b = points[end];
    samples.push_back(
        {a.x + share * (b.x - a.x), a.y + share * (b.y - a.y), a.z + share * (b.z - a.z)});
  }
  return samples;
}

MapType lane_type(const Lanelet& lanelet) {
  const auto is_any = [&](std::initializer_list<std::string_view> types) {
    return std::find_first_of(lanelet.types.begin(), lanelet.types.end(), types.begin(),
                              types.end()) != lanelet.types.end();
  };
  if (is_any({"bicycleLane"})) return MapType::kLaneBike;
  if (is_any({"shoulder"})) return MapType::kLaneEmergency;
  if (is_any({"highway", "interstate", "mainCarriageWay", "accessRamp", "exitRamp"})) {
    return MapType::kLaneFreeway;
  }
  const bool is_street = is_any({"urban", "country", "driveWay", "busLane", "intersection"});
  return is_street ? MapType::kLaneSurfaceStreet : MapType::kLaneUndefined;
}

std::string join_types(const Lanelet& lanelet) {
  std::string joined;
  for (const std::string_view type : lanelet.types) {
    if (!joined.empty()) joined += ',';
    joined += type;
  }
  return joined;
}

// Indices of lanelets in the order of their ids.
std::vector<std::size_t> sort_by_id(const std::vector<Lanelet>& lanelets) {
  std::vector<std::size_t> order(lanelets.size());
  for (std::size_t index = 0; index < order.size(); ++index) order[index] = index;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return lanelets[a].id < lanelets[b].id || (lanelets[a].id == lanelets[b].id && a < b);
  });
  return order;
}

// The index of the lanelet with an id, null: none has it.
const std::size_t* find_lanelet(const std::vector<Lanelet>& lanelets,
                                const std::vector<std::size_t>& order, int64_t id) {
  const auto found = std::lower_bound(
      order.begin(), order.end(), id,
      [&](std::size_t index, int64_t wanted) { return lanelets[index].id < wanted; });
  return found != order.end() && lanelets[*found].id == id ? &*found : nullptr;
}

void add_neighbor(const Adjacency& adjacency, const MapFeature& lane, const Scene& scene,
                  const std::vector<Lanelet>& lanelets, const std::vector<std::size_t>& order,
                  Notes& notes, std::vector<LaneNeighbor>& neighbors) {
  if (!adjacency.exists) return;
  if (!adjacency.same_direction) {
    notes.count("neighbours of opposite direction are left out");
    return;
  }
  const std::size_t* index = find_lanelet(lanelets, order, adjacency.id);
  if (index == nullptr) {
    notes.count("neighbours that the map does not hold are left out");
    return;
  }
  const MapFeature& beside = scene.features[*index];
  neighbors.push_back({adjacency.id, 0, static_cast<int32_t>(lane.points.size() - 1), 0,
                       static_cast<int32_t>(beside.points.size() - 1)});
}

MapFeature build_lane(const Lanelet& lanelet, Notes& notes, const Scene& scene) {
  MapFeature feature;
  feature.id = lanelet.id;
  feature.raw_type = join_types(lanelet);
  const bool is_crosswalk = lanelet.is_crosswalk();
  feature.kind = is_crosswalk ? FeatureKind::kCrosswalk : FeatureKind::kLane;
  feature.type = is_crosswalk ? MapType::kCrosswalk : lane_type(lanelet);
  const std::vector<SourcePoint> points =
      is_crosswalk ? lanelet.ring() : center_line(lanelet.left, lanelet.right);
  for (const SourcePoint& point : points) {
    feature.points.push_back(to_scene(point, scene, lanelet.node));
  }
  if (is_crosswalk) return feature;
  if (lanelet.left.points.size() != lanelet.right.points.size()) {
    notes.count("lanes have bounds of unlike point counts: both are resampled for the centre line");
  }
  if (!(lanelet.speed_limit >= 0 && lanelet.speed_limit < static_cast<double>(kMaxSpeed))) {
    refuse(ParseCode::kValueOutOfRange, lanelet.node,
           fmt::format("speedLimit is {} m/s, expected 0 to below {}", lanelet.speed_limit,
                       kMaxSpeed));
  }
  feature.speed_limit =
      std::min(static_cast<float>(lanelet.speed_limit), std::nextafter(kMaxSpeed, 0.0f));
  feature.entry_lanes = lanelet.predecessors;
  feature.exit_lanes = lanelet.successors;
  return feature;
}

}  // namespace

bool Lanelet::is_crosswalk() const {
  return std::find(types.begin(), types.end(), "crosswalk") != types.end();
}

std::vector<SourcePoint> Lanelet::ring() const {
  std::vector<SourcePoint> corners = left.points;
  corners.insert(corners.end(), right.points.rbegin(), right.points.rend());
  const SourcePoint& first = corners.front();
  const SourcePoint& last = corners.back();
  if (first.x == last.x && first.y == last.y && first.z == last.z) corners.pop_back();
  return corners;
}

SourcePoint Lanelet::stop_place() const {
  if (stop_point) return *stop_point;
  const SourcePoint& a = left.points.back();
  const SourcePoint& b = right.points.back();
  return {(a.x + b.x) / 2, (a.y + b.y) / 2, (a.z + b.z) / 2};
}

std::vector<Lanelet> decode_lanelets(Node root, Notes& notes) {
  std::vector<Lanelet> lanelets;
  for (const Node node : root.children("lanelet")) {
    Lanelet lanelet = decode_lanelet(node, notes);
    if (lanelet.left.points.size() < 2 || lanelet.right.points.size() < 2) {
      notes.count("lanelets without two points on each bound are left out");
    } else {
      lanelets.push_back(std::move(lanelet));
    }
  }
  const std::vector<std::size_t> order = sort_by_id(lanelets);
  for (std::size_t index = 1; index < order.size(); ++index) {
    if (lanelets[order[index]].id != lanelets[order[index - 1]].id) continue;
    refuse(ParseCode::kDuplicateId, lanelets[order[index]].node,
           "two lanelets have this id, expected unique ids");
  }
  return lanelets;
}

std::vector<SourcePoint> center_line(const Bound& left, const Bound& right) {
  std::vector<SourcePoint> lefts = left.points;
  std::vector<SourcePoint> rights = right.points;
  if (lefts.size() != rights.size()) {
    const std::vector<double> left_own = fractions_of(lefts);
    const std::vector<double> right_own = fractions_of(rights);
    std::vector<double> wanted;
    std::merge(left_own.begin(), left_own.end(), right_own.begin(), right_own.end(),
               std::back_inserter(wanted));
    // ends, and points side by side, are in both
    constexpr double kSame = 1e-9;
    wanted.erase(std::unique(wanted.begin(), wanted.end(),
                             [](double a, double b) { return b - a <= kSame; }),
                 wanted.end());
    lefts = sample_line(lefts, left_own, wanted);
    rights = sample_line(rights, right_own, wanted);
  }
  std::vector<SourcePoint> center;
  for (std::size_t point = 0; point < lefts.size(); ++point) {
    const SourcePoint& a = lefts[point];
    const SourcePoint& b = rights[point];
    center.push_back({(a.x + b.x) / 2, (a.y + b.y) / 2, (a.z + b.z) / 2});
  }
  return center;
}

void build_lanes(const std::vector<Lanelet>& lanelets, Notes& notes, Scene& scene) {
  for (const Lanelet& lanelet : lanelets) {
    scene.features.push_back(build_lane(lanelet, notes, scene));
  }
  const std::vector<std::size_t> order = sort_by_id(lanelets);
  for (std::size_t index = 0; index < lanelets.size(); ++index) {
    MapFeature& lane = scene.features[index];
    if (lane.kind != FeatureKind::kLane) continue;
    add_neighbor(lanelets[index].adjacent_left, lane, scene, lanelets, order, notes,
                 lane.left_neighbors);
    add_neighbor(lanelets[index].adjacent_right, lane, scene, lanelets, order, notes,
                 lane.right_neighbors);
  }
}

}  // namespace forkroad::commonroad
