#include "scenarios/unpacked_file.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <memory>
#include <new>
#include <optional>

namespace forkroad {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 18;

struct CloseGzip {
  void operator()(gzFile_s* file) const { gzclose_r(file); }
};
using GzipFile = std::unique_ptr<gzFile_s, CloseGzip>;

// zlib passes files through that are not gzip.
Parsed<GzipFile> open_gzip(const std::string& file) {
  GzipFile opened(gzopen(file.c_str(), "rb"));
  if (opened == nullptr) {
    return ParseError{ParseCode::kCannotOpen, file, -1, -1, "cannot be opened for reading"};
  }
  gzbuffer(opened.get(), kChunk);
  return opened;
}

// Appends up to `count` bytes; says what is wrong with the file, or nothing.
std::optional<ParseError> append_bytes(gzFile_s* opened, const std::string& file, std::size_t count,
                                       std::string& bytes) {
  while (count > 0) {
    const std::size_t old_size = bytes.size();
    const std::size_t wanted = std::min(count, kChunk);
    bytes.resize(old_size + wanted);
    const int got = gzread(opened, bytes.data() + old_size, static_cast<unsigned>(wanted));
    bytes.resize(old_size + static_cast<std::size_t>(std::max(got, 0)));
    int code = Z_OK;
    gzerror(opened, &code);
    if (got < 0 || code == Z_BUF_ERROR) {
      const bool is_cut = code == Z_BUF_ERROR;
      return ParseError{
          is_cut ? ParseCode::kTruncated : ParseCode::kBadEncoding, file, -1,
          std::max<int64_t>(gzoffset(opened), 0),
          is_cut ? "the gzip data end inside a member" : "not intact gzip data or not readable"};
    }
    if (static_cast<std::size_t>(got) < wanted) return std::nullopt;
    count -= wanted;
  }
  return std::nullopt;
}

}  // namespace

Parsed<UnpackedFile> read_unpacked(const std::string& file, std::size_t max_bytes) {
  Parsed<GzipFile> opened = open_gzip(file);
  if (!opened) return opened.error();
  UnpackedFile unpacked;
  try {
    if (auto error = append_bytes(opened.value().get(), file, max_bytes + 1, unpacked.bytes)) {
      return *error;
    }
  } catch (const std::bad_alloc&) {
    return ParseError{ParseCode::kTooLarge, file, -1, 0, "no memory for the file"};
  }
  unpacked.was_packed = gzdirect(opened.value().get()) == 0;
  if (unpacked.bytes.size() > max_bytes) {
    return ParseError{
        ParseCode::kTooLarge, file, -1, 0,
        fmt::format("unpacks to more than {} bytes, the most that is read", max_bytes)};
  }
  return unpacked;
}

Parsed<std::string> read_unpacked_head(const std::string& file, std::size_t count) {
  Parsed<GzipFile> opened = open_gzip(file);
  if (!opened) return opened.error();
  std::string head;
  if (auto error = append_bytes(opened.value().get(), file, count, head)) return *error;
  return head;
}

}  // namespace forkroad
