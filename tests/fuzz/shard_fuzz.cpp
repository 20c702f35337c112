// libFuzzer target: any bytes given to the shard reader end in sound scenes or located errors.
//
// The first byte chooses the way in: the bytes themselves are the file, or they are edits of a
// sound shard, which reach rows that random bytes never would. Checksums are off in most ways,
// because they would stop nearly every mutation.
#include <algorithm>
#include <cstring>
#include <string>

#include "tests/fuzz/checks.hpp"
#include "tests/shard_scenes.hpp"

namespace {

using namespace forkroad;

void read_shard(std::string_view bytes, ShardChecks checks) {
  const test::AlignedBytes aligned(bytes);
  const auto reader = ShardReader::open_bytes(aligned.span(), "fuzz", checks);
  if (!reader) return test::check_error(reader.error(), bytes.size());
  // scenes without rows are cheap in bytes: a few stand for all
  const int64_t count = std::min<int64_t>(reader.value().num_scenes(), 16);
  for (int64_t index = 0; index < count; ++index) {
    test::check_scene(reader.value().scene(index), bytes.size());
  }
}

const std::string& sound_shard() {
  static const std::string bytes = test::shard_bytes(test::random_scenes(2, 3));
  return bytes;
}

// Edits of 12 bytes: a place, modulo the size, and the 8 bytes that go there.
std::string edit_shard(std::string_view edits) {
  constexpr std::size_t kEditSize = 12;
  std::string bytes = sound_shard();
  for (; edits.size() >= kEditSize; edits.remove_prefix(kEditSize)) {
    uint32_t place = 0;
    std::memcpy(&place, edits.data(), sizeof place);
    // two of three edits hit an aligned word, as offsets are
    std::size_t at = place % (bytes.size() - 8);
    if (place % 3 != 0) at = at / 8 * 8;
    std::memcpy(bytes.data() + at, edits.data() + 4, 8);
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const ShardChecks checks =
      (data[0] & 6U) == 0 ? ShardChecks::kChecksums : ShardChecks::kNoChecksums;
  if ((data[0] & 1U) != 0) {
    read_shard(edit_shard(rest), checks);
  } else {
    read_shard(rest, checks);
  }
  return 0;
}
