#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "scenarios/womd_parts.hpp"

namespace forkroad::womd {
namespace {

constexpr uint32_t kTrackId = 1;
constexpr uint32_t kTrackStates = 3;
constexpr uint32_t kCenterX = 2;

// One ObjectState as it is on the wire.
struct State {
  SourcePoint centre;
  float length = 0, width = 0, height = 0;
  float heading = 0;
  float velocity_x = 0, velocity_y = 0;
  bool valid = false;
};

State decode_state(WireReader reader) {
  State state;
  while (reader.next()) {
    switch (reader.tag()) {
      case 2:
        state.centre.x = reader.get_double("center_x");
        break;
      case 3:
        state.centre.y = reader.get_double("center_y");
        break;
      case 4:
        state.centre.z = reader.get_double("center_z");
        break;
      case 5:
        state.length = reader.get_float("length");
        break;
      case 6:
        state.width = reader.get_float("width");
        break;
      case 7:
        state.height = reader.get_float("height");
        break;
      case 8:
        state.heading = reader.get_float("heading");
        break;
      case 9:
        state.velocity_x = reader.get_float("velocity_x");
        break;
      case 10:
        state.velocity_y = reader.get_float("velocity_y");
        break;
      case 11:
        state.valid = reader.get_bool("valid");
        break;
      default:
        reader.skip();
    }
  }
  return state;
}

// The tag of a motion or size field that holds no usable number, 0 if all do.
uint32_t find_bad_field(const State& state) {
  const auto is_size = [](float value) { return value >= 0 && value < kMaxBoxSize; };
  if (!is_size(state.length)) return 5;
  if (!is_size(state.width)) return 6;
  if (!is_size(state.height)) return 7;
  if (!(std::abs(state.heading) <= kMaxSourceHeading)) return 8;
  if (!(std::abs(state.velocity_x) < kMaxSpeed)) return 9;
  if (!(std::abs(state.velocity_y) < kMaxSpeed)) return 10;
  return 0;
}

[[noreturn]] void refuse_value(Bytes message, uint32_t tag, std::string text) {
  const char* at = find_field(message, tag);
  throw DecodeFailure(ParseCode::kValueOutOfRange, at != nullptr ? at : message.data(),
                      std::move(text));
}

[[noreturn]] void refuse_field(const State& state, uint32_t tag, Bytes message,
                               const std::string& owner) {
  const auto refuse = [&](const char* field, float value, const std::string& expected) {
    refuse_value(message, tag,
                 fmt::format("{}: {} is {}, expected {}", owner, field, value, expected));
  };
  const std::string size = fmt::format("0 to below {} m", kMaxBoxSize);
  const std::string speed = fmt::format("a finite number below {} m/s", kMaxSpeed);
  if (tag == 5) refuse("length", state.length, size);
  if (tag == 6) refuse("width", state.width, size);
  if (tag == 7) refuse("height", state.height, size);
  if (tag == 9) refuse("velocity_x", state.velocity_x, speed);
  if (tag == 10) refuse("velocity_y", state.velocity_y, speed);
  refuse_value(message, tag,
               fmt::format("{}: heading is {}, expected a finite angle of at most {} rad", owner,
                           state.heading, kMaxSourceHeading));
}

// Stores a valid state; throws if one of its numbers cannot be kept.
void store_state(const State& state, const Origin& origin, std::size_t step, Bytes state_message,
                 Bytes track_message, Track& track) {
  const auto owner = [&] {
    return fmt::format("track {}, step {}", find_integer(track_message, kTrackId), step);
  };
  Point3 local;
  if (!to_local(state.centre, origin, local)) {
    refuse_point(state.centre, origin, state_message, kCenterX, owner(), "center_");
  }
  if (const uint32_t tag = find_bad_field(state); tag != 0) {
    refuse_field(state, tag, state_message, owner());
  }
  track.x[step] = local.x;
  track.y[step] = local.y;
  track.z[step] = local.z;
  track.heading[step] = wrap_heading(static_cast<double>(state.heading));
  track.velocity_x[step] = state.velocity_x;
  track.velocity_y[step] = state.velocity_y;
  track.length[step] = state.length;
  track.width[step] = state.width;
  track.height[step] = state.height;
  track.valid[step] = 1;
}

Origin floor_origin(const SourcePoint& place, Bytes message, const std::string& owner) {
  const std::array<double, 3> values = {place.x, place.y, place.z};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (!(std::abs(values[axis]) <= kMaxSourceCoordinate)) {
      refuse_value(message, kCenterX + static_cast<uint32_t>(axis),
                   fmt::format("{}: center_{} is {} m, expected a finite number of at most {} m",
                               owner, "xyz"[axis], values[axis], kMaxSourceCoordinate));
    }
  }
  return floor_point(place);
}

}  // namespace

