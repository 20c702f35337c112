#include "scenarios/crc32c.hpp"

#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "tests/catch.hpp"

using forkroad::crc32c;
using forkroad::crc32c_portable;
using forkroad::mask_crc32c;

namespace {

std::vector<uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

std::vector<uint8_t> random_bytes(std::size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random() & 0xffU);
  return bytes;
}

}  // namespace

TEST_CASE("crc32c gives the values of RFC 3720", "[cpu]") {
  std::vector<uint8_t> ascending(32);
  std::iota(ascending.begin(), ascending.end(), uint8_t{0});
  const std::vector<uint8_t> descending(ascending.rbegin(), ascending.rend());
  for (auto* checksum : {crc32c, crc32c_portable}) {
    REQUIRE(checksum({}, 0) == 0U);
    REQUIRE(checksum(bytes_of("123456789"), 0) == 0xe3069283U);
    REQUIRE(checksum(std::vector<uint8_t>(32, 0x00), 0) == 0x8a9136aaU);
    REQUIRE(checksum(std::vector<uint8_t>(32, 0xff), 0) == 0x62a8ab43U);
    REQUIRE(checksum(ascending, 0) == 0x46dd794eU);
    REQUIRE(checksum(descending, 0) == 0x113fdb5cU);
  }
}

TEST_CASE("crc32c is the same with and without the processor's instruction", "[cpu]") {
  if (!forkroad::crc32c_uses_instruction()) WARN("no crc32 instruction here: both are the tables");
  // shorter and longer than where the form with wide registers takes over
  for (std::size_t size = 0; size < 1300; ++size) {
    const std::vector<uint8_t> bytes = random_bytes(size + 8, static_cast<uint32_t>(size));
    // every alignment of the first byte
    const std::span<const uint8_t> part = std::span(bytes).subspan(size % 8, size);
    REQUIRE(crc32c(part) == crc32c_portable(part));
  }
  const std::vector<uint8_t> large = random_bytes(1'000'003, 7);
  REQUIRE(crc32c(large) == crc32c_portable(large));
}

TEST_CASE("crc32c continues from the checksum of the bytes before", "[cpu]") {
  const std::vector<uint8_t> bytes = random_bytes(3000, 3);
  const std::span<const uint8_t> all(bytes);
  for (std::size_t cut = 0; cut <= bytes.size(); cut += 37) {
    REQUIRE(crc32c(all.subspan(cut), crc32c(all.first(cut))) == crc32c(all));
    REQUIRE(crc32c_portable(all.subspan(cut), crc32c_portable(all.first(cut))) == crc32c(all));
  }
}

TEST_CASE("a masked crc32c is rotated by 15 bits and offset", "[cpu]") {
  REQUIRE(mask_crc32c(0) == 0xa282ead8U);
  REQUIRE(mask_crc32c(0x8000U) == 0xa282ead9U);
  REQUIRE(mask_crc32c(1) == 0xa284ead8U);
}
