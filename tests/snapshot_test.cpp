#include "sim/snapshot.hpp"

#include <cmath>
#include <limits>

#include "benchmarks/bench_scene.hpp"
#include "scenarios/generated_scene.hpp"
#include "tests/catch.hpp"
#include "tests/scene_builder.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

namespace {

using Ints = std::vector<int>;

SceneBatch two_scenes() {
  std::vector<Scene> scenes = {generated_scene(), bench_scene(3, 30, 1)};
  return SceneBatch(std::move(scenes));
}

// The message of Snapshot::from_arrays for one world of the batch in one state.
std::string error_of(const SceneBatch& batch, const EgoState& state,
                     const VehicleModel& vehicle = {}, double history_dt = 0.1) {
  try {
    Snapshot::from_arrays(batch, Ints{0}, Ints{0}, Ints{-1}, std::vector<VehicleModel>{vehicle},
                          std::vector<EgoState>{state}, history_dt);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("A snapshot of the log holds the ego's stored state and two seconds before it") {
  const SceneBatch batch = batch_of(scene_of(91, {{.speed = 6.0, .yaw_rate = 0.1}}));
  const Snapshot snapshot = Snapshot::of_log(batch, Ints{0, 0}, Ints{30, 5}, Ints{-1, 0});
  REQUIRE(snapshot.num_worlds() == 2);
  CHECK(snapshot.history_size == 21);
  CHECK(snapshot.history_dt == Approx(0.1));
  CHECK(snapshot.focal_track == Ints{0, 0});
  const Track& track = batch.scene(0).tracks[0];
  for (int back = 0; back <= 20; ++back) {
    const EgoState& state = snapshot.history[static_cast<size_t>(20 - back)];
    const size_t at = static_cast<size_t>(30 - back);
    CHECK(state.x == track.x[at]);
    CHECK(state.y == track.y[at]);
    CHECK(state.heading == track.heading[at]);
    CHECK(state.velocity_x == track.velocity_x[at]);
  }
  // the second world's log began half a second ago
  CHECK_FALSE(snapshot.history[21].observed);
  CHECK(snapshot.history[21 + 15].observed);
  CHECK(snapshot.ego(1).x == track.x[5]);
  CHECK(snapshot.speed(0) == Approx(6.0f));
  CHECK(snapshot.vehicle[0].length == 4.5f);
  CHECK(snapshot.vehicle[0].rear_axle_to_center == Approx(0.3f * 4.5f));
}

TEST_CASE("Without a list a snapshot takes every scene at its current step") {
  const SceneBatch batch = two_scenes();
  const Snapshot snapshot = Snapshot::of_log(batch);
  CHECK(snapshot.scene == Ints{0, 1});
  CHECK(snapshot.step == Ints{10, 0});
  CHECK(snapshot.ego(0).x == batch.scene(0).tracks[0].x[10]);
}

TEST_CASE("fork copies worlds beside each other and select takes them in order") {
  const Snapshot snapshot = Snapshot::of_log(two_scenes());
  const Snapshot forked = snapshot.fork(3);
  CHECK(forked.scene == Ints{0, 0, 0, 1, 1, 1});
  CHECK(forked.ego(2).x == snapshot.ego(0).x);
  CHECK(forked.ego(3).x == snapshot.ego(1).x);
  CHECK(forked.history.size() == 6 * static_cast<size_t>(forked.history_size));
  const Snapshot selected = forked.select(Ints{5, 0, 5});
  CHECK(selected.scene == Ints{1, 0, 1});
  CHECK(selected.ego(1).x == snapshot.ego(0).x);
  CHECK(selected.select(Ints{}).num_worlds() == 0);
  CHECK_THROWS_WITH(snapshot.fork(0), Contains("got 0 copies"));
  CHECK_THROWS_WITH(snapshot.select(Ints{2}), Contains("got world 2, expected 0 .. 1"));
  CHECK_THROWS_WITH(snapshot.select(Ints{-1}), Contains("got world -1"));
}

TEST_CASE("The speed of a snapshot is signed along the heading") {
  const SceneBatch batch = batch_of(scene_of(3, {{.heading = 2.0, .speed = -1.5}}));
  CHECK(Snapshot::of_log(batch).speed(0) == Approx(-1.5f));
}

TEST_CASE("A snapshot that the log does not hold is named") {
  const SceneBatch batch = batch_of(scene_of(21, {{.first = 3, .last = 9}, {.x = 5.0}}));
  const auto of_log = [&](int scene, int step, int track) {
    return Snapshot::of_log(batch, Ints{scene}, Ints{step}, Ints{track});
  };
  CHECK_THROWS_WITH(of_log(0, 2, 0), Contains("track id 1 is not observed at step 2 of 21"));
  CHECK_THROWS_WITH(of_log(0, 21, 0), Contains("not observed at step 21 of 21"));
  CHECK_THROWS_WITH(of_log(0, -1, 0), Contains("step -1"));
  CHECK_THROWS_WITH(of_log(1, 5, 0), Contains("got scene 1, the batch has 1"));
  CHECK_THROWS_WITH(of_log(-1, 5, 0), Contains("got scene -1"));
  CHECK_THROWS_WITH(of_log(0, 5, 2), Contains("got focal track 2, expected below 2"));
  CHECK_THROWS_WITH(Snapshot::of_log(batch, Ints{0}, Ints{5, 6}, Ints{0}),
                    Contains("got 1 scenes, 2 steps, 1 focal tracks"));
  Scene nobody = scene_of(3, {{}});
  nobody.ego = -1;
  const SceneBatch without_ego = batch_of(nobody);
  CHECK_THROWS_WITH(Snapshot::of_log(without_ego), Contains("has no ego"));
  CHECK(Snapshot::of_log(without_ego, Ints{0}, Ints{0}, Ints{0}).num_worlds() == 1);
}

TEST_CASE("States that no simulator may reach are named") {
  const SceneBatch batch = batch_of(scene_of(3, {{}}));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(error_of(batch, {}) == "no error");
  for (const float bad : {nan, 1.0e30f, -1.0e30f, std::numeric_limits<float>::infinity()}) {
    INFO(bad);
    CHECK_THAT(error_of(batch, {.x = bad}), Contains("world 0 (scene 'test')"));
    CHECK_THAT(error_of(batch, {.y = bad}), Contains("expected finite values"));
    CHECK_THAT(error_of(batch, {.heading = bad}), Contains("heading"));
    CHECK_THAT(error_of(batch, {.velocity_x = bad}), Contains("velocity"));
    CHECK_THAT(error_of(batch, {.velocity_y = bad}), Contains("velocity"));
    CHECK_THAT(error_of(batch, {}, {.length = bad}), Contains("VehicleModel"));
    CHECK_THAT(error_of(batch, {}, {.rear_axle_to_center = bad}), Contains("VehicleModel"));
  }
  CHECK_THAT(error_of(batch, {}, {.width = 0.0f}), Contains("width 0 m"));
  CHECK_THAT(error_of(batch, {}, {}, 0.0), Contains("got history_dt 0 s"));
  CHECK_THAT(error_of(batch, {}, {}, std::nan("")), Contains("history_dt nan"));
}

TEST_CASE("Arrays of a snapshot that do not fit are named") {
  const SceneBatch batch = batch_of(scene_of(3, {{}}));
  const std::vector<VehicleModel> one(1), two(2);
  const std::vector<EgoState> states(3);
  CHECK_THROWS_WITH(Snapshot::from_arrays(batch, Ints{0}, Ints{0}, Ints{0}, two, states, 0.1),
                    Contains("got 1 scenes, 1 steps, 1 focal tracks, 2 vehicles"));
  CHECK_THROWS_WITH(
      Snapshot::from_arrays(batch, Ints{0, 0}, Ints{0, 0}, Ints{0, 0}, two, states, 0.1),
      Contains("got 3 states of history, expected a multiple of 2 worlds"));
  CHECK_THROWS_WITH(Snapshot::from_arrays(batch, Ints{0}, Ints{0}, Ints{0}, one, {}, 0.1),
                    Contains("got 0 states of history"));
  const Snapshot snapshot =
      Snapshot::from_arrays(batch, Ints{0}, Ints{0}, Ints{-1}, one, states, 0.1);
  CHECK(snapshot.history_size == 3);
  CHECK(snapshot.focal_track[0] == 0);
}

TEST_CASE("A log of a tiny step does not ask for a history of millions") {
  Scene scene = scene_of(3, {{.speed = 1.0}}, 1.0e-9);
  const SceneBatch batch = batch_of(std::move(scene));
  const Snapshot snapshot = Snapshot::of_log(batch);
  CHECK(snapshot.history_size <= 100'000);
  CHECK(snapshot.history_size >= 1);
}
