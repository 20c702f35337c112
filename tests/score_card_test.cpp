#include "sim/score_card.hpp"

#include <cmath>

#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/scene_builder.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

namespace {

enum Term { kFault, kRoad, kLight, kSign, kDirection, kProgress, kTime, kComfort, kTotal, kTerms };

void without_events(FactColumns& facts, size_t size) {
  facts.resize(size);
  for (auto* step :
       {&facts.fault_step, &facts.fault_track, &facts.off_road_fault_step, &facts.red_light_step,
        &facts.stop_sign_step, &facts.opposite_lane_step, &facts.time_to_collision_step,
        &facts.time_to_collision_track, &facts.discomfort_step}) {
    step->assign(size, -1);
  }
  facts.time_to_collision.assign(size, 1.0f);
}

// Facts of one world whose log advances `log_progress`, one plan per progress.
Facts facts_of(float log_progress, const std::vector<float>& progress) {
  Facts facts;
  facts.num_worlds = 1;
  facts.num_plans = static_cast<int>(progress.size());
  facts.num_steps = {40};
  without_events(facts.plans, progress.size());
  without_events(facts.log, 1);
  facts.plans.progress = progress;
  facts.log.progress[0] = log_progress;
  facts.exists.assign(progress.size(), 1);
  for (size_t plan = 0; plan < progress.size(); ++plan) {
    facts.plan_ids.push_back(static_cast<int64_t>(10 + plan));
  }
  return facts;
}

}  // namespace

TEST_CASE("The card drive multiplies what must not happen with what should be good") {
  Facts facts = facts_of(20.0f, std::vector<float>(12, 20.0f));
  FactColumns& plans = facts.plans;
  plans.progress[1] = 10.0f;
  plans.progress[2] = -5.0f;
  plans.fault_step[3] = 4;
  plans.fault_track[3] = 11;
  plans.off_road_fault_step[4] = 7;
  plans.red_light_step[5] = 3;
  plans.stop_sign_step[6] = 5;
  plans.opposite_lane_distance[7] = 2.0f;
  plans.opposite_lane_step[7] = 9;
  plans.opposite_lane_distance[8] = 6.0f;
  plans.opposite_lane_step[8] = 9;
  plans.time_to_collision[9] = 0.94f;
  plans.time_to_collision_step[9] = 6;
  plans.time_to_collision_track[9] = 2;
  plans.discomfort_step[10] = 1;
  plans.off_road_fault_step[11] = -2;  // the map does not say
  const ScoreTable table = ScoreCard::drive().score(facts);
  CHECK(table.terms == std::vector<std::string>{"no_fault", "on_road", "no_red_light",
                                                "stops_at_signs", "direction", "progress",
                                                "time_to_collision", "comfort", "total"});
  CHECK(table.plan_ids == facts.plan_ids);
  const struct {
    int term;
    float value, total;
    int step, track;
  } expected[12] = {{kTotal, 1, 1, -1, -1},
                    {kProgress, 0.5f, 9.5f / 12.0f, 40, -1},  // missing at the end
                    {kProgress, 0, 7.0f / 12.0f, 40, -1},
                    {kFault, 0, 0, 4, 11},
                    {kRoad, 0, 0, 7, -1},
                    {kLight, 0, 0, 3, -1},
                    {kSign, 0, 0, 5, -1},
                    {kDirection, 0.5f, 0.5f, 9, -1},
                    {kDirection, 0, 0, 9, -1},
                    {kTime, 0, 7.0f / 12.0f, 6, 2},
                    {kComfort, 0, 10.0f / 12.0f, 1, -1},
                    {kTotal, 1, 1, -1, -1}};
  for (int plan = 0; plan < 12; ++plan) {
    INFO("plan " << plan);
    const auto& row = expected[plan];
    for (int term = 0; term < kTotal; ++term) {
      CHECK(table.value(0, plan, term) == (term == row.term ? row.value : 1.0f));
    }
    CHECK(table.total(0, plan) == row.total);
    for (const int term : {row.term, static_cast<int>(kTotal)}) {
      const size_t at = static_cast<size_t>(plan * kTerms + term);
      CHECK(table.lost_step[at] == row.step);
      CHECK(table.lost_track[at] == row.track);
    }
  }
  CHECK(table.log_total(0) == 1.0f);
  CHECK(table.best_plan(0) == 0);  // the first of two equal ones
}

