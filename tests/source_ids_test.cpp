#include "scenarios/source_ids.hpp"

#include "tests/catch.hpp"

using namespace forkroad;

TEST_CASE("text that is a plainly written number is that number", "[cpu]") {
  for (const int64_t number : {int64_t{0}, int64_t{17}, int64_t{-1}, INT64_MAX, INT64_MIN}) {
    const std::string text = std::to_string(number);
    REQUIRE(read_source_id(text).number == number);
    REQUIRE(read_source_id(text).word.empty());
  }
  for (const char* word :
       {"017", "+1", "-0", "1.0", " 1", "1 ", "0x1", "AV", "358024344L", "9223372036854775808"}) {
    REQUIRE(read_source_id(word).word == word);
  }
}

TEST_CASE("words get numbers above the largest one, in their order", "[cpu]") {
  SourceIds ids;
  REQUIRE(ids.add({7, {}}));
  REQUIRE(ids.add({0, "second"}));
  REQUIRE(ids.add({41, {}}));
  REQUIRE(ids.add({0, "first"}));
  REQUIRE(ids.add({-5, {}}));
  REQUIRE_FALSE(ids.add({41, {}}));
  REQUIRE_FALSE(ids.add({0, "first"}));
  ids.number_words();
  REQUIRE(ids.num_words() == 2);
  REQUIRE(ids.find({7, {}}) == 7);
  REQUIRE(ids.find({0, "second"}) == 42);
  REQUIRE(ids.find({0, "first"}) == 43);
  REQUIRE_FALSE(ids.find({0, "third"}));
  REQUIRE(ids.take_fresh() == 44);
  // a word that is only referred to keeps the number that it gets
  REQUIRE(ids.number({0, "third"}) == 45);
  REQUIRE(ids.number({0, "third"}) == 45);
  REQUIRE(ids.number({99, {}}) == 99);
  REQUIRE(ids.num_words() == 2);
}

TEST_CASE("without numbers fresh ids begin at 0", "[cpu]") {
  SourceIds ids;
  REQUIRE(ids.take_fresh() == 0);
  SourceIds negative;
  REQUIRE(negative.add({-3, {}}));
  REQUIRE(negative.take_fresh() == 0);
  SourceIds largest;
  REQUIRE(largest.add({kMaxSourceId, {}}));
  REQUIRE(largest.take_fresh() == kMaxSourceId + 1);
}
