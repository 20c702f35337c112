"""Argoverse 2 motion forecasting scenarios: scenario_*.parquet beside its map.

Columns as in the dataset's own files; 110 steps of 0.1 s, the first 50 observed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from forkroad._core import build_scene
from forkroad.readers import av2_ego
from forkroad.readers.arrow_tables import read_parquet
from forkroad.readers.av2_map import find_map, read_map
from forkroad.readers.id_numbers import IdNumbers
from forkroad.readers.read_error import ReadError, shown

_COLUMNS = {
    "observed": "b",
    "track_id": "text",
    "object_type": "text",
    "object_category": "iu",
    "timestep": "iu",
    "position_x": "f",
    "position_y": "f",
    "heading": "f",
    "velocity_x": "f",
    "velocity_y": "f",
    "scenario_id": "text",
    "start_timestamp": "iuf",
    "end_timestamp": "iuf",
    "num_timestamps": "iu",
}
_MAX_STEPS = 100_000
_EGO = "AV"
_SCORED = 2  # object_category: 2 scored, 3 the focal track

# The format has no sizes: kind and assumed length, width, height [m] of each type.
_TYPES = {
    "vehicle": ("vehicle", (4.7, 2.0, 1.7)),
    "bus": ("vehicle", (12.0, 2.9, 3.2)),
    "pedestrian": ("pedestrian", (0.7, 0.7, 1.75)),
    "cyclist": ("cyclist", (1.9, 0.7, 1.7)),
    "motorcyclist": ("cyclist", (2.2, 0.8, 1.7)),
    "riderless_bicycle": ("other", (1.8, 0.6, 1.1)),
}
_OTHER = ("other", (1.0, 1.0, 1.0))


def read_forecasting(parquet: Path, file: str):
    """The scene of a scenario's Parquet file. Raises ReadError, SceneFault or OSError."""
    rows = read_parquet(parquet, _COLUMNS)
    for name in ("scenario_id", "num_timestamps", "start_timestamp", "end_timestamp"):
        if len(np.unique(rows[name])) != 1:
            raise ReadError("inconsistent", f"{parquet.name}: {name} differs between rows")
    num_steps = _count_steps(rows, parquet)
    names = rows["track_id"].words
    numbers = IdNumbers(names, "tracks")
    assumptions: list[str] = []
    tracks = _read_tracks(rows, num_steps, numbers, parquet)
    ego = names.index(_EGO) if _EGO in names else None
    if ego is None:
        assumptions.append(f"no track is named {_EGO}: the log has no ego")
    else:
        _place_ego(tracks[ego], assumptions)
    assumptions.append(
        "the format has no sizes: "
        + ", ".join(
            f"{word} {' x '.join(f'{side:g}' for side in _TYPES.get(word, _OTHER)[1])} m"
            for word in sorted(rows["object_type"].words)
        )
    )
    assumptions.append(
        "tracks and lane centres have no height: z is 0; lines and areas keep theirs"
    )
    assumptions += numbers.assumption()
    features = read_map(find_map(parquet.parent), assumptions)
    observed = rows["timestep"][rows["observed"]]
    return build_scene(
        id=rows["scenario_id"].words[0],
        tracks=tracks,
        timestamps=_timestamps(rows, num_steps),
        ego=ego,
        current_step=int(observed.max()) if len(observed) else 0,
        features=features,
        tracks_to_predict=_tracks_to_predict(rows),
        format="av2_motion_forecasting",
        file=file,
        assumptions=assumptions,
    )


def _count_steps(rows: dict, parquet: Path) -> int:
    count = int(rows["num_timestamps"][0])
    steps = rows["timestep"]
    if not 0 < count <= _MAX_STEPS or steps.min() < 0 or steps.max() >= count:
        raise ReadError(
            "value_out_of_range",
            f"{parquet.name}: timesteps {int(steps.min())} to {int(steps.max())}, num_timestamps "
            f"{count}, expected 0 to num_timestamps - 1 and at most {_MAX_STEPS}",
        )
    return count


def _timestamps(rows: dict, num_steps: int) -> np.ndarray:
    start, end = (float(rows[f"{end}_timestamp"][0]) * 1e-9 for end in ("start", "end"))
    if num_steps == 1:
        return np.array([start])
    return start + np.arange(num_steps) * ((end - start) / (num_steps - 1))


def _read_tracks(rows: dict, num_steps: int, numbers: IdNumbers, parquet: Path) -> list[dict]:
    count = len(rows["track_id"].words)
    if count * num_steps > 1 << 24:
        raise ReadError("too_large", f"{parquet.name}: {count} tracks of {num_steps} steps")
    at = (np.asarray(rows["track_id"]), rows["timestep"])
    seen = np.zeros((count, num_steps), np.int64)
    np.add.at(seen, at, 1)
    if seen.max() > 1:
        track, step = np.argwhere(seen > 1)[0]
        name = rows["track_id"].words[track]
        raise ReadError(
            "duplicate_id", f"{parquet.name}: track {shown(name)} has two rows for step {step}"
        )

    def column(name: str) -> np.ndarray:
        values = np.zeros((count, num_steps))
        values[at] = rows[name]
        return values

    x, y, headings = column("position_x"), column("position_y"), column("heading")
    velocities = np.stack([column("velocity_x"), column("velocity_y")], axis=2)
    tracks = []
    for index, name in enumerate(rows["track_id"].words):
        word = _type_of(rows, index, name, parquet)
        kind, size = _TYPES.get(word, _OTHER)
        tracks.append(
            {
                "id": numbers.of(name),
                "kind": kind,
                "raw_type": word,
                "positions": np.stack([x[index], y[index]], axis=1),
                "headings": headings[index],
                "velocities": velocities[index],
                "sizes": size,
                "valid": seen[index],
            }
        )
    return tracks


def _type_of(rows: dict, index: int, name: str, parquet: Path) -> str:
    types = np.unique(np.asarray(rows["object_type"])[np.asarray(rows["track_id"]) == index])
    if len(types) != 1:
        raise ReadError("inconsistent", f"{parquet.name}: track {shown(name)} has several types")
    return rows["object_type"].words[types[0]]


def _place_ego(track: dict, assumptions: list[str]) -> None:
    track["sizes"] = av2_ego.SIZE
    track["positions"] = av2_ego.centers_of_axles(track["positions"], track["headings"])
    assumptions.append(av2_ego.ASSUMPTION)


def _tracks_to_predict(rows: dict) -> np.ndarray:
    return np.unique(np.asarray(rows["track_id"])[rows["object_category"] >= _SCORED])
