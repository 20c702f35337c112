"""Odd and broken input of the NAVSIM scorer: an error that names it, or the documented result."""

import numpy as np
import pytest
from forkroad import _core
from forkroad.navsim import to_world_poses
from navsim_tiny import (
    CONE,
    INTERSECTION,
    LANE,
    NUM_FRAMES,
    STEPS,
    WIDE_ROAD,
    area,
    arguments,
    ego,
    scene,
    score,
    straight_plan,
    track,
)

VERSIONS = ("v1.1", "v2")
LIT = {"red_polygon": [1], "red_on": np.ones((1, 41), np.uint8)}


def with_nan(array, *place):
    out = np.array(array, float)
    out[place] = np.nan
    return out


@pytest.mark.parametrize("version", VERSIONS)
def test_a_ring_may_repeat_its_first_vertex_and_turn_either_way(version):
    plans = straight_plan(8.0, turn=0.2)
    found = []
    for repeat in (False, True):
        for turn in (1, -1):
            polygons = []
            for kind, ring, on in (*WIDE_ROAD, area(INTERSECTION, (10, 20), (-3, 1.2))):
                ring = ring[::turn]
                polygons.append((kind, [*ring, ring[0]] if repeat else ring, on))
            found.append(score(scene([track(20.0, 0.5)], polygons), plans=plans, version=version))
    for other in found[1:]:
        for name in found[0]:
            np.testing.assert_array_equal(found[0][name], other[name], err_msg=name)
    assert found[0]["dac"] == 1.0


