"""Stand-ins with the attributes of NAVSIM's and nuPlan's objects, made of a scene (tests only)."""

from __future__ import annotations

import enum
from types import SimpleNamespace

import numpy as np
import shapely
from navsim_reference_geometry import LENGTH, WIDTH, box_corners, ego_center

RED = "red_light"


class SemanticMapLayer(enum.Enum):
    """Named as in nuPlan."""

    ROADBLOCK = 1
    LANE = 2
    LANE_CONNECTOR = 3
    INTERSECTION = 4
    CARPARK_AREA = 5


class TrackedObjectType(enum.Enum):
    """Named as in nuPlan."""

    VEHICLE = 0
    PEDESTRIAN = 1
    BICYCLE = 2
    TRAFFIC_CONE = 3
    BARRIER = 4
    CZONE_SIGN = 5
    GENERIC_OBJECT = 6


class Observation:
    """PDMObservation: one occupancy map per frame."""

    red_light_token = RED
    collided_track_ids = ()

    def __init__(self, frames, unique_objects):
        self._frames, self.unique_objects = frames, unique_objects

    def __getitem__(self, frame):
        assert 0 <= frame < len(self._frames)
        return self._frames[frame]

    def update_detections_tracks(self, detection_tracks):
        self._frames = detection_tracks


class Trajectory:
    """InterpolatedTrajectory: a list of ego states."""

    def __init__(self, states):
        self._trajectory = states

    def get_sampled_trajectory(self):
        return self._trajectory


def _xy(x, y, **more):
    return SimpleNamespace(x=float(x), y=float(y), **more)


def ego_state(row, time_us):
    """EgoState of a row `[11]`."""
    car = SimpleNamespace(
        rear_axle_velocity_2d=_xy(row[3], row[4]),
        rear_axle_acceleration_2d=_xy(row[5], row[6]),
        tire_steering_rate=float(row[8]),
        angular_velocity=float(row[9]),
        angular_acceleration=float(row[10]),
    )
    corners = box_corners(ego_center(row), row[2], np.float64(LENGTH), np.float64(WIDTH))
    return SimpleNamespace(
        rear_axle=_xy(row[0], row[1], heading=float(row[2])),
        dynamic_car_state=car,
        tire_steering_angle=float(row[7]),
        time_us=int(time_us),
        car_footprint=SimpleNamespace(geometry=shapely.Polygon(corners)),
    )


def observation(scene, *, drop_removed: bool) -> Observation:
    """PDMObservation of a `forkroad.navsim.NavsimScene`."""
    keep = np.ones(len(scene.track_type), bool)
    if drop_removed and scene.track_removed is not None:
        keep = scene.track_removed == 0
    frames, objects = [], {}
    for frame in range(scene.track_state.shape[1]):
        tokens, shapes = [], []
        for track in np.nonzero(keep & (scene.track_valid[:, frame] == 1))[0]:
            state, token = scene.track_state[track, frame], scene.track_token[track]
            length, width = scene.track_size[track]
            tokens.append(token)
            shapes.append(shapely.Polygon(box_corners(state[:2], state[2], length, width)))
            kind = TrackedObjectType(int(scene.track_type[track]))
            tracked = SimpleNamespace(tracked_object_type=kind)
            if kind.value < 3:
                tracked.velocity = _xy(*state[3:])
            objects.setdefault(token, tracked)
        if scene.red_polygon is not None and frame < 41:
            for polygon, on in zip(scene.red_polygon, scene.red_on, strict=True):
                if on[frame]:
                    tokens.append(f"{RED}_{scene.polygon_token[polygon]}")
                    shapes.append(shapely.Polygon(_ring(scene, polygon)))
        frames.append(SimpleNamespace(tokens=tokens, _geometries=np.array(shapes, object)))
    return Observation(frames, objects)


def _ring(scene, polygon):
    first, last = scene.polygon_offset[polygon : polygon + 2]
    return scene.polygon_xy[first:last]


def drivable_map(scene):
    """PDMDrivableMap."""
    return SimpleNamespace(
        tokens=list(scene.polygon_token),
        map_types=[list(SemanticMapLayer)[kind] for kind in scene.polygon_type],
        _geometries=[shapely.Polygon(_ring(scene, k)) for k in range(len(scene.polygon_type))],
    )


def route_lane_ids(scene) -> list[str]:
    """Tokens on the route."""
    return [
        token for token, on in zip(scene.polygon_token, scene.polygon_on_route, strict=True) if on
    ]


def centerline(scene):
    """PDMPath."""
    return SimpleNamespace(linestring=shapely.LineString(scene.centerline))


def history(scene):
    """The human past as an InterpolatedTrajectory, None without history."""
    if scene.history_state is None:
        return None
    rows = zip(scene.history_state, scene.history_time_us, strict=True)
    return Trajectory([ego_state(row, time) for row, time in rows])


def sampling(num_poses=40, interval_length=0.1):
    """TrajectorySampling."""
    return SimpleNamespace(num_poses=num_poses, interval_length=interval_length)


def metric_cache(scene, version: str):
    """MetricCache of a scene with history."""
    start = scene.ego_time_us
    times = [int((start * 1e-6 + 0.1 * step) * 1e6) for step in range(41)]
    times[0] = start
    states = [
        ego_state(np.concatenate([pose, np.zeros(8)]), time)
        for pose, time in zip(scene.reference_plan, times, strict=True)
    ]
    cache = SimpleNamespace(
        trajectory=Trajectory(states),
        ego_state=ego_state(scene.ego_state, start),
        observation=observation(scene, drop_removed=False),
        centerline=centerline(scene),
        route_lane_ids=route_lane_ids(scene),
        drivable_area_map=drivable_map(scene),
    )
    if version == "v2":
        cache.log_name = "log"
        cache.past_human_trajectory = history(scene)
        cache.human_trajectory = SimpleNamespace(
            poses=scene.human_local, trajectory_sampling=sampling(8, 0.5)
        )
    return cache
