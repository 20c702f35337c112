// Runs a fuzz target over the files and folders given as arguments: corpora and findings are then
// part of the normal tests, with any compiler.
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size);

namespace {

void replay_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
  // a copy without slack, so that a sanitizer sees reads beyond the end
  const std::vector<uint8_t> bytes(text.begin(), text.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

int replay(const std::vector<std::filesystem::path>& arguments) {
  int count = 0;
  for (const std::filesystem::path& argument : arguments) {
    if (!std::filesystem::is_directory(argument)) {
      replay_file(argument);
      ++count;
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argument)) {
      if (!entry.is_regular_file()) continue;
      replay_file(entry.path());
      ++count;
    }
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int count = replay({argv + 1, argv + argc});
    std::printf("replayed %d inputs\n", count);
    // a corpus that is not found must not pass as tested
    return count > 0 ? 0 : 1;
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "replay: %s\n", exception.what());
    return 1;
  }
}
