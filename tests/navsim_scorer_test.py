"""The scorer with NAVSIM's interface, fed with stand-ins of NAVSIM's objects."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("shapely", reason="stand-ins of NAVSIM's objects need shapely")
pytest.importorskip("pandas", reason="NAVSIM's v2 results are pandas frames")

import navsim_objects_stand_in as objects
import navsim_stand_in
from forkroad.navsim import PDMScorer, pdm_human_filter, read_navsim
from forkroad.navsim.scorer import scene_arguments
from navsim_shared import scorers, write_generated

VERSIONS = {"v1": "v1.1", "v2": "v2"}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scorer")
    return {
        VERSIONS[version]: read_navsim(write_generated(folder, version, seed=31, num_scenes=3))
        for version in VERSIONS
    }


def score(scene, version, core, states, **settings):
    """Score states of a scene through NAVSIM's objects."""
    scorer = PDMScorer(objects.sampling(), version=version, core=core, **settings)
    past = objects.history(scene) if version == "v2" else None
    results = scorer.score_proposals(
        states,
        objects.observation(scene, drop_removed=version == "v2"),
        objects.centerline(scene),
        objects.route_lane_ids(scene),
        objects.drivable_map(scene),
        human_past_trajectory=past,
    )
    return scorer, results


@pytest.mark.parametrize("core", scorers())
@pytest.mark.parametrize("version", ["v1.1", "v2"])
def test_official_pairs_give_the_stored_terms(files, version, core):
    for scene in files[version].scenes:
        reference = scene.expected["ref_sim"][None]
        states = np.concatenate([reference, scene.expected["sim"]])
        scorer, results = score(scene, version, core, states, official_pairs=True)
        keep = scene.margins["borderline_any"] == 0
        for name in ("nc", "dac", "ddc", "ttc", "ep"):
            np.testing.assert_allclose(
                scorer.terms[name][1:][keep], scene.expected[name][keep], atol=1e-8
            )
        if version == "v2":
            results = np.array([frame["pdm_score"].iloc[0] for frame in results])
        stored = scene.expected["score_pair"]
        np.testing.assert_allclose(results[1:][keep], stored[keep], atol=1e-8)


@pytest.mark.parametrize("core", scorers())
def test_progress_is_normalised_over_the_batch(files, core):
    scene = files["v2"].scenes[0]
    scorer, _ = score(scene, "v2", core, scene.expected["sim"])
    masked = scorer._progress_raw * scorer._multi_metrics.prod(axis=0)
    expected = np.ones_like(masked)
    if masked.max() > 5.0:
        expected = np.clip(scorer._progress_raw / masked.max(), 0, 1)
    np.testing.assert_allclose(scorer._weighted_metrics[0], expected)


@pytest.mark.parametrize("core", scorers())
def test_attributes_have_navsims_order_and_shape(files, core):
    scene = files["v2"].scenes[1]
    scorer, frames = score(scene, "v2", core, scene.expected["sim"])
    num_plans = len(scene.plans)
    for row, name in enumerate(("nc", "dac", "tlc", "ddc")):
        np.testing.assert_array_equal(scorer._multi_metrics[row], scorer.terms[name])
    for row, name in enumerate(("ep", "ttc", "lk", "hc")):
        np.testing.assert_array_equal(scorer._weighted_metrics[row], scorer.terms[name])
    assert scorer._weighted_metrics.shape == (5, num_plans)
    assert scorer._ego_areas.dtype == bool
    assert scorer._ego_areas.shape == (num_plans, 41, 3)
    stored = scene.expected["at_fault_idx"]
    expected = np.where(stored < 0, np.inf, stored * 0.1)
    times = [scorer.time_to_at_fault_collision(plan) for plan in range(num_plans)]
    np.testing.assert_allclose(times, expected)
    assert len(frames) == num_plans
    assert frames[0]["weighted_metrics_array"].iloc[0].tolist() == [5, 5, 2, 2, 2]
    assert frames[2]["no_at_fault_collisions"].iloc[0] == scorer.terms["nc"][2]


def test_v1_returns_an_array_and_its_own_rows(files):
    scene = files["v1.1"].scenes[0]
    scorer, scores = score(scene, "v1.1", navsim_stand_in, scene.expected["sim"])
    assert scores.shape == (len(scene.plans),)
    assert scorer._multi_metrics.shape == (2, len(scene.plans))
    np.testing.assert_array_equal(scorer._weighted_metrics[3], scorer.terms["ddc"])


