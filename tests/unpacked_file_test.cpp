#include "scenarios/unpacked_file.hpp"

#include "tests/catch.hpp"
#include "tests/damaged_bytes.hpp"
#include "tests/gzip_writer.hpp"
#include "tests/temporary_file.hpp"

using namespace forkroad;
using namespace forkroad::test;

TEST_CASE("a file is read the same packed with gzip or not", "[cpu]") {
  std::string text;
  for (int line = 0; line < 50'000; ++line) text += std::to_string(line * line) + "\n";
  for (const bool packed : {false, true}) {
    const TemporaryFile file(packed ? pack_gzip(text) : text);
    const auto read = read_unpacked(file.path(), 1 << 24);
    REQUIRE(read.ok());
    REQUIRE(read.value().bytes == text);
    REQUIRE(read.value().was_packed == packed);
    const auto head = read_unpacked_head(file.path(), 100);
    REQUIRE(head.ok());
    REQUIRE(head.value() == text.substr(0, 100));
  }
}

TEST_CASE("several gzip members are one file", "[cpu]") {
  const TemporaryFile file(pack_gzip("first ") + pack_gzip("second"));
  REQUIRE(read_unpacked(file.path(), 100).value().bytes == "first second");
}

TEST_CASE("a file that unpacks beyond the limit is refused", "[cpu]") {
  const std::string zeros(1 << 22, '\0');
  const TemporaryFile bomb(pack_gzip(zeros));
  const auto read = read_unpacked(bomb.path(), 1 << 20);
  REQUIRE_FALSE(read.ok());
  REQUIRE(read.error().code == ParseCode::kTooLarge);
  REQUIRE(read_unpacked(bomb.path(), 1 << 22).ok());
}

TEST_CASE("gzip data cut anywhere or with a wrong checksum are one error", "[cpu]") {
  const std::string packed = pack_gzip("some text that is packed, some text that is packed");
  // two bytes are no gzip file yet and pass as they are
  for (std::size_t size = 3; size < packed.size(); ++size) {
    const TemporaryFile file(packed.substr(0, size));
    CAPTURE(size);
    const auto read = read_unpacked(file.path(), 1000);
    REQUIRE_FALSE(read.ok());
    require_located(read.error(), packed.size());
  }
  // the checksum is in the last 8 bytes
  for (std::size_t bit = 8 * (packed.size() - 8); bit < 8 * packed.size(); ++bit) {
    const TemporaryFile file(flip_bit(packed, bit));
    REQUIRE_FALSE(read_unpacked(file.path(), 1000).ok());
  }
}

TEST_CASE("a file that is not there cannot be unpacked", "[cpu]") {
  REQUIRE(read_unpacked("no/such/file", 10).error().code == ParseCode::kCannotOpen);
  REQUIRE(read_unpacked_head("no/such/file", 10).error().code == ParseCode::kCannotOpen);
}
