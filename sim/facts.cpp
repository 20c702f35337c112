#include "sim/facts.hpp"

namespace forkroad {

void FactColumns::resize(size_t size) {
#define FORKROAD_RESIZE(type, name, unit, invalid, meaning) name.resize(size);
  FORKROAD_FACT_FIELDS(FORKROAD_RESIZE)
#undef FORKROAD_RESIZE
}

}  // namespace forkroad
