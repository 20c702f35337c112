"""Reader of NAVSIM scene files: inputs, expected outputs, margins, tolerances, scene by scene."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np

from forkroad.navsim.layout import (
    EXPECTED,
    MARGINS,
    MARGINS_REQUIRED,
    OPTIONAL,
    REQUIRED,
    LayoutError,
    check_array,
    check_offsets,
    read_arrays,
)

NUM_FRAMES = {"v1.1": 51, "v2": 41}
NUM_POLYGON_TYPES = 5
DEFAULT_TOLERANCES = {
    "plan": 2e-8,
    "sim_pose": 1e-8,
    "sim_other": 1e-7,
    "progress_raw": 1e-8,
    "ep": 1e-9,
    "score": 1e-9,
    "ec_rms": 1e-8,
}


@dataclasses.dataclass
class PreviousFrame:
    """The frame before, for two-frame extended comfort."""

    ego_state: np.ndarray
    """`[11]`"""
    time_us: int
    gap_steps: int
    """Steps of 0.1 s between the frames."""
    plans: np.ndarray
    """World poses `[J,41,3]`."""


@dataclasses.dataclass
class NavsimScene:
    """One scene: what the scorer needs, the plans, and what the reference said about them.

    World frame, SI units, radians. State columns (11): x, y, heading, vx, vy, ax, ay, steer,
    steer_rate, yaw_rate, yaw_accel of the rear axle, velocities and accelerations in the body
    frame."""

    name: str
    ego_state: np.ndarray
    """`[11]`"""
    ego_time_us: int
    centerline: np.ndarray
    """`[C,2]`"""
    polygon_xy: np.ndarray
    """Vertices of all rings `[V,2]`, the first not repeated."""
    polygon_offset: np.ndarray
    """`[P+1]`"""
    polygon_type: np.ndarray
    """`[P]` 0 ROADBLOCK, 1 LANE, 2 LANE_CONNECTOR, 3 INTERSECTION, 4 CARPARK_AREA."""
    polygon_on_route: np.ndarray
    """`[P]`"""
    track_state: np.ndarray
    """`[A,F,5]` x, y, heading, vx, vy every 0.1 s, zeros where invalid."""
    track_valid: np.ndarray
    """`[A,F]`"""
    track_size: np.ndarray
    """`[A,2]` length, width."""
    track_type: np.ndarray
    """`[A]` 0 vehicle, 1 pedestrian, 2 bicycle, 3 and more static."""
    history_state: np.ndarray | None = None
    """`[4,11]`, None if scored without history."""
    history_time_us: np.ndarray | None = None
    """`[4]`"""
    track_removed: np.ndarray | None = None
    """`[A]` tracks that touch the ego at the start (v2)."""
    red_polygon: np.ndarray | None = None
    """`[R]` polygon index (v2)."""
    red_on: np.ndarray | None = None
    """`[R,41]` (v2)."""
    polygon_token: list[str] = dataclasses.field(default_factory=list)
    track_token: list[str] = dataclasses.field(default_factory=list)
    plans: np.ndarray | None = None
    """World poses `[N,41,3]`."""
    plan_local: list[np.ndarray] | None = None
    """Model output in the ego frame, N arrays `[P,3]`."""
    plan_interval: np.ndarray | None = None
    """`[N]` seconds between the poses of `plan_local`."""
    reference_plan: np.ndarray | None = None
    """`[41,3]` the proposal that normalises EP."""
    human_local: np.ndarray | None = None
    """`[B,3]` the logged human's poses in the ego frame, every 0.5 s."""
    human_plan: np.ndarray | None = None
    """`[41,3]`"""
    previous: PreviousFrame | None = None
    ec_pair: np.ndarray | None = None
    """`[N]` plan of the previous frame that counts, -1 = none."""
    expected: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    """Stored outputs by array name, the scene axis removed."""
    margins: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    """Arrays of the margins file, the scene axis removed; `margin` `[N,T]` by term order."""

    def pdm_arguments(self) -> dict:
        """Keyword arguments of `forkroad._core.PdmScene`."""
        names = (
            "name ego_state ego_time_us history_state history_time_us centerline polygon_xy "
            "polygon_offset polygon_type polygon_on_route track_state track_valid track_size "
            "track_type track_removed red_polygon red_on"
        )
        return {name: getattr(self, name) for name in names.split()}


