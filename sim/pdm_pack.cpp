#include "sim/pdm_pack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "kernels/agent_steps.hpp"
#include "kernels/trig.hpp"

namespace forkroad {
namespace {

uint8_t flags_of(const PdmPolygon& polygon) {
  const bool lane = polygon.layer == PdmLayer::kLane || polygon.layer == PdmLayer::kLaneConnector;
  int flags = lane ? kPdmLane : kPdmDrivable;
  if (lane && polygon.on_route) flags |= kPdmOnRoute;
  if (polygon.layer == PdmLayer::kIntersection) flags |= kPdmIntersection;
  return static_cast<uint8_t>(flags);
}

// Speed of the first frame that shows the track.
double first_speed(const PdmTrack& track) {
  for (size_t frame = 0; frame < track.valid.size(); ++frame) {
    if (track.valid[frame] != 0) return std::hypot(track.vx[frame], track.vy[frame]);
  }
  return 0.0;
}

using Polyline = std::vector<std::array<double, 2>>;

// The same line in pieces of at most 50 m: the rounding of a piece's ends to float moves it by less
// than the float lanes' margin, whatever lies beyond.
Polyline shorten(const Polyline& line) {
  constexpr double kLongest = 50.0;  // [m]
  Polyline out = {line.front()};
  for (size_t k = 1; k < line.size(); ++k) {
    const auto& from = line[k - 1];
    const double dx = line[k][0] - from[0], dy = line[k][1] - from[1];
    const int pieces = static_cast<int>(std::ceil(std::hypot(dx, dy) / kLongest));
    for (int piece = 1; piece < pieces; ++piece) {
      out.push_back({from[0] + dx * piece / pieces, from[1] + dy * piece / pieces});
    }
    out.push_back(line[k]);
  }
  return out;
}

template <class S>
PdmEdge<S> make_edge(double x0, double y0, double x1, double y1) {
  if constexpr (sizeof(S) == 8) {
    return {y0, y1, x0, y0 == y1 ? 0.0 : (x1 - x0) / (y1 - y0)};
  } else {
    const double length = std::hypot(x1 - x0, y1 - y0);
    const double side = y1 < y0 ? -1.0 : 1.0;
    // a level edge's normal points up; one without length lies on its own border
    const double normal_x = length > 0.0 ? side * (y1 - y0) / length : 1.0;
    const double normal_y = length > 0.0 ? -side * (x1 - x0) / length : 0.0;
    return {static_cast<float>(y0),
            static_cast<float>(y1),
            static_cast<float>(x0),
            static_cast<float>(x1),
            static_cast<float>(normal_x),
            static_cast<float>(normal_y),
            static_cast<float>(normal_x * x0 + normal_y * y0)};
  }
}

// Heading after `from` [rad], on the shorter arc.
double interpolate_heading(double from, double to, double share) {
  return from + share * std::remainder(to - from, 2.0 * std::acos(-1.0));
}

}  // namespace

template <class S>
PdmPack<S>::PdmPack(const PdmScene& scene, PdmVersion version)
    : version_2_(version == PdmVersion::kV2),
      num_frames_(version_2_ ? kPdmStates : kPdmStates + kPdmTtcFrames),
      origin_x_(scene.ego[0]),
      origin_y_(scene.ego[1]) {
  pack_polygons(scene);
  pack_objects(scene);
  pack_line(scene);
  if (!version_2_) return;
  for (const PdmRedLight& light : scene.red_lights) {
    red_polygon_.push_back(light.polygon);
    red_on_.insert(red_on_.end(), light.is_red.begin(), light.is_red.begin() + kPdmStates);
  }
}

template <class S>
void PdmPack<S>::pack_edges(const std::vector<std::array<double, 2>>& ring) {
  for (size_t k = 0; k < ring.size(); ++k) {
    const auto& from = ring[k];
    const auto& to = ring[(k + 1) % ring.size()];
    edge_x_.push_back(static_cast<S>(from[0]));
    edge_y_.push_back(static_cast<S>(from[1]));
    edges_.push_back(make_edge<S>(from[0], from[1], to[0], to[1]));
  }
}

template <class S>
void PdmPack<S>::pack_polygons(const PdmScene& scene) {
  edge_begin_.push_back(0);
  for (const PdmPolygon& polygon : scene.polygons) {
    auto ring = polygon.ring;
    if (ring.size() > 3 && ring.front() == ring.back()) ring.pop_back();
    S low[2] = {S(3.0e38), S(3.0e38)}, high[2] = {S(-3.0e38), S(-3.0e38)};
    for (auto& vertex : ring) {
      vertex = {vertex[0] - origin_x_, vertex[1] - origin_y_};
      for (size_t axis = 0; axis < 2; ++axis) {
        low[axis] = std::min(low[axis], static_cast<S>(vertex[axis]));
        high[axis] = std::max(high[axis], static_cast<S>(vertex[axis]));
      }
    }
    ring.push_back(ring.front());
    ring = sizeof(S) == 4 ? shorten(ring) : ring;
    ring.pop_back();
    pack_edges(ring);
    polygon_bounds_.insert(polygon_bounds_.end(), {low[0], low[1], high[0], high[1]});
    edge_begin_.push_back(static_cast<int32_t>(edge_x_.size()));
    polygon_flags_.push_back(flags_of(polygon));
  }
}

template <class S>
void PdmPack<S>::pack_objects(const PdmScene& scene) {
  const size_t num_objects = scene.tracks.size();
  objects_.assign(static_cast<size_t>(num_frames_) * num_objects,
                  {S(kFarAway), S(kFarAway), S(0), S(1), S(0), S(0), S(0)});
  const int num_tiles = (kPdmStates + kPdmTileSteps - 1) / kPdmTileSteps;
  for (int tile = 0; tile < num_tiles; ++tile) {
    for (size_t track = 0; track < num_objects; ++track) {
      object_bounds_.insert(object_bounds_.end(), {S(3.0e38), S(3.0e38), S(-3.0e38), S(-3.0e38)});
    }
  }
  for (size_t index = 0; index < num_objects; ++index) {
    const PdmTrack& track = scene.tracks[index];
    is_agent_.push_back(track.is_agent ? 1 : 0);
    is_stopped_.push_back(!track.is_agent || first_speed(track) <= 0.05 ? 1 : 0);
    if (version_2_ && track.removed) continue;
    const double radius = std::hypot(0.5 * track.length, 0.5 * track.width) * 1.000001;
    for (int frame = 0; frame < num_frames_; ++frame) {
      const size_t at = static_cast<size_t>(frame);
      if (track.valid[at] == 0) continue;
      const double x = track.x[at] - origin_x_, y = track.y[at] - origin_y_;
      const SinCos<double> unit = sin_cos(std::remainder(track.heading[at], 2 * std::acos(-1.0)));
      objects_[at * num_objects + index] = {static_cast<S>(x),
                                            static_cast<S>(y),
                                            static_cast<S>(radius + kPdmRadius + kPdmSlack),
                                            static_cast<S>(unit.cos),
                                            static_cast<S>(unit.sin),
                                            static_cast<S>(0.5 * track.length),
                                            static_cast<S>(0.5 * track.width)};
      for (int tile = 0; tile < num_tiles; ++tile) {
        const int first = tile * kPdmTileSteps;
        if (frame < first || frame >= first + kPdmTileSteps + kPdmTtcFrames) continue;
        S* bounds = object_bounds_.data() + (static_cast<size_t>(tile) * num_objects + index) * 4;
        bounds[0] = std::min(bounds[0], static_cast<S>(x - radius));
        bounds[1] = std::min(bounds[1], static_cast<S>(y - radius));
        bounds[2] = std::max(bounds[2], static_cast<S>(x + radius));
        bounds[3] = std::max(bounds[3], static_cast<S>(y + radius));
      }
    }
  }
}

template <class S>
void PdmPack<S>::pack_line(const PdmScene& scene) {
  Polyline line;
  for (const auto& point : scene.centerline) {
    const std::array<double, 2> local = {point[0] - origin_x_, point[1] - origin_y_};
    if (line.empty() || local != line.back()) line.push_back(local);
  }
  if (sizeof(S) == 4) line = shorten(line);
  double arc = 0.0;
  for (size_t k = 0; k < line.size(); ++k) {
    if (k > 0) arc += std::hypot(line[k][0] - line[k - 1][0], line[k][1] - line[k - 1][1]);
    line_x_.push_back(static_cast<S>(line[k][0]));
    line_y_.push_back(static_cast<S>(line[k][1]));
    line_arc_.push_back(static_cast<S>(arc));
  }
  for (size_t s = 0; s + 1 < line.size(); ++s) {
    line_dx_.push_back(static_cast<S>(line[s + 1][0] - line[s][0]));
    line_dy_.push_back(static_cast<S>(line[s + 1][1] - line[s][1]));
    line_length_.push_back(std::hypot(line_dx_[s], line_dy_[s]));
    line_length2_.push_back(line_length_[s] * line_length_[s]);
  }
}

template <class S>
PdmView<S> PdmPack<S>::view() const {
  PdmView<S> view;
  view.edge_x = edge_x_.data();
  view.edge_y = edge_y_.data();
  view.edges = edges_.data();
  view.edge_begin = edge_begin_.data();
  view.polygon_flags = polygon_flags_.data();
  view.polygon_bounds = polygon_bounds_.data();
  view.num_polygons = static_cast<int32_t>(polygon_flags_.size());
  view.objects = objects_.data();
  view.object_bounds = object_bounds_.data();
  view.is_agent = is_agent_.data();
  view.is_stopped = is_stopped_.data();
  view.num_objects = static_cast<int32_t>(is_agent_.size());
  view.num_frames = num_frames_;
  view.red_polygon = red_polygon_.data();
  view.red_on = red_on_.data();
  view.num_red = static_cast<int32_t>(red_polygon_.size());
  view.line = {line_x_.data(),       line_y_.data(),
               line_arc_.data(),     line_dx_.data(),
               line_dy_.data(),      line_length_.data(),
               line_length2_.data(), static_cast<int32_t>(line_x_.size())};
  view.version_2 = version_2_;
  return view;
}

template <class S>
PdmSizes PdmPack<S>::sizes() const {
  return {static_cast<int>(polygon_flags_.size()), static_cast<int>(edge_x_.size()),
          static_cast<int>(is_agent_.size()), static_cast<int>(line_x_.size()),
          static_cast<int>(red_polygon_.size())};
}

template class PdmPack<double>;
template class PdmPack<float>;

void pack_history(const PdmScene& scene, PdmTrackerView& view) {
  view.num_history = 0;
  if (scene.history.empty()) return;
  constexpr int64_t kStepUs = 100'000;
  const int64_t start = scene.history_time_us.front();
  const int64_t end = scene.history_time_us.back();
  // as many samples as fit before the end, less the last one
  const int64_t rows = (end - start + kStepUs - 1) / kStepUs - 1;
  if (rows > kPdmMaxHistory) {
    throw std::invalid_argument(
        fmt::format("PdmScene '{}': got a history of {} s, expected at most {} s", scene.name,
                    1.0e-6 * static_cast<double>(end - start),
                    1.0e-6 * static_cast<double>((kPdmMaxHistory + 1) * kStepUs)));
  }
  size_t knot = 0;
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t time = start + row * kStepUs;
    while (scene.history_time_us[knot + 1] < time) ++knot;
    const PdmState& from = scene.history[knot];
    const PdmState& to = scene.history[knot + 1];
    const double share =
        static_cast<double>(time - scene.history_time_us[knot]) /
        static_cast<double>(scene.history_time_us[knot + 1] - scene.history_time_us[knot]);
    const size_t at = static_cast<size_t>(row);
    view.history_ax[at] = from[5] + share * (to[5] - from[5]);
    view.history_ay[at] = from[6] + share * (to[6] - from[6]);
    view.history_magnitude[at] = std::hypot(view.history_ax[at], view.history_ay[at]);
    view.history_heading[at] = interpolate_heading(from[2], to[2], share);
  }
  view.num_history = static_cast<int32_t>(std::max<int64_t>(rows, 0));
}

}  // namespace forkroad
