// What generated road users do about lights, signs, crosswalks and each other.
#include "scenarios/traffic.hpp"

#include <algorithm>
#include <map>

#include "scenarios/traffic_conflicts.hpp"
#include "tests/catch.hpp"
#include "tests/generated_scenes.hpp"
#include "tests/random.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

bool lets_drive(LightState state) {
  return state == LightState::kGo || state == LightState::kArrowGo ||
         state == LightState::kCaution || state == LightState::kArrowCaution;
}

// How far the front of a track is beyond the start of a lane along it, if it is in that lane's
// approach: on the line and headed along it.
bool front_beyond(const MapFeature& lane, const Track& track, size_t step, double& beyond) {
  const Vec2 start{lane.points[0].x, lane.points[0].y};
  const Vec2 ahead = unit(Vec2{lane.points[1].x, lane.points[1].y} - start);
  const Vec2 heading{std::cos(track.heading[step]), std::sin(track.heading[step])};
  const Vec2 front = Vec2{track.x[step], track.y[step]} + (0.5 * track.length[step]) * heading;
  beyond = dot(front - start, ahead);
  return std::abs(cross(ahead, front - start)) < 1.2 && dot(heading, ahead) > 0.9 &&
         std::abs(beyond) < 20.0;
}

// Calls `check(track, step)` for each vehicle whose front passes the start of a lane between
// step - 1 and step.
template <class Check>
void for_each_entry(const Scene& scene, const MapFeature& lane, Check check) {
  for (const Track& track : scene.tracks) {
    if (track.kind == AgentKind::kPedestrian) continue;
    for (size_t step = 1; step < track.x.size(); ++step) {
      if (track.valid[step] == 0 || track.valid[step - 1] == 0) continue;
      double before = 0, after = 0;
      if (!front_beyond(lane, track, step - 1, before)) continue;
      if (!front_beyond(lane, track, step, after)) continue;
      if (before <= 0 && after > 0) check(track, step);
    }
  }
}

}  // namespace

TEST_CASE("No generated vehicle enters a junction on red", "[generator][property]") {
  int entries = 0, waited = 0;
  for (const GeneratedScene* generated : generated_scenes_of(LayoutKind::kSignalisedCrossing)) {
    const Scene& scene = generated->scene;
    for (size_t light = 0; light < scene.signals[0].size(); ++light) {
      const MapFeature& lane = *find_feature(scene, scene.signals[0][light].lane_id);
      const Point3 stop = scene.signals[0][light].stop_point;
      CHECK((stop.x == lane.points[0].x && stop.y == lane.points[0].y));
      for_each_entry(scene, lane, [&](const Track& track, size_t step) {
        INFO(scene.id << ": track " << track.id << " at step " << step);
        CHECK_FALSE((is_red(scene.signals[step - 1][light].state) &&
                     is_red(scene.signals[step][light].state)));
        ++entries;
      });
      waited += is_red(scene.signals[0][light].state);
    }
  }
  CHECK(entries > 100);
  CHECK(waited > 100);
}

TEST_CASE("Generated lights never let crossing lanes drive at the same time",
          "[generator][property]") {
  int changes = 0;
  for (const GeneratedScene* generated : generated_scenes_of(LayoutKind::kSignalisedCrossing)) {
    const Layout& layout = generated->truth.layout();
    const auto conflicts = find_conflicts(layout);
    for (double time = 0; time < layout.signals.cycle(); time += 0.1) {
      for (size_t lane = 0; lane < layout.lanes.size(); ++lane) {
        const int group = layout.lanes[lane].signal_group;
        if (group < 0 || !lets_drive(layout.signals.state(group, time))) continue;
        for (const LaneConflict& conflict : conflicts[lane]) {
          const LayoutLane& other = layout.lanes[static_cast<size_t>(conflict.other)];
          if (!lets_drive(layout.signals.state(other.signal_group, time))) continue;
          // only turns that yield to straight traffic share a green
          CHECK(other.priority != layout.lanes[lane].priority);
        }
      }
    }
    for (const int group : {0, 1, 2, 3}) {
      const double rest = layout.signals.remaining(group, 0.0);
      CHECK(layout.signals.state(group, rest - 1e-6) == layout.signals.state(group, 0.0));
      changes += layout.signals.state(group, rest + 1e-6) != layout.signals.state(group, 0.0);
    }
  }
  CHECK(changes == 4 * kScenesPerLayout);
}

