"""How good a logged scene is: do headings, lanes, speeds and clock agree with the motion.

Motion is sampled at every 7th step from step 0: the displacement of a vehicle over the 5 steps that
follow, where both ends are observed, divided by its time. Samples above 4 m/s are fast; headings,
lanes and stored speeds are judged by fast samples only, because slow ones are mostly noise.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from forkroad._core import Scene

SAMPLE_STRIDE = 7  # [steps]
SAMPLE_WINDOW = 5  # [steps]
FAST = 4.0  # [m/s]
MIN_STORED_SPEED = 1.0  # [m/s] below it a ratio of speeds means nothing
LANE_SPACING = 1.0  # [m] between the lane points that distances are taken to

# flags
SHORT = 40  # [steps]
HEADING_NOISE = 0.2  # [rad]
SPARSE_MAP = 1.5  # [m]


@dataclass(frozen=True)
class SceneQuality:
    """Counts and figures of one scene; a figure is None where there is nothing to measure."""

    scenario_id: str
    dt: float  # [s]
    T: int  # steps
    seconds: float
    objects: int
    vehicles: int
    pedestrians: int
    cyclists: int
    other: int
    lanes: int
    road_edges: int
    road_lines: int
    crosswalks: int
    stop_signs: int
    lane_links: int  # exits of lanes
    tl_lanes_known: int  # lanes whose light is known at some step
    sdc_index: int  # the ego's track, -1: none
    heading_err: float | None  # [rad] median |motion direction - heading| of fast samples
    lane_dist: float | None  # [m] median distance of fast samples to the nearest lane centre
    speed_ratio: float | None  # median displacement speed / stored speed of fast samples
    max_speed: float | None  # [m/s] largest displacement speed
    flags: str  # short, no_fast_vehicle, heading_noise, sparse_map, separated by spaces

    def to_dict(self) -> dict:
        """Ready for JSON."""
        return asdict(self)


# lines that a reader made of lane bounds: the source does not list them among its lines
_MADE_LINES = ("left_bound", "right_bound")


def measure_quality(scene: Scene) -> SceneQuality:
    """Measure one scene."""
    kinds = np.array(scene.kinds, dtype=object)
    features = [feature.kind for feature in scene.features]
    motion = _measure_motion(scene, kinds == "vehicle")
    counts = {
        "vehicles": int((kinds == "vehicle").sum()),
        "pedestrians": int((kinds == "pedestrian").sum()),
        "cyclists": int((kinds == "cyclist").sum()),
    }
    return SceneQuality(
        scenario_id=scene.id,
        dt=scene.dt,
        T=scene.num_steps,
        seconds=(scene.num_steps - 1) * scene.dt,
        objects=len(kinds),
        **counts,
        other=len(kinds) - sum(counts.values()),
        lanes=features.count("lane"),
        road_edges=features.count("road_edge"),
        road_lines=sum(
            feature.kind == "road_line" and feature.raw_type not in _MADE_LINES
            for feature in scene.features
        ),
        crosswalks=features.count("crosswalk"),
        stop_signs=features.count("stop_sign"),
        lane_links=sum(len(feature.exit_lanes) for feature in scene.features),
        tl_lanes_known=len(
            {
                signal.lane_id
                for step in scene.signals
                for signal in step
                if signal.state != "unknown"
            }
        ),
        sdc_index=scene.ego,
        **motion,
        flags=" ".join(_find_flags(scene.num_steps, motion)),
    )


def _measure_motion(scene: Scene, vehicle: np.ndarray) -> dict[str, float | None]:
    start = np.arange(0, max(scene.num_steps - SAMPLE_WINDOW, 0), SAMPLE_STRIDE)
    # [N, samples]
    both = scene.valid[:, start] & scene.valid[:, start + SAMPLE_WINDOW] & vehicle[:, None]
    positions = scene.positions[:, :, :2].astype(np.float64)
    moved = positions[:, start + SAMPLE_WINDOW] - positions[:, start]
    speed = np.linalg.norm(moved, axis=-1) / (SAMPLE_WINDOW * scene.dt)
    fast = both & (speed > FAST)
    direction = np.arctan2(moved[..., 1], moved[..., 0])
    error = np.abs(_wrap(direction - scene.headings[:, start].astype(np.float64)))
    stored = np.linalg.norm(scene.velocities[:, start].astype(np.float64), axis=-1)
    comparable = fast & (stored > MIN_STORED_SPEED)
    return {
        "heading_err": _median(error[fast]),
        "lane_dist": _median(_lane_distances(scene, positions[:, start][fast])),
        "speed_ratio": _median(speed[comparable] / stored[comparable]),
        "max_speed": float(speed[both].max()) if both.any() else None,
    }


def _wrap(angle: np.ndarray) -> np.ndarray:
    return (angle + np.pi) % (2 * np.pi) - np.pi


def _median(values: np.ndarray) -> float | None:
    return float(np.median(values)) if len(values) else None


def _lane_distances(scene: Scene, points: np.ndarray) -> np.ndarray:
    """Distances [m] of points [N, 2] to the nearest lane point; nothing if there are no lanes."""
    lanes = [
        _resample(feature.points[:, :2].astype(np.float64))
        for feature in scene.features
        if feature.kind == "lane"
    ]
    if not lanes or not len(points):
        return np.empty(0)
    centres = np.concatenate(lanes)
    nearest = [((centres - point) ** 2).sum(axis=1).min() for point in points]
    return np.sqrt(nearest)


def _resample(line: np.ndarray) -> np.ndarray:
    """Points of a polyline [N, 2], evenly spaced by at least LANE_SPACING, both ends included."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    count = max(2, int(along[-1] / LANE_SPACING) + 1)
    at = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(at, along, line[:, axis]) for axis in (0, 1)], axis=1)


def _find_flags(num_steps: int, motion: dict[str, float | None]) -> list[str]:
    flags = []
    if num_steps < SHORT:
        flags.append("short")
    if motion["heading_err"] is None:
        flags.append("no_fast_vehicle")
    elif motion["heading_err"] > HEADING_NOISE:
        flags.append("heading_noise")
    if motion["lane_dist"] is not None and motion["lane_dist"] > SPARSE_MAP:
        flags.append("sparse_map")
    return flags


# name, width, format of the columns of the table
_COLUMNS = (
    ("scenario_id", 24, "<24"),
    ("T", 5, ">5d"),
    ("dt", 7, ">7.3g"),
    ("objects", 8, ">8d"),
    ("lanes", 6, ">6d"),
    ("tl_lanes_known", 15, ">15d"),
    ("heading_err", 12, ">12.3f"),
    ("lane_dist", 10, ">10.3f"),
    ("speed_ratio", 12, ">12.3f"),
    ("max_speed", 10, ">10.1f"),
    ("flags", 0, ""),
)


def format_header() -> str:
    """The first line of the table."""
    return _join(
        f"{name:{'<' if name in ('scenario_id', 'flags') else '>'}{width or 1}}"
        for name, width, _ in _COLUMNS
    )


def format_row(quality: SceneQuality) -> str:
    """A line of the table; '-' where there is nothing to measure."""
    cells = []
    for name, width, layout in _COLUMNS:
        value = getattr(quality, name)
        if value is None:
            cells.append("-".rjust(width))
        else:
            cells.append(format(value[:width] if name == "scenario_id" else value, layout))
    return _join(cells)


def _join(cells) -> str:
    return " ".join(cells).rstrip()
