"""Gaps of boxes over time, and pictures of a moment."""

import forkroad
import numpy as np
import pytest
from forkroad.candidates import LogPerturbations
from forkroad.gaps import box_corners, gap_points, plan_gaps
from forkroad.moment_figure import draw_moment
from forkroad.score_job import ScoredScene, score_scene
from matplotlib.figure import Figure

shapely = pytest.importorskip("shapely", reason="the reference of the gaps")


def random_boxes(random, count):
    place = random.uniform(-6, 6, (2, count))
    return box_corners(*place, random.uniform(-4, 4, count), *random.uniform(0.3, 6, (2, count)))


def test_gaps_of_random_boxes_are_those_of_shapely():
    random = np.random.default_rng(3)
    first, second = random_boxes(random, 3000), random_boxes(random, 3000)
    gaps, here, there = gap_points(first, second)
    expected = shapely.distance(shapely.polygons(first), shapely.polygons(second))
    assert 500 < (expected == 0).sum() < 2500
    np.testing.assert_allclose(gaps, expected, atol=1e-9)
    apart = gaps > 0
    np.testing.assert_allclose(np.linalg.norm(here - there, axis=-1)[apart], gaps[apart])
    for points, boxes in ((here, first), (there, second)):
        outside = shapely.distance(shapely.points(points), shapely.polygons(boxes))
        assert outside[apart].max() < 1e-9


def test_boxes_that_cross_without_a_corner_inside_touch():
    first = box_corners(0.0, 0.0, 0.0, 10.0, 1.0)
    second = box_corners(0.0, 0.0, np.pi / 2, 10.0, 1.0)
    assert gap_points(first, second)[0] == 0.0


def score(scene):
    batch = forkroad.SceneBatch([scene])
    snapshot = forkroad.Snapshot.of_log(batch)
    num_steps = scene.num_steps - 1 - scene.current_step
    plans = forkroad.log_perturbations(batch, snapshot, 40, dt=scene.dt, num_steps=num_steps)
    spec = forkroad.RolloutSpec(contact=forkroad.ContactRule(clearance_limit=200.0))
    agents = forkroad.make_agent_model("log")
    facts = forkroad.Simulator(batch).rollout(snapshot, plans, agents, spec, traces=True)
    return ScoredScene(scene, "", scene.ego, plans, facts, forkroad.ScoreCard.drive().score(facts))


def check_gaps(scored):
    facts = scored.facts
    for plan in range(facts.num_plans):
        gaps = plan_gaps(scored, plan)
        track = facts.traces.agent_track(0)[np.nanargmin(np.fmin.reduce(gaps))]
        if facts.contact_step[0, plan] < 0:
            assert np.nanmin(gaps) == pytest.approx(facts.clearance[0, plan], abs=2e-4)
            step = facts.clearance_step[0, plan]
            assert np.nanmin(gaps[step]) == pytest.approx(np.nanmin(gaps), abs=2e-4)
            assert track == facts.clearance_track[0, plan]


@pytest.mark.parametrize("layout", ["roundabout", "parking_lot", "signalised_crossing"])
def test_the_least_gap_is_the_clearance_of_the_facts(layout):
    check_gaps(score(forkroad.generate_scene(layout=layout, seed=4)))


def test_the_least_gap_is_the_clearance_on_real_logs(womd_files):
    for scene in forkroad.load_scenes(womd_files[0])[:3]:
        check_gaps(score(scene))


def test_a_moment_shows_the_gap_that_is_left_and_the_same_road_at_all_moments(scene):
    scored = score_scene(scene, "generated", LogPerturbations(5))
    figure = Figure(figsize=(10, 6))
    panels = figure.subplots(2, 1)
    for panel, step in zip(panels, (0, 40), strict=True):
        draw_moment(panel, scored, 0, step)
        gap = np.nanmin(plan_gaps(scored, 0)[step])
        assert [text.get_text() for text in panel.texts] == [f"{gap:.1f} m"]
        box = panel.get_window_extent()
        shape = np.ptp(panel.get_xlim()) / np.ptp(panel.get_ylim())
        assert shape == pytest.approx(box.width / box.height, rel=1e-6)
    assert panels[0].get_xlim() == panels[1].get_xlim()


def test_gaps_need_traces(scene):
    scored = score_scene(scene, "generated", LogPerturbations(2))
    bare = forkroad.Simulator(forkroad.SceneBatch([scene])).rollout(
        forkroad.Snapshot.of_log(forkroad.SceneBatch([scene])),
        scored.plans,
        forkroad.make_agent_model("log"),
    )
    with pytest.raises(ValueError, match="without traces"):
        plan_gaps(ScoredScene(scene, "", scene.ego, scored.plans, bare, scored.scores), 0)
