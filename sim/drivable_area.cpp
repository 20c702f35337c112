#include "sim/drivable_area.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "sim/plane_line.hpp"

namespace forkroad {
namespace {

constexpr float kPlaceSpacing = 2.0f;                 // [m] of logged places
constexpr float kEdgeTolerance = 5.0e-5f;             // [m]
constexpr float kCutLength = 2.5f, kCutShare = 4.0f;  // [m], of the middle length of pieces
constexpr float kSamePlace = 1.0e-3f;                 // [m] the ends of a closed edge
constexpr float kBoundsEnd = 1.0f;     // [m] from a lane's end to the middle of its bounds' ends
constexpr float kMaxLanesOff = 0.12f;  // share of lane places beside edges that tell the side
constexpr size_t kAskedPlaces = 300;   // of them

bool same_place(const Point3& a, const Point3& b, float within) {
  return std::hypot(a.x - b.x, a.y - b.y) <= within;
}

// A polyline without repeated vertices.
std::vector<Point3> distinct_points(const std::vector<Point3>& points) {
  std::vector<Point3> out;
  for (const Point3& point : points) {
    if (out.empty() || !same_place(point, out.back(), 0.0f)) out.push_back(point);
  }
  return out;
}

RoadEdge make_edge(const std::array<float, 2>& from, const std::array<float, 2>& to) {
  RoadEdge edge = {};
  edge.x = from[0];
  edge.y = from[1];
  edge.dx = to[0] - from[0];
  edge.dy = to[1] - from[1];
  edge.inverse_length2 = 1.0f / (edge.dx * edge.dx + edge.dy * edge.dy);
  return edge;
}

void join(RoadEdge& first, RoadEdge& second) {
  first.after_dx = second.dx;
  first.after_dy = second.dy;
  second.before_dx = first.dx;
  second.before_dy = first.dy;
}

// Where a ring of lanes is cut out of a larger map, an edge that leaves it and comes back goes on
// in one straight piece. It bounds nothing if it crosses lanes.
class CutEdges {
 public:
  void add_lane(const std::vector<Point3>& lane) {
    for (size_t k = 0; k + 1 < lane.size(); ++k) lane_pieces_.push_back({lane[k], lane[k + 1]});
  }

  // Above this length [m] pieces of an edge are suspicious: much longer than most of its pieces.
  static float suspicious_length(const std::vector<Point3>& edge) {
    std::vector<float> lengths;
    for (size_t k = 0; k + 1 < edge.size(); ++k) {
      lengths.push_back(std::hypot(edge[k + 1].x - edge[k].x, edge[k + 1].y - edge[k].y));
    }
    if (lengths.empty()) return kCutLength;
    const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
    std::nth_element(lengths.begin(), middle, lengths.end());
    return std::max(kCutLength, kCutShare * *middle);
  }

  bool crosses_lane(const Point3& a, const Point3& b) const {
    const auto side = [](const Point3& from, const Point3& to, const Point3& of) {
      return turn_of(to.x - from.x, to.y - from.y, of.x - from.x, of.y - from.y) > 0.0f;
    };
    return std::any_of(lane_pieces_.begin(), lane_pieces_.end(), [&](const auto& piece) {
      return side(a, b, piece[0]) != side(a, b, piece[1]) &&
             side(piece[0], piece[1], a) != side(piece[0], piece[1], b);
    });
  }

