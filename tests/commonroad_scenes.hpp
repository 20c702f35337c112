// Decodes made-up CommonRoad documents and looks things up in the scenes.
#pragma once

#include <algorithm>
#include <string>

#include "tests/catch.hpp"
#include "tests/commonroad_document.hpp"
#include "tests/single_scene_errors.hpp"

namespace forkroad::test {

// The scene of a document that must be a good one.
inline Scene decode_scene(const std::string& text) { return require_scene(decode_xml(text)); }

// The error of a document that must be a bad one.
inline ParseError error_in(const std::string& text) {
  return require_error(decode_xml(text), text.size());
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
