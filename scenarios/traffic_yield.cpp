// How a driver yields: lights, stop signs, gaps at crossing and joining lanes, people on foot.
#include <algorithm>

#include "scenarios/traffic.hpp"

namespace forkroad {
namespace {

constexpr double kLookAhead = 50.0;     // [m] gates farther away do not matter yet,
constexpr double kLookTime = 4.5;       // [s] but for the way in this time
constexpr double kFirmBraking = 4.5;    // [m/s^2] who needs more than this does not stop
constexpr double kYellowBraking = 3.0;  // [m/s^2] the same for a light that turns yellow
constexpr double kBeforeLine = 0.7;     // [m] where vehicles stop
constexpr double kTimeBefore = 1.2, kTimeAfter = 0.6;     // [s] kept free at crossing lanes
constexpr double kJoinHeadway = 0.7, kJoinClosing = 2.6;  // [s] of a gap to join
constexpr double kWalkTime = 0.8;                         // [s] kept free for people on foot
constexpr double kGentle = -1.2;                          // [m/s^2] to fit in early
constexpr double kPolite = 2.0;                           // [m/s^2] to let someone at the kerb pass
constexpr double kNever = 1.0e6;                          // [s]

double look_ahead(const Vehicle& vehicle) { return kLookAhead + kLookTime * vehicle.speed; }

bool is_yellow(LightState state) {
  return state == LightState::kCaution || state == LightState::kArrowCaution;
}

// Seconds to cover a distance from a speed, with an acceleration up to a top speed.
double travel_time(double distance, double speed, double acceleration, double top) {
  if (distance <= 0) return 0;
  if (speed >= top || acceleration <= 0) return speed > 0.05 ? distance / speed : kNever;
  const double until_top = (top * top - speed * speed) / (2 * acceleration);
  if (distance <= until_top) {
    return (std::sqrt(speed * speed + 2 * acceleration * distance) - speed) / acceleration;
  }
  return (top - speed) / acceleration + (distance - until_top) / top;
}

bool can_stop(const Vehicle& vehicle, double distance, double braking) {
  return distance > vehicle.speed * vehicle.speed / (2 * braking);
}

// A vehicle's passage of a stretch of its path.
struct Passage {
  double in = 0, out = 0;           // [m] to the stretch, and until it is left behind
  double earliest = 0, latest = 0;  // [s] when it may come and when it will be gone
};

Passage passage_of(const Vehicle& vehicle, size_t lane_at, double from, double to) {
  Passage passage;
  passage.in = vehicle.path.on_lane(lane_at, from) - vehicle.front();
  passage.out = vehicle.path.on_lane(lane_at, to) - vehicle.rear();
  const double top = std::max(vehicle.path.speed_at(vehicle.along), vehicle.speed);
  passage.earliest = travel_time(passage.in, vehicle.speed, vehicle.driver.acceleration, top);
  passage.latest = travel_time(passage.out, vehicle.speed, 0.6 * vehicle.driver.acceleration, top);
  return passage;
}

class Yielding {
 public:
  Yielding(const TrafficWorld& world, size_t self)
      : world_(world), layout_(*world.layout), self_(self), vehicle_(world.vehicles[self]) {}

  double acceleration() {
    for (const Gate& gate : vehicle_.gates) {
      const double distance = gate.along - vehicle_.front();
      if (distance > look_ahead(vehicle_)) break;
      const size_t lane = lane_of(vehicle_, gate);
      if (distance > 0) {
        if (!may_pass(gate, distance)) stop_at(distance);
        prepare_to_join(gate, lane);
      } else if (vehicle_.rear() < vehicle_.path.lane_start(gate.lane_at + 1)) {
        for (const LaneConflict& conflict : (*world_.conflicts)[lane]) inside(gate, conflict);
      }
    }
    for (const PathCrossing& crossing : vehicle_.crossings) mind_walkers(crossing);
    return limit_;
  }

 private:
  static size_t lane_of(const Vehicle& vehicle, const Gate& gate) {
    return static_cast<size_t>(vehicle.plan.lanes[gate.lane_at]);
  }

  void stop_at(double distance) {
    const double gap = distance - kBeforeLine + vehicle_.driver.min_gap;
    limit_ = std::min(limit_, follow(vehicle_, gap, 0.0));
  }

