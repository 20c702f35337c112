"""Scenes for the tests of the replay."""

import forkroad
import numpy as np

STEPS, DT = 91, 0.1


def _track(number: int, start, velocity, kind="vehicle", size=(4.6, 1.9, 1.6)) -> dict:
    times = np.arange(STEPS)[:, None] * DT
    velocity = np.asarray(velocity, float)
    return {
        "id": number,
        "kind": kind,
        "positions": np.asarray(start, float) + times * velocity,
        "headings": np.full(STEPS, np.arctan2(velocity[1], velocity[0])),
        "velocities": np.broadcast_to(velocity, (STEPS, 2)),
        "sizes": list(size),
    }


def scene_without_map(name: str, ego: int | None = 0) -> forkroad.Scene:
    """Two vehicles that drive side by side, and nothing else."""
    tracks = [_track(11, (0, 0), (8, 0)), _track(12, (5, 3.4), (7, 0))]
    return forkroad.build_scene(id=name, dt=DT, tracks=tracks, ego=ego, current_step=10)


def crowded_scene(num_agents: int) -> forkroad.Scene:
    """Six lanes full of traffic of all kinds, with a light."""
    kinds = ("vehicle", "vehicle", "vehicle", "cyclist", "pedestrian", "other")
    tracks = [_track(0, (0, 0), (10, 0))]
    for at in range(num_agents):
        row, column = divmod(at, 6)
        lane = column - 2
        speed = -9 if lane > 1 else 6 + 0.5 * column
        start = (-120 + 6 * row + 3 * column, 3.6 * lane + (0.4 if lane == 0 else 0))
        if abs(start[0]) < 8 and lane == 0:
            start = (start[0] - 20, 3.6 * 9)
        kind = kinds[at % 6] if lane != 0 else "vehicle"
        size = (0.7, 0.7, 1.7) if kind == "pedestrian" else (4.6, 1.9, 1.6)
        tracks.append(_track(at + 1, start, (speed, 0), kind, size))
    lanes = [
        {
            "id": 1000 + lane,
            "kind": "lane",
            "points": np.stack([np.arange(-250, 350, 2.0), np.full(300, 3.6 * lane)], -1)[
                :: 1 if lane < 2 else -1
            ],
        }
        for lane in range(-2, 4)
    ]
    light = {
        "lane_id": 1000,
        "states": ["stop"] * 40 + ["go"] * 51,
        "stop_point": (60, 0),
    }
    return forkroad.build_scene(
        id="crowd", dt=DT, tracks=tracks, ego=0, current_step=10, features=lanes, signals=[light]
    )


def log_that_hits() -> forkroad.Scene:
    """The ego drives through somebody who stands in its way."""
    tracks = [_track(1, (0, 0), (8, 0)), _track(2, (40, 0.5), (0, 0))]
    return forkroad.build_scene(id="hits", dt=DT, tracks=tracks, ego=0, current_step=10)


def lone_ego() -> forkroad.Scene:
    """Nobody but the ego."""
    return forkroad.build_scene(
        id="alone", dt=DT, tracks=[_track(1, (0, 0), (8, 0))], ego=0, current_step=10
    )
