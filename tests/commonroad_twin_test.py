"""The CommonRoad reader against a plain XML reader, the index of the logs, and the same scenes in
the unified schema."""

import collections

import commonroad_files
import forkroad
import numpy as np
import pytest
from shared_logs import index_rows, shared_data

FILES = commonroad_files.find_files()
TWINS = [path for path in FILES if commonroad_files.find_twin(path)]
# seconds between states: highD and SinD declare 0.1 and are not
STEPS = {"NGSIM": 0.1, "SinD": 0.5, "highD": 0.2}

# The unified schema rounds to 1 mm and 1e-5 rad; half of that, and what fp32 loses.
POSITION_TOLERANCE = 0.0005 + 1e-4
HEADING_TOLERANCE = 0.5e-4 + 1e-6


def read_scene(path):
    (scene,) = forkroad.load_scenes(str(path))
    return scene


def by_file(paths):
    if not paths:
        reason = "real logs absent: no data/commonroad_xml under $FORKROAD_SHARED"
        return pytest.mark.parametrize("path", [pytest.param(None, marks=pytest.mark.skip(reason))])
    return pytest.mark.parametrize("path", paths, ids=commonroad_files.name_of)


def of_kind(scene, kind):
    return [feature for feature in scene.features if feature.kind == kind]


def source_points(scene, points):
    return np.asarray(points, np.float64)[:, :2] + np.asarray(scene.origin)[:2]


@by_file(FILES)
def test_a_file_has_the_counts_of_its_xml(path):
    scene = read_scene(path)
    root = commonroad_files.read_xml(path)
    obstacles = [node for node in root if "bstacle" in node.tag]
    lanelets = root.findall("lanelet")
    assert scene.id == root.get("benchmarkID")
    assert scene.ego == -1
    assert scene.dt == pytest.approx(STEPS[path.parent.name])
    declared = float(root.get("timeStepSize"))
    said = [text for text in scene.assumptions if "timeStepSize declares 0.1 s" in text]
    assert len(said) == (declared != pytest.approx(scene.dt))
    assert [track.id for track in scene.tracks] == [int(node.get("id")) for node in obstacles]
    for track, node in zip(scene.tracks, obstacles, strict=True):
        assert track.raw_type == node.findtext("type")
        assert track.valid.sum() == 1 + len(node.findall("trajectory/state"))
    lanes = of_kind(scene, "lane")
    assert [lane.id for lane in lanes] == [int(node.get("id")) for node in lanelets]
    links = sum(len(lane.exit_lanes) for lane in lanes)
    assert links == len(root.findall("lanelet/successor"))
    lit = {int(node.get("id")) for node in lanelets if node.find("trafficLightRef") is not None}
    assert all({signal.lane_id for signal in step} == lit for step in scene.signals)
    limited = [lane for lane in lanes if lane.speed_limit > 0]
    has_limits = root.find("lanelet/speedLimit") is not None or root.find("trafficSign") is not None
    assert bool(limited) == has_limits


@by_file(TWINS)
def test_a_file_has_the_counts_of_the_index(path):
    scene = read_scene(path)
    twin = commonroad_files.find_twin(path)
    row = index_rows()[str(twin.relative_to(shared_data()))]
    kinds = collections.Counter(track.kind for track in scene.tracks)
    assert scene.id == row["scenario_id"]
    assert scene.dt == pytest.approx(float(row["dt"]))
    assert scene.num_steps == int(row["T"])
    assert (scene.num_steps - 1) * scene.dt == pytest.approx(float(row["seconds"]), abs=0.05)
    assert len(scene.tracks) == int(row["objects"])
    assert kinds["vehicle"] == int(row["vehicles"])
    assert kinds["pedestrian"] == int(row["pedestrians"])
    assert kinds["cyclist"] == int(row["cyclists"])
    assert kinds["other"] == int(row["other"])
    lanes = of_kind(scene, "lane")
    assert len(lanes) == int(row["lanes"])
    assert sum(len(lane.exit_lanes) for lane in lanes) == int(row["lane_links"])
    assert len(of_kind(scene, "crosswalk")) == int(row["crosswalks"])
    assert len(of_kind(scene, "stop_sign")) == int(row["stop_signs"])
    assert scene.ego == int(row["sdc_index"])
    known = {
        signal.lane_id for step in scene.signals for signal in step if signal.state != "unknown"
    }
    # the twin keeps the last light of a lanelet, though it may be an arrow that is off
    assert len(known) >= int(row["tl_lanes_known"])
    assert len(known) - int(row["tl_lanes_known"]) <= 2


