"""Plain fp64 reference of NAVSIM's ego areas, NC and TTC, and its scene type (tests only).

Roll-outs are `[N,41,11]` (see `navsim_reference_rollout`), world frame, SI units, radians.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from navsim_reference_geometry import (
    LENGTH,
    WIDTH,
    Line,
    Polygon,
    bearing,
    box_corners,
    box_gap,
    boxes_touch,
    ego_center,
)

ROADBLOCK, LANE, LANE_CONNECTOR, INTERSECTION, CARPARK_AREA = range(5)
NUM_AGENT_TYPES = 3  # vehicle, pedestrian, bicycle; the rest is static
STOPPED_SPEED, TTC_STOPPED_SPEED = 0.05, 0.005  # [m/s]
AHEAD, BEHIND = np.deg2rad(30.0), np.deg2rad(150.0)
TTC_OFFSETS = np.array([0, 3, 6, 9])  # steps
STOPPED_EGO, STOPPED_TRACK, ACTIVE_FRONT, ACTIVE_REAR, ACTIVE_LATERAL = range(5)


@dataclasses.dataclass
class Scene:
    """Inputs of one scene; arrays as in the golden files, ragged ones already cut out."""

    name: str
    ego_state: np.ndarray  # [11]
    ego_time_us: int
    history_state: np.ndarray | None  # [4,11]
    history_time_us: np.ndarray | None  # [4]
    centerline: np.ndarray  # [C,2]
    polygons: list[np.ndarray]  # P rings [V,2]
    polygon_type: np.ndarray  # [P]
    polygon_on_route: np.ndarray  # [P]
    track_state: np.ndarray  # [A,F,5] x, y, heading, vx, vy
    track_valid: np.ndarray  # [A,F]
    track_size: np.ndarray  # [A,2] length, width
    track_type: np.ndarray  # [A]
    track_removed: np.ndarray | None = None  # [A]
    red_polygon: np.ndarray | None = None  # [R]
    red_on: np.ndarray | None = None  # [R,41]

    def __post_init__(self):
        self.shapes = [Polygon(ring) for ring in self.polygons]
        self.line = Line(self.centerline)
        present = self.track_valid.astype(bool)
        if self.track_removed is not None:
            present = present & ~self.track_removed.astype(bool)[:, None]
        self.present = present
        first = self.track_valid.argmax(axis=1)
        velocity = self.track_state[np.arange(len(first)), first, 3:5]
        self.first_speed = np.hypot(velocity[:, 0], velocity[:, 1])
        self.agent = self.track_type < NUM_AGENT_TYPES

    def of_type(self, *types: int) -> list[int]:
        """Indices of polygons of the given types."""
        return [index for index, kind in enumerate(self.polygon_type) if kind in types]


@dataclasses.dataclass
class Areas:
    """Where the ego is, `[N,41]` flags, and distances to the nearest border `[N,41]` [m]."""

    multiple_lanes: np.ndarray
    non_drivable: np.ndarray
    off_route: np.ndarray
    center_in_intersection: np.ndarray
    axle_in_intersection: np.ndarray
    border: np.ndarray  # corners and centre, every polygon
    drivable_border: np.ndarray  # corners, roadblock, intersection and car park
    route_border: np.ndarray  # centre, lanes and connectors
    center_border: np.ndarray  # centre, intersections
    axle_border: np.ndarray  # rear axle, intersections

    @property
    def careless(self) -> np.ndarray:
        """MULTIPLE_LANES or NON_DRIVABLE, `[N,41]`."""
        return self.multiple_lanes | self.non_drivable


def ego_areas(scene: Scene, sim: np.ndarray) -> Areas:
    """Areas of every plan and step."""
    center, axle = ego_center(sim), sim[..., :2]
    points = np.concatenate(
        [corners_of(sim), center[..., None, :], axle[..., None, :]], axis=-2
    )  # [N,41,6,2]
    shape = sim.shape[:2]
    inside = [polygon.contains(points) for polygon in scene.shapes]
    border = [polygon.border_distance(points) for polygon in scene.shapes]

    def nearest(kinds, rows):
        found = [border[index][..., rows].min(axis=-1) for index in scene.of_type(*kinds)]
        return np.min(found, axis=0) if found else np.full(shape, np.inf)

    lanes = [inside[index][..., :4].sum(axis=-1) for index in scene.of_type(LANE, LANE_CONNECTOR)]
    some = sum((count > 0 for count in lanes), np.zeros(shape, int))
    whole = sum((count == 4 for count in lanes), np.zeros(shape, int))
    covered = np.zeros((*shape, 4), bool)
    for index in scene.of_type(ROADBLOCK, INTERSECTION, CARPARK_AREA):
        covered |= inside[index][..., :4]
    flags = {"off_route": np.ones(shape, bool)}
    flags["center_in_intersection"] = np.zeros(shape, bool)
    flags["axle_in_intersection"] = np.zeros(shape, bool)
    for index in scene.of_type(LANE, LANE_CONNECTOR):
        if scene.polygon_on_route[index]:
            flags["off_route"] &= ~inside[index][..., 4]
    for index in scene.of_type(INTERSECTION):
        flags["center_in_intersection"] |= inside[index][..., 4]
        flags["axle_in_intersection"] |= inside[index][..., 5]
    return Areas(
        multiple_lanes=(some > 1) & (whole == 0),
        non_drivable=~covered.all(axis=-1),
        **flags,
        border=nearest(range(5), slice(0, 5)),
        drivable_border=nearest((ROADBLOCK, INTERSECTION, CARPARK_AREA), slice(0, 4)),
        route_border=nearest((LANE, LANE_CONNECTOR), slice(4, 5)),
        center_border=nearest((INTERSECTION,), slice(4, 5)),
        axle_border=nearest((INTERSECTION,), slice(5, 6)),
    )


def corners_of(sim: np.ndarray, shift: np.ndarray | float = 0.0) -> np.ndarray:
    """Ego corners `[...,4,2]`, moved `shift` [m] along the heading."""
    heading = sim[..., 2]
    ahead = np.stack([np.cos(heading), np.sin(heading)], axis=-1)
    center = ego_center(sim) + np.asarray(shift)[..., None] * ahead
    size = np.ones_like(heading)
    return box_corners(center, heading, LENGTH * size, WIDTH * size)


def _contacts(scene: Scene, sim: np.ndarray, offsets: np.ndarray, num_times: int):
    """Overlaps of the ego, projected `offsets` steps ahead, with every track of that frame.

    Returns rows (plan, step, offset index, track) in the order of the scorer, and the smallest gap
    `[N]` [m]."""
    steps = np.arange(num_times)
    frames = steps[:, None] + offsets  # [T,K]
    ego = sim[:, :num_times, None]
    speed = np.hypot(ego[..., 3], ego[..., 4])
    shift = speed * (0.1 * offsets)
    heading = ego[..., 2] + np.zeros(len(offsets))
    center = ego_center(ego) + shift[..., None] * np.stack(
        [np.cos(heading), np.sin(heading)], axis=-1
    )
    track = scene.track_state[:, frames].transpose(1, 2, 0, 3)  # [T,K,A,5]
    size = scene.track_size
    gap = box_gap(
        center[..., None, :],
        heading[..., None],
        np.array([LENGTH, WIDTH]),
        track[..., :2],
        track[..., 2],
        size,
    )
    corners = box_corners(track[..., :2], track[..., 2], size[:, 0], size[:, 1])
    ego_corners = box_corners(
        center, heading, np.full(heading.shape, LENGTH), np.full(heading.shape, WIDTH)
    )
    present = scene.present[:, frames].transpose(1, 2, 0)
    touch = boxes_touch(gap, ego_corners[..., None, :, :], corners) & present
    smallest = np.where(present, np.abs(gap), np.inf).min(axis=(1, 2, 3), initial=np.inf)
    return np.argwhere(touch), smallest


def _angle_margin(angle: float, *limits: float) -> float:
    if np.isnan(angle):
        return 0.0
    straight = min(angle, np.pi - angle)
    return min(straight, *(abs(angle - limit) for limit in limits))


def _front_touches(scene: Scene, state: np.ndarray, track: int, frame: int):
    """Whether the front edge touches the track's box, and by how much [m]."""
    corners = corners_of(state)
    middle = (corners[0] + corners[3]) / 2
    other, size = scene.track_state[track, frame], scene.track_size[track]
    edge = np.array([0.0, WIDTH])
    gap = box_gap(middle, state[2], edge, other[:2], other[2], size)
    return bool(gap <= 0), abs(float(gap))


