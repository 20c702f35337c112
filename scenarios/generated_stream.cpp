#include "scenarios/generated_stream.hpp"

#include <fmt/format.h>

#include <charconv>

#include "scenarios/generate_scene.hpp"

namespace forkroad {
namespace {

constexpr std::string_view kPrefix = "generated:";

class GeneratedStream : public SceneStream {
 public:
  GeneratedStream(std::string name, std::vector<LayoutKind> layouts, uint64_t seed, uint64_t count)
      : name_(std::move(name)), layouts_(std::move(layouts)), seed_(seed), count_(count) {}

  std::optional<Parsed<Scene>> next() override {
    if (next_ == count_) return std::nullopt;
    const uint64_t record = next_++;
    Scene scene =
        generate_scene({}, layouts_[record % layouts_.size()], seed_, record / layouts_.size())
            .scene;
    scene.provenance.file = name_;
    scene.provenance.record = static_cast<int64_t>(record);
    return Parsed<Scene>(std::move(scene));
  }

 private:
  std::string name_;
  std::vector<LayoutKind> layouts_;
  uint64_t seed_, count_, next_ = 0;
};

ParseError error_of(const std::string& name, ParseCode code, std::string message) {
  return {code, name, -1, -1, std::move(message)};
}

bool read_number(std::string_view text, uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

bool is_generated_name(std::string_view name) { return name.starts_with(kPrefix); }

Parsed<std::unique_ptr<SceneStream>> generated_stream(const std::string& name) {
  std::vector<std::string_view> words;
  std::string_view rest = std::string_view(name).substr(kPrefix.size());
  for (size_t colon; (colon = rest.find(':')) != std::string_view::npos;) {
    words.push_back(rest.substr(0, colon));
    rest.remove_prefix(colon + 1);
  }
  words.push_back(rest);
  if (words.size() < 2 || words.size() > 3) {
    return error_of(
        name, ParseCode::kWrongContent,
        fmt::format("got {} words after 'generated', expected LAYOUT:SEED[:COUNT]", words.size()));
  }
  std::vector<LayoutKind> layouts;
  std::string known = "all";
  for (const LayoutKind layout : all_layouts()) {
    known += fmt::format(", {}", layout_name(layout));
    if (words[0] == layout_name(layout) || words[0] == "all") layouts.push_back(layout);
  }
  if (layouts.empty()) {
    return error_of(name, ParseCode::kUnsupportedFormat,
                    fmt::format("unknown layout '{}', expected one of: {}", words[0], known));
  }
  uint64_t seed = 0, count = 1;
  const bool fits = read_number(words[1], seed) &&
                    (words.size() == 2 || (read_number(words[2], count) && count >= 1));
  if (!fits) {
    return error_of(name, ParseCode::kValueOutOfRange,
                    fmt::format("got seed '{}' and count '{}', expected whole numbers, count >= 1",
                                words[1], words.size() == 3 ? words[2] : "1"));
  }
  return std::unique_ptr<SceneStream>(
      std::make_unique<GeneratedStream>(name, std::move(layouts), seed, count));
}

}  // namespace forkroad
