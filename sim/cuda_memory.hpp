// CUDA calls that throw, and device memory that only grows. For .cu files.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <stdexcept>
#include <string>

namespace forkroad {

#define FORKROAD_CUDA_CHECK(call) ::forkroad::check_cuda((call), #call, __FILE__, __LINE__)

inline void check_cuda(cudaError_t error, const char* call, const char* file, int line) {
  if (error == cudaSuccess) return;
  throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + call + ": " +
                           cudaGetErrorName(error) + ": " + cudaGetErrorString(error));
}

class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;
  ~DeviceBuffer() { cudaFree(memory_); }

  std::byte* reserve(size_t size) {
    if (size > size_) {
      FORKROAD_CUDA_CHECK(cudaFree(memory_));
      memory_ = nullptr;
      size_ = 0;
      FORKROAD_CUDA_CHECK(cudaMalloc(&memory_, size));
      size_ = size;
    }
    return static_cast<std::byte*>(memory_);
  }

 private:
  void* memory_ = nullptr;
  size_t size_ = 0;
};

}  // namespace forkroad
