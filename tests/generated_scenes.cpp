#include "tests/generated_scenes.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace forkroad::test {

const std::vector<GeneratedScene>& generated_scenes() {
  static const std::vector<GeneratedScene> scenes = [] {
    std::vector<GeneratedScene> made;
    for (const LayoutKind layout : all_layouts()) {
      for (int index = 0; index < kScenesPerLayout; ++index) {
        made.push_back(generate_scene({}, layout, 20, static_cast<uint64_t>(index)));
      }
    }
    return made;
  }();
  return scenes;
}

std::vector<const GeneratedScene*> generated_scenes_of(LayoutKind kind) {
  std::vector<const GeneratedScene*> scenes;
  for (const GeneratedScene& generated : generated_scenes()) {
    if (generated.truth.layout().kind == kind) scenes.push_back(&generated);
  }
  return scenes;
}

ReferenceBox box_of(const Track& track, size_t step) {
  return {track.x[step], track.y[step], track.heading[step], 0.5 * track.length[step],
          0.5 * track.width[step]};
}

std::vector<Vec2> corners_of(const ReferenceBox& box) {
  std::vector<Vec2> corners;
  const Vec2 ahead{std::cos(box.heading), std::sin(box.heading)};
  for (const double along : {-box.half_length, box.half_length}) {
    for (const double aside : {-box.half_width, box.half_width}) {
      corners.push_back(Vec2{box.x, box.y} + along * ahead + aside * left_of(ahead));
    }
  }
  return corners;
}

bool in_ring(const std::vector<Point3>& ring, Vec2 point) {
  bool inside = false;
  for (size_t at = 0; at < ring.size(); ++at) {
    const Point3 &a = ring[at], &b = ring[(at + 1) % ring.size()];
    if ((a.y > point.y) == (b.y > point.y)) continue;
    const double x = a.x + (point.y - a.y) / (double{b.y} - a.y) * (double{b.x} - a.x);
    if (point.x < x) inside = !inside;
  }
  return inside;
}

double distance_to_polyline(const std::vector<Point3>& line, bool closed, Vec2 point,
                            double& signed_side) {
  double least = 1.0e300;
  const size_t segments = line.size() - (closed ? 0 : 1);
  for (size_t at = 0; at < segments; ++at) {
    const Point3 &from = line[at], &to = line[(at + 1) % line.size()];
    const Vec2 a{from.x, from.y}, b{to.x, to.y};
    const double share = dot(point - a, b - a) / dot(b - a, b - a);
    const double distance = length_of(point - a - std::clamp(share, 0.0, 1.0) * (b - a));
    if (distance >= least) continue;
    least = distance;
    signed_side = share > 0 && share < 1 ? cross(b - a, point - a) : 0.0;
  }
  return least;
}

namespace {

// FNV-1a over bytes.
void add_bytes(uint64_t& hash, const void* bytes, size_t size) {
  for (size_t at = 0; at < size; ++at) {
    hash = (hash ^ static_cast<const unsigned char*>(bytes)[at]) * 0x100000001b3ULL;
  }
}

template <class Values>
void add_all(uint64_t& hash, const Values& values) {
  add_bytes(hash, values.data(), std::span(values).size_bytes());
}

}  // namespace

uint64_t hash_of(const Scene& scene) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  add_bytes(hash, scene.origin.data(), sizeof(scene.origin));
  for (const Track& track : scene.tracks) {
    for (const auto* values : {&track.x, &track.y, &track.z, &track.heading, &track.velocity_x,
                               &track.velocity_y, &track.length, &track.width, &track.height}) {
      add_all(hash, *values);
    }
    add_all(hash, track.valid);
    add_bytes(hash, track.raw_type.data(), track.raw_type.size());
  }
  for (const MapFeature& feature : scene.features) {
    add_bytes(hash, &feature.id, sizeof(feature.id));
    add_all(hash, feature.points);
    add_bytes(hash, &feature.speed_limit, sizeof(feature.speed_limit));
    add_all(hash, feature.exit_lanes);
  }
  for (const auto& step : scene.signals) {
    for (const LaneSignal& signal : step) add_bytes(hash, &signal.state, sizeof(signal.state));
  }
  add_all(hash, scene.route);
  add_all(hash, scene.tracks_to_predict);
  return hash;
}

const MapFeature* find_feature(const Scene& scene, int64_t id) {
  const auto found = std::find_if(scene.features.begin(), scene.features.end(),
                                  [&](const MapFeature& feature) { return feature.id == id; });
  return found == scene.features.end() ? nullptr : &*found;
}

}  // namespace forkroad::test
