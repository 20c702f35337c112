"""What a replay's file holds: packed numbers, plans, the moment it opens at, colours."""

import base64
import json
import re
import zlib
from importlib import resources

import forkroad
import numpy as np
import pytest
from forkroad.candidates import LogPerturbations, Vocabulary
from forkroad.figure_view import View
from forkroad.figures import SCORE_COLORS
from forkroad.lost_points import find_lost_points, first_lost
from forkroad.replay import replay_page
from forkroad.replay.opening import LOG, choose_opening
from forkroad.replay.packed_array import hold_gaps, pack
from forkroad.replay.replay_data import MAX_PLANS, UnlikeError, choose_plans, replay_data
from forkroad.score_job import ScoreJob, score_files, score_scene
from view_scenes import crowded_scene, log_that_hits, lone_ego, scene_without_map


def unpack(packed: dict) -> np.ndarray:
    """The plain way to read what `pack` wrote."""
    planes = np.frombuffer(zlib.decompress(base64.b64decode(packed["data"])), np.uint8)
    planes = planes.reshape(packed["planes"], -1).astype(np.int64)
    folded = (planes << (8 * np.arange(packed["planes"]))[:, None]).sum(axis=0)
    counts = np.where(folded % 2 == 1, -(folded + 1) // 2, folded // 2).reshape(packed["shape"])
    for _ in range(packed["order"]):
        counts = np.cumsum(counts, axis=-1)
    return counts * packed["unit"]


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("shape", [(0,), (1,), (3, 1), (0, 5), (17, 33), (2, 3, 300)])
def test_packed_numbers_come_back_within_half_a_unit(order, shape):
    values = np.random.default_rng(order).normal(scale=1e4, size=shape)
    packed = pack(values, 0.01, order)
    assert unpack(packed).shape == shape
    np.testing.assert_allclose(unpack(packed), values, atol=0.005 + 1e-9)
    assert packed == json.loads(json.dumps(packed))


def test_numbers_that_cannot_be_packed_are_refused():
    for values in ([np.nan], [np.inf], [2.0**30]):
        with pytest.raises(ValueError, match="pack: got values"):
            pack(np.array(values))
    assert unpack(pack([1 - 2.0**30, 2.0**30 - 1], order=2)).tolist() == [1 - 2.0**30, 2.0**30 - 1]


def test_gaps_hold_the_value_before_them():
    nan = np.nan
    rows = np.array([[nan, 1, nan, 3, nan], [nan, nan, nan, nan, nan], [5, 6, 7, 8, 9]])
    assert hold_gaps(rows).tolist() == [[1, 1, 1, 3, 3], [0, 0, 0, 0, 0], [5, 6, 7, 8, 9]]


def test_poses_of_plans_agents_and_log_are_those_of_the_rollout():
    scored = score_scene(forkroad.generated_scene(), "generated", Vocabulary(64))
    data, view, traces = replay_data([scored]), View(scored), scored.facts.traces
    ego = view.to_ego(np.stack([traces.ego_x[0], traces.ego_y[0]], -1).astype(np.float64))
    np.testing.assert_allclose(unpack(data["plans"]["x"]), ego[..., 0], atol=0.0051)
    np.testing.assert_allclose(unpack(data["plans"]["y"]), ego[..., 1], atol=0.0051)
    turn = unpack(data["plans"]["heading"]) + view.heading - traces.ego_heading[0]
    np.testing.assert_allclose(np.sin(turn), 0, atol=0.0006)
    agents = data["models"][0]["agents"]
    tracks = [scored.scene.find_track(int(name)) for name in agents["ids"]]
    steps = view.log_steps()
    places = view.to_ego(scored.scene.positions[tracks][:, steps, :2].astype(np.float64))
    there = unpack(agents["there"]).astype(bool)
    assert (there == scored.scene.valid[tracks][:, steps]).all() and there.any()
    np.testing.assert_allclose(unpack(agents["x"])[there], places[there][:, 0], atol=0.0051)
    sizes = scored.scene.sizes[tracks][:, steps]
    np.testing.assert_allclose(unpack(agents["length"]), sizes[..., 0], atol=0.0051)
    np.testing.assert_allclose(unpack(data["log"]["x"])[0], view.log_path()[:, 0], atol=0.0051)


def test_a_page_of_8192_plans_among_300_agents_is_small():
    # perturbations share no paths and pack worse than a vocabulary
    scored = score_scene(crowded_scene(300), "crowd", LogPerturbations(8192))
    assert len(replay_page([scored])) < 4_000_000


def test_no_more_plans_are_kept_than_a_file_can_hold_the_highest_always():
    scored = score_scene(forkroad.generated_scene(), "generated", Vocabulary(9000))
    view = View(scored)
    kept = choose_plans(view, None)
    assert len(kept) == MAX_PLANS and (np.diff(kept) > 0).all()
    totals = scored.scores.totals[0]
    assert np.sort(totals[kept])[-500:].tolist() == np.sort(totals)[-500:].tolist()
    assert scored.scores.best_plan() in kept or totals[kept].max() == totals.max()
    top = choose_plans(view, 10)
    assert np.sort(totals[top]).tolist() == np.sort(totals)[-10:].tolist()


def opening_of(scene, candidates):
    scored = score_scene(scene, "made", candidates)
    lost, view = find_lost_points(scored.facts, scored.scores), View(scored)
    return scored, lost, choose_opening(view, lost, choose_plans(view, None))


def test_a_replay_opens_where_the_log_loses_its_first_point():
    scored, _, opening = opening_of(log_that_hits(), Vocabulary(50))
    assert opening.plan == LOG
    assert opening.step == scored.facts.log_contact_step[0] > 0


def test_a_replay_opens_at_the_plan_nearest_to_a_good_log_that_hits_somebody():
    scored, lost, opening = opening_of(forkroad.generated_scene(), Vocabulary(500))
    traces = scored.facts.traces
    log_x, log_y = View(scored).log_poses()[:2]
    apart = np.hypot(traces.ego_x[0] - log_x, traces.ego_y[0] - log_y).mean(axis=1)
    first = first_lost(lost.gone_step)
    to_somebody = (lost.gone_step == first[:, None]) & (lost.track >= 0) & (first[:, None] >= 0)
    hit = to_somebody.any(axis=1)
    assert hit.any() and not hit.all()
    assert opening.plan == np.argmin(np.where(hit, apart, np.inf))
    assert opening.step == first[opening.plan]


def test_a_replay_without_lost_points_opens_where_the_best_plan_is_closest():
    scored, lost, opening = opening_of(scene_without_map("free"), LogPerturbations(1))
    assert (lost.gone_step < 0).all()
    assert scored.facts.clearance_track[0, 0] >= 0
    assert (opening.plan, opening.step) == (0, scored.facts.clearance_step[0, 0])


def test_a_replay_of_an_empty_road_opens_at_the_start():
    _, _, opening = opening_of(lone_ego(), LogPerturbations(1))
    assert (opening.plan, opening.step) == (0, 0)


def test_lost_points_leave_the_total_out_and_tell_what_is_gone():
    scored = score_scene(forkroad.generated_scene(), "generated", Vocabulary(200))
    lost, scores = find_lost_points(scored.facts, scored.scores), scored.scores
    assert (lost.step[:, -1] == -1).all() and (scores.lost_step[0, :, -1] >= 0).any()
    assert (lost.step[:, :-1] == scores.lost_step[0, :, :-1]).all()
    assert (lost.step[:, 0] == scored.facts.fault_step[0]).all()
    part = (scores.values[0] > 0) & (lost.step >= 0)
    assert part.any() and (lost.gone_step[part] == -1).all()
    assert lost.not_said == ()


def test_scenes_that_differ_do_not_share_a_replay():
    scene = forkroad.generated_scene()
    first, second = (score_scene(scene, "generated", Vocabulary(count)) for count in (10, 11))
    with pytest.raises(UnlikeError, match="differ in plans"):
        replay_data([first, second])
    moved = score_scene(scene, "generated", LogPerturbations(10))
    with pytest.raises(UnlikeError, match="differ in motion of the ego"):
        replay_data([first, moved])


def test_a_scene_without_traces_is_refused(tmp_path):
    scenes = []
    job = ScoreJob(("generated",), Vocabulary(5))
    score_files(job, tmp_path / "scores.parquet", on_scene=scenes.append)
    with pytest.raises(ValueError, match="without traces"):
        replay_data(scenes)


def test_a_page_asks_for_nothing_and_its_data_cannot_end_their_element():
    scene = scene_without_map("</script>&<!--{{data}}")
    page = replay_page([score_scene(scene, "a\u2028b", Vocabulary(5))])
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|(?:src|href)=\"(?!data:)|@import|url\(", page)
    assert page.count("</script>") == 2 and "\u2028" not in page
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert json.loads(text)["id"] == scene.id
    assert json.loads(text)["source"].endswith("a\u2028b")


# what is left of linear red, green and blue without one kind of cone (Machado et al. 2009)
SIGHT = {
    "all cones": np.eye(3),
    "no red": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0519]],
    "no green": [[0.3673, 0.8606, -0.2280], [0.2801, 0.6727, 0.0472], [-0.0118, 0.0430, 0.9689]],
    "no blue": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("paper", ["light", "dark"])
def test_scores_are_in_order_of_lightness_with_any_colour_sight(paper, sight):
    script = resources.files("forkroad.replay").joinpath("player.js").read_text()
    dark = re.findall(r"#[0-9a-f]{6}", re.search(r"DARK_SCORES = \[(.*?)\]", script, re.S)[1])
    colors = SCORE_COLORS if paper == "light" else dark
    assert len(colors) == 7
    srgb = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in colors]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(SIGHT[sight]).T, 0, 1)
    lightness = np.cbrt(seen @ [0.2126, 0.7152, 0.0722])
    steps = np.diff(lightness) * (-1 if paper == "light" else 1)
    assert (steps > 0.01).all(), lightness
