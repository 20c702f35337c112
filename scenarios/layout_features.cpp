#include "scenarios/layout_features.hpp"

#include <algorithm>

namespace forkroad {
namespace {

constexpr int64_t kFirstLineId = 1001, kFirstEdgeId = 2001, kFirstAreaId = 3001;
constexpr int64_t kFirstCrosswalkId = 4001, kFirstStopSignId = 5001, kFirstDrivewayId = 6001;
constexpr double kLaneSpacing = 0.9, kEdgeSpacing = 2.0;  // [m] between points
constexpr double kSagitta = 4.0e-4;                       // [m] of chords
constexpr int kStride = 5;  // every which point of a lane is compared with lines and lanes
constexpr double kLineReach = 0.35, kEdgeReach = 0.9;  // [m] from a lane's side to its boundary

// Turns layout coordinates into scene-local points.
class Placer {
 public:
  Placer(const LayoutTruth& truth, int level)
      : truth_(truth), surface_(truth.layout().levels[static_cast<size_t>(level)].surface) {}

  Point3 place(Vec2 point) const {
    return {static_cast<float>(point.x + truth_.shift().x),
            static_cast<float>(point.y + truth_.shift().y),
            static_cast<float>(surface_.at(point) + truth_.shift_z())};
  }

  void append(const Curve& curve, double spacing, std::vector<Point3>& points) const {
    for (const double along : curve.sample(spacing, kSagitta)) {
      points.push_back(place(curve.at(along).position));
    }
  }

