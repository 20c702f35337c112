#include "scenarios/decompress.hpp"

#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>

#include "scenarios/regular_file.hpp"

namespace forkroad {
namespace {

constexpr std::array<uint8_t, 2> kGzipMagic = {0x1f, 0x8b};
constexpr std::array<uint8_t, 6> kXzMagic = {0xfd, '7', 'z', 'X', 'Z', 0x00};

// What the xz decoder itself may take [bytes]: the largest preset (-9) needs 65 MiB.
constexpr uint64_t kXzMemory = uint64_t{1} << 27;

// Output grows by doubling from this [bytes].
constexpr std::size_t kFirstOutput = std::size_t{1} << 16;

ParseError too_large(const std::string& name, int64_t offset, uint64_t max_size) {
  return ParseError{
      ParseCode::kTooLarge, name, -1, offset,
      fmt::format("holds more than {} bytes when decompressed, expected at most that", max_size)};
}

// The growing output of a decoder. It may hold one byte more than the limit, which tells content
// of just that size from content beyond it.
class Output {
 public:
  explicit Output(uint64_t max_size) : max_size_(max_size) {}

  // Room for more bytes, never empty until the limit is passed.
  std::span<uint8_t> room() {
    if (used_ == writable_.size()) {
      const uint64_t doubled = std::max<uint64_t>(kFirstOutput, 2 * uint64_t{used_});
      writable_ = bytes_.resize(static_cast<std::size_t>(std::min(doubled, max_size_ + 1)));
    }
    return writable_.subspan(used_, std::min(writable_.size() - used_, kMaxStep));
  }
  void use(std::size_t size) { used_ += size; }
  bool is_too_large() const { return used_ > max_size_; }

  PaddedBytes finish() {
    bytes_.resize(used_);
    return std::move(bytes_);
  }

  // zlib counts in 32 bits
  static constexpr std::size_t kMaxStep = std::size_t{1} << 30;

