"""The compiled NAVSIM scorer: same bits for any lanes, threads and batch; bad input is named."""

import numpy as np
import pytest
from forkroad import _core
from forkroad.navsim import read_navsim
from navsim_shared import write_generated


@pytest.fixture(scope="module", params=["v1", "v2"])
def scene(request, tmp_path_factory):
    """One generated scene, its plans repeated with small shifts so that no width divides them."""
    folder = tmp_path_factory.mktemp("navsim")
    file = read_navsim(write_generated(folder, request.param, 11, num_scenes=1, num_plans=16))
    stored = file.scenes[0]
    plans = np.concatenate([stored.plans] * 3)[:45].copy()
    plans[:, 1:, 0] += np.linspace(0.0, 0.4, len(plans))[:, None]
    version = "v2" if request.param == "v2" else "v1.1"
    return _core.PdmScene(**stored.pdm_arguments()), plans, version, stored.pdm_arguments()


def same(a: dict, b: dict) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("lanes, threads", [(4, 1), (8, 1), (0, 2), (1, 3)])
def test_scores_do_not_depend_on_lanes_or_threads(scene, lanes, threads):
    pdm_scene, plans, version, _ = scene
    first = _core.score_pdm(pdm_scene, plans, version=version, lanes=1)
    again = _core.score_pdm(pdm_scene, plans, version=version, lanes=lanes, num_threads=threads)
    assert same(first, again)


def test_a_plan_scored_alone_equals_itself_in_a_batch(scene):
    pdm_scene, plans, version, _ = scene
    together = _core.score_pdm(pdm_scene, plans, version=version)
    for plan in (0, 7, 31, 44):
        alone = _core.score_pdm(pdm_scene, plans[plan : plan + 1], version=version)
        assert all(np.array_equal(alone[name][0], together[name][plan]) for name in alone)


def test_given_states_score_as_the_tracked_ones(scene):
    pdm_scene, plans, version, _ = scene
    tracked = _core.score_pdm(pdm_scene, plans, version=version)
    given = _core.score_pdm(pdm_scene, sim=tracked["sim"], version=version)
    for name in ("nc", "dac", "ddc", "ttc", "score", "comfort_ok", "area"):
        np.testing.assert_allclose(given[name], tracked[name], atol=1e-9, err_msg=name)


@pytest.mark.parametrize(
    "change, text",
    [
        ({"centerline": np.zeros((3, 2))}, "no length"),
        ({"track_state": "nan"}, "expected finite numbers"),
        ({"ego_state": np.full(11, np.nan)}, "ego: column 0 is nan"),
        ({"history_time_us": np.array([4, 3, 2, 1])}, "expected rising times"),
    ],
)
def test_bad_scenes_are_named(scene, change, text):
    _, plans, version, arguments = scene
    if "history_time_us" in change and arguments["history_state"] is None:
        change = {**change, "history_state": np.zeros((4, 11))}
    for name, value in change.items():
        if isinstance(value, str):
            change = {name: np.full_like(arguments[name], np.nan)}
    broken = _core.PdmScene(**{**arguments, **change})
    with pytest.raises(ValueError, match=text):
        _core.score_pdm(broken, plans, version=version)


def test_bad_plans_are_named(scene):
    pdm_scene, plans, version, _ = scene
    broken = plans.copy()
    broken[3, 17, 2] = np.nan
    with pytest.raises(ValueError, match="plan 3, step 17, column 2 is nan"):
        _core.score_pdm(pdm_scene, broken, version=version)
    with pytest.raises(ValueError, match=r"got shape \[45, 40, 3\], expected \[\?, 41, 3\]"):
        _core.score_pdm(pdm_scene, plans[:, :40], version=version)
    with pytest.raises(ValueError, match="expected 'double'"):
        _core.score_pdm(pdm_scene, plans, version=version, precision="float")
    with pytest.raises(ValueError, match="expected one of 1, 4, 8"):
        _core.score_pdm(pdm_scene, plans, version=version, lanes=3)
