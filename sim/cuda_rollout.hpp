// The rollout passes on a GPU: upload, two kernels, download.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "kernels/rollout_params.hpp"

namespace forkroad {

// Host memory that results land in: as FactTables and EgoTables, [worlds, ...] each.
struct CudaResults {
  FactTables facts;
  EgoTables ego;  // x null: no traces wanted
};

class CudaRollout {
 public:
  // Throws std::runtime_error naming the CUDA call and its error, here and in run.
  explicit CudaRollout(int device_index);
  ~CudaRollout();

  // Runs all plans of all worlds; pointers in `worlds` are host memory. Worlds are taken in chunks
  // so that ego tables stay within a fixed share of memory. Blocks until the results are there.
  void run(const RolloutParams& params, std::span<const WorldView> worlds,
           const CudaResults& results);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace forkroad
