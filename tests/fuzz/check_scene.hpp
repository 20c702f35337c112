// What every fuzz target demands of a reader: a sound scene or one located error.
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

inline void check_scene(const Parsed<Scene>& scene, std::size_t size) {
  if (scene.ok()) {
    const std::string fault = find_scene_fault(scene.value());
    if (!fault.empty()) fail_fuzz("the reader let a fault through: " + fault);
    return;
  }
  const ParseError& error = scene.error();
  const bool located = error.byte_offset >= 0 && error.byte_offset <= static_cast<int64_t>(size);
  if (!located || error.message.empty() || error.text().find('\n') != std::string::npos) {
    fail_fuzz("an error without a place or text: " + error.text());
  }
}

}  // namespace forkroad::test
