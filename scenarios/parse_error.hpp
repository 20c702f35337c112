// What a reader says when bytes are not a scene: one located error, never an exception, never exit.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace forkroad {

enum class ParseCode : uint8_t {
  kCannotOpen,        // the file does not exist or may not be read
  kEmpty,             // the file holds no record
  kTruncated,         // the bytes end inside a record or a field
  kBadChecksum,       // a stored checksum does not match its bytes
  kTooLarge,          // a declared length is beyond the reader's limit
  kBadEncoding,       // the bytes are not the encoding that the format prescribes
  kWrongContent,      // well-formed, but not a scene of this format
  kMissingField,      // a field that a scene cannot be without is absent
  kValueOutOfRange,   // a number is NaN, infinite or beyond what the field may hold
  kDuplicateId,       // two tracks or two map features carry the same id
  kInconsistent,      // fields contradict each other (lengths, indices)
  kUnsupportedFormat  // no reader knows this file
};

// Stable lower-case name of a code, e.g. "bad_checksum".
const char* parse_code_name(ParseCode code);

struct ParseError {
  ParseCode code = ParseCode::kWrongContent;
  std::string file;          // path as given by the caller
  int64_t record = -1;       // index of the record in the file, -1: not inside a record
  int64_t byte_offset = -1;  // offset in the file where the trouble starts, -1: unknown
  std::string message;       // what was got, what was expected

  // "FILE: record 3, byte 1204: bad_checksum: ..." on one line.
  std::string text() const;
};

// A value or the error that stands in its place.
template <class T>
class Parsed {
 public:
  Parsed(T value) : content_(std::move(value)) {}           // NOLINT: implicit by design
  Parsed(ParseError error) : content_(std::move(error)) {}  // NOLINT: implicit by design

  bool ok() const { return content_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() { return std::get<0>(content_); }
  const T& value() const { return std::get<0>(content_); }
  const ParseError& error() const { return std::get<1>(content_); }

 private:
  std::variant<T, ParseError> content_;
};

}  // namespace forkroad
