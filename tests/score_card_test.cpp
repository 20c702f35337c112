#include "sim/score_card.hpp"

#include <cmath>

#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/scene_builder.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

namespace {

// Facts of one world whose log advances `log_progress`, one plan per progress.
Facts facts_of(float log_progress, const std::vector<float>& progress) {
  Facts facts;
  facts.num_worlds = 1;
  facts.num_plans = static_cast<int>(progress.size());
  facts.plans.resize(progress.size());
  facts.log.resize(1);
  facts.plans.progress = progress;
  for (auto* step :
       {&facts.plans.contact_step, &facts.plans.off_road_step, &facts.plans.red_light_step}) {
    step->assign(progress.size(), -1);
  }
  facts.log.off_road_step[0] = facts.log.red_light_step[0] = -1;
  facts.log.progress[0] = log_progress;
  facts.log.contact_step[0] = -1;
  facts.num_steps = {40};
  facts.exists.assign(progress.size(), 1);
  for (size_t plan = 0; plan < progress.size(); ++plan) {
    facts.plan_ids.push_back(static_cast<int64_t>(10 + plan));
  }
  return facts;
}

}  // namespace

TEST_CASE("The card drive multiplies freedom from contact, road, lights and progress") {
  Facts facts = facts_of(20.0f, {10.0f, 20.0f, 30.0f, -5.0f, 20.0f, 15.0f, 20.0f, 20.0f, 20.0f});
  facts.plans.contact_step[4] = 0;
  facts.plans.contact_track[4] = 11;
  facts.plans.off_road_step[6] = 7;
  facts.plans.red_light_step[7] = 3;
  facts.plans.off_road_step[8] = -2;  // the map does not say
  const ScoreTable table = ScoreCard::drive().score(facts);
  CHECK(table.terms ==
        std::vector<std::string>{"no_contact", "on_road", "no_red_light", "progress", "total"});
  CHECK(table.plan_ids == facts.plan_ids);
  const float expected[][5] = {{1, 1, 1, 0.5f, 0.5f}, {1, 1, 1, 1, 1}, {1, 1, 1, 1, 1},
                               {1, 1, 1, 0, 0},       {0, 1, 1, 1, 0}, {1, 1, 1, 0.75f, 0.75f},
                               {1, 0, 1, 1, 0},       {1, 1, 0, 1, 0}, {1, 1, 1, 1, 1}};
  for (int plan = 0; plan < 9; ++plan) {
    INFO("plan " << plan);
    for (int term = 0; term < 5; ++term) CHECK(table.value(0, plan, term) == expected[plan][term]);
    CHECK(table.total(0, plan) == expected[plan][4]);
  }
  CHECK(table.log_total(0) == 1.0f);
  CHECK(table.best_plan(0) == 1);  // the first of three equal ones
  const auto lost = [&](int plan, int term) {
    const size_t at = static_cast<size_t>(plan * 5 + term);
    return std::pair(table.lost_step[at], table.lost_track[at]);
  };
  CHECK(lost(0, 3) == std::pair(40, -1));  // progress: at the end
  CHECK(lost(0, 4) == std::pair(40, -1));
  CHECK(lost(1, 4) == std::pair(-1, -1));
  CHECK(lost(4, 0) == std::pair(0, 11));
  CHECK(lost(4, 4) == std::pair(0, 11));
  CHECK(lost(6, 1) == std::pair(7, -1));
  CHECK(lost(8, 1) == std::pair(-1, -1));
}

TEST_CASE("Where the log hardly advances no progress is asked for") {
  for (const float log_progress : {5.0f, 0.0f, -3.0f}) {
    const ScoreTable table = ScoreCard::drive().score(facts_of(log_progress, {0.0f, 99.0f}));
    CHECK(table.value(0, 0, 3) == 1.0f);
    CHECK(table.value(0, 1, 3) == 1.0f);
    CHECK(table.log_total(0) == 1.0f);
  }
  CHECK(ScoreCard::drive().score(facts_of(5.01f, {0.0f})).value(0, 0, 3) == 0.0f);
}

TEST_CASE("A masked plan has no score and is never the best") {
  Facts facts = facts_of(20.0f, {20.0f, 10.0f});
  facts.exists = {0, 1};
  ScoreTable table = ScoreCard::drive().score(facts);
  for (int term = 0; term < 5; ++term) CHECK(std::isnan(table.value(0, 0, term)));
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
}

TEST_CASE("Cards are known by name") {
  CHECK(ScoreCard::named("drive").name() == "drive");
  CHECK_THROWS_WITH(ScoreCard::named("fly"),
                    Contains("unknown card 'fly', expected one of: drive"));
}

TEST_CASE("score is rollout and card in one") {
  const SceneBatch batch = batch_of(scene_of(41, {{.speed = 10.0}, {.x = 50.0}}));
  std::vector<float> values;
  for (const double speed : {0.0, 5.0, 10.0, 20.0}) {
    const std::vector<float> poses = straight_poses(0, 0, 0, speed, 41);
    values.insert(values.end(), poses.begin(), poses.end());
  }
  const PlanSet plans(values, 1, 4, 41, scene_poses(), {7, 8, 9, 10});
  Simulator simulator(batch);
  const ScoreTable table = simulator.score(plans, *make_agent_model("log"), ScoreCard::drive());
  CHECK(table.total(0, 0) == 0.0f);
  CHECK(table.total(0, 1) == Approx(0.5f));
  CHECK(table.total(0, 2) == Approx(1.0f));
  CHECK(table.total(0, 3) == 0.0f);  // rams the parked car
  CHECK(table.best_plan(0) == 2);
  CHECK(table.plan_ids == std::vector<int64_t>{7, 8, 9, 10});
}
