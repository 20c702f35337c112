// libFuzzer target: any bytes given to the PufferDrive reader end in a sound scene or one located
// error, also where the start of the file speaks against it.
#include "scenarios/pufferdrive_bin.hpp"
#include "tests/fuzz/checks.hpp"

using namespace forkroad;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::span<const uint8_t> bytes(data, size);
  const Parsed<Scene> scene = decode_pufferdrive_bin(PaddedBytes(bytes), {"", "fuzz", 0, 0});
  test::check_scene(scene, size);
  is_pufferdrive_start(bytes, size);
  return 0;
}