  bool may_pass(const Gate& gate, double distance) {
    const size_t lane = lane_of(vehicle_, gate);
    const LayoutLane& here = layout_.lanes[lane];
    if (here.signal_group >= 0) {
      const LightState state = layout_.signals.state(here.signal_group, world_.time);
      if (is_red(state)) return false;
      if (is_yellow(state) && can_stop(vehicle_, distance, kYellowBraking)) return false;
    }
    if (!can_stop(vehicle_, distance, kFirmBraking)) return true;
    if (here.must_stop && !gate.stopped) return false;
    for (const LaneConflict& conflict : (*world_.conflicts)[lane]) {
      if (!is_clear(gate, conflict)) return false;
    }
    return true;
  }

  // Calls `visit(vehicle, gate)` for everyone whose way leads over a lane and not past it yet.
  template <class Visit>
  void for_each_on(int lane, Visit visit) const {
    for (size_t other = 0; other < world_.vehicles.size(); ++other) {
      const Vehicle& vehicle = world_.vehicles[other];
      if (other == self_ || !vehicle.active) continue;
      for (const Gate& gate : vehicle.gates) {
        if (vehicle.plan.lanes[gate.lane_at] != lane) continue;
        if (vehicle.rear() > vehicle.path.lane_start(gate.lane_at + 1)) continue;
        if (gate.along - vehicle.front() > 2 * look_ahead(vehicle)) continue;
        visit(vehicle, gate, other);
      }
    }
  }

  // Whether a vehicle is past its gate or can no longer stop before it.
  bool is_committed(const Vehicle& vehicle, const Gate& gate) const {
    const double distance = gate.along - vehicle.front();
    return distance <= 0 || !can_stop(vehicle, distance, kFirmBraking);
  }

  bool is_held(const Vehicle& vehicle, const Gate& gate) const {
    const LayoutLane& lane = layout_.lanes[lane_of(vehicle, gate)];
    if (lane.must_stop && !gate.stopped) return true;
    return lane.signal_group >= 0 && is_red(layout_.signals.state(lane.signal_group, world_.time));
  }

  // Whether the way over a conflict is free of those who go first.
  bool is_clear(const Gate& gate, const LaneConflict& conflict) {
    const Passage mine = passage_of(vehicle_, gate.lane_at, conflict.from, conflict.to);
    const int priority = layout_.lanes[lane_of(vehicle_, gate)].priority;
    const int other_priority = layout_.lanes[static_cast<size_t>(conflict.other)].priority;
    bool clear = true;
    for_each_on(conflict.other, [&](const Vehicle& other, const Gate& there, size_t index) {
      const Passage theirs =
          passage_of(other, there.lane_at, conflict.other_from, conflict.other_to);
      if (theirs.out <= 0) return;
      const bool committed = is_committed(other, there);
      if (!committed) {
        if (priority > other_priority || is_held(other, there)) return;
        if (priority == other_priority && goes_first(mine, theirs, index)) return;
      }
      if (conflict.joins) {
        clear = clear && fits_in(gate, other, there);
      } else if (mine.latest + kTimeBefore > theirs.earliest &&
                 mine.earliest < theirs.latest + kTimeAfter) {
        clear = false;
      }
    });
    return clear;
  }

  bool goes_first(const Passage& mine, const Passage& theirs, size_t index) const {
    if (mine.earliest != theirs.earliest) return mine.earliest < theirs.earliest;
    return self_ < index;
  }

  // Before a joining lane: keeps gently behind who will be ahead.
  void prepare_to_join(const Gate& gate, size_t lane) {
    if (layout_.lanes[lane].must_stop || layout_.lanes[lane].signal_group >= 0) return;
    for (const LaneConflict& conflict : (*world_.conflicts)[lane]) {
      if (!conflict.joins || layout_.lanes[static_cast<size_t>(conflict.other)].priority <
                                 layout_.lanes[lane].priority) {
        continue;
      }
      for_each_on(conflict.other, [&](const Vehicle& other, const Gate& there, size_t) {
        const double gap = to_end(vehicle_, gate) - to_end(other, there) - other.length;
        if (gap <= 0) return;
        limit_ = std::min(limit_, std::max(follow(vehicle_, gap, other.speed), kGentle));
      });
    }
  }

  // Metres from a vehicle's front to where its gate's lane ends.
  static double to_end(const Vehicle& vehicle, const Gate& gate) {
    return vehicle.path.lane_start(gate.lane_at + 1) - vehicle.front();
  }

