// Junctions of straight roads: signalised_crossing, unsignalised_t.
#include <algorithm>

#include "scenarios/exact_trig.hpp"
#include "scenarios/layout_junction.hpp"
#include "scenarios/layout_plans.hpp"

namespace forkroad {
namespace {

constexpr double kAllRed = 2.0;  // [s] between conflicting greens

// Groups of the program: through and right turns, and left turns, of each road.
constexpr int kThrough[2] = {0, 2}, kLeft[2] = {1, 3};

struct CrossingPlan {
  bool protected_left = false;  // left turns have lanes and arrows of their own
  double yellow = 3;            // [s]
};

// The program shows one movement at a time: go, caution, all red.
void add_movement(SignalProgram& program, const CrossingPlan& plan, std::vector<int> groups,
                  double green) {
  const std::vector<LightState> red = {
      LightState::kStop, plan.protected_left ? LightState::kArrowStop : LightState::kStop,
      LightState::kStop, plan.protected_left ? LightState::kArrowStop : LightState::kStop};
  SignalPhase go{green, red}, caution{plan.yellow, red};
  for (const int group : groups) {
    const bool arrow = plan.protected_left && (group == kLeft[0] || group == kLeft[1]);
    const auto at = static_cast<size_t>(group);
    go.states[at] = arrow ? LightState::kArrowGo : LightState::kGo;
    caution.states[at] = arrow ? LightState::kArrowCaution : LightState::kCaution;
  }
  program.phases.push_back(go);
  program.phases.push_back(caution);
  program.phases.push_back({kAllRed, red});
}

SignalProgram make_program(SceneRandom& random, const CrossingPlan& plan) {
  SignalProgram program;
  for (const int road : {0, 1}) {
    const double green = random.uniform(9, 22);
    if (plan.protected_left) {
      add_movement(program, plan, {kLeft[road]}, random.uniform(6, 10));
      add_movement(program, plan, {kThrough[road]}, green);
    } else {
      add_movement(program, plan, {kThrough[road], kLeft[road]}, green);
    }
  }
  program.offset = random.uniform(0, program.cycle());
  return program;
}

void add_crossing_connectors(Layout& layout, const Junction& junction, const CrossingPlan& plan) {
  for (int arm = 0; arm < 4; ++arm) {
    const int road = arm % 2;
    const RoadLanes& lanes = junction.arms[static_cast<size_t>(arm)].lanes;
    const auto out = [&](int turn) -> const RoadLanes& {
      return junction.arms[static_cast<size_t>((arm + turn) % 4)].lanes;
    };
    const auto connect = [&](int from, int turn, int to, Turn kind, int group, int priority) {
      const int added = add_connector(layout, junction, arm, from, (arm + turn) % 4, to, kind);
      LayoutLane& lane = layout.lanes[static_cast<size_t>(added)];
      lane.signal_group = group;
      lane.priority = priority;
    };
    const auto& in = lanes.backward;
    for (size_t lane = 0; lane < in.size(); ++lane) {
      if (plan.protected_left && lane == 0 && in.size() > 1) continue;
      connect(in[lane], 2, out(2).forward[lane], Turn::kStraight, kThrough[road], 3);
    }
    connect(in.back(), 1, out(1).forward.back(), Turn::kRight, kThrough[road], 2);
    connect(in.front(), 3, out(3).forward.front(), Turn::kLeft, kLeft[road], 1);
    if (lanes.backward_bike >= 0) {
      connect(lanes.backward_bike, 2, out(2).forward_bike, Turn::kStraight, kThrough[road], 3);
    }
  }
}

RoadSection random_arm_section(SceneRandom& random, int lanes, double bike_width) {
  RoadSection section;
  section.forward = section.backward = lanes;
  section.lane_width = random.uniform(3.3, 3.7);
  section.bike_width = bike_width;
  section.shoulder = random.uniform(0.4, 0.8);
  section.speed_limit = random.chance(0.7) ? kKph50 : kKph60;
  return section;
}

// Sidewalks along the edges of each arm, beyond where people cross.
void add_arm_sidewalks(Layout& layout, const Junction& junction, int level) {
  constexpr double kAway = 3.2;  // [m] from the edge
  for (int arm = 0; arm < static_cast<int>(junction.arms.size()); ++arm) {
    const JunctionArm& here = junction.arms[static_cast<size_t>(arm)];
    const double from = here.stop_line + 4.0, to = std::min(here.length, from + 60.0);
    for (const double left :
         {here.section.half_width(false) + kAway, -here.section.half_width(true) - kAway}) {
      layout.sidewalks.push_back({Curve({line_between(place_on_arm(junction, arm, from, left),
                                                      place_on_arm(junction, arm, to, left))}),
                                  level});
    }
  }
}

}  // namespace

Layout crossing_layout(SceneRandom& random) {
  Layout layout;
  const CurvePoint pose = random_pose(random);
  Junction junction;
  junction.center = pose.position;
  junction.corner_radius = random.uniform(7, 11);
  const double bike_width = random.chance(0.4) ? random.uniform(1.5, 2.0) : 0.0;
  const RoadSection sections[2] = {random_arm_section(random, random.integer(1, 2), bike_width),
                                   random_arm_section(random, random.integer(1, 2), bike_width)};
  const double angle = random.uniform(1.25, kPi - 1.25);
  for (int arm = 0; arm < 4; ++arm) {
    JunctionArm added;
    added.out = turned(pose.direction, arm % 2 == 0 ? 0.0 : angle);
    if (arm >= 2) added.out = -1.0 * added.out;
    added.section = sections[arm % 2];
    added.length = random.uniform(150, 190);
    added.crosswalk = random.chance(0.75);
    junction.arms.push_back(added);
  }
  CrossingPlan plan;
  plan.protected_left = sections[0].forward > 1 && sections[1].forward > 1 && random.chance(0.7);
  plan.yellow = random.uniform(3.4, 4.0);
  const int level = add_junction(layout, junction, random_surface(random, 0.025));
  layout.signals = make_program(random, plan);
  add_crossing_connectors(layout, junction, plan);
  for (Crosswalk& crosswalk : layout.crosswalks) {
    // people walk along with the traffic that does not cross them
    const Vec2 walk = crosswalk.to - crosswalk.from;
    const Vec2 axis = junction.arms[0].out;
    const bool along_first = std::abs(dot(unit(walk), axis)) > 0.7072;
    crosswalk.signal_group = kThrough[along_first ? 0 : 1];
  }
  add_arm_sidewalks(layout, junction, level);
  link_lanes(layout);
  return layout;
}

Layout t_layout(SceneRandom& random) {
  Layout layout;
  layout.traffic = 1.5;
  const CurvePoint pose = random_pose(random);
  Junction junction;
  junction.center = pose.position;
  junction.corner_radius = random.uniform(7, 10);
  const RoadSection major = random_arm_section(random, 1, 0.0);
  RoadSection minor = random_arm_section(random, 1, 0.0);
  minor.speed_limit = random.chance(0.5) ? kKph30 : kKph50;
  // arms: ahead, behind, the side street on the right
  const double angle = 1.5 * kPi + random.uniform(-0.3, 0.3);
  for (const double turn : {0.0, kPi, angle}) {
    JunctionArm added;
    added.out = turn == kPi ? -1.0 * pose.direction : turned(pose.direction, turn);
    added.section = turn == angle ? minor : major;
    added.length = turn == angle ? random.uniform(90, 120) : random.uniform(150, 190);
    added.crosswalk = random.chance(turn == angle ? 0.7 : 0.35);
    junction.arms.push_back(added);
  }
  const int level = add_junction(layout, junction, random_surface(random, 0.03));
  StopSign sign;
  for (const int lane : add_t_connectors(layout, junction)) sign.lanes.push_back(lane);
  for (const int lane : sign.lanes) layout.lanes[static_cast<size_t>(lane)].must_stop = true;
  sign.position = place_on_arm(junction, 2, junction.arms[2].stop_line,
                               junction.arms[2].section.half_width(false) + 0.6);
  sign.level = level;
  layout.stop_signs.push_back(sign);
  add_arm_sidewalks(layout, junction, level);
  link_lanes(layout);
  return layout;
}

}  // namespace forkroad
