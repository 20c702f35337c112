#include "scenarios/plane_curve.hpp"

#include <algorithm>

#include "scenarios/exact_trig.hpp"

namespace forkroad {
namespace {

// What is shorter than this is nothing [m], [rad].
constexpr double kJointTolerance = 1.0e-9;

}  // namespace

Vec2 unit_at(double angle) {
  const auto [sine, cosine] = exact_sine_cosine(angle);
  return {cosine, sine};
}

Vec2 turned(Vec2 direction, double angle) {
  const Vec2 turn = unit_at(angle);
  return turn.x * direction + turn.y * left_of(direction);
}

double smooth_step(double share) {
  const double x = std::clamp(share, 0.0, 1.0);
  return x * x * x * (10.0 + x * (6.0 * x - 15.0));
}

CurvePoint CurvePiece::at(double along) const {
  if (curvature == 0) return {start + along * direction, direction};
  const auto [sine, cosine] = exact_sine_cosine(curvature * along);
  const double radius = 1.0 / curvature;
  const Vec2 left = left_of(direction);
  return {start + (sine * radius) * direction + ((1.0 - cosine) * radius) * left,
          cosine * direction + sine * left};
}

CurvePiece CurvePiece::reversed() const {
  const CurvePoint last = at(length);
  return {last.position, -1.0 * last.direction, length, -curvature};
}

double CurvePiece::nearest(Vec2 point) const {
  if (curvature == 0) return std::clamp(dot(point - start, direction), 0.0, length);
  const Vec2 arm = point - center();
  const double turn = curvature > 0 ? 1.0 : -1.0;
  const Vec2 first = -turn * left_of(direction);  // from the centre to the start
  double angle = turn * exact_angle(cross(first, arm), dot(first, arm));
  const double sweep = length * std::abs(curvature);
  // angles run from half the free part of the circle before the start to as much after the end
  if (angle < 0.5 * sweep - kPi) angle += 2.0 * kPi;
  return std::clamp(angle, 0.0, sweep) / std::abs(curvature);
}

CurvePiece line_between(Vec2 from, Vec2 to) {
  return {from, unit(to - from), length_of(to - from), 0.0};
}

CurvePiece arc_about(Vec2 center, Vec2 from, Vec2 to, bool clockwise) {
  const Vec2 arm = from - center;
  const double radius = length_of(arm);
  const Vec2 left = left_of((1.0 / radius) * arm);
  double angle = exact_angle(cross(arm, to - center), dot(arm, to - center));
  if (clockwise) angle = -angle;
  if (angle < 0) angle += 2.0 * kPi;
  return {from, clockwise ? -1.0 * left : left, angle * radius,
          clockwise ? -1.0 / radius : 1.0 / radius};
}

Curve::Curve(std::vector<CurvePiece> pieces) : pieces_(std::move(pieces)) {
  for (const CurvePiece& piece : pieces_) {
    starts_.push_back(length_);
    length_ += piece.length;
  }
}

size_t Curve::piece_at(double along) const {
  const auto after = std::upper_bound(starts_.begin() + 1, starts_.end(), along);
  return static_cast<size_t>(after - starts_.begin()) - 1;
}

CurvePoint Curve::at(double along) const {
  const double inside = std::clamp(along, 0.0, length_);
  const size_t piece = piece_at(inside);
  CurvePoint point = pieces_[piece].at(inside - starts_[piece]);
  point.position = point.position + (along - inside) * point.direction;
  return point;
}

Curve Curve::offset(double left) const {
  std::vector<CurvePiece> moved = pieces_;
  for (CurvePiece& piece : moved) {
    const double scale = 1.0 - piece.curvature * left;
    piece.start = piece.start + left * left_of(piece.direction);
    piece.length *= scale;
    piece.curvature /= scale;
  }
  return Curve(std::move(moved));
}

Curve Curve::reversed() const {
  std::vector<CurvePiece> turned_around;
  for (auto piece = pieces_.rbegin(); piece != pieces_.rend(); ++piece) {
    turned_around.push_back(piece->reversed());
  }
  return Curve(std::move(turned_around));
}

Curve Curve::part(double from, double to) const {
  std::vector<CurvePiece> kept;
  for (size_t at_piece = 0; at_piece < pieces_.size(); ++at_piece) {
    const CurvePiece& piece = pieces_[at_piece];
    const double low = std::max(from - starts_[at_piece], 0.0);
    const double high = std::min(to - starts_[at_piece], piece.length);
    if (high - low < kJointTolerance) continue;
    const CurvePoint first = piece.at(low);
    kept.push_back({first.position, first.direction, high - low, piece.curvature});
  }
  return Curve(std::move(kept));
}

CurveFoot Curve::project(Vec2 point) const {
  CurveFoot foot{0, 1.0e300, 0, false};
  for (size_t at_piece = 0; at_piece < pieces_.size(); ++at_piece) {
    const CurvePiece& piece = pieces_[at_piece];
    const double along = piece.nearest(point);
    const CurvePoint place = piece.at(along);
    const double distance = length_of(point - place.position);
    if (distance >= foot.distance) continue;
    foot.along = starts_[at_piece] + along;
    foot.distance = distance;
    foot.lateral = cross(place.direction, point - place.position);
  }
  const CurvePoint place = at(foot.along);
  const double ahead = dot(place.direction, point - place.position);
  foot.beside = (foot.along > kJointTolerance || ahead >= -kJointTolerance) &&
                (foot.along < length_ - kJointTolerance || ahead <= kJointTolerance);
  return foot;
}

std::vector<double> Curve::sample(double spacing, double sagitta) const {
  std::vector<double> places;
  for (size_t at_piece = 0; at_piece < pieces_.size(); ++at_piece) {
    const CurvePiece& piece = pieces_[at_piece];
    const double step =
        piece.curvature == 0
            ? spacing
            : std::min(spacing, std::sqrt(8.0 * sagitta / std::abs(piece.curvature)));
    const int count = std::max(1, static_cast<int>(std::ceil(piece.length / step)));
    for (int k = 0; k < count; ++k) {
      places.push_back(starts_[at_piece] + piece.length * k / count);
    }
  }
  places.push_back(length_);
  return places;
}

CurvePen& CurvePen::line(double length) {
  if (length <= kJointTolerance) return *this;
  pieces_.push_back({tip_.position, tip_.direction, length, 0.0});
  tip_ = pieces_.back().at(length);
  return *this;
}

CurvePen& CurvePen::arc(double radius, double angle) {
  if (std::abs(angle) <= kJointTolerance) return *this;
  const double curvature = (angle > 0 ? 1.0 : -1.0) / radius;
  pieces_.push_back({tip_.position, tip_.direction, radius * std::abs(angle), curvature});
  tip_ = pieces_.back().at(radius * std::abs(angle));
  return *this;
}

Curve corner_curve(const CurvePoint& from, const CurvePoint& to, double radius) {
  const double sine = cross(from.direction, to.direction);
  const Vec2 gap = to.position - from.position;
  if (std::abs(sine) < 1.0e-7) return Curve({line_between(from.position, to.position)});
  const double before = cross(gap, to.direction) / sine;   // to where the tangents meet
  const double after = cross(from.direction, gap) / sine;  // from there on
  const double angle = exact_angle(sine, dot(from.direction, to.direction));
  const auto [half_sine, half_cosine] = exact_sine_cosine(0.5 * std::abs(angle));
  const double half_tangent = half_sine / half_cosine;
  const double largest = std::min(before, after) / half_tangent;
  const double used = radius > 0 ? std::min(radius, largest) : largest;
  const double tangent = used * half_tangent;
  return CurvePen(from.position, from.direction)
      .line(before - tangent)
      .arc(used, angle)
      .line(after - tangent)
      .done();
}

Curve shift_curve(const CurvePoint& from, const CurvePoint& to) {
  const Vec2 gap = to.position - from.position;
  const double ahead = dot(gap, from.direction);
  const double aside = cross(from.direction, gap);
  // each arc covers half of both: tan(angle / 2) = aside / ahead
  const double angle = 2.0 * exact_angle(std::abs(aside), ahead);
  const double radius = 0.5 * ahead / exact_sine_cosine(angle).sine;
  const double turn = aside > 0 ? angle : -angle;
  return CurvePen(from.position, from.direction).arc(radius, turn).arc(radius, -turn).done();
}

int winding_of_piece(const CurvePiece& piece, Vec2 end, Vec2 point) {
  // the chord crosses the ray from the point to +x upwards or downwards, and the point may lie
  // between the arc and its chord; points on the chord count as right of it in both
  const Vec2 chord = end - piece.start;
  const bool is_left = cross(chord, point - piece.start) > 0;
  const bool from_above = piece.start.y > point.y;
  int turns = 0;
  if (from_above != (end.y > point.y)) {
    turns = from_above ? (is_left ? 0 : -1) : (is_left ? 1 : 0);
  }
  if (piece.curvature == 0 || is_left != (piece.curvature < 0)) return turns;
  const bool in_circle = length_of(point - piece.center()) < 1.0 / std::abs(piece.curvature);
  return turns + (in_circle ? (piece.curvature > 0 ? 1 : -1) : 0);
}

}  // namespace forkroad
