// The safetensors container: u64 header length (little endian), JSON header, tensor bytes.
// Format: https://github.com/huggingface/safetensors#format
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "scenarios/parse_error.hpp"

namespace forkroad {

// Bytes before the JSON header, and the most that a header may hold (the format's own limit).
inline constexpr std::size_t kSafetensorsLengthSize = 8;
inline constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;

struct SafetensorsEntry {
  std::string name;
  std::string dtype;
  std::vector<uint64_t> shape;
  uint64_t begin = 0, end = 0;  // [bytes] in the file
  int64_t described_at = 0;     // byte in the file where the header names it
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::vector<SafetensorsEntry> tensors;  // in the order of their bytes

  // Null: there is no tensor of this name.
  const SafetensorsEntry* find(const std::string& name) const;
};

// True if a file with these first bytes (at least 9 of them) looks like a safetensors file.
bool is_safetensors_start(std::span<const uint8_t> head);

// Reads and checks the header of a whole file: types are known, sizes fit shapes, and the tensors
// lie end to end up to the last byte without holes and overlaps. `file` is for errors only.
Parsed<SafetensorsHeader> parse_safetensors_header(std::span<const uint8_t> bytes,
                                                   const std::string& file);

// Header length and JSON header for tensors whose `begin` and `end` count from the first tensor
// byte; padded with spaces so that the tensors begin at a multiple of `alignment`.
std::string write_safetensors_header(const SafetensorsHeader& header, std::size_t alignment);

}  // namespace forkroad
