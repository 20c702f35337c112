"""Turn NAVSIM metric caches into scene files that forkroad reads.

    python navsim_export.py METRIC_CACHE_FOLDER OUT_FOLDER [--shard I/N]

Runs in the environment of NAVSIM and needs nothing beyond it. Every `metric_cache.pkl` below the
folder becomes OUT_FOLDER/<token>.npz: one scene in the layout of the golden files, with the
PDM-Closed trajectory as reference plan, the history, and the human trajectory as far as the cache
has them. Files appear whole or not at all, and tokens whose file exists are skipped, so that an
interrupted run can be started again. Caches of NAVSIM v1.1 and v2 are told apart by their
attributes. Only open caches that you trust: they are pickles.

Units: metres, seconds, radians, world frame, rear axle.
"""

from __future__ import annotations

import argparse
import lzma
import os
import pickle
import sys
from pathlib import Path

import numpy as np

CACHE_NAME = "metric_cache.pkl"
NUM_FRAMES = {"v1": 51, "v2": 41}
NUM_STEPS, STEP = 41, 0.1
NUM_HISTORY = 4
MAP_TYPES = ("ROADBLOCK", "LANE", "LANE_CONNECTOR", "INTERSECTION", "CARPARK_AREA")
# drivable and nothing else, as a car park is
SAME_MAP_TYPE = {"DRIVABLE_AREA": "CARPARK_AREA"}
AGENT_TYPES = ("VEHICLE", "PEDESTRIAN", "BICYCLE")
TRACK_TYPES = (*AGENT_TYPES, "TRAFFIC_CONE", "BARRIER", "CZONE_SIGN", "GENERIC_OBJECT")


class ExportError(ValueError):
    """A metric cache is not what NAVSIM writes."""


def attribute(owner, *paths):
    """The first of the named attributes that exists; a path may have dots."""
    for path in paths:
        value = owner
        for name in path.split("."):
            value = getattr(value, name, None)
            if value is None:
                break
        else:
            return value
    raise ExportError(
        f"{type(owner).__name__}: got no attribute {' or '.join(paths)}, expected one"
    )


def paired(tokens, values, what):
    """Tokens with their values."""
    if len(tokens) != len(values):
        raise ExportError(f"{what}: got {len(values)} values, expected {len(tokens)}, as tokens")
    return list(zip(tokens, values))  # noqa: B905 (Python 3.9)


def bytes_of(words, width=24):
    """Byte strings, at least `width` wide."""
    encoded = [str(word).encode() for word in words]
    return np.array(encoded, f"S{max([width, *map(len, encoded)])}")


def state_row(state):
    """State `[11]` of a nuPlan EgoState."""
    axle, car = attribute(state, "rear_axle"), attribute(state, "dynamic_car_state")
    velocity = attribute(car, "rear_axle_velocity_2d")
    acceleration = attribute(car, "rear_axle_acceleration_2d")
    motion = [velocity.x, velocity.y, acceleration.x, acceleration.y]
    steer = [attribute(state, "tire_steering_angle")]
    names = ("tire_steering_rate", "angular_velocity", "angular_acceleration")
    steer += [getattr(car, name, 0.0) for name in names]
    return np.array([axle.x, axle.y, axle.heading, *motion, *steer], np.float64)


def time_of(state):
    """Time stamp of an EgoState [us]."""
    return int(attribute(state, "time_us", "time_point.time_us"))


def states_of(trajectory):
    """EgoStates of an InterpolatedTrajectory."""
    if hasattr(trajectory, "get_sampled_trajectory"):
        return list(trajectory.get_sampled_trajectory())
    return list(attribute(trajectory, "_trajectory"))


def sample_poses(times_us, poses, start_us):
    """Poses `[41,3]` every 0.1 s after `start_us` from knots `[K]` [us], `[K,3]`."""
    start = start_us * 1e-6
    samples = [int((start + STEP * sample) * 1e6) for sample in range(NUM_STEPS)]
    knots = np.asarray(times_us, np.float64)
    samples = np.clip(np.asarray(samples, np.float64), knots[0], knots[-1])
    out = np.empty((NUM_STEPS, 3))
    for column in (0, 1):
        out[:, column] = np.interp(samples, knots, poses[:, column])
    heading = np.interp(samples, knots, np.unwrap(poses[:, 2]))
    out[:, 2] = (heading + np.pi) % (2 * np.pi) - np.pi
    return out


