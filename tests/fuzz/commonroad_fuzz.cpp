// libFuzzer target: any text given to the CommonRoad reader ends in a sound scene or one located
// error.
#include "scenarios/commonroad_scenario.hpp"
#include "tests/fuzz/checks.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  using namespace forkroad;
  const std::span<const uint8_t> bytes(data, size);
  is_commonroad_start({reinterpret_cast<const char*>(data), size});
  test::check_scene(decode_commonroad(PaddedBytes(bytes), {"commonroad", "fuzz", 0, 0}), size);
  return 0;
}
