"""Term matrices and two-frame comfort."""

import dataclasses

import numpy as np
import pytest

pytest.importorskip("shapely", reason="the NAVSIM reference needs shapely")

import navsim_stand_in
from forkroad.navsim import (
    ComfortFeatures,
    TermMatrixCache,
    matched_extended_comfort,
    read_navsim,
    term_matrix,
)
from forkroad.navsim.vocabulary import extended_comfort, matched_pairs
from navsim_shared import scorers, write_generated

NUM_PLANS = 12


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    path = write_generated(tmp_path_factory.mktemp("vocabulary"), "v2", seed=41, num_scenes=1)
    return read_navsim(path).scenes[0]


@pytest.fixture(scope="module")
def vocabulary():
    speed = np.linspace(0, 12, NUM_PLANS)[:, None]
    time = np.arange(1, 41) * 0.1
    bend = np.linspace(-0.05, 0.05, NUM_PLANS)[:, None] * time
    return np.stack([speed * time, speed * time * bend / 2, bend + 0 * speed], axis=-1)


@pytest.mark.parametrize("core", scorers())
@pytest.mark.parametrize("version", ["v1.1", "v2"])
def test_a_plan_scored_alone_equals_its_row(scene, vocabulary, core, version):
    if version == "v1.1":
        frames = np.concatenate([scene.track_state, scene.track_state[:, -10:]], axis=1)
        valid = np.concatenate([scene.track_valid, scene.track_valid[:, -10:]], axis=1)
        scene = dataclasses.replace(scene, track_state=frames, track_valid=valid)
    matrix = term_matrix(scene, vocabulary, 0.1, version, core=core)
    assert matrix.values.shape == (NUM_PLANS, len(matrix.names))
    for plan in (0, 5, NUM_PLANS - 1):
        alone = term_matrix(scene, vocabulary[plan : plan + 1], 0.1, version, core=core)
        # matrix products of the stand-in depend on the batch in the last bits
        atol = 1e-9 if core is navsim_stand_in else 0.0
        np.testing.assert_allclose(alone.values[0], matrix.values[plan], rtol=0, atol=atol)


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_cache_computes_once_and_tells_contents_apart(scene, vocabulary, tmp_path, suffix):
    calls = []

    class Counting:
        PdmScene = navsim_stand_in.PdmScene

        @staticmethod
        def score_pdm(*arguments, **options):
            calls.append(1)
            return navsim_stand_in.score_pdm(*arguments, **options)

    cache = TermMatrixCache(tmp_path / "terms", suffix)
    first = cache.get(scene, vocabulary, 0.1, core=Counting)
    done = len(calls)
    again = cache.get(scene, vocabulary, 0.1, core=Counting, num_threads=2)
    assert len(calls) == done
    np.testing.assert_array_equal(first.values, again.values)
    np.testing.assert_array_equal(first.motion, again.motion)
    paths = {
        cache.path(scene, vocabulary, 0.1, "v2"),
        cache.path(scene, vocabulary, 0.1, "v1.1"),
        cache.path(scene, vocabulary, 0.1, "v2", precision="double"),
        cache.path(scene, vocabulary + 1e-9, 0.1, "v2"),
        cache.path(scene, vocabulary, 0.5, "v2"),
        cache.path(
            dataclasses.replace(scene, centerline=scene.centerline + 1), vocabulary, 0.1, "v2"
        ),
    }
    assert len(paths) == 6
    assert [path.suffix for path in (tmp_path / "terms").iterdir()] == [suffix]


@pytest.mark.parametrize("core", scorers())
def test_factored_form_equals_the_matched_pairs(scene, core):
    now, before = scene.expected["sim"], scene.expected["prev_sim"]
    gap = scene.previous.gap_steps
    pairs = np.indices((len(now), len(before))).reshape(2, -1).T
    ec, rms = matched_extended_comfort(now, before, gap, pairs, core=core)
    own = ComfortFeatures.of_now(now, gap)
    other = ComfortFeatures.of_before(before, gap)
    np.testing.assert_allclose(own.rms(other, pairs), rms, atol=1e-8)
    rows = own.rms_rows(other, np.array([3, 1]))
    expected = rms.reshape(len(now), len(before), 4)[[3, 1]]
    np.testing.assert_allclose(rows, expected, atol=1e-5)
    np.testing.assert_array_equal(extended_comfort(own.rms(other, pairs)), ec)
    np.testing.assert_array_equal(ec.reshape(len(now), -1), scene.expected["ec"])


def test_motion_alone_is_enough_for_extended_comfort(scene, vocabulary):
    matrix = term_matrix(scene, vocabulary, 0.1, core=navsim_stand_in)
    prev = scene.expected["prev_sim"][:1]
    full = navsim_stand_in.score_pdm(
        navsim_stand_in.PdmScene(**scene.pdm_arguments()),
        navsim_plans(scene, vocabulary),
        version="v2",
    )["sim"]
    ec, rms = matched_extended_comfort(matrix.states(), prev, 5, core=navsim_stand_in)
    expected = matched_extended_comfort(full, prev, 5, core=navsim_stand_in)
    np.testing.assert_array_equal(ec, expected[0])
    np.testing.assert_array_equal(rms, expected[1])
    bare = term_matrix(scene, vocabulary, 0.1, keep_motion=False, core=navsim_stand_in)
    with pytest.raises(ValueError, match="keep_motion"):
        bare.states()


def navsim_plans(scene, vocabulary):
    """World poses of the vocabulary."""
    from forkroad.navsim import to_world_poses

    return to_world_poses(vocabulary, 0.1, scene.ego_state, scene.ego_time_us)


def test_human_filter_reaches_the_matrix(scene, vocabulary):
    plain = term_matrix(scene, vocabulary, 0.1, core=navsim_stand_in)
    excused = term_matrix(scene, vocabulary, 0.1, human_filter="current", core=navsim_stand_in)
    for name in ("nc", "dac", "ddc", "tlc", "ttc", "lk"):
        if scene.expected[f"human_{name}"] == 0:
            assert (excused[name] == 1).all()
        else:
            np.testing.assert_array_equal(excused[name], plain[name])
    with pytest.raises(ValueError, match="human plan"):
        term_matrix(
            dataclasses.replace(scene, human_plan=None),
            vocabulary,
            0.1,
            human_filter="legacy",
            core=navsim_stand_in,
        )


def test_pairs_match_plan_by_plan_or_against_one():
    assert matched_pairs(3, 3).tolist() == [[0, 0], [1, 1], [2, 2]]
    assert matched_pairs(3, 1).tolist() == [[0, 0], [1, 0], [2, 0]]
    with pytest.raises(ValueError, match="1 or 3"):
        matched_pairs(3, 2)
