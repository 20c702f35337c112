"""Seeded random scenes and plans in the layout of the golden NAVSIM files (tests).

    python tests/navsim_scenes.py OUT.npz --scenes 4 --plans 64 --seed 7 --version v2

Expected values come from `navsim_reference`; the margins go to a second file beside OUT, called
margins_<rest> for navsim_<rest>, else margins_<name>. The scenes depend on the seed alone, so v1
and v2 files of one seed describe the same traffic.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from navsim_reference import Scene
from navsim_reference_geometry import LENGTH, WIDTH, box_gap, ego_center
from navsim_reference_rollout import plan_poses
from navsim_scene_expected import append_expected, margin_arrays
from navsim_scene_map import LANE_CONNECTOR, Road, random_map
from navsim_scene_plans import FAMILIES, fine_plan, from_frame, random_plan
from navsim_scene_tracks import TYPE_NAMES, random_track

NUM_PREVIOUS = 8
POLYGON_TYPES = ("ROADBLOCK", "LANE", "LANE_CONNECTOR", "INTERSECTION", "CARPARK_AREA")
COLLISION_CLASSES = (
    "STOPPED_EGO",
    "STOPPED_TRACK",
    "ACTIVE_FRONT",
    "ACTIVE_REAR",
    "ACTIVE_LATERAL",
)
COMFORT_NAMES = ("lon_accel", "lat_accel", "jerk_magnitude", "lon_jerk", "yaw_accel", "yaw_rate")
NUM_FRAMES = {"v1": 51, "v2": 41}


def _names(values, width: int) -> np.ndarray:
    return np.array([value.encode() for value in values], f"S{width}")


def _ego(rng, road, facts):
    """Initial ego in the local frame: pose, station, lateral offset, speed, and the state with the
    pose still local `[11]`."""
    speeds = [0.0, 0.15, 1.5, rng.uniform(3, 8), rng.uniform(8, 16)]
    speed = float(rng.choice(speeds, p=[0.1, 0.05, 0.1, 0.35, 0.4]))
    lateral = rng.normal(0, 0.35)
    pose = road.pose(0.0, lateral)
    pose[2] += rng.normal(0, 0.03)
    state = np.zeros(11)
    state[:3] = pose
    state[3:7] = speed, rng.normal(0, 0.05), rng.normal(0, 0.7), rng.normal(0, 0.4)
    if rng.random() < 0.12:
        state[6] = rng.choice([-1, 1]) * rng.uniform(5, 30)
    if rng.random() < 0.3:
        state[7:] = rng.normal(0, (0.04, 0.05, 0.08, 0.2))
    return {"pose": pose, "station": 0.0, "lateral": lateral, "speed": speed, "state": state}


def _backward(state: np.ndarray, seconds: float, turn: float, ax: float) -> np.ndarray:
    """A past state `[11]` on a smooth curve that leads to `state`."""
    out = state.copy()
    out[2] = state[2] - turn * seconds
    out[3] = state[3] - ax * seconds
    middle, mean = state[2] - turn * seconds / 2, state[3] - ax * seconds / 2
    out[:2] -= mean * seconds * np.array([np.cos(middle), np.sin(middle)])
    out[2] = (out[2] + np.pi) % (2 * np.pi) - np.pi
    return out


def _history(rng, state: np.ndarray, time_us: int):
    """Four past states `[4,11]` and times `[4]`: exactly, a little more, or a little less than
    1.5 s; None in one scene of five."""
    choice = rng.random()
    if choice < 0.2:
        return None
    jitter = 0 if choice < 0.5 else int(rng.integers(1, 300)) * (1 if choice < 0.85 else -1)
    times = time_us - np.array([1_500_000 + jitter, 1_000_000 + jitter // 2, 500_000, 0])
    turn, ax = rng.normal(0, 0.08), rng.normal(0, 0.8)
    rows = [_backward(state, (time_us - time) * 1e-6, turn, ax) for time in times]
    rows = np.array(rows)
    rows[:3, 5] += rng.normal(0, 0.4, 3)
    rows[:3, 6] += rng.normal(0, 0.3, 3) - state[6] * (abs(state[6]) > 5)
    rows[:, 8:] = 0.0
    return rows, times.astype(np.int64)


def _previous(rng, ego_state, plans, road_plans, gap: int):
    """Previous frame: state `[11]` and eight world plans `[8,41,3]`; every second one is what the
    ego does now, seen `gap` steps earlier, so that some pairs are comfortable."""
    before = _backward(ego_state, gap * 0.1, rng.normal(0, 0.03), rng.normal(0, 0.3))
    before[7:] *= rng.choice([0.0, 1.0])
    out = np.empty((NUM_PREVIOUS, 41, 3))
    for place in range(NUM_PREVIOUS):
        if place % 2:
            out[place] = from_frame(road_plans[place][::10], before[:3])
            continue
        same = plans[place % len(plans)]
        share = np.arange(gap)[:, None] / gap
        turn = (same[0, 2] - before[2] + np.pi) % (2 * np.pi) - np.pi
        lead = before[:3] + share * np.append(same[0, :2] - before[:2], turn)
        out[place] = np.vstack([lead, same[: 41 - gap]])
    out[..., 2] = (out[..., 2] + np.pi) % (2 * np.pi) - np.pi
    out[:, 0] = before[:3]
    return before, out


def _red_lights(rng, types):
    """Red connectors `[R]` and their steps `[R,41]`, 0.5 s resolution."""
    connectors = [place for place, kind in enumerate(types) if kind == LANE_CONNECTOR]
    count = min(int(rng.choice([0, 0, 0, 1, 2, 4])), len(connectors))
    chosen = rng.choice(connectors, count, replace=False) if count else []
    on = np.zeros((count, 41), np.uint8)
    for row in range(count):
        states = np.repeat(rng.random(9) < rng.choice([0.3, 0.7, 1.0]), 5)[:41]
        on[row] = states
    return np.array(chosen, np.int32).reshape(-1), on


def _removed(scene_state, track_state, track_valid, track_size) -> np.ndarray:
    """Tracks that touch the ego in frame 0, `[A]`."""
    gap = box_gap(
        ego_center(scene_state),
        scene_state[2],
        np.array([LENGTH, WIDTH]),
        track_state[:, 0, :2],
        track_state[:, 0, 2],
        track_size,
    )
    return ((gap <= 0) & (track_valid[:, 0] == 1)).astype(np.uint8)


def _tracks(rng, road, facts, ego, fine_plans):
    """Tracks of one scene: states `[A,51,5]` local, validity, size, type. In most scenes none
    stands in the way of a drive along the road at constant speed."""
    local = np.array([from_frame(plan, ego["pose"]) for plan in fine_plans])
    num_tracks = int(rng.choice([4, 10, 20]))
    found = [random_track(rng, road, facts, local, ego["speed"]) for _ in range(num_tracks)]
    if rng.random() < 0.7:
        stations = ego["station"] + ego["speed"] * np.arange(51) * 0.1 + 1.5
        path = road.pose(stations, ego["lateral"])[:, :2]
        away = [np.hypot(*(track[0][:, :2] - path).T).min() > 5.5 for track in found]
        found = [track for track, far in zip(found, away, strict=True) if far] or found[:1]
    states, valid, size, kind = (np.array(part) for part in zip(*found, strict=True))
    return states, valid, size, kind.astype(np.uint8)


def _to_world(track: np.ndarray, origin: np.ndarray, valid: np.ndarray) -> np.ndarray:
    out = track.copy()
    out[..., :3] = from_frame(track[..., :3], origin)
    c, s = np.cos(origin[2]), np.sin(origin[2])
    out[..., 3] = c * track[..., 3] - s * track[..., 4]
    out[..., 4] = s * track[..., 3] + c * track[..., 4]
    out[valid == 0] = 0.0
    return out


def random_scene(seed: int, index: int, num_plans: int) -> dict:
    """Inputs of one scene in the world frame, with 51 frames and the v2 extras."""
    rng = np.random.default_rng([seed, index])
    road = Road(rng)
    road_map, facts = random_map(rng, road)
    ego = _ego(rng, road, facts)
    origin = np.array([*rng.uniform(-80, 80, 2), rng.uniform(-np.pi, np.pi)])
    time_us = 10_000_000
    if rng.random() < 0.5:
        origin[:2] += rng.uniform((3e5, 3.5e6), (7e5, 5e6))
    if rng.random() < 0.6:
        time_us = int(rng.integers(1_600_000_000_000_000, 1_700_000_000_000_000))
    families = rng.integers(0, len(FAMILIES), num_plans)
    families[:2] = 0
    plans = [random_plan(rng, road, ego, facts, FAMILIES[family]) for family in families]
    fine = [fine_plan(rng, road, ego, facts, str(rng.choice(FAMILIES))) for _ in range(12)]
    tracks, valid, size, kind = _tracks(rng, road, facts, ego, fine)
    state = ego["state"].copy()
    state[:3] = from_frame(state[:3], origin)
    line = road.pose(np.arange(-20.0, 120.0, rng.choice([0.5, 1.0, 3.0])))[:, :2]
    red_poly, red_on = _red_lights(rng, road_map.types)
    track_state = _to_world(tracks, origin, valid)
    world = np.array([plan_poses(state, time_us, local, step) for local, step in plans])
    gap = int(rng.choice([4, 5, 5, 5]))
    before, prev_plan = _previous(rng, state, world, fine, gap)
    human = fine_plan(rng, road, ego, facts, str(rng.choice(FAMILIES)))[50::50]
    history = _history(rng, state, time_us)
    ec_pair = rng.integers(-1, NUM_PREVIOUS, num_plans).astype(np.int32)
    if rng.random() < 0.1:
        ec_pair[:] = -1
    return {
        "name": f"R{index}",
        "shape": f"{facts['kind']}, {'junction' if facts['junction'] else 'no junction'}",
        "ego_state": state,
        "ego_time_us": time_us,
        "history": history,
        "centerline": _points_to_world(line, origin),
        "rings": [_points_to_world(ring, origin) for ring in road_map.rings],
        "poly_type": np.array(road_map.types, np.uint8),
        "poly_on_route": np.array(road_map.on_route, np.uint8),
        "poly_token": road_map.tokens(),
        "track_state": track_state,
        "track_valid": valid,
        "track_size": size,
        "track_type": kind,
        "track_removed": _removed(state, track_state, valid, size),
        "red_poly": red_poly,
        "red_on": red_on,
        "plan_local": [local for local, _ in plans],
        "plan_interval": np.array([step for _, step in plans]),
        "plan_family": families.astype(np.uint8),
        "plan": world,
        "prev_ego_state": before,
        "prev_time_us": time_us - gap * 100_000,
        "prev_plan": prev_plan,
        "ec_gap_steps": gap,
        "ec_pair": ec_pair,
        "human_local": human,
    }


def _points_to_world(points: np.ndarray, origin: np.ndarray) -> np.ndarray:
    poses = np.column_stack([points, np.zeros(len(points))])
    return from_frame(poses, origin)[:, :2]


def reference_scene(raw: dict, version: str) -> Scene:
    """The reference's scene of a `random_scene`, with the frames of a version (v1 or v2)."""
    frames = NUM_FRAMES[version]
    history = raw["history"] or (None, None)
    extras = {}
    if version == "v2":
        extras = {"track_removed": raw["track_removed"], "red_polygon": raw["red_poly"]}
        extras["red_on"] = raw["red_on"]
    return Scene(
        name=raw["name"],
        ego_state=raw["ego_state"],
        ego_time_us=raw["ego_time_us"],
        history_state=history[0],
        history_time_us=history[1],
        centerline=raw["centerline"],
        polygons=raw["rings"],
        polygon_type=raw["poly_type"],
        polygon_on_route=raw["poly_on_route"],
        track_state=raw["track_state"][:, :frames],
        track_valid=raw["track_valid"][:, :frames],
        track_size=raw["track_size"],
        track_type=raw["track_type"],
        **extras,
    )


