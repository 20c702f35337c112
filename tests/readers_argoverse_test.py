"""Argoverse 2: forecasting scenarios, sensor logs, and what is wrong with them."""

import random

import forkroad
import numpy as np
import pytest
from argoverse_logs import (
    ORIGIN,
    START,
    annotations,
    forecasting_rows,
    poses,
    write_forecasting,
    write_sensor_log,
)
from forkroad.readers import arrow_tables
from reading import error_of, only, scene_of
from shared_logs import find_logs

AXLE_TO_CENTER = 1.422  # [m]


def replaced(values, index, value):
    return [*values[:index], value, *values[index + 1 :]]


# -- forecasting ----------------------------------------------------------------------------------


def test_a_scenario_is_opened_by_its_folder_or_its_file(tmp_path):
    file = write_forecasting(tmp_path)
    for path in (tmp_path, file):
        scene = scene_of(path)
        assert (scene.id, scene.num_steps, scene.current_step) == ("scenario", 6, 2)
        assert scene.dt == pytest.approx(0.1)
        assert scene.timestamps[0] == pytest.approx(START * 1e-9)
        assert scene.provenance.format == "av2_motion_forecasting"
        assert scene.provenance.file == str(path)


def test_tracks_of_a_scenario_keep_their_ids_and_gaps(tmp_path):
    scene = scene_of(write_forecasting(tmp_path))
    assert scene.track_ids.tolist() == [7001, 7002, 7003, 0]
    assert [track.raw_type for track in scene.tracks] == ["vehicle", "pedestrian", "bus", "vehicle"]
    assert scene.kinds == ["vehicle", "pedestrian", "vehicle", "vehicle"]
    assert scene.valid[1].tolist() == [False, True, False, True, False, False]
    np.testing.assert_allclose(
        (scene.origin + scene.positions[0])[:, :2], ORIGIN[:2] + np.c_[np.arange(6), [0.5] * 6]
    )
    assert (scene.ego, scene.tracks_to_predict) == (3, [0, 2])


def test_sizes_of_a_scenario_are_assumed_and_said(tmp_path):
    scene = scene_of(write_forecasting(tmp_path))
    assert scene.sizes[0, 0].tolist() == np.float32([4.7, 2.0, 1.7]).tolist()
    assert scene.sizes[2, 0].tolist() == np.float32([12.0, 2.9, 3.2]).tolist()
    assert scene.sizes[3, 0].tolist() == np.float32([4.877, 2.0, 1.473]).tolist()
    said = "\n".join(scene.assumptions)
    for words in ("the format has no sizes: bus 12 x 2.9 x 3.2 m", "z is 0", "rear axle",
                  "1 ids of tracks are words"):  # fmt: skip
        assert words in said


def test_the_ego_of_a_scenario_is_moved_from_its_axle_to_its_middle(tmp_path):
    scene = scene_of(write_forecasting(tmp_path))
    moved = (scene.origin + scene.positions[3])[0, :2] - (ORIGIN[:2] + np.array([0, 0.5]))
    np.testing.assert_allclose(
        moved, AXLE_TO_CENTER * np.array([np.cos(0.25), np.sin(0.25)]), atol=1e-4
    )


