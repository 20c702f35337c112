// Opens any log file that a reader knows, by content and not by file name, one scene at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/parse_error.hpp"
#include "scenarios/scene.hpp"

namespace forkroad {

// A sequence of scenes in one file, read one record at a time: memory is bounded by one record
// plus its scene.
class SceneStream {
 public:
  virtual ~SceneStream() = default;

  // The next scene; an error if the record is bad; nothing at the end of the file. After an error
  // inside a record whose frame is intact the stream goes on with the next record; after an error
  // that loses the frame (truncation, length checksum) it ends.
  virtual std::optional<Parsed<Scene>> next() = 0;
};

// Opens a file of any known format, or the words generated:LAYOUT:SEED[:COUNT].
Parsed<std::unique_ptr<SceneStream>> open_scenes(const std::string& file);

// Reads every scene of a file. Throws std::runtime_error with ParseError::text() at the first bad
// record: for notebooks and small files; jobs use open_scenes and report.
std::vector<Scene> load_scenes(const std::string& file);

}  // namespace forkroad
