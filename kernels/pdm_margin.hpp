// How close a plan's decisions came to falling the other way, so that float lanes know which plans
// only double lanes may decide.
#pragma once

#include "kernels/lane.hpp"

namespace forkroad {

// Margins are kept up to this [m]; what culls and clips leave out is further away than this.
inline constexpr double kPdmMarginCap = 1.0e-3;
// Slack of every cull and clip [m]: above the cap and the rounding of floats.
inline constexpr double kPdmSlack = 2.0e-3;
// Float lanes decide alone above this margin [m] and within this distance of the start [m]: there
// their geometry is at most 8e-5 off (a float's spacing is 1.5e-5, summed over the roundings of a
// corner and of an edge's normal form).
inline constexpr double kPdmMinMargin = 1.0e-4;
inline constexpr double kPdmFloatReach = 200.0;

// The least margin so far, per lane. Double lanes keep none: for them the calls are nothing.
template <class F>
struct PdmMargin {
  static constexpr bool kKept = sizeof(ScalarOf<F>) == 4;
  F least = lit<F>(kPdmMarginCap);

  // `distance` [m] of something from where its decision changes, either sign.
  FORKROAD_HD void see(F distance) {
    if constexpr (kKept) least = min(abs(distance), least);
  }
  FORKROAD_HD void see_where(MaskOf<F> mask, F distance) {
    if constexpr (kKept) see(select(mask, distance, lit<F>(kPdmMarginCap)));
  }
};

}  // namespace forkroad
