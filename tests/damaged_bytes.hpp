// What every reader must hold to on damaged bytes: a sound scene or one located error.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "scenarios/parse_error.hpp"
#include "scenarios/scene.hpp"
#include "tests/catch.hpp"

namespace forkroad::test {

// The error names a place inside `size` bytes and says something in one line.
inline void require_located(const ParseError& error, std::size_t size) {
  const std::string text = error.text();
  CAPTURE(text);
  REQUIRE(error.byte_offset >= 0);
  REQUIRE(error.byte_offset <= static_cast<int64_t>(size));
  REQUIRE_FALSE(error.message.empty());
  REQUIRE(text.find('\n') == std::string::npos);
}

inline void require_sound(const Parsed<Scene>& scene, std::size_t size) {
  if (scene.ok()) {
    REQUIRE(find_scene_fault(scene.value()) == "");
  } else {
    require_located(scene.error(), size);
  }
}

inline std::string flip_bit(std::string bytes, std::size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  return bytes;
}

inline std::string read_bytes(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace forkroad::test
