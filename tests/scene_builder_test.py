"""forkroad.build_scene: scenes from plain Python values."""

import forkroad
import numpy as np
import pytest

T = 5
FAR = np.array([30_000.25, -20_000.5, 100.125])  # WOMD coordinates reach 30 km
TRACK_ARRAYS = ("positions", "headings", "velocities", "sizes")


def track(**changes):
    steps = np.arange(T)
    values = {
        "id": 7,
        "kind": "vehicle",
        "positions": FAR + np.stack([steps * 1.0, steps * 0.5, steps * 0.25], axis=1),
        "headings": np.full(T, 0.25),
        "velocities": np.tile([10.0, 5.0], (T, 1)),
        "sizes": [4.5, 1.9, 1.6],
    }
    return values | changes


def lane(**changes):
    values = {
        "id": 1,
        "kind": "lane",
        "points": FAR + np.array([[0, 0, 0], [10, 0, 0], [20, 0, 0]]),
    }
    return values | changes


def build(**changes):
    values = {"id": "log 1", "tracks": [track()], "dt": 0.1, "ego": 0}
    return forkroad.build_scene(**(values | changes))


def fault(**changes):
    with pytest.raises(forkroad.SceneFault) as caught:
        build(**changes)
    assert isinstance(caught.value, ValueError)
    return caught.value.code, str(caught.value)


def test_a_scene_gives_back_what_it_was_built_of():
    scene = build(
        features=[
            lane(type=forkroad.MapType.LANE_FREEWAY, speed_limit=13.5, interpolating=True),
            lane(id=2, raw_type="LANE", entry_lanes=[1], exit_lanes=np.array([3])),
            {"id": 9, "kind": "stop_sign", "points": [FAR], "controlled_lanes": [1, 2]},
        ],
        signals=[{"lane_id": 1, "states": ["stop", None, "go", "unknown", "arrow_go"],
                  "stop_point": FAR[:2] + 1}],
        route=[1, 2],
        objects_of_interest=[7],
        tracks_to_predict=[0],
        current_step=2,
        format="mine",
        file="log.bin",
        record=3,
        byte_offset=77,
        assumptions=["sizes are assumed"],
    )  # fmt: skip
    assert (scene.id, scene.dt, scene.num_steps, scene.current_step, scene.ego) == (
        "log 1", 0.1, T, 2, 0,
    )  # fmt: skip
    np.testing.assert_allclose(scene.timestamps, np.arange(T) * 0.1)
    np.testing.assert_array_equal(scene.origin + scene.positions[0], track()["positions"])
    np.testing.assert_array_equal(scene.headings[0], np.full(T, np.float32(0.25)))
    np.testing.assert_array_equal(scene.velocities[0], track()["velocities"])
    np.testing.assert_array_equal(scene.sizes[0], np.tile(np.float32([4.5, 1.9, 1.6]), (T, 1)))
    assert scene.valid.all()
    first, second, sign = scene.features
    assert (first.type, first.speed_limit, first.interpolating) == (1, 13.5, True)
    assert (second.type, second.raw_type, second.entry_lanes, second.exit_lanes) == (
        0, "LANE", [1], [3],
    )  # fmt: skip
    assert (sign.kind, sign.type, sign.controlled_lanes) == ("stop_sign", 17, [1, 2])
    np.testing.assert_array_equal(scene.origin + first.points, lane()["points"])
    states = [[signal.state for signal in step] for step in scene.signals]
    assert states == [["stop"], [], ["go"], ["unknown"], ["arrow_go"]]
    (signal,) = scene.signals[0]
    np.testing.assert_array_equal(
        scene.origin + signal.stop_point, [*(FAR[:2] + 1), scene.origin[2]]
    )
    assert (scene.route, scene.objects_of_interest, scene.tracks_to_predict) == ([1, 2], [7], [0])
    source = scene.provenance
    assert (source.format, source.file, source.record, source.byte_offset) == (
        "mine", "log.bin", 3, 77,
    )  # fmt: skip
    assert scene.assumptions == ["sizes are assumed"]


