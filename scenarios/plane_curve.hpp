// Curves of straight lines and circular arcs in the plane, exact up to rounding: what generated
// layouts are built from. Metres; left of a curve is positive.
#pragma once

#include <cmath>
#include <vector>

namespace forkroad {

struct Vec2 {
  double x = 0, y = 0;

  friend Vec2 operator+(Vec2 a, Vec2 b) { return {a.x + b.x, a.y + b.y}; }
  friend Vec2 operator-(Vec2 a, Vec2 b) { return {a.x - b.x, a.y - b.y}; }
  friend Vec2 operator*(double scale, Vec2 a) { return {scale * a.x, scale * a.y}; }
};

inline double dot(Vec2 a, Vec2 b) { return a.x * b.x + a.y * b.y; }
inline double cross(Vec2 a, Vec2 b) { return a.x * b.y - a.y * b.x; }
inline double length_of(Vec2 a) { return std::sqrt(dot(a, a)); }
inline Vec2 unit(Vec2 a) { return (1.0 / length_of(a)) * a; }
inline Vec2 left_of(Vec2 direction) { return {-direction.y, direction.x}; }
// The unit vector at an angle [rad].
Vec2 unit_at(double angle);
// `direction` turned counter-clockwise by `angle` [rad].
Vec2 turned(Vec2 direction, double angle);

// From 0 to 1 as `share` does, without a jump in slope or curvature.
double smooth_step(double share);

// A place on a curve and the direction of travel there.
struct CurvePoint {
  Vec2 position;
  Vec2 direction;  // unit
};

// A line (curvature 0) or an arc of less than a full turn.
struct CurvePiece {
  Vec2 start;
  Vec2 direction;        // unit, at the start
  double length = 0;     // [m] > 0
  double curvature = 0;  // [1/m], positive turns left

  CurvePoint at(double along) const;
  Vec2 center() const { return start + (1.0 / curvature) * left_of(direction); }
  Vec2 end() const { return at(length).position; }
  CurvePiece reversed() const;
  // The arc length of the point of the piece that is nearest to `point` [m].
  double nearest(Vec2 point) const;
};

CurvePiece line_between(Vec2 from, Vec2 to);
// The arc about `center` through `from` that ends on the ray from the center through `to`.
CurvePiece arc_about(Vec2 center, Vec2 from, Vec2 to, bool clockwise);

// Where a point lies relative to a curve.
struct CurveFoot {
  double along = 0;     // [m] of the nearest point of the curve
  double distance = 0;  // [m] to it
  double lateral = 0;   // [m] signed, left positive
  bool beside = false;  // false: the nearest point is an end that the point lies beyond
};

// Pieces joined end to start.
class Curve {
 public:
  Curve() = default;
  explicit Curve(std::vector<CurvePiece> pieces);

  const std::vector<CurvePiece>& pieces() const { return pieces_; }
  double length() const { return length_; }
  CurvePoint at(double along) const;  // beyond the ends: along their tangents
  Curve offset(double left) const;    // runs `left` metres beside this one
  Curve reversed() const;
  Curve part(double from, double to) const;
  CurveFoot project(Vec2 point) const;
  // Arc lengths from 0 to length(), at most `spacing` apart and on arcs so close that chords stay
  // within `sagitta` of the curve; joints of pieces are among them.
  std::vector<double> sample(double spacing, double sagitta) const;

 private:
  size_t piece_at(double along) const;

  std::vector<CurvePiece> pieces_;
  std::vector<double> starts_;  // arc length at each piece's start
  double length_ = 0;
};

// Draws a curve piece by piece.
class CurvePen {
 public:
  CurvePen(Vec2 position, Vec2 direction) : tip_{position, direction} {}

  CurvePen& line(double length);
  // Turns by `angle` [rad], left positive, on a circle of `radius` > 0.
  CurvePen& arc(double radius, double angle);
  Curve done() const { return Curve(pieces_); }
  const CurvePoint& tip() const { return tip_; }

 private:
  CurvePoint tip_;
  std::vector<CurvePiece> pieces_;
};

// Line, arc, line from one place to another that lies ahead of it and is headed elsewhere. The
// arc has `radius`, or the largest that fits if that is 0 or larger. A single line where both are
// in line.
Curve corner_curve(const CurvePoint& from, const CurvePoint& to, double radius = 0);

// Two equal and opposite arcs between parallel places.
Curve shift_curve(const CurvePoint& from, const CurvePoint& to);

// What a line or an arc of at most half a turn, which ends at `end`, adds to the winding number of
// its closed chain around the point: counter-clockwise chains go around +1 times.
int winding_of_piece(const CurvePiece& piece, Vec2 end, Vec2 point);

}  // namespace forkroad
