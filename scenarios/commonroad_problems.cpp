#include <fmt/format.h>

#include "scenarios/commonroad_parts.hpp"
#include "scenarios/plain_text.hpp"

namespace forkroad::commonroad {
namespace {

// A goal that a document lists many of says nothing more after these.
constexpr int kMaxShown = 8;

std::string describe_range(Node quantity, const char* what, const char* unit) {
  if (!quantity) return {};
  if (const Node exact = quantity.child("exact")) {
    return fmt::format(", {} {:.6g}{}", what, number_of(exact), unit);
  }
  return fmt::format(", {} {:.6g} to {:.6g}{}", what, number_of(require(quantity, "intervalStart")),
                     number_of(require(quantity, "intervalEnd")), unit);
}

std::string describe_place(Node position) {
  if (!position) return "anywhere";
  if (const Node point = position.child("point")) {
    const SourcePoint place = point_of(point);
    return fmt::format("at ({:.3f}, {:.3f}) m", place.x, place.y);
  }
  std::string lanelets;
  int count = 0;
  for (const Node lanelet : position.children("lanelet")) {
    if (count++ == kMaxShown) {
      lanelets += " ...";
      break;
    }
    lanelets += fmt::format(" {}", integer_attribute(lanelet, "ref"));
  }
  if (!lanelets.empty()) return "on the lanelets" + lanelets;
  Notes ignored;
  const Box box = decode_box(position, ignored);
  return fmt::format("around ({:.3f}, {:.3f}) m", box.center_x, box.center_y);
}

std::string describe_state(Node state) {
  return describe_place(state.child("position")) +
         describe_range(state.child("orientation"), "heading", " rad") +
         describe_range(state.child("velocity"), "speed", " m/s") +
         describe_range(state.child("time"), "step", "");
}

}  // namespace

void describe_problems(Node root, Notes& notes, std::vector<std::string>& assumptions) {
  int count = 0;
  for (const Node problem : root.children("planningProblem")) {
    if (count++ >= kMaxShown) {
      notes.count("further planning problems are left out");
      continue;
    }
    std::string text = fmt::format("planning problem {} is no track: the ego starts {}",
                                   quote_text(problem.attribute("id").value()),
                                   describe_state(require(problem, "initialState")));
    int goals = 0;
    for (const Node goal : problem.children("goalState")) {
      if (goals++ == kMaxShown) break;
      text += fmt::format("; goal {}", describe_state(goal));
    }
    assumptions.push_back(text + " (source coordinates)");
  }
}

}  // namespace forkroad::commonroad
