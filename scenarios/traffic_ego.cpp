// Which vehicle of a log becomes the ego: one that is there all the time and has to react.
#include <algorithm>

#include "scenarios/traffic_log.hpp"

namespace forkroad {
namespace {

constexpr double kLeastTravel = 8.0;  // [m] that an ego moves, less on short logs
constexpr size_t kEvery = 3;          // logged steps between comparisons of distance

bool is_always_there(const LoggedUser& user) {
  return std::all_of(user.states.begin(), user.states.end(),
                     [](const LoggedState& state) { return state.present; });
}

// How much a vehicle has to do from the current step on; higher is more.
double interest(const Layout& layout, const TrafficLog& log, int user, size_t current) {
  const LoggedUser& here = log.users[static_cast<size_t>(user)];
  const Vehicle& vehicle = log.vehicles[static_cast<size_t>(here.vehicle)];
  const LoggedState &now = here.states[current], &last = here.states.back();
  double score = 0, braking = 0, travelled = 0;
  for (const Gate& gate : vehicle.gates) {
    const size_t lane = static_cast<size_t>(vehicle.plan.lanes[gate.lane_at]);
    if (now.front < gate.along && last.front > gate.along + 4.0) {
      score += layout.lanes[lane].priority <= 2 ? 3.0 : 0.8;
    }
  }
  for (const PathCrossing& crossing : vehicle.crossings) {
    if (now.front < crossing.from && last.front > crossing.to) score += 0.5;
  }
  if (vehicle.route != vehicle.plan.lanes) score += 1.5;
  for (size_t step = current + 1; step < here.states.size(); ++step) {
    const LoggedState &a = here.states[step - 1], &b = here.states[step];
    braking = std::max(braking, length_of(a.velocity) - length_of(b.velocity));
    travelled += length_of(b.center - a.center);
  }
  double nearest = 1.0e9;
  nearest_user(log, user, nearest);
  score += std::min(1.0, 20.0 * braking) + std::min(1.5, travelled / 40.0);
  return score + 1.5 * std::max(0.0, 1.0 - std::max(nearest, 0.0) / 8.0);
}

}  // namespace

int nearest_user(const TrafficLog& log, int user, double& distance) {
  int nearest = -1;
  distance = 1.0e9;
  const LoggedUser& here = log.users[static_cast<size_t>(user)];
  for (size_t other = 0; other < log.users.size(); ++other) {
    const LoggedUser& there = log.users[other];
    if (static_cast<int>(other) == user || there.parked || there.level != here.level) continue;
    for (size_t step = 0; step < here.states.size(); step += kEvery) {
      if (!here.states[step].present || !there.states[step].present) continue;
      const Vec2 gap = there.states[step].center - here.states[step].center;
      const double reach = distance + 0.6 * (here.length + there.length);
      if (dot(gap, gap) > reach * reach) continue;
      const double apart = separation(footprint_of(here, step), footprint_of(there, step));
      if (apart >= distance) continue;
      distance = apart;
      nearest = static_cast<int>(other);
    }
  }
  return nearest;
}

int choose_ego(const Layout& layout, const TrafficLog& log, int current_step, SceneRandom& random) {
  int best = -1;
  double best_score = -1;
  for (size_t user = 0; user < log.users.size(); ++user) {
    const LoggedUser& here = log.users[user];
    if (here.vehicle < 0 || here.kind != AgentKind::kVehicle || here.length > 7.0) continue;
    const double whim = random.uniform(0, 1.5);
    if (!is_always_there(here)) continue;
    const double least = std::min(kLeastTravel, 0.1 * static_cast<double>(here.states.size() - 1));
    if (length_of(here.states.back().center - here.states.front().center) < least) continue;
    const double score =
        whim + interest(layout, log, static_cast<int>(user), static_cast<size_t>(current_step));
    if (score <= best_score) continue;
    best_score = score;
    best = static_cast<int>(user);
  }
  return best;
}

}  // namespace forkroad
