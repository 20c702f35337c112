#include "scenarios/womd_example_features.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace forkroad::womd {
namespace {

const char* list_kind_name(ListKind kind) {
  switch (kind) {
    case ListKind::kBytes:
      return "bytes_list";
    case ListKind::kFloats:
      return "float_list";
    case ListKind::kIntegers:
      return "int64_list";
    case ListKind::kNone:
      break;
  }
  return "nothing";
}

ExampleFeature decode_entry(WireReader& features, WireTrace& trace) {
  ExampleFeature feature;
  feature.at = features.field_start();
  WireReader entry = features.get_message("feature", "FeatureEntry");
  while (entry.next()) {
    if (entry.tag() == 1) {
      const Bytes key = entry.get_bytes("key");
      feature.name = {key.data(), key.size()};
    } else if (entry.tag() == 2) {
      WireReader value(entry.get_bytes("value"), "Feature", trace);
      while (value.next()) {
        if (value.tag() < 1 || value.tag() > 3) {
          value.skip();
          continue;
        }
        feature.kind = static_cast<ListKind>(value.tag());
        feature.list = value.get_bytes("list");
      }
    } else {
      entry.skip();
    }
  }
  return feature;
}

template <class Value>
void check_size(const PlacedList<Value>& list, std::string_view name, std::size_t size,
                const char* meaning) {
  if (list.values.size() == size) return;
  throw DecodeFailure(ParseCode::kInconsistent, list.at,
                      fmt::format("{} has {} entries, expected {}: one for each of the {}", name,
                                  list.values.size(), size, meaning));
}

}  // namespace

ExampleFeatures::ExampleFeatures(Bytes payload, WireTrace& trace)
    : payload_(payload), trace_(&trace) {
  WireReader example(payload, "Example", trace);
  while (example.next()) {
    if (example.tag() != 1) {
      example.skip();
      continue;
    }
    WireReader features = example.get_message("features", "Features");
    while (features.next()) {
      if (features.tag() == 1) {
        features_.push_back(decode_entry(features, trace));
      } else {
        features.skip();
      }
    }
  }
  std::stable_sort(
      features_.begin(), features_.end(),
      [](const ExampleFeature& a, const ExampleFeature& b) { return a.name < b.name; });
}

const ExampleFeature* ExampleFeatures::find(std::string_view name) const {
  const auto after = std::upper_bound(
      features_.begin(), features_.end(), name,
      [](std::string_view key, const ExampleFeature& feature) { return key < feature.name; });
  if (after == features_.begin() || (after - 1)->name != name) return nullptr;
  return &*(after - 1);
}

const ExampleFeature& ExampleFeatures::require(std::string_view name, ListKind kind) const {
  const ExampleFeature* feature = find(name);
  if (feature == nullptr) {
    throw DecodeFailure(ParseCode::kMissingField, payload_.data(),
                        fmt::format("the feature {} is absent", name));
  }
  if (feature->kind != kind) {
    throw DecodeFailure(ParseCode::kWrongContent, feature->at,
                        fmt::format("the feature {} holds {}, expected a {}", name,
                                    list_kind_name(feature->kind), list_kind_name(kind)));
  }
  return *feature;
}

PlacedList<float> ExampleFeatures::floats(std::string_view name) const {
  const ExampleFeature& feature = require(name, ListKind::kFloats);
  PlacedList<float> list{{}, feature.at};
  WireReader reader(feature.list, "FloatList", *trace_);
  while (reader.next()) {
    if (reader.tag() == 1) {
      reader.append_floats("value", list.values);
    } else {
      reader.skip();
    }
  }
  return list;
}

PlacedList<int64_t> ExampleFeatures::integers(std::string_view name) const {
  const ExampleFeature& feature = require(name, ListKind::kIntegers);
  PlacedList<int64_t> list{{}, feature.at};
  WireReader reader(feature.list, "Int64List", *trace_);
  while (reader.next()) {
    if (reader.tag() == 1) {
      reader.append_integers("value", list.values);
    } else {
      reader.skip();
    }
  }
  return list;
}

Bytes ExampleFeatures::bytes(std::string_view name) const {
  const ExampleFeature& feature = require(name, ListKind::kBytes);
  WireReader reader(feature.list, "BytesList", *trace_);
  while (reader.next()) {
    if (reader.tag() == 1) return reader.get_bytes("value");
    reader.skip();
  }
  throw DecodeFailure(ParseCode::kMissingField, feature.at,
                      fmt::format("the feature {} is an empty list", name));
}

PlacedList<float> ExampleFeatures::floats(std::string_view name, std::size_t size,
                                          const char* meaning) const {
  PlacedList<float> list = floats(name);
  check_size(list, name, size, meaning);
  return list;
}

PlacedList<int64_t> ExampleFeatures::integers(std::string_view name, std::size_t size,
                                              const char* meaning) const {
  PlacedList<int64_t> list = integers(name);
  check_size(list, name, size, meaning);
  return list;
}

}  // namespace forkroad::womd