def test_scene_arguments_equal_the_stored_scene(files):
    scene = files["v2"].scenes[2]
    made = scene_arguments(
        "v2",
        scene.expected["sim"],
        objects.observation(scene, drop_removed=False),
        objects.centerline(scene),
        objects.route_lane_ids(scene),
        objects.drivable_map(scene),
        objects.history(scene),
    )
    stored = scene.pdm_arguments()
    order = [int(np.argmin(abs(made["track_size"] - size).sum(1))) for size in stored["track_size"]]
    for name in ("polygon_xy", "polygon_offset", "polygon_type", "polygon_on_route"):
        np.testing.assert_array_equal(made[name], stored[name])
    np.testing.assert_array_equal(made["track_type"][order], stored["track_type"])
    np.testing.assert_array_equal(made["track_valid"][order], stored["track_valid"])
    np.testing.assert_allclose(
        made["track_state"][order][..., :2], stored["track_state"][..., :2], atol=1e-8
    )
    reds = dict(zip(stored["red_polygon"], stored["red_on"].tolist(), strict=True))
    lit = {polygon: on for polygon, on in reds.items() if any(on)}
    assert dict(zip(made["red_polygon"], made["red_on"].tolist(), strict=True)) == lit


def test_tokens_on_the_collided_list_are_ignored(files):
    scene = files["v2"].scenes[0]
    observation = objects.observation(scene, drop_removed=False)
    observation.collided_track_ids = list(scene.track_token)
    scorer = PDMScorer(objects.sampling(), core=navsim_stand_in)
    scorer.score_proposals(
        scene.expected["sim"],
        observation,
        objects.centerline(scene),
        objects.route_lane_ids(scene),
        objects.drivable_map(scene),
    )
    assert (scorer.terms["nc"] == 1).all()
    assert (scorer.terms["ttc"] == 1).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"proposal_sampling": objects.sampling(80, 0.1)}, "80 poses"),
        ({"config": SimpleNamespace(ttc_weight=4.0)}, "ttc_weight"),
        ({"config": SimpleNamespace(progress_distance_threshold=0.1)}, "progress_distance"),
        ({"vehicle_parameters": SimpleNamespace(width=2.0)}, "width"),
        ({"version": "v3"}, "v1.1, v2"),
    ],
)
def test_settings_that_the_terms_do_not_have_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        PDMScorer(**{"proposal_sampling": objects.sampling(), **arguments})


def test_bad_objects_are_named(files):
    scene = files["v2"].scenes[0]
    states = scene.expected["sim"]
    with pytest.raises(ValueError, match="states"):
        score(scene, "v2", navsim_stand_in, states[:, :40])
    short = dataclasses.replace(
        scene, track_state=scene.track_state[:, :20], track_valid=scene.track_valid[:, :20]
    )
    with pytest.raises(ValueError, match="20 frames"):
        score(short, "v2", navsim_stand_in, states)
    broken = objects.drivable_map(scene)
    del broken.map_types
    with pytest.raises(AttributeError, match="map_types"):
        scene_arguments(
            "v2",
            states,
            objects.observation(scene, drop_removed=True),
            objects.centerline(scene),
            [],
            broken,
        )


def test_human_filter_modes_differ_as_they_should():
    terms = {name: np.array([0.0, 1.0]) for name in ("nc", "dac", "ddc", "tlc", "ttc", "lk", "hc")}
    terms |= {"ep": np.ones(2), "mult_prod": np.array([0.0, 1.0]), "score": np.array([0.0, 1.0])}
    human = {**{name: np.array([0.0]) for name in terms}, "nc": np.array([0.5])}
    off = pdm_human_filter(terms, human, "off")
    assert off["dac"].tolist() == [0, 1]
    current = pdm_human_filter(terms, human, "current")
    assert current["nc"].tolist() == [0, 1]  # 0.5 of the human does not excuse
    assert current["dac"].tolist() == [1, 1]
    assert current["hc"].tolist() == [0, 1]
    excused = pdm_human_filter(terms, {**human, "nc": np.array([0.0])}, "current")
    assert excused["mult_prod"].tolist() == [1, 1]
    np.testing.assert_allclose(excused["score"], [12 / 14, 1])
    legacy = pdm_human_filter(terms, {**human, "nc": np.array([0.0])}, "legacy")
    assert legacy["dac"].tolist() == [1, 1]
    assert legacy["score"].tolist() == [0, 1]
    with pytest.raises(ValueError, match="legacy"):
        pdm_human_filter(terms, human, "old")
