#include "scenarios/generate_scene.hpp"

#include <algorithm>
#include <set>

#include "tests/catch.hpp"
#include "tests/generated_scenes.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

namespace {

bool is_driver(const Track& track) {
  return track.kind == AgentKind::kVehicle || track.kind == AgentKind::kCyclist;
}

// Calls `check(track, step)` for every step at which a track and its predecessor are observed.
template <class Check>
void for_each_move(const Scene& scene, Check check) {
  for (const Track& track : scene.tracks) {
    for (size_t step = 1; step < track.x.size(); ++step) {
      if (track.valid[step] != 0 && track.valid[step - 1] != 0) check(track, step);
    }
  }
}

double speed_of(const Track& track, size_t step) {
  return std::hypot(double{track.velocity_x[step]}, double{track.velocity_y[step]});
}

double yaw_rate_of(const Track& track, size_t step, double dt) {
  return std::remainder(double{track.heading[step]} - track.heading[step - 1], 2 * M_PI) / dt;
}

void require_no_contact(const Scene& scene) {
  for (size_t step = 0; step < static_cast<size_t>(scene.num_steps); ++step) {
    for (size_t a = 0; a < scene.tracks.size(); ++a) {
      for (size_t b = a + 1; b < scene.tracks.size(); ++b) {
        const Track &first = scene.tracks[a], &second = scene.tracks[b];
        if (first.valid[step] == 0 || second.valid[step] == 0) continue;
        const double reach = 0.6 * (first.length[step] + second.length[step]) + 2.0;
        if (std::abs(first.x[step] - second.x[step]) > reach) continue;
        if (std::abs(first.y[step] - second.y[step]) > reach) continue;
        // one above the other on a bridge
        if (std::abs(first.z[step] - second.z[step]) > 3.0f) continue;
        if (!boxes_overlap(box_of(first, step), box_of(second, step))) continue;
        INFO(scene.id << ": tracks " << first.id << " and " << second.id << " at step " << step);
        REQUIRE(false);
      }
    }
  }
}

void require_on_road(const GeneratedScene& generated) {
  for (const Track& track : generated.scene.tracks) {
    if (!is_driver(track)) continue;
    for (size_t step = 0; step < track.x.size(); ++step) {
      if (track.valid[step] == 0) continue;
      const double ground = track.z[step] - 0.5 * track.height[step];
      for (const Vec2 corner : corners_of(box_of(track, step))) {
        INFO(generated.scene.id << ": track " << track.id << " at step " << step);
        REQUIRE(generated.truth.is_drivable(corner.x, corner.y, ground + 0.1));
      }
    }
  }
}

// Returns the hardest braking [m/s^2].
double require_limits(const Scene& scene) {
  double hardest = 0;
  for_each_move(scene, [&](const Track& track, size_t step) {
    if (!is_driver(track)) return;
    const double gain = (speed_of(track, step) - speed_of(track, step - 1)) / scene.dt;
    const double lateral = speed_of(track, step) * yaw_rate_of(track, step, scene.dt);
    INFO(scene.id << ": track " << track.id << " at step " << step);
    REQUIRE(gain <= 4.0);
    REQUIRE(gain >= -8.0);
    REQUIRE(std::abs(lateral) <= 4.5);
    hardest = std::min(hardest, gain);
  });
  return hardest;
}

}  // namespace

