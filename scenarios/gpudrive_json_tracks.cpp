#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/gpudrive_json_parts.hpp"

namespace forkroad::gpudrive {
namespace {

// Road users that are faster than this move where they point [m/s].
constexpr double kPointingSpeed = 1;

std::optional<AgentKind> find_kind(std::string_view word) {
  if (word == "vehicle") return AgentKind::kVehicle;
  if (word == "pedestrian") return AgentKind::kPedestrian;
  if (word == "cyclist") return AgentKind::kCyclist;
  if (word == "other") return AgentKind::kOther;
  if (word == "unset") return AgentKind::kUnset;
  return std::nullopt;
}

float get_size(const Node& node) {
  const double size = json::get_number(node);
  const auto rounded = static_cast<float>(size);
  if (!(size >= 0 && rounded < kMaxBoxSize)) {
    json::refuse(node, ParseCode::kValueOutOfRange,
                 fmt::format("is {} m, expected 0 to below {} m", size, kMaxBoxSize));
  }
  return rounded;
}

float get_speed(const Node& node) {
  const double speed = json::get_number(node);
  if (!(std::abs(static_cast<float>(speed)) < kMaxSpeed)) {
    json::refuse(node, ParseCode::kValueOutOfRange,
                 fmt::format("is {} m/s, expected a number below {} m/s", speed, kMaxSpeed));
  }
  return static_cast<float>(speed);
}

struct Velocity {
  float x = 0, y = 0;  // [m/s]
};

Velocity get_velocity(const Node& node) {
  Velocity velocity;
  int found = 0;
  json::for_members(node, [&](const Node& member) {
    if (member.key == "x") {
      velocity.x = get_speed(member);
      found |= 1;
    } else if (member.key == "y") {
      velocity.y = get_speed(member);
      found |= 2;
    }
  });
  if (found != 3) json::refuse(node, ParseCode::kMissingField, "x or y is absent");
  return velocity;
}

// The elements of an array whose parent stays where it is.
std::vector<Node> list_elements(const Node& node) {
  std::vector<Node> elements;
  json::for_elements(node, [&](const Node& element) { elements.push_back(element); });
  return elements;
}

}  // namespace

// The members of an object; their parent is the object.
struct TrackDecoder::Members {
  std::optional<Node> position, heading, velocity, valid, width, length, height, type, raw_type, id;
  bool is_expert = false, has_assumed_sizes = false;
};

// How far headings are from the direction of motion, summed over fast states [rad].
struct TrackDecoder::MotionErrors {
  double as_radians = 0, as_degrees = 0;
};

TrackDecoder::Members TrackDecoder::collect(const Node& object, LeftOut* left_out) {
  Members found;
  const json::Field fields[] = {
      {"position", &found.position, true}, {"heading", &found.heading, true},
      {"velocity", &found.velocity, true}, {"valid", &found.valid, true},
      {"width", &found.width, true},       {"length", &found.length, true},
      {"height", &found.height},           {"type", &found.type, true},
      {"raw_type", &found.raw_type},       {"id", &found.id}};
  json::collect(object, fields, [&](const Node& member) {
    if (member.key == "mark_as_expert") {
      found.is_expert = json::get_bool(member);
    } else if (member.key == "dims_assumed") {
      found.has_assumed_sizes = json::get_bool(member);
    } else if (left_out != nullptr) {
      left_out->add("objects", member.key);
    }
  });
  return found;
}

void TrackDecoder::add_id(const Members& members, const Node& object) {
  if (!members.id) {
    ++num_without_id_;
    return;
  }
  if (!ids_.add(get_id(*members.id))) {
    json::refuse(
        *members.id, ParseCode::kDuplicateId,
        fmt::format("is the id of an object before {} too, expected unique ids", object.ordinal));
  }
}

void TrackDecoder::survey_object(const Node& object, const Members& members) {
  const auto num_steps = static_cast<std::size_t>(scene_->num_steps);
  for (const auto* array :
       {&members.position, &members.heading, &members.velocity, &members.valid}) {
    const std::size_t size = json::count_elements(**array);
    if (size != num_steps) {
      json::refuse(
          **array, ParseCode::kInconsistent,
          fmt::format("has {} entries, expected one for each of the {} steps", size, num_steps));
    }
  }
  add_id(members, object);
  const std::vector<Node> headings = list_elements(*members.heading);
  json::for_elements(*members.valid, [&](const Node& valid) {
    if (!json::get_bool(valid)) return;
    largest_heading_ =
        std::max(largest_heading_, std::abs(json::get_number(headings[valid.ordinal])));
  });
}

void TrackDecoder::survey(const Node& objects, const std::optional<Node>& num_steps) {
  std::optional<int64_t> steps;
  if (num_steps) {
    steps = json::get_integer(*num_steps);
    if (*steps < 1 || *steps > INT32_MAX) {
      json::refuse(*num_steps, ParseCode::kValueOutOfRange,
                   fmt::format("is {}, expected at least 1", *steps));
    }
  }
  json::for_elements(objects, [&](const Node& object) {
    const Members members = collect(object);
    if (!steps) {
      steps = static_cast<int64_t>(json::count_elements(*members.valid));
      if (*steps < 1) {
        json::refuse(*members.valid, ParseCode::kMissingField,
                     "has no entries, expected one for each step");
      }
    }
    scene_->num_steps = static_cast<int>(*steps);
    survey_object(object, members);
  });
  if (scene_->num_steps == 0) {
    json::refuse(objects, ParseCode::kMissingField, "is empty, expected at least one object");
  }
  ids_.number_words();
  choose_unit(objects);
}

void TrackDecoder::compare_motion(const Members& members, MotionErrors& errors) const {
  const std::vector<Node> headings = list_elements(*members.heading);
  const std::vector<Node> velocities = list_elements(*members.velocity);
  json::for_elements(*members.valid, [&](const Node& valid) {
    if (!json::get_bool(valid)) return;
    const Velocity velocity = get_velocity(velocities[valid.ordinal]);
    if (std::hypot(velocity.x, velocity.y) < kPointingSpeed) return;
    const double motion = std::atan2(velocity.y, velocity.x);
    const double heading = json::get_number(headings[valid.ordinal]);
    errors.as_radians += std::abs(wrap_heading(heading - motion));
    errors.as_degrees += std::abs(wrap_heading(heading * kDegree - motion));
  });
}

void TrackDecoder::choose_unit(const Node& objects) {
  heading_unit_ = heading_unit(largest_heading_);
  if (heading_unit_ == 1 || largest_heading_ > 2 * kLargestRadian) return;
  // radians in [0, 2 pi) reach as far as a log in degrees where all drive east
  MotionErrors errors;
  json::for_elements(objects, [&](const Node& object) { compare_motion(collect(object), errors); });
  by_motion_ = errors.as_radians < errors.as_degrees;
  if (by_motion_) heading_unit_ = 1;
}

void TrackDecoder::find_origin(const Node& objects) {
  OriginMean mean;
  int64_t ignored = 0;
  const auto current = static_cast<std::size_t>(scene_->current_step);
  json::for_elements(objects, [&](const Node& object) {
    const bool is_ego = static_cast<int64_t>(object.ordinal) == scene_->ego;
    if (scene_->ego >= 0 && !is_ego) return;
    const Members members = collect(object);
    std::optional<std::size_t> chosen;
    json::for_elements(*members.valid, [&](const Node& valid) {
      const bool better = !chosen || (is_ego && valid.ordinal == current);
      if (json::get_bool(valid) && better) chosen = valid.ordinal;
    });
    if (!chosen) return;
    const Node place = list_elements(*members.position)[*chosen];
    const SourcePoint point = get_point(place, ignored);
    for (const double value : {point.x, point.y, point.z}) {
      if (std::abs(value) <= kMaxSourceCoordinate) continue;
      json::refuse(place, ParseCode::kValueOutOfRange,
                   fmt::format("holds {} m, expected at most {} m", value, kMaxSourceCoordinate));
    }
    if (is_ego && *chosen != current) {
      scene_->assumptions.push_back(fmt::format(
          "the ego is not valid at step {}: the origin is its place at step {}", current, *chosen));
    }
    mean.add(point);
  });
  if (mean.empty()) {
    json::refuse(objects, ParseCode::kMissingField,
                 scene_->ego < 0
                     ? "no object has a valid state, expected at least one"
                     : fmt::format("object {} (the ego) has no valid state, expected at "
                                   "least one",
                                   scene_->ego));
  }
  scene_->origin = mean.origin();
}

void TrackDecoder::decode_steps(const Members& members, Track& track) {
  const std::vector<Node> positions = list_elements(*members.position);
  const std::vector<Node> headings = list_elements(*members.heading);
  const std::vector<Node> velocities = list_elements(*members.velocity);
  const float width = get_size(*members.width);
  const float length = get_size(*members.length);
  const float height = members.height ? get_size(*members.height) : 0;
  json::for_elements(*members.valid, [&](const Node& valid) {
    const std::size_t step = valid.ordinal;
    if (!json::get_bool(valid)) return;
    const Point3 local = get_local_point(positions[step], scene_->origin, num_without_z_);
    const double heading = json::get_number(headings[step]) * heading_unit_;
    if (std::abs(heading) > kMaxSourceHeading) {
      json::refuse(headings[step], ParseCode::kValueOutOfRange,
                   fmt::format("is {} rad, expected an angle of at most {} rad", heading,
                               kMaxSourceHeading));
    }
    const Velocity velocity = get_velocity(velocities[step]);
    track.x[step] = local.x;
    track.y[step] = local.y;
    track.z[step] = local.z;
    track.heading[step] = wrap_heading(heading);
    track.velocity_x[step] = velocity.x;
    track.velocity_y[step] = velocity.y;
    track.width[step] = width;
    track.length[step] = length;
    track.height[step] = height;
    track.valid[step] = 1;
  });
  num_sizeless_ += width == 0 || length == 0 ? 1 : 0;
}

Track TrackDecoder::decode_object(const Node& object) {
  const Members members = collect(object, left_out_);
  Track track;
  track.id = members.id ? ids_.find(get_id(*members.id)).value() : ids_.take_fresh();
  const std::string_view type = json::get_name(*members.type);
  const std::optional<AgentKind> kind = find_kind(type);
  track.kind = kind.value_or(AgentKind::kUnset);
  track.raw_type = members.raw_type ? json::get_name(*members.raw_type) : type;
  track.resize(scene_->num_steps);
  decode_steps(members, track);
  num_unknown_kinds_ += kind ? 0 : 1;
  num_without_height_ += members.height ? 0 : 1;
  num_experts_ += members.is_expert ? 1 : 0;
  num_assumed_sizes_ += members.has_assumed_sizes ? 1 : 0;
  return track;
}

void TrackDecoder::decode(const Node& objects) {
  json::for_elements(objects,
                     [&](const Node& object) { scene_->tracks.push_back(decode_object(object)); });
}

void TrackDecoder::report() const {
  std::vector<std::string>& assumptions = scene_->assumptions;
  if (largest_heading_ > kLargestRadian) {
    assumptions.push_back(
        fmt::format("headings reach {:.6g}: read as {}{}", largest_heading_,
                    heading_unit_ == 1 ? "radians" : "degrees",
                    by_motion_ ? ", which fits the direction of motion better than degrees" : ""));
  }
  assume(num_without_id_, "objects have no id: numbered by the reader", assumptions);
  assume(ids_.num_words(), "ids of objects are words: numbered by the reader", assumptions);
  assume(num_without_z_, "states have no z: taken as 0", assumptions);
  assume(num_without_height_, "objects have no height: taken as 0", assumptions);
  assume(num_sizeless_, "objects have a box without area", assumptions);
  assume(num_assumed_sizes_, "objects have sizes that the file's writer assumed (dims_assumed)",
         assumptions);
  assume(num_experts_, "objects are marked as experts (mark_as_expert): read like the others",
         assumptions);
  assume(num_unknown_kinds_, "objects have a type unknown to this reader: read as unset",
         assumptions);
}

}  // namespace forkroad::gpudrive
