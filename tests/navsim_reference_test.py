"""The plain reference against the goldens, and the scene generator."""

import numpy as np
import pytest

pytest.importorskip("shapely", reason="the NAVSIM reference needs shapely")

import navsim_scenes
import navsim_stand_in
from forkroad.navsim import compare, evaluate_scene, read_navsim
from navsim_reference_comfort import padded_history, savitzky_golay_matrix
from navsim_reference_rollout import plan_poses, simulate, textbook_curvature_profile
from navsim_shared import golden, golden_file, write_generated

FILES = ["navsim_v2.npz", "navsim_v1.npz", "navsim_v2.safetensors"]


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_reference_equals_the_golden_file_in_every_term(name):
    file = golden_file(name)
    results = [evaluate_scene(scene, file.version, core=navsim_stand_in) for scene in file.scenes]
    report = compare(file, results)
    assert report.num_mismatches == 0, report.to_text()
    assert report.rollout_error < 1e-11
    assert report.ill_conditioned_error < 1e-11
    assert report.terms["plan"].largest_error < 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES[:2])
def test_reference_equals_the_golden_event_lists(name):
    file = golden_file(name)
    with np.load(golden(name), allow_pickle=False) as arrays:
        events = {key: arrays[key] for key in ("nc_event", "ttc_event")}
    for place, scene in enumerate(file.scenes):
        pdm_scene = navsim_stand_in.PdmScene(**scene.pdm_arguments())
        out = navsim_stand_in.navsim_reference.score(
            pdm_scene.reference, scene.plans, version=file.version
        )
        for key, rows in events.items():
            expected = {tuple(row[1:]) for row in rows.tolist() if row[0] == place}
            assert expected == {tuple(row) for row in out[key].tolist()}, (key, scene.name)


def test_padded_history_equals_the_golden_rows():
    file = golden_file("navsim_v2.npz")
    with np.load(golden("navsim_v2.npz"), allow_pickle=False) as arrays:
        stored, offset = arrays["padded_history"], arrays["padded_history_offset"]
    lengths = set()
    for place, scene in enumerate(file.scenes):
        rows = stored[offset[place] : offset[place + 1]]
        lengths.add(len(rows))
        if scene.history_state is None:
            assert len(rows) == 0
            continue
        made = padded_history(scene.history_state, scene.history_time_us)
        others = [column for column in range(11) if column != 7]
        np.testing.assert_allclose(made[:, others], rows[:, others], atol=1e-12)
    assert lengths == {0, 14, 15}


def test_filter_kernels_are_the_published_ones():
    interior = savitzky_golay_matrix(41, 8, 2, 0)[20, 17:25]
    np.testing.assert_allclose(interior * 32, [-3, 3, 7, 9, 9, 7, 3, -3], atol=1e-12)
    slope = savitzky_golay_matrix(41, 15, 2, 1)[20, 13:28]
    np.testing.assert_allclose(slope, np.arange(-7, 8) / 28.0, atol=1e-12)
    for order in (2, 3):
        bend = savitzky_golay_matrix(41, 5, order, 2)[20, 18:23]
        np.testing.assert_allclose(bend, np.array([2, -1, -2, -1, 2]) / 0.07, atol=1e-9)
    first = [savitzky_golay_matrix(41, 5, order, 2)[0, :5] for order in (2, 3)]
    assert np.abs(first[0] - first[1]).max() > 1.0


def test_sample_times_are_truncated_to_microseconds():
    ego = np.zeros(11)
    local = np.column_stack([np.arange(1, 9) * 7.5, np.zeros(8), np.zeros(8)])
    exact = plan_poses(ego, 10_000_000, local, 0.5)[:, 0]
    assert np.abs(exact - np.arange(41) * 1.5).max() < 1e-9
    starts = np.random.default_rng(0).integers(1_600_000_000_000_000, 1_700_000_000_000_000, 50)
    errors = [np.abs(plan_poses(ego, int(t0), local, 0.5)[:, 0] - exact).max() for t0 in starts]
    assert 1e-6 < max(errors) < 1e-4


def test_textbook_elimination_loses_digits_near_standstill():
    file = golden_file("navsim_v2.npz")
    scene = file.scenes[4]
    good, _ = simulate(scene.ego_state, scene.plans)
    plain, _ = simulate(scene.ego_state, scene.plans, textbook_curvature_profile)
    assert np.abs(good - scene.expected["sim"]).max() < 1e-11
    assert np.abs(plain - scene.expected["sim"]).max() > 1e-7


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_generated_file_has_every_array_of_the_golden_file(version, tmp_path):
    path = write_generated(tmp_path, version, seed=3)
    for mine, theirs in (
        (path, f"navsim_{version}.npz"),
        (navsim_scenes.margins_path(path), f"margins_{version}.npz"),
    ):
        with np.load(mine, allow_pickle=False) as made, np.load(golden(theirs)) as stored:
            assert set(made.files) == set(stored.files)
            for name in stored.files:
                assert made[name].dtype.kind == stored[name].dtype.kind, name
                assert made[name].ndim == stored[name].ndim, name


def test_same_seed_gives_the_same_traffic_in_both_versions(tmp_path):
    first = read_navsim(write_generated(tmp_path, "v1", seed=5))
    second = read_navsim(write_generated(tmp_path, "v2", seed=5))
    for one, two in zip(first.scenes, second.scenes, strict=True):
        np.testing.assert_array_equal(one.plans, two.plans)
        np.testing.assert_array_equal(one.track_state[:, :41], two.track_state)
        np.testing.assert_array_equal(one.polygon_xy, two.polygon_xy)


def test_generated_scenes_meet_rare_conditions():
    arrays, margins = navsim_scenes.generate(12, 24, 13, "v2")
    for name in ("nc", "dac", "ddc", "tlc", "ttc", "lk", "hc"):
        assert {0.0, 1.0} <= set(np.unique(arrays[name])), name
    assert (arrays["nc"] == 0.5).any()
    assert set(np.unique(arrays["poly_type"])) == {0, 1, 2, 3, 4}
    assert len(np.unique(arrays["track_type"])) >= 6
    assert arrays["track_removed"].any()
    assert (arrays["track_valid"] == 0).any()
    assert set(np.unique(arrays["has_history"])) == {0, 1}
    assert len(set(np.unique(arrays["nc_event"][:, 4]))) == 5
    assert (arrays["sim"][..., 3] < -0.05).any()
    assert set(np.unique(arrays["plan_interval"])) == {0.1, 0.5}
    assert {0, 1} <= set(np.unique(arrays["ec"]))
    assert margins["borderline_any"].mean() < 0.05
