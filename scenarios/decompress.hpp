// Whole files in memory: plain, gzip (.gz) or xz, told apart by their first bytes, never by name.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "scenarios/parse_error.hpp"

namespace forkroad {

enum class Compression : uint8_t { kNone, kGzip, kXz };

// Stable lower-case name, e.g. "gzip".
const char* compression_name(Compression compression);

// By the magic bytes at the start: 1f 8b (RFC 1952) and fd "7zXZ" 00 (the .xz file format).
Compression detect_compression(std::span<const uint8_t> head);

// Bytes followed by kPadding zeros: parsers that load whole registers may read beyond the end.
class PaddedBytes {
 public:
  static constexpr std::size_t kPadding = 64;

  PaddedBytes() : storage_(kPadding) {}
  // A copy.
  explicit PaddedBytes(std::span<const uint8_t> bytes);

  std::span<const uint8_t> bytes() const { return {storage_.data(), size()}; }
  std::size_t size() const { return storage_.size() - kPadding; }

  // Sets the size and gives the bytes to write; those beyond the old size are zero.
  std::span<uint8_t> resize(std::size_t size);

 private:
  std::vector<uint8_t> storage_;
};

struct WholeFile {
  PaddedBytes content;                           // decompressed
  Compression compression = Compression::kNone;  // of the file as it lies on the disk
};

// A log of one file may have this size, decompressed [bytes]: ten times the largest one known.
inline constexpr uint64_t kMaxLogSize = uint64_t{1} << 26;

// Reads and decompresses a regular file. Content beyond `max_size` [bytes] is refused (kTooLarge)
// before it is stored, so memory stays within a small multiple of it whatever the file declares.
// Checksums are verified; a cut file is kTruncated, other damage kBadChecksum or kBadEncoding. An
// error's byte_offset counts in the file as it lies on the disk. Empty files are no error here.
Parsed<WholeFile> read_whole_file(const std::string& file, uint64_t max_size = kMaxLogSize);

// The same for bytes in memory that stand for the file `name`.
Parsed<WholeFile> decompress_bytes(std::span<const uint8_t> bytes, const std::string& name,
                                   uint64_t max_size = kMaxLogSize);

}  // namespace forkroad
