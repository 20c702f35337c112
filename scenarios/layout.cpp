#include "scenarios/layout.hpp"

#include <array>

#include "scenarios/layout_plans.hpp"

namespace forkroad {
namespace {

struct LayoutEntry {
  const char* name;
  Layout (*make)(SceneRandom& random);
};

// in the order of LayoutKind
constexpr std::array<LayoutEntry, 8> kLayouts = {{{"multi_lane", multi_lane_layout},
                                                  {"curve", curve_layout},
                                                  {"signalised_crossing", crossing_layout},
                                                  {"unsignalised_t", t_layout},
                                                  {"roundabout", roundabout_layout},
                                                  {"merge", merge_layout},
                                                  {"overpass", overpass_layout},
                                                  {"parking_lot", parking_lot_layout}}};

constexpr std::array<LayoutKind, 8> kKinds = {
    LayoutKind::kMultiLane,     LayoutKind::kCurve,      LayoutKind::kSignalisedCrossing,
    LayoutKind::kUnsignalisedT, LayoutKind::kRoundabout, LayoutKind::kMerge,
    LayoutKind::kOverpass,      LayoutKind::kParkingLot};

}  // namespace

std::span<const LayoutKind> all_layouts() { return kKinds; }

const char* layout_name(LayoutKind kind) { return kLayouts[static_cast<size_t>(kind)].name; }

std::optional<LayoutKind> find_layout(std::string_view name) {
  for (const LayoutKind kind : kKinds) {
    if (name == layout_name(kind)) return kind;
  }
  return std::nullopt;
}

double Surface::at(Vec2 point) const {
  const double plane = height + slope_x * point.x + slope_y * point.y;
  if (hump_line.pieces().empty()) return plane;
  const double away = std::abs(hump_line.project(point).along - hump_center);
  return plane + hump_height * smooth_step((hump_top + hump_ramp - away) / hump_ramp);
}

bool is_red(LightState state) {
  return state == LightState::kStop || state == LightState::kArrowStop;
}

double SignalProgram::cycle() const {
  double sum = 0;
  for (const SignalPhase& phase : phases) sum += phase.duration;
  return sum;
}

LightState SignalProgram::state(int group, double time) const {
  double rest = time + offset;
  rest -= std::floor(rest / cycle()) * cycle();
  for (const SignalPhase& phase : phases) {
    if (rest < phase.duration) return phase.states[static_cast<size_t>(group)];
    rest -= phase.duration;
  }
  return phases.back().states[static_cast<size_t>(group)];
}

double SignalProgram::remaining(int group, double time) const {
  double rest = time + offset;
  rest -= std::floor(rest / cycle()) * cycle();
  const LightState now = state(group, time);
  double end = 0;
  size_t phase = 0;
  while (end <= rest) end += phases[phase++ % phases.size()].duration;
  for (size_t more = 0; more < phases.size(); ++more) {
    const SignalPhase& next = phases[phase++ % phases.size()];
    if (next.states[static_cast<size_t>(group)] != now) break;
    end += next.duration;
  }
  return end - rest;
}

Layout make_layout(LayoutKind kind, SceneRandom& random) {
  Layout layout = kLayouts[static_cast<size_t>(kind)].make(random);
  layout.kind = kind;
  return layout;
}

}  // namespace forkroad