def test_the_origin_is_subtracted_in_double():
    positions = FAR + np.linspace(0, 50, T)[:, None] * [1.0, 0.123, 0]
    scene = build(tracks=[track(positions=positions)])
    restored = scene.origin + scene.positions[0].astype(np.float64)
    assert np.abs(restored - positions).max() < 2.0**-16
    # fp32 alone would have lost it
    assert np.abs(positions.astype(np.float32) - positions).max() > 2.0**-16


def test_the_origin_is_the_ego_at_the_current_step_in_whole_metres():
    np.testing.assert_array_equal(build(current_step=3).origin, [30003, -20000 + 1, 100])
    late = build(tracks=[track(valid=[0, 0, 1, 1, 0])])
    np.testing.assert_array_equal(late.origin, [30002, -19999 - 1, 100])
    assert "the origin is its place at step 2" in late.assumptions[0]
    np.testing.assert_array_equal(build(origin=[1e4, -2e4, 0]).origin, [1e4, -2e4, 0])


def test_without_an_ego_the_origin_is_the_mean_of_first_places():
    two = [track(), track(id=8, positions=FAR[:2] + np.ones((T, 2)), valid=[0, 1, 1, 1, 1])]
    np.testing.assert_array_equal(build(tracks=two, ego=None).origin, [30000, -20000, 50])
    np.testing.assert_array_equal(build(tracks=[], ego=None, timestamps=[0.0]).origin, [0, 0, 0])


def test_headings_are_wrapped():
    turns = [7.0, -7.0, np.pi, -np.pi, 3 * np.pi]
    headings = build(tracks=[track(headings=turns)]).headings[0]
    np.testing.assert_allclose(np.cos(headings), np.cos(turns), atol=1e-6)
    np.testing.assert_allclose(np.sin(headings), np.sin(turns), atol=1e-6)
    assert np.all((headings >= -np.float32(np.pi)) & (headings < np.float32(np.pi)))


def test_numbers_of_steps_that_are_not_valid_are_ignored_and_zero():
    broken = {name: np.array(track()[name], float) for name in TRACK_ARRAYS[:3]}
    for values in broken.values():
        values[1] = np.nan
    sizes = np.tile([4.5, 1.9, 1.6], (T, 1))
    sizes[1] = -10000
    scene = build(tracks=[track(**broken, sizes=sizes, valid=np.array([1, 0, 1, 1, 1.0]))])
    assert scene.valid[0].tolist() == [True, False, True, True, True]
    for values in (scene.positions, scene.headings, scene.velocities, scene.sizes):
        assert not values[0, 1].any()


@pytest.mark.parametrize("name", TRACK_ARRAYS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, -1e30])
def test_a_number_that_no_track_has_is_named(name, value):
    values = np.array(track()[name], float)
    if name == "sizes":
        values = np.tile(values, (T, 1))
    values[(2, *[1] * (values.ndim - 1))] = value
    code, text = fault(tracks=[track(id=6), track(**{name: values})])
    assert code == "value_out_of_range"
    assert text.startswith(f"tracks[1].{name}[2]")
    assert "expected" in text


