#include "scenarios/gpudrive_json.hpp"

#include <fmt/format.h>

#include <cmath>
#include <new>

#include "scenarios/gpudrive_json_parts.hpp"
#include "scenarios/plain_text.hpp"
#include "scenarios/single_scene.hpp"

namespace forkroad {
namespace gpudrive {
namespace {

// Names of members that are left out are listed up to this number.
constexpr std::size_t kMaxListed = 24;

void collect_metadata(const Node& metadata, Outline& outline, LeftOut& left_out) {
  const json::Field fields[] = {{"sdc_track_index", &outline.sdc_track_index},
                                {"objects_of_interest", &outline.objects_of_interest},
                                {"tracks_to_predict", &outline.tracks_to_predict}};
  json::collect(metadata, fields,
                [&](const Node& member) { left_out.add("metadata", member.key); });
}

void collect_outline(const Node& root, Outline& outline, LeftOut& left_out) {
  const json::Field fields[] = {{"name", &outline.name},
                                {"scenario_id", &outline.scenario_id},
                                {"objects", &outline.objects},
                                {"roads", &outline.roads},
                                {"tl_states", &outline.tl_states},
                                {"metadata", &outline.metadata},
                                {"dataset", &outline.dataset},
                                {"dt", &outline.dt},
                                {"dt_declared", &outline.dt_declared},
                                {"num_steps", &outline.num_steps},
                                {"current_time_index", &outline.current_step}};
  json::collect(root, fields, [&](const Node& member) { left_out.add("", member.key); });
  if (!outline.objects || !outline.roads) {
    json::refuse(root, ParseCode::kMissingField,
                 fmt::format("{} is absent, expected a scene of GPUDrive's schema with objects and "
                             "roads",
                             outline.objects ? "roads" : "objects"));
  }
  if (outline.metadata) collect_metadata(*outline.metadata, outline, left_out);
}

std::string find_scene_id(const Outline& outline, Scene& scene) {
  if (outline.scenario_id) return std::string(json::get_name(*outline.scenario_id));
  if (outline.name) {
    const std::string name(json::get_name(*outline.name));
    scene.assumptions.push_back("scenario_id is absent: the scene is called by its name");
    const std::size_t end = name.rfind(".json");
    return end == std::string::npos || end == 0 ? name : name.substr(0, end);
  }
  scene.assumptions.push_back("scenario_id and name are absent: the scene is called as the file");
  return name_from_file(scene.provenance.file, ".json");
}

double get_dt(const Node& node) {
  const double dt = json::get_number(node);
  if (!(dt >= kMinDt && dt <= kMaxDt)) {
    json::refuse(node, ParseCode::kValueOutOfRange,
                 fmt::format("is {} s, expected {} to {} s", dt, kMinDt, kMaxDt));
  }
  return dt;
}

void decode_clock(const Outline& outline, Scene& scene) {
  scene.dt = outline.dt ? get_dt(*outline.dt) : kUsualDt;
  if (!outline.dt) {
    scene.assumptions.push_back(fmt::format("dt is absent: taken as {} s", kUsualDt));
  }
  if (outline.dt_declared) {
    const double declared = get_dt(*outline.dt_declared);
    if (std::abs(declared - scene.dt) > 1e-9) {
      scene.assumptions.push_back(fmt::format(
          "the source declares steps of {} s, the file corrects them to {} s", declared, scene.dt));
    }
  }
  fill_timestamps(scene);
  if (!outline.current_step) {
    scene.current_step = usual_current_step(scene.num_steps);
    scene.assumptions.push_back(
        fmt::format("current_time_index is absent: taken as {}", scene.current_step));
    return;
  }
  const int64_t current = json::get_integer(*outline.current_step);
  if (current < 0 || current >= scene.num_steps) {
    json::refuse(*outline.current_step, ParseCode::kInconsistent,
                 fmt::format("is {}, expected 0 to {}", current, scene.num_steps - 1));
  }
  scene.current_step = static_cast<int>(current);
}

int32_t get_track_index(const Node& node, std::size_t num_objects) {
  const int64_t index = json::get_integer(node);
  if (index < 0 || index >= static_cast<int64_t>(num_objects)) {
    json::refuse(node, ParseCode::kInconsistent,
                 fmt::format("is {}, expected 0 to {}: there are {} objects", index,
                             num_objects - 1, num_objects));
  }
  return static_cast<int32_t>(index);
}

void decode_ego(const Outline& outline, Scene& scene) {
  if (outline.sdc_track_index && json::get_integer(*outline.sdc_track_index) != -1) {
    scene.ego = get_track_index(*outline.sdc_track_index, json::count_elements(*outline.objects));
    return;
  }
  scene.assumptions.push_back(
      fmt::format("sdc_track_index is {}: the scene has no ego, its origin is the mean of the "
                  "first valid positions",
                  outline.sdc_track_index ? "-1" : "absent"));
}

void decode_interest(const Outline& outline, const SourceIds& ids, Scene& scene,
                     LeftOut& left_out) {
  int64_t num_unknown = 0;
  if (outline.objects_of_interest) {
    json::for_elements(*outline.objects_of_interest, [&](const Node& element) {
      const std::optional<int64_t> id = ids.find(get_id(element));
      if (id) scene.objects_of_interest.push_back(*id);
      num_unknown += id ? 0 : 1;
    });
  }
  assume(num_unknown, "objects_of_interest that no object has as its id are left out",
         scene.assumptions);
  if (!outline.tracks_to_predict) return;
  json::for_elements(*outline.tracks_to_predict, [&](const Node& element) {
    std::optional<Node> index;
    const json::Field fields[] = {{"track_index", &index, true}};
    json::collect(element, fields,
                  [&](const Node& member) { left_out.add("tracks_to_predict", member.key); });
    scene.tracks_to_predict.push_back(get_track_index(*index, scene.tracks.size()));
  });
}

Scene decode_scene(const Node& root, const Provenance& where) {
  Scene scene;
  scene.provenance = where;
  scene.provenance.format = "gpudrive_json";
  Outline outline;
  LeftOut left_out;
  collect_outline(root, outline, left_out);
  scene.id = find_scene_id(outline, scene);
  if (outline.dataset) {
    scene.assumptions.push_back(
        fmt::format("the file was made from: {}", json::get_name(*outline.dataset)));
  }
  TrackDecoder tracks(scene, left_out);
  tracks.survey(*outline.objects, outline.num_steps);
  decode_clock(outline, scene);
  decode_ego(outline, scene);
  tracks.find_origin(*outline.objects);
  tracks.decode(*outline.objects);
  tracks.report();
  decode_interest(outline, tracks.ids(), scene, left_out);
  RoadDecoder roads(scene, left_out);
  roads.decode(*outline.roads);
  roads.report();
  scene.signals.resize(static_cast<std::size_t>(scene.num_steps));
  if (outline.tl_states) decode_signals(*outline.tl_states, roads, scene, left_out);
  left_out.report(scene.assumptions);
  return scene;
}

}  // namespace

void LeftOut::add(std::string_view section, std::string_view member) {
  std::string name(section);
  if (!name.empty()) name += '.';
  name += is_name(member) && member.size() <= 64 ? member : "(unprintable)";
  const auto found = counts_.find(name);
  if (found != counts_.end()) {
    ++found->second;
  } else if (counts_.size() < kMaxListed) {
    counts_.emplace(std::move(name), 1);
  } else {
    ++num_others_;
  }
}

void LeftOut::report(std::vector<std::string>& assumptions) const {
  if (counts_.empty()) return;
  std::string text = "members without a place in a scene are left out:";
  const char* separator = " ";
  for (const auto& [name, count] : counts_) {
    text += fmt::format("{}{} ({})", separator, name, count);
    separator = ", ";
  }
  if (num_others_ > 0) text += fmt::format(", others ({})", num_others_);
  assumptions.push_back(std::move(text));
}

SourceId get_id(const Node& node) {
  const SourceId id = node.element.is_string() ? read_source_id(json::get_name(node))
                                               : SourceId{json::get_integer(node), {}};
  if (id.number > kMaxSourceId || id.number < -kMaxSourceId) {
    json::refuse(node, ParseCode::kValueOutOfRange,
                 fmt::format("is {}, expected an id of at most {}", id.number, kMaxSourceId));
  }
  return id;
}

SourcePoint get_point(const Node& node, int64_t& num_without_z) {
  SourcePoint point;
  int found = 0;
  json::for_members(node, [&](const Node& member) {
    if (member.key.size() != 1) return;
    const int axis = member.key[0] - 'x';
    if (axis < 0 || axis > 2) return;
    (axis == 0 ? point.x : axis == 1 ? point.y : point.z) = json::get_number(member);
    found |= 1 << axis;
  });
  if ((found & 3) != 3) json::refuse(node, ParseCode::kMissingField, "x or y is absent");
  num_without_z += found == 7 ? 0 : 1;
  return point;
}

Point3 get_local_point(const Node& node, const Origin& origin, int64_t& num_without_z) {
  const SourcePoint source = get_point(node, num_without_z);
  Point3 local;
  if (!to_local(source, origin, local)) {
    json::refuse(
        node, ParseCode::kValueOutOfRange,
        fmt::format("is ({}, {}, {}) m, expected at most {} m from the origin ({}, {}, {})",
                    source.x, source.y, source.z, kMaxLocalCoordinate, origin[0], origin[1],
                    origin[2]));
  }
  return local;
}

}  // namespace gpudrive

Parsed<Scene> decode_gpudrive_json(const PaddedBytes& text, const Provenance& where) {
  try {
    simdjson::dom::parser parser;
    json::Node root;
    ParseError error;
    if (!json::parse(text, where, parser, root, error)) return error;
    try {
      return gpudrive::decode_scene(root, where);
    } catch (const json::Failure& failure) {
      return json::locate(failure, text, where);
    }
  } catch (const std::bad_alloc&) {
    return ParseError{ParseCode::kTooLarge, where.file, where.record, 0, "no memory for the scene"};
  }
}

std::unique_ptr<SceneStream> gpudrive_json_stream(WholeFile content, const std::string& file) {
  return std::make_unique<SingleSceneStream>(std::move(content), file, "gpudrive_json",
                                             decode_gpudrive_json);
}

}  // namespace forkroad
