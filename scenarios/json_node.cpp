#include "scenarios/json_node.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/json_text.hpp"
#include "scenarios/plain_text.hpp"

namespace forkroad::json {
namespace {

static_assert(PaddedBytes::kPadding >= simdjson::SIMDJSON_PADDING);

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Names in error texts are cut to this [bytes].
constexpr std::size_t kShownName = 64;

std::string_view view(const PaddedBytes& text) {
  return {reinterpret_cast<const char*>(text.bytes().data()), text.size()};
}

std::size_t count_mark(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
}

std::string show(const Node& node) {
  const bool in_object = node.parent->element.is_object();
  if (!in_object) return fmt::format("/{}", node.ordinal);
  const std::string_view shown = node.key.substr(0, kShownName);
  return is_plain_text(shown) ? fmt::format("/{}", shown)
                              : fmt::format("/(member {})", node.ordinal);
}

std::string show_place(const Node& node) {
  if (node.parent == nullptr) return "the document";
  std::string place;
  for (const Node* level = &node; level->parent != nullptr; level = level->parent) {
    place.insert(0, show(*level));
  }
  return place;
}

const char* show_type(simdjson::dom::element_type type) {
  switch (type) {
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return "text";
    case simdjson::dom::element_type::BOOL:
      return "true or false";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

ParseError describe_fault(std::string_view text, simdjson::error_code status,
                          const Provenance& where) {
  ParseError error{ParseCode::kBadEncoding, where.file, where.record, 0, {}};
  if (status == simdjson::MEMALLOC || status == simdjson::CAPACITY) {
    error.code = ParseCode::kTooLarge;
    error.message = fmt::format("no memory for JSON of {} bytes", text.size());
    return error;
  }
  const std::size_t bad_utf8 = find_bad_utf8(text, true);
  const JsonFault fault = find_json_fault(text, kMaxDepth);
  if (bad_utf8 < text.size() && (fault.expected.empty() || bad_utf8 <= fault.offset)) {
    error.byte_offset = static_cast<int64_t>(bad_utf8);
    error.message = "the text is not UTF-8";
    return error;
  }
  error.byte_offset = static_cast<int64_t>(fault.offset);
  if (fault.expected.empty()) {
    error.message = fmt::format("the text is not JSON: {}", simdjson::error_message(status));
  } else if (fault.cut) {
    error.code = ParseCode::kTruncated;
    error.message = fmt::format("the text ends, expected {}", fault.expected);
  } else {
    error.code = fault.too_deep ? ParseCode::kTooLarge : ParseCode::kBadEncoding;
    error.message = fmt::format("the text is not JSON: got the byte {:02x}, expected {}",
                                static_cast<unsigned char>(text[fault.offset]), fault.expected);
  }
  return error;
}

template <class Value>
Value get_value(const Node& node, const char* expected) {
  Value value{};
  if (node.element.get(value) != simdjson::SUCCESS) refuse_type(node, expected);
  return value;
}

}  // namespace

Failure::Failure(ParseCode code, const Node& node, const std::string& text)
    : code_(code), message_(fmt::format("{}: {}", show_place(node), text)) {
  for (const Node* level = &node; level->parent != nullptr; level = level->parent) {
    ordinals_.push_back(level->ordinal);
  }
  std::reverse(ordinals_.begin(), ordinals_.end());
}

void refuse(const Node& node, ParseCode code, const std::string& text) {
  throw Failure(code, node, text);
}

void refuse_type(const Node& node, const char* expected) {
  refuse(node, ParseCode::kWrongContent,
         fmt::format("is {}, expected {}", show_type(node.element.type()), expected));
}

bool parse(const PaddedBytes& text, const Provenance& where, simdjson::dom::parser& parser,
           Node& root, ParseError& error) {
  const std::size_t mark = count_mark(view(text));
  const std::string_view body = view(text).substr(mark);
  simdjson::error_code status = parser.allocate(std::max<std::size_t>(body.size(), 64), kMaxDepth);
  if (status == simdjson::SUCCESS) {
    status = parser.parse(body.data(), body.size(), false).get(root.element);
  }
  if (status == simdjson::SUCCESS) return true;
  error = describe_fault(body, status, where);
  error.byte_offset += static_cast<int64_t>(mark);
  return false;
}

ParseError locate(const Failure& failure, const PaddedBytes& text, const Provenance& where) {
  const std::size_t mark = count_mark(view(text));
  const std::size_t offset = mark + find_json_value(view(text).substr(mark), failure.ordinals());
  return ParseError{failure.code(), where.file, where.record, static_cast<int64_t>(offset),
                    failure.message()};
}

void require_fields(const Node& node, std::span<const Field> fields) {
  for (const Field& field : fields) {
    if (!field.is_required || *field.node) continue;
    refuse(node, ParseCode::kMissingField, fmt::format("{} is absent", field.name));
  }
}

double get_number(const Node& node) { return get_value<double>(node, "a number"); }

int64_t get_integer(const Node& node) {
  return get_value<int64_t>(node, "a whole number within 64 bits");
}

bool get_bool(const Node& node) { return get_value<bool>(node, "true or false"); }

std::string_view get_text(const Node& node) { return get_value<std::string_view>(node, "text"); }

std::string_view get_name(const Node& node) {
  const std::string_view name = get_text(node);
  if (!is_name(name)) {
    refuse(node, ParseCode::kWrongContent,
           fmt::format("is {} bytes that are not one line of text of 1 to {} bytes", name.size(),
                       kMaxNameLength));
  }
  return name;
}

std::size_t count_elements(const Node& node) {
  // the parser's own count saturates
  std::size_t count = 0;
  for_elements(node, [&](const Node&) { ++count; });
  return count;
}

}  // namespace forkroad::json
