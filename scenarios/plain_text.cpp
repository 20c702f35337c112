#include "scenarios/plain_text.hpp"

#include <array>
#include <cstdint>
#include <filesystem>

namespace forkroad {
namespace {

// Bytes that follow the first byte of a UTF-8 sequence, -1: no sequence starts so.
int count_following(uint8_t first) {
  if (first < 0x80U) return 0;
  if (first < 0xc2U || first > 0xf4U) return -1;
  return first < 0xe0U ? 1 : first < 0xf0U ? 2 : 3;
}

// True if the code point needs that many following bytes and is no surrogate.
bool is_code_point(uint32_t code, int following, bool controls) {
  constexpr std::array<uint32_t, 4> kSmallest = {0, 0x80U, 0x800U, 0x10000U};
  if (!controls && (code < 0x20U || code == 0x7fU)) return false;
  return code >= kSmallest[static_cast<std::size_t>(following)] && code <= 0x10ffffU &&
         (code < 0xd800U || code > 0xdfffU);
}

}  // namespace

std::size_t find_bad_utf8(std::string_view text, bool controls) {
  std::size_t index = 0;
  while (index < text.size()) {
    const std::size_t start = index;
    const auto first = static_cast<uint8_t>(text[index++]);
    const int following = count_following(first);
    if (following < 0 || static_cast<std::size_t>(following) > text.size() - index) return start;
    uint32_t code = following == 0 ? first : first & (0x3fU >> following);
    for (int byte = 0; byte < following; ++byte) {
      const auto next = static_cast<uint8_t>(text[index++]);
      if ((next & 0xc0U) != 0x80U) return start;
      code = (code << 6) | (next & 0x3fU);
    }
    if (!is_code_point(code, following, controls)) return start;
  }
  return index;
}

bool is_plain_text(std::string_view text) { return find_bad_utf8(text, false) == text.size(); }

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameLength && is_plain_text(text);
}

std::string quote_text(std::string_view text) {
  constexpr std::size_t kMostShown = 40;
  std::string shown(text.substr(0, kMostShown));
  for (char& letter : shown) {
    if (letter < ' ' || letter > '~') letter = '?';
  }
  return text.size() > kMostShown ? shown + "..." : shown;
}

std::string name_from_file(const std::string& file, std::string_view extension) {
  const std::string name = std::filesystem::path(file).filename().string();
  const std::string stem = name.substr(0, name.find(extension));
  return is_name(stem) ? stem : "unnamed";
}

}  // namespace forkroad
