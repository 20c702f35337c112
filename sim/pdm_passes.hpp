// PdmPasses: the NAVSIM passes over plan blocks of one scene, and the tables that they fill.
#pragma once

#include <vector>

#include "sim/device.hpp"
#include "sim/pdm_kernels.hpp"
#include "sim/pdm_pack.hpp"
#include "sim/pdm_scene.hpp"

namespace forkroad {

// What the passes write, every column padded to whole plan blocks.
struct PdmRaw {
  int padded;
  std::vector<float> columns[9];  // as PdmTables names them, from no_collision to margin
  std::vector<float> comfort, areas;
  std::vector<double> progress, states;

  PdmRaw(int num_plans, bool keep_areas, bool keep_states);

  PdmTables tables();
  // Which of the first num_plans float lanes may not decide.
  std::vector<int> borderline(int num_plans) const;
  // Takes over what the scorer decided of plan `from` of another run; tracker, progress and comfort
  // are the same in both.
  void take_decisions(const PdmRaw& other, int from, int plan);
};

// num_plans rounded up to whole plan blocks.
int pad_pdm_plans(int num_plans);

// Where passes run.
struct PdmMachine {
  int lanes = 0;  // of the CPU, 0: the widest
  int num_threads = 1;
  Device device = Device::cpu();
};

class PdmPasses {
 public:
  // `columns` 3: plan blocks hold plans of [41, 3]; 11: given states of [41, 11]. Positions in plan
  // blocks are relative to the ego's rear axle.
  PdmPasses(const PdmScene& scene, PdmVersion version, int columns);

  // Scores the plans of `blocks` on lanes of S (float or double).
  template <class S>
  void run(const std::vector<double>& blocks, int num_plans, const PdmMachine& machine,
           PdmRaw& raw) const;
  // What `run` hands to the kernels; `pack` outlives it.
  template <class S>
  PdmParams<S> params(const PdmPack<S>& pack, const std::vector<double>& blocks, PdmRaw& raw) const;

  const PdmScene& scene() const { return scene_; }
  PdmVersion version() const { return version_; }

 private:
  const PdmScene& scene_;
  PdmVersion version_;
  int columns_;
  PdmPack<double> exact_;
  PdmTrackerView tracker_;
};

}  // namespace forkroad
