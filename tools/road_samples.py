"""Places and poses of logs for which something other than the raster says whether a car may be
there, and what forkroad says of them. Metres, scene frame."""

from __future__ import annotations

import forkroad
import numpy as np
import shapely

FAR, NEAR = 10.0, 3.0  # [m] from lanes: beside the road for certain; beside the lane
POINT_SIZE = 0.02  # [m] of a box that stands for a point
ON_LANE, MOVING = 1.5, 1.0  # [m] from a centre line, [m/s]
SAME_LEVEL = 3.0  # [m] between heights


class RoadMap:
    """The map of a scene as shapely objects: lanes, edges, areas where one may drive."""

    def __init__(self, scene: forkroad.Scene) -> None:
        self.scene = scene
        self.valid = np.asarray(scene.valid, bool)
        self.positions = np.asarray(scene.positions, np.float64)
        self.headings = np.asarray(scene.headings, np.float64)
        self.speeds = np.linalg.norm(scene.velocities, axis=-1)
        self.sizes = np.asarray(scene.sizes, np.float64)
        self.lanes = self._lines("lane")
        self.edges = self._lines("road_edge")
        self.areas = self._rings("driveway", "drivable_area")
        self.crosswalks = self._rings("crosswalk")
        self.lane_ends = shapely.union_all([lane.boundary for lane in self.lanes])
        self.lane_tree = shapely.STRtree(self.lanes)
        self.edge_tree = shapely.STRtree(self.edges)

    def _features(self, *kinds):
        return [np.asarray(f.points, np.float64) for f in self.scene.features if f.kind in kinds]

    def _lines(self, kind):
        return [shapely.LineString(points) for points in self._features(kind) if len(points) > 1]

    def _rings(self, *kinds):
        rings = [shapely.Polygon(p[:, :2]) for p in self._features(*kinds) if len(p) > 2]
        return shapely.union_all([ring.buffer(0) for ring in rings])

    def has_heights(self) -> bool:
        heights = np.concatenate([f.points[:, 2] for f in self.scene.features])
        return bool(np.ptp(heights) > 0.0)

    def bounds(self) -> np.ndarray:
        return shapely.total_bounds([*self.lanes, *self.edges, self.areas])

    def nearest_lane(self, xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Per point the nearest place on a lane [K, 2] and the distance [K]."""
        points = shapely.points(xy)
        lines = np.asarray(self.lanes, object)[self.lane_tree.nearest(points)]
        places = shapely.line_interpolate_point(lines, shapely.line_locate_point(lines, points))
        places = shapely.get_coordinates(places)
        return places, np.linalg.norm(places - xy, axis=1)

    def lane_heights(self, xy: np.ndarray) -> np.ndarray:
        """[K] height of the nearest lane there."""
        points = shapely.points(xy)
        lines = np.asarray(self.lanes, object)[self.lane_tree.nearest(points)]
        places = shapely.line_interpolate_point(lines, shapely.line_locate_point(lines, points))
        return shapely.get_coordinates(places, include_z=True)[:, 2]

    def edges_crossed(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """[K] how often the straight way to `end` crosses an edge on the level of the lane at
        `start`; the two sides of an island that is one line count as two."""
        ways = shapely.linestrings(np.stack([start, end], axis=1))
        way, edge = self.edge_tree.query(ways, predicate="intersects")
        lines = np.asarray(self.edges, object)[edge]
        meets, pair = shapely.get_parts(shapely.intersection(ways[way], lines), return_index=True)
        lines, way = lines[pair], way[pair]
        middles = shapely.centroid(meets)
        on = shapely.line_interpolate_point(lines, shapely.line_locate_point(lines, middles))
        heights = shapely.get_coordinates(on, include_z=True)[:, 2]
        level = np.abs(heights - self.lane_heights(start)[way]) < SAME_LEVEL
        return np.bincount(way[level], minlength=len(ways))

    def nearest_edge(self, xy: np.ndarray) -> np.ndarray:
        """[K] distance [m] from the nearest edge, infinite without edges."""
        if not self.edges:
            return np.full(len(xy), np.inf)
        points = shapely.points(xy)
        lines = np.asarray(self.edges, object)[self.edge_tree.nearest(points)]
        return shapely.distance(lines, points)


def off_road(road: RoadMap, asked: list[tuple[int, np.ndarray, tuple]]) -> list[np.ndarray] | None:
    """bool [K] for each (track, poses [K, 3], (length, width)), None where the map does not say:
    whether a corner of such a box is off the drivable area on the level of the track."""
    asked = [(track, poses, size) for track, poses, size in asked if len(poses)]
    if not asked:
        return []
    scene = road.scene
    most = max(len(poses) for _, poses, _ in asked)
    values = np.zeros((len(asked), most, 1, 3), np.float32)
    mask = np.zeros((len(asked), most), bool)
    for world, (_, poses, _) in enumerate(asked):
        values[world, : len(poses), 0] = poses
        mask[world, : len(poses)] = True
    batch = forkroad.SceneBatch([scene])
    tracks = np.array([track for track, _, _ in asked], np.int32)
    snapshot = forkroad.Snapshot.from_arrays(
        batch,
        scene=np.zeros(len(asked), np.int32),
        step=road.valid[tracks].argmax(axis=1).astype(np.int32),
        vehicle=np.array([(size[0], size[1], 0.6 * size[0], 0.3 * size[0]) for *_, size in asked]),
        history=np.zeros((len(asked), 1, 5), np.float32),
        history_dt=scene.dt,
        focal_track=tracks,
    )
    plans = forkroad.PlanSet(
        values, dt=scene.dt, first_time=0.0, frame="scene", reference="box_center", mask=mask
    )
    facts = forkroad.Simulator(batch).rollout(snapshot, plans, forkroad.make_agent_model("log"))
    steps = facts.off_road_step
    if (steps[mask] == -2).any():
        return None
    return [steps[world][mask[world]] >= 0 for world in range(len(asked))]


def points_off_road(road: RoadMap, track: int, xy: np.ndarray) -> np.ndarray | None:
    """off_road of places [K, 2]: bool [K]."""
    if not len(xy):
        return np.zeros(0, bool)
    poses = np.column_stack([xy, np.zeros(len(xy))])
    answers = off_road(road, [(track, poses, (POINT_SIZE, POINT_SIZE))])
    return None if answers is None else answers[0]


def far_places(road: RoadMap, count: int, rng: np.random.Generator) -> np.ndarray:
    """Up to `count` random places within the map's bounds, > 10 m from lanes and areas."""
    low_x, low_y, high_x, high_y = road.bounds()
    found = np.zeros((0, 2))
    for _ in range(20):
        xy = rng.uniform((low_x, low_y), (high_x, high_y), (count, 2)).astype(np.float32)
        far = road.nearest_lane(xy)[1] > FAR
        far &= shapely.distance(road.areas, shapely.points(xy)) > FAR if road.areas else True
        found = np.concatenate([found, xy[far]])
        if len(found) >= count:
            break
    return found[:count]


def level_of(road: RoadMap, track: int, xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per place the height [K] of the ground at the track's nearest pose and how far that is."""
    path = road.positions[track][road.valid[track]][::5]
    ground = path[:, 2] - 0.5 * road.sizes[track][road.valid[track]][::5, 2]
    apart = np.linalg.norm(xy[:, None] - path[None, :, :2], axis=2)
    nearest = apart.argmin(axis=1)
    return ground[nearest], apart[np.arange(len(xy)), nearest]


def beside_lanes(road: RoadMap, track: int, count: int, rng: np.random.Generator):
    """Random places 3 to 9 m beside the nearest lane, outside areas, with the number of edges that
    the straight way from the lane crosses: [K, 2], [K]. Places beyond a lane's end, where the map
    may be cut, and on an edge are left out."""
    vertices = np.concatenate([shapely.get_coordinates(lane) for lane in road.lanes])
    xy = vertices[rng.integers(0, len(vertices), count)] + rng.uniform(-FAR, FAR, (count, 2))
    places, distance = road.nearest_lane(xy)
    kept = (distance > NEAR) & (distance < FAR - 1.0) & ~shapely.contains_xy(road.areas, *xy.T)
    kept &= shapely.distance(road.lane_ends, shapely.points(places)) > 0.1
    kept &= road.nearest_edge(xy) > POINT_SIZE
    if road.has_heights():
        ground, apart = level_of(road, track, places)
        # well within what counts as the level of the track
        kept &= np.abs(road.lane_heights(places) - ground) < 2.0 + 0.04 * apart
    return xy[kept], road.edges_crossed(places[kept], xy[kept])


def on_lanes(road: RoadMap, track: int) -> np.ndarray:
    """Places [K, 2] on lanes, 5 m apart, on the level of the track."""
    places = [
        shapely.get_coordinates(
            shapely.line_interpolate_point(lane, np.arange(0, lane.length, 5.0)), include_z=True
        )
        for lane in road.lanes
    ]
    places = np.concatenate(places)
    if road.has_heights():
        ground, apart = level_of(road, track, places[:, :2])
        places = places[np.abs(places[:, 2] - ground) < 2.0 + 0.04 * apart]
    return places[:, :2]


def people_beside(road: RoadMap) -> np.ndarray:
    """Logged places of people on foot, 1 s apart: > 3 m from lanes, on no crosswalk or area."""
    people = [track for track, kind in enumerate(road.scene.kinds) if kind == "pedestrian"]
    every = max(1, round(1.0 / road.scene.dt))
    xy = road.positions[people, ::every, :2][road.valid[people, ::every]]
    if not len(xy):
        return xy
    kept = road.nearest_lane(xy)[1] > NEAR
    for area in (road.areas, road.crosswalks):
        kept &= ~shapely.contains_xy(area, *xy.T)
    return xy[kept]


def moving_poses(road: RoadMap, track: int, limit: int) -> np.ndarray:
    """Poses [K, 3] at which a vehicle drives along a lane: > 1 m/s, within 1.5 m of its centre."""
    moves = road.valid[track] & (road.speeds[track] > MOVING)
    poses = np.column_stack([road.positions[track][:, :2], road.headings[track]])[moves]
    poses = poses[:: max(1, -(-len(poses) // limit))]
    return poses[road.nearest_lane(poses[:, :2])[1] < ON_LANE] if len(poses) else poses
