// Scenes of every layout, made once and shared by the tests of the generator.
#pragma once

#include <string>
#include <vector>

#include "scenarios/generate_scene.hpp"
#include "tests/polygon_reference.hpp"

namespace forkroad::test {

inline constexpr int kScenesPerLayout = 25;

// kScenesPerLayout scenes of each layout, layouts in order.
const std::vector<GeneratedScene>& generated_scenes();

// The same for one layout.
std::vector<const GeneratedScene*> generated_scenes_of(LayoutKind kind);

// The box of a track at a step at which it is observed.
ReferenceBox box_of(const Track& track, size_t step);

// The four corners of a box.
std::vector<Vec2> corners_of(const ReferenceBox& box);

// Whether a point lies inside a ring in the plane, by the even-odd rule.
bool in_ring(const std::vector<Point3>& ring, Vec2 point);

// Least distance of a point to a polyline in the plane [m]; `signed_side` becomes > 0 where the
// nearest point lies inside a segment and the point left of it, < 0 right of it, 0 at a vertex.
double distance_to_polyline(const std::vector<Point3>& line, bool closed, Vec2 point,
                            double& signed_side);

// Every bit of a scene that a user sees, as one number.
uint64_t hash_of(const Scene& scene);

const MapFeature* find_feature(const Scene& scene, int64_t id);

}  // namespace forkroad::test