def _classify(scene: Scene, state, track: int, frame: int, careless: bool, border: float):
    """Class of a contact, whether at fault, and the margin of that decision."""
    speed = np.hypot(state[3], state[4])
    margin = abs(speed - STOPPED_SPEED)
    if speed <= STOPPED_SPEED:
        return STOPPED_EGO, False, margin
    if not scene.agent[track]:
        return STOPPED_TRACK, True, margin
    margin = min(margin, abs(scene.first_speed[track] - STOPPED_SPEED))
    if scene.first_speed[track] <= STOPPED_SPEED:
        return STOPPED_TRACK, True, margin
    angle = bearing(state, scene.track_state[track, frame, :2])
    margin = min(margin, _angle_margin(angle, BEHIND))
    if angle > BEHIND:
        return ACTIVE_REAR, False, margin
    front, gap = _front_touches(scene, state, track, frame)
    margin = min(margin, gap)
    if front:
        return ACTIVE_FRONT, True, margin
    return ACTIVE_LATERAL, bool(careless), min(margin, border)


def no_collision(scene: Scene, sim: np.ndarray, areas: Areas):
    """NC `[N]`, first at-fault step `[N]` (-1 none), margins `[N]`, and event rows `[E,5]`
    (plan, step, track, class, at fault)."""
    rows, margin = _contacts(scene, sim, np.array([0]), sim.shape[1])
    nc, first = np.ones(len(sim)), np.full(len(sim), -1, np.int32)
    harmless, events = set(), []
    for plan, step, _, track in rows:
        if (plan, track) in harmless:
            continue
        kind, fault, gap = _classify(
            scene,
            sim[plan, step],
            track,
            step,
            areas.careless[plan, step],
            areas.border[plan, step],
        )
        margin[plan] = min(margin[plan], gap)
        events.append((plan, step, track, kind, int(fault)))
        if not fault:
            harmless.add((plan, track))
            continue
        nc[plan] = min(nc[plan], 0.0 if scene.agent[track] else 0.5)
        if first[plan] < 0:
            first[plan] = step
    return nc, first, margin, np.array(events, np.int16).reshape(-1, 5)


