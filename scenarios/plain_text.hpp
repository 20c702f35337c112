// What ids and type names from a log must be to reach table cells and error texts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace forkroad {

// Names from a log are at most this long [bytes].
inline constexpr std::size_t kMaxNameLength = 256;

// Offset of the first byte that is not part of a UTF-8 code point; the size if all are. Control
// characters and surrogates count as broken unless `controls` allows the former.
std::size_t find_bad_utf8(std::string_view text, bool controls);

// True for one line of UTF-8 without control characters.
bool is_plain_text(std::string_view text);

// True for plain text of 1 to kMaxNameLength bytes.
bool is_name(std::string_view text);

// The text for an error message: itself if it is short printable ASCII, else its beginning with
// every other byte replaced.
std::string quote_text(std::string_view text);

// What a scene without a name of its own is called: its file without folder and from `extension`
// on, "unnamed" if that is no name.
std::string name_from_file(const std::string& file, std::string_view extension);

}  // namespace forkroad
