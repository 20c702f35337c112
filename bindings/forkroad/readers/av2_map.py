"""Argoverse 2 vector maps: log_map_archive_*.json.

A lane segment holds its own bounds and marks; motion forecasting maps hold a centre line too.
Bounds become road lines with fresh ids.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np

from forkroad._core import MapType
from forkroad.readers.id_numbers import IdNumbers
from forkroad.readers.log_content import read_content
from forkroad.readers.plain_values import as_dict, as_list, as_text, entry, optional
from forkroad.readers.read_error import ReadError, shown

_MAX_MAP = 1 << 26  # bytes; the largest map of the dataset is 2 MB

_LANE_TYPES = {
    "VEHICLE": MapType.LANE_SURFACE_STREET,
    "BUS": MapType.LANE_SURFACE_STREET,
    "BIKE": MapType.LANE_BIKE,
}
# a line that is dashed on one side may be passed from there
_MARKS = {
    "DASHED_WHITE": MapType.LINE_BROKEN_SINGLE_WHITE,
    "SOLID_WHITE": MapType.LINE_SOLID_SINGLE_WHITE,
    "DOUBLE_SOLID_WHITE": MapType.LINE_SOLID_DOUBLE_WHITE,
    "DASHED_YELLOW": MapType.LINE_BROKEN_SINGLE_YELLOW,
    "DOUBLE_DASH_YELLOW": MapType.LINE_BROKEN_DOUBLE_YELLOW,
    "SOLID_YELLOW": MapType.LINE_SOLID_SINGLE_YELLOW,
    "DOUBLE_SOLID_YELLOW": MapType.LINE_SOLID_DOUBLE_YELLOW,
    "DASH_SOLID_YELLOW": MapType.LINE_PASSING_DOUBLE_YELLOW,
    "SOLID_DASH_YELLOW": MapType.LINE_PASSING_DOUBLE_YELLOW,
}
_SPACING = 2.0  # [m] at most, of a centre line that is made of the bounds
_MAX_LENGTH = 1e5  # [m]


def find_map(folder: Path) -> Path:
    """The one map archive of a folder."""
    found = sorted(folder.glob("log_map_archive_*.json"))
    if len(found) != 1:
        raise ReadError(
            "missing_field",
            f"{len(found)} files log_map_archive_*.json in {folder}, expected one",
        )
    return found[0]


def read_map(path: Path, assumptions: list[str]) -> list[dict]:
    """build_scene's features. Says in `assumptions` what is made up or left out."""
    try:
        content = json.loads(read_content(path, _MAX_MAP))
    except json.JSONDecodeError as error:
        raise ReadError("bad_encoding", f"{path.name}: {error.msg}", error.pos) from error
    except (ValueError, RecursionError) as error:
        raise ReadError("bad_encoding", f"{path.name} is not JSON of a map: {error}") from error
    where = path.name
    lanes = as_dict(entry(content, "lane_segments", where), f"{where}: lane_segments")
    areas = as_dict(entry(content, "drivable_areas", where), f"{where}: drivable_areas")
    crossings = as_dict(
        entry(content, "pedestrian_crossings", where), f"{where}: pedestrian_crossings"
    )
    reader = _MapReader(lanes, areas, crossings)
    features: list[dict] = []
    for name, lane in lanes.items():
        features += reader.lane(name, lane)
    reader.drop_oncoming_neighbors(features)
    features += [reader.area(name, area) for name, area in areas.items()]
    features += [reader.crossing(name, crossing) for name, crossing in crossings.items()]
    assumptions += [f"{count} {what}" for what, count in reader.said.items()]
    return features