def time_to_collision(scene: Scene, sim: np.ndarray, areas: Areas, num_times: int):
    """TTC `[N]`, first infraction step `[N]` (-1 none), margins `[N]`, and event rows `[E,8]`
    (plan, step, offset, track, ahead, careless, behind or -1, violation); the context of a
    violation also counts an intersection under the rear axle."""
    rows, margin = _contacts(scene, sim, TTC_OFFSETS, num_times)
    ttc, first = np.ones(len(sim)), np.full(len(sim), -1, np.int32)
    ignored, events = set(), []
    for plan, step, offset, track in rows:
        state = sim[plan, step]
        speed = np.hypot(state[3], state[4])
        if (plan, track) in ignored:
            continue
        gap = abs(speed - TTC_STOPPED_SPEED)
        if speed >= TTC_STOPPED_SPEED:
            frame = step + TTC_OFFSETS[offset]
            angle = bearing(state, scene.track_state[track, frame, :2])
            gap = min(gap, _angle_margin(angle, AHEAD))
            ahead, careless, behind = bool(angle < AHEAD), areas.careless[plan, step], -1
            context = careless or areas.axle_in_intersection[plan, step]
            violation = ahead
            if not ahead:
                gap = min(gap, areas.border[plan, step], areas.axle_border[plan, step])
                if context:
                    gap = min(gap, _angle_margin(angle, BEHIND))
                    behind = int(angle > BEHIND)
                    violation = not behind
            events.append(
                (plan, step, TTC_OFFSETS[offset], track, ahead, careless, behind, violation)
            )
            if not violation:
                ignored.add((plan, track))
            else:
                ttc[plan] = 0.0
                if first[plan] < 0:
                    first[plan] = step
        margin[plan] = min(margin[plan], gap)
    return ttc, first, margin, np.array(events, np.int16).reshape(-1, 8)
