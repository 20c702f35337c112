// Writes the seeds of womd_fuzz into the folder given as argument: made up, nothing from a log.
#include "tests/fuzz/seeds.hpp"
#include "tests/womd_example_writer.hpp"
#include "tests/womd_writer.hpp"

namespace {

using namespace forkroad::test;

constexpr char kDecode = '\0';
constexpr char kReadFile = '\6';
constexpr char kFrame = '\7';

ScenarioSpec change(void (*edit)(ScenarioSpec&)) {
  ScenarioSpec scenario = small_scenario(2);
  edit(scenario);
  return scenario;
}

std::vector<Seed> make_seeds() {
  const auto decode = [](const ScenarioSpec& scenario) {
    return std::string(1, kDecode) + write_scenario(scenario);
  };
  const std::string small = write_scenario(small_scenario(2));
  std::vector<Seed> seeds;
  seeds.push_back({"packed", decode(small_scenario(2))});
  seeds.push_back({"unpacked", decode(change([](ScenarioSpec& s) { s.packed = false; }))});
  seeds.push_back({"unknown_fields", decode(change([](ScenarioSpec& s) {
                     s.unknown_fields = true;
                     s.features.resize(1);
                   }))});
  seeds.push_back({"one_step", decode(small_scenario(1))});
  seeds.push_back({"no_map", decode(change([](ScenarioSpec& s) {
                     s.features.clear();
                     s.lights.clear();
                   }))});
  seeds.push_back({"missing_parts", decode(change([](ScenarioSpec& s) {
                     s.current_step.reset();
                     s.lights[0][0].stop_point.reset();
                     s.lights[1][1] = {999, 4, std::nullopt};
                     s.features[2].points.clear();
                     s.features[3].tag = 60;
                     s.features[0].left_neighbors[0].self_end = 9;
                   }))});
  seeds.push_back({"ego_not_valid", decode(change([](ScenarioSpec& s) {
                     s.tracks[0].states[1].valid = false;
                     s.tracks.resize(1);
                     s.tracks_to_predict = {0};
                   }))});
  seeds.push_back({"example", std::string(1, kDecode) + write_example(small_example())});
  seeds.push_back({"framed", std::string(1, kFrame) + small});
  seeds.push_back({"file", std::string(1, kReadFile) + frame_record(small) + frame_record("")});
  return seeds;
}

}  // namespace

int main(int argc, char** argv) { return forkroad::test::write_seeds(argc, argv, make_seeds()); }