 private:
  PaddedBytes bytes_;
  std::span<uint8_t> writable_;
  std::size_t used_ = 0;
  uint64_t max_size_;
};

ParseError truncated(std::span<const uint8_t> bytes, const std::string& name, const char* what) {
  return ParseError{ParseCode::kTruncated, name, -1, static_cast<int64_t>(bytes.size()),
                    fmt::format("the file ends inside {} data", what)};
}

struct GzipDecoder {
  GzipDecoder() { ready = inflateInit2(&stream, 15 + 16) == Z_OK; }  // 16: gzip headers only
  ~GzipDecoder() {
    if (ready) inflateEnd(&stream);
  }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  z_stream stream{};
  bool ready = false;
};

ParseError gzip_error(int status, const char* text, const std::string& name, int64_t offset) {
  if (status == Z_MEM_ERROR) {
    return ParseError{ParseCode::kTooLarge, name, -1, offset, "no memory to decompress gzip data"};
  }
  const std::string why = text == nullptr ? "unknown" : text;
  const bool checksum = why == "incorrect data check" || why == "incorrect length check";
  return ParseError{checksum ? ParseCode::kBadChecksum : ParseCode::kBadEncoding, name, -1, offset,
                    fmt::format("the gzip data is broken: {}", why)};
}

Parsed<PaddedBytes> decompress_gzip(std::span<const uint8_t> bytes, const std::string& name,
                                    uint64_t max_size) {
  GzipDecoder decoder;
  z_stream& stream = decoder.stream;
  if (!decoder.ready) return gzip_error(Z_MEM_ERROR, nullptr, name, 0);
  Output output(max_size);
  std::size_t at = 0;
  while (true) {
    const std::span<uint8_t> room = output.room();
    const std::size_t step = std::min(bytes.size() - at, Output::kMaxStep);
    // zlib never writes through next_in
    stream.next_in = const_cast<uint8_t*>(bytes.data() + at);
    stream.avail_in = static_cast<uInt>(step);
    stream.next_out = room.data();
    stream.avail_out = static_cast<uInt>(room.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    at += step - stream.avail_in;
    output.use(room.size() - stream.avail_out);
    if (output.is_too_large()) return too_large(name, static_cast<int64_t>(at), max_size);
    if (status == Z_STREAM_END) {
      // a file may hold several members one after the other
      if (at == bytes.size()) return output.finish();
      inflateReset(&stream);
    } else if (status == Z_BUF_ERROR || (status == Z_OK && stream.avail_out > 0)) {
      if (at == bytes.size()) return truncated(bytes, name, "gzip");
    } else if (status != Z_OK) {
      return gzip_error(status, stream.msg, name, static_cast<int64_t>(at));
    }
  }
}

struct XzDecoder {
  XzDecoder() { status = lzma_stream_decoder(&stream, kXzMemory, LZMA_CONCATENATED); }
  ~XzDecoder() { lzma_end(&stream); }
  XzDecoder(const XzDecoder&) = delete;
  XzDecoder& operator=(const XzDecoder&) = delete;

  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_ret status;
};

ParseError xz_error(lzma_ret status, const std::string& name, int64_t offset) {
  const auto fail = [&](ParseCode code, const char* text) {
    return ParseError{code, name, -1, offset, text};
  };
  switch (status) {
    case LZMA_MEM_ERROR:
    case LZMA_MEMLIMIT_ERROR:
      return fail(ParseCode::kTooLarge, "the xz data asks for more than 128 MiB to decompress");
    case LZMA_FORMAT_ERROR:
      return fail(ParseCode::kBadEncoding, "the xz data is followed by bytes that are not xz");
    case LZMA_OPTIONS_ERROR:
      return fail(ParseCode::kBadEncoding, "the xz data has options that this reader lacks");
    default:
      // liblzma does not tell a wrong checksum from other damage
      return fail(ParseCode::kBadEncoding, "the xz data is broken or its checksum is wrong");
  }
}

Parsed<PaddedBytes> decompress_xz(std::span<const uint8_t> bytes, const std::string& name,
                                  uint64_t max_size) {
  XzDecoder decoder;
  lzma_stream& stream = decoder.stream;
  if (decoder.status != LZMA_OK) return xz_error(decoder.status, name, 0);
  stream.next_in = bytes.data();
  stream.avail_in = bytes.size();
  Output output(max_size);
  while (true) {
    const std::span<uint8_t> room = output.room();
    stream.next_out = room.data();
    stream.avail_out = room.size();
    const lzma_ret status = lzma_code(&stream, LZMA_FINISH);
    output.use(room.size() - stream.avail_out);
    const auto at = static_cast<int64_t>(bytes.size() - stream.avail_in);
    if (output.is_too_large()) return too_large(name, at, max_size);
    if (status == LZMA_STREAM_END) return output.finish();
    if (status == LZMA_BUF_ERROR) return truncated(bytes, name, "xz");
    if (status != LZMA_OK) return xz_error(status, name, at);
  }
}

Parsed<PaddedBytes> decompress(std::span<const uint8_t> bytes, Compression compression,
                               const std::string& name, uint64_t max_size) {
  if (compression == Compression::kGzip) return decompress_gzip(bytes, name, max_size);
  if (compression == Compression::kXz) return decompress_xz(bytes, name, max_size);
  if (bytes.size() > max_size) return too_large(name, 0, max_size);
  return PaddedBytes(bytes);
}

ParseError no_memory(const std::string& name) {
  return ParseError{ParseCode::kTooLarge, name, -1, 0, "no memory for the whole file"};
}

}  // namespace

PaddedBytes::PaddedBytes(std::span<const uint8_t> bytes) : storage_(bytes.size() + kPadding) {
  std::copy(bytes.begin(), bytes.end(), storage_.begin());
}

std::span<uint8_t> PaddedBytes::resize(std::size_t size) {
  storage_.resize(size + kPadding);
  std::fill(storage_.end() - kPadding, storage_.end(), uint8_t{0});
  return {storage_.data(), size};
}

const char* compression_name(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "none";
    case Compression::kGzip:
      return "gzip";
    case Compression::kXz:
      return "xz";
  }
  return "unknown";
}

Compression detect_compression(std::span<const uint8_t> head) {
  const auto starts = [head](std::span<const uint8_t> magic) {
    return head.size() >= magic.size() && std::equal(magic.begin(), magic.end(), head.begin());
  };
  if (starts(kGzipMagic)) return Compression::kGzip;
  return starts(kXzMagic) ? Compression::kXz : Compression::kNone;
}

Parsed<WholeFile> decompress_bytes(std::span<const uint8_t> bytes, const std::string& name,
                                   uint64_t max_size) {
  const Compression compression = detect_compression(bytes);
  try {
    Parsed<PaddedBytes> content = decompress(bytes, compression, name, max_size);
    if (!content) return content.error();
    return WholeFile{std::move(content.value()), compression};
  } catch (const std::bad_alloc&) {
    return no_memory(name);
  }
}

Parsed<WholeFile> read_whole_file(const std::string& file, uint64_t max_size) {
  Parsed<RegularFile> opened = open_regular_file(file);
  if (!opened) return opened.error();
  const uint64_t size = opened.value().size;
  // a compressed file that is larger than its content may be is refused unread
  if (size > max_size) {
    return ParseError{ParseCode::kTooLarge, file, -1, 0,
                      fmt::format("holds {} bytes, expected at most {}", size, max_size)};
  }
  try {
    PaddedBytes bytes;
    const std::span<uint8_t> room = bytes.resize(static_cast<std::size_t>(size));
    const std::size_t read = std::fread(room.data(), 1, room.size(), opened.value().stream.get());
    if (read != room.size()) {
      return ParseError{ParseCode::kTruncated, file, -1, static_cast<int64_t>(read),
                        fmt::format("only {} of {} bytes could be read", read, size)};
    }
    if (detect_compression(room) != Compression::kNone) {
      return decompress_bytes(room, file, max_size);
    }
    return WholeFile{std::move(bytes), Compression::kNone};
  } catch (const std::bad_alloc&) {
    return no_memory(file);
  }
}

}  // namespace forkroad
