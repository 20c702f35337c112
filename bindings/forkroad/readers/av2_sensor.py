"""Argoverse 2 sensor logs: annotations in the ego's frame, the ego's poses in the city's, a map.

Steps are the times of the annotations (10 Hz); poses are recorded at about 180 Hz.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from forkroad._core import build_scene
from forkroad.readers import av2_ego
from forkroad.readers.arrow_tables import read_feather
from forkroad.readers.av2_map import find_map, read_map
from forkroad.readers.id_numbers import IdNumbers
from forkroad.readers.read_error import ReadError, shown

POSES = "city_SE3_egovehicle.feather"
_ROTATION = ("qw", "qx", "qy", "qz")
_PLACE = ("tx_m", "ty_m", "tz_m")
_POSE_COLUMNS = {"timestamp_ns": "iu"} | dict.fromkeys((*_ROTATION, *_PLACE), "f")
_SIZES = ("length_m", "width_m", "height_m")
_COLUMNS = _POSE_COLUMNS | dict.fromkeys(_SIZES, "f") | {"track_uuid": "text", "category": "text"}
_MAX_STEPS = 100_000

_EGO = "EGO_VEHICLE"
_KINDS = (
    dict.fromkeys(
        (
            "REGULAR_VEHICLE",
            "LARGE_VEHICLE",
            "BUS",
            "SCHOOL_BUS",
            "ARTICULATED_BUS",
            "BOX_TRUCK",
            "TRUCK",
            "TRUCK_CAB",
            "VEHICULAR_TRAILER",
            "RAILED_VEHICLE",
        ),
        "vehicle",
    )
    | dict.fromkeys(("PEDESTRIAN", "STROLLER", "WHEELCHAIR", "OFFICIAL_SIGNALER"), "pedestrian")
    | dict.fromkeys(("BICYCLIST", "MOTORCYCLIST", "WHEELED_RIDER"), "cyclist")
)


def find_annotations(folder: Path) -> Path | None:
    """The annotations of a log's folder, None: it has none."""
    found = sorted(folder.glob("annotations*.feather"))
    return found[0] if found else None


def read_sensor_log(folder: Path, file: str):
    """The scene of a log's folder. Raises ReadError, SceneFault or OSError."""
    annotations = find_annotations(folder)
    if annotations is None:
        raise ReadError("missing_field", f"no annotations*.feather in {folder}, expected one")
    rows = read_feather(annotations, _COLUMNS)
    poses = read_feather(folder / POSES, _POSE_COLUMNS)
    times = np.unique(rows["timestamp_ns"])
    if len(times) > _MAX_STEPS:
        raise ReadError("too_large", f"{annotations.name} has {len(times)} times")
    assumptions = [av2_ego.ASSUMPTION, "the log has no current step: taken as 0"]
    rotations, places = _poses_at(times, poses, assumptions)
    names = [name for name in rows["track_uuid"].words if name not in _ego_names(rows)]
    numbers = IdNumbers([_EGO, *names], "tracks")
    tracks = [_ego_track(rotations, places, times, numbers)]
    tracks += _read_tracks(rows, times, rotations, places, numbers, annotations)
    assumptions.append("the format has no velocities: they are differences of positions")
    assumptions += numbers.assumption()
    return build_scene(
        id=folder.resolve().name or "log",
        tracks=tracks,
        timestamps=times * 1e-9,
        ego=0,
        features=read_map(find_map(folder / "map"), assumptions),
        format="av2_sensor",
        file=file,
        assumptions=assumptions,
    )


def _ego_names(rows: dict) -> set[str]:
    """Some logs annotate the ego too, at the place of its axle: the poses are used instead."""
    words = rows["category"].words
    if _EGO not in words:
        return set()
    mine = np.asarray(rows["category"]) == words.index(_EGO)
    return {
        rows["track_uuid"].words[code] for code in np.unique(np.asarray(rows["track_uuid"])[mine])
    }


def _rotation_matrices(quaternions: np.ndarray, where: str) -> np.ndarray:
    """[N, 3, 3] of [N, 4] quaternions w, x, y, z, which need not be of length 1 to the last bit."""
    lengths = np.linalg.norm(quaternions, axis=1)
    if not np.all(np.abs(lengths - 1) < 0.01):
        row = int(np.argmax(~(np.abs(lengths - 1) < 0.01)))
        raise ReadError(
            "value_out_of_range",
            f"{where}, row {row}: the quaternion has length {lengths[row]:g}, expected 1",
        )
    w, x, y, z = (quaternions / lengths[:, None]).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), 2, 0)


