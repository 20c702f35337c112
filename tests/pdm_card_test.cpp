#include "sim/pdm_card.hpp"

#include "benchmarks/pdm_bench_scene.hpp"
#include "tests/catch.hpp"
#include "tests/pdm_scenes.hpp"

namespace forkroad {
namespace {

PdmScores lattice_scores(PdmVersion version) {
  const PdmScene scene = pdm_test_scene({.red_lights = 4});
  PdmOptions options;
  options.version = version;
  options.reference = {20.0, 1.0};
  return score_pdm(scene, pdm_lattice_plans(scene, 256), options);
}

// A human who fails two terms.
PdmScores failing_human() {
  PdmScores human = lattice_scores(PdmVersion::kV2);
  human.num_plans = 1;
  human.no_collision[0] = human.lane_keeping[0] = human.driving_direction[0] = 1.0;
  human.ttc[0] = human.drivable_area[0] = 0.0;
  human.traffic_light[0] = 0.5;  // no 0, not raised
  return human;
}

TEST_CASE("The card's total is the score of the scorer where nothing is filtered", "[pdm_card]") {
  const PdmVersion version = GENERATE(PdmVersion::kV1_1, PdmVersion::kV2);
  const PdmScores scores = lattice_scores(version);
  const PdmCard card = version == PdmVersion::kV2 ? PdmCard::epdms() : PdmCard::pdms();
  const ScoreTable table = card.score(scores);
  REQUIRE(table.terms.size() == (version == PdmVersion::kV2 ? 9u : 7u));
  REQUIRE(table.terms.back() == "total");
  for (int plan = 0; plan < table.num_plans; ++plan) {
    REQUIRE(table.total(0, plan) == static_cast<float>(scores.score[static_cast<size_t>(plan)]));
  }
  REQUIRE(table.best_plan(0) >= 0);
}

TEST_CASE("Extended comfort counts two of sixteen where there is a frame before", "[pdm_card]") {
  const PdmScores scores = lattice_scores(PdmVersion::kV2);
  std::vector<uint8_t> comfort(256), has_previous(256);
  for (size_t plan = 0; plan < 256; ++plan) {
    comfort[plan] = plan % 2 == 0 ? 1 : 0;
    has_previous[plan] = plan % 3 == 0 ? 0 : 1;
  }
  const PdmExtras extras = {nullptr, comfort, has_previous};
  const std::vector<double> totals = PdmCard::epdms().totals(scores, extras);
  int differing = 0;
  for (size_t plan = 0; plan < 256; ++plan) {
    const double without = scores.score[plan];
    const double with = (14.0 * without + 2.0 * scores.product[plan] * comfort[plan]) / 16.0;
    REQUIRE(totals[plan] == Approx(has_previous[plan] != 0 ? with : without).margin(1e-12));
    differing += totals[plan] != without ? 1 : 0;
  }
  REQUIRE(differing > 10);
}

TEST_CASE("The current human filter raises terms and product, the legacy one only terms",
          "[pdm_card]") {
  const PdmScores scores = lattice_scores(PdmVersion::kV2), human = failing_human();
  const PdmExtras extras = {.human = &human, .extended_comfort = {}, .has_previous = {}};
  const PdmScores current = PdmCard::epdms(HumanFilter::kCurrent).filtered(scores, extras);
  const PdmScores legacy = PdmCard::epdms(HumanFilter::kLegacy).filtered(scores, extras);
  int raised = 0;
  for (size_t plan = 0; plan < 256; ++plan) {
    for (const PdmScores* kept : {&current, &legacy}) {
      REQUIRE(kept->ttc[plan] == 1.0);
      REQUIRE(kept->drivable_area[plan] == 1.0);
      REQUIRE(kept->traffic_light[plan] == scores.traffic_light[plan]);
      REQUIRE(kept->no_collision[plan] == scores.no_collision[plan]);
    }
    REQUIRE(legacy.score[plan] == scores.score[plan]);
    const double product =
        scores.no_collision[plan] * scores.driving_direction[plan] * scores.traffic_light[plan];
    REQUIRE(current.product[plan] == product);
    raised += current.score[plan] > scores.score[plan] ? 1 : 0;
  }
  REQUIRE(raised > 10);
}

TEST_CASE("Cards refuse scores of the other version and extras that do not fit", "[pdm_card]") {
  const PdmScores scores = lattice_scores(PdmVersion::kV2);
  const std::vector<uint8_t> three(3, 1);
  using Catch::Contains;
  REQUIRE_THROWS_WITH(PdmCard::pdms().score(scores), Contains("got scores of v2, needs v1.1"));
  REQUIRE_THROWS_WITH(PdmCard::epdms().score(scores, {nullptr, three, {}}),
                      Contains("extended_comfort: got 3 values, expected 256"));
  REQUIRE_THROWS_WITH(PdmCard::epdms(HumanFilter::kCurrent).score(scores),
                      Contains("got 0 human plans"));
  REQUIRE_THROWS_WITH(PdmCard::named("pdm"), Contains("epdms_human_legacy"));
  REQUIRE_THROWS_WITH(ScoreCard::named("epdms"), Contains("forkroad.navsim"));
  REQUIRE(PdmCard::named("epdms_human").human_filter() == HumanFilter::kCurrent);
}

}  // namespace
}  // namespace forkroad
