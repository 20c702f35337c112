#include "scenarios/generate_scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "scenarios/exact_trig.hpp"
#include "scenarios/layout_features.hpp"

namespace forkroad {
namespace {

constexpr int kMaxDraws = 40;
constexpr size_t kMaxVehicles = 64;
constexpr double kMaxDuration = 600.0;  // [s]
constexpr size_t kMaxPredicted = 8;

// Streams of one scene's random numbers.
enum Stream : uint64_t { kLayoutStream = 1, kPlaceStream = 2, kEgoStream = 3, kFirstDraw = 100 };

void check_spec(const GeneratorSpec& spec) {
  const bool dt_fits = spec.dt >= 0.01 && spec.dt <= 1.0;
  if (dt_fits && spec.num_steps >= 1 && (spec.num_steps - 1) * spec.dt <= kMaxDuration &&
      spec.current_step >= 0 && spec.current_step < spec.num_steps) {
    return;
  }
  throw std::invalid_argument(
      fmt::format("generate_scene: got dt {} s, {} steps, current step {}; expected dt of 0.01 to "
                  "1 s, at least one step, at most {} s in all, current step below the steps",
                  spec.dt, spec.num_steps, spec.current_step, kMaxDuration));
}

float to_heading(double angle) {
  const auto heading = static_cast<float>(wrap_angle(angle));
  return static_cast<double>(heading) >= kPi ? static_cast<float>(-kPi) : heading;
}

Track make_track(const LoggedUser& user, const LayoutTruth& truth) {
  Track track;
  track.id = user.id;
  track.kind = user.kind;
  track.raw_type = user.raw_type;
  track.resize(static_cast<int>(user.states.size()));
  const Surface& surface = truth.layout().levels[static_cast<size_t>(user.level)].surface;
  for (size_t step = 0; step < user.states.size(); ++step) {
    const LoggedState& state = user.states[step];
    if (!state.present) continue;
    track.valid[step] = 1;
    track.x[step] = static_cast<float>(state.center.x + truth.shift().x);
    track.y[step] = static_cast<float>(state.center.y + truth.shift().y);
    track.z[step] =
        static_cast<float>(surface.at(state.center) + 0.5 * user.height + truth.shift_z());
    track.heading[step] = to_heading(state.heading);
    track.velocity_x[step] = static_cast<float>(state.velocity.x);
    track.velocity_y[step] = static_cast<float>(state.velocity.y);
    track.length[step] = static_cast<float>(user.length);
    track.width[step] = static_cast<float>(user.width);
    track.height[step] = static_cast<float>(user.height);
  }
  return track;
}

// The lanes of the ego's way from where it is at the first step.
std::vector<int64_t> find_route(const Layout& layout, const Vehicle& ego, Vec2 start) {
  std::vector<int64_t> route;
  for (const int lane : ego.route) {
    const LayoutLane& here = layout.lanes[static_cast<size_t>(lane)];
    const CurveFoot foot = here.curve.project(start);
    if (route.empty() && !(foot.beside && foot.distance <= 0.5 * here.width)) continue;
    route.push_back(kFirstLaneId + lane);
  }
  return route;
}

// Who moves near the ego at the current step and is still there at the end: indices of tracks.
std::vector<int32_t> choose_predicted(const Scene& scene) {
  const auto now = static_cast<size_t>(scene.current_step);
  const Track& ego = scene.tracks[0];
  std::vector<std::pair<double, int32_t>> near;
  for (size_t at = 1; at < scene.tracks.size(); ++at) {
    const Track& track = scene.tracks[at];
    if (track.valid[now] == 0 || track.valid.back() == 0) continue;
    const Vec2 moved{double{track.x.back()} - track.x[now], double{track.y.back()} - track.y[now]};
    if (length_of(moved) < 1.0) continue;
    const Vec2 gap{double{track.x[now]} - ego.x[now], double{track.y[now]} - ego.y[now]};
    near.push_back({dot(gap, gap), static_cast<int32_t>(at)});
  }
  std::sort(near.begin(), near.end());
  if (near.size() > kMaxPredicted) near.resize(kMaxPredicted);
  std::vector<int32_t> predicted;
  for (const auto& [distance, track] : near) predicted.push_back(track);
  return predicted;
}

Scene empty_scene(const GeneratorSpec& spec, LayoutKind kind, uint64_t seed, uint64_t index) {
  Scene scene;
  scene.id = fmt::format("{}-{}-{}", layout_name(kind), seed, index);
  scene.dt = spec.dt;
  scene.num_steps = spec.num_steps;
  scene.current_step = spec.current_step;
  scene.ego = 0;
  for (int step = 0; step < spec.num_steps; ++step) scene.timestamps.push_back(step * spec.dt);
  scene.provenance.format = "generated";
  scene.provenance.record = static_cast<int64_t>(index);
  return scene;
}

// Puts log and map together around the ego's place at the current step.
GeneratedScene assemble(Scene scene, std::shared_ptr<const Layout> layout, const TrafficLog& log,
                        int ego, SceneRandom place) {
  const LoggedUser& focal = log.users[static_cast<size_t>(ego)];
  const Vec2 here = focal.states[static_cast<size_t>(scene.current_step)].center;
  const double height = layout->levels[static_cast<size_t>(focal.level)].surface.at(here);
  // somewhere on a map of its own; the scene is local to the ego
  const double source[3] = {place.uniform(-9000, 9000), place.uniform(-9000, 9000),
                            place.uniform(-20, 300)};
  scene.origin = {std::floor(source[0] + here.x), std::floor(source[1] + here.y),
                  std::floor(source[2] + height)};
  LayoutTruth truth(layout, {source[0] - scene.origin[0], source[1] - scene.origin[1]},
                    source[2] - scene.origin[2]);
  scene.tracks.push_back(make_track(focal, truth));
  for (size_t user = 0; user < log.users.size(); ++user) {
    if (static_cast<int>(user) != ego) scene.tracks.push_back(make_track(log.users[user], truth));
  }
  scene.features = layout_features(truth);
  for (const double time : scene.timestamps) scene.signals.push_back(layout_signals(truth, time));
  scene.route =
      find_route(*layout, log.vehicles[static_cast<size_t>(focal.vehicle)], focal.states[0].center);
  scene.objects_of_interest = {focal.id};
  double distance = 0;
  const int partner = nearest_user(log, ego, distance);
  if (partner >= 0) scene.objects_of_interest.push_back(log.users[static_cast<size_t>(partner)].id);
  scene.tracks_to_predict = choose_predicted(scene);
  return {std::move(scene), std::move(truth), {}};
}

}  // namespace

GeneratedScene generate_scene(const GeneratorSpec& spec, LayoutKind layout, uint64_t seed,
                              uint64_t index) {
  check_spec(spec);
  const auto stream = [&](uint64_t which) {
    return SceneRandom{seed, static_cast<uint64_t>(layout), index, which};
  };
  SceneRandom layout_random = stream(kLayoutStream);
  const auto plan = std::make_shared<const Layout>(make_layout(layout, layout_random));
  const auto conflicts = find_conflicts(*plan);
  GenerationCounts counts;
  for (int draw = 0; draw < kMaxDraws; ++draw) {
    SceneRandom random = stream(kFirstDraw + static_cast<uint64_t>(draw));
    // ever less traffic, so that the search ends
    const size_t vehicles = std::max<size_t>(1, kMaxVehicles >> (draw / 6));
    TrafficLog log = run_traffic(*plan, conflicts, {spec.dt, spec.num_steps, vehicles}, random);
    ++counts.draws;
    SceneRandom ego_random = stream(kEgoStream);
    const int ego = log.fault == TrafficFault::kNone
                        ? choose_ego(*plan, log, spec.current_step, ego_random)
                        : -1;
    if (ego >= 0) {
      GeneratedScene generated =
          assemble(empty_scene(spec, layout, seed, index), plan, log, ego, stream(kPlaceStream));
      generated.counts = counts;
      return generated;
    }
    const TrafficFault fault = log.fault == TrafficFault::kNone ? TrafficFault::kNoEgo : log.fault;
    ++counts.faults[static_cast<size_t>(fault)];
  }
  throw std::runtime_error(
      fmt::format("generate_scene: layout {}, seed {}, index {}: no run of {} was without fault",
                  layout_name(layout), seed, index, kMaxDraws));
}

}  // namespace forkroad
