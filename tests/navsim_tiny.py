"""Scenes of a few boxes for the NAVSIM scorer's tests: straight road along +x, SI units, radians.

The ego's rear axle starts at the origin with heading 0; its box spans x -1.127 .. 4.049 and
y -1.1485 .. 1.1485.
"""

from __future__ import annotations

import numpy as np
from forkroad import _core

ROADBLOCK, LANE, LANE_CONNECTOR, INTERSECTION, CARPARK_AREA = range(5)
VEHICLE, PEDESTRIAN, BICYCLE, CONE = range(4)
NUM_STATES, NUM_FRAMES = 41, 51
STEPS = np.arange(NUM_STATES)
REAR_AXLE_TO_CENTER = 1.461
NAMES = "x y heading vx vy ax ay steer steer_rate yaw_rate yaw_accel"
COLUMNS = {name: column for column, name in enumerate(NAMES.split())}


def area(kind, x, y, on_route=True):
    """A polygon from (min, max) of x and y."""
    ring = [(x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1])]
    return kind, ring, on_route


WIDE_ROAD = (area(ROADBLOCK, (-300, 300), (-50, 50)), area(LANE, (-300, 300), (-50, 50)))


def track(x, y, speed=1.0, size=(2.0, 2.0), kind=VEHICLE, frames=range(NUM_FRAMES)):
    """A box that faces +x: `x`, `y`, `speed` are numbers or `[51]`, present in `frames`."""
    state = np.zeros((NUM_FRAMES, 5))
    state[:, 0], state[:, 1], state[:, 3] = x, y, speed
    valid = np.zeros(NUM_FRAMES, np.uint8)
    valid[list(frames)] = 1
    return {"state": state, "valid": valid, "size": size, "kind": kind}


def arguments(tracks=(), polygons=WIDE_ROAD, **changes):
    """Arguments of `PdmScene`."""
    rings = [np.array(ring, float).reshape(-1, 2) for _, ring, _ in polygons]
    ends = np.cumsum([0] + [len(ring) for ring in rings])
    num_tracks = len(tracks)
    out = {
        "name": "tiny",
        "ego_state": np.zeros(11),
        "ego_time_us": 10_000_000,
        "history_state": None,
        "history_time_us": None,
        "centerline": np.array([(-200.0, 0.0), (200.0, 0.0)]),
        "polygon_xy": np.concatenate([*rings, np.zeros((0, 2))]),
        "polygon_offset": ends.astype(np.int32),
        "polygon_type": np.array([kind for kind, _, _ in polygons], np.uint8),
        "polygon_on_route": np.array([on for _, _, on in polygons], np.uint8),
        "track_state": np.array([one["state"] for one in tracks]).reshape(num_tracks, -1, 5)
        if num_tracks
        else np.zeros((0, NUM_FRAMES, 5)),
        "track_valid": np.array([one["valid"] for one in tracks], np.uint8).reshape(num_tracks, -1)
        if num_tracks
        else np.zeros((0, NUM_FRAMES), np.uint8),
        "track_size": np.array([one["size"] for one in tracks], float).reshape(num_tracks, 2),
        "track_type": np.array([one["kind"] for one in tracks], np.uint8),
    }
    return {**out, **changes}


def scene(tracks=(), polygons=WIDE_ROAD, **changes):
    """A `PdmScene`; see `arguments`."""
    return _core.PdmScene(**arguments(tracks, polygons, **changes))


def states(**columns):
    """Given states `[1,41,11]`; columns are numbers or `[41]`, zero where not named."""
    out = np.zeros((1, NUM_STATES, 11))
    for name, values in columns.items():
        out[0, :, COLUMNS[name]] = values
    return out


def ego(**changes):
    """An initial state `[11]`, zero where not named."""
    return states(**changes)[0, 0]


def straight_plan(speed, turn=0.0):
    """World poses `[1,41,3]` at constant speed [m/s] and yaw rate [rad/s]."""
    time = 0.1 * STEPS
    heading = turn * time
    if turn == 0.0:
        return np.stack([speed * time, 0 * time, heading], axis=-1)[None]
    radius = speed / turn
    return np.stack([radius * np.sin(heading), radius * (1 - np.cos(heading)), heading], -1)[None]


def score(given, sim=None, plans=None, version="v2", **settings):
    """Terms of the only plan of a scene."""
    out = _core.score_pdm(given, plans, sim=sim, version=version, **settings)
    return {name: value[0] for name, value in out.items()}
