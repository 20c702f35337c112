// Places in JSON text (RFC 8259). The parser says what is wrong but not where; these walk the text
// again once something is wrong, so that an error has a byte offset.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace forkroad {

struct JsonFault {
  std::size_t offset = 0;  // of the first byte that cannot stand where it stands
  bool cut = false;        // the text ends too early; `offset` is its size
  bool too_deep = false;   // a bracket opens beyond the depth limit
  std::string expected;    // what could stand there; empty: no fault was found
};

// Finds the first fault of the text: grammar, unescaped control characters, escapes that do not
// exist, integers beyond 64 bits, numbers beyond double, nesting beyond `max_depth`. UTF-8 is not
// looked at.
JsonFault find_json_fault(std::string_view text, int max_depth);

// Offset of a value in text without faults: `ordinals` says which member or element to enter at
// each level, counted from 0. The nearest enclosing value if there is no such one.
std::size_t find_json_value(std::string_view text, std::span<const std::size_t> ordinals);

}  // namespace forkroad
