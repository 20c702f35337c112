#include "scenarios/womd_scenario.hpp"

#include <fmt/format.h>

#include "scenarios/womd_clock.hpp"
#include "scenarios/womd_parts.hpp"
#include "scenarios/womd_record.hpp"

namespace forkroad {
namespace womd {
namespace {

// An integer and the place of its field.
struct PlacedInteger {
  int64_t value = 0;
  const char* at = nullptr;  // null: the field is absent
};

// The Scenario message with its large parts still undecoded: they need the origin, which is known
// only after the whole message was walked.
struct Outline {
  Bytes id;
  std::vector<double> timestamps;
  const char* timestamps_at = nullptr;
  std::vector<Bytes> tracks, features, light_steps;
  PlacedInteger ego, current_step;
  std::vector<int64_t> objects_of_interest;
  std::vector<PlacedInteger> tracks_to_predict;
};

PlacedInteger decode_required_prediction(WireReader& scenario) {
  PlacedInteger track{0, scenario.field_start()};
  WireReader reader = scenario.get_message("tracks_to_predict", "RequiredPrediction");
  while (reader.next()) {
    if (reader.tag() == 1) {
      track.value = reader.get_integer("track_index");
    } else {
      reader.skip();
    }
  }
  return track;
}

void outline_field(WireReader& reader, Outline& outline) {
  const char* at = reader.field_start();
  switch (reader.tag()) {
    case 1:
      if (outline.timestamps_at == nullptr) outline.timestamps_at = at;
      return reader.append_doubles("timestamps_seconds", outline.timestamps);
    case 2:
      return outline.tracks.push_back(reader.get_bytes("tracks"));
    case 4:
      return reader.append_integers("objects_of_interest", outline.objects_of_interest);
    case 5:
      outline.id = reader.get_bytes("scenario_id");
      return;
    case 6:
      outline.ego = {reader.get_integer("sdc_track_index"), at};
      return;
    case 7:
      return outline.light_steps.push_back(reader.get_bytes("dynamic_map_states"));
    case 8:
      return outline.features.push_back(reader.get_bytes("map_features"));
    case 10:
      outline.current_step = {reader.get_integer("current_time_index"), at};
      return;
    case 11:
      return outline.tracks_to_predict.push_back(decode_required_prediction(reader));
    default:
      reader.skip();
  }
}

void check_index(const PlacedInteger& index, std::size_t size, const char* field,
                 const char* things) {
  if (index.value >= 0 && static_cast<uint64_t>(index.value) < size) return;
  throw DecodeFailure(ParseCode::kInconsistent, index.at,
                      fmt::format("Scenario.{} is {}, expected 0 to {}: there are {} {}", field,
                                  index.value, size - 1, size, things));
}

void check_present(bool present, const char* payload, const char* field, int tag) {
  if (present) return;
  throw DecodeFailure(ParseCode::kMissingField, payload,
                      fmt::format("Scenario.{} (field {}) is absent", field, tag));
}

void check_outline(const Outline& outline, const char* payload) {
  check_present(outline.id.data() != nullptr, payload, "scenario_id", 5);
  check_present(!outline.timestamps.empty(), payload, "timestamps_seconds", 1);
  check_present(!outline.tracks.empty(), payload, "tracks", 2);
  check_present(outline.ego.at != nullptr, payload, "sdc_track_index", 6);
  check_id(outline.id, "Scenario.scenario_id");
  const std::size_t num_steps = outline.timestamps.size();
  check_index(outline.ego, outline.tracks.size(), "sdc_track_index", "tracks");
  check_index(outline.current_step, num_steps, "current_time_index", "timestamps");
  for (const PlacedInteger& track : outline.tracks_to_predict) {
    check_index(track, outline.tracks.size(), "tracks_to_predict.track_index", "tracks");
  }
  if (!outline.light_steps.empty() && outline.light_steps.size() != num_steps) {
    throw DecodeFailure(ParseCode::kInconsistent, outline.light_steps.front().data(),
                        fmt::format("there are {} dynamic_map_states, expected none or one for "
                                    "each of the {} timestamps",
                                    outline.light_steps.size(), num_steps));
  }
}

void decode_tracks(const Outline& outline, const Origin& origin, WireTrace& trace, Scene& scene) {
  std::vector<PlacedId> ids;
  for (const Bytes& message : outline.tracks) {
    scene.tracks.push_back(decode_track(message, scene.num_steps, origin, trace));
    ids.push_back({scene.tracks.back().id, ids.size(), message.data()});
  }
  sort_unique(ids, "tracks");
}

void decode_map(const Outline& outline, const Origin& origin, WireTrace& trace, Scene& scene) {
  MapDecoder decoder(origin, scene.features, trace);
  for (const Bytes& message : outline.features) decoder.add_feature(message);
  decoder.finish_lanes();
  scene.signals.resize(static_cast<std::size_t>(scene.num_steps));
  for (std::size_t step = 0; step < outline.light_steps.size(); ++step) {
    scene.signals[step] =
        decoder.decode_signals(outline.light_steps[step], static_cast<int64_t>(step));
  }
  decoder.report(scene.assumptions);
}

Scene decode_scene(Bytes payload, const Provenance& where, WireTrace& trace) {
  Outline outline;
  WireReader reader(payload, "Scenario", trace);
  while (reader.next()) outline_field(reader, outline);
  check_outline(outline, payload.data());

  Scene scene;
  scene.id.assign(outline.id.data(), outline.id.size());
  scene.provenance = where;
  scene.provenance.format = "womd_scenario";
  scene.num_steps = static_cast<int>(outline.timestamps.size());
  scene.current_step = static_cast<int>(outline.current_step.value);
  scene.ego = static_cast<int>(outline.ego.value);
  scene.dt = decode_dt(outline.timestamps, outline.timestamps_at, "Scenario.timestamps_seconds",
                       scene.assumptions);
  if (outline.current_step.at == nullptr) {
    scene.assumptions.push_back("current_time_index is absent: taken as 0");
  }
  const Bytes ego_track = outline.tracks[static_cast<std::size_t>(scene.ego)];
  scene.origin = find_origin(ego_track, scene.current_step, trace, scene.assumptions);
  decode_tracks(outline, scene.origin, trace, scene);
  decode_map(outline, scene.origin, trace, scene);
  for (const PlacedInteger& track : outline.tracks_to_predict) {
    scene.tracks_to_predict.push_back(static_cast<int32_t>(track.value));
  }
  scene.objects_of_interest = std::move(outline.objects_of_interest);
  scene.timestamps = std::move(outline.timestamps);
  return scene;
}

}  // namespace
}  // namespace womd

Parsed<Scene> decode_womd_scenario(std::span<const uint8_t> payload, const Provenance& where) {
  return womd::decode_record(payload, where, "Scenario",
                             [&](womd::Bytes bytes, womd::WireTrace& trace) {
                               return womd::decode_scene(bytes, where, trace);
                             });
}

}  // namespace forkroad
