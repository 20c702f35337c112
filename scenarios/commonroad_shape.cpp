#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "scenarios/commonroad_parts.hpp"

namespace forkroad::commonroad {
namespace {

// Grows around points.
struct Extent {
  double min_x = std::numeric_limits<double>::max(), max_x = std::numeric_limits<double>::lowest();
  double min_y = min_x, max_y = max_x;

  void add(double x, double y) {
    min_x = std::min(min_x, x);
    max_x = std::max(max_x, x);
    min_y = std::min(min_y, y);
    max_y = std::max(max_y, y);
  }
  bool empty() const { return min_x > max_x; }
};

double size_of(Node element) {
  const double size = number_of(element);
  if (!(size >= 0 && size < static_cast<double>(kMaxBoxSize))) {
    refuse(ParseCode::kValueOutOfRange, element,
           fmt::format("is {} m, expected 0 to below {}", size, kMaxBoxSize));
  }
  return size;
}

Box decode_rectangle(Node rectangle) {
  Box box;
  box.length = size_of(require(rectangle, "length"));
  box.width = size_of(require(rectangle, "width"));
  if (const Node turn = rectangle.child("orientation")) {
    box.turn = number_of(turn);
    if (std::abs(box.turn) > kMaxSourceHeading) {
      refuse(ParseCode::kValueOutOfRange, turn,
             fmt::format("is {} rad, expected at most {}", box.turn, kMaxSourceHeading));
    }
  }
  if (const Node center = rectangle.child("center")) {
    const SourcePoint point = point_of(center);
    box.center_x = point.x;
    box.center_y = point.y;
  }
  return box;
}

void add_rectangle(const Box& box, Extent& extent) {
  const double cosine = std::cos(box.turn) / 2;
  const double sine = std::sin(box.turn) / 2;
  for (const double along : {-box.length, box.length}) {
    for (const double across : {-box.width, box.width}) {
      extent.add(box.center_x + along * cosine - across * sine,
                 box.center_y + along * sine + across * cosine);
    }
  }
}

void add_circle(Node circle, Extent& extent) {
  const double radius = size_of(require(circle, "radius"));
  const Node center = circle.child("center");
  const SourcePoint point = center ? point_of(center) : SourcePoint();
  extent.add(point.x - radius, point.y - radius);
  extent.add(point.x + radius, point.y + radius);
}

}  // namespace

Box decode_box(Node shape, Notes& notes) {
  const Node first = shape.first_child();
  const bool is_single = first && !first.next_sibling();
  if (is_single && std::string_view(first.name()) == "rectangle") return decode_rectangle(first);
  Extent extent;
  for (const Node part : shape.children()) {
    const std::string_view name = part.name();
    if (name == "rectangle") {
      add_rectangle(decode_rectangle(part), extent);
    } else if (name == "circle") {
      add_circle(part, extent);
    } else if (name == "polygon") {
      for (const Node point : part.children("point")) {
        const SourcePoint corner = point_of(point);
        extent.add(corner.x, corner.y);
      }
    }
  }
  if (extent.empty()) {
    refuse(ParseCode::kMissingField, shape, "holds no rectangle, circle or polygon");
  }
  notes.count("shapes are circles, polygons or several shapes: the box around them is taken");
  Box box;
  box.length = extent.max_x - extent.min_x;
  box.width = extent.max_y - extent.min_y;
  box.center_x = extent.min_x + box.length / 2;
  box.center_y = extent.min_y + box.width / 2;
  const double largest = std::max(box.length, box.width);
  if (!(largest < static_cast<double>(kMaxBoxSize))) {
    refuse(ParseCode::kValueOutOfRange, shape,
           fmt::format("spans {} m, expected below {}", largest, kMaxBoxSize));
  }
  return box;
}

}  // namespace forkroad::commonroad
