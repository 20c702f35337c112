"""Random plans for generated NAVSIM scenes, in the ego frame (tests)."""

from __future__ import annotations

import numpy as np

FAMILIES = (
    "cruise",
    "lane_change",
    "brake",
    "stand",
    "reverse",
    "leave_map",
    "swerve",
    "jerk",
    "target",
    "wrong_way",
    "coarse",
    "tight_turn",
    "odd",
    "yaw_pulse",
    "slow_creep",
    "hold_short",
)
FINE = np.arange(401) * 0.01  # [s]


def to_frame(poses: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """Poses `[...,3]` seen from the pose `origin` `[3]`."""
    c, s = np.cos(origin[2]), np.sin(origin[2])
    dx, dy = poses[..., 0] - origin[0], poses[..., 1] - origin[1]
    heading = (poses[..., 2] - origin[2] + np.pi) % (2 * np.pi) - np.pi
    return np.stack([c * dx + s * dy, -s * dx + c * dy, heading], axis=-1)


def from_frame(poses: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """Poses `[...,3]` of the frame at `origin` `[3]` in the frame of `origin` itself."""
    c, s = np.cos(origin[2]), np.sin(origin[2])
    x = origin[0] + c * poses[..., 0] - s * poses[..., 1]
    y = origin[1] + s * poses[..., 0] + c * poses[..., 1]
    heading = (poses[..., 2] + origin[2] + np.pi) % (2 * np.pi) - np.pi
    return np.stack([x, y, heading], axis=-1)


def _integrate(speed: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Ego-frame poses `[401,3]` from speed [m/s] and yaw rate [rad/s] every 10 ms."""
    heading = np.concatenate([[0.0], np.cumsum(turn[:-1]) * 0.01])
    x = np.concatenate([[0.0], np.cumsum((speed * np.cos(heading))[:-1]) * 0.01])
    y = np.concatenate([[0.0], np.cumsum((speed * np.sin(heading))[:-1]) * 0.01])
    return np.column_stack([x, y, heading])


def _speed(rng, speed0: float, family: str) -> np.ndarray:
    """Speed profile `[401]` [m/s] of a family."""
    end = max(0.0, speed0 + rng.normal(0, 2.5))
    if family == "brake":
        return np.maximum(0.0, speed0 - rng.uniform(0.5, 6) * FINE)
    if family == "stand":
        return speed0 * np.exp(-FINE / rng.uniform(0.05, 0.6)) + rng.choice([0, 0, 1e-3])
    if family == "reverse":
        return np.maximum(speed0 - rng.uniform(2, 6) * FINE, -rng.uniform(0.1, 4))
    if family == "slow_creep":
        return np.full(401, rng.choice([0.01, 0.04, 0.06, 0.15, 0.25, 0.6]))
    if family == "jerk":
        rate = rng.uniform(1.5, 9)
        return np.maximum(0, speed0 + rng.uniform(0.2, 4.0) * np.sin(rate * FINE))
    if family == "odd":
        return np.interp(FINE, np.linspace(0, 4, 6), rng.uniform(-2, 16, 6))
    return np.interp(FINE, [0, rng.uniform(0.5, 4), 4.5], [speed0, end, end])


def _along_road(rng, road, ego, speed, lateral, target):
    """Ego-frame poses `[401,3]` along the road, from one lateral offset to another [m]."""
    station = ego[0] + np.concatenate([[0.0], np.cumsum(speed[:-1]) * 0.01])
    at = np.clip((FINE - rng.uniform(0, 1)) / rng.uniform(1.0, 3.5), 0, 1)
    offset = lateral + (target - lateral) * at**2 * (3 - 2 * at)
    poses = road.pose(station, offset)
    slope = np.gradient(offset, station + 1e-6 * np.arange(401), edge_order=1)
    poses[:, 2] += np.arctan(np.where(speed > 0.3, slope, 0.0))
    return poses


def fine_plan(rng, road, ego: dict, facts: dict, family: str) -> np.ndarray:
    """One plan every 10 ms, `[401,3]`, ego frame. `ego` holds pose (local frame), station,
    lateral and speed."""
    speed = _speed(rng, ego["speed"], family)
    place = (ego["station"], ego["lateral"])
    if family in ("tight_turn", "leave_map", "wrong_way", "odd", "yaw_pulse", "reverse"):
        rate = rng.normal(0, 0.6, 6) if family == "odd" else np.full(6, rng.normal(0, 0.35))
        turn = np.interp(FINE, np.linspace(0, 4, 6), rate)
        if family == "yaw_pulse":
            start = rng.uniform(0, 3)
            turn = np.where(np.abs(FINE - start - 0.2) < 0.2, rng.uniform(-2, 2), 0.0)
        if family == "leave_map":
            speed = speed + np.linspace(0, rng.uniform(0, 14), 401)
        if family == "wrong_way":
            turn = np.full(401, rng.choice([-1, 1]) * rng.uniform(0.4, 0.9))
        return _integrate(speed, turn * np.minimum(1, np.abs(speed) / 2))
    target = ego["lateral"] if family in ("brake", "stand", "slow_creep") else rng.normal(0, 0.3)
    if family in ("lane_change", "target"):
        target = rng.choice(facts["offsets"]) + rng.normal(0, 0.5)
    poses = _along_road(rng, road, place, speed, ego["lateral"], target)
    if family == "swerve":
        wave = rng.uniform(0.1, 1.2) * np.sin(FINE * rng.uniform(1, 6))
        poses[:, 1] += wave * np.cos(poses[:, 2])
        poses[:, 0] -= wave * np.sin(poses[:, 2])
    local = to_frame(poses, ego["pose"])
    fade = np.exp(-FINE / 0.4)[:, None]
    local[:, :3] -= fade * local[0]
    return local


def random_plan(rng, road, ego: dict, facts: dict, family: str):
    """Poses `[P,3]` in the ego frame and their interval [s] (0.1 or 0.5), sometimes short."""
    local = fine_plan(rng, road, ego, facts, family)
    coarse = family == "coarse" or rng.random() < 0.1
    stride = 50 if coarse else 10
    local = local[stride::stride]
    if family == "hold_short" or rng.random() < 0.03:
        local = local[: int(rng.integers(1, len(local) + 1))]
    if family == "jerk" and rng.random() < 0.3:
        local = local + rng.normal(0, 0.03, local.shape) * (1, 1, 0.2)
    return np.ascontiguousarray(local), stride * 0.01