@pytest.mark.parametrize("name", [*TRACK_ARRAYS, "id", "kind"])
def test_a_missing_entry_is_named(name):
    values = track()
    del values[name]
    assert fault(tracks=[values]) == ("missing_field", f"tracks[0].{name} is absent")


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("positions", np.zeros((T, 4)), "tracks[0].positions has shape [5, 4], expected [5, 2] or"),
        ("positions", np.zeros((T + 1, 3)), "tracks[0].positions has shape [6, 3]"),
        ("positions", [[0, 0]] * (T - 1) + [[0]], "tracks[0].positions is a value of type list"),
        ("positions", np.full((T, 3), "1"), "tracks[0].positions is a value of type ndarray"),
        ("positions", np.full((T, 3), 1j), "expected real numbers"),
        ("positions", np.array([[None] * 3] * T), "expected real numbers"),
        ("headings", 0.5, "tracks[0].headings has shape [], expected [any number]"),
        ("sizes", [4.5, 1.9], "tracks[0].sizes has shape [2], expected [5, 3] or [3]"),
        ("valid", [0, 1, 2, 1, 1], "tracks[0].valid[2] is 2, expected 0 or 1"),
        ("valid", [True], "tracks[0].valid has shape [1], expected [5]"),
        ("kind", "car", "tracks[0].kind is 'car', expected 'vehicle', 'pedestrian'"),
        ("kind", 1, "tracks[0].kind is 1, expected"),
        ("id", "7", "tracks[0].id is '7', expected an integer of 64 bits"),
        ("id", 1 << 63, "tracks[0].id is a value of type int, expected an integer of 64 bits"),
        ("id", 7.0, "tracks[0].id is 7.0, expected an integer"),
        ("id", True, "expected an integer"),
        ("raw_type", "two\nlines", "tracks[0].raw_type is 'two\\nlines', expected one line"),
        ("raw_type", "x" * 257, "tracks[0].raw_type is a value of type str"),
        ("speed", 3, "tracks[0] has the entry 'speed', expected only: id, kind"),
    ],
)
def test_a_wrong_entry_of_a_track_is_named(name, value, text):
    _, message = fault(tracks=[track(**{name: value})])
    assert text in message


def test_two_tracks_with_one_id_are_named():
    assert "two tracks have the id 7" in fault(tracks=[track(), track()])[1]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"id": ""}, "id is '', expected one line of printable text of 1 to 256 bytes"),
        ({"id": "a\u2028b"}, "expected one line of printable text"),
        ({"id": "\ud800"}, "expected one line of printable text"),
        ({"id": 3}, "id is 3, expected"),
        ({"ego": 1}, "ego is 1, expected -1 to 0"),
        ({"ego": -2}, "ego is -2, expected -1 to 0"),
        ({"current_step": T}, "current_step is 5, expected 0 to 4"),
        ({"current_step": -1}, "current_step is -1, expected 0 to 4"),
        ({"tracks_to_predict": [1]}, "tracks_to_predict holds 1"),
        ({"tracks": {}}, "tracks is a value of type dict, expected a list"),
        ({"tracks": [3]}, "tracks[0] is 3, expected a dict"),
        ({"origin": [0, 0]}, "origin has shape [2], expected [3]"),
        ({"origin": [np.nan, 0, 0]}, "expected a finite number at most 100000 m from the origin"),
        ({"origin": [0, 0, 1e9]}, "from the origin 1000000000"),
        ({"route": ["1"]}, "route[0] is '1', expected an integer"),
        ({"assumptions": "text"}, "assumptions is 'text', expected a list"),
        ({"features": [lane(), lane()]}, "features[1].id is 1 as of another feature"),
        ({"tracks": [track(valid=[0] * T)]}, "tracks[0] (the ego) has no valid step"),
        ({"tracks": [], "ego": None}, "timestamps is absent and tracks is empty"),
    ],
)
def test_a_wrong_argument_is_named(changes, text):
    assert text in fault(**changes)[1]


def test_names_of_arguments_are_checked():
    with pytest.raises(TypeError, match="incompatible function arguments"):
        build(trakcs=[])


def test_dt_is_the_median_step_taken_to_a_nominal_rate():
    uneven = np.cumsum([0, 0.1002, 0.1002, 0.1, 0.1003])
    scene = build(dt=None, timestamps=uneven)
    assert scene.dt == 0.1
    assert "dt is taken as 0.1 s" in scene.assumptions[0]
    np.testing.assert_array_equal(scene.timestamps, uneven)
    assert build(dt=None, timestamps=np.arange(T) / 15).dt == 1 / 15


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"dt": None}, "timestamps and dt are absent"),
        ({"dt": 0}, "dt is 0 s, expected"),
        ({"dt": -0.1}, "dt is -0.1 s, expected"),
        ({"dt": np.nan}, "dt is nan, expected a finite number"),
        ({"dt": "0.1"}, "dt is '0.1', expected a finite number"),
        ({"dt": 1e5}, "dt is 100000 s, expected 0.0001 to 10000 s"),
        ({"timestamps": [0, 1, 1, 2, 3.0]}, "timestamps[2] is 1, expected increasing numbers"),
        ({"timestamps": [0, 1, 2, 3, np.nan]}, "timestamps[4] is nan"),
        ({"timestamps": []}, "expected at least one step"),
        # a declared step that the data contradict, as in some CommonRoad files
        ({"dt": 0.1, "timestamps": np.arange(T) * 0.2}, "dt is 0.1 s but the timestamps are 0.2 s"),
    ],
)
def test_a_clock_that_no_log_has_is_named(changes, text):
    assert text in fault(**changes)[1]


