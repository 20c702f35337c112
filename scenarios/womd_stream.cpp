#include "scenarios/womd_stream.hpp"

#include "scenarios/womd_example.hpp"
#include "scenarios/womd_scenario.hpp"

namespace forkroad {
namespace {

class WomdStream : public SceneStream {
 public:
  WomdStream(TfRecordReader reader, std::string file)
      : reader_(std::move(reader)), file_(std::move(file)) {}

  std::optional<Parsed<Scene>> next() override {
    std::optional<Parsed<TfRecord>> record = reader_.next();
    if (!record) return std::nullopt;
    if (!record->ok()) return record->error();
    const TfRecord& found = record->value();
    const Provenance where{"", file_, found.index, found.byte_offset};
    return find_example_feature(found.payload).empty() ? decode_womd_scenario(found.payload, where)
                                                       : decode_womd_example(found.payload, where);
  }

 private:
  TfRecordReader reader_;
  std::string file_;
};

}  // namespace

std::unique_ptr<SceneStream> womd_stream(TfRecordReader reader, std::string file) {
  return std::make_unique<WomdStream>(std::move(reader), std::move(file));
}

}  // namespace forkroad
