"""Pictures: size, contents, and which plans end up on top."""

import forkroad
import matplotlib.image
import numpy as np
import pytest
from forkroad.candidates import GivenPlans, Vocabulary
from forkroad.figures import MAX_LINES, choose_lines, plan_fan, save_figure
from forkroad.score_job import ScoreJob, score_files, score_scene


def draw(tmp_path, scene, candidates):
    save_figure(plan_fan(score_scene(scene, "generated", candidates)), tmp_path / "fan.png")
    return matplotlib.image.imread(tmp_path / "fan.png")


def test_a_plan_fan_is_a_picture_1600_wide_and_as_high_as_its_road_asks(tmp_path, scene):
    pixels = draw(tmp_path, scene, Vocabulary(8192))
    assert pixels.shape[1] == 1600
    assert 530 <= pixels.shape[0] < 800
    assert len(np.unique((pixels[..., :3] * 255).astype(np.uint8).reshape(-1, 3), axis=0)) > 300
    assert [path.name for path in tmp_path.iterdir()] == ["fan.png"]


def test_metres_are_as_long_across_as_along(scene):
    axes = plan_fan(score_scene(scene, "generated", Vocabulary(50))).axes[0]
    box = axes.get_window_extent()
    width, height = np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())
    assert box.width / width == pytest.approx(box.height / height, rel=1e-6)


def test_controls_and_masked_plans_are_drawn(tmp_path, scene):
    controls = forkroad.PlanSet(
        np.random.default_rng(2).normal(scale=[2.0, 0.02], size=(30, 40, 2)),
        dt=0.2,
        first_time=0,
        kind="controls",
        mask=[False] + [True] * 29,
    )
    height, width = draw(tmp_path, scene, GivenPlans(controls)).shape[:2]
    assert width == 1600 and 530 <= height <= 900


def test_one_plan_and_no_future_are_drawn(tmp_path):
    scene = forkroad.generated_scene(num_steps=11)
    height, width = draw(tmp_path, scene, Vocabulary(1)).shape[:2]
    assert width == 1600 and 530 <= height <= 900


def test_real_logs_are_drawn(tmp_path, womd_files):
    for file in womd_files:
        for scene in forkroad.load_scenes(file):
            height, width = draw(tmp_path, scene, Vocabulary(500)).shape[:2]
            assert width == 1600 and 530 <= height <= 900


def test_a_scene_without_traces_is_refused(tmp_path):
    scenes = []
    score_files(
        ScoreJob(("generated",), Vocabulary(5)), tmp_path / "s.parquet", on_scene=scenes.append
    )
    with pytest.raises(ValueError, match="without traces"):
        plan_fan(scenes[0])


@pytest.mark.parametrize("size", [0, 1, MAX_LINES, MAX_LINES + 1, 8192])
def test_the_highest_scores_are_drawn_last(size):
    totals = np.random.default_rng(size).random(size).astype(np.float32)
    order = choose_lines(totals)
    assert len(order) == len(set(order.tolist())) == min(size, MAX_LINES)
    assert (np.diff(totals[order]) >= 0).all()
    best = np.sort(totals)[-min(size, MAX_LINES // 10) :] if size else totals
    np.testing.assert_array_equal(np.sort(totals[order])[len(order) - len(best) :], best)


def test_masked_plans_are_not_drawn():
    assert choose_lines(np.array([0.5, np.nan, 0.1], np.float32)).tolist() == [2, 0]
