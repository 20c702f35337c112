// Waymo Open Motion Dataset files: TFRecords of Scenario messages or of tf.Examples.
#pragma once

#include <memory>
#include <string>

#include "scenarios/load_scenes.hpp"
#include "scenarios/tfrecord.hpp"

namespace forkroad {

// A stream over the records of a file; each is read as what its bytes are.
std::unique_ptr<SceneStream> womd_stream(TfRecordReader reader, std::string file);

}  // namespace forkroad