def reference_plan(cache):
    """Poses `[41,3]` of the cached PDM-Closed trajectory."""
    states = states_of(attribute(cache, "trajectory"))
    poses = np.array([state_row(state)[:3] for state in states])
    times = [time_of(state) for state in states]
    return sample_poses(times, poses, time_of(attribute(cache, "ego_state")))


def human_plan(local, interval, ego, start_us):
    """Poses `[41,3]` of the human trajectory `[B,3]` (ego frame, every `interval` [s])."""
    c, s = np.cos(ego[2]), np.sin(ego[2])
    c_own, s_own = np.cos(local[:, 2]), np.sin(local[:, 2])
    poses = np.column_stack(
        [
            ego[0] + c * local[:, 0] - s * local[:, 1],
            ego[1] + s * local[:, 0] + c * local[:, 1],
            np.arctan2(s * c_own + c * s_own, c * c_own - s * s_own),
        ]
    )
    start = start_us * 1e-6
    times = [int((start + (interval + pose * interval)) * 1e6) for pose in range(len(local))]
    return sample_poses([start_us, *times], np.vstack([ego[:3], poses]), start_us)


def ego_arrays(cache, version):
    """Arrays of the ego: state, history (v2), reference plan, human trajectory (v2)."""
    state = attribute(cache, "ego_state")
    row, start = state_row(state), time_of(state)
    out = {
        "ego_state": row[None],
        "ego_time_us": np.array([start], np.int64),
        "has_history": np.zeros(1, np.uint8),
        "history_state": np.zeros((1, NUM_HISTORY, 11)),
        "history_time_us": np.zeros((1, NUM_HISTORY), np.int64),
        "ref_plan": reference_plan(cache)[None],
    }
    if version == "v1":
        return out
    past = cache.past_human_trajectory
    if past is not None:
        past = states_of(past)
        if len(past) != NUM_HISTORY:
            got = f"{len(past)} states"
            raise ExportError(f"past_human_trajectory: got {got}, expected {NUM_HISTORY}")
        out["has_history"][0] = 1
        out["history_state"][0] = [state_row(state) for state in past]
        out["history_time_us"][0] = [time_of(state) for state in past]
    human = getattr(cache, "human_trajectory", None)
    if human is not None:
        local = np.asarray(attribute(human, "poses"), np.float64)
        interval = float(attribute(human, "trajectory_sampling.interval_length"))
        out["human_local"] = local[None]
        out["human_plan"] = human_plan(local, interval, row, start)[None]
    return out


def ring_of(polygon, what):
    """Vertices `[V,2]` of a shapely polygon, the first not repeated."""
    kind = getattr(polygon, "geom_type", type(polygon).__name__)
    if kind != "Polygon":
        raise ExportError(f"{what}: got a {kind}, expected a Polygon")
    if len(polygon.interiors):
        raise ExportError(f"{what}: got {len(polygon.interiors)} holes, expected none")
    return np.asarray(polygon.exterior.coords, np.float64)[:-1, :2]


def map_arrays(cache):
    """Arrays of the map and the centerline."""
    drivable = attribute(cache, "drivable_area_map")
    tokens = [str(token) for token in attribute(drivable, "tokens", "_tokens")]
    layers = list(attribute(drivable, "map_types", "_map_types"))
    shapes = list(attribute(drivable, "_geometries"))
    types = []
    for token, layer in paired(tokens, layers, "drivable_area_map"):
        name = getattr(layer, "name", str(layer))
        name = SAME_MAP_TYPE.get(name, name)
        if name not in MAP_TYPES:
            raise ExportError(f"map polygon {token}: got layer {name}, expected one of {MAP_TYPES}")
        types.append(MAP_TYPES.index(name))
    pairs = paired(tokens, shapes, "drivable_area_map")
    rings = [ring_of(shape, f"map polygon {token}") for token, shape in pairs]
    route = {str(token) for token in attribute(cache, "route_lane_ids")}
    line = attribute(cache, "centerline.linestring", "centerline._linestring")
    vertices = np.asarray(line.coords, np.float64)[:, :2]
    return {
        "centerline_xy": vertices,
        "centerline_offset": np.array([0, len(vertices)], np.int32),
        "poly_xy": np.vstack(rings) if rings else np.zeros((0, 2)),
        "poly_vertex_offset": np.cumsum([0, *map(len, rings)]).astype(np.int32),
        "poly_offset": np.array([0, len(rings)], np.int32),
        "poly_type": np.array(types, np.uint8),
        "poly_on_route": np.array([token in route for token in tokens], np.uint8),
        "poly_token": bytes_of(tokens),
    }


