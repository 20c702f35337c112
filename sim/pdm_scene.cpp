#include "sim/pdm_scene.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace forkroad {
namespace {

[[noreturn]] void fail(const PdmScene& scene, const std::string& text) {
  throw std::invalid_argument(fmt::format("PdmScene '{}': {}", scene.name, text));
}

void check_state(const PdmScene& scene, const char* what, const PdmState& state) {
  for (int column = 0; column < kPdmColumns; ++column) {
    if (!std::isfinite(state[static_cast<size_t>(column)])) {
      fail(scene, fmt::format("{}: column {} is {}, expected a finite number", what, column,
                              state[static_cast<size_t>(column)]));
    }
  }
}

void check_points(const PdmScene& scene, const std::string& what,
                  const std::vector<std::array<double, 2>>& points) {
  for (size_t k = 0; k < points.size(); ++k) {
    if (!std::isfinite(points[k][0]) || !std::isfinite(points[k][1])) {
      fail(scene, fmt::format("{}: point {} is ({}, {}), expected finite numbers", what, k,
                              points[k][0], points[k][1]));
    }
  }
}

void check_track(const PdmScene& scene, size_t index, size_t frames) {
  const PdmTrack& track = scene.tracks[index];
  if (!(track.length > 0.0 && track.width > 0.0) || !std::isfinite(track.length) ||
      !std::isfinite(track.width)) {
    fail(scene, fmt::format("track {}: got a box of {} x {} m, expected positive sizes", index,
                            track.length, track.width));
  }
  for (const auto* column : {&track.x, &track.y, &track.heading, &track.vx, &track.vy}) {
    if (column->size() < frames || track.valid.size() < frames) {
      fail(scene, fmt::format("track {}: got {} frames, expected at least {}", index,
                              std::min(column->size(), track.valid.size()), frames));
    }
    for (size_t frame = 0; frame < frames; ++frame) {
      if (track.valid[frame] != 0 && !std::isfinite((*column)[frame])) {
        fail(scene, fmt::format("track {}: frame {} holds {}, expected finite numbers", index,
                                frame, (*column)[frame]));
      }
    }
  }
}

void check_history(const PdmScene& scene) {
  if (scene.history.size() != scene.history_time_us.size()) {
    fail(scene, fmt::format("got {} history states and {} times, expected as many of each",
                            scene.history.size(), scene.history_time_us.size()));
  }
  if (scene.history.size() == 1) fail(scene, "got 1 history state, expected none or at least 2");
  for (size_t k = 0; k < scene.history.size(); ++k) {
    check_state(scene, "history", scene.history[k]);
    if (k > 0 && scene.history_time_us[k] <= scene.history_time_us[k - 1]) {
      fail(scene, fmt::format("history time {} us follows {} us, expected rising times",
                              scene.history_time_us[k], scene.history_time_us[k - 1]));
    }
  }
}

}  // namespace

void check_pdm_scene(const PdmScene& scene, PdmVersion version) {
  check_state(scene, "ego", scene.ego);
  check_history(scene);
  check_points(scene, "centerline", scene.centerline);
  bool has_length = false;
  for (size_t k = 1; k < scene.centerline.size(); ++k) {
    has_length = has_length || scene.centerline[k] != scene.centerline[k - 1];
  }
  if (!has_length) {
    fail(scene, fmt::format("got a centerline of {} points and no length, expected at least 2 "
                            "distinct points",
                            scene.centerline.size()));
  }
  for (size_t p = 0; p < scene.polygons.size(); ++p) {
    check_points(scene, fmt::format("polygon {}", p), scene.polygons[p].ring);
    if (scene.polygons[p].ring.size() < 3) {
      fail(scene, fmt::format("polygon {}: got {} vertices, expected at least 3", p,
                              scene.polygons[p].ring.size()));
    }
  }
  const size_t frames = version == PdmVersion::kV2 ? kPdmStates : kPdmStates + kPdmTtcFrames;
  for (size_t track = 0; track < scene.tracks.size(); ++track) check_track(scene, track, frames);
  for (size_t r = 0; r < scene.red_lights.size(); ++r) {
    const PdmRedLight& light = scene.red_lights[r];
    if (light.polygon < 0 || light.polygon >= static_cast<int>(scene.polygons.size()) ||
        light.is_red.size() < kPdmStates) {
      fail(scene,
           fmt::format("red light {}: got polygon {} and {} frames, expected a polygon "
                       "below {} and at least {} frames",
                       r, light.polygon, light.is_red.size(), scene.polygons.size(), kPdmStates));
    }
  }
}

}  // namespace forkroad
