// Writes the seeds of shard_fuzz into the folder given as argument: made up, nothing from a log.
#include "tests/fuzz/seeds.hpp"
#include "tests/shard_scenes.hpp"

namespace {

using namespace forkroad;
using namespace forkroad::test;

constexpr char kFile = '\2';
constexpr char kCheckedFile = '\0';
constexpr char kEdits = '\3';

std::string edit(uint32_t place, int64_t value) {
  std::string bytes(12, '\0');
  std::memcpy(bytes.data(), &place, sizeof place);
  std::memcpy(bytes.data() + 4, &value, sizeof value);
  return bytes;
}

std::vector<Seed> make_seeds() {
  Scene bare;
  bare.dt = 0.1;
  bare.num_steps = 1;
  bare.timestamps = {0};
  bare.signals.resize(1);
  const std::string full = shard_bytes({random_scene(2)});
  return {{"bare", kFile + shard_bytes({bare})},
          {"full", kFile + full},
          {"checked", kCheckedFile + full},
          {"cut_header", kFile + full.substr(0, 600)},
          {"no_edit", std::string(1, kEdits)},
          {"edits", kEdits + edit(7000, -1) + edit(8000, 1) + edit(9001, int64_t{1} << 40)}};
}

}  // namespace

int main(int argc, char** argv) { return forkroad::test::write_seeds(argc, argv, make_seeds()); }
