// Internal to the CommonRoad reader: strict access to the elements of a document, with the place
// of everything that is wrong.
#pragma once

#include <cstdint>
#include <exception>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/parse_error.hpp"
#include "scenarios/source_frame.hpp"

namespace forkroad::commonroad {

using Node = pugi::xml_node;

// Leaves the reader for the document boundary, where it becomes a ParseError.
class XmlFailure : public std::exception {
 public:
  XmlFailure(ParseCode code, int64_t offset, std::string message)
      : code_(code), offset_(offset), message_(std::move(message)) {}

  ParseCode code() const { return code_; }
  int64_t offset() const { return offset_; }  // in the text of the document
  const std::string& message() const { return message_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ParseCode code_;
  int64_t offset_;
  std::string message_;
};

// Throws the failure at an element; the text begins with the element's path, e.g.
// "lanelet 12/leftBound/point/x".
[[noreturn]] void refuse(ParseCode code, Node at, const std::string& text);

// The text of an element without surrounding space. Throws if it holds anything but one text.
std::string_view text_of(Node element);

// The text of a child, empty if there is no such child.
std::string_view child_text(Node parent, const char* name);

// The text of an element that a scene keeps or reports as a word; throws if it is not one line of
// UTF-8 text of at most kMaxNameLength bytes.
std::string_view word_of(Node element);

// The child of that name; throws if there is none.
Node require(Node parent, const char* name);

// The whole text of an element as a finite number, or as a whole number of at most 2^53.
double number_of(Node element);
int64_t integer_of(Node element);

// The value of an attribute; throws if it is absent.
double number_attribute(Node element, const char* name);
int64_t integer_attribute(Node element, const char* name);

// An element with the children x, y and perhaps z [m].
SourcePoint point_of(Node element);

// Counts what had to be assumed or left out and says each kind once.
class Notes {
 public:
  // `text` follows a number: "3 states have ...".
  void count(const char* text);
  void append_to(std::vector<std::string>& assumptions) const;

 private:
  std::vector<std::pair<const char*, int64_t>> counts_;
};

// A quantity that a document gives as `exact` or as the interval from `intervalStart` to
// `intervalEnd`: the value, or the middle of the interval, which `notes` counts.
double quantity_of(Node quantity, Notes& notes);

// The same for a whole number: a middle that is none is refused.
int64_t step_of(Node quantity, Notes& notes);

}  // namespace forkroad::commonroad
