// Ids as sources write them, as numbers of a scene: a scene's ids are 64-bit numbers, sources also
// have words, or nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace forkroad {

// An id in a source: a number, or a word that is not the plain decimal form of one.
struct SourceId {
  int64_t number = 0;
  std::string_view word;  // empty: it is the number
};

// Numbers of a larger size than this leave no room for fresh ones.
inline constexpr int64_t kMaxSourceId = int64_t{1} << 62;

// Text that is a number written the plain way ("17", "-1", not "017") is that number.
SourceId read_source_id(std::string_view text);

// Gives every id of a source a number: numbers keep theirs, words and things without an id get
// fresh ones above the largest number, in the order in which they were added.
class SourceIds {
 public:
  // False if this id was added before. A number must lie within +-kMaxSourceId.
  bool add(const SourceId& id);

  // Numbers the words. Call it once, after the last add().
  void number_words();

  // The number of an id; nothing: a word that was not added. Numbers need not have been added.
  std::optional<int64_t> find(const SourceId& id) const;

  // The number of an id; a word that was not added is numbered now: what the file refers to but
  // does not hold.
  int64_t number(const SourceId& id);

  // An id that nothing has yet.
  int64_t take_fresh() { return next_++; }

  // How many words were added.
  int64_t num_words() const { return static_cast<int64_t>(in_order_.size()); }

 private:
  std::set<int64_t> numbers_;
  std::map<std::string, int64_t, std::less<>> words_;
  std::vector<std::map<std::string, int64_t, std::less<>>::iterator> in_order_;
  int64_t next_ = 0;
};

}  // namespace forkroad
