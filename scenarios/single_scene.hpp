// A stream over a file that holds one scene.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "scenarios/decompress.hpp"
#include "scenarios/load_scenes.hpp"

namespace forkroad {

using DecodeScene = Parsed<Scene> (*)(const PaddedBytes& bytes, const Provenance& where);

// Decodes its file at the first next() and lets the bytes go.
class SingleSceneStream : public SceneStream {
 public:
  SingleSceneStream(WholeFile content, const std::string& file, const char* format,
                    DecodeScene decode)
      : content_(std::move(content)), where_{format, file, 0, 0}, decode_(decode) {}

  std::optional<Parsed<Scene>> next() override {
    if (decode_ == nullptr) return std::nullopt;
    Parsed<Scene> scene = decode_(content_.content, where_);
    decode_ = nullptr;
    const Compression compression = std::exchange(content_, WholeFile()).compression;
    if (scene || compression == Compression::kNone) return scene;
    // an offset into a compressed file would say nothing
    ParseError error = scene.error();
    error.message += std::string(" (bytes count in the decompressed content)");
    return error;
  }

 private:
  WholeFile content_;
  Provenance where_;
  DecodeScene decode_;
};

}  // namespace forkroad
