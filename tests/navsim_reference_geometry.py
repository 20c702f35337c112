"""Plain fp64 geometry of the NAVSIM reference: boxes, polygons, lines in m and rad (tests only)."""

from __future__ import annotations

import numpy as np
import shapely

WIDTH, LENGTH = 2.297, 5.176  # ego [m]
REAR_AXLE_TO_CENTER = 1.461  # [m]
NEAR_TOUCH = 1e-3  # [m] below this gap the exact predicate decides
BOX_SIGNS = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)])  # front left, then counter-clockwise


def ego_center(sim: np.ndarray) -> np.ndarray:
    """Box centres `[...,2]` of states `[...,11]`."""
    heading = sim[..., 2]
    ahead = np.stack([np.cos(heading), np.sin(heading)], axis=-1)
    return sim[..., :2] + REAR_AXLE_TO_CENTER * ahead


def box_corners(center, heading, length, width) -> np.ndarray:
    """Corners `[...,4,2]` of boxes, front left first."""
    c, s = np.cos(heading)[..., None], np.sin(heading)[..., None]
    along = BOX_SIGNS[:, 0] * (np.asarray(length) / 2)[..., None]
    across = BOX_SIGNS[:, 1] * (np.asarray(width) / 2)[..., None]
    x = center[..., 0, None] + c * along - s * across
    y = center[..., 1, None] + s * along + c * across
    return np.stack([x, y], axis=-1)


def box_gap(center_a, heading_a, size_a, center_b, heading_b, size_b) -> np.ndarray:
    """Largest separation [m] of two boxes over their four axes: negative = penetration depth, a
    lower bound of the distance otherwise. Sizes are (length, width), all broadcast."""
    offset = center_b - center_a
    turn = heading_b - heading_a
    c, s = np.abs(np.cos(turn)), np.abs(np.sin(turn))
    half_a = [np.asarray(size_a)[..., k] / 2 for k in (0, 1)]
    half_b = [np.asarray(size_b)[..., k] / 2 for k in (0, 1)]

    def along(heading, sign):
        cos, sin = np.cos(heading), np.sin(heading)
        if sign == 0:
            return np.abs(offset[..., 0] * cos + offset[..., 1] * sin)
        return np.abs(-offset[..., 0] * sin + offset[..., 1] * cos)

    gaps = [
        along(heading_a, 0) - half_a[0] - c * half_b[0] - s * half_b[1],
        along(heading_a, 1) - half_a[1] - s * half_b[0] - c * half_b[1],
        along(heading_b, 0) - half_b[0] - c * half_a[0] - s * half_a[1],
        along(heading_b, 1) - half_b[1] - s * half_a[0] - c * half_a[1],
    ]
    return np.maximum(np.maximum(gaps[0], gaps[1]), np.maximum(gaps[2], gaps[3]))


def boxes_touch(gap: np.ndarray, corners_a: np.ndarray, corners_b: np.ndarray) -> np.ndarray:
    """Inclusive overlap of boxes `[...,4,2]` with the given gaps; near touching decided exactly."""
    touch = gap <= 0
    near = np.nonzero(np.abs(gap) < NEAR_TOUCH)
    if len(near[0]):
        first = shapely.polygons(np.broadcast_to(corners_a, (*gap.shape, 4, 2))[near])
        second = shapely.polygons(np.broadcast_to(corners_b, (*gap.shape, 4, 2))[near])
        touch[near] = shapely.intersects(first, second)
    return touch


