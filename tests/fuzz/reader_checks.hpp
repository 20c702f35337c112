// What every fuzz target of a reader demands: a sound scene or one located error.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include "scenarios/parse_error.hpp"
#include "scenarios/scene.hpp"

namespace forkroad::test {

// Ends the run as a finding.
[[noreturn]] inline void fail(const std::string& text) {
  std::fprintf(stderr, "fuzz: %s\n", text.c_str());
  std::abort();
}

// `size` is that of the input [bytes]: an error stands inside it.
inline void check(const ParseError& error, std::size_t size) {
  const bool located = error.byte_offset >= 0 && error.byte_offset <= static_cast<int64_t>(size);
  if (!located || error.message.empty() || error.text().find('\n') != std::string::npos) {
    fail("an error without a place or text: " + error.text());
  }
}

inline void check(const Parsed<Scene>& scene, std::size_t size) {
  if (!scene.ok()) return check(scene.error(), size);
  const std::string fault = find_scene_fault(scene.value());
  if (!fault.empty()) fail("the reader let a fault through: " + fault);
}

}  // namespace forkroad::test
