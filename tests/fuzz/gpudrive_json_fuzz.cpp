// libFuzzer target: any bytes given to the GPUDrive JSON reader end in a sound scene or one located
// error. The first byte chooses whether the rest is text or a file that may be compressed.
#include "scenarios/decompress.hpp"
#include "scenarios/gpudrive_json.hpp"
#include "tests/fuzz/checks.hpp"

using namespace forkroad;

namespace {

// Small, so that a bomb costs no time.
constexpr uint64_t kMaxContent = uint64_t{1} << 20;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const uint8_t> rest(data + 1, size - 1);
  if ((data[0] & 7U) != 7) {
    test::check_scene(decode_gpudrive_json(PaddedBytes(rest), {"", "fuzz", 0, 0}), rest.size());
    return 0;
  }
  const Parsed<WholeFile> file = decompress_bytes(rest, "fuzz", kMaxContent);
  if (!file) {
    test::check_error(file.error(), rest.size());
    return 0;
  }
  const PaddedBytes& content = file.value().content;
  if (content.size() > kMaxContent) test::fail_fuzz("content beyond the limit");
  test::check_scene(decode_gpudrive_json(content, {"", "fuzz", 0, 0}), content.size());
  return 0;
}