def _headings(rotations: np.ndarray) -> np.ndarray:
    """[N] [rad], where x points to in the plane."""
    return np.arctan2(rotations[:, 1, 0], rotations[:, 0, 0])


def _columns(rows: dict, names: tuple[str, ...]) -> np.ndarray:
    return np.stack([rows[name].astype(np.float64) for name in names], axis=1)


def _poses_at(times: np.ndarray, poses: dict, assumptions: list[str]):
    """[T, 3, 3] rotations and [T, 3] places of the ego in the city, at the annotations' times."""
    order = np.argsort(poses["timestamp_ns"], kind="stable")
    known = poses["timestamp_ns"][order]
    if times[0] < known[0] or times[-1] > known[-1]:
        raise ReadError(
            "inconsistent",
            f"the annotations' times {times[0]} to {times[-1]} ns lie outside the poses' "
            f"{known[0]} to {known[-1]} ns",
        )
    quaternions, places = _columns(poses, _ROTATION)[order], _columns(poses, _PLACE)[order]
    after = np.searchsorted(known, times)
    before = np.where(known[after] == times, after, after - 1)
    span = np.maximum(known[after] - known[before], 1)
    share = ((times - known[before]) / span)[:, None]
    if share.any():
        assumptions.append(
            f"{np.count_nonzero(share)} steps lie between two poses of the ego: interpolated"
        )
    # q and -q are one rotation: take the nearer
    one, two = quaternions[before], quaternions[after]
    two = np.where(np.sum(one * two, axis=1, keepdims=True) < 0, -two, two)
    rotations = _rotation_matrices(one * (1 - share) + two * share, POSES)
    return rotations, places[before] * (1 - share) + places[after] * share


def _velocities(positions: np.ndarray, times: np.ndarray) -> np.ndarray:
    """[N, 2] [m/s] of [N, 3] positions at [N] times [ns]; 0 of a single one."""
    if len(positions) < 2:
        return np.zeros((len(positions), 2))
    return np.gradient(positions[:, :2], (times - times[0]) * 1e-9, axis=0)


def _ego_track(rotations, places, times: np.ndarray, numbers: IdNumbers) -> dict:
    positions = places + rotations @ np.array(av2_ego.AXLE_TO_CENTER)
    return {
        "id": numbers.of(_EGO),
        "kind": "vehicle",
        "raw_type": _EGO,
        "positions": positions,
        "headings": _headings(rotations),
        "velocities": _velocities(positions, times),
        "sizes": av2_ego.SIZE,
    }


def _read_tracks(rows, times, rotations, places, numbers: IdNumbers, path: Path) -> list[dict]:
    steps = np.searchsorted(times, rows["timestamp_ns"])
    own = _rotation_matrices(_columns(rows, _ROTATION), path.name)
    turned = rotations[steps]
    centers = places[steps] + np.einsum("nij,nj->ni", turned, _columns(rows, _PLACE))
    headings = _headings(turned @ own)
    sizes = _columns(rows, _SIZES)
    owners = np.asarray(rows["track_uuid"])
    ego = _ego_names(rows)
    # rows of one track together, in the order of time
    order = np.lexsort((steps, owners))
    ends = np.flatnonzero(np.diff(owners[order])) + 1
    tracks = []
    for mine in np.split(order, ends):
        name = rows["track_uuid"].words[owners[mine[0]]]
        if name in ego:
            continue
        at = steps[mine]
        if np.any(np.diff(at) == 0):
            raise ReadError(
                "duplicate_id", f"{path.name}: track {shown(name)} has two boxes at one time"
            )
        if len(tracks) * len(times) > 1 << 24:
            raise ReadError("too_large", f"{path.name}: too many tracks of {len(times)} steps")
        track = {
            "positions": np.zeros((len(times), 3)),
            "headings": np.zeros(len(times)),
            "velocities": np.zeros((len(times), 2)),
            "sizes": np.zeros((len(times), 3)),
            "valid": np.zeros(len(times), bool),
        }
        track["positions"][at] = centers[mine]
        track["headings"][at] = headings[mine]
        track["velocities"][at] = _velocities(centers[mine], times[at])
        track["sizes"][at] = sizes[mine]
        track["valid"][at] = True
        word = _category(rows, mine, name, path)
        tracks.append(
            {"id": numbers.of(name), "kind": _KINDS.get(word, "other"), "raw_type": word} | track
        )
    return tracks


def _category(rows: dict, mine: np.ndarray, name: str, path: Path) -> str:
    codes = np.unique(np.asarray(rows["category"])[mine])
    if len(codes) != 1:
        raise ReadError("inconsistent", f"{path.name}: track {shown(name)} has several categories")
    return rows["category"].words[codes[0]]
