"""ScenarioNet pickles: what their versions write differently, and what is wrong with them."""

import lzma
import pickle

import forkroad
import numpy as np
import pytest
import reading
from forkroad.readers import plain_values
from scenarionet_scenario import ORIGIN, T, lane, light, polyline, scenario, track
from shared_logs import find_logs

MPH = 0.44704


def write(tmp_path, content):
    file = tmp_path / "log.pkl"
    file.write_bytes(pickle.dumps(content))
    return file


def scene_of(tmp_path, **changes):
    return reading.scene_of(write(tmp_path, scenario(**changes)))


def error_of(tmp_path, **changes):
    return reading.error_of(write(tmp_path, scenario(**changes)))


def with_features(**features):
    return {"map_features": scenario()["map_features"] | features}


def with_tracks(**tracks):
    return {"tracks": scenario()["tracks"] | tracks}


def with_metadata(**entries):
    return {"metadata": scenario()["metadata"] | entries}


def test_a_scenario_becomes_a_scene(tmp_path):
    scene = scene_of(tmp_path)
    assert (scene.id, scene.num_steps, scene.dt, scene.current_step) == ("small", T, 0.1, 1)
    assert (scene.ego, scene.kinds) == (0, ["vehicle", "pedestrian", "cyclist"])
    assert scene.track_ids.tolist() == [11, 12, 13]
    source = scene.origin + scene.positions
    np.testing.assert_array_equal(source[0], track()["state"]["position"])
    np.testing.assert_array_equal(scene.sizes[0, 0], np.float32([4.5, 1.9, 1.5]))
    first, second, edge = scene.features
    assert (first.kind, first.type, first.raw_type) == ("lane", 2, "LANE_SURFACE_STREET")
    assert first.speed_limit == np.float32(25 * MPH)
    assert (first.exit_lanes, second.entry_lanes) == ([101], [100])
    assert (edge.kind, edge.type) == ("road_edge", forkroad.MapType.EDGE_BOUNDARY)
    states = [[(signal.lane_id, signal.state) for signal in step] for step in scene.signals]
    assert states == [[(100, "go")], [], [(100, "stop")], []]
    np.testing.assert_array_equal(scene.origin + scene.signals[0][0].stop_point, ORIGIN + 1)
    assert scene.objects_of_interest == [12]
    assert scene.tracks_to_predict == [2], "by id: the file's indices are of another order"
    assert scene.assumptions == []
    assert scene.provenance.format == "scenarionet"


def test_early_files_hold_one_array_of_sizes(tmp_path):
    early = track()
    for side in ("length", "width", "height"):
        del early["state"][side]
    early["state"]["size"] = np.tile(np.float32([5.25, 2.5, 2.0]), (T, 1))
    scene = scene_of(tmp_path, **with_tracks(**{"11": early}))
    assert scene.sizes[0, 0].tolist() == [5.25, 2.5, 2.0]


def test_columns_of_one_number_and_flags_as_numbers_are_read(tmp_path):
    odd = track(
        length=np.full((T, 1), 4.0), width=np.full((T, 1), 2.0), height=np.full((T, 1), 1.0),
        heading=np.full((T, 1), 7.0), valid=np.array([1.0, 0.0, 1.0, 1.0]),
    )  # fmt: skip
    odd["state"]["position"][1] = np.nan
    scene = scene_of(tmp_path, tracks={"11": odd}, **with_metadata(current_time_index=0,
                     tracks_to_predict={}))  # fmt: skip
    assert scene.valid[0].tolist() == [True, False, True, True]
    assert scene.sizes[0, 0].tolist() == [4, 2, 1]
    assert scene.headings[0, 0] == pytest.approx(7.0 - 2 * np.pi, abs=1e-6)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (np.array([0, 4, 6, 1]), ["unknown", "stop", "go", "arrow_stop"]),
        ([2, 3, 5, 8], ["arrow_caution", "arrow_go", "caution", "flashing_caution"]),
        (["LANE_STATE_FLASHING_STOP", None, "LANE_STATE_UNKNOWN", "LANE_STATE_CAUTION"],
         ["flashing_stop", None, "unknown", "caution"]),
        (["TRAFFIC_LIGHT_GREEN", "TRAFFIC_LIGHT_RED", "TRAFFIC_LIGHT_YELLOW",
          "TRAFFIC_LIGHT_UNKNOWN"], ["go", "stop", "caution", "unknown"]),
        (np.array(["LANE_STATE_GO", "LANE_STATE_STOP", "LANE_STATE_GO", "LANE_STATE_GO"]),
         ["go", "stop", "go", "go"]),
    ],
)  # fmt: skip
def test_lights_are_read_in_all_their_words(tmp_path, states, expected):
    scene = scene_of(tmp_path, dynamic_map_states={"100": light(states)})
    assert [step[0].state if step else None for step in scene.signals] == expected


