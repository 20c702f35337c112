#include <fmt/format.h>

#include "scenarios/womd_parts.hpp"

namespace forkroad::womd {
namespace {

constexpr int64_t kNumLightStates = 9;

}  // namespace

// False if the light has neither a stop point nor a lane that would give it one.
bool MapDecoder::decode_signal(WireReader reader, int64_t step, LaneSignal& signal) {
  int64_t state = 0;
  Bytes point_message;
  while (reader.next()) {
    switch (reader.tag()) {
      case 1:
        signal.lane_id = reader.get_integer("lane");
        break;
      case 2:
        state = reader.get_integer("state");
        break;
      case 3:
        point_message = reader.get_bytes("stop_point");
        break;
      default:
        reader.skip();
    }
  }
  if (state >= 0 && state < kNumLightStates) {
    signal.state = static_cast<LightState>(state);
  } else {
    ++num_unknown_types_;
  }
  if (point_message.data() != nullptr) {
    const SourcePoint source = decode_point(point_message, *trace_);
    if (!to_local(source, origin_, signal.stop_point)) {
      refuse_point(source, origin_, point_message, kPointX,
                   fmt::format("signal of lane {}, step {}", signal.lane_id, step), "stop_point.");
    }
    return true;
  }
  const MapFeature* lane = find_feature(signal.lane_id);
  if (lane == nullptr) return false;
  signal.stop_point = lane->points.front();
  ++num_placed_signals_;
  return true;
}

std::vector<LaneSignal> MapDecoder::decode_signals(Bytes message, int64_t step) {
  std::vector<LaneSignal> signals;
  WireReader reader(message, "DynamicMapState", *trace_);
  while (reader.next()) {
    if (reader.tag() != 1) {
      reader.skip();
      continue;
    }
    LaneSignal signal;
    if (decode_signal(reader.get_message("lane_states", "TrafficSignalLaneState"), step, signal)) {
      signals.push_back(signal);
    } else {
      ++num_dropped_signals_;
    }
  }
  return signals;
}

void MapDecoder::report(std::vector<std::string>& assumptions) const {
  assume(num_unknown_kinds_, "map features of a kind unknown to this reader are left out",
         assumptions);
  assume(num_without_points_, "map features without points are left out", assumptions);
  assume(num_unknown_types_, "type or state codes unknown to this reader are read as unknown",
         assumptions);
  assume(num_dropped_spans_, "neighbours or boundaries beyond the ends of their lanes are left out",
         assumptions);
  assume(num_placed_signals_,
         "light states without a stop point are placed where their lane starts", assumptions);
  assume(num_dropped_signals_, "light states without a stop point and lane are left out",
         assumptions);
}

}  // namespace forkroad::womd
