// Internal to the WOMD decoder: each part of a tf.Example, decoded into a part of a Scene.
#pragma once

#include <array>
#include <string>

#include "scenarios/scene.hpp"
#include "scenarios/source_frame.hpp"
#include "scenarios/womd_example_features.hpp"

namespace forkroad::womd {

// The three stretches of time that a tf.Example keeps apart, in order; the current one has a
// single step. A stretch that the example lacks has no steps.
struct ExamplePhases {
  static constexpr std::array<const char*, 3> kNames = {"past", "current", "future"};

  std::array<std::size_t, 3> num_steps{};

  std::size_t total() const { return num_steps[0] + num_steps[1] + num_steps[2]; }
};

// Rejects a position that cannot be kept; `owner` says whose it is.
[[noreturn]] void refuse_example_point(const SourcePoint& source, const Origin& origin,
                                       const char* at, const std::string& owner);

// Map samples become features in the order in which their ids first appear. Says in `assumptions`
// what the form lacks and what was left out.
void decode_example_map(const ExampleFeatures& features, const Origin& origin, Scene& scene);

// The lights of every step: lamps that are not valid are left out.
void decode_example_signals(const ExampleFeatures& features, const ExamplePhases& phases,
                            const Origin& origin, Scene& scene);

}  // namespace forkroad::womd
