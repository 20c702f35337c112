#include "sim/cuda_memory.hpp"
#include "sim/cuda_pdm.hpp"
#include "sim/pdm_upload.hpp"

namespace forkroad {
namespace {

constexpr int kPdmThreads = 64;

template <class S>
__global__ void __launch_bounds__(kPdmThreads, 8)
    pdm_kernel(PdmParams<S> params, PdmWarpLists<S> lists) {
  CudaBlock block;
  pdm_block(block, params, lists);
}

}  // namespace

template <class S>
void run_pdm_on_cuda(int device, const PdmParams<S>& params, const PdmSizes& sizes,
                     size_t num_values) {
  FORKROAD_CUDA_CHECK(cudaSetDevice(device));
  const PdmUpload<S> upload(params, sizes, num_values);
  DeviceBuffer inputs, outputs;
  std::byte* const in = inputs.reserve(upload.bytes().size());
  PdmParams<S> local = upload.params(in, outputs.reserve(upload.output_bytes()));
  const PdmWarpLists<S> lists = upload.lists(outputs.reserve(upload.output_bytes()));
  FORKROAD_CUDA_CHECK(
      cudaMemcpy(in, upload.bytes().data(), upload.bytes().size(), cudaMemcpyHostToDevice));
  const int blocks = (params.padded_plans + kPdmThreads - 1) / kPdmThreads;
  pdm_kernel<S><<<blocks, kPdmThreads>>>(local, lists);
  FORKROAD_CUDA_CHECK(cudaGetLastError());
  FORKROAD_CUDA_CHECK(cudaDeviceSynchronize());
  PdmTables host = params.tables;
  const auto download = [](auto* from, auto* to, size_t count) {
    if (to == nullptr) return;
    FORKROAD_CUDA_CHECK(cudaMemcpy(to, from, count * sizeof(*to), cudaMemcpyDeviceToHost));
  };
  visit_pdm_tables(local.tables, host, static_cast<size_t>(params.padded_plans), download);
}

template void run_pdm_on_cuda(int, const PdmParams<float>&, const PdmSizes&, size_t);
template void run_pdm_on_cuda(int, const PdmParams<double>&, const PdmSizes&, size_t);

}  // namespace forkroad
