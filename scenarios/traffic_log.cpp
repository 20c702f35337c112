#include "scenarios/traffic_log.hpp"

#include <algorithm>

#include "scenarios/exact_trig.hpp"
#include "scenarios/layout_truth.hpp"

namespace forkroad {
namespace {

constexpr double kSubstep = 0.05;  // [s] at most
constexpr int kWarmUpSteps = 80;   // of kSubstep
constexpr double kApart = 0.05;    // [m] that boxes keep
// what a log may hold, less a little for rounding
constexpr double kMostBraking = 7.9, kMostAcceleration = 3.9, kMostLateral = 4.4;  // [m/s^2]

class TrafficRun {
 public:
  TrafficRun(const Layout& layout, const std::vector<std::vector<LaneConflict>>& conflicts,
             const TrafficSpec& spec, SceneRandom& random)
      : layout_(layout), spec_(spec) {
    world_.layout = &layout;
    world_.conflicts = &conflicts;
    world_.random = &random;
    world_.max_vehicles = spec.max_vehicles;
    world_.time = -kWarmUpSteps * kSubstep;
  }

  TrafficLog run() {
    populate(world_);
    let_one_stay();
    for (int k = 0; k < kWarmUpSteps; ++k) world_.step(kSubstep);
    world_.time = 0;
    const int substeps = std::max(1, static_cast<int>(std::ceil(spec_.dt / kSubstep - 1.0e-9)));
    check_parked();
    for (int step = 0; step < spec_.num_steps && !has_fault(); ++step) {
      log_step(static_cast<size_t>(step));
      check_step(static_cast<size_t>(step));
      for (int k = 0; k < substeps && step + 1 < spec_.num_steps && !has_fault(); ++k) {
        check_contacts();
        advance(spec_.dt / substeps);
      }
      world_.time = (step + 1) * spec_.dt;
    }
    log_.vehicles = std::move(world_.vehicles);
    return std::move(log_);
  }

 private:
  bool has_fault() const { return log_.fault != TrafficFault::kNone; }

  // The car with the longest way does not leave, so that someone is there all the time.
  void let_one_stay() {
    Vehicle* longest = nullptr;
    for (Vehicle& vehicle : world_.vehicles) {
      if (vehicle.raw_type != "car") continue;
      const double way = vehicle.path.length() - vehicle.along;
      if (longest == nullptr || way > longest->path.length() - longest->along) longest = &vehicle;
    }
    if (longest != nullptr) longest->stays = true;
  }

  // One step of the world; looks whether anyone enters on red.
  void advance(double dt) {
    std::vector<double> before;
    for (const Vehicle& vehicle : world_.vehicles) before.push_back(vehicle.front());
    const double time = world_.time;
    world_.step(dt);
    for (size_t at = 0; at < before.size(); ++at) {
      const Vehicle& vehicle = world_.vehicles[at];
      for (const Gate& gate : vehicle.gates) {
        const int group =
            layout_.lanes[static_cast<size_t>(vehicle.plan.lanes[gate.lane_at])].signal_group;
        if (group < 0 || before[at] > gate.along || vehicle.front() <= gate.along) continue;
        for (const double when : {time, world_.time}) {
          if (is_red(layout_.signals.state(group, when))) log_.fault = TrafficFault::kRedLight;
        }
      }
    }
  }

  void check_parked() {
    for (size_t a = 0; a < world_.parked.size(); ++a) {
      const Footprint& box = world_.parked[a].box;
      for (int corner = 0; corner < 4; ++corner) {
        if (!is_inside(layout_.levels[static_cast<size_t>(box.level)], box.corner(corner))) {
          log_.fault = TrafficFault::kOffRoad;
        }
      }
      for (size_t b = a + 1; b < world_.parked.size(); ++b) {
        if (separation(box, world_.parked[b].box) < kApart) log_.fault = TrafficFault::kContact;
      }
    }
  }

  void check_contacts() {
    std::vector<const Footprint*> moving, standing;
    for (const Vehicle& vehicle : world_.vehicles) {
      if (vehicle.active) moving.push_back(&vehicle.box);
    }
    for (const Walker& walker : world_.walkers) moving.push_back(&walker.box);
    for (const ParkedCar& car : world_.parked) standing.push_back(&car.box);
    for (size_t a = 0; a < moving.size(); ++a) {
      for (size_t b = a + 1; b < moving.size(); ++b) check_pair(*moving[a], *moving[b]);
      for (const Footprint* other : standing) check_pair(*moving[a], *other);
    }
  }

