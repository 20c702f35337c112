// Internal to the WOMD decoder: the map of named lists that a tf.Example is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/womd_wire.hpp"

namespace forkroad::womd {

// One kind of Feature; the numbers are the field numbers of the oneof.
enum class ListKind : uint32_t { kNone = 0, kBytes = 1, kFloats = 2, kIntegers = 3 };

struct ExampleFeature {
  std::string_view name;
  ListKind kind = ListKind::kNone;
  Bytes list;                // BytesList, FloatList or Int64List
  const char* at = nullptr;  // first byte of the entry
};

// A decoded list and the place of its feature.
template <class Value>
struct PlacedList {
  std::vector<Value> values;
  const char* at = nullptr;
};

// Finds features by name and decodes them when asked.
class ExampleFeatures {
 public:
  // Walks an Example message. Of two features with one name the last counts, as protobuf demands.
  ExampleFeatures(Bytes payload, WireTrace& trace);

  bool has(std::string_view name) const { return find(name) != nullptr; }

  // The values of a feature. Throws if it is absent or a list of another kind.
  PlacedList<float> floats(std::string_view name) const;
  PlacedList<int64_t> integers(std::string_view name) const;
  Bytes bytes(std::string_view name) const;  // the first entry of a BytesList

  // The same, and the list must have `size` entries. `meaning` says what they are.
  PlacedList<float> floats(std::string_view name, std::size_t size, const char* meaning) const;
  PlacedList<int64_t> integers(std::string_view name, std::size_t size, const char* meaning) const;

 private:
  const ExampleFeature* find(std::string_view name) const;
  const ExampleFeature& require(std::string_view name, ListKind kind) const;

  Bytes payload_;
  WireTrace* trace_;
  std::vector<ExampleFeature> features_;  // sorted by name
};

}  // namespace forkroad::womd
