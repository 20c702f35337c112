// The block vocabulary: everything a CUDA kernel body may ask of the block that runs it.
//
// A kernel body is a function template over a block type and holds no threadIdx, no __shared__ and
// no intrinsic of its own:
//
//   template <class Block>
//   FORKROAD_BODY void contact_block(Block& block, const RolloutParams& params);
//
// nvcc wraps it in a __global__ of a few lines with CudaBlock, which is nothing but inline
// intrinsics. The tests run the same body with EmulatedBlock (tests/emulate.hpp), which executes
// every thread on the CPU in several orders. Both have these members:
//
//   int thread(), lane(), warp()    index in the block, in the warp, of the warp in the block
//   int num_threads()               threads per block, a multiple of 32
//   int x(), y()                    position of the block in the grid
//   void sync()                     whole block meets; shared and global writes become visible
//   void sync_warp()                warp meets; shared and global writes become visible in it
//   uint32_t ballot(bool)           warp meets; bit l is the vote of lane l
//   bool any(bool)                  warp meets; true if some lane votes true
//   T shuffle(T, int lane)          warp meets; the value that `lane` brought, 0 <= lane < 32
//   T shuffle_xor(T, int mask)      warp meets; the value of lane() ^ mask, 0 <= mask < 32
//   T* shared<T>(int count)         next 16-byte-aligned piece of dynamic shared memory
//   void copy_async(T* to, const T* from)   starts one copy of 4, 8 or 16 bytes, global to shared
//   void wait_copies()              this thread's copies have landed (sync() then shows them)
//
// Rules that the emulator enforces: all 32 lanes (all threads for sync) meet at one place and
// nobody has returned, votes and shuffles order no memory, all threads ask shared() alike and never
// for more than the launch gave, every copy is waited for before its thread returns.
#pragma once

#include <math.h>

#include <cstdint>
#include <type_traits>

#include "kernels/macros.hpp"

#ifdef __CUDACC__
#include <cuda_pipeline.h>
#endif

namespace forkroad {

inline constexpr int kWarpThreads = 32;
inline constexpr int kSharedAlignment = 16;  // [bytes] start of every piece of shared memory

// What shuffles carry: the types the hardware moves without a helper.
template <class T>
inline constexpr bool kShuffles = std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8);

// What one asynchronous copy moves.
template <class T>
inline constexpr bool kCopiesAsync = std::is_trivially_copyable_v<T> &&
                                     (sizeof(T) == 4 || sizeof(T) == 8 || sizeof(T) == 16);

// Bytes of dynamic shared memory that shared<T>(count) consumes. A launcher sums these over the
// body's shared() calls, so that launcher, device and emulator agree on the size.
template <class T>
FORKROAD_HD constexpr int shared_piece_bytes(int count) {
  static_assert(alignof(T) <= kSharedAlignment && std::is_trivially_copyable_v<T>);
  return (count * static_cast<int>(sizeof(T)) + kSharedAlignment - 1) / kSharedAlignment *
         kSharedAlignment;
}

// Number of set bits.
FORKROAD_HD int popcount(uint32_t bits) {
#ifdef __CUDA_ARCH__
  return __popc(bits);
#else
  return __builtin_popcount(bits);
#endif
}

// Mask of the lanes with a smaller index, 0 <= lane < 32.
FORKROAD_HD uint32_t lanes_below(int lane) { return (uint32_t{1} << lane) - 1u; }

#ifdef __CUDACC__

// One-dimensional blocks in a two-dimensional grid. Holds only how far shared memory is used, which
// the compiler folds away.
struct CudaBlock {
  __device__ __forceinline__ int thread() const { return static_cast<int>(threadIdx.x); }
  __device__ __forceinline__ int lane() const { return thread() % kWarpThreads; }
  __device__ __forceinline__ int warp() const { return thread() / kWarpThreads; }
  __device__ __forceinline__ int num_threads() const { return static_cast<int>(blockDim.x); }
  __device__ __forceinline__ int x() const { return static_cast<int>(blockIdx.x); }
  __device__ __forceinline__ int y() const { return static_cast<int>(blockIdx.y); }

  __device__ __forceinline__ void sync() { __syncthreads(); }
  __device__ __forceinline__ void sync_warp() { __syncwarp(); }
  __device__ __forceinline__ uint32_t ballot(bool vote) { return __ballot_sync(kAllLanes, vote); }
  __device__ __forceinline__ bool any(bool vote) { return __any_sync(kAllLanes, vote) != 0; }

  template <class T>
  __device__ __forceinline__ T shuffle(T value, int lane) {
    static_assert(kShuffles<T>);
    return __shfl_sync(kAllLanes, value, lane);
  }
  template <class T>
  __device__ __forceinline__ T shuffle_xor(T value, int mask) {
    static_assert(kShuffles<T>);
    return __shfl_xor_sync(kAllLanes, value, mask);
  }

  template <class T>
  __device__ __forceinline__ T* shared(int count) {
    T* const piece = reinterpret_cast<T*>(dynamic_shared() + shared_used_);
    shared_used_ += shared_piece_bytes<T>(count);
    return piece;
  }

  template <class T>
  __device__ __forceinline__ void copy_async(T* to, const T* from) {
    static_assert(kCopiesAsync<T>);
    __pipeline_memcpy_async(to, from, sizeof(T));
  }
  __device__ __forceinline__ void wait_copies() {
    __pipeline_commit();
    __pipeline_wait_prior(0);
  }

 private:
  static constexpr uint32_t kAllLanes = 0xffffffffu;

  // one declaration of one type: an extern __shared__ array may not change type between templates
  static __device__ __forceinline__ unsigned char* dynamic_shared() {
    extern __shared__ __align__(16) unsigned char forkroad_dynamic_shared[];
    return forkroad_dynamic_shared;
  }

  int shared_used_ = 0;  // [bytes]
};

#endif  // __CUDACC__

// Smallest value of the warp, in every lane. NaN is skipped, as fminf does; do not bring -0, whose
// order against +0 differs between machines.
template <class Block>
FORKROAD_BODY float warp_min(Block& block, float value) {
  for (int mask = kWarpThreads / 2; mask > 0; mask /= 2) {
    value = ::fminf(value, block.shuffle_xor(value, mask));
  }
  return value;
}

// Largest value of the warp, in every lane. NaN and -0 as in warp_min.
template <class Block>
FORKROAD_BODY float warp_max(Block& block, float value) {
  for (int mask = kWarpThreads / 2; mask > 0; mask /= 2) {
    value = ::fmaxf(value, block.shuffle_xor(value, mask));
  }
  return value;
}

// The same of doubles.
template <class Block>
FORKROAD_BODY double warp_min(Block& block, double value) {
  for (int mask = kWarpThreads / 2; mask > 0; mask /= 2) {
    value = ::fmin(value, block.shuffle_xor(value, mask));
  }
  return value;
}
template <class Block>
FORKROAD_BODY double warp_max(Block& block, double value) {
  for (int mask = kWarpThreads / 2; mask > 0; mask /= 2) {
    value = ::fmax(value, block.shuffle_xor(value, mask));
  }
  return value;
}

// Appends `value` of every lane that keeps it to `list`, in lane order, and advances `count`. The
// whole warp calls it with one `list` and one `count`; call sync_warp() (or sync()) before another
// lane reads the list.
template <class Block>
FORKROAD_BODY void append_in_order(Block& block, bool keep, int value, int* list, int& count) {
  const uint32_t kept = block.ballot(keep);
  if (keep) list[count + popcount(kept & lanes_below(block.lane()))] = value;
  count += popcount(kept);
}

}  // namespace forkroad
