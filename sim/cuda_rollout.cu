#include <algorithm>

#include "kernels/rollout_block.hpp"
#include "sim/cuda_memory.hpp"
#include "sim/cuda_rollout.hpp"
#include "sim/rollout_pack.hpp"

namespace forkroad {
namespace {

// Device memory that the ego tables of one chunk of worlds may take [bytes].
constexpr size_t kEgoBudget = size_t{4} << 30;

__global__ void __launch_bounds__(kBlockThreads) tracker_kernel(RolloutParams params) {
  CudaBlock block;
  tracker_block(block, params);
}

__global__ void __launch_bounds__(kBlockThreads) contact_kernel(RolloutParams params) {
  CudaBlock block;
  contact_block(block, params);
}

__global__ void __launch_bounds__(kBlockThreads) motion_kernel(RolloutParams params) {
  CudaBlock block;
  motion_block(block, params);
}

void launch_passes(const RolloutParams& params, cudaStream_t stream) {
  const int blocks = rollout_blocks(params.num_worlds, params.padded_plans);
  tracker_kernel<<<blocks, kBlockThreads, 0, stream>>>(params);
  FORKROAD_CUDA_CHECK(cudaGetLastError());
  contact_kernel<<<blocks, kBlockThreads, contact_shared_bytes(), stream>>>(params);
  FORKROAD_CUDA_CHECK(cudaGetLastError());
  motion_kernel<<<blocks, kBlockThreads, 0, stream>>>(params);
  FORKROAD_CUDA_CHECK(cudaGetLastError());
}

// Consecutive tables of `size` floats each in one buffer.
void carve(float* base, size_t size, std::initializer_list<float**> tables) {
  for (float** table : tables) {
    *table = base;
    base += size;
  }
}

}  // namespace

struct CudaRollout::State {
  int device = 0;
  cudaStream_t stream = nullptr;
  DeviceBuffer inputs, facts, ego;
  RolloutPack pack;

  ~State() {
    if (stream != nullptr) cudaStreamDestroy(stream);
  }
};

CudaRollout::CudaRollout(int device_index) : state_(std::make_unique<State>()) {
  state_->device = device_index;
  FORKROAD_CUDA_CHECK(cudaSetDevice(device_index));
  FORKROAD_CUDA_CHECK(cudaStreamCreateWithFlags(&state_->stream, cudaStreamNonBlocking));
}

CudaRollout::~CudaRollout() = default;

namespace {

void download(float* to, const float* from, size_t size, cudaStream_t stream) {
  FORKROAD_CUDA_CHECK(
      cudaMemcpyAsync(to, from, size * sizeof(float), cudaMemcpyDeviceToHost, stream));
}

void download_facts(const FactTables& to, const FactTables& from, size_t offset, size_t size,
                    cudaStream_t stream) {
#define FORKROAD_TABLE(name) download(to.name + offset, from.name, size, stream);
  FORKROAD_FACT_TABLES(FORKROAD_TABLE)
#undef FORKROAD_TABLE
}

}  // namespace

void CudaRollout::run(const RolloutParams& params, std::span<const WorldView> worlds,
                      const CudaResults& results) {
  State& state = *state_;
  FORKROAD_CUDA_CHECK(cudaSetDevice(state.device));
  const size_t plans = static_cast<size_t>(params.padded_plans);
  const size_t world_ego = static_cast<size_t>(params.max_steps + 1) * plans;
  const size_t chunk =
      std::clamp<size_t>(kEgoBudget / (5 * world_ego * sizeof(float)), 1, worlds.size());
  for (size_t first = 0; first < worlds.size(); first += chunk) {
    const size_t count = std::min(chunk, worlds.size() - first);
    state.pack.pack(params, worlds.subspan(first, count));
    std::byte* inputs = state.inputs.reserve(state.pack.bytes().size());
    RolloutParams local = params;
    local.worlds = state.pack.rebase(inputs);
    local.num_worlds = static_cast<int32_t>(count);
    const size_t fact_size = count * plans;
    const size_t ego_size = count * world_ego;
    local.facts = carve_fact_tables(
        reinterpret_cast<float*>(state.facts.reserve(kNumFactTables * fact_size * sizeof(float))),
        fact_size);
    EgoTables& ego = local.ego;
    carve(reinterpret_cast<float*>(state.ego.reserve(5 * ego_size * sizeof(float))), ego_size,
          {&ego.x, &ego.y, &ego.cos, &ego.sin, &ego.heading});
    FORKROAD_CUDA_CHECK(cudaMemcpyAsync(inputs, state.pack.bytes().data(),
                                        state.pack.bytes().size(), cudaMemcpyHostToDevice,
                                        state.stream));
    launch_passes(local, state.stream);
    download_facts(results.facts, local.facts, first * plans, fact_size, state.stream);
    if (results.ego.x != nullptr) {
      download(results.ego.x + first * world_ego, ego.x, ego_size, state.stream);
      download(results.ego.y + first * world_ego, ego.y, ego_size, state.stream);
      download(results.ego.heading + first * world_ego, ego.heading, ego_size, state.stream);
    }
    // the next chunk packs into the memory that this one is copied from
    FORKROAD_CUDA_CHECK(cudaStreamSynchronize(state.stream));
  }
}

}  // namespace forkroad
