// Internal to build_scene: each part of a Scene from Python values. All throw SceneFault.
#pragma once

#include <vector>

#include "bindings/python_fields.hpp"
#include "scenarios/scene.hpp"

namespace forkroad::python {

// timestamps, dt and num_steps from either or both; `tracks` tell T if only dt is given.
void set_clock(const Located& timestamps, const Located& dt, const std::vector<Located>& tracks,
               Scene& scene);

// tracks and origin. Needs num_steps, ego and current_step.
void add_tracks(const std::vector<Located>& tracks, const Located& origin, Scene& scene);

// features. Needs the origin.
void add_features(const std::vector<Located>& features, Scene& scene);

// signals. Needs the features.
void add_signals(const std::vector<Located>& lights, Scene& scene);

// Row `row` of an array of 2 or 3 columns, minus the origin; local z is 0 if there are 2. Refuses
// what does not lie within kMaxLocalCoordinate of the origin.
Point3 local_point(const DoubleArray& points, py::ssize_t row, const Scene& scene,
                   const Located& from);

}  // namespace forkroad::python