 private:
  const LayoutTruth& truth_;
  const Surface& surface_;
};

MapFeature make_feature(int64_t id, FeatureKind kind, MapType type) {
  MapFeature feature;
  feature.id = id;
  feature.kind = kind;
  feature.type = type;
  return feature;
}

// Boundary pieces in order from the first that follows an open end of the map.
std::vector<BoundaryPiece> from_open_end(std::vector<BoundaryPiece> loop) {
  for (size_t piece = 0; piece < loop.size(); ++piece) {
    if (loop[piece].role != EdgeRole::kMapEnd) continue;
    std::rotate(loop.begin(), loop.begin() + static_cast<std::ptrdiff_t>(piece) + 1, loop.end());
    break;
  }
  return loop;
}

// One feature for each unbroken stretch of road edge.
void add_edges(const LayoutTruth& truth, std::vector<MapFeature>& features,
               std::vector<std::pair<Curve, int64_t>>& edges, int level) {
  const Placer placer(truth, level);
  for (const auto& loop : truth.layout().levels[static_cast<size_t>(level)].loops) {
    const std::vector<BoundaryPiece> ordered = from_open_end(loop);
    std::vector<CurvePiece> stretch;
    for (size_t piece = 0; piece < ordered.size(); ++piece) {
      const EdgeRole role = ordered[piece].role;
      if (role == EdgeRole::kMapEnd) continue;
      stretch.push_back(ordered[piece].piece);
      if (piece + 1 < ordered.size() && ordered[piece + 1].role == role) continue;
      const int64_t id = kFirstEdgeId + static_cast<int64_t>(edges.size());
      MapFeature edge =
          make_feature(id, FeatureKind::kRoadEdge,
                       role == EdgeRole::kMedian ? MapType::kEdgeMedian : MapType::kEdgeBoundary);
      edges.push_back({Curve(std::move(stretch)), id});
      stretch.clear();
      placer.append(edges.back().first, kEdgeSpacing, edge.points);
      features.push_back(std::move(edge));
    }
  }
}

// The point index of a lane at a share of its samples.
int32_t index_at(const std::vector<double>& places, double along) {
  const auto at = std::lower_bound(places.begin(), places.end(), along);
  return static_cast<int32_t>(std::min<std::ptrdiff_t>(
      at - places.begin(), static_cast<std::ptrdiff_t>(places.size()) - 1));
}

// Calls `add(first, last)` for each run of point indices of a lane at which `holds(index)`.
template <class Holds, class Add>
void for_each_run(int32_t last_index, Holds holds, Add add) {
  int32_t first = -1, last = -1;
  for (int32_t at = 0;; at = std::min(at + kStride, last_index)) {
    if (holds(at)) {
      if (first < 0) first = at;
      last = at;
    } else if (first >= 0) {
      if (last > first) add(first, last);
      first = -1;
    }
    if (at == last_index) break;
  }
  if (first >= 0 && last > first) add(first, last);
}

// A line or an edge that may bound lanes.
struct Bound {
  const Curve* curve;
  int64_t id;
  MapType type;
  double reach;
};

void add_boundaries(const LayoutLane& lane, const std::vector<double>& places,
                    const std::vector<Bound>& bounds, MapFeature& feature) {
  const auto last_index = static_cast<int32_t>(places.size()) - 1;
  for (const Bound& bound : bounds) {
    for (const double side : {1.0, -1.0}) {
      const auto holds = [&](int32_t at) {
        CurvePoint point = lane.curve.at(places[static_cast<size_t>(at)]);
        point.position = point.position + (side * 0.5 * lane.width) * left_of(point.direction);
        const CurveFoot foot = bound.curve->project(point.position);
        const Vec2 along = bound.curve->at(foot.along).direction;
        return foot.distance < bound.reach && std::abs(dot(along, point.direction)) > 0.9;
      };
      auto& list = side > 0 ? feature.left_boundaries : feature.right_boundaries;
      for_each_run(last_index, holds, [&](int32_t first, int32_t last) {
        list.push_back({bound.id, first, last, bound.type});
      });
    }
  }
}

void add_neighbors(const Layout& layout, size_t self,
                   const std::vector<std::vector<double>>& places, MapFeature& feature) {
  const LayoutLane& lane = layout.lanes[self];
  const auto last_index = static_cast<int32_t>(places[self].size()) - 1;
  for (size_t other = 0; other < layout.lanes.size(); ++other) {
    const LayoutLane& beside = layout.lanes[other];
    if (other == self || beside.level != lane.level) continue;
    const double usual = 0.5 * (lane.width + beside.width);
    for (const bool left : {true, false}) {
      const auto holds = [&](int32_t at) {
        const CurvePoint point = lane.curve.at(places[self][static_cast<size_t>(at)]);
        const CurveFoot foot = beside.curve.project(point.position);
        const double away = left ? -foot.lateral : foot.lateral;
        return foot.beside && std::abs(away - usual) < 0.3 * usual &&
               dot(beside.curve.at(foot.along).direction, point.direction) > 0.95;
      };
      auto& list = left ? feature.left_neighbors : feature.right_neighbors;
      for_each_run(last_index, holds, [&](int32_t first, int32_t last) {
        const auto there = [&](int32_t at) {
          const Vec2 point = lane.curve.at(places[self][static_cast<size_t>(at)]).position;
          return index_at(places[other], beside.curve.project(point).along);
        };
        list.push_back(
            {kFirstLaneId + static_cast<int64_t>(other), first, last, there(first), there(last)});
      });
    }
  }
}

void add_lanes(const LayoutTruth& truth, const std::vector<std::pair<Curve, int64_t>>& edges,
               const std::vector<MapFeature>& others, std::vector<MapFeature>& features) {
  const Layout& layout = truth.layout();
  std::vector<Bound> bounds;
  for (size_t line = 0; line < layout.lines.size(); ++line) {
    bounds.push_back({&layout.lines[line].curve, kFirstLineId + static_cast<int64_t>(line),
                      layout.lines[line].type, kLineReach});
  }
  for (size_t edge = 0; edge < edges.size(); ++edge) {
    bounds.push_back({&edges[edge].first, edges[edge].second, others[edge].type, kEdgeReach});
  }
  std::vector<std::vector<double>> places;
  for (const LayoutLane& lane : layout.lanes) {
    places.push_back(lane.curve.sample(kLaneSpacing, kSagitta));
  }
  for (size_t at = 0; at < layout.lanes.size(); ++at) {
    const LayoutLane& lane = layout.lanes[at];
    MapFeature feature =
        make_feature(kFirstLaneId + static_cast<int64_t>(at), FeatureKind::kLane, lane.type);
    const Placer placer(truth, lane.level);
    for (const double along : places[at]) {
      feature.points.push_back(placer.place(lane.curve.at(along).position));
    }
    feature.speed_limit = static_cast<float>(lane.speed_limit);
    feature.interpolating = lane.in_junction;
    for (const int entry : lane.entries) feature.entry_lanes.push_back(kFirstLaneId + entry);
    for (const int next : lane.exits) feature.exit_lanes.push_back(kFirstLaneId + next);
    add_boundaries(lane, places[at], bounds, feature);
    add_neighbors(layout, at, places, feature);
    features.push_back(std::move(feature));
  }
}

void add_lines(const LayoutTruth& truth, std::vector<MapFeature>& features) {
  int64_t id = kFirstLineId;
  for (const LayoutLine& line : truth.layout().lines) {
    MapFeature feature = make_feature(id++, FeatureKind::kRoadLine, line.type);
    Placer(truth, line.level).append(line.curve, kEdgeSpacing, feature.points);
    features.push_back(std::move(feature));
  }
}

void add_areas(const LayoutTruth& truth, std::vector<MapFeature>& features) {
  int64_t id = kFirstAreaId;
  for (size_t level = 0; level < truth.layout().levels.size(); ++level) {
    const Placer placer(truth, static_cast<int>(level));
    for (const auto& area : truth.layout().levels[level].areas) {
      MapFeature feature = make_feature(id++, FeatureKind::kDrivableArea, MapType::kUnknown);
      placer.append(Curve(area), kEdgeSpacing, feature.points);
      feature.points.pop_back();  // the start again
      features.push_back(std::move(feature));
    }
  }
}

void add_furniture(const LayoutTruth& truth, std::vector<MapFeature>& features) {
  const Layout& layout = truth.layout();
  int64_t id = kFirstCrosswalkId;
  for (const Crosswalk& crosswalk : layout.crosswalks) {
    MapFeature feature = make_feature(id++, FeatureKind::kCrosswalk, MapType::kCrosswalk);
    const Placer placer(truth, crosswalk.level);
    const Vec2 side = (0.5 * crosswalk.width) * left_of(unit(crosswalk.to - crosswalk.from));
    for (const Vec2 corner :
         {crosswalk.from + side, crosswalk.from - side, crosswalk.to - side, crosswalk.to + side}) {
      feature.points.push_back(placer.place(corner));
    }
    features.push_back(std::move(feature));
  }
  id = kFirstStopSignId;
  for (const StopSign& sign : layout.stop_signs) {
    MapFeature feature = make_feature(id++, FeatureKind::kStopSign, MapType::kStopSign);
    feature.points.push_back(Placer(truth, sign.level).place(sign.position));
    for (const int lane : sign.lanes) feature.controlled_lanes.push_back(kFirstLaneId + lane);
    features.push_back(std::move(feature));
  }
  id = kFirstDrivewayId;
  for (const Driveway& driveway : layout.driveways) {
    MapFeature feature = make_feature(id++, FeatureKind::kDriveway, MapType::kDriveway);
    const Placer placer(truth, driveway.level);
    for (const Vec2 corner : driveway.ring) feature.points.push_back(placer.place(corner));
    features.push_back(std::move(feature));
  }
}

}  // namespace

std::vector<MapFeature> layout_features(const LayoutTruth& truth) {
  std::vector<std::pair<Curve, int64_t>> edges;
  std::vector<MapFeature> edge_features, features;
  for (size_t level = 0; level < truth.layout().levels.size(); ++level) {
    add_edges(truth, edge_features, edges, static_cast<int>(level));
  }
  add_lanes(truth, edges, edge_features, features);
  add_lines(truth, features);
  std::move(edge_features.begin(), edge_features.end(), std::back_inserter(features));
  add_areas(truth, features);
  add_furniture(truth, features);
  return features;
}

std::vector<LaneSignal> layout_signals(const LayoutTruth& truth, double time) {
  std::vector<LaneSignal> signals;
  const Layout& layout = truth.layout();
  for (size_t lane = 0; lane < layout.lanes.size(); ++lane) {
    const LayoutLane& here = layout.lanes[lane];
    if (here.signal_group < 0) continue;
    signals.push_back({kFirstLaneId + static_cast<int64_t>(lane),
                       layout.signals.state(here.signal_group, time),
                       Placer(truth, here.level).place(here.curve.at(0).position)});
  }
  return signals;
}

}  // namespace forkroad
