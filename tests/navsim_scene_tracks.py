"""Random tracks for generated NAVSIM scenes, local frame (tests)."""

from __future__ import annotations

import numpy as np

TYPE_NAMES = (
    "VEHICLE",
    "PEDESTRIAN",
    "BICYCLE",
    "TRAFFIC_CONE",
    "BARRIER",
    "CZONE_SIGN",
    "GENERIC_OBJECT",
)
SIZES = ((4.6, 1.9), (0.8, 0.8), (1.8, 0.7), (0.4, 0.4), (2.2, 0.5), (0.9, 0.5), (1.2, 1.0))
NUM_FRAMES = 51
TIME = np.arange(NUM_FRAMES) * 0.1  # [s]


def _straight(pose, speed) -> np.ndarray:
    """States `[51,5]` of constant velocity along the heading."""
    direction = np.array([np.cos(pose[2]), np.sin(pose[2])])
    states = np.empty((NUM_FRAMES, 5))
    states[:, :2] = pose[:2] + TIME[:, None] * speed * direction
    states[:, 2] = pose[2]
    states[:, 3:] = speed * direction
    return states


def _on_road(rng, road, facts, speed0) -> np.ndarray:
    """A lead, follower, neighbour or oncoming road user."""
    offset = rng.choice(facts["offsets"]) + rng.normal(0, 0.3)
    away = rng.choice([-1, 1])
    sign = -1 if rng.random() < 0.25 else 1
    speed = sign * max(0.0, speed0 + rng.normal(0, 3))
    station = away * rng.uniform(4, 35) + speed * TIME
    accelerated = rng.choice([0.0, rng.normal(0, 0.8)])
    poses = road.pose(station + 0.5 * accelerated * TIME**2, offset)
    velocity = np.gradient(poses[:, :2], 0.1, axis=0)
    heading = poses[:, 2] + (np.pi if sign < 0 else 0.0)
    return np.column_stack([poses[:, :2], heading, velocity])


def _in_the_way(rng, plans, static: bool) -> np.ndarray:
    """An object that some plan meets at some time, from any direction. `plans` are `[N,401,3]` in
    the local frame."""
    plan = plans[int(rng.integers(len(plans)))]
    time = rng.uniform(0.2, 4.4)
    at = plan[min(400, int(time * 100))]
    forward, left = rng.uniform(-2.5, 6), rng.normal(0, 1.6)
    c, s = np.cos(at[2]), np.sin(at[2])
    place = np.array([at[0] + c * forward - s * left, at[1] + s * forward + c * left])
    heading = at[2] + rng.choice([0.0, np.pi, np.pi / 2, -np.pi / 2, rng.uniform(-3, 3)])
    heading += rng.normal(0, 0.1)
    speed = 0.0 if static else rng.choice([rng.uniform(0.0, 0.12), rng.uniform(0.3, 9)])
    states = _straight((*place, heading), speed)
    states[:, :2] -= time * states[:, 3:]
    if static:
        states[:, 3:] = 0.0
    return states


def random_track(rng, road, facts, plans, speed0: float):
    """States `[51,5]`, validity `[51]`, size `[2]` and type of one track."""
    kind = int(rng.choice(7, p=[0.5, 0.12, 0.1, 0.07, 0.07, 0.05, 0.09]))
    static = kind >= 3
    if static or rng.random() < 0.55:
        states = _in_the_way(rng, plans, static)
    else:
        states = _on_road(rng, road, facts, speed0)
    choice = rng.random()
    if not static and choice < 0.08:  # stands at first sight, drives off later
        start = int(rng.integers(3, 25))
        states[start:, :] = states[: NUM_FRAMES - start, :].copy()
        states[:start] = states[start]
        states[:start, 3:] = 0.0
    elif not static and choice < 0.16:  # logged in a single frame: unchanged, but with a speed
        states[:] = states[int(rng.integers(0, 40))]
    valid = np.ones(NUM_FRAMES, np.uint8)
    cut = rng.random()
    if cut < 0.12:
        valid[: int(rng.integers(1, 30))] = 0
    elif cut < 0.2:
        valid[int(rng.integers(5, 45)) :] = 0
    elif cut < 0.26:
        first = int(rng.integers(2, 40))
        valid[first : first + int(rng.integers(1, 12))] = 0
    size = np.array(SIZES[kind]) * rng.uniform(0.8, 1.3, 2)
    return states, valid, size, kind