BAD_SCENES = {
    "a centre line of one place": ({"centerline": np.ones((3, 2))}, "3 points and no length"),
    "a centre line of one point": ({"centerline": np.ones((1, 2))}, "1 points and no length"),
    "no centre line": ({"centerline": np.zeros((0, 2))}, "0 points and no length"),
    "NaN in the centre line": (
        {"centerline": with_nan(np.ones((3, 2)), 2, 1)},
        r"centerline: point 2 is \(1, nan\)",
    ),
    "NaN in the ego": ({"ego_state": ego(vx=np.nan)}, "ego: column 3 is nan"),
    "infinity in the ego": ({"ego_state": ego(ay=np.inf)}, "ego: column 6 is inf"),
    "reversed history": (
        {"history_state": np.zeros((4, 11)), "history_time_us": [4, 3, 2, 1]},
        "history time 3 us follows 4 us, expected rising times",
    ),
    "repeated history": (
        {"history_state": np.zeros((4, 11)), "history_time_us": [1, 2, 2, 3]},
        "history time 2 us follows 2 us, expected rising times",
    ),
    "NaN in the history": (
        {
            "history_state": with_nan(np.zeros((4, 11)), 2, 5),
            "history_time_us": [0, 500_000, 1_000_000, 1_500_000],
        },
        "history: column 5 is nan",
    ),
    "a lone history state": (
        {"history_state": np.zeros((1, 11)), "history_time_us": [0]},
        "got 1 history state, expected none or at least 2",
    ),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", BAD_SCENES)
def test_a_broken_scene_is_named(name, version):
    change, text = BAD_SCENES[name]
    broken = scene(**change)
    with pytest.raises(ValueError, match=f"PdmScene 'tiny': .*{text}"):
        _core.score_pdm(broken, straight_plan(5.0), version=version)


def test_a_long_history_is_named():
    times = 10_000_000 - np.array([3_000_000, 2_000_000, 1_000_000, 0])
    long = scene(history_state=np.zeros((4, 11)), history_time_us=times)
    with pytest.raises(ValueError, match=r"a history of 3.* s, expected at most 2\.5"):
        _core.score_pdm(long, straight_plan(5.0))


def test_rings_without_area_are_named():
    line = (LANE, [(0, 0), (1, 0)], True)
    with pytest.raises(ValueError, match="polygon 2: got 2 vertices, expected at least 3"):
        _core.score_pdm(scene(polygons=(*WIDE_ROAD, line)), straight_plan(5.0))
    hole = (LANE, [(0, 0), (np.nan, 0), (1, 1)], True)
    with pytest.raises(ValueError, match=r"polygon 2: point 1 is \(nan, 0\)"):
        _core.score_pdm(scene(polygons=(*WIDE_ROAD, hole)), straight_plan(5.0))


@pytest.mark.parametrize("column", range(5))
def test_nan_in_a_track_is_named_where_it_is_seen(column):
    other, broken = track(50.0, 0.0), track(60.0, 0.0, frames=range(1, NUM_FRAMES))
    broken["state"][7, column] = np.nan
    with pytest.raises(ValueError, match="track 1: frame 7 holds nan, expected finite"):
        _core.score_pdm(scene([other, broken]), straight_plan(5.0))
    unseen = track(60.0, 0.0, frames=range(1, NUM_FRAMES))
    unseen["state"][0, column] = np.nan
    assert score(scene([other, unseen]), plans=straight_plan(5.0))["nc"] == 1.0


@pytest.mark.parametrize("size", [(0.0, 2.0), (4.0, -1.0), (np.nan, 2.0), (4.0, np.inf)])
def test_a_box_without_size_is_named(size):
    with pytest.raises(ValueError, match=r"track 0: got a box of .* expected positive sizes"):
        _core.score_pdm(scene([track(9.0, 0.0, size=size)]), straight_plan(5.0))


def test_too_few_frames_are_named():
    short = arguments([track(30.0, 5.0)])
    for frames, version, expected in ((40, "v2", 41), (49, "v1.1", 50)):
        cut = {name: short[name][:, :frames] for name in ("track_state", "track_valid")}
        given = _core.PdmScene(**{**short, **cut})
        with pytest.raises(ValueError, match=f"got {frames} frames, expected at least {expected}"):
            _core.score_pdm(given, straight_plan(5.0), version=version)
    dark = scene(red_polygon=[1], red_on=np.ones((1, 40), np.uint8))
    with pytest.raises(ValueError, match="got polygon 1 and 40 frames, expected a polygon below 2"):
        _core.score_pdm(dark, straight_plan(5.0))
    absent = scene(**{**LIT, "red_polygon": [2]})
    with pytest.raises(ValueError, match="got polygon 2 and 41 frames, expected a polygon below 2"):
        _core.score_pdm(absent, straight_plan(5.0))


WRONG_SHAPES = {
    "ego_state": (np.zeros(10), r"ego_state: got shape \[10\], expected \[11\]"),
    "centerline": (np.zeros((4, 3)), r"centerline: got shape \[4, 3\], expected \[\?, 2\]"),
    "polygon_xy": (np.zeros((8, 3)), r"polygon_xy: got shape \[8, 3\], expected \[\?, 2\]"),
    "polygon_offset": ([0, 4], r"polygon_offset: got shape \[2\], expected \[3\]"),
    "polygon_on_route": ([1], r"polygon_on_route: got shape \[1\], expected \[2\]"),
    "track_state": (np.zeros((1, 51, 4)), r"track_state: got shape \[1, 51, 4\], expected \[1, "),
    "track_valid": (np.ones((1, 41)), r"track_valid: got shape \[1, 41\], expected \[1, 51\]"),
    "track_size": (np.ones(2), r"track_size: got shape \[2\], expected \[1, 2\]"),
    "track_removed": ([0, 1], r"track_removed: got shape \[2\], expected \[1\]"),
    "red_on": (np.ones(41), r"red_on: got shape \[41\], expected \[1, \?\]"),
    "polygon_type": ([0, 5], "polygon 1: .* a type of 0 .. 4"),
    "history_time_us": ([1, 2, 3], r"history_time_us: got shape \[3\], expected \[4\]"),
}


@pytest.mark.parametrize("name", WRONG_SHAPES)
def test_wrong_shapes_are_named(name):
    value, text = WRONG_SHAPES[name]
    extra = {"history_state": np.zeros((4, 11)), "history_time_us": [1, 2, 3, 4], **LIT}
    with pytest.raises(ValueError, match=text):
        scene([track(30.0, 5.0)], **{**extra, name: value})


def test_halves_of_a_pair_of_arguments_are_named():
    with pytest.raises(ValueError, match="history_state and history_time_us go together"):
        scene(history_state=np.zeros((4, 11)))
    with pytest.raises(ValueError, match="red_polygon needs red_on"):
        scene(red_polygon=[1])
    with pytest.raises(ValueError, match="neither plans nor sim"):
        _core.score_pdm(scene())


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_plans_and_states_that_are_not_finite_are_named(bad):
    plans = np.repeat(straight_plan(5.0), 3, axis=0)
    sim = _core.simulate_pdm(scene(), plans)
    plans[2, 40, 1] = sim[1, 0, 10] = bad
    with pytest.raises(ValueError, match=f"'tiny': plan 2, step 40, column 1 is {bad}"):
        _core.score_pdm(scene(), plans)
    with pytest.raises(ValueError, match=f"'tiny': plan 2, step 40, column 1 is {bad}"):
        _core.simulate_pdm(scene(), plans)
    with pytest.raises(ValueError, match=f"'tiny': plan 1, step 0, column 10 is {bad}"):
        _core.score_pdm(scene(), sim=sim)


def test_plans_and_states_of_wrong_shape_are_named():
    for plans in (np.zeros((41, 3)), np.zeros((2, 40, 3)), np.zeros((2, 41, 11))):
        with pytest.raises(ValueError, match=r"plans: got shape .* expected \[\?, 41, 3\]"):
            _core.score_pdm(scene(), plans)
    with pytest.raises(ValueError, match=r"sim: got shape .* expected \[\?, 41, 11\]"):
        _core.score_pdm(scene(), sim=np.zeros((2, 41, 3)))
    with pytest.raises(ValueError, match="got 0 values, expected a multiple of 41 x 3"):
        _core.score_pdm(scene(), np.zeros((0, 41, 3)))
    with pytest.raises(ValueError, match="got 0 threads, expected >= 1"):
        _core.score_pdm(scene(), straight_plan(5.0), num_threads=0)
    with pytest.raises(ValueError, match=r"got 'v1', expected 'v1\.1' or 'v2'"):
        _core.score_pdm(scene(), straight_plan(5.0), version="v1")


def test_pairs_of_absent_plans_and_gaps_are_named():
    sim = np.zeros((2, 41, 11))
    for pair, text in (([0, 2], "previous plan 2"), ([-1, 0], "current plan -1")):
        with pytest.raises(ValueError, match=f"pair 0: got {text}, expected 0 .. 1"):
            _core.pdm_extended_comfort(sim, sim, [pair], 5)
    for gap in (0, 27):
        with pytest.raises(ValueError, match=f"got a gap of {gap} steps, expected 1 .. 26"):
            _core.pdm_extended_comfort(sim, sim, [[0, 0]], gap)


def test_a_plan_of_one_pose_is_held():
    for interval in (0.1, 0.5, 4.0):
        poses = to_world_poses(np.array([[(2.0, 0.0, 0.0)]]), interval, ego(vx=5.0), 10_000_000)
        assert poses.shape == (1, 41, 3)
        expected = 2.0 * np.minimum(0.1 * STEPS / interval, 1.0)
        np.testing.assert_allclose(poses[0, :, 0], expected, atol=1e-9)
        assert np.isfinite(score(scene(ego_state=ego(vx=5.0)), plans=poses)["score"])


def busy_scene():
    """Tracks, lights, history and junctions, and 300 plans that meet them."""
    rng = np.random.default_rng(5)
    tracks = [
        track(x, y, speed, (4.5, 1.9), kind)
        for x, y, speed, kind in zip(
            rng.uniform(8, 40, 12),
            rng.choice([-1, 1], 12) * rng.uniform(3, 12, 12),
            rng.choice([0.0, 3.0], 12),
            [0, 1, 2, CONE] * 3,
            strict=True,
        )
    ]
    polygons = (*WIDE_ROAD, area(2, (15, 25), (2, 4), False), area(3, (12, 28), (-6, 6)))
    past = np.zeros((4, 11))
    past[:, 3] = 6.0
    given = scene(
        tracks,
        polygons,
        ego_state=ego(vx=6.0),
        history_state=past,
        history_time_us=10_000_000 - np.array([1_500_000, 1_000_000, 500_000, 0]),
        red_polygon=[2],
        red_on=np.ones((1, 41), np.uint8),
    )
    speeds, turns = rng.uniform(0, 9, 300), rng.uniform(-0.4, 0.4, 300)
    plans = [straight_plan(*each) for each in zip(speeds, turns, strict=True)]
    return given, np.concatenate(plans)


@pytest.mark.parametrize("version", VERSIONS)
def test_scores_are_the_same_bits_for_any_lanes_threads_and_batch(version):
    given, plans = busy_scene()
    settings = {"version": version, "reference_progress": 20.0, "reference_product": 1.0}
    first = _core.score_pdm(given, plans, lanes=1, **settings)
    assert 0 < np.count_nonzero(first["nc"]) < len(plans)
    assert len(np.unique(first["score"])) > 20

    def check(other, places=slice(None)):
        for name, value in first.items():
            np.testing.assert_array_equal(other[name], value[places], err_msg=name)

    for precision, widths in (("double", (1, 4, 8)), ("float", (1, 8, 16))):
        for lanes in widths:
            how = {"precision": precision, "lanes": lanes, "num_threads": 1 + lanes % 2}
            check(_core.score_pdm(given, plans, **how, **settings))
    for plan in (0, 7, 128, 299):
        check(_core.score_pdm(given, plans[[plan]], **settings), [plan])


@pytest.mark.parametrize("version", VERSIONS)
def test_given_states_score_as_the_tracked_ones(version):
    given, plans = busy_scene()
    tracked = _core.score_pdm(given, plans, version=version)
    np.testing.assert_array_equal(tracked["sim"], _core.simulate_pdm(given, plans))
    again = _core.score_pdm(given, sim=tracked["sim"], version=version)
    both = _core.score_pdm(given, np.zeros_like(plans), sim=tracked["sim"], version=version)
    for name, value in tracked.items():
        np.testing.assert_array_equal(again[name], value, err_msg=name)
        np.testing.assert_array_equal(both[name], value, err_msg=name)