def _offsets(parts) -> np.ndarray:
    return np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int32)


def _join(parts, dtype, *tail) -> np.ndarray:
    return np.concatenate([np.asarray(part, dtype).reshape(-1, *tail) for part in parts])


def _name_arrays(version: str, seed: int) -> dict[str, np.ndarray]:
    """Meta entries and the names behind the enumerations."""
    return {
        "meta_key": _names(["format", "version", "generator", "seed"], 20),
        "meta_value": _names(["navsim-golden 1", version, "random scenes", str(seed)], 40),
        "poly_type_name": _names(POLYGON_TYPES, 14),
        "track_type_name": _names(TYPE_NAMES, 14),
        "plan_family_name": _names(FAMILIES, 11),
        "collision_class_name": _names(COLLISION_CLASSES, 14),
        "comfort_name": _names(COMFORT_NAMES, 14),
    }


def input_arrays(raws: list[dict], version: str, seed: int) -> dict[str, np.ndarray]:
    """The input arrays of the golden layout."""
    frames = NUM_FRAMES[version]
    rings = [ring for raw in raws for ring in raw["rings"]]
    local = [plan for raw in raws for plan in raw["plan_local"]]
    zeros = (np.zeros((4, 11)), np.zeros(4, np.int64))
    history = [raw["history"] or zeros for raw in raws]

    def stack(key, dtype=np.float64):
        return np.array([raw[key] for raw in raws], dtype)

    def join(key, dtype, *tail):
        return _join([raw[key] for raw in raws], dtype, *tail)

    out = {
        **_name_arrays(version, seed),
        "scene_name": _names([raw["name"] for raw in raws], 8),
        "scene_shape": _names([raw["shape"] for raw in raws], 96),
        "ego_state": stack("ego_state"),
        "ego_time_us": stack("ego_time_us", np.int64),
        "has_history": np.array([raw["history"] is not None for raw in raws], np.uint8),
        "history_state": np.array([rows for rows, _ in history]),
        "history_time_us": np.array([times for _, times in history]),
        "centerline_xy": join("centerline", np.float64, 2),
        "centerline_offset": _offsets([raw["centerline"] for raw in raws]),
        "poly_xy": _join(rings, np.float64, 2),
        "poly_vertex_offset": _offsets(rings),
        "poly_offset": _offsets([raw["rings"] for raw in raws]),
        "poly_type": join("poly_type", np.uint8),
        "poly_on_route": join("poly_on_route", np.uint8),
        "poly_token": _names([token for raw in raws for token in raw["poly_token"]], 24),
        "track_offset": _offsets([raw["track_state"] for raw in raws]),
        "track_state": join("track_state", np.float64, 51, 5)[:, :frames],
        "track_valid": join("track_valid", np.uint8, 51)[:, :frames],
        "track_size": join("track_size", np.float64, 2),
        "track_type": join("track_type", np.uint8),
        "track_token": _names(
            [f"{raw['name']}_t{k:02d}" for raw in raws for k in range(len(raw["track_type"]))], 24
        ),
        "plan_local": _join(local, np.float64, 3),
        "plan_local_offset": _offsets(local),
        "plan_interval": stack("plan_interval"),
        "plan_family": stack("plan_family", np.uint8),
        "plan": stack("plan"),
    }
    if version == "v2":
        out["track_removed"] = join("track_removed", np.uint8)
        out["red_offset"] = _offsets([raw["red_poly"] for raw in raws])
        out["red_poly"] = join("red_poly", np.int32)
        out["red_on"] = join("red_on", np.uint8, 41)
        for key in ("prev_ego_state", "prev_plan", "human_local"):
            out[key] = stack(key)
        out["prev_time_us"] = stack("prev_time_us", np.int64)
        for key in ("ec_gap_steps", "ec_pair"):
            out[key] = stack(key, np.int32)
    return out


