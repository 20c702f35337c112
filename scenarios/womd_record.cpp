#include "scenarios/womd_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <new>

#include "scenarios/plain_text.hpp"

namespace forkroad::womd {
namespace {

// protobuf itself ends here, and indices into the payload then fit 32 bits
constexpr std::size_t kMaxPayload = std::numeric_limits<int32_t>::max();

std::string describe_failure(const protozero::exception& exception, const char* message) {
  if (dynamic_cast<const protozero::varint_too_long_exception*>(&exception) != nullptr) {
    return fmt::format("a number in {} takes more than 10 bytes", message);
  }
  if (dynamic_cast<const protozero::unknown_pbf_wire_type_exception*>(&exception) != nullptr) {
    return fmt::format("a field in {} has a wire type that this format does not use", message);
  }
  if (dynamic_cast<const protozero::invalid_tag_exception*>(&exception) != nullptr) {
    return fmt::format("a field in {} has a number that protobuf does not allow", message);
  }
  return fmt::format("{} is not protobuf: {}", message, exception.what());
}

}  // namespace

Parsed<Scene> decode_record(std::span<const uint8_t> payload, const Provenance& where,
                            const char* message,
                            const std::function<Scene(Bytes, WireTrace&)>& decode) {
  const Bytes bytes(reinterpret_cast<const char*>(payload.data()), payload.size());
  WireTrace trace{bytes.data(), message};
  const auto fail = [&](ParseCode code, const char* at, std::string text) {
    const int64_t offset = std::max<int64_t>(where.byte_offset, 0) + (at - bytes.data());
    return ParseError{code, where.file, where.record, offset, std::move(text)};
  };
  if (payload.size() > kMaxPayload) {
    return fail(
        ParseCode::kTooLarge, bytes.data(),
        fmt::format("{} has {} bytes, expected at most {}", message, payload.size(), kMaxPayload));
  }
  try {
    return decode(bytes, trace);
  } catch (const DecodeFailure& failure) {
    return fail(failure.code(), failure.at(), failure.message());
  } catch (const protozero::end_of_buffer_exception&) {
    return fail(ParseCode::kTruncated, trace.at,
                fmt::format("a field in {} goes beyond the end of its message", trace.message));
  } catch (const protozero::exception& exception) {
    return fail(ParseCode::kBadEncoding, trace.at, describe_failure(exception, trace.message));
  } catch (const std::bad_alloc&) {
    return fail(ParseCode::kTooLarge, trace.at, "no memory for the scene");
  }
}

void check_id(Bytes id, const char* field) {
  if (is_name({id.data(), id.size()})) return;
  throw DecodeFailure(ParseCode::kWrongContent, id.data(),
                      fmt::format("{} is {} bytes that are not one line of UTF-8 text of 1 to {} "
                                  "bytes",
                                  field, id.size(), kMaxNameLength));
}

}  // namespace forkroad::womd
