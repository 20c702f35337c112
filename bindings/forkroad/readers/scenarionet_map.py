"""The map of a ScenarioNet scenario."""

from __future__ import annotations

from collections import Counter

import numpy as np

from forkroad._core import MapType
from forkroad.readers.id_numbers import IdNumbers
from forkroad.readers.plain_values import (
    NumberBudget,
    as_dict,
    as_integer,
    as_list,
    as_text,
    entry,
    optional,
)
from forkroad.readers.read_error import ReadError, shown

_MILES_PER_HOUR = 0.44704  # [m/s]
_KILOMETRES_PER_HOUR = 1 / 3.6  # [m/s]

_LANES = {
    "LANE_FREEWAY": MapType.LANE_FREEWAY,
    "LANE_SURFACE_STREET": MapType.LANE_SURFACE_STREET,
    "LANE_BIKE_LANE": MapType.LANE_BIKE,
    "LANE_SURFACE_UNSTRUCTURE": MapType.LANE_UNDEFINED,
    "LANE_UNKNOWN": MapType.LANE_UNDEFINED,
}
_EDGES = {
    "ROAD_EDGE_BOUNDARY": MapType.EDGE_BOUNDARY,
    "ROAD_EDGE_MEDIAN": MapType.EDGE_MEDIAN,
    "ROAD_EDGE_SIDEWALK": MapType.EDGE_BOUNDARY,
    "ROAD_EDGE_UNKNOWN": MapType.EDGE_UNKNOWN,
    "UNKNOWN_EDGE": MapType.EDGE_UNKNOWN,
}
_LINES = {
    f"ROAD_{map_type.name}": map_type for map_type in MapType if map_type.name.startswith("LINE_")
} | {"ROAD_LINE_UNKNOWN": MapType.LINE_UNKNOWN, "UNKNOWN_LINE": MapType.LINE_UNKNOWN}
_AREAS = {
    "CROSSWALK": "crosswalk",
    "CROSS_WALK": "crosswalk",  # before 0.4
    "SPEED_BUMP": "speed_bump",
    "DRIVEWAY": "driveway",
}


def read_features(
    source: object, metadata: dict, budget: NumberBudget, assumptions: list[str]
) -> tuple[list[dict], IdNumbers]:
    """build_scene's features, and the numbers of their ids. Says in `assumptions` what is left
    out."""
    table = as_dict(source, "map_features")
    reader = _MapReader(IdNumbers(table, "map features"), budget)
    # the nuScenes converter fills in 100 km/h for every lane of a junction
    # and stores the direction [rad] of lane points where others store their height
    reader.is_nuscenes = optional(metadata, "dataset", "metadata") == "nuscenes"
    features = [feature for name, item in table.items() if (feature := reader.read(name, item))]
    _keep_spans_inside(features, reader.left_out)
    assumptions += reader.numbers.assumption()
    assumptions += [f"{count} {what}" for what, count in reader.left_out.items()]
    return features, reader.numbers


