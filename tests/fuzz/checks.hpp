// What every reader must hold to, whatever the bytes are. A breach ends the fuzz target.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include "scenarios/parse_error.hpp"
#include "scenarios/scene.hpp"

namespace forkroad::test {

[[noreturn]] inline void fail_fuzz(const std::string& text) {
  std::fprintf(stderr, "fuzz: %s\n", text.c_str());
  std::abort();
}

inline void check_error(const ParseError& error, std::size_t size) {
  const bool located = error.byte_offset >= 0 && error.byte_offset <= static_cast<int64_t>(size);
  if (!located || error.message.empty() || error.text().find('\n') != std::string::npos) {
    fail_fuzz("an error without a place or text: " + error.text());
  }
}

// A sound scene, or one error whose place is inside of the `size` bytes.
inline void check_scene(const Parsed<Scene>& scene, std::size_t size) {
  if (!scene.ok()) return check_error(scene.error(), size);
  const std::string fault = find_scene_fault(scene.value());
  if (!fault.empty()) fail_fuzz("the reader let a fault through: " + fault);
}

}  // namespace forkroad::test
