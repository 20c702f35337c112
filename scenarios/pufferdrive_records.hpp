// Internal to the PufferDrive decoder: where the numbers of objects and roads lie.
#pragma once

#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "scenarios/decode_failure.hpp"
#include "scenarios/little_endian.hpp"

namespace forkroad::pufferdrive {

inline constexpr std::size_t kWord = 4;  // every number has 4 bytes
inline constexpr std::size_t kHeaderWords = 2;
inline constexpr std::size_t kStepWords = 8;  // of an object, per step
inline constexpr std::size_t kPointWords = 3;
inline constexpr std::size_t kTailWords = 7;  // width, length, height, goal, expert

// A number and where it lies.
struct Placed {
  const uint8_t* at = nullptr;

  uint32_t word() const { return read_little_endian<uint32_t>({at, kWord}); }
  int32_t integer() const { return static_cast<int32_t>(word()); }
  float number() const { return std::bit_cast<float>(word()); }
};

// A row of numbers of the same kind.
struct Row {
  const uint8_t* at = nullptr;

  Placed operator[](std::size_t index) const { return {at + kWord * index}; }
};

[[noreturn]] inline void refuse(ParseCode code, Placed place, std::string text) {
  throw DecodeFailure(code, reinterpret_cast<const char*>(place.at), std::move(text));
}

// One object or road, still undecoded.
struct Record {
  Placed type;
  std::size_t size = 0;  // steps or points
  Row rows;              // x, y, z, ...: one row after the other
  Row tail;

  Row row(std::size_t number) const { return {rows.at + kWord * size * number}; }
};

class Cursor {
 public:
  explicit Cursor(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  Placed take_word(const std::string& what) {
    expect(1, what);
    return {advance(1)};
  }

  Record take_record(const std::string& what, std::size_t words_each) {
    Record record;
    expect(kHeaderWords, what);
    record.type = {advance(1)};
    const Placed size{advance(1)};
    if (size.integer() < 0) {
      refuse(ParseCode::kValueOutOfRange, size,
             fmt::format("{} has {} entries, expected at least 0", what, size.integer()));
    }
    record.size = size.word();
    // at most 2^31 * 8 words, far from overflow
    expect(record.size * words_each + kTailWords, what);
    record.rows = {advance(record.size * words_each)};
    record.tail = {advance(kTailWords)};
    return record;
  }

  std::size_t left() const { return bytes_.size() - at_; }
  Placed here() const { return {bytes_.data() + at_}; }

 private:
  void expect(std::size_t words, const std::string& what) const {
    if (left() / kWord >= words) return;
    refuse(ParseCode::kTruncated, here(),
           fmt::format("{} bytes are left, expected {} of {} bytes", left(), what, kWord * words));
  }
  const uint8_t* advance(std::size_t words) {
    const uint8_t* start = bytes_.data() + at_;
    at_ += kWord * words;
    return start;
  }

  std::span<const uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace forkroad::pufferdrive