def test_one_step_is_a_scene():
    scene = build(
        timestamps=[3.0],
        dt=None,
        tracks=[track(positions=FAR[None], headings=[0], velocities=[[0, 0]])],
    )
    assert (scene.num_steps, scene.dt) == (1, 0.1)


def test_rings_lose_their_repeated_end_and_lines_keep_it():
    square = FAR + np.array([[0, 0, 0], [4, 0, 0], [4, 4, 0], [0, 4, 0], [0, 0, 0]])
    for kind, count in (("crosswalk", 4), ("speed_bump", 4), ("driveway", 4),
                        ("drivable_area", 4), ("road_line", 5), ("road_edge", 5)):  # fmt: skip
        (feature,) = build(features=[{"id": 1, "kind": kind, "points": square}]).features
        assert len(feature.points) == count, kind
    (flat,) = build(features=[lane(points=FAR[:2] + np.zeros((1, 2)))]).features
    assert flat.points.tolist() == [[0.25, 0.5, 0]]


def test_neighbours_and_boundaries_are_whole_lanes_or_spans():
    features = [
        lane(left_neighbors=[2, (2, 1, 2, 0, 1)], right_neighbors=[99],
             left_boundaries=[5], right_boundaries=[(5, 1, 2, 8), 98]),
        lane(id=2, points=FAR + np.zeros((4, 3))),
        {"id": 5, "kind": "road_line", "points": [FAR, FAR + 1], "type": 7},
    ]  # fmt: skip
    first = build(features=features).features[0]
    assert first.left_neighbors == [(2, 0, 2, 0, 3), (2, 1, 2, 0, 1)]
    assert first.right_neighbors == [(99, 0, 2, 0, 0)]
    assert first.left_boundaries == [(5, 0, 2, forkroad.MapType.LINE_SOLID_SINGLE_WHITE)]
    assert first.right_boundaries == [(5, 1, 2, 8), (98, 0, 2, -1)]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"kind": "street"}, "features[0].kind is 'street', expected 'lane'"),
        ({"type": 17}, "features[0].type is 17, expected a MapType of 0 to 4 because it is a lane"),
        ({"points": np.zeros((0, 3))}, "lane 1 has no points"),
        ({"points": [[0, 0, 0, 0]]}, "features[0].points has shape [1, 4]"),
        ({"points": [FAR, FAR + np.array([2e5, 0, 0])]}, "features[0].points[1]: x is 230000.25 m"),
        ({"points": [FAR, FAR * np.nan]}, "features[0].points[1]: x is nan m"),
        ({"speed_limit": -1}, "features[0].speed_limit is -1 m/s"),
        ({"speed_limit": np.inf}, "features[0].speed_limit is inf, expected a finite number"),
        ({"interpolating": 1}, "features[0].interpolating is 1, expected True or False"),
        ({"entry_lanes": 3}, "features[0].entry_lanes is 3, expected a list"),
        ({"left_neighbors": [(1, 2)]}, "features[0].left_neighbors[0] is a value of type tuple"),
        ({"left_neighbors": [(1, 0, 3, 0, 0)]}, "lane 1: a neighbour spans points 0 to 3"),
        ({"left_neighbors": [(1, -1, 0, 0, 0)]}, "expected point indices of at least 0"),
        ({"left_boundaries": [(1, 0, 3, 5)]}, "lane 1: a boundary spans points 0 to 3"),
        ({"left_boundaries": [(1, 0, 2, 21)]}, "expected a MapType in the last place"),
        ({"controlled_lanes": [1]}, "features[0] has the entry 'controlled_lanes'"),
    ],
)
def test_a_wrong_entry_of_a_feature_is_named(changes, text):
    assert text in fault(features=[lane(**changes)])[1]