class _MapReader:
    def __init__(self, lanes: dict, areas: dict, crossings: dict) -> None:
        self.numbers = IdNumbers([*lanes, *areas, *crossings], "map features")
        self.said: Counter[str] = Counter()

    def lane(self, name: str, lane: object) -> list[dict]:
        """A lane and its two bounds."""
        where = f"lane_segments[{shown(name)}]"
        sides = {side: self._bound(lane, side, where) for side in ("left", "right")}
        word = as_text(entry(lane, "lane_type", where), f"{where}.lane_type")
        if word not in _LANE_TYPES:
            self.said[f"lanes of type {shown(word)} are read as undefined"] += 1
        crosses = optional(lane, "is_intersection", where) is True
        if crosses:
            self.said["lanes within intersections are marked as interpolating"] += 1
        feature = {
            "id": self.numbers.of(name),
            "kind": "lane",
            "type": _LANE_TYPES.get(word, MapType.LANE_UNDEFINED),
            "raw_type": word,
            "points": self._centre(lane, sides, where),
            "interpolating": crosses,
            "entry_lanes": self._ids(lane, "predecessors", where),
            "exit_lanes": self._ids(lane, "successors", where),
        }
        for side, bound in sides.items():
            neighbor = optional(lane, f"{side}_neighbor_id", where)
            feature[f"{side}_neighbors"] = [] if neighbor is None else [self.numbers.of(neighbor)]
            feature[f"{side}_boundaries"] = [bound["id"]]
        return [feature, *sides.values()]

    def area(self, name: str, area: object) -> dict:
        """A drivable area."""
        where = f"drivable_areas[{shown(name)}]"
        ring = _points(entry(area, "area_boundary", where), f"{where}.area_boundary")
        return {"id": self.numbers.of(name), "kind": "drivable_area", "points": ring}

    def crossing(self, name: str, crossing: object) -> dict:
        """A crosswalk: its two edges run the same way."""
        where = f"pedestrian_crossings[{shown(name)}]"
        one, two = (
            _points(entry(crossing, edge, where), f"{where}.{edge}") for edge in ("edge1", "edge2")
        )
        return {
            "id": self.numbers.of(name),
            "kind": "crosswalk",
            "points": np.concatenate([one, two[::-1]]),
        }

    def drop_oncoming_neighbors(self, features: list[dict]) -> None:
        """A segment's neighbour may be a lane of the other direction; a scene's is not."""
        course = {
            feature["id"]: feature["points"][-1, :2] - feature["points"][0, :2]
            for feature in features
            if feature["kind"] == "lane"
        }
        for feature in features:
            for key in ("left_neighbors", "right_neighbors"):
                beside = feature.get(key, [])
                feature_course = course.get(feature["id"])
                if beside and beside[0] in course and feature_course @ course[beside[0]] < 0:
                    feature[key] = []
                    self.said["neighbours that run the other way are left out"] += 1

    def _bound(self, lane: object, side: str, where: str) -> dict:
        key = f"{side}_lane_boundary"
        mark_key = f"{side}_lane_mark_type"
        word = as_text(optional(lane, mark_key, where) or "UNKNOWN", f"{where}.{mark_key}")
        self.said["bounds of lanes are road lines with new ids"] += 1
        return {
            "id": self.numbers.new(),
            "kind": "road_line",
            "type": _MARKS.get(word, MapType.LINE_UNKNOWN),
            "raw_type": word,
            "points": _points(entry(lane, key, where), f"{where}.{key}"),
        }

    def _centre(self, lane: object, sides: dict, where: str) -> np.ndarray:
        given = optional(lane, "centerline", where)
        if given is not None:
            return _points(given, f"{where}.centerline")
        self.said[
            "lane centres are the middle of the bounds, at equal shares of their lengths"
        ] += 1
        left, right = (sides[side]["points"] for side in ("left", "right"))
        longest = max(_lengths(left)[-1], _lengths(right)[-1])
        if not longest < _MAX_LENGTH:
            raise ReadError(
                "value_out_of_range", f"{where} is {longest:g} m long, expected below {_MAX_LENGTH}"
            )
        count = max(2, int(np.ceil(longest / _SPACING)) + 1)
        return (_resample(left, count) + _resample(right, count)) / 2

    def _ids(self, lane: object, key: str, where: str) -> list[int]:
        return [
            self.numbers.of(name) for name in as_list(optional(lane, key, where), f"{where}.{key}")
        ]


def _points(value: object, where: str) -> np.ndarray:
    """[P, 3] of a list of {x, y, z}."""
    points = as_list(value, where)
    if not points:
        raise ReadError("missing_field", f"{where} has no points, expected at least one")
    rows = [[entry(point, axis, where) for axis in "xyz"] for point in points]
    if not all(type(number) in (int, float) for row in rows for number in row):
        raise ReadError("wrong_content", f"{where} holds a coordinate that is no number")
    try:
        return np.array(rows, np.float64)
    except OverflowError as error:
        raise ReadError("value_out_of_range", f"{where} holds a huge integer") from error


def _lengths(points: np.ndarray) -> np.ndarray:
    """[P] lengths along a polyline up to each point."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _resample(points: np.ndarray, count: int) -> np.ndarray:
    """Points at equal shares of a polyline's length."""
    along = _lengths(points)
    at = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(at, along, column) for column in points.T], axis=1)