def test_early_lights_are_absent_where_they_were_not_observed(tmp_path):
    point = (ORIGIN + 2).astype(np.float32)
    state = {
        "object_state": np.array([4, 0, 4, 0]),
        "lane": np.array([100, 0, 100, 100]),
        "stop_point": np.stack([point, 0 * point, point, point]),  # zeros where not observed
    }
    early = {"type": "TRAFFIC_LIGHT", "state": state, "metadata": {}}
    scene = scene_of(tmp_path, dynamic_map_states={"100": early})
    states = [[signal.state for signal in step] for step in scene.signals]
    assert states == [["stop"], [], ["stop"], ["unknown"]]
    np.testing.assert_array_equal(scene.origin + scene.signals[0][0].stop_point, point)


def test_lights_without_a_stop_point_stand_where_their_lane_starts(tmp_path):
    lights = {
        "100": light(["LANE_STATE_GO"] * T, stop_point=None),
        "900": light(["LANE_STATE_GO"] * T, stop_point=None, lane="900"),
    }
    scene = scene_of(tmp_path, dynamic_map_states=lights)
    assert [len(step) for step in scene.signals] == [1] * T
    np.testing.assert_array_equal(scene.origin + scene.signals[0][0].stop_point, polyline()[0])
    assert any("4 light states without a stop point" in text for text in scene.assumptions)
    assert any("1 lights without a stop point and lane" in text for text in scene.assumptions)


def test_unknown_words_of_lights_are_said(tmp_path):
    scene = scene_of(tmp_path, dynamic_map_states={"100": light(["BLUE"] * T)})
    assert scene.signals[0][0].state == "unknown"
    assert "4 light states 'BLUE' are read as unknown" in scene.assumptions


def test_areas_are_rings_in_every_spelling(tmp_path):
    ring = np.concatenate([polyline(4), polyline(1)])
    scene = scene_of(tmp_path, **with_features(
        a={"type": "CROSS_WALK", "polyline": ring},
        b={"type": "CROSSWALK", "polygon": ring},
        c={"type": "SPEED_BUMP", "polyline": ring[:4]},
        d={"type": "DRIVEWAY", "polygon": ring[:, :2].tolist()},
        e={"type": "ROAD_EDGE_SIDEWALK", "polygon": ring[:4]},
        f={"type": "LANE_SURFACE_UNSTRUCTURE", "polygon": ring},
    ))  # fmt: skip
    kinds = {feature.kind: len(feature.points) for feature in scene.features[3:]}
    assert kinds == {
        "crosswalk": 4, "speed_bump": 4, "driveway": 4, "road_edge": 5, "drivable_area": 4,
    }  # fmt: skip
    edge = scene.features[7]
    assert np.array_equal(edge.points[0], edge.points[-1]), "the edge goes all around"
    # the six words have the smallest free numbers
    assert [feature.id for feature in scene.features[3:]] == [0, 1, 2, 3, 4, 5]
    assert any("6 ids of map features are words" in text for text in scene.assumptions)


def test_neighbours_are_spans_of_texts_or_bare_ids(tmp_path):
    span = {"feature_id": "101", "self_start_index": "0", "self_end_index": "3",
            "neighbor_start_index": "1", "neighbor_end_index": "4", "boundaries": []}  # fmt: skip
    beyond = span | {"self_end_index": "5"}
    bound = {"lane_start_index": "0", "lane_end_index": "4", "boundary_feature_id": "7",
             "boundary_type": "ROAD_LINE_SOLID_SINGLE_WHITE"}  # fmt: skip
    scene = scene_of(tmp_path, **with_features(**{
        "100": lane(left_neighbor=[span, beyond], right_neighbor=["101"],
                    left_boundaries=[bound, bound | {"boundary_type": "UNKNOWN"}]),
    }))  # fmt: skip
    first = scene.features[0]
    assert first.left_neighbors == [(101, 0, 3, 1, 4)]
    assert first.right_neighbors == [(101, 0, 4, 0, 4)]
    assert [entry[3] for entry in first.left_boundaries] == [7, 5]
    assert "1 neighbours or boundaries beyond the ends of their lanes are left out" in (
        scene.assumptions
    )


