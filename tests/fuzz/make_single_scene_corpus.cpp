// Writes the seeds of gpudrive_json_fuzz and pufferdrive_bin_fuzz into folders of these names below
// the one given as argument: made up, nothing from a log.
#include <cstdio>

#include "tests/compress.hpp"
#include "tests/fuzz/seeds.hpp"
#include "tests/gpudrive_json_texts.hpp"
#include "tests/pufferdrive_writer.hpp"

namespace {

using namespace forkroad::test;

constexpr char kText = '0';
constexpr char kFile = '7';

std::vector<Seed> make_json_seeds() {
  return {{"nocturne", kText + kNocturneText},
          {"height", kText + kHeightText},
          {"second", kText + kSecondText},
          {"unified", kText + kUnifiedText},
          {"no_objects", kText + std::string(R"({"objects":[],"roads":[]})")},
          {"gzip", kFile + gzip(kSecondText)},
          {"xz", kFile + xz(kSecondText)}};
}

std::vector<Seed> make_bin_seeds() {
  PufferMap degrees = small_puffer();
  degrees.objects[0].heading = {0, 90, 450};
  return {{"small", write_puffer(small_puffer())},
          {"one_step", write_puffer(small_puffer(1))},
          {"degrees", write_puffer(degrees)}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_single_scene_corpus FOLDER\n");
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  const bool written = write_seeds(folder / "gpudrive_json", make_json_seeds()) &&
                       write_seeds(folder / "pufferdrive_bin", make_bin_seeds());
  return written ? 0 : 1;
}
