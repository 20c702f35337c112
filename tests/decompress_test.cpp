#include "scenarios/decompress.hpp"

#include "tests/compress.hpp"
#include "tests/single_scene_errors.hpp"
#include "tests/temporary_file.hpp"

using namespace forkroad;
using Catch::Matchers::Contains;
using test::bytes_of;
using test::gzip;
using test::xz;

namespace {

// Bytes that do not compress to nothing.
std::string make_content(std::size_t size) {
  std::string bytes;
  uint32_t state = 12345;
  for (std::size_t byte = 0; byte < size; ++byte) {
    state = state * 1664525U + 1013904223U;
    bytes.push_back(static_cast<char>('a' + (state >> 28)));
  }
  return bytes;
}

std::string text_of(const PaddedBytes& content) {
  return std::string(content.bytes().begin(), content.bytes().end());
}

bool is_padded(const PaddedBytes& content) {
  const uint8_t* end = content.bytes().data() + content.size();
  for (std::size_t byte = 0; byte < PaddedBytes::kPadding; ++byte) {
    if (end[byte] != 0) return false;
  }
  return true;
}

std::string decompressed(const std::string& bytes, uint64_t max_size = kMaxLogSize) {
  const Parsed<WholeFile> file = decompress_bytes(bytes_of(bytes), "name", max_size);
  if (!file.ok()) FAIL(file.error().text());
  REQUIRE(is_padded(file.value().content));
  return text_of(file.value().content);
}

ParseError error_of(const std::string& bytes, uint64_t max_size = kMaxLogSize) {
  const Parsed<WholeFile> file = decompress_bytes(bytes_of(bytes), "name", max_size);
  REQUIRE_FALSE(file.ok());
  REQUIRE(file.error().file == "name");
  test::require_located(file.error(), bytes.size());
  return file.error();
}

}  // namespace

TEST_CASE("read_whole_file gives the content of plain, gzip and xz files of any size", "[cpu]") {
  for (const std::size_t size : {0UL, 1UL, 63UL, 65535UL, 65536UL, 65537UL, 300'000UL}) {
    const std::string content = make_content(size);
    const std::pair<std::string, Compression> files[] = {{content, Compression::kNone},
                                                         {gzip(content), Compression::kGzip},
                                                         {xz(content), Compression::kXz}};
    for (const auto& [bytes, compression] : files) {
      const test::TemporaryFile on_disk(bytes);
      const Parsed<WholeFile> file = read_whole_file(on_disk.path());
      REQUIRE(file.ok());
      REQUIRE(file.value().compression == compression);
      REQUIRE(is_padded(file.value().content));
      REQUIRE(text_of(file.value().content) == content);
    }
  }
}

TEST_CASE("members and streams one after the other are one content", "[cpu]") {
  REQUIRE(decompressed(gzip("one ") + gzip("") + gzip("two")) == "one two");
  REQUIRE(decompressed(xz("one ") + xz("two", LZMA_CHECK_CRC32)) == "one two");
}

TEST_CASE("content of just the limit passes, one byte more is too large", "[cpu]") {
  for (const std::size_t limit : {0UL, 1UL, 100UL, 65536UL, 100'000UL}) {
    for (auto* compress : {+[](const std::string& bytes) { return bytes; }, &gzip,
                           +[](const std::string& bytes) { return xz(bytes); }}) {
      const std::string content = make_content(limit);
      REQUIRE(decompressed(compress(content), limit) == content);
      const ParseError error = error_of(compress(content + "x"), limit);
      REQUIRE(error.code == ParseCode::kTooLarge);
      REQUIRE_THAT(error.message, Contains("more than " + std::to_string(limit) + " bytes"));
    }
  }
}

TEST_CASE("a bomb is refused before it is stored", "[cpu]") {
  const std::string content(std::size_t{1} << 28, '\0');
  for (const std::string& bomb : {gzip(content), xz(content)}) {
    REQUIRE(bomb.size() < 300'000);
    const ParseError error = error_of(bomb);
    REQUIRE(error.code == ParseCode::kTooLarge);
    REQUIRE(error.byte_offset < static_cast<int64_t>(bomb.size()));
    const test::TemporaryFile file(bomb);
    REQUIRE(read_whole_file(file.path()).error().code == ParseCode::kTooLarge);
  }
  // a bomb in a bomb is opened once
  REQUIRE(decompressed(gzip(gzip(content))) == gzip(content));
}

TEST_CASE("a plain file beyond the limit is refused unread", "[cpu]") {
  const test::TemporaryFile file(make_content(1000));
  const Parsed<WholeFile> read = read_whole_file(file.path(), 999);
  REQUIRE(read.error().code == ParseCode::kTooLarge);
  REQUIRE_THAT(read.error().message, Contains("holds 1000 bytes, expected at most 999"));
}

TEST_CASE("compressed files cut at any byte are told as truncated", "[cpu]") {
  const std::string content = make_content(2000);
  for (const std::string& bytes : {gzip(content), xz(content)}) {
    // the magic bytes must be there
    for (std::size_t size = 6; size < bytes.size(); ++size) {
      const ParseError error = error_of(bytes.substr(0, size));
      REQUIRE(error.code == ParseCode::kTruncated);
      REQUIRE(error.byte_offset == static_cast<int64_t>(size));
    }
  }
}

TEST_CASE("flipped bits never give other content", "[cpu]") {
  const std::string content = make_content(500);
  for (const std::string& bytes : {gzip(content), xz(content)}) {
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      const std::string flipped = test::flip_bit(bytes, bit);
      const Parsed<WholeFile> file = decompress_bytes(bytes_of(flipped), "name");
      if (!file.ok()) {
        test::require_located(file.error(), flipped.size());
      } else if (file.value().compression != Compression::kNone) {
        // bits of the header that mean nothing here
        REQUIRE(text_of(file.value().content) == content);
      }
    }
  }
}

TEST_CASE("a wrong checksum of gzip is named", "[cpu]") {
  std::string bytes = gzip("some content");
  bytes[bytes.size() - 5] = static_cast<char>(bytes[bytes.size() - 5] + 1);
  const ParseError error = error_of(bytes);
  REQUIRE(error.code == ParseCode::kBadChecksum);
  REQUIRE_THAT(error.message, Contains("incorrect data check"));
}

TEST_CASE("bytes after compressed data are refused", "[cpu]") {
  ParseError error = error_of(gzip("some content") + "and more");
  REQUIRE(error.code == ParseCode::kBadEncoding);
  error = error_of(xz("some content") + "and more than a header");
  REQUIRE(error.code == ParseCode::kBadEncoding);
}

TEST_CASE("read_whole_file names what it cannot open", "[cpu]") {
  for (const char* file : {"no/such/file", "/", "/dev/null"}) {
    REQUIRE(read_whole_file(file).error().code == ParseCode::kCannotOpen);
  }
}

TEST_CASE("bytes that are resized keep their start and are padded with zeros", "[cpu]") {
  PaddedBytes bytes(bytes_of("abcdef"));
  bytes.resize(3);
  REQUIRE(text_of(bytes) == "abc");
  REQUIRE(is_padded(bytes));
  bytes.resize(100);
  REQUIRE(text_of(bytes) == "abc" + std::string(97, '\0'));
  REQUIRE(is_padded(bytes));
}
