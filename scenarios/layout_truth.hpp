// What is true of a generated map by construction, answered from exact lines and arcs and not
// from the map's polylines, so that code that works on polylines can be checked against it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "scenarios/layout.hpp"

namespace forkroad {

// Map features of a layout have these ids: lane k has kFirstLaneId + k.
inline constexpr int64_t kFirstLaneId = 1;

// A point belongs to a road if it lies from this much below to this much above its surface [m]:
// wheels, box centres and roofs of cars do, a bridge's underside does not.
inline constexpr double kBelowSurface = 1.0, kAboveSurface = 3.0;

// Points are (x, y, z) in the scene's local frame [m].
class LayoutTruth {
 public:
  // `shift` [m] is added to layout coordinates to get scene-local ones.
  LayoutTruth(std::shared_ptr<const Layout> layout, Vec2 shift, double shift_z)
      : layout_(std::move(layout)), shift_(shift), shift_z_(shift_z) {}

  // Whether a wheel may stand there: on a road, a parking place or a driveway at that height.
  bool is_drivable(double x, double y, double z) const;

  // Distance to the nearest road edge of the roads at that height [m], positive on drivable
  // ground and negative beside it; -infinity where there is no road at that height. The open ends
  // of the map count as no edge.
  double distance_to_edge(double x, double y, double z) const;

  // Ids of the lanes that the point lies in, ascending: not before or behind the lane, at most
  // half its width from its centre line.
  std::vector<int64_t> lanes_at(double x, double y, double z) const;

  // Height of the road surface nearest to z [m]; there is one for every x, y.
  double surface_at(double x, double y, double z) const;

  const Layout& layout() const { return *layout_; }
  Vec2 shift() const { return shift_; }
  double shift_z() const { return shift_z_; }

 private:
  Vec2 to_layout(double x, double y) const { return {x - shift_.x, y - shift_.y}; }
  bool is_at_height(const Level& level, Vec2 point, double z) const;

  std::shared_ptr<const Layout> layout_;
  Vec2 shift_;
  double shift_z_ = 0;
};

// Whether a point of the plane lies inside a level's boundary.
bool is_inside(const Level& level, Vec2 point);

// Distance from a point of the plane to the nearest road edge of a level [m].
double distance_to_boundary(const Level& level, Vec2 point);

}  // namespace forkroad