void set_kind(int64_t code, Track& track) {
  static constexpr std::array<const char*, 5> kNames = {
      "TYPE_UNSET", "TYPE_VEHICLE", "TYPE_PEDESTRIAN", "TYPE_CYCLIST", "TYPE_OTHER"};
  const bool known = code >= 0 && code < static_cast<int64_t>(kNames.size());
  track.kind = known ? static_cast<AgentKind>(code) : AgentKind::kUnset;
  track.raw_type = known ? kNames[static_cast<std::size_t>(code)] : fmt::format("{}", code);
}

void refuse_point(const SourcePoint& source, const Origin& origin, Bytes message, uint32_t x_tag,
                  const std::string& owner, const char* prefix) {
  const std::array<double, 3> values = {source.x, source.y, source.z};
  std::size_t axis = 0;
  while (axis < 2 && std::abs(values[axis] - origin[axis]) <= kMaxLocalCoordinate) ++axis;
  const std::string expected = fmt::format("a finite number at most {} m from the origin {}",
                                           kMaxLocalCoordinate, origin[axis]);
  refuse_value(message, x_tag + static_cast<uint32_t>(axis),
               fmt::format("{}: {}{} is {} m, expected {}", owner, prefix, "xyz"[axis],
                           values[axis], expected));
}

Origin find_origin(Bytes ego_track, int64_t step, WireTrace& trace,
                   std::vector<std::string>& assumptions) {
  std::optional<State> chosen;
  Bytes chosen_message;
  int64_t chosen_step = 0;
  int64_t state_step = 0;
  WireReader reader(ego_track, "Track", trace);
  while (reader.next()) {
    if (reader.tag() != kTrackStates) {
      reader.skip();
      continue;
    }
    const Bytes message = reader.get_bytes("states");
    const State state = decode_state(WireReader(message, "ObjectState", trace));
    if (state.valid && (!chosen || state_step == step)) {
      chosen = state;
      chosen_message = message;
      chosen_step = state_step;
    }
    ++state_step;
  }
  const int64_t id = find_integer(ego_track, kTrackId);
  if (!chosen) {
    throw DecodeFailure(
        ParseCode::kMissingField, ego_track.data(),
        fmt::format("track {} (the ego) has no valid state, expected at least one", id));
  }
  if (chosen_step != step) {
    assumptions.push_back(fmt::format(
        "the ego is not valid at step {}: the origin is its place at step {}", step, chosen_step));
  }
  return floor_origin(chosen->centre, chosen_message,
                      fmt::format("track {} (the ego), step {}", id, chosen_step));
}

Track decode_track(Bytes message, int num_steps, const Origin& origin, WireTrace& trace) {
  Track track;
  track.resize(num_steps);
  const auto steps = static_cast<std::size_t>(num_steps);
  std::size_t step = 0;
  int64_t kind = 0;
  WireReader reader(message, "Track", trace);
  while (reader.next()) {
    switch (reader.tag()) {
      case kTrackId:
        track.id = reader.get_integer("id");
        break;
      case 2:
        kind = reader.get_integer("object_type");
        break;
      case kTrackStates: {
        const Bytes bytes = reader.get_bytes("states");
        const State state = decode_state(WireReader(bytes, "ObjectState", trace));
        if (step < steps && state.valid) {
          store_state(state, origin, step, bytes, message, track);
        }
        ++step;
        break;
      }
      default:
        reader.skip();
    }
  }
  if (step != steps) {
    throw DecodeFailure(ParseCode::kInconsistent, message.data(),
                        fmt::format("track {} has {} states, expected one for each of the {} "
                                    "timestamps",
                                    track.id, step, steps));
  }
  set_kind(kind, track);
  return track;
}

}  // namespace forkroad::womd
