#include "scenarios/plain_text.hpp"

#include <array>
#include <cstdint>

namespace forkroad {
namespace {

// Bytes that follow the first byte of a UTF-8 sequence, -1: no sequence starts so.
int count_following(uint8_t first) {
  if (first < 0x80U) return 0;
  if (first < 0xc2U || first > 0xf4U) return -1;
  return first < 0xe0U ? 1 : first < 0xf0U ? 2 : 3;
}

// True if the code point needs that many following bytes and is no surrogate.
bool is_code_point(uint32_t code, int following) {
  constexpr std::array<uint32_t, 4> kSmallest = {0x20U, 0x80U, 0x800U, 0x10000U};
  return code >= kSmallest[static_cast<std::size_t>(following)] && code <= 0x10ffffU &&
         code != 0x7fU && (code < 0xd800U || code > 0xdfffU);
}

}  // namespace

bool is_plain_text(std::string_view text) {
  std::size_t index = 0;
  while (index < text.size()) {
    const auto first = static_cast<uint8_t>(text[index++]);
    const int following = count_following(first);
    if (following < 0 || static_cast<std::size_t>(following) > text.size() - index) return false;
    uint32_t code = following == 0 ? first : first & (0x3fU >> following);
    for (int byte = 0; byte < following; ++byte) {
      const auto next = static_cast<uint8_t>(text[index++]);
      if ((next & 0xc0U) != 0x80U) return false;
      code = (code << 6) | (next & 0x3fU);
    }
    if (!is_code_point(code, following)) return false;
  }
  return true;
}

bool is_scene_id(std::string_view text) {
  return !text.empty() && text.size() <= kMaxIdLength && is_plain_text(text);
}

std::string quote_text(std::string_view text) {
  constexpr std::size_t kMostShown = 40;
  std::string shown(text.substr(0, kMostShown));
  for (char& letter : shown) {
    if (letter < ' ' || letter > '~') letter = '?';
  }
  return text.size() > kMostShown ? shown + "..." : shown;
}

}  // namespace forkroad
