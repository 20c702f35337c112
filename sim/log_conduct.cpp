#include "sim/log_conduct.hpp"

#include <algorithm>
#include <cmath>

namespace forkroad {
namespace {

// A step at which the log touches an agent.
struct LogContact {
  int step;
  float gap;             // [m] deepest up to the step since the one before
  float relative_speed;  // [m/s]
};

int excused_steps(double dt) { return static_cast<int>(kExcuseTime / dt + 1.0e-6); }

std::vector<LogContact> find_contacts(std::span<const Obb<float>> log, const AgentTable& logged,
                                      int agent, const SweptContact& rule, double dt) {
  std::vector<LogContact> contacts;
  const float rate = static_cast<float>(1.0 / dt);
  for (size_t step = 0; step < log.size(); ++step) {
    const size_t at = step * static_cast<size_t>(logged.num_agents()) + static_cast<size_t>(agent);
    const AgentCircle& circle = logged.circles()[at];
    if (circle.x >= kFarAway) continue;
    const AgentStep<float> other = broadcast_agent<float>(circle, logged.boxes()[at]);
    const Obb<float>& now = log[step];
    const Obb<float>& before = log[step > 0 ? step - 1 : 0];
    float gap = obb_gap(now, other.now);
    if (other.sweeps && step > 0) {
      const ObbMotion<float> motion = motion_between(before, now);
      for (int k = 1; k < rule.substeps; ++k) {
        gap = std::min(
            gap, obb_gap(interpolate_obb(before, motion, now, rule.fraction[k]),
                         interpolate_obb(other.before, other.motion, other.now, rule.fraction[k])));
      }
    }
    if (gap > 0.0f) continue;
    // nothing is known before the start: the speed after it is near enough
    const Obb<float>& to = step > 0 || log.size() < 2 ? now : log[1];
    const float dx = (to.x - before.x) * rate - other.velocity_x;
    const float dy = (to.y - before.y) * rate - other.velocity_y;
    contacts.push_back({static_cast<int>(step), gap, std::hypot(dx, dy)});
  }
  return contacts;
}

}  // namespace

void excuse_log_contacts(std::span<const Obb<float>> log, const AgentTable& logged,
                         const ContactRule& rule, double dt, AgentTable& agents) {
  const SweptContact swept = prepare_contact(rule);
  const int reach = excused_steps(dt);
  for (int agent = 0; agent < logged.num_agents(); ++agent) {
    const std::vector<LogContact> contacts = find_contacts(log, logged, agent, swept, dt);
    if (contacts.empty()) continue;
    const int track = logged.track[static_cast<size_t>(agent)];
    const auto same = std::find(agents.track.begin(), agents.track.end(), track);
    if (same == agents.track.end()) continue;
    for (int step = 0; step <= agents.num_steps(); ++step) {
      float gap = 1.0f, speed = 0.0f;
      for (const LogContact& contact : contacts) {
        if (std::abs(contact.step - step) > reach) continue;
        gap = std::min(gap, contact.gap);
        speed = std::max(speed, contact.relative_speed);
      }
      if (gap > 0.0f) continue;
      agents.excuse(static_cast<int>(same - agents.track.begin()), step, gap - kExcuseDepth,
                    speed + kExcuseSpeed);
    }
  }
}

LogOffRoad LogOffRoadBoxes::view() const {
  return {begin.empty() ? nullptr : begin.data(), boxes.data(), static_cast<int32_t>(boxes.size())};
}

LogOffRoadBoxes find_log_off_road(std::span<const Obb<float>> log, const DrivableRaster& drivable,
                                  double dt) {
  RoadView road;
  road.drivable = drivable.view();
  std::vector<Obb<float>> off;
  std::vector<int> off_step;
  for (size_t step = 0; step < log.size(); ++step) {
    RoadFacts<float> facts = no_road_facts<float>();
    judge_drivable(road, nullptr, log[step], static_cast<int>(step), facts);
    if (facts.off_road_step < 0.0f) continue;
    off.push_back(log[step]);
    off.back().half_length += kExcuseDepth;
    off.back().half_width += kExcuseDepth;
    off_step.push_back(static_cast<int>(step));
  }
  LogOffRoadBoxes out;
  if (off.empty()) return out;
  const int reach = excused_steps(dt);
  for (int step = 0; step < static_cast<int>(log.size()); ++step) {
    out.begin.push_back(static_cast<int32_t>(out.boxes.size()));
    for (size_t k = 0; k < off.size(); ++k) {
      if (std::abs(off_step[k] - step) <= reach) out.boxes.push_back(off[k]);
    }
  }
  out.begin.push_back(static_cast<int32_t>(out.boxes.size()));
  return out;
}

}  // namespace forkroad