 private:
  std::vector<std::array<Point3, 2>> lane_pieces_;
};

// The parts of an edge on the level of the gate, piece by piece, without what a cut added.
std::vector<PlaneLine> parts_on_level(const std::vector<Point3>& points, const LevelGate& gate,
                                      const CutEdges& cuts) {
  std::vector<PlaneLine> parts;
  const float suspicious = CutEdges::suspicious_length(points);
  bool goes_on = false;
  for (size_t k = 0; k + 1 < points.size(); ++k) {
    const Point3& a = points[k];
    const Point3& b = points[k + 1];
    const Point3 middle = {0.5f * (a.x + b.x), 0.5f * (a.y + b.y), 0.5f * (a.z + b.z)};
    // a piece so short that its square vanishes has no side
    const bool counts = gate.on_level(middle) &&
                        std::isfinite(make_edge({a.x, a.y}, {b.x, b.y}).inverse_length2) &&
                        (same_place(a, b, suspicious) || !cuts.crosses_lane(a, b));
    if (counts && !goes_on) parts.push_back({{a.x, a.y}});
    if (counts) parts.back().push_back({b.x, b.y});
    goes_on = counts;
  }
  return parts;
}

void add_edges(const MapFeature& feature, const LevelGate& gate, const CutEdges& cuts,
               std::vector<RoadEdge>& edges) {
  const std::vector<Point3> points = distinct_points(feature.points);
  const size_t first = edges.size();
  const std::vector<PlaneLine> parts = parts_on_level(points, gate, cuts);
  for (const PlaneLine& part : parts) {
    const PlaneLine line = simplify(part, kEdgeTolerance);
    const size_t begin = edges.size();
    for (size_t k = 0; k + 1 < line.size(); ++k) {
      const RoadEdge edge = make_edge(line[k], line[k + 1]);
      if (!std::isfinite(edge.inverse_length2)) continue;  // all of a tiny loop
      edges.push_back(edge);
      if (edges.size() - begin > 1) join(edges[edges.size() - 2], edges.back());
    }
  }
  // a closed line that is all there
  const bool closed = points.size() > 3 && same_place(points.front(), points.back(), kSamePlace);
  if (closed && parts.size() == 1 && parts.front().size() == points.size() &&
      edges.size() - first > 1) {
    join(edges.back(), edges[first]);
  }
}

// Where a vehicle was, at least as far apart as places along lanes.
std::vector<std::array<float, 2>> places_of_log(const Track& track) {
  std::vector<std::array<float, 2>> places;
  if (track.kind != AgentKind::kVehicle) return places;
  for (size_t step = 0; step < track.valid.size(); ++step) {
    if (track.valid[step] == 0) continue;
    const float x = track.x[step], y = track.y[step];
    if (!places.empty() && std::hypot(x - places.back()[0], y - places.back()[1]) < kPlaceSpacing) {
      continue;
    }
    places.push_back({x, y});
  }
  return places;
}

bool outline_on_level(const std::vector<Point3>& ring, const LevelGate& gate) {
  std::vector<Point3> outline = ring;
  outline.push_back(ring.front());
  return gate.on_level(outline);
}

bool in_middle(const Point3& place, const Point3& a, const Point3& b) {
  return same_place(place, {0.5f * (a.x + b.x), 0.5f * (a.y + b.y), place.z}, kBoundsEnd);
}

// The one bound of a lane on one side, in the lane's direction; empty if there are others or none.
std::vector<Point3> bound_of(const Scene& scene, const std::vector<LaneBoundary>& boundaries,
                             const Point3& lane_start,
                             const std::unordered_map<int64_t, size_t>& index_of) {
  if (boundaries.size() != 1) return {};
  const auto found = index_of.find(boundaries.front().feature_id);
  if (found == index_of.end()) return {};
  std::vector<Point3> points = scene.features[found->second].points;
  if (points.size() < 2) return {};
  const auto from_start = [&](const Point3& point) {
    return std::hypot(point.x - lane_start.x, point.y - lane_start.y);
  };
  if (from_start(points.back()) < from_start(points.front())) {
    std::reverse(points.begin(), points.end());
  }
  return points;
}

// The ground of lanes that are given by bounds on both sides, which begin and end where the lane
// does (lanelets): one may drive there, whatever edges say. Bounds of other maps run on.
std::vector<std::vector<Point3>> lanelet_rings(const Scene& scene) {
  std::unordered_map<int64_t, size_t> index_of;
  for (size_t k = 0; k < scene.features.size(); ++k) index_of[scene.features[k].id] = k;
  std::vector<std::vector<Point3>> rings;
  for (const MapFeature& lane : scene.features) {
    if (lane.kind != FeatureKind::kLane || lane.points.size() < 2) continue;
    const Point3& start = lane.points.front();
    std::vector<Point3> ring = bound_of(scene, lane.left_boundaries, start, index_of);
    const std::vector<Point3> right = bound_of(scene, lane.right_boundaries, start, index_of);
    if (ring.empty() || right.empty() || !in_middle(start, ring.front(), right.front()) ||
        !in_middle(lane.points.back(), ring.back(), right.back())) {
      continue;
    }
    ring.insert(ring.end(), right.rbegin(), right.rend());
    rings.push_back(std::move(ring));
  }
  return rings;
}

// Whether the edges have most of the lanes on their left, as far as a few hundred places tell:
// each asks every edge.
bool edges_agree(const DrivableArea& area) {
  std::vector<int32_t> all(area.edges.size());
  std::iota(all.begin(), all.end(), 0);
  const size_t every = area.lane_places.size() / kAskedPlaces + 1;
  int asked = 0, off = 0;
  for (size_t k = 0; k < area.lane_places.size(); k += every) {
    const auto& [x, y] = area.lane_places[k];
    ++asked;
    off += left_of_nearest(area.edges.data(), all.data(), 0, static_cast<int>(all.size()), x, y)
               ? 0
               : 1;
  }
  return static_cast<float>(off) <= kMaxLanesOff * static_cast<float>(asked);
}

void add_ring(const std::vector<Point3>& points, const LevelGate& gate, DrivableArea& area) {
  if (points.size() < 3 || !outline_on_level(points, gate)) return;
  auto& ring = area.rings.emplace_back();
  for (const Point3& point : points) ring.push_back({point.x, point.y});
}

}  // namespace

DrivableArea find_drivable_area(const Scene& scene, int track) {
  return find_drivable_area(scene, track, LevelGate::of_map(scene, track));
}

DrivableArea find_drivable_area(const Scene& scene, int track, const LevelGate& gate) {
  const bool has_areas = std::any_of(
      scene.features.begin(), scene.features.end(),
      [](const MapFeature& feature) { return feature.kind == FeatureKind::kDrivableArea; });
  DrivableArea area;
  if (track >= 0) area.log_places = places_of_log(scene.tracks[static_cast<size_t>(track)]);
  CutEdges cuts;
  for (const MapFeature& feature : scene.features) {
    if (feature.kind != FeatureKind::kLane) continue;
    if (!gate.on_level(feature.points)) continue;
    cuts.add_lane(feature.points);
    for (const Point3& place : places_along(feature.points))
      area.lane_places.push_back({place.x, place.y});
  }
  for (const MapFeature& feature : scene.features) {
    if (feature.kind == FeatureKind::kRoadEdge) {
      if (!has_areas) add_edges(feature, gate, cuts, area.edges);
    } else if (feature.kind == FeatureKind::kDriveway ||
               feature.kind == FeatureKind::kDrivableArea) {
      add_ring(feature.points, gate, area);
    }
  }
  if (has_areas || area.edges.empty()) return area;
  const std::vector<std::vector<Point3>> lanelets = lanelet_rings(scene);
  // edges on the wrong side must not hide behind lanelets: the raster refuses them
  if (lanelets.empty() || !edges_agree(area)) return area;
  for (const auto& lanelet : lanelets) add_ring(lanelet, gate, area);
  return area;
}

bool is_off_road(const DrivableArea& area, float x, float y) {
  std::vector<int32_t> all(area.edges.size());
  std::iota(all.begin(), all.end(), 0);
  if (left_of_nearest(area.edges.data(), all.data(), 0, static_cast<int>(all.size()), x, y)) {
    return false;
  }
  for (const auto& ring : area.rings) {
    bool inside = false;
    for (size_t k = 0; k < ring.size(); ++k) {
      const auto& a = ring[k];
      const auto& b = ring[(k + 1) % ring.size()];
      if ((a[1] > y) == (b[1] > y)) continue;
      if (x < a[0] + (y - a[1]) * ((b[0] - a[0]) / (b[1] - a[1]))) inside = !inside;
    }
    if (inside) return false;
  }
  return true;
}

}  // namespace forkroad
