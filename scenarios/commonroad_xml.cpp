#include "scenarios/commonroad_xml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "scenarios/plain_text.hpp"

namespace forkroad::commonroad {
namespace {

constexpr int64_t kMaxInteger = int64_t{1} << 53;
constexpr std::string_view kSpace = " \t\r\n";

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// "lanelet 12/leftBound/point/x": the ancestors below the root, as far as they help.
std::string path_of(Node node) {
  constexpr int kMaxDepth = 8;
  std::string path;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    const Node parent = node.parent();
    if (parent.type() != pugi::node_element && depth > 0) break;
    std::string part = quote_text(node.name());
    if (const char* id = node.attribute("id").value(); *id != '\0') {
      part = fmt::format("{} {}", part, quote_text(id));
    }
    path = path.empty() ? part : fmt::format("{}/{}", part, path);
    node = parent;
  }
  return path;
}

template <class Value>
bool parse_whole(std::string_view text, Value& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && end == text.data() + text.size();
}

double parse_number(std::string_view text, Node at, const std::string& what) {
  double value = 0;
  if (!parse_whole(text, value) || !std::isfinite(value)) {
    refuse(ParseCode::kValueOutOfRange, at,
           fmt::format("{}is \"{}\", expected a finite number", what, quote_text(text)));
  }
  return value;
}

int64_t parse_integer(std::string_view text, Node at, const std::string& what) {
  int64_t value = 0;
  if (!parse_whole(text, value) || value > kMaxInteger || value < -kMaxInteger) {
    refuse(ParseCode::kValueOutOfRange, at,
           fmt::format("{}is \"{}\", expected a whole number of at most 2^53", what,
                       quote_text(text)));
  }
  return value;
}

std::string_view attribute_text(Node element, const char* name) {
  const pugi::xml_attribute attribute = element.attribute(name);
  if (!attribute) {
    refuse(ParseCode::kMissingField, element, fmt::format("the attribute {} is absent", name));
  }
  return trim(attribute.value());
}

// The two ends of an interval, or the exact value twice; with the elements that hold them.
std::pair<Node, Node> ends_of(Node quantity, Notes& notes) {
  if (const Node exact = quantity.child("exact")) return {exact, exact};
  const Node start = quantity.child("intervalStart");
  const Node end = quantity.child("intervalEnd");
  if (!start || !end) {
    refuse(ParseCode::kMissingField, quantity,
           "holds neither exact nor intervalStart and intervalEnd");
  }
  notes.count("quantities are intervals: their middle is taken");
  return {start, end};
}

}  // namespace

void refuse(ParseCode code, Node at, const std::string& text) {
  throw XmlFailure(code, std::max<int64_t>(at.offset_debug(), 0),
                   fmt::format("{}: {}", path_of(at), text));
}

std::string_view text_of(Node element) {
  const Node text = element.first_child();
  if (!text) return {};
  const bool is_text = text.type() == pugi::node_pcdata || text.type() == pugi::node_cdata;
  if (!is_text || text.next_sibling()) {
    refuse(ParseCode::kWrongContent, element, "holds elements or several texts, expected one text");
  }
  return trim(text.value());
}

std::string_view child_text(Node parent, const char* name) {
  const Node child = parent.child(name);
  return child ? text_of(child) : std::string_view();
}

std::string_view word_of(Node element) {
  const std::string_view word = text_of(element);
  if (word.size() <= kMaxNameLength && is_plain_text(word)) return word;
  refuse(ParseCode::kWrongContent, element,
         fmt::format("is \"{}\", expected one line of UTF-8 text of at most {} bytes",
                     quote_text(word), kMaxNameLength));
}

Node require(Node parent, const char* name) {
  const Node child = parent.child(name);
  if (!child) {
    refuse(ParseCode::kMissingField, parent, fmt::format("the element {} is absent", name));
  }
  return child;
}

double number_of(Node element) { return parse_number(text_of(element), element, ""); }

int64_t integer_of(Node element) { return parse_integer(text_of(element), element, ""); }

double number_attribute(Node element, const char* name) {
  return parse_number(attribute_text(element, name), element, fmt::format("{} ", name));
}

int64_t integer_attribute(Node element, const char* name) {
  return parse_integer(attribute_text(element, name), element, fmt::format("{} ", name));
}

SourcePoint point_of(Node element) {
  const Node z = element.child("z");
  const SourcePoint point{number_of(require(element, "x")), number_of(require(element, "y")),
                          z ? number_of(z) : 0.0};
  for (const double value : {point.x, point.y, point.z}) {
    if (std::abs(value) > kMaxSourceCoordinate) {
      refuse(
          ParseCode::kValueOutOfRange, element,
          fmt::format("a coordinate is {} m, expected at most {} m", value, kMaxSourceCoordinate));
    }
  }
  return point;
}

void Notes::count(const char* text) {
  for (auto& [known, number] : counts_) {
    if (std::strcmp(known, text) == 0) {
      ++number;
      return;
    }
  }
  counts_.emplace_back(text, 1);
}

void Notes::append_to(std::vector<std::string>& assumptions) const {
  for (const auto& [text, number] : counts_) {
    assumptions.push_back(fmt::format("{} {}", number, text));
  }
}

double quantity_of(Node quantity, Notes& notes) {
  const auto [start, end] = ends_of(quantity, notes);
  return start == end ? number_of(start) : number_of(start) / 2 + number_of(end) / 2;
}

int64_t step_of(Node quantity, Notes& notes) {
  const auto [start, end] = ends_of(quantity, notes);
  const int64_t sum = integer_of(start) + integer_of(end);
  if (sum % 2 != 0) {
    refuse(ParseCode::kValueOutOfRange, quantity, "the middle of the interval is no whole step");
  }
  return sum / 2;
}

}  // namespace forkroad::commonroad
