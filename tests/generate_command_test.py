"""`forkroad generate` and the generator in Python."""

import forkroad
import numpy as np
import pytest
from click.testing import CliRunner
from forkroad.cli import main
from forkroad.generate_job import GenerateJob, generate_scenes, run_job


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_generate_scene_gives_the_same_scene_for_the_same_arguments():
    first = forkroad.generate_scene(layout="roundabout", seed=7, index=2)
    again = forkroad.generate_scene(layout="roundabout", seed=7, index=2)
    other = forkroad.generate_scene(layout="roundabout", seed=7, index=3)
    assert first.id == "roundabout-7-2"
    assert np.array_equal(first.positions, again.positions)
    assert not np.array_equal(first.origin, other.origin)


def test_generate_scene_takes_a_clock():
    scene = forkroad.generate_scene(layout="merge", num_steps=40, dt=0.2, current_step=5)
    assert (scene.num_steps, scene.dt, scene.current_step) == (40, 0.2, 5)
    assert scene.positions.shape[1] == 40


def test_unknown_layouts_and_clocks_out_of_range_are_named():
    with pytest.raises(ValueError, match="unknown layout 'lane', expected one of: multi_lane, "):
        forkroad.generate_scene(layout="lane")
    with pytest.raises(ValueError, match="got dt 5"):
        forkroad.generate_scene(layout="curve", dt=5.0)


def test_the_truth_comes_with_the_scene():
    generated = forkroad.generate_scene_and_truth(layout="overpass", seed=3)
    ego = generated.scene.tracks[0]
    x, y, z = (float(value) for value in ego.positions[0])
    truth = generated.truth
    assert truth.is_drivable(x, y, z)
    assert truth.distance_to_edge(x, y, z) > 0
    assert generated.scene.route[0] in truth.lanes_at(x, y, z)
    assert truth.surface_at(x, y, z) == pytest.approx(z - ego.sizes[0, 2] / 2, abs=1e-3)
    assert not truth.is_drivable(x, y, z + 30)
    assert generated.draws == 1 + sum(generated.faults.values())


def test_scenes_do_not_depend_on_threads():
    jobs = [GenerateJob(count=10, seed=5, num_threads=threads) for threads in (1, 3)]
    one, three = (list(generate_scenes(job)) for job in jobs)
    assert [layout for layout, _ in one] == [*forkroad.layouts, *forkroad.layouts[:2]]
    for (_, a), (_, b) in zip(one, three, strict=True):
        assert a.scene.id == b.scene.id
        assert np.array_equal(a.scene.positions, b.scene.positions)


def test_a_job_counts_what_it_made():
    report = run_job(GenerateJob(layout="parking_lot", count=3, seed=1), None)
    stats = report.layouts["parking_lot"]
    assert stats.num_scenes == report.num_scenes == 3
    scenes = [forkroad.generate_scene(layout="parking_lot", seed=1, index=k) for k in range(3)]
    assert stats.kinds["vehicle"] == sum(scene.kinds.count("vehicle") for scene in scenes)


def test_generate_shows_a_table_without_writing(tmp_path):
    result = run("generate", "--count", 9, "--seed", 2, "--dry-run")
    assert result.exit_code == 0, result.output
    for word in (*forkroad.layouts, "ego metres", "9 scenes in"):
        assert word in result.output
    assert "multi_lane                 2" in result.output


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ([], "expected either --out or --dry-run"),
        (["--dry-run", "-o", "x"], "expected either --out or --dry-run"),
        (["--dry-run", "--layout", "lane"], "'lane' is not one of"),
        (["--dry-run", "--dt", "3"], "got dt 3"),
        (["--dry-run", "--current-step", "91"], "current step 91"),
    ],
)
def test_misuse_is_explained(options, text):
    result = run("generate", *options)
    assert result.exit_code == 2
    assert text in result.output


def test_generated_words_stand_for_scenes_in_score_and_inspect(tmp_path):
    result = run("inspect", "generated:roundabout:7:2")
    assert result.exit_code == 0, result.output
    assert "roundabout-7-1" in result.output
    assert "log contact  none" in result.output
    result = run("score", "generated:curve:7", "--plans", 50, "--no-figure", "-o", tmp_path)
    assert result.exit_code == 0, result.output
    result = run("inspect", "generated:curve")
    assert result.exit_code == 1
    assert "expected LAYOUT:SEED[:COUNT]" in result.output
