// The way of one vehicle's rear axle along lanes: smoothed so that curvature is continuous, with
// the speed that bends and limits allow.
#pragma once

#include <vector>

#include "scenarios/layout.hpp"

namespace forkroad {

// A sideways move within the chain of lanes.
struct LaneShift {
  double from = 0, to = 0;  // [m] along the chain of lanes
  double by = 0;            // [m] left positive
};

struct DrivePlan {
  std::vector<int> lanes;             // each an exit of the one before
  double lateral = 0;                 // [m] left of the centre line
  std::vector<LaneShift> shifts;      // in order
  double speed_factor = 1;            // of the speed limits
  double top_speed = 40;              // [m/s]
  double lateral_acceleration = 2.2;  // [m/s^2] accepted in bends
};

struct DrivePose {
  Vec2 position;         // of the rear axle
  double heading = 0;    // [rad], not wrapped
  double curvature = 0;  // [1/m]
};

struct PathFoot {
  double along = 0, lateral = 0;  // [m]
  Vec2 position, direction;       // of the path there
};

class DrivePath {
 public:
  DrivePath() = default;
  DrivePath(const Layout& layout, const DrivePlan& plan);

  double length() const { return samples_.back().along; }
  DrivePose at(double along) const;
  // Allowed speed [m/s], which falls early enough before bends.
  double speed_at(double along) const;
  // Where the k-th lane of the plan starts; k = number of lanes: where the last one ends [m].
  double lane_start(size_t k) const { return lane_starts_[k]; }
  // Metres of path for a distance from the start of the k-th lane.
  double on_lane(size_t k, double along_lane) const;
  // The place of the path nearest to a point, searched between two arc lengths.
  PathFoot project(Vec2 point, double from, double to) const;
  double max_curvature() const { return max_curvature_; }

 private:
  struct Sample {
    double along;
    Vec2 position;
    double heading, curvature, speed;
  };

  size_t find(double along) const;
  void smooth(const std::vector<Vec2>& raw);
  void set_headings();
  void set_speeds(const Layout& layout, const DrivePlan& plan, const std::vector<size_t>& starts);

  std::vector<Sample> samples_;
  std::vector<double> lane_starts_, lane_lengths_;
  double max_curvature_ = 0;
};

}  // namespace forkroad
