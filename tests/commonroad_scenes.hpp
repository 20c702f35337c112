// Decodes made-up CommonRoad documents and looks things up in the scenes.
#pragma once

#include <algorithm>
#include <string>

#include "scenarios/commonroad_scenario.hpp"
#include "tests/catch.hpp"
#include "tests/commonroad_document.hpp"
#include "tests/damaged_bytes.hpp"

namespace forkroad::test {

inline Parsed<Scene> decode_text(const std::string& text) {
  return decode_commonroad(text, {"", "made-up.xml", 0, 0});
}

// The scene of a document that must be a good one.
inline Scene decode_scene(const std::string& text) {
  Parsed<Scene> scene = decode_text(text);
  if (!scene.ok()) FAIL(scene.error().text());
  REQUIRE(find_scene_fault(scene.value()) == "");
  return std::move(scene.value());
}

// The error of a document that must be a bad one.
inline ParseError error_in(const std::string& text) {
  const Parsed<Scene> scene = decode_text(text);
  REQUIRE_FALSE(scene.ok());
  require_located(scene.error(), text.size());
  return scene.error();
}

inline bool says(const Scene& scene, const std::string& words) {
  return std::any_of(
      scene.assumptions.begin(), scene.assumptions.end(),
      [&](const std::string& text) { return text.find(words) != std::string::npos; });
}

inline const MapFeature& feature_with(const Scene& scene, int64_t id) {
  const auto found = std::find_if(scene.features.begin(), scene.features.end(),
                                  [&](const MapFeature& feature) { return feature.id == id; });
  REQUIRE(found != scene.features.end());
  return *found;
}

// A point of a feature in source coordinates.
inline std::pair<double, double> source_point(const Scene& scene, const Point3& point) {
  return {scene.origin[0] + static_cast<double>(point.x),
          scene.origin[1] + static_cast<double>(point.y)};
}

inline int64_t count_kind(const Scene& scene, FeatureKind kind) {
  return std::count_if(scene.features.begin(), scene.features.end(),
                       [&](const MapFeature& feature) { return feature.kind == kind; });
}

}  // namespace forkroad::test
