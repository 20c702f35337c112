"""Real logs of the Python readers against another conversion of the same logs (unified_json).

Twins are rounded to 1 mm and 1e-5 rad. Where a reader says something else on purpose, the test
says what; docs/data.md has the list.
"""

import gzip
import json
import math
from collections import Counter, defaultdict

import forkroad
import numpy as np
import pytest
from shared_logs import find_logs, index_rows, shared_data

ROUNDING = 0.6e-3  # [m] half a millimetre and what fp32 adds within a kilometre or two
NUSCENES_AXLE_TO_CENTER = 1.385  # [m]
AV2_AXLE_TO_CENTER = 1.422  # [m]
EARLY_FILES = ("250011f460de6135", "dd0c8c27fdd6ef59")  # one array of sizes
MOVING_LAMPS = ("waymax_scenario_769278269c869556", 51)  # from this step on lamps change lanes
SETS = {
    "av2_motion_forecasting": "av2_motion_forecasting/*",
    "av2_sensor": "av2_sensor/*",
    "scenarionet_nuscenes": "scenarionet_pkl/nuscenes/*",
    "scenarionet_waymo": "scenarionet_pkl/waymo/*",
    "waymax": "waymax_pkl/*",
}


def twin_file(set_name, log):
    stem = log.name.removesuffix(".pkl.xz").replace(".tfrecord", "")
    return f"unified_json/{set_name}/{stem}.json.gz"


def read_twin(name):
    with gzip.open(shared_data() / name) as file:
        return json.load(file)


@pytest.fixture(scope="module", params=SETS)
def logs(request):
    """The name of a set and its scenes, each with its twin and its row of the index."""
    found = []
    for log in find_logs(SETS[request.param]):
        (scene,) = forkroad.load_scenes(log)
        name = twin_file(request.param, log)
        found.append((scene, read_twin(name), index_rows()[name]))
    return request.param, found


def coordinates(points):
    return np.array([[point["x"], point["y"], point["z"]] for point in points], float)


def source(scene, points):
    return scene.origin + np.asarray(points, float)


def ahead(headings, distance):
    return distance * np.stack([np.cos(headings), np.sin(headings), 0 * headings], axis=-1)


def test_counts_are_those_of_the_index(logs):
    set_name, scenes = logs
    for scene, _, row in scenes:
        kinds = Counter(scene.kinds)
        assert len(scene.kinds) == int(row["objects"]), scene.id
        for kind, column in (("vehicle", "vehicles"), ("pedestrian", "pedestrians"),
                             ("cyclist", "cyclists"), ("other", "other")):  # fmt: skip
            assert kinds[kind] == int(row[column]), (scene.id, kind)
        assert scene.num_steps == int(row["T"])
        assert scene.dt == pytest.approx(float(row["dt"]), rel=0.003)
        assert scene.ego == int(row["sdc_index"])
        # twins of ScenarioNet drop lines and lanes of one point
        least = 2 if set_name.startswith("scenarionet") else 1
        features = [
            feature
            for feature in scene.features
            if len(feature.points) >= least or feature.kind == "stop_sign"
        ]
        counts = Counter(feature.kind for feature in features)
        painted = [
            feature for feature in features
            if feature.kind == "road_line" and feature.raw_type != "NONE"
        ]  # fmt: skip
        assert counts["lane"] == int(row["lanes"]), scene.id
        assert counts["road_edge"] + counts["drivable_area"] == int(row["road_edges"]), scene.id
        assert len(painted) == int(row["road_lines"]), scene.id
        assert counts["crosswalk"] == int(row["crosswalks"]), scene.id
        assert counts["stop_sign"] == int(row["stop_signs"]), scene.id
        lit = {
            signal.lane_id for step in scene.signals for signal in step if signal.state != "unknown"
        }
        if scene.id != MOVING_LAMPS[0]:
            assert len(lit) == int(row["tl_lanes_known"]), scene.id
        assert row["scenario_id"] in scene.id, "Waymax files are known by their names only"


def test_tracks_are_those_of_the_twin(logs):
    set_name, scenes = logs
    for scene, twin, _ in scenes:
        assert len(scene.tracks) == len(twin["objects"])
        for index, (track, other) in enumerate(zip(scene.tracks, twin["objects"], strict=True)):
            valid = np.array(other["valid"])
            assert np.array_equal(track.valid, valid), (scene.id, track.id)
            assert track.kind == other["type"]
            positions = source(scene, track.positions)[valid]
            headings = track.headings[valid].astype(float)
            expected = coordinates(other["position"])[valid]
            if index == scene.ego and set_name == "scenarionet_nuscenes":
                positions -= ahead(headings, NUSCENES_AXLE_TO_CENTER)
                positions[:, 2] -= track.sizes[valid, 2] / 2
            if index == scene.ego and set_name == "av2_motion_forecasting":
                positions -= ahead(headings, AV2_AXLE_TO_CENTER)
            # twins of sensor logs place the ego by hand too, to a millimetre more or less
            slack = 1.5e-3 if index == scene.ego and set_name == "av2_sensor" else 0
            assert np.abs(positions - expected).max(initial=0) < ROUNDING + slack, (scene.id, index)
            turn = headings - np.array(other["heading"], float)[valid]
            wrapped = np.abs((turn + math.pi) % (2 * math.pi) - math.pi)
            assert wrapped.max(initial=0) < 1.1e-5, (scene.id, track.id)