def generate(num_scenes: int, num_plans: int, seed: int, version: str):
    """Arrays and margin arrays of a file; `version` is v1 or v2."""
    raws = [random_scene(seed, index, num_plans) for index in range(num_scenes)]
    out = input_arrays(raws, version, seed)
    collected: dict[str, list] = {}
    for index, raw in enumerate(raws):
        append_expected(collected, index, raw, reference_scene(raw, version), version)
    margins = margin_arrays(collected, version)
    ragged = {"nc_event", "ttc_event", "padded_history"}
    if version == "v2":
        out["padded_history_offset"] = _offsets(collected["padded_history"])
    for key, parts in collected.items():
        out[key] = np.concatenate(parts) if key in ragged else np.array(parts)
    return {key: np.ascontiguousarray(value) for key, value in out.items()}, margins


def margins_path(path: Path) -> Path:
    """Where the margins of a file lie."""
    rest = path.name.removeprefix("navsim_")
    return path.with_name(f"margins_{rest}")


def write(path: Path, arrays: dict, margins: dict) -> None:
    """Write both files, deflated, without pickles."""
    np.savez_compressed(path, **arrays)
    np.savez_compressed(margins_path(path), **margins)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--scenes", type=int, default=4)
    parser.add_argument("--plans", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--version", choices=("v1", "v2"), default="v2")
    options = parser.parse_args()
    write(options.out, *generate(options.scenes, options.plans, options.seed, options.version))


if __name__ == "__main__":
    main()
