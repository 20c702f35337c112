"""NAVSIM's own objects as scorer inputs, by their attributes alone: no NAVSIM import."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

MAP_TYPES = {
    "ROADBLOCK": 0,
    "LANE": 1,
    "LANE_CONNECTOR": 2,
    "INTERSECTION": 3,
    "CARPARK_AREA": 4,
    # drivable and nothing else, as a car park is
    "DRIVABLE_AREA": 4,
}
TRACK_TYPES = {
    "VEHICLE": 0,
    "PEDESTRIAN": 1,
    "BICYCLE": 2,
    "TRAFFIC_CONE": 3,
    "BARRIER": 4,
    "CZONE_SIGN": 5,
    "GENERIC_OBJECT": 6,
}
NUM_FRAMES = {"v1.1": 51, "v2": 41}
NUM_STEPS = 41
NUM_HISTORY = 4
REACH = 10.0
"""Metres around the ego positions beyond which a red polygon cannot be touched."""


def attribute(owner: Any, *names: str) -> Any:
    """The first of the named attributes that exists, a path of names separated by dots each."""
    for name in names:
        value = owner
        for part in name.split("."):
            value = getattr(value, part, None)
            if value is None:
                break
        else:
            return value
    kind = type(owner).__name__
    raise AttributeError(f"{kind}: got no attribute {' or '.join(names)}, expected NAVSIM's {kind}")


def ego_state_row(state: Any) -> np.ndarray:
    """State `[11]` of a nuPlan EgoState."""
    axle, car = attribute(state, "rear_axle"), attribute(state, "dynamic_car_state")
    velocity = attribute(car, "rear_axle_velocity_2d")
    acceleration = attribute(car, "rear_axle_acceleration_2d")
    return np.array(
        [
            axle.x,
            axle.y,
            axle.heading,
            velocity.x,
            velocity.y,
            acceleration.x,
            acceleration.y,
            attribute(state, "tire_steering_angle"),
            getattr(car, "tire_steering_rate", 0.0),
            getattr(car, "angular_velocity", 0.0),
            getattr(car, "angular_acceleration", 0.0),
        ],
        np.float64,
    )


def trajectory_states(trajectory: Any) -> list:
    """EgoStates of an InterpolatedTrajectory."""
    if hasattr(trajectory, "get_sampled_trajectory"):
        return list(trajectory.get_sampled_trajectory())
    return list(attribute(trajectory, "_trajectory"))


def history_arrays(past: Any) -> tuple[np.ndarray, np.ndarray]:
    """Four past states `[4,11]` and their times `[4]` [us], the last one now."""
    states = trajectory_states(past)
    if len(states) != NUM_HISTORY:
        raise ValueError(f"human_past_trajectory: got {len(states)} states, expected {NUM_HISTORY}")
    times = [attribute(state, "time_us", "time_point.time_us") for state in states]
    return np.array([ego_state_row(state) for state in states]), np.array(times, np.int64)


def centerline_vertices(path: Any) -> np.ndarray:
    """Vertices `[C,2]` of a PDMPath."""
    return np.asarray(attribute(path, "linestring", "_linestring").coords, np.float64)[:, :2]


def ring_of(polygon: Any, what: str) -> np.ndarray:
    """Vertices `[V,2]` of a shapely polygon without holes, the first not repeated."""
    kind = getattr(polygon, "geom_type", type(polygon).__name__)
    if kind != "Polygon":
        raise ValueError(f"{what}: got a {kind}, expected a Polygon")
    if len(polygon.interiors):
        raise ValueError(f"{what}: got {len(polygon.interiors)} holes, expected none")
    return np.asarray(polygon.exterior.coords, np.float64)[:-1, :2]


def map_arrays(drivable_map: Any, route_lane_ids: Iterable[str]) -> dict[str, Any]:
    """Polygon arguments of the scorer and `tokens`, from a PDMDrivableMap."""
    tokens = [str(token) for token in attribute(drivable_map, "tokens", "_tokens")]
    layers = list(attribute(drivable_map, "map_types", "_map_types"))
    shapes = list(attribute(drivable_map, "_geometries"))
    rings, types = [], []
    for token, layer, shape in zip(tokens, layers, shapes, strict=True):
        name = getattr(layer, "name", str(layer))
        if name not in MAP_TYPES:
            raise ValueError(f"map polygon {token}: got layer {name}, expected {set(MAP_TYPES)}")
        types.append(MAP_TYPES[name])
        rings.append(ring_of(shape, f"map polygon {token}"))
    route = {str(token) for token in route_lane_ids}
    offsets = np.concatenate([[0], np.cumsum([len(ring) for ring in rings])])
    return {
        "tokens": tokens,
        "polygon_xy": np.vstack(rings) if rings else np.zeros((0, 2)),
        "polygon_offset": offsets.astype(np.int32),
        "polygon_type": np.array(types, np.uint8),
        "polygon_on_route": np.array([token in route for token in tokens], np.uint8),
    }


def box_of_ring(ring: np.ndarray) -> np.ndarray:
    """(x, y, heading, length, width) of a box given by its corners `[4,2]`: front left, rear left,
    rear right, front right."""
    if len(ring) != 4:
        raise ValueError(f"object polygon: got {len(ring)} corners, expected 4")
    along = (ring[0] - ring[1] + ring[3] - ring[2]) / 2
    across = (ring[0] - ring[3] + ring[1] - ring[2]) / 2
    x, y = ring.mean(axis=0)
    heading = np.arctan2(along[1], along[0])
    return np.array([x, y, heading, np.hypot(*along), np.hypot(*across)])


def track_arrays(observation: Any, version: str) -> dict[str, Any]:
    """Track arguments of the scorer from a PDMObservation: polygons of every frame; type, speed and
    size as at first sight. Tokens on its list of collided tracks are marked as removed."""
    num_frames = NUM_FRAMES[version]
    red = attribute(observation, "red_light_token", "_red_light_token")
    objects = attribute(observation, "unique_objects", "_unique_objects")
    index: dict[str, int] = {}
    boxes: list[tuple[int, int, np.ndarray]] = []
    for frame in range(num_frames):
        tokens, shapes = _occupancy(observation, frame, num_frames)
        for token, shape in zip(tokens, shapes, strict=True):
            if red in token:
                continue
            track = index.setdefault(token, len(index))
            boxes.append((track, frame, box_of_ring(ring_of(shape, f"object {token}"))))
    state, valid = np.zeros((len(index), num_frames, 5)), np.zeros((len(index), num_frames))
    size, kind = np.zeros((len(index), 2)), np.zeros(len(index), np.uint8)
    for track, frame, box in reversed(boxes):
        state[track, frame, :3], valid[track, frame] = box[:3], 1
        size[track] = box[3:]  # the earliest frame is written last
    ignored = set(getattr(observation, "collided_track_ids", ()) or ())
    for token, track in index.items():
        if token not in objects:
            raise ValueError(f"object {token}: got no entry in unique_objects, expected one")
        kind[track] = track_type(objects[token], token)
        velocity = getattr(objects[token], "velocity", None)
        if velocity is not None:
            state[track, valid[track] > 0, 3:] = velocity.x, velocity.y
    return {
        "track_state": state,
        "track_valid": valid.astype(np.uint8),
        "track_size": size,
        "track_type": kind,
        "track_removed": np.array([token in ignored for token in index], np.uint8),
        "tokens": list(index),
    }


def track_type(tracked: Any, token: str) -> int:
    """Type number of a tracked object."""
    name = attribute(tracked, "tracked_object_type")
    name = getattr(name, "name", str(name))
    if name not in TRACK_TYPES:
        raise ValueError(f"object {token}: got type {name}, expected one of {set(TRACK_TYPES)}")
    return TRACK_TYPES[name]


def _occupancy(observation: Any, frame: int, num_frames: int):
    """Tokens and shapes of one frame."""
    try:
        occupancy = observation[frame]
    except (AssertionError, IndexError) as error:
        raise ValueError(f"observation: got {frame} frames, expected {num_frames}") from error
    return attribute(occupancy, "tokens", "_tokens"), attribute(occupancy, "_geometries")


def red_light_arrays(
    observation: Any, tokens: list[str], types: np.ndarray, positions: np.ndarray
) -> dict[str, np.ndarray]:
    """Red connectors `red_polygon` `[R]` and `red_on` `[R,41]` of a PDMObservation.

    A red connector that the map does not hold is left out if it is more than 10 m away from all
    `positions` `[K,2]` of the ego; otherwise it is an error."""
    red = attribute(observation, "red_light_token", "_red_light_token")
    place = {token: at for at, token in enumerate(tokens) if types[at] in (1, 2)}
    on: dict[int, np.ndarray] = {}
    for step in range(NUM_STEPS):
        found = _occupancy(observation, step, NUM_STEPS)
        for token, shape in zip(*found, strict=True):
            if red not in token:
                continue
            lane = token.removeprefix(f"{red}_")
            if lane in place:
                on.setdefault(place[lane], np.zeros(NUM_STEPS, np.uint8))[step] = 1
            elif _near(shape, positions):
                raise ValueError(f"red light {lane}: got no such map polygon, expected one")
    return {
        "red_polygon": np.array(list(on), np.int32),
        "red_on": np.array(list(on.values()), np.uint8).reshape(-1, NUM_STEPS),
    }


def _near(shape: Any, positions: np.ndarray) -> bool:
    low_x, low_y, high_x, high_y = shape.bounds
    low, high = np.array([low_x, low_y]) - REACH, np.array([high_x, high_y]) + REACH
    return bool(((positions > low) & (positions < high)).all(axis=-1).any())
