#include "worldmodel/level_gate.hpp"

#include <algorithm>
#include <cmath>

namespace forkroad {
namespace {

constexpr float kLevelHeight = 3.0f;    // [m] less than the clearance below a bridge
constexpr float kSteepestRoad = 0.08f;  // rise per metre
constexpr float kPlaceSpacing = 1.0f;   // [m] of the places that are kept
constexpr float kUnknownHeight = 1.0e-3f;

}  // namespace

LevelGate::LevelGate(const Scene& scene, int track) {
  if (track < 0) return;
  const Track& logged = scene.tracks[static_cast<size_t>(track)];
  // sources without heights have the box or the ground at 0, minus the origin's height here
  const float zero = static_cast<float>(-scene.origin[2]);
  bool has_height = false;
  for (size_t step = 0; step < logged.valid.size(); ++step) {
    if (logged.valid[step] == 0) continue;
    // the ground: map heights are the road's, a box's is its centre
    const Point3 place = {logged.x[step], logged.y[step],
                          logged.z[step] - 0.5f * logged.height[step]};
    if (path_.empty() ||
        std::hypot(place.x - path_.back().x, place.y - path_.back().y) > kPlaceSpacing)
      path_.push_back(place);
    has_height =
        has_height || (logged.z[step] != zero && std::abs(place.z - zero) > kUnknownHeight);
  }
  if (!has_height) path_.clear();
}

LevelGate::Nearest LevelGate::nearest_to(const Point3& place) const {
  Nearest nearest = {3.0e38f, place.z};
  for (const Point3& logged : path_) {
    const float dx = place.x - logged.x, dy = place.y - logged.y;
    const float distance2 = dx * dx + dy * dy;
    if (distance2 < nearest.distance2) nearest = {distance2, logged.z};
  }
  return nearest;
}

bool LevelGate::on_level(const Point3& place) const {
  if (path_.empty()) return true;
  const Nearest nearest = nearest_to(place);
  return std::abs(place.z - nearest.height) <=
         kLevelHeight + kSteepestRoad * std::sqrt(nearest.distance2);
}

bool LevelGate::on_level(const std::vector<Point3>& outline) const {
  const Point3* closest = nullptr;
  float least = 3.1e38f;
  for (const Point3& place : outline) {
    const float distance2 = nearest_to(place).distance2;
    if (distance2 < least) closest = &place;
    least = std::min(least, distance2);
  }
  return closest == nullptr || on_level(*closest);
}

}  // namespace forkroad
