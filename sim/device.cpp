#include "sim/device.hpp"

#include <fmt/format.h>

#include <charconv>
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

Device parse_device(const std::string& name) {
  if (name == "cpu") return Device::cpu();
  if (name == "best") return Device::best();
  if (name == "cuda") return Device::cuda();
  int index = 0;
  const char* end = name.data() + name.size();
  if (name.starts_with("cuda:")) {
    const auto parsed = std::from_chars(name.data() + 5, end, index);
    if (parsed.ec == std::errc() && parsed.ptr == end) return Device::cuda(index);
  }
  throw std::invalid_argument(
      fmt::format("device: got '{}', expected 'cpu', 'cuda', 'cuda:INDEX' or 'best'", name));
}

std::string device_name(Device device) {
  return device.is_cuda() ? fmt::format("cuda:{}", device.index) : "cpu";
}

}  // namespace forkroad