  // Whether the gap before or behind a vehicle on a joining lane is large enough.
  bool fits_in(const Gate& gate, const Vehicle& other, const Gate& there) const {
    const double mine = to_end(vehicle_, gate), theirs = to_end(other, there);
    const double faster = other.speed - vehicle_.speed;
    if (theirs > mine) {
      const double gap = theirs - mine - vehicle_.length;
      return gap > vehicle_.driver.min_gap + kJoinHeadway * other.speed +
                       kJoinClosing * std::max(0.0, faster);
    }
    const double gap = mine - theirs - other.length;
    return gap > 1.0 + 0.3 * vehicle_.speed + kJoinClosing * std::max(0.0, -faster);
  }

  // On the way over a conflict: keep behind who is ahead on a joining lane, and stop before a
  // crossing lane that someone is about to use who came first.
  void inside(const Gate& gate, const LaneConflict& conflict) {
    const Passage mine = passage_of(vehicle_, gate.lane_at, conflict.from, conflict.to);
    if (mine.out <= 0) return;
    const int priority = layout_.lanes[lane_of(vehicle_, gate)].priority;
    const int other_priority = layout_.lanes[static_cast<size_t>(conflict.other)].priority;
    for_each_on(conflict.other, [&](const Vehicle& other, const Gate& there, size_t index) {
      if (!is_committed(other, there)) return;
      const Passage theirs =
          passage_of(other, there.lane_at, conflict.other_from, conflict.other_to);
      if (theirs.out <= 0) return;
      if (conflict.joins) {
        const double gap = to_end(vehicle_, gate) - to_end(other, there) - other.length;
        if (gap + other.length <= 0) return;
        const double firm = std::max(follow(vehicle_, gap, other.speed), -3.0);
        limit_ = std::min(limit_, gap > 0 ? firm : std::max(firm, -2.0));
        return;
      }
      if (mine.in <= 0 || !can_stop(vehicle_, mine.in, 6.0)) return;
      const bool theirs_first = theirs.in <= 0 || other_priority > priority ||
                                (other_priority == priority && !goes_first(mine, theirs, index));
      if (theirs_first && mine.earliest < theirs.latest + kTimeAfter) stop_at(mine.in);
    });
  }

  // Stops before a crosswalk for whoever walks on it and has not passed yet.
  void mind_walkers(const PathCrossing& crossing) {
    const double distance = crossing.from - vehicle_.front();
    if (distance > look_ahead(vehicle_) || distance < -0.3 || !can_stop(vehicle_, distance, 6.5))
      return;
    const double top = std::max(vehicle_.path.speed_at(vehicle_.along), vehicle_.speed);
    const double earliest =
        travel_time(distance, vehicle_.speed, vehicle_.driver.acceleration, top);
    const double latest = travel_time(crossing.to - vehicle_.rear(), vehicle_.speed,
                                      0.5 * vehicle_.driver.acceleration, top);
    for (const Walker& walker : world_.walkers) {
      if (walker.crosswalk != crossing.crosswalk || walker.done) continue;
      if (!walker.started) {
        if (!is_waiting(walker) || !can_stop(vehicle_, distance, kPolite)) continue;
        stop_at(distance);
        return;
      }
      // the line of a walker starts and ends beyond the kerbs, and may lead either way
      const Crosswalk& crosswalk = layout_.crosswalks[static_cast<size_t>(walker.crosswalk)];
      const Vec2 walk = unit(crosswalk.to - crosswalk.from);
      const double at = dot(walker.box.center - crosswalk.from, walk);
      const bool forward = dot(walker.box.direction, walk) > 0;
      const double to_lane = forward ? crossing.walk_from - at : at - crossing.walk_to;
      const double past_lane = forward ? crossing.walk_to - at : at - crossing.walk_from;
      if (past_lane + 0.5 < 0) continue;
      const double comes = std::max(0.0, to_lane) / walker.pace, goes = past_lane / walker.pace;
      if (earliest > goes + kWalkTime || latest + kWalkTime + 1.0 < comes) continue;
      stop_at(distance);
      return;
    }
  }

  // Someone at the kerb of a crosswalk without a light, whom polite drivers let pass.
  bool is_waiting(const Walker& walker) const {
    return world_.time >= walker.start_time &&
           layout_.crosswalks[static_cast<size_t>(walker.crosswalk)].signal_group < 0;
  }

  const TrafficWorld& world_;
  const Layout& layout_;
  size_t self_;
  const Vehicle& vehicle_;
  double limit_ = 1.0e9;
};

}  // namespace

double yield_acceleration(const TrafficWorld& world, size_t self) {
  return Yielding(world, self).acceleration();
}

}  // namespace forkroad
