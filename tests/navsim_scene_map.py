"""Random roads for generated NAVSIM scenes: polygons of every type around a curved line (tests).

Everything is built in road coordinates (station, lateral offset to the left) [m] and mapped to a
local frame in which station 0 is the origin with heading 0.
"""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

FIRST_STATION, LAST_STATION, STATION_STEP = -60.0, 170.0, 0.25  # [m]
ROADBLOCK, LANE, LANE_CONNECTOR, INTERSECTION, CARPARK_AREA = range(5)
TOKEN_PREFIX = ("rb", "l", "lc", "in", "cp")


class Road:
    """A line with random piecewise constant curvature, integrated from station 0 both ways."""

    def __init__(self, rng: np.random.Generator):
        self.kind = rng.choice(["straight", "arc", "s_curve", "winding"])
        self.station = np.arange(FIRST_STATION, LAST_STATION, STATION_STEP)
        curvature = self._curvature(rng)
        zero = int(np.argmin(np.abs(self.station)))
        heading = np.cumsum(curvature) * STATION_STEP
        self.heading = heading - heading[zero]
        x = np.cumsum(np.cos(self.heading)) * STATION_STEP
        y = np.cumsum(np.sin(self.heading)) * STATION_STEP
        self.x, self.y = x - x[zero], y - y[zero]

    def _curvature(self, rng):
        if self.kind == "straight":
            return np.zeros(len(self.station))
        if self.kind == "arc":
            return np.full(len(self.station), rng.choice([-1, 1]) / rng.uniform(22, 150))
        if self.kind == "s_curve":
            return np.sin(self.station / rng.uniform(10, 30)) / rng.uniform(20, 80)
        knots = np.linspace(FIRST_STATION, LAST_STATION, 8)
        return np.interp(self.station, knots, rng.normal(0, 0.012, 8))

    def pose(self, station, lateral=0.0) -> np.ndarray:
        """Poses `[...,3]` (x, y, heading) at stations and lateral offsets, local frame."""
        heading = np.interp(station, self.station, self.heading)
        x = np.interp(station, self.station, self.x) - lateral * np.sin(heading)
        y = np.interp(station, self.station, self.y) + lateral * np.cos(heading)
        return np.stack(np.broadcast_arrays(x, y, heading), axis=-1)

    def strip(self, first, last, right, left, step) -> np.ndarray:
        """Ring `[V,2]` of the strip between two stations and two lateral offsets."""
        stations = np.linspace(first, last, 2 + int((last - first) / step))
        lower = self.pose(stations, right)[:, :2]
        upper = self.pose(stations[::-1], left)[:, :2]
        return np.vstack([lower, upper])


@dataclasses.dataclass
class RoadMap:
    """Polygons of one scene, local frame."""

    rings: list[np.ndarray] = dataclasses.field(default_factory=list)
    types: list[int] = dataclasses.field(default_factory=list)
    on_route: list[int] = dataclasses.field(default_factory=list)

    def add(self, rng, ring: np.ndarray, kind: int, on_route: bool = False) -> None:
        """Append a ring, in a random orientation and from a random first vertex."""
        if rng.random() < 0.5:
            ring = ring[::-1]
        self.rings.append(np.roll(ring, int(rng.integers(len(ring))), axis=0))
        self.types.append(kind)
        self.on_route.append(int(on_route))

    def tokens(self) -> list[str]:
        """Names of the polygons, by type and place."""
        return [f"{TOKEN_PREFIX[kind]}{place}" for place, kind in enumerate(self.types)]


def _star(rng, center, radius, count, spread) -> np.ndarray:
    """A star-shaped, usually not convex ring around a point."""
    angle = (np.arange(count) + rng.uniform(0.1, 0.9, count)) * 2 * np.pi / count
    reach = radius * rng.uniform(1 - spread, 1 + spread, count)
    return center + np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None]


def _add_block(rng, road, out, first, last, lanes, width, step, kind):
    """Lanes (or connectors) side by side; `lanes` holds (offset, on route)."""
    for offset, on_route in lanes:
        extra = rng.choice([0.0, 0.0, rng.uniform(0.05, 0.8)])
        half = width / 2 + extra
        out.add(rng, road.strip(first, last, offset - half, offset + half, step), kind, on_route)


