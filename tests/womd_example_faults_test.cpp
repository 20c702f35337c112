#include <cmath>
#include <limits>

#include "scenarios/load_scenes.hpp"
#include "scenarios/womd_example.hpp"
#include "tests/catch.hpp"
#include "tests/shared_logs.hpp"
#include "tests/single_scene_errors.hpp"
#include "tests/womd_example_writer.hpp"
#include "tests/womd_writer.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

namespace {

Parsed<Scene> decode(const std::string& payload) {
  return decode_womd_example(as_bytes(payload), {"", "made-up", 0, 0});
}

// The one error of an example that an edit has broken.
template <class Edit>
ParseError error_after(Edit edit) {
  ExampleSpec example = small_example();
  edit(example);
  const std::string payload = write_example(example);
  return require_error(decode(payload), payload.size());
}

}  // namespace

TEST_CASE("a tf.Example that lacks a feature names it", "[cpu]") {
  for (const char* name :
       {"scenario/id", "state/id", "state/type", "state/current/valid", "state/past/x",
        "state/future/bbox_yaw", "state/current/timestamp_micros", "roadgraph_samples/xyz",
        "roadgraph_samples/valid", "traffic_light_state/past/state"}) {
    const ParseError error = error_after([&](ExampleSpec& example) { example.erase(name); });
    CAPTURE(error.text());
    const bool is_current = std::string(name) == "state/current/valid";
    REQUIRE(error.code == (is_current ? ParseCode::kInconsistent : ParseCode::kMissingField));
    REQUIRE_THAT(error.message, Contains(name));
  }
}

TEST_CASE("a tf.Example feature of another kind or size is refused by name", "[cpu]") {
  ParseError error = error_after([](ExampleSpec& example) {
    example["state/past/x"] = std::vector<int64_t>{1, 2, 3, 4, 5, 6};
  });
  REQUIRE(error.code == ParseCode::kWrongContent);
  REQUIRE_THAT(error.message, Contains("state/past/x holds int64_list, expected a float_list"));
  error = error_after([](ExampleSpec& example) { example["scenario/id"] = std::vector<float>{1}; });
  REQUIRE(error.code == ParseCode::kWrongContent);
  for (const char* name : {"state/type", "state/past/y", "state/future/z", "roadgraph_samples/xyz",
                           "traffic_light_state/current/x"}) {
    error = error_after([&](ExampleSpec& example) { floats_of(example, name).pop_back(); });
    CAPTURE(error.text());
    REQUIRE(error.code == ParseCode::kInconsistent);
    REQUIRE_THAT(error.message, Contains(name) && Contains("expected"));
  }
  error = error_after(
      [](ExampleSpec& example) { integers_of(example, "state/future/valid").pop_back(); });
  REQUIRE_THAT(error.message, Contains("multiple of the 3 agents"));
  error = error_after([](ExampleSpec& example) { floats_of(example, "state/id").clear(); });
  REQUIRE_THAT(error.message, Contains("state/id holds nothing"));
}

TEST_CASE("numbers that a scene cannot hold are refused where they count", "[cpu]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<std::pair<const char*, float>> bad = {{"x", nan},
                                                          {"y", 1e30f},
                                                          {"z", 2e8f},
                                                          {"bbox_yaw", 2000.0f},
                                                          {"length", -1},
                                                          {"width", 1000.0f},
                                                          {"height", nan},
                                                          {"velocity_x", 10'000.0f},
                                                          {"velocity_y", -INFINITY}};
  for (const auto& [field, value] : bad) {
    const ParseError error = error_after([field = field, value = value](ExampleSpec& example) {
      floats_of(example, std::string("state/current/") + field)[0] = value;
    });
    CAPTURE(field, error.text());
    REQUIRE(error.code == ParseCode::kValueOutOfRange);
    REQUIRE_THAT(error.message, Contains("agent 0, step 2"));
  }
  ParseError error = error_after(
      [](ExampleSpec& example) { floats_of(example, "roadgraph_samples/xyz")[4] = 1e6f; });
  REQUIRE(error.code == ParseCode::kValueOutOfRange);
  REQUIRE_THAT(error.message, Contains("sample 1"));
  error = error_after([](ExampleSpec& example) { floats_of(example, "state/id")[0] = 0.5f; });
  REQUIRE(error.code == ParseCode::kValueOutOfRange);
}

TEST_CASE("tf.Example parts that contradict each other are refused", "[cpu]") {
  ParseError error =
      error_after([](ExampleSpec& example) { floats_of(example, "state/id")[1] = 11; });
  REQUIRE(error.code == ParseCode::kDuplicateId);
  error = error_after([](ExampleSpec& example) { integers_of(example, "state/is_sdc")[0] = 1; });
  REQUIRE(error.code == ParseCode::kInconsistent);
  error = error_after(
      [](ExampleSpec& example) { integers_of(example, "roadgraph_samples/type")[1] = 1; });
  REQUIRE(error.code == ParseCode::kInconsistent);
  REQUIRE_THAT(error.message, Contains("feature 100"));
  error = error_after(
      [](ExampleSpec& example) { integers_of(example, "state/current/timestamp_micros")[1] = 0; });
  REQUIRE(error.code == ParseCode::kValueOutOfRange);
  error = error_after([](ExampleSpec& example) { example["scenario/id"] = std::string("a\nb"); });
  REQUIRE(error.code == ParseCode::kWrongContent);
}

TEST_CASE("a tf.Example cut at any byte or with any flipped bit is one error or a sound scene",
          "[cpu]") {
  const std::string whole = write_example(small_example());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    const std::string cut = whole.substr(0, size);
    require_sound(decode(cut), size);
  }
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    CAPTURE(bit);
    require_sound(decode(flip_bit(whole, bit)), whole.size());
  }
}

TEST_CASE("declared lengths beyond the bytes of a tf.Example are one error", "[cpu]") {
  const std::string whole = write_example(small_example());
  for (std::size_t at = 0; at < 40; ++at) {
    std::string damaged = whole;
    damaged.replace(at, 5, "\xff\xff\xff\xff\x7f");
    CAPTURE(at);
    require_sound(decode(damaged), damaged.size());
  }
}

TEST_CASE("a real tf.Example cut at every 1,000th byte is one error", "[cpu]") {
  const std::string bytes = read_content("womd_tfrecord/motion_data_one_example.tfrecord");
  if (bytes.empty()) {
    WARN("real logs absent: motion_data_one_example.tfrecord");
    return;
  }
  const std::string payload = bytes.substr(12, bytes.size() - 16);
  for (std::size_t size = 0; size < payload.size(); size += 1000) {
    CAPTURE(size);
    require_error(decode(payload.substr(0, size)), size);
  }
}
