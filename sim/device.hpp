// Device: where rollouts run.
#pragma once

#include <cstdint>
#include <string>

namespace forkroad {

struct Device {
  enum class Kind : uint8_t { kCpu, kCuda };
  Kind kind = Kind::kCpu;
  int index = 0;

  static Device cpu() { return {Kind::kCpu, 0}; }
  // Throws std::runtime_error if this build has no CUDA or no such GPU answers.
  static Device cuda(int index = 0);
  // The first GPU if the build has CUDA and one answers, else the CPU.
  static Device best();

  bool is_cuda() const { return kind == Kind::kCuda; }
};

// The device that "cpu", "cuda", "cuda:1" or "best" means. Throws std::invalid_argument on another
// name, and as Device::cuda() does.
Device parse_device(const std::string& name);

// The name that parse_device() takes.
std::string device_name(Device device);

// Number of GPUs this build can use; 0 in a build without CUDA.
int num_cuda_devices();

}  // namespace forkroad