def _add_junction(rng, road, out, first, last, lanes, width, step):
    """Connectors that overlap, an intersection polygon, and a crossing road."""
    _add_block(rng, road, out, first, last, lanes, width, step, LANE_CONNECTOR)
    middle, half = (first + last) / 2, (last - first) / 2
    pose = road.pose(middle)
    across = pose[2] + np.pi / 2 + rng.normal(0, 0.15)
    ahead = np.array([np.cos(across), np.sin(across)])
    side = np.array([-ahead[1], ahead[0]])
    for lateral in (-width / 2, width / 2):
        ends = [pose[:2] + lateral * side + reach * ahead for reach in (-45.0, -half, half, 45.0)]
        wide = side * width / 2
        for start, stop, kind in ((0, 1, LANE), (1, 2, LANE_CONNECTOR), (2, 3, LANE)):
            ring = [ends[start] - wide, ends[stop] - wide, ends[stop] + wide, ends[start] + wide]
            out.add(rng, np.array(ring), kind)
    for sign in (-1, 1):
        near, far = pose[:2] + sign * half * ahead, pose[:2] + sign * 45.0 * ahead
        ring = [near - side * width, far - side * width, far + side * width, near + side * width]
        out.add(rng, np.array(ring), ROADBLOCK)
    # a turn: from the approach to the crossing road
    turn = np.linspace(0, 1, 9)[:, None]
    start, stop = road.pose(first)[:2], pose[:2] + half * rng.choice([-1, 1]) * ahead
    line = (1 - turn) ** 2 * start + 2 * turn * (1 - turn) * pose[:2] + turn**2 * stop
    normal = np.gradient(line, axis=0)[:, ::-1] * (-1, 1)
    normal *= width / 2 / np.linalg.norm(normal, axis=1, keepdims=True)
    out.add(
        rng,
        np.vstack([line - normal, (line + normal)[::-1]]),
        LANE_CONNECTOR,
        bool(rng.random() < 0.3),
    )
    if rng.random() < 0.5:
        low, high = lanes[0][0] - width / 2 - 1, lanes[-1][0] + width / 2 + 1
        out.add(rng, road.strip(first, last, low, high, step), INTERSECTION)
    else:
        out.add(rng, _star(rng, pose[:2], half + 3, 12, 0.15), INTERSECTION)


def random_map(rng: np.random.Generator, road: Road) -> tuple[RoadMap, dict]:
    """Polygons of a road with lanes on and off the route, maybe junctions and car parks, and the
    facts that plans and tracks need: lane width [m], offsets, the junction's stations."""
    out = RoadMap()
    width = rng.uniform(2.9, 3.8)
    step = rng.choice([1.0, 2.5, 6.0])
    left, right = int(rng.integers(1, 3)), int(rng.integers(0, 3))
    offsets = [width * place for place in range(-right, left + 1)]
    num_oncoming = int(rng.integers(0, left + 1))
    lanes = [
        (offset, place < len(offsets) - num_oncoming and rng.random() > 0.1)
        for place, offset in enumerate(offsets)
    ]
    lanes = [(offset, on or offset == 0) for offset, on in lanes]
    stations = [-50.0, 160.0]
    junction = None
    if rng.random() < 0.7:
        start = rng.uniform(-4, 35)
        junction = (start, start + rng.uniform(12, 24))
        stations = [-50.0, *junction, 160.0]
    low, high = offsets[0] - width / 2, offsets[-1] + width / 2
    for place, (first, last) in enumerate(itertools.pairwise(stations)):
        if junction and place == 1:
            _add_junction(rng, road, out, first, last, lanes, width, step)
            continue
        _add_block(rng, road, out, first, last, lanes, width, step, LANE)
        margin = rng.choice([0.0, rng.uniform(0, 0.6)])
        out.add(rng, road.strip(first, last, low - margin, high + margin, step), ROADBLOCK)
    for _ in range(int(rng.integers(0, 4))):
        station, side = rng.uniform(-20, 60), rng.choice([low - 3, high + 3])
        if rng.random() < 0.5:
            ring = road.strip(station, station + rng.uniform(6, 30), side - 4, side + 4, 3.0)
        else:
            ring = _star(rng, road.pose(station, side)[:2], 6.0, 9, 0.35)
        out.add(rng, ring, CARPARK_AREA)
    return out, {"width": width, "offsets": offsets, "junction": junction, "kind": road.kind}
