// Internal to the readers of JSON: a parsed value that knows its place, so that an error can say
// where it is.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/decompress.hpp"
#include "scenarios/parse_error.hpp"
#include "scenarios/scene.hpp"

namespace forkroad::json {

// Levels of nesting that a log may have: the schemas need 6.
inline constexpr int kMaxDepth = 64;

struct Node {
  simdjson::dom::element element;
  const Node* parent = nullptr;  // outlives this node; null: the root
  std::string_view key;          // its name, if the parent is an object
  std::size_t ordinal = 0;       // which member or element of the parent it is
};

// Leaves a reader for the record boundary, where it becomes a ParseError.
class Failure : public std::exception {
 public:
  Failure(ParseCode code, const Node& node, const std::string& text);

  ParseCode code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::vector<std::size_t>& ordinals() const { return ordinals_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ParseCode code_;
  std::string message_;
  std::vector<std::size_t> ordinals_;
};

// Throws a Failure whose message begins with the node's place, e.g. "/objects/3/heading/17".
[[noreturn]] void refuse(const Node& node, ParseCode code, const std::string& text);
// Throws the Failure of a node of another type than the one that is expected.
[[noreturn]] void refuse_type(const Node& node, const char* expected);

// Parses JSON text. False if it is not JSON: `error` then says what and where. A byte order mark
// at the start is skipped. The parser owns what `root` refers to.
bool parse(const PaddedBytes& text, const Provenance& where, simdjson::dom::parser& parser,
           Node& root, ParseError& error);

// The failure as an error of the text's file.
ParseError locate(const Failure& failure, const PaddedBytes& text, const Provenance& where);

double get_number(const Node& node);
int64_t get_integer(const Node& node);
bool get_bool(const Node& node);
std::string_view get_text(const Node& node);
// Text that may stand in tables and error texts: one line of 1 to 256 bytes.
std::string_view get_name(const Node& node);
std::size_t count_elements(const Node& node);

// Calls visit(const Node&) for every member of an object that is not null, in the text's order.
template <class Visit>
void for_members(const Node& node, Visit visit) {
  simdjson::dom::object object;
  if (node.element.get(object) != simdjson::SUCCESS) refuse_type(node, "an object");
  std::size_t ordinal = 0;
  for (const simdjson::dom::key_value_pair member : object) {
    if (!member.value.is_null()) visit(Node{member.value, &node, member.key, ordinal});
    ++ordinal;
  }
}

// A member of an object that a reader knows.
struct Field {
  std::string_view name;
  std::optional<Node>* node;
  bool is_required = false;
};

// Throws the Failure of the first required field that was not found.
void require_fields(const Node& node, std::span<const Field> fields);

// Puts an object's members into their fields, and calls visit(const Node&) for all others. Nodes in
// fields refer to `node`, which must outlive them. Of members with the same name the last counts.
template <class Visit>
void collect(const Node& node, std::span<const Field> fields, Visit visit) {
  for_members(node, [&](const Node& member) {
    for (const Field& field : fields) {
      if (field.name != member.key) continue;
      *field.node = member;
      return;
    }
    visit(member);
  });
  require_fields(node, fields);
}

// Calls visit(const Node&) for every element of an array; its index is the node's ordinal.
template <class Visit>
void for_elements(const Node& node, Visit visit) {
  simdjson::dom::array array;
  if (node.element.get(array) != simdjson::SUCCESS) refuse_type(node, "an array");
  std::size_t ordinal = 0;
  for (const simdjson::dom::element element : array) {
    visit(Node{element, &node, {}, ordinal});
    ++ordinal;
  }
}

}  // namespace forkroad::json