def test_speed_limits_are_miles_or_kilometres(tmp_path):
    scene = scene_of(tmp_path, **with_features(**{
        "100": lane(speed_limit_mph=None, speed_limit_kmh=36),
        "101": lane(speed_limit_mph=None),
    }))  # fmt: skip
    assert [feature.speed_limit for feature in scene.features[:2]] == [10, 0]


def nuscenes(**changes):
    """What the nuScenes converter writes: the ego is another thing than the others."""
    ego = track(length=np.full((T, 1), 1.73), width=np.full((T, 1), 4.08), height=np.full(T, 1.5))
    ego["state"]["position"] = ego["state"]["position"][:, :2].astype(float)
    metadata = {"dataset": "nuscenes", "ts": np.arange(T) * 0.1, "sdc_id": "ego"}
    return scenario(
        tracks={"b9df": track(), "ego": ego},
        metadata=metadata,
        map_features={"x-1": lane(speed_limit_kmh=100, speed_limit_mph=None, polygon=polyline())},
        **changes,
    )


def test_the_ego_of_nuscenes_is_put_right(tmp_path):
    scene = reading.scene_of(write(tmp_path, nuscenes()))
    assert scene.ego == 1
    np.testing.assert_array_equal(scene.sizes[1, 0], np.float32([4.08, 1.73, 1.5]))
    moved = scene.origin + scene.positions[1, 0] - [*ORIGIN[:2], 0]
    # 1.385 m ahead of the axle, half a box above the ground
    np.testing.assert_allclose(moved, [1.385 * np.cos(0.5), 1.385 * np.sin(0.5), 0.75], atol=1e-4)
    np.testing.assert_array_equal(scene.sizes[0, 0], np.float32([4.5, 1.9, 1.5]))
    assert scene.features[0].speed_limit == 0
    said = "\n".join(scene.assumptions)
    for words in ("length and width are swapped", "rear axle", "speed limits of nuScenes",
                  "outlines of lanes", "ids of tracks are words", "taken as 0"):  # fmt: skip
        assert words in said


def test_the_third_number_of_nuscenes_lane_points_is_a_direction(tmp_path):
    given = nuscenes()
    given["map_features"]["x-1"]["polyline"][:, 2] = np.linspace(-3.0, 3.0, 2)[-1]
    scene = reading.scene_of(write(tmp_path, given))
    heights = scene.features[0].points[:, 2] + scene.origin[2]
    np.testing.assert_array_equal(heights, 0)


def test_what_is_left_out_is_said(tmp_path):
    scene = scene_of(
        tmp_path,
        **with_features(
            x={"type": "TREE", "polyline": polyline()},
            y={"type": "ROAD_LINE_UNKNOWN", "polyline": []},
        ),
    )
    assert len(scene.features) == 3
    assert "1 map features of type 'TREE' are left out" in scene.assumptions
    assert "1 map features without points are left out" in scene.assumptions


def without(table, key):
    return {name: value for name, value in table.items() if name != key}


