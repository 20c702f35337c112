#include "scenarios/layout_truth.hpp"

#include <algorithm>
#include <limits>

namespace forkroad {

bool is_inside(const Level& level, Vec2 point) {
  int turns = 0;
  for (const auto& loop : level.loops) {
    for (size_t at = 0; at < loop.size(); ++at) {
      turns += winding_of_piece(loop[at].piece, loop[(at + 1) % loop.size()].piece.start, point);
    }
  }
  return turns > 0;
}

double distance_to_boundary(const Level& level, Vec2 point) {
  double nearest = std::numeric_limits<double>::infinity();
  for (const auto& loop : level.loops) {
    for (const BoundaryPiece& edge : loop) {
      if (edge.role == EdgeRole::kMapEnd) continue;
      const Vec2 foot = edge.piece.at(edge.piece.nearest(point)).position;
      nearest = std::min(nearest, length_of(point - foot));
    }
  }
  return nearest;
}

bool LayoutTruth::is_at_height(const Level& level, Vec2 point, double z) const {
  const double above = z - shift_z_ - level.surface.at(point);
  return above >= -kBelowSurface && above <= kAboveSurface;
}

bool LayoutTruth::is_drivable(double x, double y, double z) const {
  const Vec2 point = to_layout(x, y);
  return std::any_of(layout_->levels.begin(), layout_->levels.end(), [&](const Level& level) {
    return is_at_height(level, point, z) && is_inside(level, point);
  });
}

double LayoutTruth::distance_to_edge(double x, double y, double z) const {
  const Vec2 point = to_layout(x, y);
  double outside = std::numeric_limits<double>::infinity(), inside = -outside;
  for (const Level& level : layout_->levels) {
    if (!is_at_height(level, point, z)) continue;
    const double distance = distance_to_boundary(level, point);
    if (is_inside(level, point)) {
      inside = std::max(inside, distance);
    } else {
      outside = std::min(outside, distance);
    }
  }
  return inside >= 0 ? inside : -outside;
}

std::vector<int64_t> LayoutTruth::lanes_at(double x, double y, double z) const {
  const Vec2 point = to_layout(x, y);
  std::vector<int64_t> found;
  for (size_t lane = 0; lane < layout_->lanes.size(); ++lane) {
    const LayoutLane& here = layout_->lanes[lane];
    const CurveFoot foot = here.curve.project(point);
    if (!foot.beside || foot.distance > 0.5 * here.width) continue;
    if (!is_at_height(layout_->levels[static_cast<size_t>(here.level)], point, z)) continue;
    found.push_back(kFirstLaneId + static_cast<int64_t>(lane));
  }
  return found;
}

double LayoutTruth::surface_at(double x, double y, double z) const {
  const Vec2 point = to_layout(x, y);
  double nearest = std::numeric_limits<double>::infinity();
  for (const Level& level : layout_->levels) {
    const double surface = level.surface.at(point) + shift_z_;
    if (std::abs(surface - z) < std::abs(nearest - z)) nearest = surface;
  }
  return nearest;
}

}  // namespace forkroad