TEST_CASE("Generated scenes of every layout are sound", "[generator][property]") {
  REQUIRE(generated_scenes().size() == 8 * kScenesPerLayout);
  for (const GeneratedScene& generated : generated_scenes()) {
    const Scene& scene = generated.scene;
    INFO(scene.id);
    REQUIRE(find_scene_fault(scene) == "");
    REQUIRE(scene.ego == 0);
    const Track& ego = scene.tracks[0];
    CHECK(ego.kind == AgentKind::kVehicle);
    CHECK(std::count(ego.valid.begin(), ego.valid.end(), 1) == scene.num_steps);
    CHECK(std::hypot(ego.x.back() - ego.x.front(), ego.y.back() - ego.y.front()) > 8.0f);
    // the origin is the ego's place, rounded down
    const auto now = static_cast<size_t>(scene.current_step);
    CHECK((ego.x[now] >= 0 && ego.x[now] < 1 && ego.y[now] >= 0 && ego.y[now] < 1));
    for (const int64_t id : scene.objects_of_interest) CHECK(scene.find_track(id) >= 0);
    CHECK(scene.provenance.format == "generated");
  }
}

TEST_CASE("In generated scenes nobody touches anybody", "[generator][property]") {
  for (const GeneratedScene& generated : generated_scenes()) require_no_contact(generated.scene);
}

TEST_CASE("In generated scenes vehicles stay on drivable ground with all corners",
          "[generator][property]") {
  for (const GeneratedScene& generated : generated_scenes()) require_on_road(generated);
}

TEST_CASE("Generated vehicles accelerate, brake and turn within limits", "[generator][property]") {
  double hardest = 0;
  for (const GeneratedScene& generated : generated_scenes()) {
    hardest = std::min(hardest, require_limits(generated.scene));
  }
  CHECK(hardest < -2.0);  // somebody has to brake
}

TEST_CASE("Generated tracks move as their velocities and headings say", "[generator][property]") {
  // boxes turn about a rear axle that lies 0.3 of the length behind a vehicle's centre
  for (const GeneratedScene& generated : generated_scenes()) {
    const Scene& scene = generated.scene;
    for_each_move(scene, [&](const Track& track, size_t step) {
      INFO(scene.id << ": track " << track.id << " at step " << step);
      const double mean_x = 0.5 * (track.velocity_x[step] + track.velocity_x[step - 1]);
      const double mean_y = 0.5 * (track.velocity_y[step] + track.velocity_y[step - 1]);
      REQUIRE(track.x[step] - track.x[step - 1] == Approx(scene.dt * mean_x).margin(0.04));
      REQUIRE(track.y[step] - track.y[step - 1] == Approx(scene.dt * mean_y).margin(0.04));
      if (track.kind != AgentKind::kVehicle) return;
      const double sideways = -std::sin(track.heading[step]) * track.velocity_x[step] +
                              std::cos(track.heading[step]) * track.velocity_y[step];
      const double turning = 0.3 * track.length[step] * yaw_rate_of(track, step, scene.dt);
      REQUIRE(sideways == Approx(turning).margin(0.25));
    });
  }
}

TEST_CASE("The route of a generated ego starts where it is and follows links or lane changes",
          "[generator][property]") {
  for (const GeneratedScene& generated : generated_scenes()) {
    const Scene& scene = generated.scene;
    const Track& ego = scene.tracks[0];
    INFO(scene.id);
    REQUIRE_FALSE(scene.route.empty());
    const auto here = generated.truth.lanes_at(ego.x[0], ego.y[0], ego.z[0]);
    CHECK(std::find(here.begin(), here.end(), scene.route[0]) != here.end());
    for (size_t at = 1; at < scene.route.size(); ++at) {
      const MapFeature& lane = *find_feature(scene, scene.route[at - 1]);
      const auto& exits = lane.exit_lanes;
      bool linked = std::find(exits.begin(), exits.end(), scene.route[at]) != exits.end();
      for (const auto* neighbors : {&lane.left_neighbors, &lane.right_neighbors}) {
        for (const LaneNeighbor& beside : *neighbors) {
          linked = linked || beside.feature_id == scene.route[at];
        }
      }
      CHECK(linked);
    }
    // where the ego is at the end lies on the route
    const auto last = generated.truth.lanes_at(ego.x.back(), ego.y.back(), ego.z.back());
    CHECK(std::any_of(last.begin(), last.end(), [&](int64_t lane) {
      return std::find(scene.route.begin(), scene.route.end(), lane) != scene.route.end();
    }));
  }
}

