#include "scenarios/safetensors.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <set>

#include "scenarios/plain_text.hpp"

namespace forkroad {
namespace {

namespace dom = simdjson::dom;

struct TypeSize {
  const char* name;
  uint64_t size;  // [bytes]
};
constexpr std::array<TypeSize, 15> kTypeSizes = {{{"BOOL", 1},
                                                  {"U8", 1},
                                                  {"I8", 1},
                                                  {"F8_E5M2", 1},
                                                  {"F8_E4M3", 1},
                                                  {"I16", 2},
                                                  {"U16", 2},
                                                  {"F16", 2},
                                                  {"BF16", 2},
                                                  {"I32", 4},
                                                  {"U32", 4},
                                                  {"F32", 4},
                                                  {"F64", 8},
                                                  {"I64", 8},
                                                  {"U64", 8}}};

// 0: no such type
uint64_t type_size(const std::string& name) {
  for (const TypeSize& type : kTypeSizes) {
    if (name == type.name) return type.size;
  }
  return 0;
}

uint64_t read_length(std::span<const uint8_t> bytes) {
  uint64_t length = 0;
  for (std::size_t byte = 0; byte < kSafetensorsLengthSize; ++byte) {
    length |= uint64_t{bytes[byte]} << (8 * byte);
  }
  return length;
}

// Thrown inside this file only.
struct HeaderFailure {
  ParseCode code;
  uint64_t at;  // byte in the file
  std::string message;
};

// Walks one header and knows where in the file its parts stand.
class HeaderWalk {
 public:
  HeaderWalk(std::string_view json, uint64_t data_size) : json_(json), data_size_(data_size) {}

  SafetensorsHeader run() {
    dom::parser parser;
    dom::element root;
    if (const auto error = parser.parse(json_.data(), json_.size()).get(root)) {
      throw HeaderFailure{ParseCode::kBadEncoding, kSafetensorsLengthSize,
                          fmt::format("the header of {} bytes is not JSON: {}", json_.size(),
                                      simdjson::error_message(error))};
    }
    dom::object fields;
    if (root.get(fields) != simdjson::SUCCESS) {
      fail(ParseCode::kWrongContent, "", "the header is not a JSON object");
    }
    std::set<std::string_view> names;
    for (const dom::key_value_pair field : fields) {
      if (!names.insert(field.key).second) {
        fail(ParseCode::kDuplicateId, field.key,
             fmt::format("the header names \"{}\" twice", quote_text(field.key)));
      }
      if (field.key == "__metadata__") {
        read_metadata(field.value);
      } else {
        read_tensor(field.key, field.value);
      }
    }
    check_places();
    return std::move(header_);
  }

 private:
  // Where the header names a key; the header's start if the key is written with escapes.
  uint64_t find_key(std::string_view key) const {
    const std::size_t at = json_.find(fmt::format("\"{}\"", key));
    return kSafetensorsLengthSize + (key.empty() || at == std::string_view::npos ? 0 : at);
  }

  [[noreturn]] void fail(ParseCode code, std::string_view key, std::string message) const {
    throw HeaderFailure{code, find_key(key), std::move(message)};
  }

  void read_metadata(dom::element value) {
    dom::object fields;
    if (value.get(fields) != simdjson::SUCCESS) {
      fail(ParseCode::kWrongContent, "__metadata__", "__metadata__ is not an object of strings");
    }
    for (const dom::key_value_pair field : fields) {
      std::string_view text;
      if (field.value.get(text) != simdjson::SUCCESS) {
        fail(ParseCode::kWrongContent, field.key,
             fmt::format("__metadata__ \"{}\" is not a string", quote_text(field.key)));
      }
      header_.metadata[std::string(field.key)] = std::string(text);
    }
  }

  std::vector<uint64_t> read_numbers(std::string_view tensor, const char* key,
                                     dom::element value) const {
    dom::array items;
    std::vector<uint64_t> numbers;
    bool good = value.get(items) == simdjson::SUCCESS;
    if (good) {
      for (const dom::element item : items) {
        uint64_t number = 0;
        good = good && item.get(number) == simdjson::SUCCESS;
        numbers.push_back(number);
      }
    }
    if (!good) {
      fail(ParseCode::kWrongContent, tensor,
           fmt::format("{} of tensor \"{}\" is not an array of whole numbers >= 0", key,
                       quote_text(tensor)));
    }
    return numbers;
  }

  void read_tensor(std::string_view name, dom::element value) {
    SafetensorsEntry entry;
    entry.name = std::string(name);
    entry.described_at = static_cast<int64_t>(find_key(name));
    std::string_view dtype;
    dom::element shape, offsets;
    if (value["dtype"].get(dtype) != simdjson::SUCCESS ||
        value["shape"].get(shape) != simdjson::SUCCESS ||
        value["data_offsets"].get(offsets) != simdjson::SUCCESS) {
      fail(ParseCode::kMissingField, name,
           fmt::format("tensor \"{}\" lacks dtype, shape or data_offsets", quote_text(name)));
    }
    entry.dtype = std::string(dtype);
    entry.shape = read_numbers(name, "shape", shape);
    const std::vector<uint64_t> range = read_numbers(name, "data_offsets", offsets);
    if (range.size() != 2 || range[0] > range[1] || range[1] > data_size_) {
      fail(ParseCode::kInconsistent, name,
           fmt::format(
               "data_offsets of tensor \"{}\" are [{}], expected a begin and an end within the {} "
               "bytes after the header",
               quote_text(name), fmt::join(range, ", "), data_size_));
    }
    entry.begin = range[0];
    entry.end = range[1];
    check_size(entry);
    header_.tensors.push_back(std::move(entry));
  }

