// The lanes of AVX-512, compiled with its flags; lane_test.cpp runs them where the processor can.
#include "kernels/lane_avx512.hpp"

#include "tests/lane_checks.hpp"

namespace forkroad::test {

const LaneRunner* avx512_lane_runners() {
  static constexpr LaneRunner kRunners[] = {
      {"float x 16", 16, apply_member<avx512::Float16>, nullptr},
      {"double x 8", 8, nullptr, apply_member<avx512::Double8>},
      {nullptr, 0, nullptr, nullptr}};
  return kRunners;
}

}  // namespace forkroad::test
