"""The command line: what it writes, what it says, how it fails."""

import forkroad
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from forkroad.cli import main
from forkroad.plan_files import save_plans
from forkroad.score_progress import picture_name


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_score_generated_writes_scores_and_a_picture(tmp_path):
    result = run("score", "generated", "--plans", 200, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["scores.parquet", "two_lane_road.png"]
    assert pq.read_table(tmp_path / "out" / "scores.parquet").num_rows == 200
    for word in ("two_lane_road", "active_front", "best plan", "plans/s", "rollout", "log "):
        assert word in result.output


def test_score_perturbs_the_log_with_a_seed(tmp_path):
    tables = []
    for seed in (1, 1, 2):
        options = ("--perturb", 20, "--seed", seed, "--no-figure", "-o", tmp_path)
        assert run("score", "generated", *options).exit_code == 0
        tables.append(pq.read_table(tmp_path / "scores.parquet"))
    assert tables[0].equals(tables[1])
    assert not tables[0].equals(tables[2])
    assert tables[0]["total"][0].as_py() == tables[0]["log_total"][0].as_py()
    assert [path.name for path in tmp_path.iterdir()] == ["scores.parquet"]


def test_score_takes_a_plan_file_and_needs_its_layout(tmp_path):
    np.save(tmp_path / "plans.npy", np.zeros((2, 20, 3), np.float32))
    options = ["--plan-file", tmp_path / "plans.npy", "-o", tmp_path / "out", "--no-figure"]
    options += ["--plan-first-time", 0.1, "--plan-frame", "ego", "--plan-kind", "poses"]
    options += ["--plan-reference", "box_center"]
    missing = run("score", "generated", *options)
    assert missing.exit_code == 2
    assert "does not state dt" in missing.output
    assert "--plan-dt" in missing.output
    result = run("score", "generated", *options, "--plan-dt", 0.1)
    assert result.exit_code == 0, result.output
    assert "2 plans over 2.0 s" in result.output


def test_score_takes_plans_that_were_saved_without_flags(tmp_path):
    batch = forkroad.SceneBatch([forkroad.generated_scene()])
    save_plans(forkroad.vocabulary(batch, 40), tmp_path / "plans.safetensors")
    options = ("--plan-file", tmp_path / "plans.safetensors", "--no-figure")
    first = run("score", "generated", *options, "-o", tmp_path / "first")
    assert first.exit_code == 0, first.output
    run("score", "generated", "--plans", 40, "--no-figure", "-o", tmp_path / "second")
    tables = [pq.read_table(tmp_path / name / "scores.parquet") for name in ("first", "second")]
    assert tables[0].equals(tables[1])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--agents", "nobody"], "unknown agent model 'nobody', expected one of: log"),
        (["--card", "nothing"], "unknown card 'nothing', expected one of: drive"),
        (["--lanes", "3"], "got width 3"),
        (["--device", "tpu"], "got 'tpu', expected 'cpu'"),
        (["--device", "cuda:99"], "got GPU 99"),
        (["--plans", "3", "--perturb", "4"], "got --plans and --perturb, expected one of them"),
        (["--plan-dt", "0.1"], "got --plan-dt without --plan-file"),
        (["--plan-file", "absent.npy"], "absent.npy"),
    ],
)
def test_misuse_is_explained(tmp_path, options, text):
    result = run("score", "generated", "-o", tmp_path / "out", *options)
    assert result.exit_code == 2
    assert text in result.output


def test_a_folder_that_cannot_be_made_is_explained(tmp_path):
    (tmp_path / "file").write_text("")
    result = run("score", "generated", "-o", tmp_path / "file" / "out")
    assert result.exit_code == 2
    assert "cannot make the folder" in result.output


def test_bad_records_go_to_stderr_and_do_not_stop_the_job(tmp_path):
    (tmp_path / "broken").write_bytes(b"no log at all")
    result = run(
        "score", tmp_path / "broken", "generated", "--plans", 9, "--no-figure", "-o", tmp_path
    )
    assert result.exit_code == 0, result.output
    assert "broken: byte 0: unsupported_format" in result.stderr.replace(",", ":")
    assert "1 record (unsupported_format 1), see the errors above" in result.stdout


def test_a_job_that_scores_nothing_exits_with_1(tmp_path):
    result = run("score", tmp_path / "absent", "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "nothing could be scored, 1 bad record" in result.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_pictures_are_drawn_for_the_first_scenes_only(tmp_path):
    result = run(
        "score",
        "generated",
        "generated:merge:1:2",
        "--plans",
        9,
        "--max-figures",
        2,
        "-o",
        tmp_path,
    )
    assert result.exit_code == 0, result.output
    pictures = sorted(path.name for path in tmp_path.glob("*.png"))
    assert pictures == ["merge-1-0.png", "two_lane_road.png"]
    assert "the first 2 of 3 scenes" in result.output


def test_picture_names_are_safe_and_unique():
    taken = set()
    assert picture_name("../a b", taken) == "_a_b.png"
    assert picture_name("../a b", taken) == "_a_b_2.png"
    assert picture_name("", taken) == "scene.png"


def test_inspect_describes_scenes_and_reports_errors(tmp_path):
    result = run("inspect", "generated", tmp_path / "absent")
    assert result.exit_code == 0
    for text in ("8: vehicle 6", "track 100 (vehicle)", "91 steps of 0.1 s", "none in 8.0 s"):
        assert text in result.stdout
    assert "cannot_open" in result.stderr
    assert run("inspect", tmp_path / "absent").exit_code == 1


def test_inspect_describes_real_logs(womd_files):
    result = run("inspect", *womd_files)
    assert result.exit_code == 0
    for text in ("womd_scenario", "637f20cafde22ff8", "pedestrian", "road_edge", "arrow_stop"):
        assert text in result.stdout


def test_doctor_lists_versions_and_lane_kernels():
    result = run("doctor")
    assert result.exit_code == 0
    for text in (forkroad.__version__, "float x 1", "CUDA devices", "usable of"):
        assert text in result.output
