#include "scenarios/json_text.hpp"

#include <simdjson.h>

#include "scenarios/json_node.hpp"
#include "scenarios/plain_text.hpp"
#include "tests/gpudrive_json_texts.hpp"
#include "tests/single_scene_errors.hpp"

using namespace forkroad;

namespace {

bool simdjson_takes(const std::string& text) {
  simdjson::dom::parser parser;
  if (parser.allocate(text.size() + 64, json::kMaxDepth) != simdjson::SUCCESS) return false;
  const PaddedBytes bytes(test::bytes_of(text));
  simdjson::dom::element root;
  const auto* start = reinterpret_cast<const char*>(bytes.bytes().data());
  return parser.parse(start, bytes.size(), false).get(root) == simdjson::SUCCESS;
}

void require_agreement(const std::string& text) {
  CAPTURE(text);
  const JsonFault fault = find_json_fault(text, json::kMaxDepth);
  const bool is_utf8 = find_bad_utf8(text, true) == text.size();
  REQUIRE((fault.expected.empty() && is_utf8) == simdjson_takes(text));
  REQUIRE(fault.offset <= text.size());
}

}  // namespace

TEST_CASE("find_json_fault finds a fault where simdjson does, and no other", "[cpu]") {
  const std::string whole = test::kSecondText;
  for (std::size_t size = 0; size <= whole.size(); ++size) require_agreement(whole.substr(0, size));
  // every byte replaced by those that mean most to JSON
  for (std::size_t byte = 0; byte < whole.size(); ++byte) {
    for (const char letter :
         {'"', '\\', '{', ']', ',', ':', '0', '-', 'e', '.', ' ', '\n', '\x80'}) {
      std::string changed = whole;
      changed[byte] = letter;
      require_agreement(changed);
    }
  }
}

TEST_CASE("find_json_fault agrees with simdjson on numbers, words and strings", "[cpu]") {
  for (const char* value : {"0",
                            "-0",
                            "00",
                            "1.5e3",
                            "1.5e",
                            "1e+05",
                            "+1",
                            ".5",
                            "5.",
                            "-",
                            "--1",
                            "1e308",
                            "1e309",
                            "-1e309",
                            "1e-400",
                            "18446744073709551615",
                            "18446744073709551616",
                            "-9223372036854775808",
                            "-9223372036854775809",
                            "0x10",
                            "1_000",
                            "truee",
                            "nul",
                            "null",
                            "true false",
                            "\"\"",
                            "\"\\u00e4\"",
                            "\"\\u12\"",
                            "\"\\a\"",
                            "\"\\/\\b\\f\\n\\r\\t\"",
                            "[]",
                            "[[]]",
                            "[,]",
                            "[1,]",
                            "{}",
                            "{\"a\":}",
                            "{\"a\"}",
                            "{a:1}",
                            "[}",
                            "{]",
                            "]",
                            "\"a",
                            "[\"a]",
                            "'a'"}) {
    require_agreement(std::string("[") + value + "]");
    require_agreement(std::string("{\"member\": ") + value + " }");
  }
  for (const int depth : {62, 63, 64, 65}) {
    const auto count = static_cast<std::size_t>(depth);
    require_agreement(std::string(count, '[') + std::string(count, ']'));
  }
}

TEST_CASE("find_json_value goes where the ordinals lead", "[cpu]") {
  const std::string text = R"( {"a": [1, "x]\"", {"b" :true}], "c":{"d":[ ] ,"e": -2.5e3}} )";
  const auto check = [&](std::vector<std::size_t> ordinals, const std::string& expected) {
    const std::size_t found = find_json_value(text, ordinals);
    REQUIRE(text.substr(found, expected.size()) == expected);
  };
  check({}, "{\"a\"");
  check({0}, "[1, ");
  check({0, 0}, "1, ");
  check({0, 1}, "\"x]");
  check({0, 2}, "{\"b\"");
  check({0, 2, 0}, "true");
  check({1}, "{\"d\"");
  check({1, 0}, "[ ]");
  check({1, 1}, "-2.5e3");
  // the nearest enclosing value where the way ends
  check({0, 3}, "[1, ");
  check({1, 0, 0}, "[ ]");
  check({1, 1, 5}, "-2.5e3");
  REQUIRE(find_json_value("", {}) == 0);
}
