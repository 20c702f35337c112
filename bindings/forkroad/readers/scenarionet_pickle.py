"""ScenarioNet / MetaDrive scenario pickles, version 0.3 to 0.4.

Fields as in the files of WOMD and nuScenes that those converters wrote; see docs/data.md for what
differs between versions. Coordinates stay in the source's frame.
"""

from __future__ import annotations

import numpy as np

from forkroad._core import build_scene
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
from forkroad.readers.scenarionet_map import read_features
from forkroad.readers.scenarionet_signals import read_signals

_KINDS = {"VEHICLE": "vehicle", "PEDESTRIAN": "pedestrian", "CYCLIST": "cyclist", "UNSET": "unset"}

_DEFAULT_DT = 0.1  # [s], of every converter

# nuScenes gives the ego's pose at the middle of the rear axle, on the ground; its car is a Renault
# Zoe of 4.084 x 1.730 x 1.562 m, estimated to have its centre so far ahead of that [m]
_ZOE_AXLE_TO_CENTER = 1.385


def is_scenario(content: object) -> bool:
    """Whether a pickle's value looks like a ScenarioNet scenario."""
    return type(content) is dict and {"tracks", "map_features", "metadata"} <= content.keys()


def read_scenario(content: dict, file: str):
    """The scene of a decoded pickle. Raises ReadError or SceneFault."""
    budget = NumberBudget()
    metadata = as_dict(entry(content, "metadata", "scenario"), "metadata")
    tracks = as_dict(entry(content, "tracks", "scenario"), "tracks")
    num_steps = as_integer(entry(content, "length", "scenario"), "scenario.length")
    assumptions: list[str] = []
    numbers = IdNumbers(tracks, "tracks")
    features, lanes = read_features(content["map_features"], metadata, budget, assumptions)
    dicts = [_read_track(name, track, num_steps, numbers, budget) for name, track in tracks.items()]
    ego = _find_ego(tracks, metadata, assumptions)
    if optional(metadata, "dataset", "metadata") == "nuscenes" and ego is not None:
        _place_nuscenes_ego(dicts[ego], assumptions)
    signals = read_signals(
        optional(content, "dynamic_map_states", "scenario"), num_steps, lanes, budget, assumptions
    )
    assumptions += numbers.assumption()
    return build_scene(
        id=_scene_id(content, metadata),
        tracks=dicts,
        ego=ego,
        features=features,
        signals=signals,
        current_step=_current_step(metadata, assumptions),
        objects_of_interest=_objects_of_interest(metadata, numbers),
        tracks_to_predict=_tracks_to_predict(metadata, tracks),
        format="scenarionet",
        file=file,
        byte_offset=0,
        assumptions=assumptions,
        **_clock(metadata, num_steps, budget, assumptions),
    )


def _scene_id(content: dict, metadata: dict) -> str:
    name = optional(content, "id", "scenario") or optional(metadata, "scenario_id", "metadata")
    if name is None:
        raise ReadError("missing_field", "scenario.id and metadata.scenario_id are absent")
    return as_text(name, "scenario.id")


def _clock(metadata, num_steps: int, budget: NumberBudget, assumptions: list[str]) -> dict:
    times = optional(metadata, "ts", "metadata")
    if times is not None:
        return {"timestamps": budget.column(times, "metadata.ts", num_steps)}
    assumptions.append(f"metadata.ts is absent: dt is taken as {_DEFAULT_DT} s")
    budget.spend(max(num_steps, 0), "scenario.length")
    return {"timestamps": np.arange(num_steps) * _DEFAULT_DT, "dt": _DEFAULT_DT}


def _current_step(metadata: dict, assumptions: list[str]) -> int:
    step = optional(metadata, "current_time_index", "metadata")
    if step is None:
        assumptions.append("current_time_index is absent: taken as 0")
        return 0
    return as_integer(step, "metadata.current_time_index")


def _find_ego(tracks: dict, metadata: dict, assumptions: list[str]) -> int | None:
    name = optional(metadata, "sdc_id", "metadata")
    if name is None:
        assumptions.append("metadata.sdc_id is absent: the log has no ego")
        return None
    if type(name) is int:
        name = str(name)
    if type(name) is not str or name not in tracks:
        raise ReadError("inconsistent", f"metadata.sdc_id is {shown(name)}, expected a track's id")
    return list(tracks).index(name)


def _read_track(name, track, num_steps: int, numbers: IdNumbers, budget: NumberBudget) -> dict:
    where = f"tracks[{shown(name)}]"
    kind = as_text(entry(track, "type", where), f"{where}.type")
    state = entry(track, "state", where)
    at = f"{where}.state"
    velocities = budget.rows(entry(state, "velocity", at), f"{at}.velocity", (2, 3), num_steps)
    return {
        "id": numbers.of(name),
        "kind": _KINDS.get(kind, "other"),
        "raw_type": kind,
        "positions": budget.rows(entry(state, "position", at), f"{at}.position", (2, 3), num_steps),
        "headings": budget.column(entry(state, "heading", at), f"{at}.heading", num_steps),
        "velocities": velocities[:, :2],
        "sizes": _sizes(state, at, num_steps, budget),
        "valid": budget.column(entry(state, "valid", at), f"{at}.valid", num_steps),
    }


def _sizes(state, where: str, num_steps: int, budget: NumberBudget) -> np.ndarray:
    """[T, 3], from one array in early files, from three columns in later ones."""
    together = optional(state, "size", where)
    if together is not None:
        return budget.rows(together, f"{where}.size", (3,), num_steps)
    columns = [
        budget.column(entry(state, side, where), f"{where}.{side}", num_steps)
        for side in ("length", "width", "height")
    ]
    return np.stack(columns, axis=1)


def _place_nuscenes_ego(ego: dict, assumptions: list[str]) -> None:
    """Undo what the nuScenes converter does to the ego only."""
    sizes = ego["sizes"]
    seen = ego["valid"] == 1
    if np.any(sizes[seen, 0] < sizes[seen, 1]):
        ego["sizes"] = sizes[:, [1, 0, 2]]
        assumptions.append("the ego's length and width are swapped in the file: read the other way")
    positions = np.zeros((len(seen), 3))
    positions[:, : ego["positions"].shape[1]] = ego["positions"]
    headings = ego["headings"]
    ahead = np.stack([np.cos(headings), np.sin(headings)], axis=1)
    positions[:, :2] += _ZOE_AXLE_TO_CENTER * ahead
    positions[:, 2] += ego["sizes"][:, 2] / 2
    ego["positions"] = positions
    assumptions.append(
        "the ego's positions are those of its rear axle on the ground: moved "
        f"{_ZOE_AXLE_TO_CENTER} m forward and half its height up, to the middle of its box"
    )


def _objects_of_interest(metadata: dict, numbers: IdNumbers) -> list[int]:
    named = as_list(
        optional(metadata, "objects_of_interest", "metadata"), "metadata.objects_of_interest"
    )
    return [numbers.of(name) for name in named if name in numbers]


def _tracks_to_predict(metadata: dict, tracks: dict) -> list[int]:
    """Indices of the named tracks; the file's own indices refer to another order."""
    named = optional(metadata, "tracks_to_predict", "metadata")
    places = {name: index for index, name in enumerate(tracks)}
    if type(named) is dict:
        named = list(named)
    found = []
    for name in as_list(named, "metadata.tracks_to_predict"):
        if type(name) not in (str, int) or str(name) not in places:
            raise ReadError(
                "inconsistent",
                f"metadata.tracks_to_predict names {shown(name)}, expected a track's id",
            )
        found.append(places[str(name)])
    return found
