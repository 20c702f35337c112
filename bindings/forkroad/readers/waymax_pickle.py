"""Pickles of Waymax's SimulatorState.

The logged part is read: log_trajectory, log_traffic_light, object_metadata, roadgraph_points. The
arrays were float32 in world coordinates when the file was written, so positions 10 km from zero
are good to a millimetre.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from forkroad._core import MapType, build_scene
from forkroad.readers.light_words import light_of_code
from forkroad.readers.pickle_builders import Record
from forkroad.readers.plain_values import NumberBudget
from forkroad.readers.read_error import ReadError, shown

_KINDS = {1: "vehicle", 2: "pedestrian", 3: "cyclist"}
_FEATURE_KINDS = {
    "LANE": "lane",
    "LINE": "road_line",
    "EDGE": "road_edge",
    "STOP": "stop_sign",
    "CROSSWALK": "crosswalk",
    "SPEED": "speed_bump",
    "DRIVEWAY": "driveway",
}
_DATASET_STEPS, _DATASET_CURRENT_STEP, _DATASET_DT = 91, 10, 0.1
_MAX_POINTS = 20000  # Waymax keeps the points nearest to the ego, so a map may be cut
# Points of a lane are 0.5 m apart; a wider gap is where points were cut away [m]
_MAX_GAP = 10.0


def is_simulator_state(content: object) -> bool:
    """Whether a pickle's value is a SimulatorState."""
    return type(content) is Record and content.name.endswith(".SimulatorState")


def read_simulator_state(content: Record, file: str):
    """The scene of a decoded pickle. Raises ReadError or SceneFault."""
    state = _Fields(content, "SimulatorState")
    log = state.record("log_trajectory")
    objects = state.record("object_metadata")
    assumptions = ["the file has no scenario id: its name is taken"]
    num_objects, num_steps = log.shape("x")
    budget = NumberBudget()
    budget.spend(num_objects * num_steps * 9, "log_trajectory")
    used = np.flatnonzero(objects.array("is_valid", (num_objects,)) == 1)
    dicts = [_read_track(log, objects, index, num_steps) for index in used]
    ego = np.flatnonzero(objects.array("is_sdc", (num_objects,))[used])
    if len(ego) != 1:
        raise ReadError("inconsistent", f"{len(ego)} objects are the ego, expected one")

    def marked(name: str) -> np.ndarray:
        return np.flatnonzero(objects.array(name, (num_objects,))[used] == 1)

    return build_scene(
        id=Path(file).name.split(".")[0] or "scene",
        tracks=dicts,
        ego=int(ego[0]),
        features=_read_map(state.record("roadgraph_points"), assumptions),
        signals=_read_lights(state.record("log_traffic_light"), num_steps, budget),
        current_step=_current_step(state, num_steps, assumptions),
        objects_of_interest=[dicts[index]["id"] for index in marked("objects_of_interest")],
        tracks_to_predict=marked("is_modeled"),
        format="waymax",
        file=file,
        byte_offset=0,
        assumptions=assumptions,
        timestamps=_timestamps(log, used, num_steps, assumptions),
    )


class _Fields:
    """The fields of one record, each checked when it is asked for."""

    def __init__(self, record: object, where: str) -> None:
        if type(record) is not Record:
            raise ReadError("wrong_content", f"{where} is {shown(record)}, expected an object")
        self._fields = record.fields
        self._where = where

    def record(self, name: str) -> _Fields:
        return _Fields(self._get(name), name)

    def shape(self, name: str) -> tuple[int, int]:
        values = self.array(name)
        if values.ndim != 2:
            raise ReadError(
                "inconsistent",
                f"{self._where}.{name} has shape {list(values.shape)}, expected [objects, steps]",
            )
        return values.shape

    def array(self, name: str, shape: tuple | None = None) -> np.ndarray:
        values = self._get(name)
        if not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf":
            raise ReadError(
                "wrong_content", f"{self._where}.{name} is {shown(values)}, expected numbers"
            )
        if shape is not None and values.shape != shape:
            raise ReadError(
                "inconsistent",
                f"{self._where}.{name} has shape {list(values.shape)}, expected {list(shape)}",
            )
        return values

    def _get(self, name: str) -> object:
        if name not in self._fields:
            raise ReadError("missing_field", f"{self._where}.{name} is absent")
        return self._fields[name]


def _read_track(log: _Fields, objects: _Fields, index: int, num_steps: int) -> dict:
    shape = log.shape("x")

    def columns(*names: str) -> np.ndarray:
        values = [log.array(name, shape)[index].astype(np.float64) for name in names]
        return np.stack(values, axis=1)

    kind = int(objects.array("object_types", shape[:1])[index])
    return {
        "id": int(objects.array("ids", shape[:1])[index]),
        "kind": _KINDS.get(kind, "other" if kind > 0 else "unset"),
        "raw_type": str(kind),
        "positions": columns("x", "y", "z"),
        "headings": columns("yaw")[:, 0],
        "velocities": columns("vel_x", "vel_y"),
        "sizes": columns("length", "width", "height"),
        "valid": log.array("valid", shape)[index],
    }


