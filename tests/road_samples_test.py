"""The places that the road fidelity tool asks about, on generated scenes, whose roads are known."""

import sys
from pathlib import Path

import forkroad
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

from road_picture import draw_place
from road_samples import (
    FAR,
    RoadMap,
    beside_lanes,
    far_places,
    moving_poses,
    off_road,
    on_lanes,
    points_off_road,
)
from road_truth import compare_with_ground


@pytest.fixture(scope="module", params=["multi_lane", "signalised_crossing"])
def road(request):
    return RoadMap(forkroad.generate_scene(layout=request.param, seed=3, index=0))


def test_far_places_are_far_from_every_lane_and_off_the_road(road):
    xy = far_places(road, 200, np.random.default_rng(1))
    assert len(xy) == 200
    for lane in road.scene.features:
        if lane.kind == "lane":
            apart = np.linalg.norm(xy[:, None] - lane.points[None, :, :2], axis=2)
            assert apart.min() > FAR - 0.1
    assert points_off_road(road, road.scene.ego, xy).all()


def test_places_on_lanes_are_on_the_road_and_beyond_an_edge_they_are_not(road):
    ego = road.scene.ego
    # lanes begin on the very border of the areas
    assert points_off_road(road, ego, on_lanes(road, ego)).mean() < 0.05
    xy, crossed = beside_lanes(road, ego, 2000, np.random.default_rng(2))
    off = points_off_road(road, ego, xy)
    assert (crossed == 1).sum() > 20
    assert off[crossed == 1].mean() > 0.95


def test_edges_alone_agree_with_the_areas(road):
    xy, outside, judged = compare_with_ground(
        road.scene, road.scene.ego, 1000, np.random.default_rng(3)
    )
    assert len(xy) > 200
    assert 0.02 < outside.mean() < 0.98
    assert (outside == judged).mean() > 0.97


def test_drivers_on_their_lanes_are_on_the_road(road):
    vehicles = [track for track, kind in enumerate(road.scene.kinds) if kind == "vehicle"]
    asked = [(track, moving_poses(road, track, 40), road.sizes[track, 0, :2]) for track in vehicles]
    asked = [item for item in asked if len(item[1]) and item[2].min() > 0]
    assert len(asked) > 3
    assert not np.concatenate(off_road(road, asked)).any()
    # the same boxes 400 m away
    moved = [(track, np.add(poses, (0, 400, 0)), size) for track, poses, size in asked]
    assert np.concatenate(off_road(road, moved)).all()


def test_a_picture_of_a_place_is_written(road, tmp_path):
    scene = road.scene
    ego = scene.ego
    middle = scene.positions[ego, 0, :2]
    file = tmp_path / "place" / "picture.png"
    draw_place(scene, middle, 30, "here", file, step=0, track=ego, points=[(middle[None], "red")])
    assert file.read_bytes().startswith(b"\x89PNG")