def test_a_light_without_a_stop_point_stands_where_its_lane_starts():
    scene = build(features=[lane()], signals=[{"lane_id": 1, "states": ["go"] * T}])
    assert scene.signals[4][0].stop_point == (0.25, 0.5, 0.125)
    assert "5 light states without a stop point" in scene.assumptions[0]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"states": ["go"] * 4}, "signals[0].states has 4 entries, expected one for each"),
        ({"states": ["green"] * T}, "signals[0].states[0] is 'green', expected None or the name"),
        ({"states": [4] * T}, "signals[0].states[0] is 4"),
        ({"states": "stop!"}, "signals[0].states is 'stop!', expected a list"),
        (
            {"lane_id": 2, "stop_point": None},
            "signals[0].stop_point is absent and there is no lane 2",
        ),
        ({"stop_point": [0]}, "signals[0].stop_point has shape [1]"),
        ({"stop_point": [0, 0, np.nan]}, "signals[0].stop_point[0]: z is nan m"),
        ({"colour": "red"}, "signals[0] has the entry 'colour'"),
    ],
)
def test_a_wrong_entry_of_a_light_is_named(changes, text):
    light = {"lane_id": 1, "states": ["go"] * T, "stop_point": FAR} | changes
    assert text in fault(features=[lane()], signals=[light])[1]


def test_stop_points_of_steps_without_a_light_are_ignored():
    points = np.tile(FAR, (T, 1))
    points[1] = np.nan
    light = {"lane_id": 1, "states": ["go", None, "go", "go", "go"], "stop_point": points}
    assert [len(step) for step in build(signals=[light]).signals] == [1, 0, 1, 1, 1]


def test_a_built_scene_is_scored_like_any_other():
    scene = build(tracks=[track(), track(id=8, kind="pedestrian", valid=[0, 1, 1, 1, 1])])
    batch = forkroad.SceneBatch([scene])
    plans = forkroad.vocabulary(batch, 8)
    agents = forkroad.make_agent_model("log")
    facts = forkroad.Simulator(batch).rollout(forkroad.Snapshot.of_log(batch), plans, agents)
    assert facts.contact_step.shape == (1, 8)


def test_the_generated_scene_survives_being_rebuilt(scene):
    rebuilt = forkroad.build_scene(
        id=scene.id,
        timestamps=scene.timestamps,
        dt=scene.dt,
        ego=scene.ego,
        current_step=scene.current_step,
        origin=scene.origin,
        tracks=[
            {
                "id": track.id,
                "kind": track.kind,
                "raw_type": track.raw_type,
                "positions": scene.origin + track.positions.astype(np.float64),
                "headings": track.headings,
                "velocities": track.velocities,
                "sizes": track.sizes,
                "valid": track.valid,
            }
            for track in scene.tracks
        ],
        features=[
            {
                "id": feature.id,
                "kind": feature.kind,
                "type": feature.type,
                "points": scene.origin + feature.points.astype(np.float64),
            }
            for feature in scene.features
        ],
    )
    for name in ("positions", "headings", "velocities", "sizes", "valid", "timestamps"):
        np.testing.assert_array_equal(getattr(rebuilt, name), getattr(scene, name), err_msg=name)
    for one, two in zip(rebuilt.features, scene.features, strict=True):
        np.testing.assert_array_equal(one.points, two.points)


def test_a_parse_error_can_be_made_of_its_parts():
    error = forkroad.ParseError(
        code="truncated", file="a.log", message="ends early", record=2, byte_offset=9
    )
    assert error.text() == "a.log: record 2, byte 9: truncated: ends early"
    with pytest.raises(ValueError, match="got 'bad', expected"):
        forkroad.ParseError(code="bad", file="", message="")
