"""What stands around a replay: map and lights, in the ego's frame at the current step."""

from __future__ import annotations

import numpy as np

from forkroad._core import MapFeature, MapType
from forkroad.figure_view import View
from forkroad.figures import BROKEN_LINES, YELLOW_LINES
from forkroad.replay.packed_array import pack

UNIT = 0.01  # [m] of every position in a replay
REACH = 150.0  # [m] around the window in which map and agents are kept

# in drawing order; a feature's style is its place in this list
STYLES = (
    "drivable_area",
    "driveway",
    "lane",
    "bike_lane",
    "emergency_lane",
    "crosswalk",
    "speed_bump",
    "white_solid",
    "white_broken",
    "yellow_solid",
    "yellow_broken",
    "road_edge",
    "stop_sign",
)
# a light's state is its place in this list; where it says nothing it is 'none'
LIGHTS = ("none", "unknown", "stop", "caution", "go")


class Surroundings:
    """The rectangle of the ego's frame that a replay keeps."""

    def __init__(self, view: View) -> None:
        low, high = view.window()
        self._low, self._high = low - REACH, high + REACH

    def meets(self, points: np.ndarray) -> bool:
        """Whether the bounding box of [P, 2] points, P > 0, meets the rectangle."""
        return bool(
            (points.min(axis=0) < self._high).all() and (points.max(axis=0) > self._low).all()
        )


def pack_map(view: View, around: Surroundings) -> dict:
    """The features around, by style, as one run of points."""
    kept: list[tuple[int, np.ndarray]] = []
    for feature in view.scene.features:
        points = view.to_ego(feature.points[:, :2].astype(np.float64))
        if len(points) and around.meets(points):
            kept.append((STYLES.index(_style_of(feature)), points))
    kept.sort(key=lambda entry: entry[0])
    points = np.concatenate([points for _, points in kept] or [np.empty((0, 2))])
    return {
        "styles": list(STYLES),
        "style": pack([style for style, _ in kept], order=1),
        "count": pack([len(points) for _, points in kept]),
        "x": pack(points[:, 0], UNIT, order=2),
        "y": pack(points[:, 1], UNIT, order=2),
    }


def _style_of(feature: MapFeature) -> str:
    if feature.kind == "road_line":
        color = "yellow" if feature.type in YELLOW_LINES else "white"
        return color + ("_broken" if feature.type in BROKEN_LINES else "_solid")
    if feature.kind == "lane" and feature.type == MapType.LANE_BIKE:
        return "bike_lane"
    if feature.kind == "lane" and feature.type == MapType.LANE_EMERGENCY:
        return "emergency_lane"
    return feature.kind


def pack_lights(view: View, around: Surroundings, log_steps: np.ndarray) -> dict:
    """Every light around with its state at each of `log_steps`."""
    signals = view.scene.signals
    states: dict[tuple, np.ndarray] = {}
    for at, step in enumerate(log_steps):
        for signal in signals[step]:
            place = (signal.lane_id, *signal.stop_point[:2])
            row = states.setdefault(place, np.zeros(len(log_steps), np.int32))
            row[at] = _light_code(signal.state)
    places = view.to_ego(np.array([place[1:] for place in states]).reshape(-1, 2))
    near = [at for at, place in enumerate(places) if around.meets(place[None])]
    rows = np.array(list(states.values()), np.int32).reshape(-1, len(log_steps))
    return {
        "states": list(LIGHTS),
        "x": pack(places[near, 0], UNIT),
        "y": pack(places[near, 1], UNIT),
        "state": pack(rows[near], order=1),
    }


def _light_code(state: str) -> int:
    return next((code for code, word in enumerate(LIGHTS) if code > 1 and word in state), 1)
