#include "worldmodel/agent_table.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/random.hpp"

using namespace forkroad;
using namespace forkroad::test;

namespace {

AgentState state_at(float x, float y, float heading) {
  AgentState state;
  state.observed = true;
  state.x = x;
  state.y = y;
  state.heading = heading;
  state.length = 4.0f;
  state.width = 2.0f;
  return state;
}

const AgentBox& box_at(const AgentTable& table, int agent, int step) {
  return table.boxes()[step * table.num_agents() + agent];
}
const AgentCircle& circle_at(const AgentTable& table, int agent, int step) {
  return table.circles()[step * table.num_agents() + agent];
}

}  // namespace

TEST_CASE("The agent table knows each box now and one step before") {
  AgentTable table;
  table.reset(2, 3);
  table.set(1, 0, state_at(1.0f, 2.0f, 0.5f));
  table.set(1, 1, state_at(1.5f, 2.5f, 0.6f));
  table.set(1, 3, state_at(9.0f, 9.0f, 0.0f));
  table.finish();
  CHECK((circle_at(table, 1, 0).flags & kAgentSweeps) == 0);  // nothing before: not swept
  CHECK(circle_at(table, 1, 1).travel >= std::hypot(0.5f, 0.5f));
  CHECK(box_at(table, 1, 1).x_before == 1.0f);
  CHECK(box_at(table, 1, 1).sin_before == box_at(table, 1, 0).sin);
  CHECK((circle_at(table, 1, 3).flags & kAgentSweeps) == 0);  // not observed at step 2
  CHECK(box_at(table, 1, 3).x_before == 9.0f);
  CHECK(circle_at(table, 1, 2).x == kFarAway);
  CHECK(circle_at(table, 0, 0).x == kFarAway);
  CHECK(box_at(table, 1, 1).half_length == 2.0f);
  CHECK(box_at(table, 1, 1).half_width == 1.0f);
}

TEST_CASE("Tile boxes hold every circle and its way ahead and pad with agents that touch nothing",
          "[property]") {
  Random random(1);
  for (const int agents : {0, 1, 15, 16, 17, 40}) {
    for (const int steps : {0, 9, 10, 11, 29, 80}) {
      AgentTable table;
      table.reset(agents, steps);
      const float look_ahead = random.chance(0.3) ? 0.0f : random.uniform_float(0.1, 60.0);
      table.set_look_ahead(look_ahead);
      for (int agent = 0; agent < agents; ++agent) {
        const float home = random.uniform_float(-1e5, 1e5);
        for (int step = 0; step <= steps; ++step) {
          if (random.chance(0.2)) continue;
          AgentState state = state_at(home + random.uniform_float(-100, 100),
                                      home - random.uniform_float(-100, 100), 0.1f);
          state.velocity_x = random.uniform_float(-40, 40);
          state.velocity_y = random.uniform_float(-40, 40);
          table.set(agent, step, state);
        }
      }
      table.finish();
      REQUIRE(table.padded_agents() % kAgentPadding == 0);
      REQUIRE(table.padded_agents() >= agents);
      int outside = 0;
      for (int step = 0; step <= steps; ++step) {
        const float* tile = table.tile_boxes() + step / kTileSteps * 4 * table.padded_agents();
        for (int agent = 0; agent < agents; ++agent) {
          const AgentCircle& circle = circle_at(table, agent, step);
          if (circle.x >= kFarAway) continue;
          const double reach = static_cast<double>(circle.reach);
          const float* at = tile + agent;
          const int stride = table.padded_agents();
          for (const double share : {0.0, 0.5, 1.0}) {
            const double time = share * double{look_ahead};
            const double x = double{circle.x} + time * double{circle.velocity_x};
            const double y = double{circle.y} + time * double{circle.velocity_y};
            outside += double{at[0]} > x - reach;
            outside += double{at[stride]} > y - reach;
            outside += double{at[2 * stride]} < x + reach;
            outside += double{at[3 * stride]} < y + reach;
          }
        }
        for (int agent = agents; agent < table.padded_agents(); ++agent) {
          outside += tile[agent] < 1.0e38f || tile[2 * table.padded_agents() + agent] > -1.0e38f;
        }
      }
      CHECK(outside == 0);
    }
  }
}

TEST_CASE("A table that is reset forgets what it held") {
  AgentTable table;
  table.reset(3, 5);
  for (int step = 0; step <= 5; ++step) table.set(2, step, state_at(1.0f, 1.0f, 1.0f));
  table.finish();
  table.reset(3, 5);
  table.finish();
  std::vector<float> x, y, heading;
  table.copy_poses(x, y, heading);
  REQUIRE(x.size() == 18);
  for (size_t at = 0; at < x.size(); ++at) {
    CHECK(std::isnan(x[at]));
    CHECK(std::isnan(y[at]));
    CHECK(std::isnan(heading[at]));
  }
}

TEST_CASE("copy_poses returns the poses that were set") {
  AgentTable table;
  table.reset(2, 1);
  table.set(0, 1, state_at(3.0f, 4.0f, -7.25f));
  table.finish();
  std::vector<float> x, y, heading;
  table.copy_poses(x, y, heading);
  CHECK(x[2] == 3.0f);
  CHECK(y[2] == 4.0f);
  CHECK(heading[2] == -7.25f);
  CHECK(std::isnan(x[3]));
}