class Polygon:
    """A simple ring `[V,2]` [m] with strict containment and distances to its border."""

    def __init__(self, ring: np.ndarray):
        self.shape = shapely.Polygon(ring)
        shapely.prepare(self.shape)
        self.low, self.high = ring.min(axis=0), ring.max(axis=0)
        self.start = ring
        self.step = np.roll(ring, -1, axis=0) - ring
        self.square = np.maximum((self.step**2).sum(axis=-1), 1e-300)

    def contains(self, points: np.ndarray) -> np.ndarray:
        """Which points `[...,2]` are strictly inside."""
        return shapely.contains_xy(self.shape, points[..., 0], points[..., 1])

    def border_distance(self, points: np.ndarray, reach: float = 1.0) -> np.ndarray:
        """Distances to the border `[...]` [m]; inf where surely above `reach`."""
        flat = points.reshape(-1, 2)
        out = np.full(len(flat), np.inf)
        near = np.nonzero(((flat > self.low - reach) & (flat < self.high + reach)).all(axis=-1))[0]
        for part in np.array_split(near, 1 + len(near) * len(self.start) // 2_000_000):
            offset = flat[part, None] - self.start
            along = np.clip((offset * self.step).sum(axis=-1) / self.square, 0, 1)
            offset -= along[..., None] * self.step
            if len(part):
                out[part] = np.sqrt((offset**2).sum(axis=-1).min(axis=1))
        return out.reshape(points.shape[:-1])

    def box_touches(self, corners: np.ndarray):
        """Inclusive overlap `[K]` of boxes `[K,4,2]`, and margins `[K]` [m]: the distance if apart,
        else 1e-4 or 0 by whether the box shrunk by 1e-4 still overlaps."""
        boxes = shapely.polygons(corners)
        touch = shapely.intersects(self.shape, boxes)
        margin = shapely.distance(self.shape, boxes)
        hit = np.nonzero(touch)[0]
        center = corners[hit].mean(axis=1, keepdims=True)
        shrunk = shapely.polygons(center + (corners[hit] - center) * (1 - 1e-4))
        margin[hit] = np.where(shapely.intersects(self.shape, shrunk), 1e-4, 0.0)
        return touch, margin


class Line:
    """A polyline `[C,2]` [m]: projection and distance."""

    def __init__(self, vertices: np.ndarray):
        self.start = vertices[:-1]
        self.step = np.diff(vertices, axis=0)
        self.length = np.hypot(self.step[:, 0], self.step[:, 1])
        self.station = np.concatenate([[0.0], np.cumsum(self.length)])

    def _feet(self, points):
        offset = points[:, None] - self.start
        square = np.maximum(self.length**2, 1e-300)
        along = np.clip((offset * self.step).sum(axis=-1) / square, 0, 1)
        rest = offset - along[..., None] * self.step
        return np.hypot(rest[..., 0], rest[..., 1]), self.station[:-1] + along * self.length

    def project(self, points: np.ndarray):
        """Arc lengths `[K]` [m] of the first nearest points of `[K,2]`, and margins `[K]` [m]: how
        much farther the nearest other place (more than 1 mm away along the line) is."""
        distance, station = self._feet(points)
        best = distance.argmin(axis=1)[:, None]
        at = np.take_along_axis(station, best, axis=1)
        nearest = np.take_along_axis(distance, best, axis=1)
        other = np.where(np.abs(station - at) > 1e-3, distance - nearest, np.inf)
        # next to the foot the distance is smooth: only local minima are other places
        left = np.pad(distance, ((0, 0), (1, 0)), constant_values=np.inf)[:, :-1]
        right = np.pad(distance, ((0, 0), (0, 1)), constant_values=np.inf)[:, 1:]
        other[(distance > left) | (distance > right)] = np.inf
        return at[:, 0], other.min(axis=1)

    def distance(self, points: np.ndarray) -> np.ndarray:
        """Distances `[...]` [m] of points `[...,2]`."""
        flat = points.reshape(-1, 2)
        parts = np.array_split(flat, 1 + flat.shape[0] * len(self.start) // 1_000_000)
        out = np.concatenate([self._feet(part)[0].min(axis=1) for part in parts])
        return out.reshape(points.shape[:-1])


def bearing(state: np.ndarray, target: np.ndarray) -> float:
    """Angle [rad] between the ego heading and a target as seen from the rear axle; the arccos is
    not clamped: NaN where rounding pushes the product above one, or at coincident points."""
    toward = target - state[:2]
    with np.errstate(invalid="ignore", divide="ignore"):
        toward = toward / np.linalg.norm(toward)
        return float(np.arccos(np.dot([np.cos(state[2]), np.sin(state[2])], toward)))
