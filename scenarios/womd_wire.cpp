#include "scenarios/womd_wire.hpp"

#include <fmt/format.h>

#include <limits>

namespace forkroad::womd {
namespace {

const char* wire_type_name(protozero::pbf_wire_type type) {
  switch (type) {
    case protozero::pbf_wire_type::varint:
      return "varint";
    case protozero::pbf_wire_type::fixed64:
      return "fixed64";
    case protozero::pbf_wire_type::length_delimited:
      return "length-delimited";
    case protozero::pbf_wire_type::fixed32:
      return "fixed32";
    default:
      return "unknown";
  }
}

}  // namespace

void WireReader::refuse_type(protozero::pbf_wire_type type, const char* field) const {
  throw DecodeFailure(ParseCode::kWrongContent, trace_->at,
                      fmt::format("{}.{} has the wire type {}, expected {}", message_, field,
                                  wire_type_name(reader_.wire_type()), wire_type_name(type)));
}

void WireReader::check_32_bits(const char* varint, const char* end) const {
  const uint64_t value = protozero::decode_varint(&varint, end);
  if (value > std::numeric_limits<uint32_t>::max()) {
    throw DecodeFailure(
        ParseCode::kBadEncoding, trace_->at,
        fmt::format("a tag or length in {} is {}, expected at most 32 bits", message_, value));
  }
}

void WireReader::append_integers(const char* field, std::vector<int64_t>& values) {
  if (!is_length_delimited()) {
    values.push_back(get_integer(field));
    return;
  }
  const Bytes bytes = get_bytes(field);
  const char* at = bytes.data();
  const char* end = at + bytes.size();
  while (at != end) values.push_back(static_cast<int64_t>(protozero::decode_varint(&at, end)));
}

void WireReader::append_doubles(const char* field, std::vector<double>& values) {
  if (!is_length_delimited()) {
    values.push_back(get_double(field));
    return;
  }
  append_fixed(get_bytes(field), field, values);
}

void WireReader::append_floats(const char* field, std::vector<float>& values) {
  if (!is_length_delimited()) {
    values.push_back(get_float(field));
    return;
  }
  append_fixed(get_bytes(field), field, values);
}

template <class Value>
void WireReader::append_fixed(Bytes bytes, const char* field, std::vector<Value>& values) const {
  if (bytes.size() % sizeof(Value) != 0) {
    throw DecodeFailure(ParseCode::kBadEncoding, trace_->at,
                        fmt::format("{}.{} is packed in {} bytes, expected a multiple of {}",
                                    message_, field, bytes.size(), sizeof(Value)));
  }
  values.reserve(values.size() + bytes.size() / sizeof(Value));
  protozero::const_fixed_iterator<Value> value(bytes.data());
  for (std::size_t count = bytes.size() / sizeof(Value); count > 0; --count, ++value) {
    values.push_back(*value);
  }
}

const char* find_field(Bytes message, uint32_t tag) {
  const char* found = nullptr;
  try {
    protozero::pbf_reader reader(message);
    for (const char* at = message.data(); reader.next(); at = reader.data().data()) {
      if (reader.tag() == tag) found = at;
      reader.skip();
    }
  } catch (const protozero::exception&) {
    // the caller already has an error to report
  }
  return found;
}

int64_t find_integer(Bytes message, uint32_t tag) {
  const char* field = find_field(message, tag);
  if (field == nullptr) return 0;
  const char* end = message.data() + message.size();
  protozero::pbf_reader reader(field, static_cast<std::size_t>(end - field));
  const bool is_varint = reader.next() && reader.wire_type() == protozero::pbf_wire_type::varint;
  return is_varint ? reader.get_int64() : 0;
}

}  // namespace forkroad::womd
