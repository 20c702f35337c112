// libFuzzer target: any bytes given to the tf.Example reader end in a sound scene or one located
// error.
#include "scenarios/womd_example.hpp"
#include "tests/fuzz/checks.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  using namespace forkroad;
  const std::span<const uint8_t> bytes(data, size);
  find_example_feature(bytes);
  test::check_scene(decode_womd_example(bytes, {"womd_example", "fuzz", 0, 0}), size);
  return 0;
}