  void check_pair(const Footprint& a, const Footprint& b) {
    const Vec2 gap = b.center - a.center;
    const double reach = a.radius() + b.radius() + kApart;
    if (a.level != b.level || dot(gap, gap) > reach * reach) return;
    if (separation(a, b) < kApart) log_.fault = TrafficFault::kContact;
  }

  LoggedUser& user_of(int64_t id) {
    const auto known = std::find_if(log_.users.begin(), log_.users.end(),
                                    [&](const LoggedUser& user) { return user.id == id; });
    if (known != log_.users.end()) return *known;
    LoggedUser user;
    user.id = id;
    user.states.resize(static_cast<size_t>(spec_.num_steps));
    log_.users.push_back(std::move(user));
    return log_.users.back();
  }

  void log_step(size_t step) {
    for (size_t at = 0; at < world_.vehicles.size(); ++at) {
      const Vehicle& vehicle = world_.vehicles[at];
      if (!vehicle.active) continue;
      LoggedUser& user = user_of(vehicle.id);
      user.kind = vehicle.kind;
      user.raw_type = vehicle.raw_type;
      user.length = vehicle.length;
      user.width = vehicle.width;
      user.height = vehicle.height;
      user.level = vehicle.level;
      user.vehicle = static_cast<int>(at);
      const DrivePose pose = vehicle.path.at(vehicle.along);
      const Vec2 sideways = (vehicle.speed * pose.curvature * vehicle.rear_to_center) *
                            left_of(vehicle.box.direction);
      user.states[step] = {true, vehicle.box.center, pose.heading,
                           vehicle.speed * vehicle.box.direction + sideways, vehicle.front()};
    }
    for (const ParkedCar& car : world_.parked) {
      LoggedUser& user = user_of(car.id);
      user.raw_type = "car";
      user.length = car.length;
      user.width = car.width;
      user.height = car.height;
      user.level = car.box.level;
      user.parked = true;
      const double heading = exact_angle(car.box.direction.y, car.box.direction.x);
      user.states[step] = {true, car.box.center, heading, {}, 0};
    }
    for (const Walker& walker : world_.walkers) {
      LoggedUser& user = user_of(walker.id);
      user.kind = AgentKind::kPedestrian;
      user.raw_type = "pedestrian";
      user.length = user.width = walker.size;
      user.height = walker.height;
      user.level = walker.level;
      const Vec2 ahead = walker.box.direction;
      user.states[step] = {true, walker.box.center, exact_angle(ahead.y, ahead.x),
                           walker.speed * ahead, 0};
    }
  }

  void check_step(size_t step) {
    check_contacts();
    for (const LoggedUser& user : log_.users) {
      if (user.vehicle < 0 || !user.states[step].present) continue;
      const Footprint box = footprint_of(user, step);
      for (int corner = 0; corner < 4; ++corner) {
        if (!is_inside(layout_.levels[static_cast<size_t>(user.level)], box.corner(corner))) {
          log_.fault = TrafficFault::kOffRoad;
        }
      }
      if (step == 0 || !user.states[step - 1].present) continue;
      const LoggedState &now = user.states[step], &before = user.states[step - 1];
      const double speed = length_of(now.velocity);
      const double gain = (speed - length_of(before.velocity)) / spec_.dt;
      const double lateral = speed * (now.heading - before.heading) / spec_.dt;
      if (gain > kMostAcceleration || gain < -kMostBraking || std::abs(lateral) > kMostLateral) {
        log_.fault = TrafficFault::kAcceleration;
      }
    }
  }

  const Layout& layout_;
  TrafficSpec spec_;
  TrafficWorld world_;
  TrafficLog log_;
};

}  // namespace

const char* traffic_fault_name(TrafficFault fault) {
  constexpr const char* kNames[] = {"none",         "contact",   "off_road",
                                    "acceleration", "red_light", "no_ego"};
  return kNames[static_cast<size_t>(fault)];
}

Footprint footprint_of(const LoggedUser& user, size_t step) {
  const LoggedState& state = user.states[step];
  return {state.center, unit_at(state.heading), 0.5 * user.length, 0.5 * user.width, user.level};
}

TrafficLog run_traffic(const Layout& layout,
                       const std::vector<std::vector<LaneConflict>>& conflicts,
                       const TrafficSpec& spec, SceneRandom& random) {
  return TrafficRun(layout, conflicts, spec, random).run();
}

}  // namespace forkroad
