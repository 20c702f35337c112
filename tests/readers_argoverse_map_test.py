"""The vector maps of Argoverse 2, read as part of a forecasting scenario."""

import numpy as np
import pytest
from argoverse_logs import ORIGIN, map_content, segment, write_forecasting
from reading import error_of, scene_of


def map_scene(tmp_path, **lanes):
    return scene_of(write_forecasting(tmp_path, map_json=map_content(**lanes)))


def test_bounds_of_lanes_are_lines_with_fresh_ids(tmp_path):
    scene = map_scene(tmp_path)
    lane = scene.features[0]
    assert (lane.id, lane.kind, lane.raw_type, lane.exit_lanes) == (10, "lane", "VEHICLE", [11])
    by_id = {feature.id: feature for feature in scene.features}
    assert len(by_id) == len(scene.features) == 2 + 4 + 2
    ((left, *left_span, left_type),) = lane.left_boundaries
    ((right, *right_span, right_type),) = lane.right_boundaries
    assert (left_type, by_id[left].raw_type) == (6, "DASHED_WHITE")
    assert (right_type, by_id[right].raw_type) == (5, "NONE")
    assert left_span == right_span == [0, len(lane.points) - 1]
    assert len(by_id[left].points) == 3


def test_a_lane_without_a_centre_gets_the_middle_of_its_bounds(tmp_path):
    scene = map_scene(tmp_path)
    centre = scene.origin + scene.features[0].points
    np.testing.assert_allclose(
        centre[[0, -1]], ORIGIN + np.array([[0, 0, 0], [10, 0, 1]]), atol=1e-4
    )
    assert np.linalg.norm(np.diff(centre, axis=0), axis=1).max() < 2.2
    assert any("lane centres are the middle" in text for text in scene.assumptions)


def test_a_centre_line_of_the_map_is_kept(tmp_path):
    centre = [{"x": ORIGIN[0] + x, "y": ORIGIN[1], "z": 0.0} for x in (0.0, 5.0, 10.0)]
    scene = map_scene(tmp_path, **{"10": segment(10, centerline=centre)})
    assert (scene.origin + scene.features[0].points)[:, 2].tolist() == [0, 0, 0]
    assert len(scene.features[0].points) == 3


def test_neighbours_of_the_other_direction_are_left_out(tmp_path):
    scene = map_scene(
        tmp_path,
        **{
            "10": segment(10, left_neighbor_id=11, right_neighbor_id=12),
            "11": segment(11, shift=3.0, backwards=True, left_neighbor_id=10),
            "12": segment(12, shift=-3.0),
        },
    )
    lane, oncoming = scene.features[0], scene.features[3]
    assert lane.left_neighbors == []
    assert lane.right_neighbors == [(12, 0, len(lane.points) - 1, 0, len(lane.points) - 1)]
    assert oncoming.left_neighbors == []
    assert "2 neighbours that run the other way are left out" in scene.assumptions


def test_types_and_marks_have_codes(tmp_path):
    scene = map_scene(
        tmp_path,
        **{
            "1": segment(1, lane_type="BIKE", left_lane_mark_type="DOUBLE_SOLID_YELLOW"),
            "2": segment(2, lane_type="BUS", left_lane_mark_type="SOLID_DASH_YELLOW"),
            "3": segment(3, lane_type="TRAM", left_lane_mark_type="SOLID_BLUE"),
            "4": segment(4, is_intersection=True, left_lane_mark_type="DASHED_YELLOW"),
        },
    )
    lanes = [feature for feature in scene.features if feature.kind == "lane"]
    assert [int(lane.type) for lane in lanes] == [3, 2, 0, 2]
    assert [int(lane.left_boundaries[0][3]) for lane in lanes] == [12, 13, 5, 9]
    assert [lane.interpolating for lane in lanes] == [False, False, False, True]
    assert "1 lanes of type 'TRAM' are read as undefined" in scene.assumptions


def test_areas_and_crosswalks_are_rings(tmp_path):
    area, crosswalk = map_scene(tmp_path).features[-2:]
    assert (area.id, area.kind, len(area.points)) == (70, "drivable_area", 3)
    assert (crosswalk.id, crosswalk.kind) == (80, "crosswalk")
    corners = (crosswalk.points - crosswalk.points[0]).tolist()
    assert corners == [[0, 0, 0], [4, 0, 0], [4, 2, 0], [0, 2, 0]]


@pytest.mark.parametrize(
    ("content", "code", "text"),
    [
        ("{", "bad_encoding", "log_map_archive_x.json"),
        ("[" * 100_000, "bad_encoding", "log_map_archive_x.json"),
        ("[]", "wrong_content", "is a value of type list, expected a dict"),
        ('{"lane_segments": {}}', "missing_field", "drivable_areas is absent"),
    ],
)
def test_a_map_that_is_none_is_named(tmp_path, content, code, text):
    file = write_forecasting(tmp_path)
    (tmp_path / "log_map_archive_x.json").write_text(content)
    got, message = error_of(file)
    assert (got, text in message) == (code, True), (got, message)


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"left_lane_boundary": []}, "missing_field", "left_lane_boundary has no points"),
        ({"left_lane_boundary": None}, "missing_field", "left_lane_boundary is absent"),
        ({"left_lane_boundary": [{"x": 1, "y": 2}]}, "missing_field", ".z is absent"),
        ({"left_lane_boundary": [{"x": "1", "y": 2, "z": 3}]}, "wrong_content", "no number"),
        ({"left_lane_boundary": [{"x": 10**400, "y": 2, "z": 3}]}, "value_out_of_range", "huge"),
        ({"left_lane_boundary": [{"x": float("nan"), "y": 2, "z": 3}] * 2}, "value_out_of_range",
         "long, expected below"),
        ({"left_lane_boundary": [{"x": 1e7, "y": 2, "z": 3}] * 2}, "value_out_of_range",
         "features[0].points[0]: x is"),
        ({"lane_type": 3}, "wrong_content", "lane_type is 3, expected a text"),
        ({"successors": "11"}, "wrong_content", "successors is '11', expected a list"),
        ({"successors": [1.5]}, "wrong_content", "an id of map features is 1.5"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_lane_is_named(tmp_path, changes, code, text):
    content = map_content(**{"10": segment(10, **changes)})
    got, message = error_of(write_forecasting(tmp_path, map_json=content))
    assert (got, text in message) == (code, True), (got, message)
