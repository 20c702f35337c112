#include "scenarios/womd_example.hpp"

#include <fmt/format.h>

#include <cmath>

#include "scenarios/plain_text.hpp"
#include "scenarios/womd_clock.hpp"
#include "scenarios/womd_example_parts.hpp"
#include "scenarios/womd_parts.hpp"
#include "scenarios/womd_record.hpp"

namespace forkroad {
namespace womd {
namespace {

// One field of the agents over all steps; the lists of a phase are agent-major.
template <class Value>
struct AgentField {
  const char* name;
  const ExamplePhases* phases;
  std::array<PlacedList<Value>, 3> lists;

  Value at(std::size_t agent, std::size_t step) const {
    const auto [phase, inside] = locate(step);
    return lists[phase].values[agent * phases->num_steps[phase] + inside];
  }
  // First byte of the feature that holds a step.
  const char* place(std::size_t step) const { return lists[locate(step).first].at; }

  std::pair<std::size_t, std::size_t> locate(std::size_t step) const {
    std::size_t phase = 0;
    while (step >= phases->num_steps[phase]) step -= phases->num_steps[phase++];
    return {phase, step};
  }
};

// Everything about the agents that a Scene keeps.
struct AgentArrays {
  std::size_t num_agents = 0;
  ExamplePhases phases;
  PlacedList<float> ids, types;
  PlacedList<int64_t> is_ego, is_predicted, is_interesting;
  AgentField<int64_t> valid, micros;
  AgentField<float> x, y, z, yaw, length, width, height, velocity_x, velocity_y;
};

std::size_t count_steps(const ExampleFeatures& features, const char* phase,
                        std::size_t num_agents) {
  const std::string name = fmt::format("state/{}/valid", phase);
  if (!features.has(name)) return 0;
  const PlacedList<int64_t> list = features.integers(name);
  if (list.values.size() % num_agents == 0) return list.values.size() / num_agents;
  throw DecodeFailure(ParseCode::kInconsistent, list.at,
                      fmt::format("{} has {} entries, expected a multiple of the {} agents", name,
                                  list.values.size(), num_agents));
}

template <class Value>
void load_field(const ExampleFeatures& features, const AgentArrays& agents, const char* name,
                AgentField<Value>& field) {
  field.name = name;
  field.phases = &agents.phases;
  for (std::size_t phase = 0; phase < field.lists.size(); ++phase) {
    if (agents.phases.num_steps[phase] == 0) continue;
    const std::string full = fmt::format("state/{}/{}", ExamplePhases::kNames[phase], name);
    const std::size_t size = agents.num_agents * agents.phases.num_steps[phase];
    if constexpr (std::is_same_v<Value, float>) {
      field.lists[phase] = features.floats(full, size, "agents at every step");
    } else {
      field.lists[phase] = features.integers(full, size, "agents at every step");
    }
  }
}

PlacedList<int64_t> load_flags(const ExampleFeatures& features, const char* name,
                               std::size_t num_agents) {
  if (!features.has(name)) return {std::vector<int64_t>(num_agents), nullptr};
  return features.integers(name, num_agents, "agents");
}

void load_agents(const ExampleFeatures& features, AgentArrays& agents) {
  agents.ids = features.floats("state/id");
  agents.num_agents = agents.ids.values.size();
  if (agents.num_agents == 0) {
    throw DecodeFailure(ParseCode::kMissingField, agents.ids.at,
                        "the feature state/id is empty, expected at least one agent");
  }
  for (std::size_t phase = 0; phase < ExamplePhases::kNames.size(); ++phase) {
    agents.phases.num_steps[phase] =
        count_steps(features, ExamplePhases::kNames[phase], agents.num_agents);
  }
  if (agents.phases.num_steps[1] != 1) {
    throw DecodeFailure(ParseCode::kInconsistent, agents.ids.at,
                        fmt::format("state/current/valid has {} steps, expected 1 for each of the "
                                    "{} agents",
                                    agents.phases.num_steps[1], agents.num_agents));
  }
  agents.types = features.floats("state/type", agents.num_agents, "agents");
  agents.is_ego = load_flags(features, "state/is_sdc", agents.num_agents);
  agents.is_predicted = load_flags(features, "state/tracks_to_predict", agents.num_agents);
  agents.is_interesting = load_flags(features, "state/objects_of_interest", agents.num_agents);
  load_field(features, agents, "valid", agents.valid);
  load_field(features, agents, "timestamp_micros", agents.micros);
  load_field(features, agents, "x", agents.x);
  load_field(features, agents, "y", agents.y);
  load_field(features, agents, "z", agents.z);
  load_field(features, agents, "bbox_yaw", agents.yaw);
  load_field(features, agents, "length", agents.length);
  load_field(features, agents, "width", agents.width);
  load_field(features, agents, "height", agents.height);
  load_field(features, agents, "velocity_x", agents.velocity_x);
  load_field(features, agents, "velocity_y", agents.velocity_y);
}

// Index of the only agent flagged as the ego, num_agents: none.
std::size_t find_ego(const AgentArrays& agents) {
  std::size_t ego = agents.num_agents;
  for (std::size_t agent = 0; agent < agents.num_agents; ++agent) {
    if (agents.is_ego.values[agent] != 1) continue;
    if (ego != agents.num_agents) {
      throw DecodeFailure(
          ParseCode::kInconsistent, agents.is_ego.at,
          fmt::format("state/is_sdc marks the agents {} and {}, expected one", ego, agent));
    }
    ego = agent;
  }
  return ego;
}

// The time of every step [s], as the ego has it, or else the first agent that is valid there.
std::vector<double> decode_timestamps(const AgentArrays& agents, std::size_t ego, Scene& scene) {
  std::vector<double> timestamps;
  int64_t num_guessed = 0;
  for (std::size_t step = 0; step < agents.phases.total(); ++step) {
    std::size_t witness = ego;
    if (ego == agents.num_agents || agents.valid.at(ego, step) != 1) {
      witness = 0;
      while (witness < agents.num_agents && agents.valid.at(witness, step) != 1) ++witness;
    }
    if (witness < agents.num_agents) {
      timestamps.push_back(static_cast<double>(agents.micros.at(witness, step)) * 1e-6);
    } else {
      timestamps.push_back(timestamps.empty() ? 0 : timestamps.back() + kOneStepDt);
      ++num_guessed;
    }
  }
  if (num_guessed > 0) {
    scene.assumptions.push_back(
        fmt::format("no agent is valid at {} steps: their timestamps are "
                    "taken {} s after the step before",
                    num_guessed, kOneStepDt));
  }
  return timestamps;
}

SourcePoint place_of(const AgentArrays& agents, std::size_t agent, std::size_t step) {
  const SourcePoint place{static_cast<double>(agents.x.at(agent, step)),
                          static_cast<double>(agents.y.at(agent, step)),
                          static_cast<double>(agents.z.at(agent, step))};
  for (const double value : {place.x, place.y, place.z}) {
    if (!(std::abs(value) <= kMaxSourceCoordinate)) {
      throw DecodeFailure(ParseCode::kValueOutOfRange, agents.x.place(step),
                          fmt::format("agent {}, step {}: a coordinate is {} m, expected a finite "
                                      "number of at most {} m",
                                      agent, step, value, kMaxSourceCoordinate));
    }
  }
  return place;
}

std::size_t first_valid_step(const AgentArrays& agents, std::size_t agent) {
  std::size_t step = 0;
  while (step < agents.phases.total() && agents.valid.at(agent, step) != 1) ++step;
  return step;
}

Origin find_example_origin(const AgentArrays& agents, std::size_t ego, Scene& scene) {
  const std::size_t total = agents.phases.total();
  OriginMean mean;
  if (ego != agents.num_agents && first_valid_step(agents, ego) < total) {
    std::size_t step = static_cast<std::size_t>(scene.current_step);
    if (agents.valid.at(ego, step) != 1) {
      step = first_valid_step(agents, ego);
      scene.assumptions.push_back(
          fmt::format("the ego is not valid at step {}: the origin is its place at step {}",
                      scene.current_step, step));
    }
    mean.add(place_of(agents, ego, step));
    return mean.origin();
  }
  for (std::size_t agent = 0; agent < agents.num_agents; ++agent) {
    const std::size_t step = first_valid_step(agents, agent);
    if (step < total) mean.add(place_of(agents, agent, step));
  }
  scene.assumptions.push_back(
      "state/is_sdc marks no valid agent: the scene has no ego, the origin is the mean of the "
      "agents' first places");
  return mean.origin();
}

// A number that must satisfy a limit; throws if it does not.
float check_value(const AgentField<float>& field, std::size_t agent, std::size_t step, float lowest,
                  float limit) {
  const float value = field.at(agent, step);
  if (value >= lowest && value < limit) return value;
  throw DecodeFailure(ParseCode::kValueOutOfRange, field.place(step),
                      fmt::format("agent {}, step {}: {} is {}, expected {} to below {}", agent,
                                  step, field.name, value, lowest, limit));
}

int64_t decode_id(const AgentArrays& agents, std::size_t agent) {
  // beyond this not every whole number is a float
  constexpr float kMaxWholeFloat = 16'777'216.0f;
  const float id = agents.ids.values[agent];
  if (std::abs(id) <= kMaxWholeFloat && id == std::floor(id)) return static_cast<int64_t>(id);
  throw DecodeFailure(ParseCode::kValueOutOfRange, agents.ids.at,
                      fmt::format("state/id: entry {} is {}, expected a whole number of at most {}",
                                  agent, id, kMaxWholeFloat));
}

Track decode_agent(const AgentArrays& agents, std::size_t agent, const Origin& origin) {
  Track track;
  track.id = decode_id(agents, agent);
  const float type = agents.types.values[agent];
  set_kind(type >= 0 && type < 1000 ? static_cast<int64_t>(type) : -1, track);
  track.resize(static_cast<int>(agents.phases.total()));
  const auto max_heading = static_cast<float>(kMaxSourceHeading);
  for (std::size_t step = 0; step < agents.phases.total(); ++step) {
    if (agents.valid.at(agent, step) != 1) continue;
    const SourcePoint place = place_of(agents, agent, step);
    Point3 local;
    if (!to_local(place, origin, local)) {
      refuse_example_point(place, origin, agents.x.place(step),
                           fmt::format("agent {}, step {}", agent, step));
    }
    track.x[step] = local.x;
    track.y[step] = local.y;
    track.z[step] = local.z;
    track.heading[step] = wrap_heading(
        static_cast<double>(check_value(agents.yaw, agent, step, -max_heading, max_heading)));
    track.velocity_x[step] =
        check_value(agents.velocity_x, agent, step, std::nextafter(-kMaxSpeed, 0.0f), kMaxSpeed);
    track.velocity_y[step] =
        check_value(agents.velocity_y, agent, step, std::nextafter(-kMaxSpeed, 0.0f), kMaxSpeed);
    track.length[step] = check_value(agents.length, agent, step, 0, kMaxBoxSize);
    track.width[step] = check_value(agents.width, agent, step, 0, kMaxBoxSize);
    track.height[step] = check_value(agents.height, agent, step, 0, kMaxBoxSize);
    track.valid[step] = 1;
  }
  return track;
}

void decode_agents(const AgentArrays& agents, std::size_t ego, Scene& scene) {
  std::vector<PlacedId> ids;
  int64_t num_padding = 0;
  for (std::size_t agent = 0; agent < agents.num_agents; ++agent) {
    if (first_valid_step(agents, agent) == agents.phases.total()) {
      ++num_padding;
      continue;
    }
    const std::size_t index = scene.tracks.size();
    scene.tracks.push_back(decode_agent(agents, agent, scene.origin));
    const int64_t id = scene.tracks.back().id;
    ids.push_back({id, index, agents.ids.at});
    if (agent == ego) scene.ego = static_cast<int>(index);
    if (agents.is_predicted.values[agent] == 1) {
      scene.tracks_to_predict.push_back(static_cast<int32_t>(index));
    }
    if (agents.is_interesting.values[agent] == 1) scene.objects_of_interest.push_back(id);
  }
  sort_unique(ids, "agents");
  if (num_padding > 0) {
    scene.assumptions.push_back(
        fmt::format("{} agents that are valid at no step are left out", num_padding));
  }
}

Scene decode_scene(Bytes payload, const Provenance& where, WireTrace& trace) {
  const ExampleFeatures features(payload, trace);
  AgentArrays agents;
  load_agents(features, agents);
  const Bytes id = features.bytes("scenario/id");
  check_id(id, "scenario/id");

  Scene scene;
  scene.id.assign(id.data(), id.size());
  scene.provenance = where;
  scene.provenance.format = "womd_example";
  scene.num_steps = static_cast<int>(agents.phases.total());
  scene.current_step = static_cast<int>(agents.phases.num_steps[0]);
  if (agents.phases.num_steps[2] == 0) {
    scene.assumptions.push_back("the example has no future: the log ends at the current step");
  }
  const std::size_t ego = find_ego(agents);
  scene.timestamps = decode_timestamps(agents, ego, scene);
  scene.dt =
      decode_dt(scene.timestamps, agents.micros.place(0), "the timestamps", scene.assumptions);
  scene.origin = find_example_origin(agents, ego, scene);
  decode_agents(agents, ego, scene);
  decode_example_map(features, scene.origin, scene);
  decode_example_signals(features, agents.phases, scene.origin, scene);
  return scene;
}

}  // namespace

void refuse_example_point(const SourcePoint& source, const Origin& origin, const char* at,
                          const std::string& owner) {
  throw DecodeFailure(ParseCode::kValueOutOfRange, at,
                      fmt::format("{}: the place ({}, {}, {}) m is not within {} m of the origin "
                                  "({}, {}, {})",
                                  owner, source.x, source.y, source.z, kMaxLocalCoordinate,
                                  origin[0], origin[1], origin[2]));
}

}  // namespace womd

std::string find_example_feature(std::span<const uint8_t> payload) {
  // features -> first entry -> its key, each the first field of the one around it; lengths of the
  // outer ones are not looked at, so that a damaged example is still told from other messages
  constexpr uint8_t kFirstField = 0x0a;
  const char* at = reinterpret_cast<const char*>(payload.data());
  const char* end = at + payload.size();
  uint64_t length = 0;
  try {
    for (int level = 0; level < 3; ++level) {
      if (at == end || static_cast<uint8_t>(*at) != kFirstField) return {};
      ++at;
      length = protozero::decode_varint(&at, end);
    }
  } catch (const protozero::exception&) {
    return {};
  }
  if (length > static_cast<uint64_t>(end - at)) return {};
  const std::string_view key(at, static_cast<std::size_t>(length));
  return is_name(key) ? std::string(key) : std::string();
}

Parsed<Scene> decode_womd_example(std::span<const uint8_t> payload, const Provenance& where) {
  return womd::decode_record(payload, where, "Example",
                             [&](womd::Bytes bytes, womd::WireTrace& trace) {
                               return womd::decode_scene(bytes, where, trace);
                             });
}

}  // namespace forkroad