@dataclasses.dataclass
class NavsimFile:
    """A scene file."""

    path: Path
    version: str
    """`v1.1` or `v2`."""
    scenes: list[NavsimScene]
    margin_terms: list[str]
    """Names along the last axis of `margin`; empty without a margins file."""
    tolerances: dict[str, float]
    """Absolute tolerances for double precision by quantity."""


def margins_beside(path: Path) -> Path | None:
    """The margins file that belongs to a scene file, None if there is none."""
    stem = path.stem
    names = [f"margins_{stem.removeprefix('navsim_')}", f"margins_{stem}", f"{stem}_margins"]
    for name in names:
        candidate = path.with_name(f"{name}.npz")
        if candidate.is_file():
            return candidate
    return None


def read_navsim(path: str | os.PathLike, margins: str | os.PathLike | None = None) -> NavsimFile:
    """Read a scene file (.npz or .safetensors) and the margins file beside it, if any.

    Every array of the layout is checked; a `LayoutError` names file, array, what was got and what
    was expected. Unknown arrays are ignored."""
    path = Path(path)
    specs = {**REQUIRED, **OPTIONAL, **EXPECTED}
    strings = {name for name, (word, _) in specs.items() if word == "S"}
    arrays = read_arrays(path, strings)
    for name in REQUIRED:
        if name not in arrays:
            raise LayoutError(path, name, "no such array", _words(REQUIRED[name]))
    sizes: dict[str, int] = {}
    for name, spec in specs.items():
        if name in arrays:
            check_array(path, name, arrays[name], spec, sizes)
    check_offsets(path, arrays)
    version = _version(path, arrays)
    if arrays["track_state"].shape[1] != NUM_FRAMES[version]:
        got = f"{arrays['track_state'].shape[1]} frames"
        raise LayoutError(path, "track_state", got, f"{NUM_FRAMES[version]} for {version}")

    found = Path(margins) if margins is not None else margins_beside(path)
    extra = _read_margins(found, sizes) if found is not None else {}
    scenes = [_scene(path, arrays, extra, scene) for scene in range(sizes["S"])]
    tolerances = dict(DEFAULT_TOLERANCES)
    if "tolerance_name" in extra:
        tolerances |= dict(zip(_text(extra["tolerance_name"]), extra["tolerance_abs"], strict=True))
    terms = _text(extra["term_name"]) if extra else []
    return NavsimFile(path, version, scenes, terms, tolerances)


def _words(spec) -> str:
    return f"dtype {spec[0]}, shape [{', '.join(spec[1].split())}]"


def _text(values: np.ndarray) -> list[str]:
    return [value.decode("utf-8", "replace") for value in values.tolist()]


def _version(path: Path, arrays: dict) -> str:
    """Scorer version by the meta entry, else by the number of frames."""
    if "meta_key" in arrays and "meta_value" in arrays:
        meta = dict(zip(_text(arrays["meta_key"]), _text(arrays["meta_value"]), strict=True))
        word = meta.get("version", "")
        if word:
            versions = {"v1": "v1.1", "v1.1": "v1.1", "v2": "v2"}
            if word not in versions:
                raise LayoutError(path, "meta_value", f"version {word!r}", "v1, v1.1 or v2")
            return versions[word]
    return "v1.1" if arrays["track_state"].shape[1] == NUM_FRAMES["v1.1"] else "v2"


def _read_margins(path: Path, sizes: dict[str, int]) -> dict[str, np.ndarray]:
    arrays = read_arrays(path, {"term_name", "tolerance_name"})
    for name in MARGINS_REQUIRED:
        if name not in arrays:
            raise LayoutError(path, name, "no such array", _words(MARGINS[name]))
    for name, spec in MARGINS.items():
        if name in arrays:
            check_array(path, name, arrays[name], spec, sizes)
    return {name: arrays[name] for name in MARGINS if name in arrays}


