#include "worldmodel/agent_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "kernels/obb.hpp"
#include "kernels/trig.hpp"

namespace forkroad {
namespace {

size_t cell(int step, int agent, int num_agents) {
  return static_cast<size_t>(step) * static_cast<size_t>(num_agents) + static_cast<size_t>(agent);
}

}  // namespace

void AgentTable::reset(int num_agents, int num_steps) {
  num_agents_ = num_agents;
  num_steps_ = num_steps;
  padded_agents_ = (num_agents + kAgentPadding - 1) / kAgentPadding * kAgentPadding;
  const size_t cells = static_cast<size_t>(num_steps + 1) * static_cast<size_t>(num_agents);
  AgentCircle nowhere = {};
  nowhere.x = nowhere.y = kFarAway;
  circles_.assign(cells, nowhere);
  AgentBox unseen = {};
  unseen.cos = unseen.cos_before = 1.0f;
  unseen.x_before = unseen.y_before = kFarAway;
  boxes_.assign(cells, unseen);
  heading_.resize(cells);
  track.resize(static_cast<size_t>(num_agents));
}

void AgentTable::set(int agent, int step, const AgentState& state) {
  if (!state.observed) return;
  AgentCircle& circle = circles_[cell(step, agent, num_agents_)];
  AgentBox& box = boxes_[cell(step, agent, num_agents_)];
  const SinCos<float> unit = sin_cos(state.heading);
  heading_[cell(step, agent, num_agents_)] = state.heading;
  box.cos = unit.cos;
  box.sin = unit.sin;
  box.half_length = 0.5f * state.length;
  box.half_width = 0.5f * state.width;
  circle = {state.x, state.y, state.velocity_x, state.velocity_y, 0.0f, 0.0f, 0.0f, 0};
  if (state.static_object) circle.flags = kAgentStatic;
  box.x_before = state.x;
  box.y_before = state.y;
  box.cos_before = unit.cos;
  box.sin_before = unit.sin;
  const float radius = std::hypot(box.half_length, box.half_width) * 1.000001f;
  if (step > 0) {
    const AgentCircle& circle_before = circles_[cell(step - 1, agent, num_agents_)];
    const AgentBox& box_before = boxes_[cell(step - 1, agent, num_agents_)];
    if (circle_before.x < kFarAway) {
      box.x_before = circle_before.x;
      box.y_before = circle_before.y;
      box.cos_before = box_before.cos;
      box.sin_before = box_before.sin;
      circle.flags |= kAgentSweeps;
      circle.travel = travel_bound(state.x - box.x_before, state.y - box.y_before,
                                   box.cos - box.cos_before, box.sin - box.sin_before, radius);
    }
  }
  box.dx = state.x - box.x_before;
  box.dy = state.y - box.y_before;
  box.dcos = box.cos - box.cos_before;
  box.dsin = box.sin - box.sin_before;
  circle.speed2 = fma(state.velocity_x, state.velocity_x, state.velocity_y * state.velocity_y);
  circle.reach = radius + circle.travel;
}

void AgentTable::excuse(int agent, int step, float gap, float speed) {
  const size_t at = cell(step, agent, num_agents_);
  AgentBox& box = boxes_[at];
  circles_[at].flags |= kAgentExcused | kAgentWasExcused;
  box.excuse_gap = gap;
  box.excuse_speed = speed;
  if (step < num_steps_) circles_[cell(step + 1, agent, num_agents_)].flags |= kAgentWasExcused;
}

void AgentTable::finish() {
  const size_t padded = static_cast<size_t>(padded_agents_);
  // an empty box touches nothing: min above max
  tile_boxes_.assign(static_cast<size_t>(num_tiles()) * 4 * padded, 0.0f);
  for (int tile = 0; tile < num_tiles(); ++tile) {
    float* min_x = tile_boxes_.data() + static_cast<size_t>(tile) * 4 * padded;
    float* min_y = min_x + padded;
    float* max_x = min_y + padded;
    float* max_y = max_x + padded;
    std::fill(min_x, max_x, 3.0e38f);
    std::fill(max_x, max_x + 2 * padded, -3.0e38f);
    const int end = std::min(num_steps_ + 1, (tile + 1) * kTileSteps);
    for (int step = tile * kTileSteps; step < end; ++step) {
      for (int agent = 0; agent < num_agents_; ++agent) {
        const AgentCircle& circle = circles_[cell(step, agent, num_agents_)];
        if (circle.x >= kFarAway) continue;
        const float way_x = look_ahead_ * circle.velocity_x;
        const float way_y = look_ahead_ * circle.velocity_y;
        const float reach =
            circle.reach + kCoordinateSlack * (std::max(std::abs(circle.x), std::abs(circle.y)) +
                                               std::abs(way_x) + std::abs(way_y) + circle.reach);
        min_x[agent] = std::min(min_x[agent], circle.x + std::min(way_x, 0.0f) - reach);
        min_y[agent] = std::min(min_y[agent], circle.y + std::min(way_y, 0.0f) - reach);
        max_x[agent] = std::max(max_x[agent], circle.x + std::max(way_x, 0.0f) + reach);
        max_y[agent] = std::max(max_y[agent], circle.y + std::max(way_y, 0.0f) + reach);
      }
    }
  }
}

void AgentTable::copy_poses(std::vector<float>& x, std::vector<float>& y,
                            std::vector<float>& heading) const {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  x.resize(circles_.size());
  y.resize(circles_.size());
  heading.resize(circles_.size());
  for (size_t at = 0; at < circles_.size(); ++at) {
    const bool observed = circles_[at].x < kFarAway;
    x[at] = observed ? circles_[at].x : nan;
    y[at] = observed ? circles_[at].y : nan;
    heading[at] = observed ? heading_[at] : nan;
  }
}

}  // namespace forkroad