  void check_size(const SafetensorsEntry& entry) const {
    uint64_t size = type_size(entry.dtype);
    if (size == 0) {
      fail(ParseCode::kWrongContent, entry.name,
           fmt::format("tensor \"{}\" has the dtype \"{}\", which is none of safetensors",
                       quote_text(entry.name), quote_text(entry.dtype)));
    }
    bool fits = true;
    for (const uint64_t extent : entry.shape) {
      fits = fits && !__builtin_mul_overflow(size, extent, &size);
    }
    if (!fits || size != entry.end - entry.begin) {
      fail(ParseCode::kInconsistent, entry.name,
           fmt::format(
               "tensor \"{}\" of shape [{}] and dtype {} does not fill its data_offsets [{}, {}]",
               quote_text(entry.name), fmt::join(entry.shape, ", "), entry.dtype, entry.begin,
               entry.end));
    }
  }

  // End to end, as the format demands; then offsets become places in the file.
  void check_places() {
    std::vector<SafetensorsEntry>& tensors = header_.tensors;
    std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    const uint64_t data_start = kSafetensorsLengthSize + json_.size();
    uint64_t expected = 0;
    for (SafetensorsEntry& entry : tensors) {
      if (entry.begin != expected) {
        fail(ParseCode::kInconsistent, entry.name,
             fmt::format(
                 "tensor \"{}\" begins at {} of the data, expected {}: tensors lie end to end",
                 quote_text(entry.name), entry.begin, expected));
      }
      expected = entry.end;
      entry.begin += data_start;
      entry.end += data_start;
    }
    if (expected != data_size_) {
      throw HeaderFailure{
          ParseCode::kInconsistent, data_start + expected,
          fmt::format("the tensors end after {} bytes of data, expected {}", expected, data_size_)};
    }
  }

  std::string_view json_;
  uint64_t data_size_;
  SafetensorsHeader header_;
};

}  // namespace

const SafetensorsEntry* SafetensorsHeader::find(const std::string& name) const {
  for (const SafetensorsEntry& tensor : tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

bool is_safetensors_start(std::span<const uint8_t> head) {
  if (head.size() <= kSafetensorsLengthSize) return false;
  const uint64_t length = read_length(head);
  return length >= 2 && length <= kMaxSafetensorsHeader && head[kSafetensorsLengthSize] == '{';
}

Parsed<SafetensorsHeader> parse_safetensors_header(std::span<const uint8_t> bytes,
                                                   const std::string& file) {
  const auto fail = [&file](ParseCode code, uint64_t at, std::string message) {
    return ParseError{code, file, -1, static_cast<int64_t>(at), std::move(message)};
  };
  if (!is_safetensors_start(bytes)) {
    return fail(ParseCode::kUnsupportedFormat, 0,
                fmt::format("is not a safetensors file: it does not begin with the length of a "
                            "header of at most {} bytes and the header",
                            kMaxSafetensorsHeader));
  }
  const uint64_t length = read_length(bytes);
  const uint64_t left = bytes.size() - kSafetensorsLengthSize;
  if (length > left) {
    return fail(ParseCode::kTruncated, kSafetensorsLengthSize,
                fmt::format("{} bytes are left, expected a header of {} bytes", left, length));
  }
  const std::string_view json(reinterpret_cast<const char*>(bytes.data()) + kSafetensorsLengthSize,
                              length);
  try {
    return HeaderWalk(json, left - length).run();
  } catch (const HeaderFailure& failure) {
    return fail(failure.code, failure.at, failure.message);
  } catch (const std::bad_alloc&) {
    return fail(ParseCode::kTooLarge, kSafetensorsLengthSize, "no memory for the header");
  }
}

std::string write_safetensors_header(const SafetensorsHeader& header, std::size_t alignment) {
  std::string json = "{\"__metadata__\":{";
  const char* comma = "";
  for (const auto& [key, value] : header.metadata) {
    json += fmt::format("{}\"{}\":\"{}\"", comma, key, value);
    comma = ",";
  }
  json += "}";
  for (const SafetensorsEntry& tensor : header.tensors) {
    json += fmt::format(",\"{}\":{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}",
                        tensor.name, tensor.dtype, fmt::join(tensor.shape, ","), tensor.begin,
                        tensor.end);
  }
  json += "}";
  const std::size_t size = kSafetensorsLengthSize + json.size();
  json.append((alignment - size % alignment) % alignment, ' ');
  std::string text(kSafetensorsLengthSize, '\0');
  for (std::size_t byte = 0; byte < kSafetensorsLengthSize; ++byte) {
    text[byte] = static_cast<char>((json.size() >> (8 * byte)) & 0xffU);
  }
  return text + json;
}

}  // namespace forkroad
