// The lanes of AVX2, compiled with its flags; lane_test.cpp runs them.
#include "kernels/lane_avx2.hpp"

#include "kernels/lane_pair.hpp"
#include "tests/lane_checks.hpp"

namespace forkroad::test {

const LaneRunner* avx2_lane_runners() {
  static constexpr LaneRunner kRunners[] = {
      {"float x 8", 8, apply_member<avx2::Float8>, nullptr},
      {"float x 16, two registers", 16, apply_member<Pair<avx2::Float8>>, nullptr},
      {"double x 4", 4, nullptr, apply_member<avx2::Double4>},
      {"double x 8, two registers", 8, nullptr, apply_member<Pair<avx2::Double4>>},
      {nullptr, 0, nullptr, nullptr}};
  return kRunners;
}

}  // namespace forkroad::test
