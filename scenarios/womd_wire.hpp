// Internal to the WOMD decoder: protozero's reader with strict types and a trace of the place.
#pragma once

#include <cstdint>
#include <protozero/pbf_reader.hpp>
#include <string>
#include <vector>

#include "scenarios/decode_failure.hpp"

namespace forkroad::womd {

using Bytes = protozero::data_view;

// Where decoding has got to: protozero's exceptions do not say.
struct WireTrace {
  const char* at = nullptr;       // first byte of the field that is being read
  const char* message = nullptr;  // name of the message it belongs to
};

// Walks the fields of one message. Fields that the caller does not ask for are skipped as protobuf
// demands; a known field of another wire type is refused: protobuf would drop it silently, in a
// log it means that the bytes are something else.
class WireReader {
 public:
  WireReader(Bytes bytes, const char* message, WireTrace& trace)
      : reader_(bytes), message_(message), trace_(&trace) {}

  bool next() {
    const char* at = reader_.data().data();
    trace_->at = at;
    trace_->message = message_;
    if (!reader_.next()) return false;
    // protozero cuts tags and lengths to 32 bits; only those of 5 bytes or more can be longer
    if (reader_.data().data() - at >= 5) check_32_bits(at, reader_.data().data());
    return true;
  }

  uint32_t tag() const { return reader_.tag(); }
  const char* field_start() const { return trace_->at; }
  bool is_length_delimited() const {
    return reader_.wire_type() == protozero::pbf_wire_type::length_delimited;
  }

  double get_double(const char* field) {
    expect(protozero::pbf_wire_type::fixed64, field);
    return reader_.get_double();
  }
  float get_float(const char* field) {
    expect(protozero::pbf_wire_type::fixed32, field);
    return reader_.get_float();
  }
  // Any varint: negative int32 values are sign-extended on the wire.
  int64_t get_integer(const char* field) {
    expect(protozero::pbf_wire_type::varint, field);
    return reader_.get_int64();
  }
  bool get_bool(const char* field) { return get_integer(field) != 0; }
  Bytes get_bytes(const char* field) {
    expect(protozero::pbf_wire_type::length_delimited, field);
    const char* before = reader_.data().data();
    const Bytes bytes = reader_.get_view();
    if (bytes.data() - before >= 5) check_32_bits(before, bytes.data());
    return bytes;
  }
  WireReader get_message(const char* field, const char* message) {
    return WireReader(get_bytes(field), message, *trace_);
  }
  // One entry of a repeated field, or all of them if packed: parsers must take both.
  void append_integers(const char* field, std::vector<int64_t>& values);
  void append_doubles(const char* field, std::vector<double>& values);
  void append_floats(const char* field, std::vector<float>& values);

  void skip() {
    if (is_length_delimited()) {
      get_bytes("unknown field");
    } else {
      reader_.skip();
    }
  }

 private:
  void expect(protozero::pbf_wire_type type, const char* field) const {
    if (reader_.wire_type() != type) refuse_type(type, field);
  }
  [[noreturn]] void refuse_type(protozero::pbf_wire_type type, const char* field) const;
  void check_32_bits(const char* varint, const char* end) const;
  // All values of one packed field.
  template <class Value>
  void append_fixed(Bytes bytes, const char* field, std::vector<Value>& values) const;

  protozero::pbf_reader reader_;
  const char* message_;
  WireTrace* trace_;
};

// The first byte of the last field with this tag in a message, null if there is none before the
// message ends or breaks. For error texts only.
const char* find_field(Bytes message, uint32_t tag);

// The value of the last varint with this tag, 0 if there is none before the message ends or
// breaks. For error texts only.
int64_t find_integer(Bytes message, uint32_t tag);

}  // namespace forkroad::womd