def test_velocities_and_sizes_are_those_of_the_twin(logs):
    set_name, scenes = logs
    for scene, twin, _ in scenes:
        for index, (track, other) in enumerate(zip(scene.tracks, twin["objects"], strict=True)):
            valid = np.array(other["valid"])
            if not valid.any():
                continue
            expected = np.array([[v["x"], v["y"]] for v in other["velocity"]], float)[valid]
            # of sensor logs both are made of positions, the twin's on an even clock
            slack = 0.03 * (1 + np.abs(expected).max()) if set_name == "av2_sensor" else 0
            assert np.abs(track.velocities[valid] - expected).max() < ROUNDING + slack, track.id
            size = [other["length"], other["width"], other["height"]]
            if index == scene.ego and set_name == "scenarionet_nuscenes":
                size[:2] = size[1], size[0]
            if index == scene.ego and set_name == "av2_motion_forecasting":
                size = [4.877, 2.0, 1.473]
            # the twin has the last size of a track, and of early files one that it assumed
            if set_name == "scenarionet_waymo" and scene.id in EARLY_FILES:
                continue
            assert np.abs(track.sizes[valid][-1] - size).max() < ROUNDING, (scene.id, track.id)


def test_the_map_is_the_one_of_the_twin(logs):
    set_name, scenes = logs
    # lines of nuScenes have no height: the reader puts them at the origin's
    columns = slice(0, 2 if set_name == "scenarionet_nuscenes" else 3)
    for scene, twin, _ in scenes:
        found = index_features(scene)
        for road in twin["roads"]:
            points = coordinates(road["geometry"])
            if set_name == "av2_sensor" and road["type"] == "lane":
                (near,) = [lane for lane, _ in found["lane"] if lane.id == road["id"]]
                assert_same_course(source(scene, near.points), points)
                near = [near]
            else:
                near = [
                    feature
                    for feature, mine in found[road["type"], len(points)]
                    if np.abs(mine - points)[:, columns].max() < 1e-3
                ]
            assert near, (scene.id, road["type"], road["id"])
            # the twin has no word for drivable areas
            if near[0].kind != "drivable_area":
                codes = {int(feature.type) for feature in near}
                assert road["map_element_id"] in codes, (scene.id, road["id"], codes)


def index_features(scene):
    """Features with their source coordinates, by the twin's kinds and numbers of points; of areas
    both with and without the repeated end, which twins keep as they find it."""
    found = defaultdict(list)
    for feature in scene.features:
        points = source(scene, feature.points)
        kind = "road_edge" if feature.kind == "drivable_area" else feature.kind
        found[kind, len(points)].append((feature, points))
        found[kind].append((feature, points))
        if feature.kind in ("drivable_area", "crosswalk", "speed_bump", "driveway"):
            closed = np.concatenate([points, points[:1]])
            found[kind, len(closed)].append((feature, closed))
    return found


def assert_same_course(ours, twins):
    """Lane centres that were made of the bounds, at different distances."""
    assert np.abs(ours[[0, -1]] - twins[[0, -1]]).max() < 1e-3
    # the middle of two bounds of different length is not quite independent of the distances
    assert far_off(twins, ours) < 0.25


def far_off(points, line):
    """The largest distance of points from a polyline, in the plane [m]."""
    start, step = line[:-1, :2], np.diff(line[:, :2], axis=0)
    away = points[:, None, :2] - start
    square = np.maximum((step**2).sum(axis=1), 1e-12)
    share = np.clip((away * step).sum(axis=2) / square, 0, 1)
    return np.linalg.norm(away - share[..., None] * step, axis=2).min(axis=1).max()


def test_lights_are_those_of_the_twin(logs):
    set_name, scenes = logs
    compared = 0
    for scene, twin, _ in scenes:
        ours = {
            (signal.lane_id, step): signal
            for step, signals in enumerate(scene.signals)
            for signal in signals
        }
        for lane, light in twin["tl_states"].items():
            for step, state in enumerate(light["state"]):
                if scene.id == MOVING_LAMPS[0] and step >= MOVING_LAMPS[1]:
                    break
                mine = ours.get((int(lane), step))
                # where nothing was observed a twin says unknown and a scene says nothing
                assert (mine.state if mine else "unknown") == state, (scene.id, lane, step)
                compared += state != "unknown"
                expected = [light[axis][step] for axis in "xyz"]
                # twins of early files have no stop points
                if state != "unknown" and any(expected):
                    point = source(scene, mine.stop_point)
                    assert np.abs(point - expected).max() < 1e-3
    assert (compared > 1000) == (set_name in ("scenarionet_waymo", "waymax"))


def test_links_between_lanes_are_those_of_the_twin(logs):
    set_name, scenes = logs
    compared = 0
    for scene, twin, _ in scenes:
        lanes = {feature.id: feature for feature in scene.features if feature.kind == "lane"}
        for road in twin["roads"]:
            if road["type"] != "lane" or set_name == "scenarionet_nuscenes":
                continue  # whose ids are words
            lane = lanes[int(road["id"])]
            for key in ("entry_lanes", "exit_lanes"):
                assert getattr(lane, key) == [int(name) for name in road.get(key, [])]
                compared += len(getattr(lane, key))
            if "speed_limit_mph" in road:
                assert lane.speed_limit == pytest.approx(road["speed_limit_mph"] * 0.44704, 1e-3)
    assert (compared > 100) == (set_name not in ("scenarionet_nuscenes", "waymax"))
