// Where lanes of a junction cross or join, so that vehicles on them may meet.
#pragma once

#include <vector>

#include "scenarios/layout.hpp"

namespace forkroad {

// One lane's meeting with another.
struct LaneConflict {
  int other = 0;                        // the other lane
  double from = 0, to = 0;              // [m] along this lane: the stretch near the other
  double other_from = 0, other_to = 0;  // [m] along the other lane
  bool joins = false;                   // both lanes lead into the same one
};

// By lane. Lanes that start at the same place have no conflict: who follows sees who leads.
std::vector<std::vector<LaneConflict>> find_conflicts(const Layout& layout);

}  // namespace forkroad
