// A PdmScene packed for the passes: positions relative to the ego, objects per frame, bounds.
#pragma once

#include <array>
#include <vector>

#include "sim/pdm_kernels.hpp"
#include "sim/pdm_scene.hpp"

namespace forkroad {

// Owns what the views point to; move it freely, the views are made on demand.
template <class S>
class PdmPack {
 public:
  PdmPack(const PdmScene& scene, PdmVersion version);

  PdmView<S> view() const;
  PdmSizes sizes() const;

 private:
  void pack_polygons(const PdmScene& scene);
  void pack_edges(const std::vector<std::array<double, 2>>& ring);
  void pack_objects(const PdmScene& scene);
  void pack_line(const PdmScene& scene);

  bool version_2_;
  int num_frames_;
  double origin_x_, origin_y_;
  std::vector<S> edge_x_, edge_y_, polygon_bounds_;
  std::vector<PdmEdge<S>> edges_;
  std::vector<int32_t> edge_begin_;
  std::vector<uint8_t> polygon_flags_;
  std::vector<PdmObject<S>> objects_;
  std::vector<S> object_bounds_;
  std::vector<uint8_t> is_agent_, is_stopped_;
  std::vector<int32_t> red_polygon_;
  std::vector<uint8_t> red_on_;
  std::vector<S> line_x_, line_y_, line_arc_;                      // [vertices]
  std::vector<S> line_dx_, line_dy_, line_length_, line_length2_;  // [segments]
};

// Rows in front of the roll-out that HC sees: the past states at 0.1 s, up to 0.2 s before now.
// Throws std::invalid_argument if they span more than kPdmMaxHistory rows.
void pack_history(const PdmScene& scene, PdmTrackerView& view);

}  // namespace forkroad
