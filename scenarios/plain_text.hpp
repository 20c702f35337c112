// What may stand as a scene's id: ids become file names, table cells and error texts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace forkroad {

// Longest id [bytes].
inline constexpr std::size_t kMaxIdLength = 256;

// True for one line of UTF-8 text without control characters.
bool is_plain_text(std::string_view text);

// True for plain text of 1 to kMaxIdLength bytes.
bool is_scene_id(std::string_view text);

// The text for an error message: itself if it is plain and short, else its beginning with every
// byte that is not printable ASCII replaced.
std::string quote_text(std::string_view text);

}  // namespace forkroad
