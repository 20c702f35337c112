// Decodes payloads as if they lay in a file, and checks what every error must hold to.
#pragma once

#include "scenarios/womd_scenario.hpp"
#include "tests/catch.hpp"
#include "tests/womd_writer.hpp"

namespace forkroad::test {

// Where the payloads are said to begin.
inline constexpr int64_t kPayloadOffset = 1000;

inline Parsed<Scene> decode(const std::string& payload) {
  return decode_womd_scenario(as_bytes(payload),
                              {"womd_scenario", "made-up.tfrecord", 7, kPayloadOffset});
}

// The error that the payload must give; its place must be inside the payload.
inline ParseError error_of(const std::string& payload) {
  const Parsed<Scene> scene = decode(payload);
  REQUIRE_FALSE(scene.ok());
  const ParseError& error = scene.error();
  CAPTURE(error.text());
  REQUIRE(error.file == "made-up.tfrecord");
  REQUIRE(error.record == 7);
  REQUIRE(error.byte_offset >= kPayloadOffset);
  REQUIRE(error.byte_offset <= kPayloadOffset + static_cast<int64_t>(payload.size()));
  REQUIRE(error.message.find('\n') == std::string::npos);
  return error;
}

}  // namespace forkroad::test
