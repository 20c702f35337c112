#include "sim/device.hpp"

#include <fmt/format.h>

#include <stdexcept>

#ifdef FORKROAD_WITH_CUDA
#include <cuda_runtime_api.h>
#endif

namespace forkroad {

int num_cuda_devices() {
#ifdef FORKROAD_WITH_CUDA
  int count = 0;
  // without a driver the call fails and leaves its argument as it was
  return cudaGetDeviceCount(&count) == cudaSuccess ? count : 0;
#else
  return 0;
#endif
}

Device Device::cuda(int index) {
  const int count = num_cuda_devices();
  if (index < 0 || index >= count) {
    throw std::runtime_error(
        fmt::format("Device::cuda: got GPU {}, but this build and machine offer {}", index, count));
  }
  return {Kind::kCuda, index};
}

Device Device::best() { return num_cuda_devices() > 0 ? Device{Kind::kCuda, 0} : Device::cpu(); }

}  // namespace forkroad
