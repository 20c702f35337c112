#include "tests/contact_reference.hpp"

#include <algorithm>
#include <cmath>

namespace forkroad::test {
namespace {

constexpr double kStopped = 0.05;  // [m/s]
constexpr double kTurn = 6.283185307179586476925;

// Distances beyond this [m] decide nothing and need no polygons.
constexpr double kFar = 10.0;

// Exact within kFar, else a lower bound.
double distance_or_bound(const ReferenceBox& a, const ReferenceBox& b) {
  const double bound = std::hypot(a.x - b.x, a.y - b.y) - std::hypot(a.half_length, a.half_width) -
                       std::hypot(b.half_length, b.half_width);
  return bound > kFar ? bound : signed_distance(a, b);
}

struct Meeting {
  int instant, step, agent;
  double distance;
};

// Every pair at every instant that the rule looks at, by instant, then agent.
std::vector<Meeting> all_meetings(const ReferenceRollout& rollout) {
  std::vector<Meeting> meetings;
  const int substeps = rollout.rule.substeps;
  for (size_t step = 0; step < rollout.ego.size(); ++step) {
    for (int k = 1; k <= substeps; ++k) {
      if (step == 0 && k < substeps) continue;
      const double fraction = static_cast<double>(k) / substeps;
      const int number = static_cast<int>(step);
      for (size_t agent = 0; agent < rollout.agents[step].size(); ++agent) {
        const ReferenceAgent& now = rollout.agents[step][agent];
        if (!now.observed) continue;
        ReferenceBox ego = rollout.ego[step];
        ReferenceBox box = now.box;
        if (k < substeps) {
          const ReferenceAgent& before = rollout.agents[step - 1][agent];
          if (!before.observed) continue;
          ego = interpolate(rollout.ego[step - 1], ego, fraction);
          box = interpolate(before.box, box, fraction);
        }
        meetings.push_back({(number - 1) * substeps + k, number, static_cast<int>(agent),
                            distance_or_bound(ego, box)});
      }
    }
  }
  return meetings;
}

void find_first_contact(const std::vector<Meeting>& meetings, ReferenceFacts& facts) {
  for (const Meeting& meeting : meetings) {
    facts.contact_margin = std::min(facts.contact_margin, std::abs(meeting.distance));
    if (meeting.distance > 0.0) continue;
    facts.instant = meeting.instant;
    facts.agent = meeting.agent;
    return;
  }
}

void find_clearance(const std::vector<Meeting>& meetings, const ContactRule& rule,
                    ReferenceFacts& facts) {
  facts.clearance = static_cast<double>(rule.clearance_limit);
  // every step instant counts, and the first contact with its partner
  const auto counts = [&](const Meeting& meeting) {
    return meeting.instant == meeting.step * rule.substeps ||
           (meeting.instant == facts.instant && meeting.agent == facts.agent);
  };
  for (const Meeting& meeting : meetings) {
    if (!counts(meeting) || meeting.distance >= facts.clearance) continue;
    facts.clearance = meeting.distance;
    facts.clearance_step = meeting.step;
    facts.clearance_agent = meeting.agent;
  }
  if (facts.clearance_step < 0) return;
  facts.clearance_margin = static_cast<double>(rule.clearance_limit) - facts.clearance;
  for (const Meeting& meeting : meetings) {
    if (!counts(meeting)) continue;
    if (meeting.step == facts.clearance_step && meeting.agent == facts.clearance_agent) continue;
    facts.clearance_margin = std::min(facts.clearance_margin, meeting.distance - facts.clearance);
  }
}

void classify(const ReferenceRollout& rollout, ReferenceFacts& facts) {
  const int substeps = rollout.rule.substeps;
  const int step = (facts.instant + substeps - 1) / substeps;
  const size_t at = static_cast<size_t>(step);
  const double fraction = static_cast<double>(facts.instant - (step - 1) * substeps) / substeps;
  const ReferenceAgent& agent = rollout.agents[at][static_cast<size_t>(facts.agent)];
  const ReferenceBox& now = rollout.ego[at];
  ReferenceBox ego = now, box = agent.box;
  double velocity_x = rollout.velocity_x, velocity_y = rollout.velocity_y;
  if (step > 0) {
    const ReferenceBox& before = rollout.ego[at - 1];
    velocity_x = (now.x - before.x) / rollout.dt;
    velocity_y = (now.y - before.y) / rollout.dt;
    ego = interpolate(before, now, fraction);
    const ReferenceAgent& agent_before = rollout.agents[at - 1][static_cast<size_t>(facts.agent)];
    if (agent_before.observed) box = interpolate(agent_before.box, agent.box, fraction);
  }
  facts.relative_speed = std::hypot(velocity_x - agent.velocity_x, velocity_y - agent.velocity_y);
  const double ego_speed = std::hypot(velocity_x, velocity_y);
  const double agent_speed = std::hypot(agent.velocity_x, agent.velocity_y);
  const double bearing =
      std::abs(std::remainder(std::atan2(box.y - ego.y, box.x - ego.x) - ego.heading, kTurn));
  const double distance = std::hypot(box.x - ego.x, box.y - ego.y);
  ReferenceBox front = ego;
  front.x += ego.half_length * std::cos(ego.heading);
  front.y += ego.half_length * std::sin(ego.heading);
  front.half_length = 0.0;
  const double front_distance = signed_distance(front, box);
  // each margin counts only if the decisions before it did not settle the class
  facts.class_margin = std::abs(ego_speed - kStopped);
  facts.contact_class = ContactClass::kStoppedEgo;
  if (ego_speed <= kStopped) return;
  if (!agent.is_static_object) {
    facts.class_margin = std::min(facts.class_margin, std::abs(agent_speed - kStopped));
  }
  facts.contact_class = ContactClass::kStoppedAgent;
  if (agent.is_static_object || agent_speed <= kStopped) return;
  facts.class_margin =
      std::min(facts.class_margin, distance * std::abs(bearing - 150.0 / 360.0 * kTurn));
  facts.contact_class = ContactClass::kActiveRear;
  if (bearing > 150.0 / 360.0 * kTurn) return;
  facts.class_margin = std::min(facts.class_margin, std::abs(front_distance));
  facts.contact_class =
      front_distance <= 0.0 ? ContactClass::kActiveFront : ContactClass::kActiveLateral;
}

}  // namespace

ReferenceBox interpolate(const ReferenceBox& from, const ReferenceBox& to, double fraction) {
  ReferenceBox box = to;
  box.x = (1.0 - fraction) * from.x + fraction * to.x;
  box.y = (1.0 - fraction) * from.y + fraction * to.y;
  box.heading =
      std::atan2((1.0 - fraction) * std::sin(from.heading) + fraction * std::sin(to.heading),
                 (1.0 - fraction) * std::cos(from.heading) + fraction * std::cos(to.heading));
  return box;
}

ReferenceAgent agent_in_log(const Scene& scene, const Track& track, double time) {
  ReferenceAgent agent;
  const double position = time / scene.dt;
  double lower = std::floor(position + 1.0e-6);
  double fraction = position - lower;
  if (std::abs(fraction) < 1.0e-6) fraction = 0.0;
  const double last = fraction > 0.0 ? lower + 1.0 : lower;
  if (lower < 0.0 || last > scene.num_steps - 1) return agent;
  const size_t a = static_cast<size_t>(lower);
  const size_t b = static_cast<size_t>(last);
  if (track.valid[a] == 0 || track.valid[b] == 0) return agent;
  const auto between = [&](const StepArray<float>& column) {
    const double from = static_cast<double>(column[a]);
    return from + fraction * (static_cast<double>(column[b]) - from);
  };
  const double from = static_cast<double>(track.heading[a]);
  agent.observed = true;
  agent.box = {
      between(track.x), between(track.y),
      from + fraction * std::remainder(static_cast<double>(track.heading[b]) - from, kTurn),
      0.5 * between(track.length), 0.5 * between(track.width)};
  agent.velocity_x = between(track.velocity_x);
  agent.velocity_y = between(track.velocity_y);
  agent.is_static_object = track.kind == AgentKind::kOther;
  return agent;
}

std::vector<std::vector<ReferenceAgent>> agents_in_log(const Scene& scene, int focal_track,
                                                       int start_step, double dt, int num_steps) {
  std::vector<std::vector<ReferenceAgent>> agents(static_cast<size_t>(num_steps) + 1);
  for (size_t step = 0; step < agents.size(); ++step) {
    for (size_t track = 0; track < scene.tracks.size(); ++track) {
      if (static_cast<int>(track) == focal_track) continue;
      agents[step].push_back(agent_in_log(scene, scene.tracks[track],
                                          start_step * scene.dt + static_cast<double>(step) * dt));
    }
  }
  return agents;
}

ReferenceFacts measure_contact(const ReferenceRollout& rollout) {
  ReferenceFacts facts;
  const std::vector<Meeting> meetings = all_meetings(rollout);
  find_first_contact(meetings, facts);
  find_clearance(meetings, rollout.rule, facts);
  if (facts.instant >= 0) classify(rollout, facts);
  return facts;
}

}  // namespace forkroad::test
