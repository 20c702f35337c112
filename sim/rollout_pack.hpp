// Everything a rollout reads, packed into one block of bytes that is uploaded in one copy.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/rollout_params.hpp"

namespace forkroad {

class RolloutPack {
 public:
  // Packs the worlds and all that they point to. Arrays that several worlds share (a broadcast
  // vocabulary) are packed once. Reuses memory.
  void pack(const RolloutParams& params, std::span<const WorldView> worlds);

  // Makes the packed pointers valid for a copy of bytes() at `base`; returns where the WorldViews
  // lie in that copy. Writes into bytes(), so rebase before copying.
  const WorldView* rebase(const std::byte* base);

  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  struct Shared {
    const void* source;
    size_t offset;
  };

  size_t append(const void* source, size_t size);
  template <class Value>
  void pack_array(const Value*& pointer, size_t count);
  void pack_road(RoadView& road, size_t rows);
  void pack_lanes(CenterlineView& lanes);
  void pack_rules(RuleView& rules);
  size_t append_shared(const void* source, size_t size);

  std::vector<std::byte> bytes_;
  std::vector<WorldView> views_;  // pointers hold offsets until rebase
  std::vector<Shared> shared_;
  size_t views_offset_ = 0;
};

}  // namespace forkroad
