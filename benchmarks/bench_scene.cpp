#include "benchmarks/bench_scene.hpp"

#include <cmath>
#include <random>

namespace forkroad {

Scene bench_scene(int num_agents, int num_steps, uint64_t seed) {
  Scene scene;
  scene.id = "bench";
  scene.dt = 0.1;
  scene.num_steps = num_steps + 1;
  scene.current_step = 0;
  scene.ego = 0;
  std::mt19937_64 random(seed);
  const auto uniform = [&](double low, double high) {
    // not std::uniform_real_distribution: its values differ between standard libraries
    return low + (high - low) * static_cast<double>(random() >> 11) * 0x1.0p-53;
  };
  for (int step = 0; step <= num_steps; ++step) scene.timestamps.push_back(step * scene.dt);
  for (int index = 0; index <= num_agents; ++index) {
    Track track;
    track.id = index;
    track.kind = AgentKind::kVehicle;
    track.resize(scene.num_steps);
    double x = index == 0 ? 0.0 : uniform(-75.0, 75.0);
    double y = index == 0 ? 0.0 : uniform(-75.0, 75.0);
    double heading = index == 0 ? 0.0 : uniform(-3.1, 3.1);
    const double speed = index == 0 ? 9.0 : std::max(0.0, uniform(-5.0, 15.0));
    const double yaw_rate = index == 0 ? 0.0 : uniform(-0.1, 0.1);
    const float length = static_cast<float>(uniform(4.2, 5.4));
    const float width = static_cast<float>(uniform(1.8, 2.1));
    for (size_t step = 0; step < track.x.size(); ++step) {
      track.valid[step] = 1;
      track.x[step] = static_cast<float>(x);
      track.y[step] = static_cast<float>(y);
      track.heading[step] = static_cast<float>(std::remainder(heading, 2.0 * std::acos(-1.0)));
      track.velocity_x[step] = static_cast<float>(speed * std::cos(heading));
      track.velocity_y[step] = static_cast<float>(speed * std::sin(heading));
      track.length[step] = length;
      track.width[step] = width;
      track.height[step] = 1.6f;
      x += speed * std::cos(heading) * scene.dt;
      y += speed * std::sin(heading) * scene.dt;
      if (speed > 0.0) heading += yaw_rate * scene.dt;
    }
    scene.tracks.push_back(std::move(track));
  }
  scene.signals.resize(static_cast<size_t>(scene.num_steps));
  scene.provenance.format = "generated";
  return scene;
}

}  // namespace forkroad
