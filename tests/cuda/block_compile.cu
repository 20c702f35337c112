// Compiles every member of CudaBlock and every block algorithm; nothing here is run. The SASS must
// show one instruction per call, which is what makes CudaBlock a safe stand-in for raw intrinsics.
#include "kernels/block.hpp"
#include "tests/fault_kernel.hpp"

namespace forkroad {

struct alignas(16) CopyWord {
  float value[4];
};

template <class Block>
FORKROAD_BODY void all_members_block(Block& block, const CopyWord* in, float* out, int* list) {
  CopyWord* const tile = block.template shared<CopyWord>(block.num_threads());
  int* const found = block.template shared<int>(block.num_threads());
  block.copy_async(&tile[block.thread()], &in[block.thread()]);
  block.wait_copies();
  block.sync();

  // votes and shuffles of every kind on a value of another thread
  const float value = tile[block.num_threads() - 1 - block.thread()].value[0];
  const float low = warp_min(block, value);
  const float high = warp_max(block, value);
  const float first = block.shuffle(value, 0);
  const double neighbour = block.shuffle_xor(static_cast<double>(value), 1);
  const uint32_t votes = block.ballot(value > 0.0f);
  const bool some = block.any(value < 0.0f);

  // warp lists
  int count = 0;
  int* const mine = found + block.warp() * kWarpThreads;
  append_in_order(block, value > first, block.lane(), mine, count);
  block.sync_warp();
  const int output = (block.y() * 64 + block.x()) * block.num_threads() + block.thread();
  list[output] = block.lane() < count ? mine[block.lane()] : popcount(votes);
  out[output] = (some ? high : low) + static_cast<float>(neighbour);
}

__global__ void __launch_bounds__(256)
    all_members_kernel(const CopyWord* in, float* out, int* list) {
  CudaBlock block;
  all_members_block(block, in, out, list);
}

// The body that the emulator's own tests run, as a launcher wraps it.
__global__ void __launch_bounds__(kFaultThreads) fault_kernel(FaultParams params) {
  CudaBlock block;
  fault_block<Fault::kNone>(block, params);
}

}  // namespace forkroad