class _MapReader:
    def __init__(self, numbers: IdNumbers, budget: NumberBudget) -> None:
        self.numbers = numbers
        self.left_out: Counter[str] = Counter()
        self.is_nuscenes = False
        self._budget = budget

    def read(self, name: object, item: object) -> dict | None:
        """One of build_scene's features; None, and counted, if it is left out."""
        where = f"map_features[{shown(name)}]"
        word = as_text(entry(item, "type", where), f"{where}.type")
        feature = {"id": self.numbers.of(name), "raw_type": word}
        if word in _LANES:
            return self._lane(feature, item, where, _LANES[word])
        if word in _LINES or word in _EDGES:
            kind = "road_line" if word in _LINES else "road_edge"
            feature |= {"kind": kind, "type": _LINES.get(word) or _EDGES[word]}
            feature["points"] = self._line(item, where)
        elif word in _AREAS:
            feature["kind"] = _AREAS[word]
            feature["points"] = self._area(item, where)
        elif word == "STOP_SIGN":
            feature["kind"] = "stop_sign"
            feature["points"] = self._budget.point(
                entry(item, "position", where), f"{where}.position"
            )
            feature["controlled_lanes"] = self._ids(item, "lane", where)
        else:
            self.left_out[f"map features of type {shown(word)} are left out"] += 1
            return None
        return self._unless_empty(feature)

    def _unless_empty(self, feature: dict) -> dict | None:
        if len(feature["points"]):
            return feature
        self.left_out["map features without points are left out"] += 1
        return None

    def _points(self, item: object, key: str, where: str) -> np.ndarray | None:
        value = optional(item, key, where)
        if value is None:
            return None
        return self._budget.rows(value, f"{where}.{key}", (2, 3))

    def _area(self, item: object, where: str) -> np.ndarray:
        """A ring; early files call it a polyline."""
        points = self._points(item, "polygon", where)
        if points is None:
            points = self._points(item, "polyline", where)
        if points is None:
            raise ReadError("missing_field", f"{where}.polygon is absent")
        return points

    def _line(self, item: object, where: str) -> np.ndarray:
        """A polyline; of an area the whole ring, with its end repeated."""
        points = self._points(item, "polyline", where)
        if points is not None:
            return points
        ring = self._area(item, where)
        if len(ring) > 1 and not np.array_equal(ring[0], ring[-1]):
            ring = np.concatenate([ring, ring[:1]])
        return ring

    def _lane(self, feature: dict, item: object, where: str, lane_type: MapType) -> dict | None:
        points = self._points(item, "polyline", where)
        if points is None:
            # a junction drawn as an area: there is no centre to follow
            return self._unless_empty(
                feature | {"kind": "drivable_area", "points": self._area(item, where)}
            )
        if optional(item, "polygon", where) is not None:
            self.left_out["outlines of lanes are left out: a scene's lanes are centre lines"] += 1
        if self.is_nuscenes:
            points = points[:, :2]
        feature |= {
            "kind": "lane",
            "type": lane_type,
            "points": points,
            "speed_limit": self._speed_limit(item, where),
            "interpolating": optional(item, "interpolating", where) is True,
            "entry_lanes": self._ids(item, "entry_lanes", where),
            "exit_lanes": self._ids(item, "exit_lanes", where),
        }
        for side in ("left", "right"):
            feature[f"{side}_neighbors"] = [
                self._neighbor(neighbor, f"{where}.{side}_neighbor")
                for neighbor in self._list(item, f"{side}_neighbor", where)
            ]
            feature[f"{side}_boundaries"] = [
                self._boundary(boundary, f"{where}.{side}_boundaries")
                for boundary in self._list(item, f"{side}_boundaries", where)
            ]
        return self._unless_empty(feature)

    def _list(self, item: object, key: str, where: str) -> list:
        values = as_list(optional(item, key, where), f"{where}.{key}")
        self._budget.spend(len(values), f"{where}.{key}")
        return values

    def _ids(self, item: object, key: str, where: str) -> list[int]:
        return [self.numbers.of(name) for name in self._list(item, key, where)]

    def _speed_limit(self, item: object, where: str) -> float:
        """[m/s], 0: not known."""
        for key, unit in (
            ("speed_limit_mph", _MILES_PER_HOUR),
            ("speed_limit_kmh", _KILOMETRES_PER_HOUR),
        ):
            value = optional(item, key, where)
            if value is None:
                continue
            if type(value) not in (int, float) or not 0 <= value < 1e4:
                raise ReadError(
                    "value_out_of_range",
                    f"{where}.{key} is {shown(value)}, expected 0 to below 10000",
                )
            if key == "speed_limit_kmh" and self.is_nuscenes:
                self.left_out["speed limits of nuScenes are the converter's filling: left out"] += 1
                return 0.0
            return value * unit
        return 0.0

    def _neighbor(self, value: object, where: str) -> int | tuple:
        if type(value) is not dict:
            return self.numbers.of(value)  # side by side from end to end
        spans = ("self_start", "self_end", "neighbor_start", "neighbor_end")
        return (
            self.numbers.of(entry(value, "feature_id", where)),
            *(
                as_integer(entry(value, f"{span}_index", where), f"{where}.{span}_index")
                for span in spans
            ),
        )

    def _boundary(self, value: object, where: str) -> tuple:
        word = optional(value, "boundary_type", where)
        return (
            self.numbers.of(entry(value, "boundary_feature_id", where)),
            as_integer(entry(value, "lane_start_index", where), f"{where}.lane_start_index"),
            as_integer(entry(value, "lane_end_index", where), f"{where}.lane_end_index"),
            _LINES.get(word, MapType.LINE_UNKNOWN) if type(word) is str else MapType.LINE_UNKNOWN,
        )


def _keep_spans_inside(features: list[dict], left_out: Counter[str]) -> None:
    """Maps were cut out of larger ones, so spans may lie beyond the ends of their lanes."""
    sizes = {feature["id"]: len(feature["points"]) for feature in features}

    def inside(span: tuple | int, own: int) -> bool:
        if isinstance(span, int):
            return True
        other = sizes.get(span[0], 1 << 31)
        rooms = (own, own, other, other) if len(span) == 5 else (own, own)
        return all(0 <= at < room for at, room in zip(span[1:], rooms, strict=False))

    for feature in features:
        for key in ("left_neighbors", "right_neighbors", "left_boundaries", "right_boundaries"):
            spans = feature.get(key, [])
            kept = [span for span in spans if inside(span, len(feature["points"]))]
            if len(kept) < len(spans):
                feature[key] = kept
                left_out[
                    "neighbours or boundaries beyond the ends of their lanes are left out"
                ] += len(spans) - len(kept)
