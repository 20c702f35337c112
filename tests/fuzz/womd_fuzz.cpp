// libFuzzer target: any bytes given to the WOMD reader end in a sound scene or one located error.
//
// The first byte chooses the way in. Most of the budget goes straight to the decoder, because the
// checksums of a file would stop nearly every mutation.
#include <string>

#include "scenarios/womd_scenario.hpp"
#include "scenarios/womd_stream.hpp"
#include "tests/fuzz/checks.hpp"
#include "tests/womd_writer.hpp"

namespace {

using namespace forkroad;

void read_file(const std::string& bytes) {
  auto reader = TfRecordReader::open_bytes(test::as_bytes(bytes), "fuzz");
  if (!reader) return;
  auto stream = womd_stream(std::move(reader.value()), "fuzz");
  // every record takes at least 16 bytes: more turns than that would be an endless loop
  const std::size_t most = bytes.size() / 16 + 2;
  for (std::size_t turn = 0; turn <= most; ++turn) {
    const auto scene = stream->next();
    if (!scene) return;
    test::check_scene(*scene, bytes.size());
  }
  test::fail_fuzz("a file with no end");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const uint8_t way = data[0] & 7U;
  const std::span<const uint8_t> rest(data + 1, size - 1);
  const std::string text(rest.begin(), rest.end());
  if (way == 7) {
    // two records with the right checksums
    const std::size_t cut = text.size() / 2;
    read_file(test::frame_record(text.substr(0, cut)) + test::frame_record(text));
  } else if (way == 6) {
    read_file(text);
  } else {
    test::check_scene(decode_womd_scenario(rest, {"womd_scenario", "fuzz", 0, 0}), rest.size());
  }
  return 0;
}
