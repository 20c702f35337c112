#include "scenarios/source_ids.hpp"

#include <algorithm>
#include <charconv>

namespace forkroad {

SourceId read_source_id(std::string_view text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const std::from_chars_result read = std::from_chars(text.data(), end, number);
  const bool whole = read.ec == std::errc{} && read.ptr == end;
  if (whole && std::to_string(number) == text) return {number, {}};
  return {0, text};
}

bool SourceIds::add(const SourceId& id) {
  if (id.word.empty()) {
    next_ = std::max(next_, id.number + 1);
    return numbers_.insert(id.number).second;
  }
  const auto [place, added] = words_.emplace(id.word, 0);
  if (added) in_order_.push_back(place);
  return added;
}

void SourceIds::number_words() {
  for (const auto& place : in_order_) place->second = take_fresh();
}

int64_t SourceIds::number(const SourceId& id) {
  if (const std::optional<int64_t> found = find(id)) return *found;
  return words_.emplace(id.word, take_fresh()).first->second;
}

std::optional<int64_t> SourceIds::find(const SourceId& id) const {
  if (id.word.empty()) return id.number;
  const auto found = words_.find(id.word);
  return found == words_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace forkroad
