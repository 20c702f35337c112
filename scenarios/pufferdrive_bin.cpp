#include "scenarios/pufferdrive_bin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <new>

#include "scenarios/plain_text.hpp"
#include "scenarios/pufferdrive_records.hpp"
#include "scenarios/single_scene.hpp"
#include "scenarios/source_frame.hpp"

namespace forkroad {
namespace {

using namespace pufferdrive;

constexpr uint64_t kLeastRecord = kWord * (kHeaderWords + kTailWords);

// A start is believed if its first object has at most this many steps: an hour at 10 Hz.
constexpr uint32_t kMaxSteps = 36'000;

struct ObjectType {
  AgentKind kind;
  const char* word;
};
constexpr ObjectType kObjectTypes[] = {
    {AgentKind::kVehicle, "1"}, {AgentKind::kPedestrian, "2"}, {AgentKind::kCyclist, "3"}};

struct RoadType {
  FeatureKind kind;
  MapType type;
};
constexpr uint32_t kFirstRoadType = 4;
constexpr RoadType kRoadTypes[] = {{FeatureKind::kLane, MapType::kLaneUndefined},
                                   {FeatureKind::kRoadLine, MapType::kLineUnknown},
                                   {FeatureKind::kRoadEdge, MapType::kEdgeUnknown},
                                   {FeatureKind::kStopSign, MapType::kStopSign},
                                   {FeatureKind::kCrosswalk, MapType::kCrosswalk},
                                   {FeatureKind::kSpeedBump, MapType::kSpeedBump},
                                   {FeatureKind::kDriveway, MapType::kDriveway}};

// `what` gives the name of the number: it is only asked for in trouble.
template <class What>
float get_bounded(Placed place, const What& what, float least, float limit, const char* unit) {
  const float value = place.number();
  if (value >= least && value < limit) return value;
  refuse(ParseCode::kValueOutOfRange, place,
         fmt::format("{} is {} {}, expected {} to below {} {}", what(), value, unit, least, limit,
                     unit));
}

bool get_valid(Placed place, std::size_t object, std::size_t step) {
  const uint32_t valid = place.word();
  if (valid > 1) {
    refuse(ParseCode::kValueOutOfRange, place,
           fmt::format("object {}, step {}: valid is {}, expected 0 or 1", object, step,
                       place.integer()));
  }
  return valid == 1;
}

SourcePoint get_point(const Record& record, std::size_t index) {
  return {record.row(0)[index].number(), record.row(1)[index].number(),
          record.row(2)[index].number()};
}

Point3 get_local(const Record& record, std::size_t index, const Origin& origin,
                 const std::string& what) {
  const SourcePoint source = get_point(record, index);
  Point3 local;
  if (to_local(source, origin, local)) return local;
  const double values[3] = {source.x, source.y, source.z};
  std::size_t axis = 0;
  while (axis < 2 && std::abs(values[axis] - origin[axis]) <= kMaxLocalCoordinate) ++axis;
  refuse(ParseCode::kValueOutOfRange, record.row(axis)[index],
         fmt::format("{}, entry {}: {} is {} m, expected at most {} m from the origin {}", what,
                     index, "xyz"[axis], values[axis], kMaxLocalCoordinate, origin[axis]));
}

Origin find_origin(const std::vector<Record>& objects, const uint8_t* bytes) {
  OriginMean mean;
  for (std::size_t object = 0; object < objects.size(); ++object) {
    const Record& record = objects[object];
    for (std::size_t step = 0; step < record.size; ++step) {
      if (!get_valid(record.row(7)[step], object, step)) continue;
      const SourcePoint point = get_point(record, step);
      const double values[3] = {point.x, point.y, point.z};
      for (std::size_t axis = 0; axis < 3; ++axis) {
        if (std::abs(values[axis]) <= kMaxSourceCoordinate) continue;
        refuse(ParseCode::kValueOutOfRange, record.row(axis)[step],
               fmt::format("object {}, step {}: {} is {} m, expected at most {} m", object, step,
                           "xyz"[axis], values[axis], kMaxSourceCoordinate));
      }
      mean.add(point);
      break;
    }
  }
  if (mean.empty()) {
    refuse(ParseCode::kMissingField, {bytes}, "no object has a valid state, expected at least one");
  }
  return mean.origin();
}

double find_heading_unit(const std::vector<Record>& objects,
                         std::vector<std::string>& assumptions) {
  float largest = 0;
  for (const Record& record : objects) {
    for (std::size_t step = 0; step < record.size; ++step) {
      const bool valid = record.row(7)[step].word() == 1;
      if (valid) largest = std::max(largest, std::abs(record.row(6)[step].number()));
    }
  }
  const double unit = heading_unit(largest);
  if (unit != 1) assumptions.push_back(fmt::format("headings reach {}: read as degrees", largest));
  return unit;
}

// What is the same for all tracks of a scene.
struct Frame {
  Origin origin;
  double heading_unit;  // [rad]
};

Track decode_track(const Record& record, std::size_t object, const Frame& frame) {
  const std::string name = fmt::format("object {}", object);
  if (record.type.word() < 1 || record.type.word() > std::size(kObjectTypes)) {
    refuse(ParseCode::kValueOutOfRange, record.type,
           fmt::format("{} has type {}, expected 1 to {}", name, record.type.integer(),
                       std::size(kObjectTypes)));
  }
  const ObjectType& type = kObjectTypes[record.type.word() - 1];
  Track track;
  track.id = static_cast<int64_t>(object);
  track.kind = type.kind;
  track.raw_type = type.word;
  track.resize(static_cast<int>(record.size));
  const auto get_size = [&](std::size_t index, const char* what) {
    const auto owner = [&] { return fmt::format("{}: {}", name, what); };
    return get_bounded(record.tail[index], owner, 0, kMaxBoxSize, "m");
  };
  const float width = get_size(0, "width");
  const float length = get_size(1, "length");
  const float height = get_size(2, "height");
  const float slowest = std::nextafter(-kMaxSpeed, 0.0f);
  const auto most = static_cast<float>(kMaxSourceHeading / frame.heading_unit);
  for (std::size_t step = 0; step < record.size; ++step) {
    if (!get_valid(record.row(7)[step], object, step)) continue;
    const auto owner = [&](const char* what) {
      return [&name, step, what] { return fmt::format("{}, step {}: {}", name, step, what); };
    };
    const Point3 local = get_local(record, step, frame.origin, name);
    const float heading = get_bounded(record.row(6)[step], owner("heading"), -most, most,
                                      frame.heading_unit == 1 ? "rad" : "degrees");
    track.x[step] = local.x;
    track.y[step] = local.y;
    track.z[step] = local.z;
    track.heading[step] = wrap_heading(heading * frame.heading_unit);
    track.velocity_x[step] =
        get_bounded(record.row(3)[step], owner("vx"), slowest, kMaxSpeed, "m/s");
    track.velocity_y[step] =
        get_bounded(record.row(4)[step], owner("vy"), slowest, kMaxSpeed, "m/s");
    track.width[step] = width;
    track.length[step] = length;
    track.height[step] = height;
    track.valid[step] = 1;
  }
  return track;
}

struct Counts {
  int64_t without_points = 0, experts = 0;
};

void decode_road(const Record& record, std::size_t road, Scene& scene, Counts& counts) {
  const uint32_t index = record.type.word() - kFirstRoadType;
  if (index >= std::size(kRoadTypes)) {
    refuse(ParseCode::kValueOutOfRange, record.type,
           fmt::format("road {} has type {}, expected {} to {}", road, record.type.integer(),
                       kFirstRoadType, kFirstRoadType + std::size(kRoadTypes) - 1));
  }
  const std::string name = fmt::format("road {}", road);
  MapFeature feature;
  feature.id = static_cast<int64_t>(road);
  feature.kind = kRoadTypes[index].kind;
  feature.type = kRoadTypes[index].type;
  feature.points.reserve(record.size);
  for (std::size_t point = 0; point < record.size; ++point) {
    feature.points.push_back(get_local(record, point, scene.origin, name));
  }
  if (feature.kind == FeatureKind::kStopSign && record.size > 1) {
    refuse(ParseCode::kInconsistent, record.type,
           fmt::format("{}: a stop sign has {} points, expected 1", name, record.size));
  }
  const bool is_ring = feature.kind == FeatureKind::kCrosswalk ||
                       feature.kind == FeatureKind::kSpeedBump ||
                       feature.kind == FeatureKind::kDriveway;
  if (is_ring) drop_repeated_end(feature.points);
  if (feature.points.empty()) {
    ++counts.without_points;
  } else {
    scene.features.push_back(std::move(feature));
  }
}

std::vector<Record> take_objects(Cursor& cursor, std::size_t count) {
  std::vector<Record> objects;
  for (std::size_t object = 0; object < count; ++object) {
    objects.push_back(cursor.take_record(fmt::format("object {}", object), kStepWords));
    const Record& record = objects.back();
    if (record.size == objects.front().size && record.size > 0) continue;
    refuse(ParseCode::kInconsistent, record.type,
           fmt::format("object {} has {} steps, expected {}", object, record.size,
                       object == 0 ? "at least 1"
                                   : fmt::format("{} like those before", objects.front().size)));
  }
  return objects;
}

void set_clock(std::size_t num_steps, Scene& scene) {
  scene.num_steps = static_cast<int>(num_steps);
  scene.dt = kUsualDt;
  scene.current_step = usual_current_step(scene.num_steps);
  fill_timestamps(scene);
  scene.assumptions.push_back(
      fmt::format("the format has no clock: dt is taken as {} s, the current step as {}", scene.dt,
                  scene.current_step));
}

int32_t get_count(Placed place, const char* what, int32_t least) {
  if (place.integer() < least) {
    refuse(ParseCode::kValueOutOfRange, place,
           fmt::format("the file has {} {}, expected at least {}", place.integer(), what, least));
  }
  return place.integer();
}

Scene decode_scene(std::span<const uint8_t> bytes, const Provenance& where) {
  Cursor cursor(bytes);
  const int32_t num_objects = get_count(cursor.take_word("the number of objects"), "objects", 1);
  const int32_t num_roads = get_count(cursor.take_word("the number of roads"), "roads", 0);
  const std::vector<Record> objects = take_objects(cursor, static_cast<std::size_t>(num_objects));
  Scene scene;
  scene.provenance = where;
  scene.provenance.format = "pufferdrive_bin";
  scene.id = name_from_file(where.file, ".bin");
  set_clock(objects.front().size, scene);
  scene.origin = find_origin(objects, bytes.data());
  const Frame frame{scene.origin, find_heading_unit(objects, scene.assumptions)};
  Counts counts;
  for (std::size_t object = 0; object < objects.size(); ++object) {
    scene.tracks.push_back(decode_track(objects[object], object, frame));
    counts.experts += objects[object].tail[6].word() != 0 ? 1 : 0;
  }
  for (std::size_t road = 0; road < static_cast<std::size_t>(num_roads); ++road) {
    const Record record = cursor.take_record(fmt::format("road {}", road), kPointWords);
    decode_road(record, road, scene, counts);
  }
  if (cursor.left() > 0) {
    refuse(
        ParseCode::kInconsistent, cursor.here(),
        fmt::format("{} bytes follow the last road, expected the end of the file", cursor.left()));
  }
  scene.signals.resize(objects.front().size);
  scene.assumptions.push_back(
      "the format has no ego, ids, lights, lane links and lane types: the origin is the mean of "
      "the first valid positions, tracks and features are numbered from 0");
  scene.assumptions.push_back("goals and vertical velocities are left out");
  assume(counts.without_points, "roads without points are left out", scene.assumptions);
  assume(counts.experts, "objects are marked as experts: read like the others", scene.assumptions);
  return scene;
}

}  // namespace

bool is_pufferdrive_start(std::span<const uint8_t> head, uint64_t size) {
  if (head.size() < kWord * 4) return false;
  const auto word = [head](std::size_t index) {
    return read_little_endian<uint32_t>(head.subspan(kWord * index, kWord));
  };
  const uint64_t num_objects = word(0);
  const uint64_t num_roads = word(1);
  const bool has_room = (num_objects + num_roads) * kLeastRecord <= size;
  return num_objects >= 1 && has_room && word(2) >= 1 && word(2) <= std::size(kObjectTypes) &&
         word(3) >= 1 && word(3) <= kMaxSteps;
}

Parsed<Scene> decode_pufferdrive_bin(const PaddedBytes& content, const Provenance& where) {
  const std::span<const uint8_t> bytes = content.bytes();
  try {
    return decode_scene(bytes, where);
  } catch (const DecodeFailure& failure) {
    return ParseError{failure.code(), where.file, where.record,
                      failure.at() - reinterpret_cast<const char*>(bytes.data()),
                      failure.message()};
  } catch (const std::bad_alloc&) {
    return ParseError{ParseCode::kTooLarge, where.file, where.record, 0, "no memory for the scene"};
  }
}

std::unique_ptr<SceneStream> pufferdrive_bin_stream(WholeFile content, const std::string& file) {
  return std::make_unique<SingleSceneStream>(std::move(content), file, "pufferdrive_bin",
                                             decode_pufferdrive_bin);
}

}  // namespace forkroad
