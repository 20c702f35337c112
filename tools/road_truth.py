"""Maps that say by polygons where the road is: what forkroad makes of their edges alone, compared
with the polygons. Metres, scene frame."""

from __future__ import annotations

import forkroad
import numpy as np
import shapely
from road_samples import FAR, RoadMap, points_off_road

AT_BORDER = 0.05  # [m] from the polygons' border nothing is compared


def lanelet_ground(scene: forkroad.Scene):
    """The ground of all lanes between their left and right bounds; None where not every lane has
    one bound on each side, as lanelets do."""
    by_id = {feature.id: np.asarray(feature.points, np.float64) for feature in scene.features}
    grounds = []
    for lane in scene.features:
        if lane.kind != "lane":
            continue
        if len(lane.left_boundaries) != 1 or len(lane.right_boundaries) != 1:
            return None
        sides = []
        for boundaries in (lane.left_boundaries, lane.right_boundaries):
            side = by_id[boundaries[0][0]][:, :2]
            # bounds run along the lane or against it
            start = np.asarray(lane.points[0, :2], np.float64)
            turned = np.linalg.norm(side[0] - start) > np.linalg.norm(side[-1] - start)
            sides.append(side[::-1] if turned else side)
        grounds.append(shapely.Polygon(np.concatenate([sides[0], sides[1][::-1]])).buffer(0))
    return shapely.union_all(grounds) if grounds else None


def with_edges_alone(scene: forkroad.Scene, track: int) -> tuple[forkroad.Scene, object]:
    """The scene with the outline of its drivable areas as road edges in their place, and the
    areas."""
    areas = [f.points[:, :2] for f in scene.features if f.kind == "drivable_area"]
    ground = shapely.union_all([shapely.Polygon(area).buffer(0) for area in areas])
    features = [
        {"id": f.id, "kind": "lane", "points": f.points} for f in scene.features if f.kind == "lane"
    ]
    fresh = 1 + max(feature["id"] for feature in features)
    height = float(np.mean(np.concatenate([feature["points"] for feature in features])[:, 2]))
    for polygon in shapely.get_parts(ground):
        # the outer ring counter-clockwise, holes clockwise: the ground on the left
        polygon = shapely.geometry.polygon.orient(polygon)
        for ring in (polygon.exterior, *polygon.interiors):
            xy = np.asarray(ring.coords)
            points = np.column_stack([xy, np.full(len(xy), height)])
            features.append({"id": fresh, "kind": "road_edge", "points": points})
            fresh += 1
    logged = {
        "id": 1, "kind": "vehicle", "positions": scene.positions[track],
        "headings": scene.headings[track], "velocities": scene.velocities[track],
        "sizes": scene.sizes[track], "valid": scene.valid[track],
    }  # fmt: skip
    outlined = forkroad.build_scene(
        id=scene.id, dt=scene.dt, ego=0, tracks=[logged], features=features, origin=[0, 0, 0]
    )
    return outlined, ground


def compare_with_ground(scene: forkroad.Scene, track: int, count: int, rng: np.random.Generator):
    """How random places within 9 m beside lanes, not beyond their ends, are judged by edges alone
    and what the polygons say: xy [K, 2], off the ground [K], judged off the road [K]; None where
    there are no polygons or the map does not say. Lanelets count as ground for forkroad too."""
    if any(feature.kind == "drivable_area" for feature in scene.features):
        scene, ground = with_edges_alone(scene, track)
        track = 0
    else:
        ground = lanelet_ground(scene)
    if ground is None:
        return None
    road = RoadMap(scene)
    vertices = np.concatenate([shapely.get_coordinates(lane) for lane in road.lanes])
    xy = vertices[rng.integers(0, len(vertices), count)] + rng.uniform(-FAR, FAR, (count, 2))
    places, distance = road.nearest_lane(xy)
    beside = shapely.distance(road.lane_ends, shapely.points(places)) > 0.1
    xy = xy[(distance < FAR - 1.0) & beside]
    xy = xy[shapely.distance(ground.boundary, shapely.points(xy)) > AT_BORDER]
    judged = points_off_road(road, track, xy)
    if judged is None:
        return None
    return xy, ~shapely.contains_xy(ground, *xy.T), judged
