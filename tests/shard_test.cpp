#include <filesystem>
#include <set>
#include <thread>

#include "scenarios/generated_scene.hpp"
#include "scenarios/load_scenes.hpp"
#include "sim/log_plan.hpp"
#include "sim/simulator.hpp"
#include "tests/catch.hpp"
#include "tests/contact_cases.hpp"
#include "tests/real_scenes.hpp"
#include "tests/scene_builder.hpp"
#include "tests/shard_scenes.hpp"

using namespace forkroad;
using namespace forkroad::test;
using Catch::Matchers::Contains;

namespace {

ShardReader open_shard(const std::string& file) {
  Parsed<ShardReader> reader = ShardReader::open(file);
  if (!reader) FAIL(reader.error().text());
  return std::move(reader.value());
}

Scene scene_of_shard(const ShardReader& reader, int64_t index) {
  Parsed<Scene> scene = reader.scene(index);
  if (!scene) FAIL(scene.error().text());
  return std::move(scene.value());
}

void check_round_trip(const std::vector<Scene>& scenes) {
  const TemporaryFile file("what was there before");
  write_shard(file.path(), scenes);
  const ShardReader reader = open_shard(file.path());
  REQUIRE(reader.num_scenes() == static_cast<int64_t>(scenes.size()));
  // last first: the order of access does not matter
  for (size_t index = scenes.size(); index-- > 0;) {
    INFO("scene " << index << " of " << scenes.size());
    REQUIRE(same_with_source(scene_of_shard(reader, static_cast<int64_t>(index)), scenes[index]));
  }
}

std::string facts_of(Scene scene) {
  const SceneBatch batch = batch_of(std::move(scene));
  const Snapshot snapshot = Snapshot::of_log(batch);
  const PlanSet plans = log_perturbations(batch, snapshot, 64, {});
  const Facts facts = Simulator(batch).rollout(snapshot, plans, *make_agent_model("log"));
  return bytes_of(facts.plans) + bytes_of(facts.log);
}

}  // namespace

TEST_CASE("A shard gives back random scenes bit for bit", "[shard][property]") {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    check_round_trip(random_scenes(seed, 1 + static_cast<int>(seed % 7)));
  }
}

TEST_CASE("A shard gives back generated scenes of different sizes bit for bit", "[shard]") {
  check_round_trip(
      {generated_scene(), generated_scene({0.05, 1, 0}), generated_scene({0.2, 500, 3})});
}

TEST_CASE("A shard gives back real scenes bit for bit, and they score as their source does",
          "[shard][determinism]") {
  const std::vector<Scene> scenes = real_scenes();
  if (scenes.empty()) return;
  check_round_trip(scenes);
  const TemporaryFile file("");
  write_shard(file.path(), scenes);
  const ShardReader reader = open_shard(file.path());
  for (size_t index = 0; index < scenes.size(); ++index) {
    CHECK(facts_of(scene_of_shard(reader, static_cast<int64_t>(index))) == facts_of(scenes[index]));
  }
}

TEST_CASE("A scene that outgrows the buffers of the writer comes back whole", "[shard]") {
  Scene large = scene_of(400, std::vector<Mover>(400, Mover{}));
  REQUIRE(large.tracks.size() * 400 * sizeof(float) > 2 * Spool::kMaxBuffer);
  check_round_trip({generated_scene(), large, generated_scene(), large});
}

TEST_CASE("The same scenes give the same shard, another order another one",
          "[shard][determinism]") {
  const std::vector<Scene> scenes = random_scenes(3, 4);
  CHECK(shard_bytes(scenes) == shard_bytes(scenes));
  CHECK(shard_bytes(scenes) != shard_bytes({scenes[1], scenes[0], scenes[2], scenes[3]}));
}

TEST_CASE("open_scenes streams a shard whatever its name, with the provenance of its sources",
          "[shard]") {
  const std::vector<Scene> scenes = random_scenes(5, 6);
  const TemporaryFile file("");
  write_shard(file.path(), scenes);
  const std::vector<Scene> read = load_scenes(file.path());
  REQUIRE(read.size() == scenes.size());
  for (size_t index = 0; index < scenes.size(); ++index) {
    CHECK(same_with_source(read[index], scenes[index]));
  }
}

