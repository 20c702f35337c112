// PdmScorer: NAVSIM's PDMS (v1.1) and EPDMS (v2) terms of many plans of one scene.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sim/device.hpp"
#include "sim/pdm_scene.hpp"

namespace forkroad {

// The proposal that progress is measured against: its own raw progress [m] and product of
// multipliers. NAVSIM's evaluation takes the re-simulated PDM-Closed plan.
struct PdmReferenceProposal {
  double progress = 0;
  double product = 1;
};

// Lanes of the scorer; tracker, progress and comfort are double in both. Float lanes keep each
// plan's smallest decision margin and leave the close ones to double lanes, so that both give the
// same bits.
enum class PdmPrecision : uint8_t { kFloat, kDouble };

struct PdmOptions {
  PdmVersion version = PdmVersion::kV2;
  PdmPrecision precision = PdmPrecision::kFloat;
  Device device = Device::cpu();
  int num_threads = 1;
  int lanes = 0;  // of the CPU, floats: 1, 8, 16; doubles: 1, 4, 8; 0: widest
  // Without it EP's normaliser comes from the plan alone.
  std::optional<PdmReferenceProposal> reference;
  bool keep_states = false;
  bool keep_areas = false;
};

// Terms in [0, 1], one entry per plan.
struct PdmScores {
  PdmVersion version = PdmVersion::kV2;
  int num_plans = 0;
  int num_borderline = 0;  // plans that float lanes left to double lanes
  std::vector<double> no_collision, drivable_area, driving_direction, traffic_light;
  std::vector<double> progress;  // EP
  std::vector<double> ttc, lane_keeping;
  std::vector<double> comfort;                   // HC (v2), C (v1.1)
  std::vector<double> raw_progress;              // [m]
  std::vector<double> product;                   // of the multipliers
  std::vector<double> score;                     // v2: EPDMS without EC (weights 14); v1.1: PDMS
  std::vector<int32_t> at_fault_step, ttc_step;  // -1: none
  std::vector<uint8_t> comfort_within;           // [N, 6]
  std::vector<uint8_t> areas;  // [N, 41, 3] multiple lanes, non-drivable, off route
  std::vector<double> states;  // [N, 41, 11]
};

// Scores plans [N, 41, 3]: world rear-axle poses at 0, 0.1 .. 4.0 s. Throws std::invalid_argument
// on a scene that check_pdm_scene refuses, and naming plan, step and column of a value that is not
// finite.
PdmScores score_pdm(const PdmScene& scene, std::span<const double> plans,
                    const PdmOptions& options);

// The same from given states [N, 41, 11] instead of plans: the tracker is left out.
PdmScores score_pdm_states(const PdmScene& scene, std::span<const double> states,
                           const PdmOptions& options);

}  // namespace forkroad
