#include "scenarios/parse_error.hpp"

#include <fmt/format.h>

namespace forkroad {

const char* parse_code_name(ParseCode code) {
  switch (code) {
    case ParseCode::kCannotOpen:
      return "cannot_open";
    case ParseCode::kEmpty:
      return "empty";
    case ParseCode::kTruncated:
      return "truncated";
    case ParseCode::kBadChecksum:
      return "bad_checksum";
    case ParseCode::kTooLarge:
      return "too_large";
    case ParseCode::kBadEncoding:
      return "bad_encoding";
    case ParseCode::kWrongContent:
      return "wrong_content";
    case ParseCode::kMissingField:
      return "missing_field";
    case ParseCode::kValueOutOfRange:
      return "value_out_of_range";
    case ParseCode::kDuplicateId:
      return "duplicate_id";
    case ParseCode::kInconsistent:
      return "inconsistent";
    case ParseCode::kUnsupportedFormat:
      return "unsupported_format";
  }
  return "unknown";
}

std::string ParseError::text() const {
  std::string place;
  if (record >= 0) place += fmt::format("record {}", record);
  if (byte_offset >= 0) place += fmt::format("{}byte {}", place.empty() ? "" : ", ", byte_offset);
  if (!place.empty()) place += ": ";
  return fmt::format("{}: {}{}: {}", file.empty() ? "(bytes in memory)" : file, place,
                     parse_code_name(code), message);
}

}  // namespace forkroad
