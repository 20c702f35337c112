#include "scenarios/tfrecord.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <new>

#include "scenarios/crc32c.hpp"
#include "scenarios/little_endian.hpp"

namespace forkroad {
namespace {

constexpr std::size_t kLengthSize = 8;

ParseError empty_error(const std::string& file) {
  return ParseError{ParseCode::kEmpty, file, -1, 0, "holds 0 bytes, expected at least one record"};
}

}  // namespace

bool is_tfrecord_header(std::span<const uint8_t> bytes) {
  if (bytes.size() < kTfRecordHeaderSize) return false;
  const auto stored = read_little_endian<uint32_t>(bytes.subspan(kLengthSize, 4));
  return stored == mask_crc32c(crc32c(bytes.first(kLengthSize)));
}

Parsed<TfRecordReader> TfRecordReader::open(const std::string& file, uint64_t max_record) {
  Parsed<RegularFile> opened = open_regular_file(file);
  if (!opened) return opened.error();
  if (opened.value().size == 0) return empty_error(file);
  return TfRecordReader(std::move(opened.value().stream), file, opened.value().size, max_record);
}

Parsed<TfRecordReader> TfRecordReader::open_bytes(std::span<const uint8_t> bytes,
                                                  const std::string& name, uint64_t max_record) {
  if (bytes.empty()) return empty_error(name);
  // a stream opened for reading never writes through the pointer
  FileHandle stream(fmemopen(const_cast<uint8_t*>(bytes.data()), bytes.size(), "rb"));
  if (stream == nullptr) {
    return ParseError{ParseCode::kCannotOpen, name, -1, -1, describe_open_failure()};
  }
  return TfRecordReader(std::move(stream), name, bytes.size(), max_record);
}

ParseError TfRecordReader::error_at(ParseCode code, int64_t offset, std::string message) const {
  return ParseError{code, file_, record_, offset, std::move(message)};
}

ParseError TfRecordReader::last_error(ParseCode code, int64_t offset, std::string message) {
  ended_ = true;
  return error_at(code, offset, std::move(message));
}

bool TfRecordReader::read(std::span<uint8_t> bytes) {
  return std::fread(bytes.data(), 1, bytes.size(), stream_.get()) == bytes.size();
}

std::optional<ParseError> TfRecordReader::read_length(uint64_t& length) {
  std::array<uint8_t, kTfRecordHeaderSize> header{};
  const uint64_t left = file_size_ - static_cast<uint64_t>(position_);
  if (left < header.size() || !read(header)) {
    return last_error(ParseCode::kTruncated, position_,
                      fmt::format("{} bytes are left, expected a record header of {} bytes",
                                  std::min<uint64_t>(left, header.size()), header.size()));
  }
  length = read_little_endian<uint64_t>(header);
  if (!is_tfrecord_header(header)) {
    const auto at_checksum = std::span(header).subspan(kLengthSize);
    return last_error(
        ParseCode::kBadChecksum, position_,
        fmt::format("the checksum of the record length {} is {:08x} at byte {}, expected {:08x}",
                    length, read_little_endian<uint32_t>(at_checksum), position_ + 8,
                    mask_crc32c(crc32c(std::span(header).first(kLengthSize)))));
  }
  if (length > max_record_) {
    return last_error(
        ParseCode::kTooLarge, position_,
        fmt::format("the record length is {} bytes, expected at most {}", length, max_record_));
  }
  const uint64_t room = left - header.size();
  position_ += static_cast<int64_t>(header.size());
  if (length > room) {
    return last_error(ParseCode::kTruncated, position_,
                      fmt::format("{} bytes are left, expected a record of {} bytes and its "
                                  "checksum",
                                  room, length));
  }
  return std::nullopt;
}

std::optional<ParseError> TfRecordReader::make_room(uint64_t length) {
  try {
    // never shrunk: growing again would clear bytes that are about to be overwritten
    if (buffer_.size() < length) buffer_.resize(length);
  } catch (const std::bad_alloc&) {
    return last_error(ParseCode::kTooLarge, position_,
                      fmt::format("no memory for a record of {} bytes", length));
  }
  return std::nullopt;
}

std::optional<Parsed<TfRecord>> TfRecordReader::next() {
  if (ended_ || static_cast<uint64_t>(position_) >= file_size_) return std::nullopt;
  uint64_t length = 0;
  if (auto error = read_length(length)) return *error;
  if (auto error = make_room(length)) return *error;
  const std::span<uint8_t> payload(buffer_.data(), length);
  const int64_t payload_offset = position_;
  if (!read(payload)) {
    return last_error(ParseCode::kTruncated, payload_offset,
                      fmt::format("the file ends inside a record of {} bytes", length));
  }
  position_ += static_cast<int64_t>(length);
  std::array<uint8_t, kTfRecordFooterSize> footer{};
  const uint64_t left = file_size_ - static_cast<uint64_t>(position_);
  if (left < footer.size() || !read(footer)) {
    return last_error(ParseCode::kTruncated, position_,
                      fmt::format("{} bytes are left, expected the {} bytes of the record's "
                                  "checksum",
                                  std::min<uint64_t>(left, footer.size()), footer.size()));
  }
  position_ += static_cast<int64_t>(footer.size());
  const auto stored = read_little_endian<uint32_t>(footer);
  const uint32_t computed = mask_crc32c(crc32c(payload));
  if (stored != computed) {
    ParseError error = error_at(
        ParseCode::kBadChecksum, payload_offset,
        fmt::format("the checksum of the record's {} bytes is {:08x} at byte {}, expected {:08x}",
                    length, stored, payload_offset + static_cast<int64_t>(length), computed));
    ++record_;
    return error;
  }
  return TfRecord{payload, record_++, payload_offset};
}

}  // namespace forkroad
