#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/gpudrive_json_parts.hpp"

namespace forkroad::gpudrive {
namespace {

// A type of road: its word and its range of map element codes, the first of which stands for an
// absent or unknown one. Codes of lines begin at 5, 4 is not used.
struct RoadType {
  std::string_view word;
  FeatureKind kind;
  int first, last;
};
constexpr RoadType kRoadTypes[] = {{"lane", FeatureKind::kLane, 0, 3},
                                   {"road_line", FeatureKind::kRoadLine, 5, 13},
                                   {"road_edge", FeatureKind::kRoadEdge, 14, 16},
                                   {"stop_sign", FeatureKind::kStopSign, 17, 17},
                                   {"crosswalk", FeatureKind::kCrosswalk, 18, 18},
                                   {"speed_bump", FeatureKind::kSpeedBump, 19, 19},
                                   {"driveway", FeatureKind::kDriveway, 20, 20}};

// A road without any code.
constexpr int64_t kNoCode = -1;

const RoadType* find_road_type(std::string_view word) {
  const auto* found = std::find_if(std::begin(kRoadTypes), std::end(kRoadTypes),
                                   [word](const RoadType& type) { return type.word == word; });
  return found == std::end(kRoadTypes) ? nullptr : found;
}

bool is_ring(FeatureKind kind) {
  return kind == FeatureKind::kCrosswalk || kind == FeatureKind::kSpeedBump ||
         kind == FeatureKind::kDriveway || kind == FeatureKind::kDrivableArea;
}

int32_t last_point(const MapFeature& feature) {
  return static_cast<int32_t>(feature.points.size()) - 1;
}

void append_word(std::string_view word, std::string& words) {
  if (!words.empty()) words += ',';
  words += word;
}

}  // namespace

RoadMembers collect_road(const Node& road, LeftOut* left_out) {
  RoadMembers found;
  const json::Field fields[] = {{"geometry", &found.geometry, true},
                                {"type", &found.type, true},
                                {"map_element_id", &found.map_element_id},
                                {"id", &found.id},
                                {"speed_limit_mph", &found.speed_limit_mph},
                                {"interpolating", &found.interpolating},
                                {"entry_lanes", &found.entry_lanes},
                                {"exit_lanes", &found.exit_lanes},
                                {"left_neighbors", &found.left_neighbors},
                                {"right_neighbors", &found.right_neighbors},
                                {"lanes", &found.lanes},
                                {"lane_type", &found.lane_type},
                                {"is_intersection", &found.is_intersection},
                                {"lanelet_types", &found.lanelet_types},
                                {"left_bound", &found.left_bound},
                                {"right_bound", &found.right_bound},
                                {"polygon", &found.polygon}};
  json::collect(road, fields, [&](const Node& member) {
    if (left_out != nullptr) left_out->add("roads", member.key);
  });
  return found;
}

void RoadDecoder::add_ids(const Node& roads) {
  json::for_elements(roads, [&](const Node& road) {
    const RoadMembers members = collect_road(road);
    if (!members.id) {
      ++num_without_id_;
    } else if (!ids_.add(get_id(*members.id))) {
      json::refuse(
          *members.id, ParseCode::kDuplicateId,
          fmt::format("is the id of a road before {} too, expected unique ids", road.ordinal));
    }
  });
  ids_.number_words();
}

MapType RoadDecoder::get_type(const RoadMembers& members, FeatureKind kind) {
  const auto* type = std::find_if(std::begin(kRoadTypes), std::end(kRoadTypes),
                                  [kind](const RoadType& known) { return known.kind == kind; });
  const int64_t code =
      members.map_element_id ? json::get_integer(*members.map_element_id) : kNoCode;
  if (code >= type->first && code <= type->last) return static_cast<MapType>(code);
  num_unknown_types_ += code == kNoCode ? 0 : 1;
  return static_cast<MapType>(type->first);
}

void RoadDecoder::decode_points(const Node& node, std::vector<Point3>& points) {
  json::for_elements(node, [&](const Node& point) {
    points.push_back(get_local_point(point, scene_->origin, num_without_z_));
  });
  points.shrink_to_fit();
}

void RoadDecoder::decode_ids(const std::optional<Node>& node, std::vector<int64_t>& ids) {
  if (!node) return;
  json::for_elements(*node, [&](const Node& element) {
    const SourceId id = get_id(element);
    num_unknown_ids_ += ids_.find(id) ? 0 : 1;
    ids.push_back(ids_.number(id));
  });
}

void RoadDecoder::decode_neighbors(const std::optional<Node>& node,
                                   std::vector<LaneNeighbor>& neighbors) {
  std::vector<int64_t> ids;
  decode_ids(node, ids);
  for (const int64_t id : ids) neighbors.push_back({id, 0, 0, 0, 0});
  num_neighbors_ += static_cast<int64_t>(ids.size());
}

void RoadDecoder::decode_lane(const RoadMembers& members, MapFeature& lane) {
  if (members.speed_limit_mph) {
    const double limit = json::get_number(*members.speed_limit_mph);
    lane.speed_limit = speed_limit_from_mph(limit);
    if (lane.speed_limit < 0) {
      json::refuse(*members.speed_limit_mph, ParseCode::kValueOutOfRange,
                   fmt::format("is {}, expected 0 to below {:.0f}", limit,
                               kMaxSpeed / kMetresPerSecondInMph));
    }
  }
  if (members.interpolating) lane.interpolating = json::get_bool(*members.interpolating);
  decode_ids(members.entry_lanes, lane.entry_lanes);
  decode_ids(members.exit_lanes, lane.exit_lanes);
  decode_neighbors(members.left_neighbors, lane.left_neighbors);
  decode_neighbors(members.right_neighbors, lane.right_neighbors);
  if (members.lane_type) append_word(json::get_name(*members.lane_type), lane.raw_type);
  if (members.is_intersection && json::get_bool(*members.is_intersection)) {
    append_word("intersection", lane.raw_type);
  }
  if (members.lanelet_types) {
    json::for_elements(*members.lanelet_types,
                       [&](const Node& type) { append_word(json::get_name(type), lane.raw_type); });
  }
}

std::optional<std::size_t> RoadDecoder::decode_feature(const Node& road) {
  const RoadMembers members = collect_road(road, left_out_);
  const RoadType* type = find_road_type(json::get_text(*members.type));
  if (type == nullptr) {
    ++num_unknown_kinds_;
    return std::nullopt;
  }
  MapFeature feature;
  feature.kind = type->kind;
  feature.type = get_type(members, type->kind);
  feature.id = members.id ? ids_.find(get_id(*members.id)).value() : ids_.take_fresh();
  decode_points(*members.geometry, feature.points);
  if (is_ring(feature.kind)) drop_repeated_end(feature.points);
  if (feature.kind == FeatureKind::kLane) decode_lane(members, feature);
  if (feature.kind == FeatureKind::kStopSign) {
    if (feature.points.size() > 1) {
      json::refuse(*members.geometry, ParseCode::kInconsistent,
                   fmt::format("a stop sign has {} points, expected 1", feature.points.size()));
    }
    decode_ids(members.lanes, feature.controlled_lanes);
  }
  if (feature.points.empty()) {
    ++num_without_points_;
    return std::nullopt;
  }
  places_.emplace(feature.id, scene_->features.size());
  scene_->features.push_back(std::move(feature));
  return scene_->features.size() - 1;
}

void RoadDecoder::decode(const Node& roads) {
  add_ids(roads);
  json::for_elements(roads, [&](const Node& road) { of_roads_.push_back(decode_feature(road)); });
  finish_neighbors();
  add_bounds(roads);
}

const MapFeature* RoadDecoder::find_feature(int64_t id) const {
  const auto found = places_.find(id);
  return found == places_.end() ? nullptr : &scene_->features[found->second];
}

void RoadDecoder::finish_neighbors() {
  for (MapFeature& lane : scene_->features) {
    for (auto* neighbors : {&lane.left_neighbors, &lane.right_neighbors}) {
      for (LaneNeighbor& neighbor : *neighbors) {
        const MapFeature* other = find_feature(neighbor.feature_id);
        neighbor.self_end = last_point(lane);
        // the map may have been cut so that the neighbour itself is missing
        neighbor.neighbor_end = other == nullptr ? 0 : last_point(*other);
      }
    }
  }
}

void RoadDecoder::report() const {
  std::vector<std::string>& assumptions = scene_->assumptions;
  assume(num_without_id_, "roads have no id: numbered by the reader", assumptions);
  assume(ids_.num_words(), "ids of roads are words: numbered by the reader", assumptions);
  assume(num_without_z_, "points of roads have no z: taken as 0", assumptions);
  assume(num_without_points_, "roads without points are left out", assumptions);
  assume(num_unknown_kinds_, "roads of a type unknown to this reader are left out", assumptions);
  assume(num_unknown_types_, "map_element_id that their road type does not have: read as unknown",
         assumptions);
  assume(num_unknown_ids_, "links lead to words that no road has as its id: numbered by the reader",
         assumptions);
  assume(num_neighbors_, "neighbours have no span: taken along whole lanes", assumptions);
  assume(num_known_bounds_, "bounds of lanes are road lines or edges of the file", assumptions);
  assume(num_new_bounds_, "bounds of lanes lie in their lanes only: added as road lines",
         assumptions);
  assume(num_areas_, "areas of lanes are added as drivable areas", assumptions);
}

}  // namespace forkroad::gpudrive
