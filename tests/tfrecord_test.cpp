#include "scenarios/tfrecord.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/temporary_file.hpp"
#include "tests/womd_writer.hpp"

using namespace forkroad;
using Catch::Matchers::Contains;
using test::as_bytes;
using test::frame_record;
using test::TemporaryFile;

namespace {

// The error of the first record that has one.
std::optional<ParseError> first_error(TfRecordReader reader) {
  while (auto record = reader.next()) {
    if (!record->ok()) return record->error();
  }
  return std::nullopt;
}

std::string header_with_length(uint64_t length) {
  std::string bytes;
  test::append_little_endian(bytes, length);
  test::append_little_endian(bytes, mask_crc32c(crc32c(as_bytes(bytes))));
  return bytes;
}

}  // namespace

TEST_CASE("TfRecordReader gives every record with its index and offset", "[cpu]") {
  const TemporaryFile file(frame_record("first") + frame_record("") + frame_record("third"));
  Parsed<TfRecordReader> reader = TfRecordReader::open(file.path());
  REQUIRE(reader.ok());
  const std::vector<std::string> payloads = {"first", "", "third"};
  const std::vector<int64_t> offsets = {12, 33, 49};
  for (std::size_t index = 0; index < payloads.size(); ++index) {
    auto record = reader.value().next();
    REQUIRE((record && record->ok()));
    const auto payload = record->value().payload;
    REQUIRE(std::string(payload.begin(), payload.end()) == payloads[index]);
    REQUIRE(record->value().index == static_cast<int64_t>(index));
    REQUIRE(record->value().byte_offset == offsets[index]);
  }
  REQUIRE_FALSE(reader.value().next());
  REQUIRE_FALSE(reader.value().next());
}

TEST_CASE("TfRecordReader names what it cannot open", "[cpu]") {
  const Parsed<TfRecordReader> missing = TfRecordReader::open("no/such/file.tfrecord");
  REQUIRE_FALSE(missing.ok());
  REQUIRE(missing.error().code == ParseCode::kCannotOpen);
  REQUIRE_THAT(missing.error().text(), Contains("no/such/file.tfrecord: cannot_open"));

  const Parsed<TfRecordReader> folder =
      TfRecordReader::open(std::filesystem::temp_directory_path().string());
  REQUIRE(folder.error().code == ParseCode::kCannotOpen);
  REQUIRE_THAT(folder.error().message, Contains("directory"));

  const Parsed<TfRecordReader> device = TfRecordReader::open("/dev/null");
  REQUIRE(device.error().code == ParseCode::kCannotOpen);

  // opening a pipe would wait for a writer
  const std::string pipe = TemporaryFile("").path() + "_pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const Parsed<TfRecordReader> from_pipe = TfRecordReader::open(pipe);
  std::filesystem::remove(pipe);
  REQUIRE(from_pipe.error().code == ParseCode::kCannotOpen);
  REQUIRE_THAT(from_pipe.error().message, Contains("pipe"));

  const TemporaryFile empty("");
  for (const auto& reader :
       {TfRecordReader::open(empty.path()), TfRecordReader::open_bytes({}, "nothing")}) {
    REQUIRE(reader.error().code == ParseCode::kEmpty);
    REQUIRE(reader.error().byte_offset == 0);
  }
}

TEST_CASE("a TFRecord file cut at any byte is truncated at the part that is cut", "[cpu]") {
  const std::string first = frame_record("a whole record");
  const std::string whole = first + frame_record("cut");
  const auto start = static_cast<int64_t>(first.size());
  for (std::size_t size = first.size() + 1; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    const TemporaryFile file(cut);
    const auto error = first_error(std::move(TfRecordReader::open(file.path()).value()));
    REQUIRE(error);
    CAPTURE(size, error->text());
    REQUIRE(error->code == ParseCode::kTruncated);
    REQUIRE(error->record == 1);
    REQUIRE(error->file == file.path());
    const int64_t left = static_cast<int64_t>(size) - start;
    REQUIRE(error->byte_offset == (left < 12 ? start : left < 15 ? start + 12 : start + 15));
    REQUIRE_THAT(error->message, Contains("bytes are left"));
  }
}

TEST_CASE("every flipped bit of a TFRecord file is found", "[cpu]") {
  const std::string whole = frame_record("a record") + frame_record("another");
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const auto error =
        first_error(std::move(TfRecordReader::open_bytes(as_bytes(flipped), "flipped").value()));
    CAPTURE(bit);
    REQUIRE(error);
    REQUIRE(error->code == ParseCode::kBadChecksum);
    REQUIRE_THAT(error->message, Contains("checksum"));
  }
}

TEST_CASE("TfRecordReader goes on after a bad payload but not after a bad length", "[cpu]") {
  const std::string first = frame_record("first");
  std::string bytes = first + frame_record("second");
  SECTION("payload") {
    bytes[12] = 'F';
    auto reader = std::move(TfRecordReader::open_bytes(as_bytes(bytes), "x").value());
    auto record = reader.next();
    REQUIRE((record && !record->ok()));
    REQUIRE(record->error().record == 0);
    REQUIRE(record->error().byte_offset == 12);
    REQUIRE_THAT(record->error().message, Contains("at byte 17"));
    record = reader.next();
    REQUIRE((record && record->ok()));
    REQUIRE(record->value().index == 1);
    REQUIRE(record->value().byte_offset == static_cast<int64_t>(first.size()) + 12);
    REQUIRE_FALSE(reader.next());
  }
  SECTION("length") {
    bytes[8] = static_cast<char>(bytes[8] ^ 1);
    auto reader = std::move(TfRecordReader::open_bytes(as_bytes(bytes), "x").value());
    auto record = reader.next();
    REQUIRE((record && !record->ok()));
    REQUIRE(record->error().byte_offset == 0);
    REQUIRE_THAT(record->error().message, Contains("record length 5") && Contains("at byte 8"));
    REQUIRE_FALSE(reader.next());
  }
}

TEST_CASE("a huge record length is refused before anything is allocated", "[cpu]") {
  for (const uint64_t length : {UINT64_MAX, UINT64_MAX - 15, uint64_t{1} << 63, uint64_t{1} << 40,
                                TfRecordReader::kDefaultMaxRecord + 1}) {
    const std::string bytes = header_with_length(length) + "some bytes";
    const auto error =
        first_error(std::move(TfRecordReader::open_bytes(as_bytes(bytes), "huge").value()));
    REQUIRE(error);
    REQUIRE(error->code == ParseCode::kTooLarge);
    REQUIRE(error->byte_offset == 0);
    REQUIRE_THAT(error->message, Contains(std::to_string(length)));
  }
  // within the limit, but more than the file holds
  const std::string bytes = header_with_length(TfRecordReader::kDefaultMaxRecord) + "some bytes";
  const auto error =
      first_error(std::move(TfRecordReader::open_bytes(as_bytes(bytes), "huge").value()));
  REQUIRE(error);
  REQUIRE(error->code == ParseCode::kTruncated);
  REQUIRE(error->byte_offset == 12);
}

TEST_CASE("the largest record can be chosen", "[cpu]") {
  const std::string bytes = frame_record("12345");
  REQUIRE_FALSE(
      first_error(std::move(TfRecordReader::open_bytes(as_bytes(bytes), "x", 5).value())));
  const auto error =
      first_error(std::move(TfRecordReader::open_bytes(as_bytes(bytes), "x", 4).value()));
  REQUIRE(error);
  REQUIRE(error->code == ParseCode::kTooLarge);
  REQUIRE_THAT(error->message, Contains("5 bytes") && Contains("at most 4"));
}