TEST_CASE("Threads may read one shard at the same time", "[shard]") {
  const std::vector<Scene> scenes = random_scenes(8, 16);
  const TemporaryFile file("");
  write_shard(file.path(), scenes);
  const ShardReader reader = open_shard(file.path());
  std::vector<int> equal(4);
  {
    std::vector<std::jthread> threads;
    for (int& count : equal) {
      threads.emplace_back([&reader, &scenes, &count] {
        for (size_t index = 0; index < scenes.size(); ++index) {
          const Parsed<Scene> scene = reader.scene(static_cast<int64_t>(index));
          count += scene.ok() && same_with_source(scene.value(), scenes[index]);
        }
      });
    }
  }
  CHECK(equal == std::vector<int>(4, 16));
}

TEST_CASE("Tensors of a shard begin at multiples of 64 bytes and lie end to end", "[shard]") {
  const AlignedBytes bytes(shard_bytes(random_scenes(11, 5)));
  const auto header = parse_safetensors_header(bytes.span(), "shard");
  REQUIRE(header.ok());
  int checked = 0;
  for (const SafetensorsEntry& tensor : header.value().tensors) {
    if (tensor.name.starts_with("padding_")) continue;
    INFO(tensor.name);
    CHECK(tensor.begin % 64 == 0);
    ++checked;
  }
  CHECK(checked == 74);
}

TEST_CASE("A shard appears whole or not at all", "[shard]") {
  const TemporaryFile file("what was there before");
  const std::filesystem::path folder = std::filesystem::path(file.path()).parent_path();
  const auto parts = [&] {
    std::set<std::string> names;
    const std::string stem = std::filesystem::path(file.path()).filename().string();
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (name != stem && name.find(stem) != std::string::npos) names.insert(name);
    }
    return names;
  };
  {
    ShardWriter writer(file.path());
    writer.add(generated_scene());
    CHECK(parts().size() == 1);
    CHECK(read_bytes(file.path()) == "what was there before");
  }
  CHECK(parts().empty());
  CHECK(read_bytes(file.path()) == "what was there before");
  ShardWriter writer(file.path());
  writer.add(generated_scene());
  writer.finish();
  CHECK(parts().empty());
  CHECK(open_shard(file.path()).num_scenes() == 1);
  CHECK_THROWS_WITH(writer.add(generated_scene()), Contains("finished"));
  CHECK_THROWS_WITH(writer.finish(), Contains("finished"));
}

TEST_CASE("The writer refuses what the reader could not give back and goes on", "[shard]") {
  const TemporaryFile file("");
  ShardWriter writer(file.path());
  CHECK_THROWS_WITH(writer.finish(), Contains("no scene"));
  Scene broken = generated_scene();
  broken.tracks[0].x[0] = NAN;
  CHECK_THROWS_WITH(writer.add(broken), Contains("x[0] is nan"));
  broken = generated_scene();
  broken.tracks[1].kind = static_cast<AgentKind>(9);
  CHECK_THROWS_WITH(writer.add(broken), Contains("kind has the code 9"));
  broken = generated_scene();
  broken.tracks[1].raw_type = "\xff";
  CHECK_THROWS_WITH(writer.add(broken), Contains("raw_type of a track is not UTF-8"));
  broken = generated_scene();
  broken.assumptions = {"fine", "\xc3"};
  CHECK_THROWS_WITH(writer.add(broken), Contains("an assumption is not UTF-8"));
  CHECK(writer.num_scenes() == 0);
  writer.add(generated_scene());
  writer.finish();
  CHECK(same_with_source(scene_of_shard(open_shard(file.path()), 0), generated_scene()));
}

TEST_CASE("A writer says where it cannot write", "[shard]") {
  CHECK_THROWS_AS(ShardWriter("no/such/folder/shard"), std::system_error);
  const std::string folder = std::filesystem::temp_directory_path().string();
  ShardWriter onto_folder(folder);
  onto_folder.add(generated_scene());
  CHECK_THROWS_WITH(onto_folder.finish(), Contains(folder));
}

TEST_CASE("An index out of range is named", "[shard]") {
  const TemporaryFile file("");
  write_shard(file.path(), {generated_scene()});
  const ShardReader reader = open_shard(file.path());
  for (const int64_t index : {int64_t{-1}, int64_t{1}, std::numeric_limits<int64_t>::max()}) {
    CHECK_THROWS_WITH(reader.scene(index), Contains("expected 0 to 0"));
  }
}
