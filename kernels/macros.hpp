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