def test_missing_times_and_egos_are_assumed(tmp_path):
    metadata = {"dataset": "waymo"}
    scene = scene_of(tmp_path, metadata=metadata)
    assert (scene.dt, scene.ego, scene.current_step) == (0.1, -1, 0)
    assert len(scene.assumptions) == 3


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"tracks": {"11": without(track(), "state")}}, "missing_field",
         "tracks['11'].state is absent"),
        ({"tracks": {"11": track(heading=None)}}, "missing_field", "tracks['11'].state.heading"),
        ({"tracks": {"11": track(heading=np.zeros(T + 1))}}, "inconsistent",
         "tracks['11'].state.heading has shape [5], expected [4]"),
        ({"tracks": {"11": track(position=np.zeros((T, 4)))}}, "inconsistent",
         "has shape [4, 4], expected [4, 2] or [4, 3]"),
        ({"tracks": {"11": track(position="here")}}, "wrong_content", "is 'here', expected a list"),
        ({"tracks": {"11": track(position=[["a", "b"]] * T)}}, "wrong_content", "expected numbers"),
        (with_tracks(**{"11": track(valid=[2] * T)}), "value_out_of_range", "expected 0 or 1"),
        (with_tracks(**{"11": track(heading=[np.nan] * T)}), "value_out_of_range",
         "tracks[0].headings[0] is nan"),
        ({"tracks": {"11": track(), "011": track()}, "length": T + 1}, "inconsistent", "has shape"),
        ({"tracks": {3.5: track()}}, "wrong_content", "an id of tracks is 3.5"),
        ({"tracks": [1]}, "wrong_content", "tracks is a value of type list, expected a dict"),
        ({"length": "x"}, "wrong_content", "scenario.length is 'x', expected an integer"),
        ({"length": 1 << 70}, "wrong_content", "scenario.length is a huge integer"),
        ({"id": "two\nlines"}, "wrong_content", "id is 'two\\nlines'"),
        (with_metadata(sdc_id="99"), "inconsistent", "metadata.sdc_id is '99'"),
        (with_metadata(current_time_index=T), "inconsistent", "current_step is 4, expected 0 to 3"),
        (with_metadata(ts=np.zeros(T)), "value_out_of_range", "expected increasing numbers"),
        (with_metadata(ts=np.arange(T + 2)), "inconsistent", "metadata.ts has shape [6]"),
        (with_metadata(tracks_to_predict=["99"]), "inconsistent", "names '99'"),
        (with_features(x={"type": "LANE_FREEWAY"}), "missing_field", "polygon is absent"),
        (with_features(x=lane(polyline=[[0, 0], [0, 0, 0]])), "inconsistent", "rows of 2 and 3"),
        (with_features(x=lane(speed_limit_mph=-5)), "value_out_of_range", "speed_limit_mph is -5"),
        (with_features(x=lane(left_neighbor=[{"feature_id": "1"}])), "missing_field",
         "self_start_index is absent"),
        (with_features(x={"type": "STOP_SIGN", "position": polyline(2)}), "inconsistent",
         "expected [2] or [3]"),
        (with_features(x=3), "wrong_content", "map_features['x'] is 3, expected a dict"),
        ({"dynamic_map_states": {"100": light([9] * T)}}, "value_out_of_range",
         "expected a light state of 0 to 8"),
        ({"dynamic_map_states": {"100": light(["LANE_STATE_GO"])}}, "inconsistent",
         "has 1 entries, expected 4"),
        ({"dynamic_map_states": {"100": light([1.5] * T)}}, "wrong_content", "holds 1.5"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, changes, code, text):
    got, message = error_of(tmp_path, **changes)
    assert (got, text in message) == (code, True), (got, message)


def test_one_array_named_many_times_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(plain_values, "MAX_NUMBERS", 100_000)
    long = polyline(10_000)
    features = {str(number): lane(polyline=long) for number in range(20)}
    code, message = error_of(tmp_path, map_features=features)
    assert code == "too_large"
    assert "the scene has more than 100000 numbers" in message


def test_lists_that_contain_themselves_are_named(tmp_path):
    loop = []
    loop += [loop, loop]
    code, message = error_of(tmp_path, **with_features(x=lane(polyline=loop)))
    assert (code, "expected numbers" in message) == ("wrong_content", True)
    assert error_of(tmp_path, tracks={"11": track(position=loop)})[0] == "wrong_content"


def test_a_pickle_of_something_else_is_named(tmp_path):
    for content, text in ((["x"], "a value of type list"), ({"tracks": 1}, "a value of type dict"),
                          (3, "holds 3")):  # fmt: skip
        code, message = reading.error_of(write(tmp_path, content))
        assert (code, text in message) == ("wrong_content", True)


def test_a_real_file_cut_off_anywhere_gives_one_error(tmp_path):
    files = find_logs("scenarionet_pkl/waymo/*.xz")
    data = lzma.decompress(min(files, key=lambda file: file.stat().st_size).read_bytes())
    file = tmp_path / "cut.pkl"
    for size in range(0, len(data), 1000):
        file.write_bytes(data[:size])
        code, message = reading.error_of(file)
        assert code in ("empty", "truncated", "bad_encoding"), (size, message)
