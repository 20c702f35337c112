#include "scenarios/commonroad_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <new>

#include "scenarios/commonroad_parts.hpp"
#include "scenarios/plain_text.hpp"
#include "scenarios/single_scene.hpp"

namespace forkroad {
namespace commonroad {
namespace {

void parse_document(std::string_view text, pugi::xml_document& document) {
  if (const std::size_t zero = text.find('\0'); zero != std::string::npos) {
    throw XmlFailure(ParseCode::kBadEncoding, static_cast<int64_t>(zero),
                     "a zero byte, which XML does not allow");
  }
  const pugi::xml_parse_result result = document.load_buffer(
      text.data(), text.size(), pugi::parse_default | pugi::parse_doctype, pugi::encoding_utf8);
  if (result.status == pugi::status_out_of_memory) throw std::bad_alloc();
  if (result) return;
  // pugixml's own copy is a terminating zero longer
  const auto size = static_cast<std::ptrdiff_t>(text.size());
  const bool is_cut = result.offset + 1 >= size;
  throw XmlFailure(is_cut ? ParseCode::kTruncated : ParseCode::kBadEncoding,
                   std::clamp<std::ptrdiff_t>(result.offset, 0, size),
                   fmt::format("not well-formed XML: {}", result.description()));
}

// The root, if it is the only element and there is no document type.
Node find_root(const pugi::xml_document& document) {
  Node root;
  for (const Node node : document.children()) {
    if (node.type() == pugi::node_doctype) {
      throw XmlFailure(ParseCode::kWrongContent, 0,
                       "a document type declaration, expected none: entities are not expanded");
    }
    if (node.type() != pugi::node_element) continue;
    if (root) refuse(ParseCode::kWrongContent, node, "a second root element, expected one");
    root = node;
  }
  if (std::string_view(root.name()) != "commonRoad") {
    refuse(ParseCode::kWrongContent, root, "is the root element, expected commonRoad");
  }
  return root;
}

void check_version(Node root, std::vector<std::string>& assumptions) {
  const std::string_view version = root.attribute("commonRoadVersion").value();
  if (version == "2018b" || version == "2020a") return;
  assumptions.push_back(fmt::format(
      "commonRoadVersion is \"{}\": read as 2018b or 2020a by its elements", quote_text(version)));
}

double decode_declared_dt(Node root) {
  const double declared = number_attribute(root, "timeStepSize");
  if (declared >= kMinDt && declared <= kMaxDt) return declared;
  refuse(ParseCode::kValueOutOfRange, root,
         fmt::format("timeStepSize is {} s, expected {} to {}", declared, kMinDt, kMaxDt));
}

std::string decode_id(Node root) {
  const std::string_view id = root.attribute("benchmarkID").value();
  if (!root.attribute("benchmarkID")) {
    refuse(ParseCode::kMissingField, root, "the attribute benchmarkID is absent");
  }
  if (is_name(id)) return std::string(id);
  refuse(ParseCode::kWrongContent, root,
         fmt::format("benchmarkID is {} bytes that are not one line of UTF-8 text of 1 to {} bytes",
                     id.size(), kMaxNameLength));
}

Scene build_scene(Node root, const Provenance& where) {
  Scene scene;
  scene.provenance = where;
  scene.provenance.format = "commonroad";
  scene.id = decode_id(root);
  check_version(root, scene.assumptions);
  const double declared = decode_declared_dt(root);
  Notes notes;
  const std::vector<Obstacle> obstacles = decode_obstacles(root, notes);
  const std::vector<Lanelet> lanelets = decode_lanelets(root, notes);
  if (obstacles.empty() && lanelets.empty()) {
    refuse(ParseCode::kMissingField, root, "holds neither obstacles nor lanelets");
  }
  scene.dt = estimate_dt(declared, obstacles, scene.assumptions);
  std::vector<SourcePoint> first_points;
  int64_t next_id = 1;
  for (const Lanelet& lanelet : lanelets) {
    first_points.push_back(lanelet.left.points.front());
    next_id = std::max(next_id, lanelet.id + 1);
  }
  build_tracks(obstacles, first_points, notes, scene);
  build_lanes(lanelets, notes, scene);
  build_bounds(lanelets, next_id, notes, scene);
  build_signs(root, lanelets, next_id, notes, scene);
  build_signals(root, lanelets, notes, scene);
  describe_problems(root, notes, scene.assumptions);
  scene.assumptions.push_back(
      "CommonRoad stores no ego track, no heights of boxes and no colours of lines: no ego, "
      "heights 0, lines white");
  notes.append_to(scene.assumptions);
  return scene;
}

}  // namespace

Point3 to_scene(const SourcePoint& source, const Scene& scene, Node at) {
  Point3 local;
  if (to_local(source, scene.origin, local)) return local;
  refuse(ParseCode::kValueOutOfRange, at,
         fmt::format("the place ({}, {}, {}) m is not within {} m of the origin ({}, {}, {})",
                     source.x, source.y, source.z, kMaxLocalCoordinate, scene.origin[0],
                     scene.origin[1], scene.origin[2]));
}

}  // namespace commonroad

bool is_commonroad_start(std::string_view head) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (head.starts_with(kByteOrderMark)) head.remove_prefix(kByteOrderMark.size());
  const std::size_t first = head.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || head[first] != '<') return false;
  return head.find("<commonRoad") != std::string_view::npos;
}

Parsed<Scene> decode_commonroad(const PaddedBytes& bytes, const Provenance& where) {
  using namespace commonroad;
  const auto fail = [&](ParseCode code, int64_t offset, std::string message) {
    return ParseError{code, where.file, where.record,
                      std::max<int64_t>(where.byte_offset, 0) + offset, std::move(message)};
  };
  try {
    pugi::xml_document document;
    parse_document({reinterpret_cast<const char*>(bytes.bytes().data()), bytes.size()}, document);
    return build_scene(find_root(document), where);
  } catch (const XmlFailure& failure) {
    return fail(failure.code(), failure.offset(), failure.message());
  } catch (const std::bad_alloc&) {
    return fail(ParseCode::kTooLarge, 0, "no memory for the scene");
  }
}

std::unique_ptr<SceneStream> commonroad_stream(WholeFile content, const std::string& file) {
  return std::make_unique<SingleSceneStream>(std::move(content), file, "commonroad",
                                             &decode_commonroad);
}

}  // namespace forkroad
