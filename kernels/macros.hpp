// Function markers that let one text compile for the device and for plain host compilers.
#pragma once

#ifdef __CUDACC__
// value functions: called from kernels and from host code alike
#define FORKROAD_HD __host__ __device__ __forceinline__
// block functions: a __global__ wrapper calls them; without nvcc the emulator does
#define FORKROAD_BODY __device__ __forceinline__
#else
#define FORKROAD_HD inline __attribute__((always_inline))
#define FORKROAD_BODY inline
#endif

// In front of a loop that a GPU must not unroll: its body fills the registers as it is. CPU
// compilers decide for themselves.
#ifdef __CUDA_ARCH__
#define FORKROAD_ROLLED _Pragma("unroll 1")
#else
#define FORKROAD_ROLLED
#endif