@by_file(TWINS)
def test_a_file_has_the_tracks_of_its_twin(path):
    scene = read_scene(path)
    twin = commonroad_files.read_twin(commonroad_files.find_twin(path))
    assert [track.id for track in scene.tracks] == [thing["id"] for thing in twin["objects"]]
    for track, thing in zip(scene.tracks, twin["objects"], strict=True):
        valid = np.asarray(thing["valid"])
        assert np.array_equal(track.valid, valid)
        place = np.array([[at["x"], at["y"]] for at in thing["position"]])
        velocity = np.array([[at["x"], at["y"]] for at in thing["velocity"]])
        heading = np.asarray(thing["heading"])
        found = source_points(scene, track.positions)
        assert np.abs(found - place)[valid].max() <= POSITION_TOLERANCE
        assert np.abs(track.velocities - velocity)[valid].max() <= POSITION_TOLERANCE
        turn = np.angle(np.exp(1j * (track.headings - heading)))
        assert np.abs(turn)[valid].max() <= HEADING_TOLERANCE
        assert track.kind == thing["type"]
        assert track.raw_type == thing["raw_type"]
        sizes = track.sizes[valid]
        assert sizes[0, 0] == pytest.approx(thing["length"], abs=POSITION_TOLERANCE)
        assert sizes[0, 1] == pytest.approx(thing["width"], abs=POSITION_TOLERANCE)


@by_file(TWINS)
def test_a_file_has_the_map_of_its_twin(path):
    scene = read_scene(path)
    twin = commonroad_files.read_twin(commonroad_files.find_twin(path))
    lanes = {lane.id: lane for lane in of_kind(scene, "lane")}
    roads = [road for road in twin["roads"] if road["type"] == "lane"]
    assert len(roads) == len(lanes)
    for road in roads:
        lane = lanes[road["id"]]
        points = np.array([[at["x"], at["y"]] for at in road["geometry"]])
        assert np.abs(source_points(scene, lane.points) - points).max() <= POSITION_TOLERANCE
        assert sorted(lane.entry_lanes) == sorted(road["entry_lanes"])
        assert sorted(lane.exit_lanes) == sorted(road["exit_lanes"])
        assert lane.raw_type == ",".join(road["lanelet_types"])


def ends_of(points):
    """The first and last point of lines [N, 2, 2], in an order that does not depend on the
    direction."""
    ends = np.array([np.asarray(line)[[0, -1]] for line in points])
    turned = (ends[:, 0, 0] > ends[:, 1, 0])[:, None, None]
    return np.where(turned, ends[:, ::-1], ends)


@by_file(TWINS)
def test_a_file_has_the_lines_of_its_twin(path):
    scene = read_scene(path)
    twin = commonroad_files.read_twin(commonroad_files.find_twin(path))
    features = [f for f in scene.features if f.kind in ("road_line", "road_edge")]
    roads = [road for road in twin["roads"] if road["type"] in ("road_line", "road_edge")]
    ours = ends_of([source_points(scene, feature.points) for feature in features])
    theirs = ends_of([[[at["x"], at["y"]] for at in road["geometry"]] for road in roads])
    # lines that lie within 2 mm of one another, whichever way round
    apart = np.minimum(
        np.abs(ours[:, None] - theirs[None]).max(axis=(2, 3)),
        np.abs(ours[:, None, ::-1] - theirs[None]).max(axis=(2, 3)),
    )
    assert (apart.min(axis=0) <= 0.002).all(), "the twin has a line that the scene lacks"
    # the twin leaves out right bounds beside a neighbour, though not all are its left bound
    assert (apart.min(axis=1) > 0.002).mean() <= 0.1
    # an edge of ours is one there; there the bounds within an intersection are edges too
    for index, feature in enumerate(features):
        twins = [roads[other]["type"] for other in np.flatnonzero(apart[index] <= 0.002)]
        if feature.kind == "road_edge" and twins:
            assert "road_edge" in twins


@by_file(TWINS)
def test_a_file_has_the_lights_of_its_twin(path):
    scene = read_scene(path)
    root = commonroad_files.read_xml(path)
    twin = commonroad_files.read_twin(commonroad_files.find_twin(path))
    shared_lanes = {
        int(node.get("id"))
        for node in root.findall("lanelet")
        if len(node.findall("trafficLightRef")) > 1
    }
    lights = {int(lane): light for lane, light in twin["tl_states"].items()}
    for step, signals in enumerate(scene.signals):
        assert {signal.lane_id for signal in signals} == set(lights)
        for signal in signals:
            light = lights[signal.lane_id]
            if signal.lane_id not in shared_lanes:
                assert signal.state == light["state"][step]
            stop = np.asarray(signal.stop_point)[:2] + np.asarray(scene.origin)[:2]
            expected = [light["x"][step], light["y"][step]]
            assert np.abs(stop - expected).max() <= 2 * POSITION_TOLERANCE