def _current_step(state: _Fields, num_steps: int, assumptions: list[str]) -> int:
    step = state.array("timestep", ())
    if step.dtype.kind not in "iu":
        raise ReadError("wrong_content", "SimulatorState.timestep is no integer")
    if num_steps == _DATASET_STEPS and int(step) < _DATASET_CURRENT_STEP:
        assumptions.append(
            f"timestep is {int(step)}, before the simulation starts: the dataset's current step "
            f"{_DATASET_CURRENT_STEP} is taken"
        )
        return _DATASET_CURRENT_STEP
    return int(step)


def _timestamps(log: _Fields, used: np.ndarray, num_steps: int, assumptions: list[str]):
    """[T] s. Objects share the clock; steps at which none is valid have no time."""
    shape = log.shape("x")
    valid = log.array("valid", shape)[used] == 1
    times = log.array("timestamp_micros", shape)[used].astype(np.float64) * 1e-6
    steps = np.arange(num_steps)
    seen = valid.any(axis=0)
    shared = np.where(valid, times, -np.inf).max(axis=0, initial=-np.inf)
    if np.any(np.where(valid, np.abs(times - np.where(seen, shared, 0.0)), 0.0) > 1e-6):
        raise ReadError("inconsistent", "log_trajectory.timestamp_micros differs between objects")
    if not seen.all():
        assumptions.append(
            f"{int((~seen).sum())} steps have no time because nobody is seen there: steps are "
            f"taken as {_DATASET_DT} s"
        )
        return steps * _DATASET_DT
    return shared


def _read_map(points: _Fields, assumptions: list[str]) -> list[dict]:
    """Features out of a cloud of points: those with one id, in their order, are one feature."""
    size = points.array("x").shape
    if len(size) != 1:
        raise ReadError("inconsistent", f"roadgraph_points.x has shape {list(size)}, expected [N]")
    xyz = np.stack([points.array(axis, size).astype(np.float64) for axis in "xyz"], axis=1)
    types, ids = points.array("types", size), points.array("ids", size)
    valid = np.flatnonzero(points.array("valid", size) == 1)
    is_cut = len(valid) == size[0] == _MAX_POINTS
    if is_cut:
        assumptions.append(f"the map is cut at {_MAX_POINTS} points: lanes far off are missing")
    order = valid[np.argsort(ids[valid], kind="stable")]
    starts = np.flatnonzero(np.diff(ids[order], prepend=ids[order][:1] - 1)) if len(order) else []
    features, gaps = [], 0
    for rows in np.split(order, starts[1:]) if len(order) else []:
        feature = _feature(int(ids[rows[0]]), types[rows], xyz[rows])
        steps = np.linalg.norm(np.diff(xyz[rows], axis=0), axis=1)
        gaps += feature["kind"] in ("lane", "road_line", "road_edge") and bool(
            np.any(steps > _MAX_GAP)
        )
        features.append(feature)
    if is_cut and gaps:
        assumptions.append(
            f"{gaps} lines or lanes have gaps of more than {_MAX_GAP:g} m where points were cut "
            "away: they are joined across"
        )
    assumptions.append("the format has no links between lanes, speed limits or stop sign lanes")
    return features


def _feature(number: int, codes: np.ndarray, points: np.ndarray) -> dict:
    code = int(codes[0])
    if np.any(codes != code):
        raise ReadError("inconsistent", f"map feature {number} has points of several types")
    known = {int(map_type) for map_type in MapType if map_type >= 0} - {int(MapType.LANE_EMERGENCY)}
    if code not in known:
        raise ReadError("value_out_of_range", f"map feature {number} has type {code}")
    kind = _FEATURE_KINDS[MapType(code).name.split("_")[0]]
    if kind == "stop_sign":
        points = points[:1]
    return {"id": number, "kind": kind, "type": code, "points": points}


def _read_lights(lights: _Fields, num_steps: int, budget: NumberBudget) -> list[dict]:
    """One light for each lamp and lane: a lamp's row may serve several lanes in turn."""
    shape = lights.shape("state")
    if shape[1] != num_steps:
        raise ReadError(
            "inconsistent",
            f"log_traffic_light.state has {shape[1]} steps, expected {num_steps}",
        )
    lanes, valid = lights.array("lane_ids", shape), lights.array("valid", shape) == 1
    states = lights.array("state", shape)
    found = []
    for lamp in range(shape[0]):
        for lane in np.unique(lanes[lamp][valid[lamp]]):
            seen = valid[lamp] & (lanes[lamp] == lane)
            budget.spend(4 * num_steps, "log_traffic_light")
            found.append(
                {
                    "lane_id": int(lane),
                    "states": [
                        light_of_code(int(states[lamp, step]), "log_traffic_light.state")
                        if seen[step]
                        else None
                        for step in range(num_steps)
                    ],
                    "stop_point": np.stack(
                        [lights.array(axis, shape)[lamp] for axis in "xyz"], axis=1
                    ).astype(np.float64),
                }
            )
    return found
