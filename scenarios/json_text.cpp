#include "scenarios/json_text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace forkroad {
namespace {

bool is_space(char letter) {
  return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r';
}

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

bool is_hex(char letter) {
  return is_digit(letter) || (letter >= 'a' && letter <= 'f') || (letter >= 'A' && letter <= 'F');
}

bool is_one_of(char letter, std::string_view letters) {
  return letters.find(letter) != std::string_view::npos;
}

// Walks JSON text with a stack of open brackets, never by recursion.
class Walker {
 public:
  Walker(std::string_view text, int max_depth) : text_(text), max_depth_(max_depth) {}

  JsonFault find_fault() {
    if (!walk_value()) return fault_;
    while (!open_.empty()) {
      if (!walk_after_value()) return fault_;
    }
    skip_space();
    if (at_ < text_.size()) fail("the end of the text");
    return fault_;
  }

 private:
  bool fail(std::string expected) {
    fault_.offset = at_;
    fault_.cut = at_ >= text_.size();
    fault_.expected = std::move(expected);
    return false;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  bool take(char letter) {
    if (at_ >= text_.size() || text_[at_] != letter) return false;
    ++at_;
    return true;
  }

  // One scalar, or all the brackets that open before the first scalar or empty container.
  bool walk_value() {
    while (true) {
      skip_space();
      const char first = peek();
      if (first == '"') return walk_string();
      if (first == '-' || is_digit(first)) return walk_number();
      if (first != '{' && first != '[') return walk_word();
      if (static_cast<int>(open_.size()) >= max_depth_) {
        fault_.too_deep = true;
        return fail(fmt::format("at most {} levels of nesting", max_depth_));
      }
      ++at_;
      skip_space();
      if (take(first == '{' ? '}' : ']')) return true;
      open_.push_back(first);
      if (first == '{' && !walk_key()) return false;
    }
  }

  bool walk_after_value() {
    skip_space();
    const bool in_object = open_.back() == '{';
    if (take(in_object ? '}' : ']')) {
      open_.pop_back();
      return true;
    }
    if (!take(',')) return fail(in_object ? "',' or '}'" : "',' or ']'");
    if (in_object && !walk_key()) return false;
    return walk_value();
  }

  bool walk_key() {
    skip_space();
    if (peek() != '"') return fail("a member name in quotes");
    if (!walk_string()) return false;
    skip_space();
    return take(':') || fail("':'");
  }

  bool walk_string() {
    ++at_;
    while (at_ < text_.size()) {
      const char letter = text_[at_];
      if (static_cast<uint8_t>(letter) < 0x20U) return fail("no control character in a string");
      if (letter == '\\' && !walk_escape()) return false;
      ++at_;
      if (letter == '"') return true;
    }
    return fail("the end of a string");
  }

  // Stops at the last letter of the escape.
  bool walk_escape() {
    ++at_;
    if (peek() != 'u') {
      return is_one_of(peek(), "\"\\/bfnrt") || fail("an escape that JSON has");
    }
    for (int digit = 0; digit < 4; ++digit) {
      ++at_;
      if (!is_hex(peek())) return fail("four hexadecimal digits");
    }
    return true;
  }

  bool walk_digits() {
    if (!is_digit(peek())) return fail("a digit");
    while (is_digit(peek())) ++at_;
    return true;
  }

  bool walk_number() {
    const std::size_t start = at_;
    bool whole = true;
    take('-');
    if (!take('0') && !walk_digits()) return false;
    if (take('.')) {
      whole = false;
      if (!walk_digits()) return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      whole = false;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!walk_digits()) return false;
    }
    return fits(start, whole);
  }

  bool fits(std::size_t start, bool whole) {
    const char* first = text_.data() + start;
    const char* last = text_.data() + at_;
    bool fitting = false;
    if (whole && *first == '-') {
      int64_t value = 0;
      fitting = std::from_chars(first, last, value).ec == std::errc{};
    } else if (whole) {
      uint64_t value = 0;
      fitting = std::from_chars(first, last, value).ec == std::errc{};
    } else {
      fitting = std::isfinite(std::strtod(std::string(first, last).c_str(), nullptr));
    }
    if (fitting) return true;
    at_ = start;
    return fail("a number within 64 bits");
  }

  bool walk_word() {
    const std::string_view rest = text_.substr(at_);
    for (const std::string_view word : {"true", "false", "null"}) {
      if (rest.starts_with(word)) {
        at_ += word.size();
        return true;
      }
      if (word.starts_with(rest)) at_ = text_.size();
    }
    return fail("a value");
  }

  std::string_view text_;
  int max_depth_;
  std::size_t at_ = 0;
  std::vector<char> open_;
  JsonFault fault_;
};

// Steps through text that is known to be sound.
class Stepper {
 public:
  explicit Stepper(std::string_view text) : text_(text) { skip_filler(); }

  std::size_t at() const { return at_; }

  // Goes to a member's value or an element; false if there is no such one.
  bool enter(std::size_t ordinal) {
    if (at_ >= text_.size() || (text_[at_] != '{' && text_[at_] != '[')) return false;
    const bool in_object = text_[at_] == '{';
    ++at_;
    skip_filler();
    for (std::size_t index = 0;; ++index) {
      if (at_ >= text_.size() || text_[at_] == '}' || text_[at_] == ']') return false;
      if (in_object) skip_value();
      if (index == ordinal) return true;
      skip_value();
    }
  }

 private:
  void skip_filler() {
    while (at_ < text_.size() && (is_space(text_[at_]) || text_[at_] == ',' || text_[at_] == ':')) {
      ++at_;
    }
  }

  void skip_string() {
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    ++at_;
  }

  void skip_value() {
    int depth = 0;
    do {
      const char letter = at_ < text_.size() ? text_[at_] : '\0';
      if (letter == '"') {
        skip_string();
      } else if (letter == '{' || letter == '[') {
        ++depth;
        ++at_;
      } else if (letter == '}' || letter == ']') {
        --depth;
        ++at_;
      } else {
        while (at_ < text_.size() && !is_one_of(text_[at_], ",:{}[]\" \t\n\r")) ++at_;
      }
      skip_filler();
    } while (depth > 0 && at_ < text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

JsonFault find_json_fault(std::string_view text, int max_depth) {
  return Walker(text, max_depth).find_fault();
}

std::size_t find_json_value(std::string_view text, std::span<const std::size_t> ordinals) {
  Stepper stepper(text);
  std::size_t found = stepper.at();
  for (const std::size_t ordinal : ordinals) {
    if (!stepper.enter(ordinal)) return found;
    found = stepper.at();
  }
  return found;
}

}  // namespace forkroad