def _scene(path: Path, arrays: dict, extra: dict, scene: int) -> NavsimScene:
    """Cut one scene out of the concatenated arrays."""

    def rows(offsets: str) -> slice:
        first, last = arrays[offsets][scene : scene + 2]
        return slice(int(first), int(last))

    polygons, tracks = rows("poly_offset"), rows("track_offset")
    vertex = arrays["poly_vertex_offset"][polygons.start : polygons.stop + 1]
    history = bool(arrays["has_history"][scene])
    names = _text(arrays["scene_name"][scene : scene + 1])
    out = NavsimScene(
        name=names[0],
        ego_state=arrays["ego_state"][scene],
        ego_time_us=int(arrays["ego_time_us"][scene]),
        centerline=arrays["centerline_xy"][rows("centerline_offset")],
        polygon_xy=arrays["poly_xy"][vertex[0] : vertex[-1]],
        polygon_offset=(vertex - vertex[0]).astype(np.int32),
        polygon_type=arrays["poly_type"][polygons],
        polygon_on_route=arrays["poly_on_route"][polygons],
        track_state=arrays["track_state"][tracks],
        track_valid=arrays["track_valid"][tracks],
        track_size=arrays["track_size"][tracks],
        track_type=arrays["track_type"][tracks],
        history_state=arrays["history_state"][scene] if history else None,
        history_time_us=arrays["history_time_us"][scene] if history else None,
    )
    if "track_removed" in arrays:
        out.track_removed = arrays["track_removed"][tracks]
    if {"red_offset", "red_poly", "red_on"} <= arrays.keys():
        out.red_polygon = arrays["red_poly"][rows("red_offset")]
        out.red_on = arrays["red_on"][rows("red_offset")]
    if "poly_token" in arrays:
        out.polygon_token = _text(arrays["poly_token"][polygons])
    if "track_token" in arrays:
        out.track_token = _text(arrays["track_token"][tracks])
    _check_scene(path, out)
    _add_plans(out, arrays, scene)
    out.expected = {
        name: arrays[name][scene]
        for name, (_, shape) in EXPECTED.items()
        if name in arrays and shape.split()[0] == "S"
    }
    out.margins = {
        name: extra[name][scene]
        for name, (_, shape) in MARGINS.items()
        if name in extra and shape.split()[0] == "S"
    }
    return out


def _add_plans(out: NavsimScene, arrays: dict, scene: int) -> None:
    """Plans, reference proposal, human trajectory and previous frame, as far as stored."""

    def own(name):
        return arrays[name][scene] if name in arrays else None

    out.plans, out.reference_plan = own("plan"), own("ref_plan")
    out.human_plan, out.human_local = own("human_plan"), own("human_local")
    out.plan_interval = own("plan_interval")
    out.ec_pair = own("ec_pair")
    if "plan_local" in arrays and out.plan_interval is not None:
        offsets, num_plans = arrays["plan_local_offset"], len(out.plan_interval)
        first = scene * num_plans
        out.plan_local = [
            arrays["plan_local"][offsets[item] : offsets[item + 1]]
            for item in range(first, first + num_plans)
        ]
    if {"prev_ego_state", "prev_time_us", "ec_gap_steps", "prev_plan"} <= arrays.keys():
        out.previous = PreviousFrame(
            arrays["prev_ego_state"][scene],
            int(arrays["prev_time_us"][scene]),
            int(arrays["ec_gap_steps"][scene]),
            arrays["prev_plan"][scene],
        )


def _check_scene(path: Path, scene: NavsimScene) -> None:
    """Values that the dtype does not restrict."""
    where = f"scene {scene.name}"
    if len(scene.centerline) < 2:
        got = f"{len(scene.centerline)} vertices in {where}"
        raise LayoutError(path, "centerline_offset", got, "2 or more")
    counts = np.diff(scene.polygon_offset)
    if (counts < 3).any():
        at = int(np.argmax(counts < 3))
        got = f"{counts[at]} vertices of polygon {at} in {where}"
        raise LayoutError(path, "poly_vertex_offset", got, "3 or more")
    if (scene.polygon_type >= NUM_POLYGON_TYPES).any():
        got = f"{scene.polygon_type.max()} in {where}"
        raise LayoutError(path, "poly_type", got, f"0 .. {NUM_POLYGON_TYPES - 1}")
    if (scene.track_size <= 0).any():
        got = f"{scene.track_size.min():g} m in {where}"
        raise LayoutError(path, "track_size", got, "a positive size")
    red, num_polygons = scene.red_polygon, len(scene.polygon_type)
    if red is not None and ((red < 0) | (red >= num_polygons)).any():
        raise LayoutError(path, "red_poly", f"{red} in {where}", f"0 .. {num_polygons - 1}")