def frames_of(observation, version):
    """(tokens, polygons) of every frame of a PDMObservation."""
    frames = []
    for frame in range(NUM_FRAMES[version]):
        try:
            occupancy = observation[frame]
        except (AssertionError, IndexError) as error:
            expected = NUM_FRAMES[version]
            raise ExportError(f"observation: got {frame} frames, expected {expected}") from error
        tokens = [str(token) for token in attribute(occupancy, "tokens", "_tokens")]
        frames.append((tokens, list(attribute(occupancy, "_geometries"))))
    return frames


def box_of(polygon, token):
    """(x, y, heading, length, width) of a box polygon with the corners front left, rear left, rear
    right, front right."""
    ring = ring_of(polygon, f"object {token}")
    if len(ring) != 4:
        raise ExportError(f"object {token}: got {len(ring)} corners, expected 4")
    along = (ring[0] - ring[1] + ring[3] - ring[2]) / 2
    across = (ring[0] - ring[3] + ring[1] - ring[2]) / 2
    heading = np.arctan2(along[1], along[0])
    return np.array([*ring.mean(axis=0), heading, np.hypot(*along), np.hypot(*across)])


def type_of(tracked, token):
    """Index of a tracked object's type."""
    kind = attribute(tracked, "tracked_object_type")
    name = getattr(kind, "name", str(kind))
    if name not in TRACK_TYPES:
        raise ExportError(f"object {token}: got type {name}, expected one of {TRACK_TYPES}")
    return TRACK_TYPES.index(name)


def track_arrays(cache, version, frames, red_word):
    """Arrays of the tracks; velocity, type and size are those of the first sight."""
    objects = attribute(cache, "observation.unique_objects", "observation._unique_objects")
    tokens = list(
        dict.fromkeys(token for names, _ in frames for token in names if red_word not in token)
    )
    index = {token: track for track, token in enumerate(tokens)}
    state = np.zeros((len(tokens), len(frames), 5))
    valid = np.zeros((len(tokens), len(frames)), np.uint8)
    size, kind = np.zeros((len(tokens), 2)), np.zeros(len(tokens), np.uint8)
    for frame in reversed(range(len(frames))):
        for token, polygon in paired(*frames[frame], "observation"):
            if token in index:
                box, track = box_of(polygon, token), index[token]
                state[track, frame, :3], valid[track, frame], size[track] = box[:3], 1, box[3:]
    for token, track in index.items():
        if token not in objects:
            raise ExportError(f"object {token}: got no entry in unique_objects, expected one")
        kind[track] = type_of(objects[token], token)
        velocity = getattr(objects[token], "velocity", None)
        if velocity is not None:
            state[track, valid[track] > 0, 3:] = velocity.x, velocity.y
    out = {
        "track_offset": np.array([0, len(tokens)], np.int32),
        "track_state": state,
        "track_valid": valid,
        "track_size": size,
        "track_type": kind,
        "track_token": bytes_of(tokens),
    }
    if version == "v2":
        out["track_removed"] = removed_tracks(cache, frames[0], index)
    return out


def removed_tracks(cache, first_frame, index):
    """Tracks `[A]` that touch the ego box at the start: log replay takes them away."""
    ego = attribute(cache, "ego_state.car_footprint.geometry", "ego_state.car_footprint")
    removed = np.zeros(len(index), np.uint8)
    for token, polygon in paired(*first_frame, "observation"):
        if token in index and polygon.intersects(ego):
            removed[index[token]] = 1
    return removed


