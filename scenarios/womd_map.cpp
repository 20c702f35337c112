#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "scenarios/womd_parts.hpp"

namespace forkroad::womd {
namespace {

constexpr uint32_t kFeatureId = 1;

constexpr std::array<MapType, 4> kLaneTypes = {MapType::kLaneUndefined, MapType::kLaneFreeway,
                                               MapType::kLaneSurfaceStreet, MapType::kLaneBike};
constexpr std::array<MapType, 9> kLineTypes = {MapType::kLineUnknown,
                                               MapType::kLineBrokenSingleWhite,
                                               MapType::kLineSolidSingleWhite,
                                               MapType::kLineSolidDoubleWhite,
                                               MapType::kLineBrokenSingleYellow,
                                               MapType::kLineBrokenDoubleYellow,
                                               MapType::kLineSolidSingleYellow,
                                               MapType::kLineSolidDoubleYellow,
                                               MapType::kLinePassingDoubleYellow};
constexpr std::array<MapType, 3> kEdgeTypes = {MapType::kEdgeUnknown, MapType::kEdgeBoundary,
                                               MapType::kEdgeMedian};

template <class Value, class Predicate>
int64_t erase_count(std::vector<Value>& values, Predicate predicate) {
  return static_cast<int64_t>(std::erase_if(values, predicate));
}

// An index that no array has, for one that does not fit.
int32_t to_index(int64_t value) {
  const bool fits = value >= 0 && value <= std::numeric_limits<int32_t>::max();
  return fits ? static_cast<int32_t>(value) : -1;
}

bool is_span(int32_t start, int32_t end, std::size_t num_points) {
  return start >= 0 && end >= 0 && static_cast<std::size_t>(start) < num_points &&
         static_cast<std::size_t>(end) < num_points;
}

}  // namespace

// One alternative of MapFeature's oneof; types[0] stands for an absent or unknown type.
struct MapDecoder::Body {
  uint32_t tag;
  FeatureKind kind;
  const char* field;
  const char* message;
  std::span<const MapType> types;
};

void sort_unique(std::vector<PlacedId>& ids, const char* things) {
  std::sort(ids.begin(), ids.end(), [](const PlacedId& a, const PlacedId& b) {
    return a.id < b.id || (a.id == b.id && a.index < b.index);
  });
  const auto twice = std::adjacent_find(
      ids.begin(), ids.end(), [](const PlacedId& a, const PlacedId& b) { return a.id == b.id; });
  if (twice == ids.end()) return;
  throw DecodeFailure(ParseCode::kDuplicateId, (twice + 1)->at,
                      fmt::format("two {} have the id {}, expected unique ids", things, twice->id));
}

SourcePoint decode_point(Bytes bytes, WireTrace& trace) {
  SourcePoint point;
  // nearly all points are written as x, y, z with nothing else
  const char* data = bytes.data();
  if (bytes.size() == 27 && data[0] == 0x09 && data[9] == 0x11 && data[18] == 0x19) {
    point.x = *protozero::const_fixed_iterator<double>(data + 1);
    point.y = *protozero::const_fixed_iterator<double>(data + 10);
    point.z = *protozero::const_fixed_iterator<double>(data + 19);
    return point;
  }
  WireReader reader(bytes, "MapPoint", trace);
  while (reader.next()) {
    switch (reader.tag()) {
      case 1:
        point.x = reader.get_double("x");
        break;
      case 2:
        point.y = reader.get_double("y");
        break;
      case 3:
        point.z = reader.get_double("z");
        break;
      default:
        reader.skip();
    }
  }
  return point;
}

void MapDecoder::append_point(WireReader& parent, const char* field) {
  const Bytes bytes = parent.get_bytes(field);
  const SourcePoint source = decode_point(bytes, *trace_);
  Point3 local;
  if (!to_local(source, origin_, local)) {
    refuse_point(source, origin_, bytes, kPointX,
                 fmt::format("map feature {}, {} {}", find_integer(message_, kFeatureId), field,
                             points_.size()),
                 "");
  }
  points_.push_back(local);
}

MapType MapDecoder::lookup_type(std::span<const MapType> types, int64_t code) {
  if (code >= 0 && code < static_cast<int64_t>(types.size())) {
    return types[static_cast<std::size_t>(code)];
  }
  ++num_unknown_types_;
  return types[0];
}

LaneNeighbor MapDecoder::decode_neighbor(WireReader reader) {
  LaneNeighbor neighbor;
  while (reader.next()) {
    switch (reader.tag()) {
      case 1:
        neighbor.feature_id = reader.get_integer("feature_id");
        break;
      case 2:
        neighbor.self_start = to_index(reader.get_integer("self_start_index"));
        break;
      case 3:
        neighbor.self_end = to_index(reader.get_integer("self_end_index"));
        break;
      case 4:
        neighbor.neighbor_start = to_index(reader.get_integer("neighbor_start_index"));
        break;
      case 5:
        neighbor.neighbor_end = to_index(reader.get_integer("neighbor_end_index"));
        break;
      default:
        reader.skip();
    }
  }
  return neighbor;
}

LaneBoundary MapDecoder::decode_boundary(WireReader reader) {
  LaneBoundary boundary;
  int64_t type = 0;
  while (reader.next()) {
    switch (reader.tag()) {
      case 1:
        boundary.lane_start = to_index(reader.get_integer("lane_start_index"));
        break;
      case 2:
        boundary.lane_end = to_index(reader.get_integer("lane_end_index"));
        break;
      case 3:
        boundary.feature_id = reader.get_integer("boundary_feature_id");
        break;
      case 4:
        type = reader.get_integer("boundary_type");
        break;
      default:
        reader.skip();
    }
  }
  boundary.type = lookup_type(kLineTypes, type);
  return boundary;
}

float MapDecoder::decode_speed_limit(WireReader& reader) {
  const double limit = reader.get_double("speed_limit_mph");
  const float metric = speed_limit_from_mph(limit);
  if (metric < 0) {
    throw DecodeFailure(
        ParseCode::kValueOutOfRange, reader.field_start(),
        fmt::format("map feature {}: speed_limit_mph is {}, expected 0 to below "
                    "{:.0f}",
                    find_integer(message_, kFeatureId), limit, kMaxSpeed / kMetresPerSecondInMph));
  }
  return metric;
}

void MapDecoder::decode_lane(WireReader reader, MapFeature& feature) {
  while (reader.next()) {
    switch (reader.tag()) {
      case 1:
        feature.speed_limit = decode_speed_limit(reader);
        break;
      case 2:
        feature.type = lookup_type(kLaneTypes, reader.get_integer("type"));
        break;
      case 3:
        feature.interpolating = reader.get_bool("interpolating");
        break;
      case 8:
        append_point(reader, "polyline");
        break;
      case 9:
        reader.append_integers("entry_lanes", feature.entry_lanes);
        break;
      case 10:
        reader.append_integers("exit_lanes", feature.exit_lanes);
        break;
      case 11:
        feature.left_neighbors.push_back(
            decode_neighbor(reader.get_message("left_neighbors", "LaneNeighbor")));
        break;
      case 12:
        feature.right_neighbors.push_back(
            decode_neighbor(reader.get_message("right_neighbors", "LaneNeighbor")));
        break;
      case 13:
        feature.left_boundaries.push_back(
            decode_boundary(reader.get_message("left_boundaries", "BoundarySegment")));
        break;
      case 14:
        feature.right_boundaries.push_back(
            decode_boundary(reader.get_message("right_boundaries", "BoundarySegment")));
        break;
      default:
        reader.skip();
    }
  }
}

void MapDecoder::decode_line(WireReader reader, std::span<const MapType> types,
                             MapFeature& feature) {
  while (reader.next()) {
    if (reader.tag() == 1) {
      feature.type = lookup_type(types, reader.get_integer("type"));
    } else if (reader.tag() == 2) {
      append_point(reader, "polyline");
    } else {
      reader.skip();
    }
  }
}

void MapDecoder::decode_stop_sign(WireReader reader, MapFeature& feature) {
  while (reader.next()) {
    if (reader.tag() == 1) {
      reader.append_integers("lane", feature.controlled_lanes);
    } else if (reader.tag() == 2) {
      // a field that is not repeated: the last one counts
      points_.clear();
      append_point(reader, "position");
    } else {
      reader.skip();
    }
  }
}

void MapDecoder::decode_polygon(WireReader reader) {
  while (reader.next()) {
    if (reader.tag() == 1) {
      append_point(reader, "polygon");
    } else {
      reader.skip();
    }
  }
}

void MapDecoder::decode_body(WireReader& reader, const Body& body, MapFeature& feature) {
  // of two bodies of different kinds the last one counts, two of one kind are merged
  if (feature.type == MapType::kUnknown || feature.kind != body.kind) {
    const int64_t id = feature.id;
    feature = MapFeature();
    feature.id = id;
    feature.kind = body.kind;
    feature.type = body.types[0];
    points_.clear();
  }
  WireReader inner = reader.get_message(body.field, body.message);
  switch (body.kind) {
    case FeatureKind::kLane:
      return decode_lane(inner, feature);
    case FeatureKind::kRoadLine:
    case FeatureKind::kRoadEdge:
      return decode_line(inner, body.types, feature);
    case FeatureKind::kStopSign:
      return decode_stop_sign(inner, feature);
    default:
      return decode_polygon(inner);
  }
}

void MapDecoder::add_feature(Bytes message) {
  static constexpr std::array<MapType, 1> kStopSign = {MapType::kStopSign};
  static constexpr std::array<MapType, 1> kCrosswalk = {MapType::kCrosswalk};
  static constexpr std::array<MapType, 1> kSpeedBump = {MapType::kSpeedBump};
  static constexpr std::array<MapType, 1> kDriveway = {MapType::kDriveway};
  static constexpr std::array<Body, 7> kBodies = {
      {{3, FeatureKind::kLane, "lane", "LaneCenter", kLaneTypes},
       {4, FeatureKind::kRoadLine, "road_line", "RoadLine", kLineTypes},
       {5, FeatureKind::kRoadEdge, "road_edge", "RoadEdge", kEdgeTypes},
       {7, FeatureKind::kStopSign, "stop_sign", "StopSign", kStopSign},
       {8, FeatureKind::kCrosswalk, "crosswalk", "Crosswalk", kCrosswalk},
       {9, FeatureKind::kSpeedBump, "speed_bump", "SpeedBump", kSpeedBump},
       {10, FeatureKind::kDriveway, "driveway", "Driveway", kDriveway}}};
  message_ = message;
  points_.clear();
  MapFeature feature;
  WireReader reader(message, "MapFeature", *trace_);
  while (reader.next()) {
    const uint32_t tag = reader.tag();
    const auto* body = std::find_if(kBodies.begin(), kBodies.end(),
                                    [tag](const Body& known) { return known.tag == tag; });
    if (tag == kFeatureId) {
      feature.id = reader.get_integer("id");
    } else if (body != kBodies.end()) {
      decode_body(reader, *body, feature);
    } else {
      reader.skip();
    }
  }
  if (feature.type == MapType::kUnknown) {
    ++num_unknown_kinds_;
  } else if (points_.empty()) {
    ++num_without_points_;
  } else {
    keep_feature(std::move(feature));
  }
}

void MapDecoder::keep_feature(MapFeature feature) {
  const bool is_ring = feature.kind == FeatureKind::kCrosswalk ||
                       feature.kind == FeatureKind::kSpeedBump ||
                       feature.kind == FeatureKind::kDriveway;
  if (is_ring) drop_repeated_end(points_);
  feature.points.assign(points_.begin(), points_.end());
  feature_ids_.push_back({feature.id, features_->size(), message_.data()});
  features_->push_back(std::move(feature));
}

const MapFeature* MapDecoder::find_feature(int64_t id) const {
  const auto found = std::lower_bound(feature_ids_.begin(), feature_ids_.end(), id,
                                      [](const PlacedId& a, int64_t b) { return a.id < b; });
  return found != feature_ids_.end() && found->id == id ? &(*features_)[found->index] : nullptr;
}

void MapDecoder::finish_lanes() {
  sort_unique(feature_ids_, "map features");
  for (MapFeature& lane : *features_) {
    const std::size_t num_points = lane.points.size();
    for (auto* neighbors : {&lane.left_neighbors, &lane.right_neighbors}) {
      num_dropped_spans_ += erase_count(*neighbors, [&](const LaneNeighbor& neighbor) {
        // the map may have been cut so that the neighbour itself is missing
        const MapFeature* found = find_feature(neighbor.feature_id);
        const std::size_t room =
            found == nullptr ? std::numeric_limits<std::size_t>::max() : found->points.size();
        return !is_span(neighbor.self_start, neighbor.self_end, num_points) ||
               !is_span(neighbor.neighbor_start, neighbor.neighbor_end, room);
      });
    }
    for (auto* boundaries : {&lane.left_boundaries, &lane.right_boundaries}) {
      num_dropped_spans_ += erase_count(*boundaries, [&](const LaneBoundary& boundary) {
        return !is_span(boundary.lane_start, boundary.lane_end, num_points);
      });
    }
  }
}

}  // namespace forkroad::womd
