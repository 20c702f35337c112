#include "benchmarks/pdm_bench_scene.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace forkroad {
namespace {

constexpr int kObjects = 63;  // within 40 m

class Uniform {
 public:
  explicit Uniform(uint64_t seed) : engine_(seed) {}
  double operator()(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_() >> 11) * 0x1.0p-53;
  }

 private:
  std::mt19937_64 engine_;
};

void add_rectangle(PdmScene& scene, PdmLayer layer, bool on_route, double x, double y,
                   double length, double width, double heading) {
  // sides in pieces of about 2 m: map polygons have many vertices
  PdmPolygon polygon;
  polygon.layer = layer;
  polygon.on_route = on_route;
  const int pieces = std::max(1, static_cast<int>(length / 2.0));
  for (const int side : {-1, 1}) {
    for (int k = 0; k <= pieces; ++k) {
      const double along = (side < 0 ? k : pieces - k) * length / pieces - 0.5 * length;
      const double across = 0.5 * side * width;
      polygon.ring.push_back({x + along * std::cos(heading) - across * std::sin(heading),
                              y + along * std::sin(heading) + across * std::cos(heading)});
    }
  }
  scene.polygons.push_back(polygon);
}

// A grid of two-lane roads with crossings: 246 polygons over 200 m x 200 m.
void add_map(PdmScene& scene, Uniform& uniform) {
  constexpr double kHalfPi = 1.57079632679489661923;
  for (const double heading : {0.0, kHalfPi}) {
    for (int road = -2; road <= 2; ++road) {
      for (int block = -3; block <= 2; ++block) {
        const double along = block * 35.0 + 17.5, across = road * 40.0;
        for (const double lane : {-1.75, 1.75}) {
          const double offset = across + lane;
          const double x = heading == 0.0 ? along : -offset;
          const double y = heading == 0.0 ? offset : along;
          add_rectangle(scene, PdmLayer::kLane, heading == 0.0 && road == 0, x, y, 36.0, 3.5,
                        heading);
        }
        const double x = heading == 0.0 ? along : -across, y = heading == 0.0 ? across : along;
        add_rectangle(scene, PdmLayer::kRoadblock, false, x, y, 36.0, 7.0, heading);
      }
    }
  }
  while (scene.polygons.size() < 246) {
    const double x = std::round(uniform(-2.4, 2.4)) * 35.0,
                 y = std::round(uniform(-2.4, 2.4)) * 40.0;
    const bool crossing = scene.polygons.size() % 3 != 0;
    add_rectangle(scene, crossing ? PdmLayer::kIntersection : PdmLayer::kLaneConnector, y == 0.0, x,
                  y, crossing ? 12.0 : 9.0, crossing ? 12.0 : 3.5,
                  crossing ? 0.0 : uniform(-1.0, 1.0));
  }
}

}  // namespace

PdmScene pdm_bench_scene() {
  Uniform uniform(5);
  PdmScene scene;
  scene.name = "bench";
  scene.ego = {0.0, -1.75, 0.0, 9.0, 0.0, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0};
  scene.time_us = 10'000'000;
  for (int k = 0; k < 4; ++k) {
    PdmState state = scene.ego;
    state[0] -= 9.0 * 0.5 * (3 - k);
    scene.history.push_back(state);
    scene.history_time_us.push_back(scene.time_us - (3 - k) * 500'000);
  }
  for (int k = 0; k <= 100; ++k) scene.centerline.push_back({k * 1.0, -1.75});
  add_map(scene, uniform);
  for (int index = 0; index < kObjects; ++index) {
    PdmTrack track;
    track.is_agent = index % 5 != 0;
    track.length = track.is_agent ? uniform(0.6, 5.2) : 0.5;
    track.width = track.is_agent ? std::min(track.length, 2.0) : 0.5;
    double radius = 0.0, x = 0.0, y = 0.0;
    // traffic keeps out of the ego's lane, or every plan would collide
    while (radius < 6.0 || radius > 40.0 || std::abs(y + 1.75) < 3.2) {
      x = uniform(-40.0, 40.0);
      y = uniform(-40.0, 40.0);
      radius = std::hypot(x, y);
    }
    const double heading = index % 2 == 0 ? 0.0 : 3.1415,
                 speed = track.is_agent ? uniform(0.0, 12.0) : 0.0;
    for (int frame = 0; frame < kPdmStates + kPdmTtcFrames; ++frame) {
      track.x.push_back(x + speed * frame * kPdmDt * std::cos(heading));
      track.y.push_back(y + speed * frame * kPdmDt * std::sin(heading));
      track.heading.push_back(heading);
      track.vx.push_back(speed * std::cos(heading));
      track.vy.push_back(speed * std::sin(heading));
      track.valid.push_back(1);
    }
    scene.tracks.push_back(track);
  }
  return scene;
}

std::vector<double> pdm_lattice_plans(const PdmScene& scene, int num_plans) {
  std::vector<double> plans;
  const int speeds = 128;
  for (int plan = 0; plan < num_plans; ++plan) {
    const double final_speed = 16.0 * (plan % speeds) / speeds;
    const double curvature = 0.06 * (plan / speeds) / (num_plans / speeds) - 0.03;
    double x = scene.ego[0], y = scene.ego[1], heading = scene.ego[2];
    for (int t = 0; t < kPdmStates; ++t) {
      plans.insert(plans.end(), {x, y, heading});
      const double speed = scene.ego[3] + (final_speed - scene.ego[3]) * t / kPdmSteps;
      x += speed * kPdmDt * std::cos(heading);
      y += speed * kPdmDt * std::sin(heading);
      heading += speed * kPdmDt * curvature * std::min(1.0, t / 10.0);
    }
  }
  return plans;
}

}  // namespace forkroad
