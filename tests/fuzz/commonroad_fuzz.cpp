// libFuzzer target: any text given to the CommonRoad reader ends in a sound scene or one located
// error.
#include "scenarios/commonroad_scenario.hpp"
#include "tests/fuzz/check_scene.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  using namespace forkroad;
  const std::string text(data, data + size);
  is_commonroad_start(text);
  test::check_scene(decode_commonroad(text, {"commonroad", "fuzz", 0, 0}), size);
  return 0;
}
