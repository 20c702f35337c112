// Writes the seeds of womd_example_fuzz into the folder given as argument: made up, nothing from a
// log.
#include "tests/fuzz/seeds.hpp"
#include "tests/womd_example_writer.hpp"

namespace {

using namespace forkroad::test;

std::vector<Seed> make_seeds() {
  std::vector<Seed> seeds;
  seeds.push_back({"packed", write_example(small_example())});
  seeds.push_back({"unpacked", write_example(small_example(), false)});
  ExampleSpec example = small_example();
  integers_of(example, "state/is_sdc")[1] = 0;
  integers_of(example, "state/past/valid")[0] = 0;
  seeds.push_back({"no_ego", write_example(example)});
  example = small_example();
  std::erase_if(
      example, [](const auto& entry) { return entry.first.find("/future/") != std::string::npos; });
  seeds.push_back({"no_future", write_example(example)});
  example = small_example();
  example.erase("state/past/x");
  seeds.push_back({"no_x", write_example(example)});
  return seeds;
}

}  // namespace

int main(int argc, char** argv) { return write_seeds(argc, argv, make_seeds()); }
