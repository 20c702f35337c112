// Decodes bytes of one scene as if they were a file, and checks what every error must hold to.
#pragma once

#include <algorithm>
#include <span>
#include <string>

#include "scenarios/commonroad_scenario.hpp"
#include "scenarios/decompress.hpp"
#include "scenarios/gpudrive_json.hpp"
#include "scenarios/pufferdrive_bin.hpp"
#include "tests/catch.hpp"

namespace forkroad::test {

inline std::span<const uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline Parsed<Scene> decode_json(const std::string& text) {
  return decode_gpudrive_json(PaddedBytes(bytes_of(text)), {"", "folder/made-up.json.gz", 0, 0});
}

inline Parsed<Scene> decode_bin(const std::string& bytes) {
  return decode_pufferdrive_bin(PaddedBytes(bytes_of(bytes)), {"", "folder/map_1.bin.gz", 0, 0});
}

inline Parsed<Scene> decode_xml(const std::string& text) {
  return decode_commonroad(PaddedBytes(bytes_of(text)), {"", "folder/made-up.xml", 0, 0});
}

inline std::string flip_bit(std::string bytes, std::size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  return bytes;
}

// What every error holds to: a file, a place inside of it, one line of text.
inline void require_located(const ParseError& error, std::size_t size) {
  CAPTURE(error.text());
  REQUIRE_FALSE(error.file.empty());
  REQUIRE(error.byte_offset >= 0);
  REQUIRE(error.byte_offset <= static_cast<int64_t>(size));
  REQUIRE_FALSE(error.message.empty());
  REQUIRE(error.text().find('\n') == std::string::npos);
}

// A sound scene or one located error; true for a scene.
inline bool require_sound(const Parsed<Scene>& scene, std::size_t size) {
  if (scene.ok()) {
    REQUIRE(find_scene_fault(scene.value()) == "");
  } else {
    require_located(scene.error(), size);
  }
  return scene.ok();
}

// The error that the bytes must give.
inline ParseError require_error(const Parsed<Scene>& scene, std::size_t size) {
  REQUIRE_FALSE(scene.ok());
  require_located(scene.error(), size);
  return scene.error();
}

// The scene that the bytes must give.
inline Scene require_scene(const Parsed<Scene>& scene) {
  if (!scene.ok()) FAIL(scene.error().text());
  REQUIRE(find_scene_fault(scene.value()) == "");
  return scene.value();
}

inline const MapFeature& feature_with(const Scene& scene, int64_t id) {
  const auto found = std::find_if(scene.features.begin(), scene.features.end(),
                                  [&](const MapFeature& feature) { return feature.id == id; });
  REQUIRE(found != scene.features.end());
  return *found;
}

inline bool has_assumption(const Scene& scene, const std::string& text) {
  for (const std::string& assumption : scene.assumptions) {
    if (assumption.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace forkroad::test