TEST_CASE("The total is lost where the first of its terms was") {
  Facts facts = facts_of(20.0f, {0.0f});
  facts.plans.fault_step[0] = 12;
  facts.plans.fault_track[0] = 3;
  facts.plans.discomfort_step[0] = 5;
  const ScoreTable table = ScoreCard::drive().score(facts);
  CHECK(table.lost_step[kTotal] == 5);
  CHECK(table.lost_track[kTotal] == -1);
}

TEST_CASE("Where the log hardly advances no progress is asked for") {
  for (const float log_progress : {5.0f, 0.0f, -3.0f}) {
    const ScoreTable table = ScoreCard::drive().score(facts_of(log_progress, {0.0f, 99.0f}));
    CHECK(table.value(0, 0, kProgress) == 1.0f);
    CHECK(table.value(0, 1, kProgress) == 1.0f);
    CHECK(table.log_total(0) == 1.0f);
  }
  CHECK(ScoreCard::drive().score(facts_of(5.01f, {0.0f})).value(0, 0, kProgress) == 0.0f);
}

TEST_CASE("A masked plan has no score and is never the best") {
  Facts facts = facts_of(20.0f, {20.0f, 10.0f});
  facts.exists = {0, 1};
  ScoreTable table = ScoreCard::drive().score(facts);
  for (int term = 0; term < kTerms; ++term) CHECK(std::isnan(table.value(0, 0, term)));
  CHECK(table.best_plan(0) == 1);
  facts.exists = {0, 0};
  table = ScoreCard::drive().score(facts);
  CHECK(table.best_plan(0) == -1);
}

TEST_CASE("A card refuses facts of a spec that it cannot use and names what it needs") {
  Facts facts = facts_of(20.0f, {20.0f});
  facts.spec.contact.substeps = 1;
  CHECK_THROWS_WITH(ScoreCard::drive().score(facts),
                    Contains("got facts with 1 contact sub-step") && Contains("substeps >= 2"));
  facts.spec.contact.substeps = 2;
  facts.spec.collision_horizon = 0.9f;
  CHECK_THROWS_WITH(ScoreCard::drive().score(facts), Contains("collision_horizon >= 0.95"));
}

TEST_CASE("Cards are known by name") {
  CHECK(ScoreCard::named("drive").name() == "drive");
  CHECK_THROWS_WITH(ScoreCard::named("fly"),
                    Contains("unknown card 'fly', expected one of: drive"));
}

TEST_CASE("score is rollout and card in one") {
  const SceneBatch batch = batch_of(scene_of(41, {{.speed = 10.0}, {.x = 70.0}}));
  std::vector<float> values;
  for (const double speed : {0.0, 5.0, 10.0, 20.0}) {
    const std::vector<float> poses = straight_poses(0, 0, 0, speed, 41);
    values.insert(values.end(), poses.begin(), poses.end());
  }
  const PlanSet plans(values, 1, 4, 41, scene_poses(), {7, 8, 9, 10});
  Simulator simulator(batch);
  const ScoreTable table = simulator.score(plans, *make_agent_model("log"), ScoreCard::drive());
  // who is not as fast as the log at the start brakes too hard for comfort
  CHECK(table.total(0, 0) == Approx(5.0 / 12.0));
  CHECK(table.total(0, 1) == Approx(7.5 / 12.0));
  CHECK(table.total(0, 2) == Approx(1.0f));
  CHECK(table.total(0, 3) == 0.0f);  // rams the parked car
  CHECK(table.best_plan(0) == 2);
  CHECK(table.plan_ids == std::vector<int64_t>{7, 8, 9, 10});
}