TEST_CASE("Generated vehicles stand before they pass a stop sign", "[generator][property]") {
  int passed = 0;
  for (const GeneratedScene* generated : generated_scenes_of(LayoutKind::kUnsignalisedT)) {
    const Scene& scene = generated->scene;
    for (const MapFeature& sign : scene.features) {
      if (sign.kind != FeatureKind::kStopSign) continue;
      CHECK(sign.controlled_lanes.size() == 2);
      // both lanes start at the same place
      const MapFeature& lane = *find_feature(scene, sign.controlled_lanes[0]);
      CHECK(std::hypot(sign.points[0].x - lane.points[0].x, sign.points[0].y - lane.points[0].y) <
            6.0f);
      for_each_entry(scene, lane, [&](const Track& track, size_t step) {
        if (step < 20 || track.valid[step - 20] == 0) return;  // it may have stood before the log
        double slowest = 1.0e9;
        for (size_t at = step - 20; at < step; ++at) {
          slowest = std::min(
              slowest, std::hypot(double{track.velocity_x[at]}, double{track.velocity_y[at]}));
        }
        INFO(scene.id << ": track " << track.id << " at step " << step);
        CHECK(slowest < 0.35);
        ++passed;
      });
    }
  }
  CHECK(passed >= 5);
}

TEST_CASE("Generated road users use what their layouts offer", "[generator]") {
  std::map<LayoutKind, int> walkers, cyclists, changes, parked;
  for (const GeneratedScene& generated : generated_scenes()) {
    const LayoutKind kind = generated.truth.layout().kind;
    for (const Track& track : generated.scene.tracks) {
      const auto first = static_cast<size_t>(std::find(track.valid.begin(), track.valid.end(), 1) -
                                             track.valid.begin());
      size_t last = track.valid.size() - 1;
      while (track.valid[last] != 1) --last;
      const Vec2 moved{double{track.x[last]} - track.x[first],
                       double{track.y[last]} - track.y[first]};
      walkers[kind] += track.kind == AgentKind::kPedestrian && length_of(moved) > 2.0;
      cyclists[kind] += track.kind == AgentKind::kCyclist;
      parked[kind] += track.kind == AgentKind::kVehicle && length_of(moved) == 0.0;
      const Vec2 ahead{std::cos(track.heading[first]), std::sin(track.heading[first])};
      changes[kind] += track.kind == AgentKind::kVehicle && length_of(moved) > 20.0 &&
                       std::abs(cross(ahead, moved)) > 2.5;
    }
  }
  CHECK(walkers[LayoutKind::kSignalisedCrossing] > 30);
  CHECK(walkers[LayoutKind::kUnsignalisedT] > 30);
  CHECK(walkers[LayoutKind::kRoundabout] > 10);
  CHECK(cyclists[LayoutKind::kSignalisedCrossing] > 30);
  CHECK(parked[LayoutKind::kParkingLot] > 200);
  CHECK(changes[LayoutKind::kMultiLane] > 10);
}

TEST_CASE("Separation of boxes is at most their distance and negative where they overlap",
          "[generator][property]") {
  Random random(4);
  int overlaps = 0;
  for (int pair = 0; pair < 2000; ++pair) {
    ReferenceBox boxes[2];
    Footprint prints[2];
    for (int k = 0; k < 2; ++k) {
      boxes[k] = {random.uniform(-4, 4), random.uniform(-4, 4), random.uniform(-3, 3),
                  random.uniform(0.2, 3), random.uniform(0.2, 1.5)};
      prints[k] = {{boxes[k].x, boxes[k].y},
                   {std::cos(boxes[k].heading), std::sin(boxes[k].heading)},
                   boxes[k].half_length,
                   boxes[k].half_width,
                   0};
    }
    const double apart = separation(prints[0], prints[1]);
    const double exact = signed_distance(boxes[0], boxes[1]);
    CHECK(apart <= exact + 1e-9);
    if (std::abs(apart) > 1e-9) CHECK((apart < 0) == boxes_overlap(boxes[0], boxes[1]));
    overlaps += apart < 0;
  }
  CHECK(overlaps > 200);
}
