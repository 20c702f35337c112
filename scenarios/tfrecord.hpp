// TFRecord framing: u64 length, u32 masked crc of the length, payload, u32 masked crc of the
// payload, all little endian. Streamed: one record in memory at a time, both checksums verified.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/parse_error.hpp"
#include "scenarios/regular_file.hpp"

namespace forkroad {

// Bytes before a payload: its length and the length's checksum.
inline constexpr std::size_t kTfRecordHeaderSize = 12;
// Bytes after a payload: its checksum.
inline constexpr std::size_t kTfRecordFooterSize = 4;

// True if the bytes begin with a length and the checksum that fits it.
bool is_tfrecord_header(std::span<const uint8_t> bytes);

struct TfRecord {
  std::span<const uint8_t> payload;  // valid until the next call of next()
  int64_t index = 0;                 // of the record in the file
  int64_t byte_offset = 0;           // of the payload in the file
};

class TfRecordReader {
 public:
  // Records longer than this are refused before anything is allocated [bytes].
  static constexpr uint64_t kDefaultMaxRecord = uint64_t{1} << 28;

  // Opens a regular file. An empty one is an error of its own (kEmpty).
  static Parsed<TfRecordReader> open(const std::string& file,
                                     uint64_t max_record = kDefaultMaxRecord);

  // Reads bytes in memory as if they were the file `name`; they must outlive the reader.
  static Parsed<TfRecordReader> open_bytes(std::span<const uint8_t> bytes, const std::string& name,
                                           uint64_t max_record = kDefaultMaxRecord);

  // The next record, an error, or nothing at the end. A payload whose checksum is wrong is an
  // error, but the frame is intact: the reader can go on. Every other error ends the file.
  // An error's byte_offset is where the length, payload or checksum begins that is cut or wrong.
  std::optional<Parsed<TfRecord>> next();

  // The path as given by the caller.
  const std::string& file() const { return file_; }

 private:
  TfRecordReader(FileHandle stream, const std::string& file, uint64_t file_size,
                 uint64_t max_record)
      : stream_(std::move(stream)), file_(file), file_size_(file_size), max_record_(max_record) {}

  bool read(std::span<uint8_t> bytes);
  std::optional<ParseError> read_length(uint64_t& length);
  std::optional<ParseError> make_room(uint64_t length);
  ParseError error_at(ParseCode code, int64_t offset, std::string message) const;
  // An error after which no next record can be found.
  ParseError last_error(ParseCode code, int64_t offset, std::string message);

  FileHandle stream_;
  std::string file_;
  uint64_t file_size_ = 0;
  uint64_t max_record_ = kDefaultMaxRecord;
  int64_t position_ = 0;
  int64_t record_ = 0;
  bool ended_ = false;
  std::vector<uint8_t> buffer_;
};

}  // namespace forkroad