def light_arrays(frames, red_word, poly_token, poly_type):
    """Red lane connectors and their steps. Connectors that the map leaves out lie more than 100 m
    away, so that no plan reaches them; they are left out here too."""
    place = {
        token.decode(): at
        for at, token in enumerate(poly_token.tolist())
        if MAP_TYPES[poly_type[at]] in ("LANE", "LANE_CONNECTOR")
    }
    on = {}
    for step in range(NUM_STEPS):
        for token in frames[step][0]:
            lane = token[len(red_word) + 1 :] if token.startswith(red_word) else None
            if lane in place:
                on.setdefault(place[lane], np.zeros(NUM_STEPS, np.uint8))[step] = 1
    return {
        "red_offset": np.array([0, len(on)], np.int32),
        "red_poly": np.array(list(on), np.int32),
        "red_on": np.array(list(on.values()), np.uint8).reshape(-1, NUM_STEPS),
    }


def version_of(cache):
    """v2 caches hold the human's past, v1.1 caches do not."""
    return "v2" if hasattr(cache, "past_human_trajectory") else "v1"


def scene_arrays(cache, token):
    """All arrays of one metric cache."""
    version = version_of(cache)
    observation = attribute(cache, "observation")
    red_word = getattr(observation, "red_light_token", "red_light")
    frames = frames_of(observation, version)
    meta = {
        "format": "navsim-golden 1",
        "version": version,
        "generator": "navsim_export",
        "token": token,
        "log_name": getattr(cache, "log_name", ""),
    }
    out = {
        "meta_key": bytes_of(meta, 20),
        "meta_value": bytes_of(meta.values(), 40),
        "poly_type_name": bytes_of(MAP_TYPES, 14),
        "track_type_name": bytes_of(TRACK_TYPES, 14),
        "scene_name": bytes_of([token]),
        **ego_arrays(cache, version),
        **map_arrays(cache),
        **track_arrays(cache, version, frames, red_word),
    }
    if version == "v2":
        out.update(light_arrays(frames, red_word, out["poly_token"], out["poly_type"]))
    return out


def load_cache(path):
    """Unpickle one metric cache."""
    with lzma.open(path, "rb") as stream:
        return pickle.load(stream)


def write_whole(path, arrays):
    """Write under another name first, so that `path` is whole or absent."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            np.savez_compressed(stream, **arrays)
        part.replace(path)
    finally:
        if part.exists():
            part.unlink()


def export(cache_folder, out_folder, shard=(0, 1), report=print):
    """Export all caches below a folder; returns the numbers of written, skipped and failed ones."""
    out_folder.mkdir(parents=True, exist_ok=True)
    paths = sorted(cache_folder.rglob(CACHE_NAME))
    counts = [0, 0, 0]
    for path in paths[shard[0] :: shard[1]]:
        token = path.parent.name
        target = out_folder / f"{token}.npz"
        if target.exists():
            counts[1] += 1
            continue
        try:
            write_whole(target, scene_arrays(load_cache(path), token))
            counts[0] += 1
        except Exception as error:  # one bad cache must not stop the others
            counts[2] += 1
            report(f"{path}: {type(error).__name__}: {error}")
    return tuple(counts)


def main(arguments=None):
    """Command line; the exit code is 1 if a cache could not be exported."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cache", type=Path, help="folder with metric_cache.pkl files below it")
    parser.add_argument("out", type=Path, help="folder for the scene files")
    parser.add_argument("--shard", default="0/1", help="part I of N, counted from 0 (I/N)")
    options = parser.parse_args(arguments)
    part, _, count = options.shard.partition("/")
    if not (part.isdigit() and count.isdigit() and int(part) < int(count)):
        parser.error(f"--shard: got {options.shard!r}, expected I/N with 0 <= I < N")
    if not options.cache.is_dir():
        parser.error(f"cache: got {options.cache}, expected a folder")

    def report(text):
        sys.stderr.write(text + "\n")

    shard = (int(part), int(count))
    written, skipped, failed = export(options.cache, options.out, shard, report)
    sys.stdout.write(f"{written} written, {skipped} skipped, {failed} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