TEST_CASE("A generated scene depends on its arguments alone", "[generator][determinism]") {
  std::set<uint64_t> hashes;
  for (const LayoutKind layout : all_layouts()) {
    const Scene first = generate_scene({}, layout, 5, 3).scene;
    const Scene other = generate_scene({}, layout, 5, 4).scene;
    const Scene reseeded = generate_scene({}, layout, 6, 3).scene;
    const Scene again = generate_scene({}, layout, 5, 3).scene;
    INFO(first.id);
    CHECK(hash_of(first) == hash_of(again));
    CHECK(find_scene_fault(first) == "");
    hashes.insert({hash_of(first), hash_of(other), hash_of(reseeded)});
  }
  CHECK(hashes.size() == 3 * 8);
}

TEST_CASE("Generated scenes have the same bits with every compiler", "[generator][determinism]") {
  // changes with every change of the generator, and with nothing else
  uint64_t together = 0;
  for (const LayoutKind layout : all_layouts()) {
    for (uint64_t index = 0; index < 3; ++index) {
      together = 31 * together + hash_of(generate_scene({}, layout, 1, index).scene);
    }
  }
  CHECK(together == 0x1533b27b3ff5b019ULL);
}

TEST_CASE("A generated scene of any length and step is sound and free of contacts",
          "[generator][property]") {
  for (const LayoutKind layout : all_layouts()) {
    for (const GeneratorSpec spec :
         {GeneratorSpec{0.1, 1, 0}, GeneratorSpec{0.1, 11, 10}, GeneratorSpec{0.04, 60, 7},
          GeneratorSpec{0.5, 41, 4}, GeneratorSpec{1.0, 30, 29}}) {
      const Scene scene = generate_scene(spec, layout, 77, 1).scene;
      INFO(scene.id << " with dt " << spec.dt << " and " << spec.num_steps << " steps");
      REQUIRE(find_scene_fault(scene) == "");
      CHECK(scene.num_steps == spec.num_steps);
      CHECK(scene.signals.size() == static_cast<size_t>(spec.num_steps));
      CHECK(scene.tracks[0].valid.back() == 1);
      require_no_contact(scene);
    }
  }
}

TEST_CASE("Thousands of generated scenes hold to all of it", "[generator][slow]") {
  for (const LayoutKind layout : all_layouts()) {
    for (uint64_t index = 0; index < 300; ++index) {
      const GeneratedScene generated = generate_scene({}, layout, 4242, index);
      REQUIRE(find_scene_fault(generated.scene) == "");
      require_no_contact(generated.scene);
      require_on_road(generated);
      require_limits(generated.scene);
    }
  }
}

TEST_CASE("Traffic is seldom drawn anew and faults are counted", "[generator]") {
  int draws = 0, faults = 0;
  for (const GeneratedScene& generated : generated_scenes()) {
    draws += generated.counts.draws;
    for (const int count : generated.counts.faults) faults += count;
  }
  const int scenes = static_cast<int>(generated_scenes().size());
  CHECK(draws == scenes + faults);
  CHECK(draws <= scenes * 5 / 4);
}

TEST_CASE("A generator spec out of range is named", "[generator]") {
  for (const GeneratorSpec spec :
       {GeneratorSpec{0.0, 91, 10}, GeneratorSpec{2.0, 91, 10}, GeneratorSpec{std::nan(""), 91, 10},
        GeneratorSpec{0.1, 0, 0}, GeneratorSpec{0.1, 91, 91}, GeneratorSpec{0.1, 91, -1},
        GeneratorSpec{0.1, 6002, 10}}) {
    CHECK_THROWS_WITH(generate_scene(spec, LayoutKind::kCurve, 1),
                      Contains("generate_scene: got dt"));
  }
}
