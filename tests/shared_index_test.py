"""Scenes of the shared logs have the counts that their index gives."""

from collections import Counter

import forkroad
from shared_logs import find_logs, index_rows, shared_data

ONE_SCENE_FOLDERS = ("gpudrive_json", "unified_json", "pufferdrive_bin")


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
    rows = [row for file, row in index_rows().items() if file.startswith(ONE_SCENE_FOLDERS)]
    assert rows
    wrong = []
    for row in rows:
        (scene,) = forkroad.load_scenes(str(shared_data() / row["file"]))
        for column, got in count_scene(scene).items():
            if type(got)(row[column]) != got:
                wrong.append((row["file"], column, row[column], got))
    assert not wrong


def test_files_outside_the_index_import():
    files = [path for folder in ONE_SCENE_FOLDERS for path in find_logs(f"{folder}/**/*.*")]
    indexed = index_rows()
    for path in files:
        if str(path.relative_to(shared_data())) in indexed:
            continue
        (scene,) = forkroad.load_scenes(str(path))
        assert scene.ego == -1
        assert scene.tracks and scene.features
        assert scene.num_steps == 91 and scene.dt == 0.1
