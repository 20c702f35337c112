"""Scenes of the shared logs have the counts that their index gives."""

import csv
import os
from collections import Counter
from pathlib import Path

import forkroad
import pytest
from conftest import REPOSITORY

DATA = Path(os.environ.get("FORKROAD_SHARED", REPOSITORY.parent / "shared")) / "data"
ONE_SCENE_FOLDERS = ("gpudrive_json", "unified_json", "pufferdrive_bin")


def read_index():
    index = DATA / "INDEX.csv"
    if not index.exists():
        return []
    with index.open(newline="") as rows:
        return [row for row in csv.DictReader(rows) if row["file"].startswith(ONE_SCENE_FOLDERS)]


def count_scene(scene):
    """The index's columns of a scene; bounds that lie in their lanes only are not counted there."""
    kinds = Counter(track.kind for track in scene.tracks)
    features = [one for one in scene.features if not one.raw_type.endswith("_bound")]
    roads = Counter(feature.kind for feature in features)
    return {
        "scenario_id": scene.id,
        "dt": scene.dt,
        "T": scene.num_steps,
        "objects": len(scene.tracks),
        "vehicles": kinds["vehicle"],
        "pedestrians": kinds["pedestrian"],
        "cyclists": kinds["cyclist"],
        "other": kinds["other"],
        "lanes": roads["lane"],
        "road_edges": roads["road_edge"],
        "road_lines": roads["road_line"],
        "crosswalks": roads["crosswalk"],
        "stop_signs": roads["stop_sign"],
        "lane_links": sum(len(lane.exit_lanes) for lane in features),
        "sdc_index": scene.ego,
    }


def test_counts_of_every_scene_are_those_of_the_index():
    rows = read_index()
    if not rows:
        pytest.skip("real logs absent: no INDEX.csv under $FORKROAD_SHARED/data")
    wrong = []
    for row in rows:
        (scene,) = forkroad.load_scenes(str(DATA / row["file"]))
        for column, got in count_scene(scene).items():
            if type(got)(row[column]) != got:
                wrong.append((row["file"], column, row[column], got))
    assert not wrong


def test_files_outside_the_index_import():
    files = sorted(path for folder in ONE_SCENE_FOLDERS for path in (DATA / folder).rglob("*.*"))
    if not files:
        pytest.skip("real logs absent: nothing under $FORKROAD_SHARED/data")
    indexed = {row["file"] for row in read_index()}
    others = [path for path in files if str(path.relative_to(DATA)) not in indexed]
    for path in others:
        (scene,) = forkroad.load_scenes(str(path))
        assert scene.ego == -1
        assert scene.tracks and scene.features
        assert scene.num_steps == 91 and scene.dt == 0.1