def test_a_scenario_without_the_av_has_no_ego(tmp_path):
    rows = forecasting_rows()
    rows["track_id"] = ["9" if name == "AV" else name for name in rows["track_id"]]
    scene = scene_of(write_forecasting(tmp_path, rows))
    assert scene.ego == -1
    assert any("no track is named AV" in text for text in scene.assumptions)


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"timestep": replaced(forecasting_rows()["timestep"], 1, 0)}, "duplicate_id",
         "track '7001' has two rows for step 0"),
        ({"timestep": replaced(forecasting_rows()["timestep"], 1, 6)}, "value_out_of_range",
         "timesteps 0 to 6, num_timestamps 6"),
        ({"timestep": replaced(forecasting_rows()["timestep"], 1, -1)}, "value_out_of_range",
         "timesteps -1 to 5"),
        ({"num_timestamps": [1 << 40] * 15}, "value_out_of_range", "at most 100000"),
        ({"num_timestamps": replaced([6] * 15, 3, 7)}, "inconsistent", "differs between rows"),
        ({"scenario_id": replaced(["a"] * 15, 3, "b")}, "inconsistent", "differs between rows"),
        ({"object_type": replaced(forecasting_rows()["object_type"], 1, "bus")}, "inconsistent",
         "track '7001' has several types"),
        ({"heading": [float("nan")] * 15}, "value_out_of_range", "nan"),
        ({"position_x": replaced(forecasting_rows()["position_x"], 0, 1e9)}, "value_out_of_range",
         "tracks[0].positions[0]: x is 1000000000 m"),
        ({"position_x": ["5"] * 15}, "wrong_content", "column position_x holds string"),
        ({"track_id": [5] * 15}, "wrong_content", "column track_id holds int64, expected texts"),
        ({"track_id": replaced(forecasting_rows()["track_id"], 2, None)}, "missing_field",
         "column track_id has empty entries"),
        ({"velocity_x": replaced([1.0] * 15, 2, None)}, "missing_field",
         "column velocity_x has empty entries"),
        ({"track_id": ["x" * 300] * 15}, "too_large", "texts of up to 300 bytes"),
        ({"start_timestamp": [9e17] * 15}, "value_out_of_range", "expected increasing numbers"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_scenario_is_named(tmp_path, changes, code, text):
    got, message = error_of(write_forecasting(tmp_path, forecasting_rows() | changes))
    assert (got, text in message) == (code, True), (got, message)


@pytest.mark.parametrize("name", ["track_id", "heading", "observed", "num_timestamps"])
def test_a_missing_column_is_named(tmp_path, name):
    rows = {key: values for key, values in forecasting_rows().items() if key != name}
    assert error_of(write_forecasting(tmp_path, rows)) == (
        "missing_field", f"scenario_x.parquet has no column {name}",
    )  # fmt: skip


def test_a_scenario_without_rows_or_map_is_named(tmp_path):
    empty = {name: values[:0] for name, values in forecasting_rows().items()}
    assert error_of(write_forecasting(tmp_path / "a", empty))[0] == "empty"
    file = write_forecasting(tmp_path / "b")
    (tmp_path / "b" / "log_map_archive_x.json").unlink()
    code, message = error_of(file)
    assert code == "missing_field"
    assert message.startswith("0 files log_map_archive_*.json in ")


def test_tables_of_more_rows_or_bytes_than_a_log_has_are_refused(tmp_path, monkeypatch):
    file = write_forecasting(tmp_path / "a")
    folder = write_sensor_log(tmp_path / "b")
    monkeypatch.setattr(arrow_tables, "MAX_BYTES", 100)
    assert error_of(file)[0] == "too_large"
    monkeypatch.setattr(arrow_tables, "MAX_ROWS", 3)
    for path in (file, folder):
        code, message = error_of(path)
        assert code == "too_large"
        assert "rows, expected 1 to 3" in message


# -- sensor logs ----------------------------------------------------------------------------------


def test_a_sensor_log_is_opened_by_its_folder_or_its_files(tmp_path):
    folder = write_sensor_log(tmp_path / "log-1")
    files = [folder / "annotations.feather", folder / "city_SE3_egovehicle.feather"]
    for path in (folder, *files):
        scene = scene_of(path)
        assert (scene.id, scene.num_steps, scene.ego, scene.dt) == ("log-1", 3, 0, 0.1)
        assert scene.provenance.format == "av2_sensor"


def test_boxes_are_turned_from_the_egos_frame_into_the_citys(tmp_path):
    scene = scene_of(write_sensor_log(tmp_path / "log"))
    ego, car, cone = scene.tracks
    # the ego looks along +y: 10 m ahead and 2 m left of it is (-2, 10)
    expected = ORIGIN + np.array([[-2, 10 + 2 * step, 0.5] for step in range(3)])
    np.testing.assert_allclose(scene.origin + car.positions, expected, atol=1e-4)
    np.testing.assert_allclose(car.headings, np.pi / 2 + 0.1, atol=1e-6)
    np.testing.assert_allclose(ego.headings, np.pi / 2, atol=1e-6)
    middle = ORIGIN + np.array([[0, AXLE_TO_CENTER + 2 * step, 0.25] for step in range(3)])
    np.testing.assert_allclose(scene.origin + ego.positions, middle, atol=1e-4)
    assert cone.valid.tolist() == [False, True, False]
    assert (car.kind, cone.kind, ego.kind) == ("vehicle", "other", "vehicle")
    assert ego.sizes[0].tolist() == np.float32([4.877, 2.0, 1.473]).tolist()


def test_velocities_are_differences_of_positions(tmp_path):
    scene = scene_of(write_sensor_log(tmp_path / "log"))
    np.testing.assert_allclose(scene.velocities[0], [[0, 20]] * 3, atol=1e-3)
    np.testing.assert_allclose(scene.velocities[1], [[0, 20]] * 3, atol=1e-3)
    assert scene.velocities[2].tolist() == [[0, 0]] * 3, "one box has no difference"
    assert any("no velocities" in text for text in scene.assumptions)


def test_an_ego_among_the_annotations_is_read_from_the_poses_all_the_same(tmp_path):
    plain = scene_of(write_sensor_log(tmp_path / "log"))
    folder = write_sensor_log(
        tmp_path / "twice" / "log", annotations(with_ego=True), name="annotations_with_ego.feather"
    )
    scene = scene_of(folder)
    np.testing.assert_array_equal(scene.positions, plain.positions)
    assert scene.kinds == plain.kinds


def test_poses_between_times_are_interpolated_and_said(tmp_path):
    late = poses(num=6)
    late["timestamp_ns"] = [time - 10_000_000 for time in late["timestamp_ns"]]
    flipped = poses(num=6, heading=np.pi / 2 + 2 * np.pi)  # -q is the same rotation
    for name in ("qw", "qz"):
        late[name][1::2] = flipped[name][1::2]
    scene = scene_of(write_sensor_log(tmp_path / "log", path=late))
    np.testing.assert_allclose(scene.headings[0], np.pi / 2, atol=1e-6)
    ahead = scene.origin[1] + scene.positions[0, :, 1] - ORIGIN[1] - AXLE_TO_CENTER
    np.testing.assert_allclose(ahead, [0.2, 2.2, 4.2], atol=1e-4)
    assert any("3 steps lie between two poses" in text for text in scene.assumptions)


@pytest.mark.parametrize(
    ("boxes", "path", "code", "text"),
    [
        ({"timestamp_ns": [START] * 4}, {}, "duplicate_id", "track 'c4' has two boxes"),
        ({"category": ["BUS", "BOLLARD", "BUS", "BUS"]}, {}, "inconsistent", "several categories"),
        ({"qw": [0.0] * 4, "qz": [0.0] * 4}, {}, "value_out_of_range", "quaternion has length 0"),
        ({"qw": [float("nan")] * 4}, {}, "value_out_of_range", "quaternion has length nan"),
        ({"tx_m": [float("inf")] * 4}, {}, "value_out_of_range", "expected"),
        ({"length_m": [-1.0] * 4}, {}, "value_out_of_range", "sizes[0] is -1"),
        ({}, {"timestamp_ns": [START + 10**9 + n for n in range(5)]}, "inconsistent",
         "lie outside the poses'"),
        ({}, {"qw": [9.0] * 5}, "value_out_of_range", "city_SE3_egovehicle.feather, row 0"),
        ({}, {"tx_m": [float("nan")] * 5}, "value_out_of_range", "tracks[0].positions[0] is nan"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_sensor_log_is_named(tmp_path, boxes, path, code, text):
    folder = write_sensor_log(tmp_path / "log", annotations() | boxes, poses() | path)
    got, message = error_of(folder)
    assert (got, text in message) == (code, True), (got, message)


def test_a_missing_part_of_a_sensor_log_is_named(tmp_path):
    folder = write_sensor_log(tmp_path / "log")
    (folder / "annotations.feather").rename(folder / "boxes.feather")
    assert "no annotations*.feather" in error_of(folder / "boxes.feather")[1]
    assert error_of(folder)[0] == "unsupported_format"


def test_a_folder_of_something_else_is_named(tmp_path):
    code, message = error_of(tmp_path)
    assert code == "unsupported_format"
    assert "folder without a known log" in message
    write_forecasting(tmp_path)
    (tmp_path / "scenario_y.parquet").write_bytes(b"")
    assert "2 scenario_*.parquet files" in error_of(tmp_path)[1]


# -- damage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_damaged_tables_give_a_scene_or_one_error(tmp_path, seed):
    draw = random.Random(seed)
    scenario = write_forecasting(tmp_path / "forecasting")
    boxes = write_sensor_log(tmp_path / "sensor") / "annotations.feather"
    for file in (scenario, boxes):
        data = file.read_bytes()
        for size in range(0, len(data), 97):
            file.write_bytes(data[:size])
            assert isinstance(only(file), forkroad.ParseError), size
        for _ in range(150):
            damaged = bytearray(data)
            for _ in range(draw.randint(1, 4)):
                damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
            file.write_bytes(damaged)
            assert isinstance(only(file), forkroad.ParseError | forkroad.Scene)
        file.write_bytes(data)


def test_a_real_table_cut_off_gives_one_error(tmp_path):
    (file, *_) = find_logs("av2_motion_forecasting/*/*.parquet")
    data = file.read_bytes()
    cut = write_forecasting(tmp_path)
    for size in range(0, len(data), 1000):
        cut.write_bytes(data[:size])
        assert isinstance(only(cut), forkroad.ParseError), size
